# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A drawing as SVG: one file, without a script, that any program shows."""

from __future__ import annotations

import collections.abc as c
import html
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _diagram_boxes,
    _diagram_host,
    _diagram_scene,
    _diagram_style,
    _diagram_words,
)

SIGNS = {"made": "+", "gone": "\N{MINUS SIGN}", "differs": "~", "broken": "!"}
CHEVRON = "M-4 -2 L0 2 L4 -2"
LETTER, NAME, HEADING = 6.3, 8.4, 11.6  # the width of a letter: in a card, in its name, in the name of a host


def draw(scene: _diagram_scene.Scene) -> str:
    """The drawing as a file."""
    style = f"<style>{_diagram_style.DRAWING}</style>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{picture(scene, style)}\n'


def picture(scene: _diagram_scene.Scene, style: str = "", live: bool = False) -> str:
    """The element svg. ``live``: as a part of a page, which has the heading and can fold."""
    cut = 44 if live else 0
    size = f'viewBox="0 {cut} {scene.width} {scene.height - cut}" width="{scene.width}" height="{scene.height - cut}"'
    blocks = {block.key: block for block in scene.page.walk()}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="net" {size} role="group" aria-label="{quoted(scene.title)}">',
        *([] if live else [f"<title>{escaped(scene.title)}</title>"]),
        style,
        f'<rect class="paper" width="{scene.width}" height="{scene.height}"/>',
        *([] if live else _heading(scene)),
        *_block(scene.page, scene, live),
        f'<g class="wires" transform="translate({scene.left} 0)">',
        *(_wire(wire, blocks) for wire in scene.wires),
        "</g>",
        "</svg>",
    ]
    return "\n".join(part for part in parts if part)


def _heading(scene: _diagram_scene.Scene) -> list[str]:
    found = [
        f'<text class="h1" x="{_diagram_scene.MARGIN}" y="36">{escaped(scene.title)}</text>',
        f'<text class="soft" x="{_diagram_scene.MARGIN}" y="55">{escaped(scene.counts)}</text>',
    ]
    used = [sort for sort in SIGNS if any(step.mark.sort == sort for step in scene.steps)]
    x = scene.width - _diagram_scene.MARGIN - 92 * len(used)
    for index, sort in enumerate(used):
        at = x + 92 * index
        found += [
            _sign(sort, at + 8, 32),
            f'<text class="soft" x="{at + 22}" y="36">{_diagram_boxes.SAID[sort]}</text>',
        ]
    return found


def _sign(sort: str, x: float, y: float, more: str = "") -> str:
    return (
        f'<g class="{f"sign {sort} {more}".rstrip()}" aria-hidden="true"><circle cx="{x:g}" cy="{y:g}" r="8"/>'
        f'<text x="{x:g}" y="{y + 4:g}">{SIGNS[sort]}</text></g>'
    )


def _block(block: _diagram_scene.Block, scene: _diagram_scene.Scene, live: bool) -> c.Iterator[str]:
    right = scene.width - scene.left - _diagram_scene.MARGIN
    x = scene.left if block.sort == "page" else 0
    folded = " folded" if block.folded else ""
    yield (
        f'<g class="block {block.sort}{folded}" id="{block.key}" data-head="{block.head}" data-body="{block.body}"'
        f' data-gap="{block.gap}" data-foot="{block.foot}" transform="translate({x} {block.y})">'
    )
    if block.sort == "host":
        yield f'<rect class="ground" width="{right}" height="{block.height}" rx="14"/>'
    if block.sort == "network" and block.blocks:
        top, last = block.head, block.blocks[-1]
        size = max(last.y + _diagram_host.LANE_BUS - top, 0)
        yield f'<rect class="spine" x="{_diagram_host.RISER - 1}" y="{top}" width="2" height="{size}"/>'
    yield from (_line(line, block.hue) for line in block.lines if line.sort == "head")
    yield '<g class="head">'
    if block.sort == "host":
        yield from _host_head(block, right, live)
    elif block.sort == "lane":
        yield from _lane_head(block, right, live)
    for box in block.heads:
        yield from _box(box, block, live)
    yield "</g>"
    yield '<g class="inside">'
    yield from (_line(line, block.hue) for line in block.lines if line.sort != "head")
    for box in block.boxes:
        yield from _box(box, block, live)
    for one in block.blocks:
        yield from _block(one, scene, live)
    yield "</g></g>"


def _fold(block: _diagram_scene.Block, x: float, y: float, live: bool, inner: str = "") -> str:
    """What folds a block."""
    if not live:
        return inner
    words = f"{block.title}, {block.summary}"
    return (
        f'<g class="fold" tabindex="0" role="button" aria-expanded="{"false" if block.folded else "true"}"'
        f' aria-label="{quoted(words)}">{inner}<g transform="translate({x:g} {y:g})"><circle class="face" r="10"'
        f' fill="transparent"/><path class="chevron" d="{CHEVRON}"/></g></g>'
    )


