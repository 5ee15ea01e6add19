# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the model of a picture to a drawing: hosts, in them networks, in them lanes of VLANs with what hangs on them."""

from __future__ import annotations

import collections.abc as c

from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _diagram_hangers,
    _diagram_host,
    _diagram_scene,
    _diagram_slots,
    _diagram_words,
    _picture_model,
)

COLUMNS = 6
MOST_HOSTS = 8  # whose frames are open at first
MOST_CARDS = 60  # of a lane that is open at first
MOST_STILL = 600  # of a drawing that nobody can unfold
WAY = 7  # between tunnels at the left
HEADING = 64


def scene(
    hosts: c.Sequence[_picture_model.Host], title: str = "", columns: int = COLUMNS, still: bool = False
) -> _diagram_scene.Scene:
    """The drawing of hosts. ``columns``: how many namespaces stand beside each other; ``still``: nobody can unfold it,
    so it is folded only if it would be very large.
    """
    hangings = [
        _diagram_hangers.Hanging(host)
        for host in sorted(hosts, key=lambda one: (not one.northbound, _diagram_slots.natural(one.name)))
    ]
    page = _diagram_scene.Block("p", "page", "", head=HEADING, gap=24, foot=_diagram_scene.MARGIN)
    drawn = [_diagram_host.Drawn(one, page.key, columns) for one in hangings]
    page.blocks = [one.block for one in drawn]
    if not still or sum(map(_cards, page.walk())) > MOST_STILL:
        _fold(page)
    _diagram_scene.stack(page)
    wires = [wire for one in drawn for wire in one.wires]
    tunnels = _tunnels([tunnel for one in drawn for tunnel in one.tunnels])
    steps = tuple(step for one in drawn for step in one.steps)
    left = _diagram_scene.MARGIN + (_diagram_scene.GUTTER if tunnels else 0)
    width = left + _diagram_host.width_of(columns) + _diagram_scene.MARGIN
    counts = _counts(hangings)
    return _diagram_scene.Scene(page, width, left, (*wires, *tunnels), steps, title or "The network", counts)


def _fold(page: _diagram_scene.Block) -> None:
    """Fold what would be too much at first."""
    for block in page.walk():
        hosts = block.sort == "host" and len(page.blocks) > MOST_HOSTS
        block.folded = hosts or (block.sort in ("network", "lane") and _cards(block) > MOST_CARDS)


def _cards(block: _diagram_scene.Block) -> int:
    return sum(box.sort == "card" for box in block.boxes)


def _counts(hangings: c.Sequence[_diagram_hangers.Hanging]) -> str:
    real = [one for one in hangings if not one.host.northbound]
    numbers = {
        "OVN switch": sum(len(one.switches) for one in hangings if one.host.northbound),
        "host": len(real),
        "switch": sum(len(one.host.switches) for one in real),
        "namespace": sum(len(one.spaces) for one in real),
    }
    numbers = {what: number for what, number in numbers.items() if number or what != "OVN switch"}
    return ", ".join(_diagram_words.counted(number, what) for what, number in numbers.items())


def _tunnels(found: c.Sequence[_diagram_host.Tunnel]) -> list[_diagram_scene.Wire]:
    """Tunnels of several hosts that carry one network, as wires from host to host."""
    groups: dict[str, list[_diagram_host.Tunnel]] = {}
    for one in found:
        groups.setdefault(one.network, []).append(one)
    wires: list[_diagram_scene.Wire] = []
    shared = sorted(name for name, ends in groups.items() if len({one.host for one in ends}) > 1)
    for index, name in enumerate(shared):
        x = -_diagram_scene.GUTTER + 8 + WAY * (index % 5)
        ends = list({one.host: one for one in groups[name]}.values())
        wires += [
            _diagram_scene.Wire(one.end, other.end, x, name, ends[0].hue, "tunnel")
            for one, other in zip(ends, ends[1:])
        ]
    return wires
