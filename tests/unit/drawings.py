# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawings, read by a parser of XML: where each box is."""

from __future__ import annotations

import re
import typing as t
import xml.etree.ElementTree as ET

from ansible_collections.netloom.linux.plugins.plugin_utils import _diagram_formats

if t.TYPE_CHECKING:
    from ansible_collections.netloom.linux.plugins.plugin_utils import _picture_model

SVG = "{http://www.w3.org/2000/svg}"
# Names that are hostile to what is drawn of them.
HOSTILE = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "&lt;b&gt;&amp;",
    "</svg></title></style><script>x",
    "ünïcode ネット 网络",
    "\u202egnp.exe",
    "a]]>b--><!--",
    "tab\tline\nbell\x07",
]


class Place(t.NamedTuple):
    """Where the frame of a box is in the whole drawing, and its name."""

    x: float
    y: float
    width: float
    height: float
    name: str


def svg(*hosts: _picture_model.Host) -> ET.Element:
    """The drawing of hosts."""
    return ET.fromstring(_diagram_formats.draw(hosts, "svg"))  # our own


def places(root: ET.Element) -> dict[str, Place]:
    """The place of each box by its id."""
    found: dict[str, Place] = {}

    def walk(element: ET.Element, x: float, y: float) -> None:
        moved = re.fullmatch(r"translate\((\S+) (\S+)\)", element.get("transform", ""))
        if moved:
            x, y = x + float(moved[1]), y + float(moved[2])
        if "box" in element.get("class", "").split():
            face = next(one for one in element if "face" in one.get("class", ""))
            left, top, width, height = (float(face.get(name, "")) for name in ("x", "y", "width", "height"))
            title = element.findtext(f"{SVG}title") or ""
            found[element.get("id", "")] = Place(x + left, y + top, width, height, title.split("\n")[0])
        for one in element:
            walk(one, x, y)

    walk(root, 0, 0)
    return found


def same(before: ET.Element, after: ET.Element) -> tuple[set[str], set[str]]:
    """The names of the boxes that only the second drawing has, and of those that moved."""
    old, new = places(before), places(after)
    assert set(old) <= set(new)
    return {new[key].name for key in set(new) - set(old)}, {old[key].name for key in old if old[key] != new[key]}


def overlaps(root: ET.Element) -> list[tuple[str, str]]:
    """The names of boxes that lie over each other."""
    found = sorted(places(root).values(), key=lambda one: one.y)
    return [
        (one.name, other.name)
        for index, one in enumerate(found)
        for other in found[index + 1 :]
        if other.y < one.y + one.height and one.x < other.x + other.width and other.x < one.x + one.width
    ]
