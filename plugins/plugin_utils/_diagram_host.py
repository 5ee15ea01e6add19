# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host as a block of a drawing, with everything in it at its place."""

from __future__ import annotations

import collections
import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _diagram_boxes,
    _diagram_hangers,
    _diagram_scene,
    _diagram_slots,
    _diagram_style,
    _diagram_words,
    _picture_model,
)

HEAD = 68  # of a host
LANE_HEAD, LANE_BUS = 30, 15
PLAIN = {"", "all VLANs"}  # ports that need no lane of their own if no other ports do
STUBS = 44  # above a bar, for ports behind which nothing is drawn
GRID = _diagram_scene.INSET + 28  # where the first column begins
PITCH = _diagram_scene.CARD + _diagram_scene.BETWEEN
UNDER = 4  # the line of a row, below the row before
RISER = _diagram_scene.INSET + 10
OWN = "links of the host"
ON_SWITCHES = (_picture_model.NAMESPACE, _picture_model.PORT, _picture_model.ROUTER)
HEIGHTS = (3, 5, 8, 12)  # of wide cards, in lines


def width_of(columns: int) -> int:
    """The width of a host."""
    return GRID + columns * PITCH + _diagram_scene.WAYS


class Tunnel(t.NamedTuple):
    """One end of a tunnel. Ends of one network are connected."""

    host: str
    network: str
    end: _diagram_scene.End
    hue: int


class Bus(t.NamedTuple):
    """What the members of a lane hang on: where it is, and its colour."""

    block: str
    y: int
    hue: int


