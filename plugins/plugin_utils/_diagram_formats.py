# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All forms of a picture, by their names."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _diagram_html,
    _diagram_layout,
    _diagram_svg,
    _picture_dot,
    _picture_mermaid,
    _picture_model,
    _picture_text,
)

Hosts = c.Sequence[_picture_model.Host]


def _html(hosts: Hosts, title: str) -> str:
    return _diagram_html.draw(_diagram_layout.scene(hosts, title))


def _svg(hosts: Hosts, title: str) -> str:
    return _diagram_svg.draw(_diagram_layout.scene(hosts, title, still=True))


FORMATS: c.Mapping[str, t.Callable[[Hosts, str], str]] = {
    "text": lambda hosts, _title: _picture_text.draw(hosts),
    "mermaid": lambda hosts, _title: _picture_mermaid.draw(hosts),
    "dot": lambda hosts, _title: _picture_dot.draw(hosts),
    "html": _html,
    "svg": _svg,
}


def draw(hosts: Hosts, form: str, title: str = "") -> str:
    """The picture of hosts in one of the forms."""
    return FORMATS[form](hosts, title)