def _host_head(block: _diagram_scene.Block, right: int, live: bool) -> c.Iterator[str]:
    shift = 22 if live else 0
    x = _diagram_scene.INSET + shift
    name = f'<text class="h2" x="{x}" y="31">{escaped(block.title)}</text>'
    yield _fold(block, _diagram_scene.INSET + 6, 25, live, name)
    yield f'<text class="soft" x="{x}" y="48">{escaped(block.summary)}</text>'
    taken = x + max(HEADING * _diagram_words.wide(block.title), LETTER * _diagram_words.wide(block.summary)) + 24
    for index, sort in enumerate(block.marks):
        yield _sign(sort, taken + 21 * index, 26)
    yield from _contents(block, taken + 21 * len(block.marks) + 12, right - 16)


def _contents(block: _diagram_scene.Block, least: float, right: float) -> c.Iterator[str]:
    """What is in a folded host, from the right on, as far as there is room."""
    for one in reversed([one for one in block.blocks if one.sort == "network"]):
        words = f"{_diagram_words.cut(one.title, 16)}  {one.members}"
        size = LETTER * _diagram_words.wide(words) + 20
        right -= size
        if right < least:
            return
        yield (
            f'<g class="label shut"><rect class="hue{one.hue}" x="{right:g}" y="18" width="{size:g}" height="22"'
            ' rx="11"/>'
            f'<text class="mono" x="{right + 10:g}" y="33" xml:space="preserve">{escaped(words)}</text></g>'
        )
        right -= 8


def _lane_head(block: _diagram_scene.Block, right: int, live: bool) -> c.Iterator[str]:
    middle = _diagram_host.LANE_BUS
    size = 7 * _diagram_words.wide(block.title) + 22 + (18 if live else 0)
    hue = f"hue{block.hue}" if block.hue >= 0 else ""
    if hue:
        ink, end = f"ink{block.hue}", right - _diagram_scene.WAYS - 8
        yield f'<path class="line {ink}" d="M{_diagram_host.RISER} {middle} H{end}" stroke-width="3"/>'
    sort = "label" if hue else "label plain"
    label = (
        f'<g class="{sort}"><rect class="face {hue}" x="{_diagram_scene.INSET}" y="{middle - 10}" width="{size}"'
        f' height="20" rx="10"/><text x="{_diagram_scene.INSET + 11}" y="{middle + 4}">{escaped(block.title)}</text>'
        "</g>"
    )
    yield _fold(block, _diagram_scene.INSET + size - 13, middle, live, label)
    taken: float = _diagram_scene.INSET + size + 12
    yield f'<text class="soft shut" x="{taken}" y="{middle - 4}">{escaped(block.summary)}</text>'
    taken += LETTER * _diagram_words.wide(block.summary) + 20
    for index, mark in enumerate(block.marks):
        yield _sign(mark, taken + 21 * index, middle - 8, "shut")


def _line(line: _diagram_scene.Line, hue: int) -> str:
    ink = f" ink{hue}" if hue >= 0 else ""
    path = f'<path class="line{ink} {line.sort}" d="M{line.x1} {line.y1} L{line.x2} {line.y2}"/>'
    dot = line.x1 == line.x2 and line.x1 != _diagram_host.RISER and line.sort != "head"
    return path + (f'<circle class="dot{ink}" cx="{line.x1}" cy="{line.y1}" r="3"/>' if dot else "")


def _box(box: _diagram_scene.Box, block: _diagram_scene.Block, live: bool) -> c.Iterator[str]:
    marks = " ".join(box.marks[:1])
    said = ", ".join(
        [
            f"{box.what} {box.title}",
            *([box.words] if box.words else box.lines),
            *(_diagram_boxes.SAID[one] for one in box.marks),
        ]
    )
    focus = f' tabindex="0" role="button" aria-label="{quoted(said)}"' if live else ""
    yield f'<g class="box {box.sort} {marks}" id="{box.key}"{focus}><title>{escaped(_tip(box))}</title>'
    shape = f'x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="8"'
    yield f'<rect class="face {f"hue{block.hue}" if box.sort == "bar" else ""}" {shape}/>'
    yield from {"bar": _bar, "card": _card, "chip": _chip}[box.sort](box, block, live)
    for index, sort in enumerate(box.marks):
        yield _sign(sort, box.x + 2 + 18 * index, box.y + 1)
    yield "</g>"
    if box.sort == "bar" and live:
        yield _fold(block, box.x + 16, box.y + box.height / 2, live)