class Drawn:
    """One host. ``block``: what is drawn; the rest leads across blocks."""

    def __init__(self, hanging: _diagram_hangers.Hanging, page: str, columns: int) -> None:
        self.hanging, self.host, self.columns = hanging, hanging.host, columns
        self.wires: list[_diagram_scene.Wire] = []
        self.tunnels: list[Tunnel] = []
        self.right = GRID + columns * PITCH - _diagram_scene.BETWEEN + 6
        self.boxes = _diagram_boxes.Boxes(self.host)
        self._below: dict[str, tuple[str, int, int]] = {}  # of the card of a namespace: block, middle, bottom
        self._bus: dict[_diagram_hangers.Lane, Bus] = {}
        title = _diagram_boxes.shown(self.host.name) or "host"
        kind = ("northbound",) if self.host.northbound else ()  # a host may have the same name
        self.block = self._block(page, "host", title, self.host.name, *kind)
        self.block.head, self.block.gap, self.block.foot = HEAD, 18, 16
        self.block.summary = self._contents()
        self._fill()
        self._cross()
        self.block.marks = _diagram_boxes.sorts_of(self.host.marks)
        self.steps = [
            _diagram_scene.Step(title, mark, self.boxes.targets.get(mark.place, self.block.key))
            for mark in self.host.marks
        ]

    @staticmethod
    def _block(around: str, sort: str, title: str, *names: str) -> _diagram_scene.Block:
        return _diagram_scene.Block(f"{around}-{_diagram_boxes.key_of(sort, *names)}", sort, title)

    def _contents(self) -> str:
        if self.host.problem:
            return _diagram_boxes.shown(self.host.problem)
        nothing = "the host itself" if self.hanging.own else "nothing yet"
        numbers = [(len(self.hanging.switches), "switch"), *_sorts(self.hanging.spaces.values())]
        return ", ".join(_diagram_words.counted(number, what) for number, what in numbers if number) or nothing

    def _fill(self) -> None:
        self._loose(_diagram_hangers.OWN, OWN)
        for index, switch in enumerate(self.hanging.switches):
            self.block.blocks.append(self._network(index, switch))
        for sort in _picture_model.SORTS:
            # Not "groups on no switch": they are never on one.
            title = f"{_diagram_words.several(sort)}{' on no switch' if sort in ON_SWITCHES else ''}"
            self._loose((_diagram_hangers.LOOSE, sort), title)

    def _loose(self, lane: _diagram_hangers.Lane, title: str) -> None:
        spaces = self.hanging.lanes.get(lane)
        if spaces:
            block = self._block(self.block.key, "lane", title, title)
            block.head, block.hue = LANE_HEAD, -1
            self._hang(block, spaces, None)
            self.block.blocks.append(block)

    def _network(self, index: int, switch: _picture_model.Switch) -> _diagram_scene.Block:
        title = switch.name + (f" in {switch.netns}" if switch.netns else "")
        names = (switch.kind, str(switch.netns), switch.name)
        block = self._block(self.block.key, "network", _diagram_boxes.shown(title), *names)
        ports = self.hanging.stubs.get(index, [])
        top = STUBS if ports else 0
        block.head, block.hue = top + _diagram_scene.BAR, _diagram_style.hue_of(switch.name)
        width = self.right - _diagram_scene.INSET
        area = _diagram_boxes.Area(_diagram_scene.INSET, top, width, _diagram_scene.BAR)
        block.heads.append(self.boxes.switch(block, switch, area))
        for network in switch.joins:
            end = _diagram_scene.End(block.key, area.x, top + _diagram_scene.BAR // 2)
            self.tunnels.append(Tunnel(self.host.name, network, end, block.hue))
        self._stubs(block, ports)
        lanes = {vlan: self.hanging.lanes[(index, vlan)] for vlan in switch.groups}
        for vlan in lanes:
            self._bus[(index, vlan)] = Bus(block.key, top + _diagram_scene.BAR // 2, block.hue)
        everybody = [one for spaces in lanes.values() for one in spaces]
        if everybody and {vlan for vlan, spaces in lanes.items() if spaces} <= PLAIN:
            self._hang(block, everybody, 0)
            return block
        for vlan, spaces in lanes.items():
            if spaces:  # otherwise its ports stand above the bar
                block.blocks.append(self._lane(block, (index, vlan), spaces))
        block.summary, block.members = _summary(everybody), len(everybody)
        return block

    def _lane(
        self, network: _diagram_scene.Block, lane: _diagram_hangers.Lane, spaces: c.Sequence[_diagram_hangers.Space]
    ) -> _diagram_scene.Block:
        block = self._block(network.key, "lane", _diagram_boxes.shown(lane[1]), lane[1])
        block.head, block.hue = LANE_HEAD, _diagram_style.hue_of_vlan(lane[1], network.hue)
        self._hang(block, spaces, LANE_BUS - LANE_HEAD)
        self._bus[lane] = Bus(block.key, LANE_BUS, block.hue)
        return block

    def _stubs(self, block: _diagram_scene.Block, ports: c.Sequence[_picture_model.Port]) -> None:
        """The ports above a bar, a column for each; the last column may be for several."""
        ordered = sorted(ports, key=lambda one: _diagram_slots.natural(one.end.name))
        alone = len(ordered) if len(ordered) <= self.columns else self.columns - 1
        for column, some in enumerate(
            [*([one] for one in ordered[:alone]), *([ordered[alone:]] if ordered[alone:] else [])]
        ):
            x = GRID + column * PITCH
            area = _diagram_boxes.Area(x, UNDER, _diagram_scene.CARD, _diagram_scene.CHIP_HEIGHT)
            block.heads.append(self.boxes.chip(block, some, area))
            middle = x + _diagram_scene.CARD // 2
            block.lines.append(_diagram_scene.Line(middle, UNDER + _diagram_scene.CHIP_HEIGHT, middle, STUBS, "head"))
            for network in filter(None, map(tunnel_of, some)):
                end = _diagram_scene.End(block.key, middle, UNDER, -8)
                self.tunnels.append(Tunnel(self.host.name, network, end, block.hue))

    def _hang(self, block: _diagram_scene.Block, spaces: c.Sequence[_diagram_hangers.Space], bus: int | None) -> None:
        """The namespaces of a lane. ``bus``: where the line is that the first row hangs from, within the body."""
        places = _diagram_hangers.places_of(spaces, self.columns)
        above = UNDER if bus is None else _diagram_scene.DROP
        rows = _Rows(above, places, _height([one for one in spaces if one.wide]))
        block.body = rows.height
        block.summary, block.members = _summary(spaces), len(spaces)
        block.marks = self.boxes.sorts(place for one in spaces for place in one.places)
        ends: dict[int, int] = {}  # by the height of the line of a row, where it ends
        for one in sorted(spaces, key=lambda one: (places.cells[one.key][::-1], one.key)):
            column, row = places.cells[one.key]
            x, top = GRID + column * PITCH, block.head + rows.top(row)
            width = _diagram_scene.CARD + (PITCH * (_diagram_hangers.SPAN - 1) if one.wide else 0)
            area = _diagram_boxes.Area(x, top + above, width, rows.card(row))
            block.boxes.append(self.boxes.card(block, one, area))
            middle = x + width // 2
            self._below[one.key] = (block.key, middle, area.y + area.height)
            if bus is not None:
                line = top + UNDER if row else block.head + bus
                sort = "inner" if one.port is not None and one.port.internal else ""
                block.lines.append(_diagram_scene.Line(middle, line, middle, area.y, sort))
                ends[line] = max(ends.get(line, 0), middle)
        if bus is not None:
            block.lines += _branches(block.head + bus, ends)

    def _cross(self) -> None:
        """Wires that lead from one network to another."""
        found: list[tuple[_diagram_scene.End, _diagram_scene.End, str, int]] = []
        for one in (*self.hanging.spaces.values(), *self.hanging.own.values()):
            for index, (name, lane) in enumerate(one.other):
                words = f"{one.shown}: {name}"
                found.append((self._under(one, index), self._beside(lane), words, self._bus[lane].hue))
        for start, end, name in self.hanging.crossings:
            found.append((self._beside(start), self._beside(end), name, self._bus[end].hue))
        for near, far, name in self.hanging.cables:
            found.append((self._under(near, 0), self._under(far, 1), name, -1))
        for index, (start_point, end_point, name, hue) in enumerate(found):
            straight = start_point.out and start_point[::2] == end_point[::2]
            x = start_point.x if straight else self.right + 6 + 5 * (index % 5)
            wire = _diagram_scene.Wire(start_point, end_point, x, _diagram_boxes.shown(name), hue)
            self.wires.append(wire)

    def _under(self, one: _diagram_hangers.Space, index: int) -> _diagram_scene.End:
        block, middle, bottom = self._below[one.key]
        return _diagram_scene.End(block, middle + 16 * (index % 3 - 1), bottom, out=5 + 3 * (index % 3))

    def _beside(self, lane: _diagram_hangers.Lane) -> _diagram_scene.End:
        bus = self._bus[lane]
        return _diagram_scene.End(bus.block, self.right, bus.y)


class _Rows:
    """The rows of a lane. ``above``: room over each card; ``wide``: the height of wide cards, which come first."""

    def __init__(self, above: int, places: _diagram_hangers.Places, wide: int) -> None:
        self.first, self.wide = places.wide, wide
        self.between = above + _diagram_scene.BELOW
        others = places.rows - places.wide
        self.height = self.top(places.wide + (_diagram_slots.reserved(others) if others else 0))

    def card(self, row: int) -> int:
        """The height of a card."""
        return self.wide if row < self.first else _diagram_scene.CARD_HEIGHT

    def top(self, row: int) -> int:
        """Where a row begins."""
        wide = min(row, self.first)
        return row * self.between + wide * self.wide + (row - wide) * _diagram_scene.CARD_HEIGHT


def _height(spaces: c.Sequence[_diagram_hangers.Space]) -> int:
    """The height of wide cards: one of a few, so that a line more seldom moves what is below."""
    lines = max((one.lines for one in spaces), default=0)
    fitting = next((one for one in HEIGHTS if lines <= one), HEIGHTS[-1])
    return _diagram_boxes.ABOVE + _diagram_boxes.LINE * fitting


def _sorts(spaces: t.Iterable[_diagram_hangers.Space]) -> list[tuple[int, str]]:
    found = collections.Counter(one.sort for one in spaces)
    return [(found[sort], sort) for sort in _picture_model.SORTS]


def _summary(spaces: c.Sequence[_diagram_hangers.Space]) -> str:
    links = sum(one.own for one in spaces)
    parts = [*_sorts(one for one in spaces if not one.own), (links, "link")]
    return ", ".join(_diagram_words.counted(number, what) for number, what in parts if number) or "empty"


def _branches(bus: int, ends: c.Mapping[int, int]) -> list[_diagram_scene.Line]:
    """The lines of the rows below the first one, and what leads to them. ``ends``: height -> where it ends."""
    lower = [(y, x) for y, x in ends.items() if y != bus]
    found = [_diagram_scene.Line(RISER, y, x, y) for y, x in lower]
    return [*found, _diagram_scene.Line(RISER, bus, RISER, max(y for y, _x in lower))] if lower else found


def tunnel_of(port: _picture_model.Port) -> str:
    """What a tunnel carries, in words that both its ends share; '' if the port is none."""
    words = " ".join(port.end.details[:1]).split()
    if not words or words[0] not in _diagram_hangers.TUNNELS:
        return ""
    if "key flow" in port.end.details:  # the port of a chassis: OVN says for each packet which network it is of
        return ""
    numbers = [one.split()[1] for one in port.end.details if one.startswith("key ")] or words[1:2]
    return " ".join([words[0], *numbers])
