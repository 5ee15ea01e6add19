# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture as a flowchart of Mermaid, which forges show inside Markdown."""

from __future__ import annotations

import collections.abc as c

from ansible_collections.netloom.linux.plugins.plugin_utils import _picture_graph, _picture_model

INDENT = "  "
BREAK = "<br/>"
# Letters that mean something to Mermaid, to Markdown inside its labels, or to HTML, as Mermaid's entities.
SPECIAL = frozenset('"#&;<>`\\*_~$')
# Mermaid decodes entities before it looks for a break of lines (backslash and n) and for formulas (two dollars).
APART = {"\\", "$"}
NO_WIDTH = "#8203;"
STYLES = (
    "classDef switch fill:#dbeafe,stroke:#1d4ed8,color:#111",
    "classDef down fill:#fee2e2,stroke:#b91c1c,color:#111",
)


def draw(hosts: c.Sequence[_picture_model.Host]) -> str:
    """The flowchart."""
    graph = _picture_graph.graph_of(hosts)
    lines = ["flowchart LR"]
    for frame in graph.frames:
        lines += _frame(frame, INDENT)
    for line in graph.lines:
        text = f'|"{quoted(line.text)}"|' if line.text else ""
        lines.append(f"{INDENT}{line.start} {'-.-' if line.down else '---'}{text} {line.end}")
    lines += [f"{INDENT}{style}" for style in STYLES]
    return "\n".join(lines)


def _frame(frame: _picture_graph.Frame, indent: str) -> list[str]:
    lines = [f'{indent}subgraph {frame.key}["{quoted(frame.title)}"]']
    for node in frame.nodes:
        label = BREAK.join(quoted(one) for one in node.lines)
        style = ":::down" if node.down else ":::switch" if node.sort == "switch" else ""
        lines.append(f'{indent}{INDENT}{node.key}["{label}"]{style}')
    for inner in frame.frames:
        lines += _frame(inner, indent + INDENT)
    if not frame.nodes and not frame.frames:
        lines.append(f'{indent}{INDENT}{frame.key}x[" "]')
    return [*lines, f"{indent}end"]


def quoted(text: str) -> str:
    """Text for a label in quotation marks: letters that could be syntax stand as '#NUMBER;'."""
    return "".join(f"#{ord(one)};{NO_WIDTH if one in APART else ''}" if one in SPECIAL else one for one in text)