def _tip(box: _diagram_scene.Box) -> str:
    head = f"{box.what} {box.title}"
    return f"{head}\n{box.tip}" if box.tip else "\n".join([head, *box.lines])


def _bar(box: _diagram_scene.Box, block: _diagram_scene.Block, live: bool) -> c.Iterator[str]:
    x, y = box.x + (32 if live else 14), box.y + 22
    room = box.width - 150
    title = _diagram_words.cut(box.title, 40)
    yield f'<text class="name" x="{x}" y="{y}">{escaped(title)}</text>'
    after = x + NAME * _diagram_words.wide(title) + 14
    words = _diagram_words.cut(
        _diagram_words.BETWEEN.join([*(["DOWN"] if box.down else []), *box.lines]), int((room - after) / LETTER)
    )
    yield f'<text class="mono" x="{after:g}" y="{y}">{escaped(words)}</text>'
    yield f'<text class="soft end" x="{box.x + box.width - 14}" y="{y}">{escaped(block.summary)}</text>'


def _card(box: _diagram_scene.Box, block: _diagram_scene.Block, live: bool) -> c.Iterator[str]:
    hue = f"hue{block.hue}" if block.hue >= 0 else "soft"
    yield f'<rect class="{hue}" x="{box.x + 10}" y="{box.y}" width="{box.width - 20}" height="2.5" rx="1.2"/>'
    right: float = box.x + box.width - 8
    for badge in reversed(box.badges):
        size = 6.1 * len(badge) + 8
        right -= size
        yield (
            f'<g class="badge"><rect x="{right:g}" y="{box.y + 9}" width="{size:g}" height="14" rx="7"/>'
            f'<text x="{right + size / 2:g}" y="{box.y + 19}">{badge}</text></g>'
        )
        right -= 3
    room = int((right - box.x - 12) / NAME)
    yield f'<text class="name" x="{box.x + 12}" y="{box.y + 21}">{escaped(_diagram_words.cut(box.title, room))}</text>'
    for index, line in enumerate(box.lines):
        sort = "mono down" if line == "DOWN" else "mono"
        yield f'<text class="{sort}" x="{box.x + 12}" y="{box.y + 38 + 14 * index}">{escaped(line)}</text>'
    if box.near:
        near = escaped(_diagram_words.cut(box.near, 13))
        yield f'<text class="tiny" x="{box.x + box.width / 2 + 6:g}" y="{box.y - 5}">{near}</text>'


def _chip(box: _diagram_scene.Box, block: _diagram_scene.Block, live: bool) -> c.Iterator[str]:
    yield f'<text class="mono" x="{box.x + 9}" y="{box.y + 11}">{escaped(_diagram_words.cut(box.title, 22))}</text>'
    sort = "tiny down" if box.down else "tiny"
    words = _diagram_words.cut(_diagram_words.BETWEEN.join([*(["DOWN"] if box.down else []), *box.lines]), 26)
    if words:
        yield f'<text class="{sort}" x="{box.x + 9}" y="{box.y + 21.5}">{escaped(words)}</text>'


def _wire(wire: _diagram_scene.Wire, blocks: c.Mapping[str, _diagram_scene.Block]) -> str:
    path = way(wire, blocks)
    ends = " ".join(
        f'data-{name}="{end.block} {end.x} {end.y} {end.out}"' for name, end in (("from", wire.start), ("to", wire.end))
    )
    ink = f" ink{wire.hue}" if wire.hue >= 0 else ""
    hidden = "" if path else ' visibility="hidden"'
    return (
        f'<path class="wire {wire.sort}{ink}" {ends} data-by="{wire.x}" d="{path or "M0 0"}"{hidden}>'
        f"<title>{escaped(wire.title)}</title></path>"
    )


def way(wire: _diagram_scene.Wire, blocks: c.Mapping[str, _diagram_scene.Block]) -> str:
    """The way of a wire: out of its box, across to its lane, along it, and in. A folded host is its end."""
    points = []
    for end in (wire.start, wire.end):
        folded = next((one for one in _diagram_scene.around(end.block, blocks) if _diagram_scene.hides(one, end)), None)
        if folded is None:
            points.append((end.x, blocks[end.block].top + end.y, end.out))
        elif folded.sort == "host" and wire.sort == "tunnel":
            points.append((0, folded.top + 14 + wire.x + _diagram_scene.GUTTER, 0))
        else:
            return ""
    (x1, y1, out1), (x2, y2, out2) = points
    return f"M{x1} {y1} V{y1 + out1} H{wire.x} V{y2 + out2} H{x2} V{y2}"


def escaped(text: t.Any) -> str:
    """Text between tags."""
    return html.escape(str(text), quote=False)


def quoted(text: t.Any) -> str:
    """Text in quotation marks."""
    return html.escape(str(text), quote=True)
