# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A drawing as boxes with places: blocks that fold and stand one below the other, what is in them, and wires."""

from __future__ import annotations

import collections.abc as c
import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _picture_model

MARGIN = 24  # around everything
GUTTER = 44  # at the left of the hosts, for tunnels
INSET = 20  # of what is in a host
WAYS = 34  # at the right of what is in a host, for cables that cross networks
CARD, CARD_HEIGHT, BETWEEN = 160, 76, 14
DROP, BELOW = 24, 16  # above a card, for its cable, and below it
BAR = 34
CHIP_HEIGHT = 26


@dataclasses.dataclass(frozen=True)
class Box:
    """Something at a place within its block. ``sort``: 'bar', 'card', 'chip' or 'label'; ``what``: what it stands for;
    ``lines``: text below its title; ``badges``: words in its corner; ``near``: the port of its cable; ``tip``: all that
    is to be said of it.
    """

    key: str
    sort: str
    x: int
    y: int
    width: int
    height: int
    title: str
    lines: tuple[str, ...] = ()
    badges: tuple[str, ...] = ()
    near: str = ""
    down: bool = False
    tip: str = ""
    words: str = ""  # what a screen reader says
    what: str = ""
    marks: tuple[str, ...] = ()  # their sorts, the worst one first


@dataclasses.dataclass(frozen=True)
class Line:
    """A line within a block, from a point to a point."""

    x1: int
    y1: int
    x2: int
    y2: int
    sort: str = ""


@dataclasses.dataclass
class Block:
    """A part of the drawing. ``sort``: 'page', 'host', 'network' or 'lane'. It is ``head`` high without what is in it;
    its own boxes and lines make it ``body`` higher, and its blocks stand below these, ``gap`` apart, before ``foot``.
    A folded one shows its head alone.
    """

    key: str
    sort: str
    title: str
    summary: str = ""
    members: int = 0  # that hang in it
    hue: int = 0
    head: int = 0
    body: int = 0
    gap: int = 0
    foot: int = 0
    y: int = 0  # within the block around it
    top: int = 0  # within the drawing
    height: int = 0
    folded: bool = False
    boxes: list[Box] = dataclasses.field(default_factory=list)  # in its body
    heads: list[Box] = dataclasses.field(default_factory=list)  # in its head
    lines: list[Line] = dataclasses.field(default_factory=list)
    blocks: list[Block] = dataclasses.field(default_factory=list)
    marks: tuple[str, ...] = ()

    def walk(self) -> c.Iterator[Block]:
        """The block, and all in it."""
        yield self
        for one in self.blocks:
            yield from one.walk()


class End(t.NamedTuple):
    """Where a wire ends: a point in a block, and how far it first leads straight down, or up if negative."""

    block: str
    x: int
    y: int
    out: int = 0


@dataclasses.dataclass(frozen=True)
class Wire:
    """A cable across networks, or a tunnel across hosts, by a way at ``x``."""

    start: End
    end: End
    x: int
    title: str
    hue: int = 0
    sort: str = "cable"


@dataclasses.dataclass(frozen=True)
class Step:
    """An entry of the list beside the drawing: a mark, and the box that it is about."""

    host: str
    mark: _picture_model.Mark
    target: str


@dataclasses.dataclass(frozen=True)
class Scene:
    """A whole drawing."""

    page: Block
    width: int
    left: int  # where hosts begin
    wires: tuple[Wire, ...] = ()
    steps: tuple[Step, ...] = ()
    title: str = ""
    counts: str = ""

    @property
    def height(self) -> int:
        """Of the whole drawing."""
        return self.page.height


def stack(block: Block, top: int = 0) -> int:
    """Give each block its place, and return the height of this one. The script of the page does the same."""
    block.top = top
    y = block.head + block.body
    for index, one in enumerate(block.blocks):
        one.y = y + (block.gap if index else 0)
        y = one.y + stack(one, top + one.y)
    block.height = block.head if block.folded else y + block.foot
    return block.height


def hides(block: Block, end: End) -> bool:
    """Whether a fold hides the end of a wire. The head of a folded block is still there."""
    return block.folded and (block.key != end.block or end.y > block.head)


def around(key: str, blocks: c.Mapping[str, Block]) -> t.Iterator[Block]:
    """A block and those around it: their keys are the beginnings of its key."""
    parts = key.split("-")
    return (blocks[one] for one in ("-".join(parts[: index + 1]) for index in range(len(parts))) if one in blocks)
