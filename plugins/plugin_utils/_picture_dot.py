# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture in DOT, the language of Graphviz."""

from __future__ import annotations

import collections.abc as c

from ansible_collections.netloom.linux.plugins.plugin_utils import _picture_graph, _picture_model

INDENT = "  "
HEAD = (
    'graph "netloom" {',
    f'{INDENT}graph [rankdir="LR", fontname="sans-serif", fontsize=11, compound=true]',
    f'{INDENT}node [shape="box", fontname="sans-serif", fontsize=10]',
    f'{INDENT}edge [fontname="sans-serif", fontsize=9]',
)
SWITCH = ', style="filled", fillcolor="#dbeafe"'
DOWN = ', style="filled", fillcolor="#fee2e2", color="#b91c1c"'


def draw(hosts: c.Sequence[_picture_model.Host]) -> str:
    """The graph."""
    graph = _picture_graph.graph_of(hosts)
    lines = list(HEAD)
    for frame in graph.frames:
        lines += _frame(frame, INDENT)
    for line in graph.lines:
        style = ', style="dashed", color="#b91c1c"' if line.down else ""
        lines.append(f'{INDENT}"{line.start}" -- "{line.end}" [label="{quoted(line.text)}"{style}]')
    return "\n".join([*lines, "}"])


def _frame(frame: _picture_graph.Frame, indent: str) -> list[str]:
    lines = [f'{indent}subgraph "cluster_{frame.key}" {{', f'{indent}{INDENT}label="{quoted(frame.title)}"']
    for node in frame.nodes:
        label = "\\n".join(quoted(one) for one in node.lines)
        style = DOWN if node.down else SWITCH if node.sort == "switch" else ""
        lines.append(f'{indent}{INDENT}"{node.key}" [label="{label}"{style}]')
    for inner in frame.frames:
        lines += _frame(inner, indent + INDENT)
    return [*lines, f"{indent}}}"]


def quoted(text: str) -> str:
    """Text for a string in quotation marks. A backslash begins an escape of Graphviz, and '&' an entity of HTML."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
