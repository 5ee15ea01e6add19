# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be drawn of a host: which namespace hangs where, and which cables cross networks. No places yet."""

from __future__ import annotations

import collections.abc as c
import dataclasses

from ansible_collections.netloom.linux.plugins.plugin_utils import _diagram_slots, _picture_model

Place = _picture_model.Place
Lane = tuple[int, str]  # index of a switch, and the VLANs of its ports in words
TUNNELS = ("vxlan", "geneve", "gre")
OWN: Lane = (-1, "")  # where links of the host stand that are on no switch
LOOSE = -2  # in place of a switch's index: what is on none, by its sort
UNSAID = (_picture_model.NAMESPACE, _picture_model.PORT)
MOST_SERVICES = 2  # columns for servers and routers
LINES = 3  # of a card
SPAN = 2  # columns that the card of a wide one takes


@dataclasses.dataclass
class Space:
    """A namespace, or a link of the host itself. ``home``: where it hangs; None: on no switch. ``other``: lanes that
    further links of it lead to, with the name of the link; ``port``: what its cable is plugged into at home.
    """

    name: str
    ends: dict[Place, _picture_model.End] = dataclasses.field(default_factory=dict)
    details: tuple[str, ...] = ()
    home: Lane | None = None
    port: _picture_model.Port | None = None
    ports: list[Place] = dataclasses.field(default_factory=list)
    other: list[tuple[str, Lane]] = dataclasses.field(default_factory=list)
    own: bool = False  # a link of the host itself
    sort: str = _picture_model.NAMESPACE
    title: str = ""

    @property
    def shown(self) -> str:
        """How it is called."""
        return self.title or self.name

    @property
    def wide(self) -> bool:
        """Whether there is more to say of it than of a member: of a router, for example."""
        return self.sort not in UNSAID or (len(self.links) > 1 and self.lines > LINES)

    @property
    def lines(self) -> int:
        """How many lines there are to say of it."""
        return sum(max(len(end.details), 1) for end in self.ends.values()) + len(self.details)

    @property
    def key(self) -> str:
        """Its name, which no namespace shares with a link of the host."""
        return f"{'/' if self.own else ''}{self.name}"

    @property
    def places(self) -> list[Place]:
        """Where its objects are, the most important one first."""
        whole: list[Place] = [(None, "")] if self.own and not self.name else [] if self.own else [(self.name, "")]
        return [*whole, *self.ends, *self.ports]

    @property
    def words(self) -> list[str]:
        """All that is said of its links and of itself."""
        return [word for end in self.ends.values() for word in end.details] + list(self.details)

    @property
    def badges(self) -> tuple[str, ...]:
        """What it is for the others."""
        words = self.words
        found = ["DHCP"] if any(word.startswith(("serves DHCP", "relays DHCP")) for word in words) else []
        found += ["DNS"] if "serves DNS" in words else []
        nat = ("masquerades ", "publishes ")
        found += ["NAT"] if any(word.startswith(nat) or " leaves as " in word for word in words) else []
        routes = self.sort == _picture_model.NAMESPACE and len(self.links) > 1
        return (*found, *([_picture_model.ROUTER] if routes or self.sort == _picture_model.ROUTER else []))

    @property
    def links(self) -> list[_picture_model.End]:
        """Its links to others."""
        return [end for end in self.ends.values() if end.name != "lo"]

    @property
    def serves(self) -> bool:
        """Whether it stands before the members."""
        return bool(self.badges) and not self.wide

    @property
    def member(self) -> _diagram_slots.Member:
        """What its slot follows from."""
        near = next(iter(self.ends.values()), None)
        first = next((word for word in near.details if word[:1].isdigit() and "/" in word), "") if near else ""
        return _diagram_slots.Member(self.key, first if " " not in first and "." in first else "")


class Hanging:
    """One host."""

    def __init__(self, host: _picture_model.Host) -> None:
        self.host = host
        # A router hangs from the first of its switches: let it be the one that leads outside.
        self.switches = sorted(
            host.switches,
            key=lambda one: (
                not (host.northbound and one.joins),
                one.netns or "",
                one.kind,
                _diagram_slots.natural(one.name),
            ),
        )
        self._at = {id(switch): index for index, switch in enumerate(self.switches)}
        self.spaces: dict[str, Space] = {}
        self.own: dict[str, Space] = {}
        self.stubs: dict[int, list[_picture_model.Port]] = {}  # ports with nothing behind them that is drawn
        self.crossings: list[tuple[Lane, Lane, str]] = []  # from switch to switch
        self.cables: list[tuple[Space, Space, str]] = []
        self._homes: dict[Place, Space] = {}
        for switch in self.switches:
            for port in switch.ports:
                self._port(self._at[id(switch)], port)
        for cable in host.cables:
            one, other = (self._space(end) for end in cable.ends)
            self.cables.append((one, other, " - ".join(end.name for end in cable.ends)))
        for end in host.others:
            self._space(end)
        self._rest()
        self.lanes = self._lanes()

    def _space(self, end: _picture_model.End) -> Space:
        spaces, name = (self.own, end.name) if end.netns is None else (self.spaces, end.netns)
        space = spaces.setdefault(name, Space(name, own=end.netns is None))
        space.ends.setdefault(end.place, end)
        return space

    def _port(self, index: int, port: _picture_model.Port) -> None:
        lane, far = (index, port.vlan), port.far
        if far is None:
            self.stubs.setdefault(index, []).append(port)
            return
        other = self.host.ports.get(far.place)
        if other is not None:
            there = self._at[id(other)]
            if (index, port.end.name) < (there, far.name):
                vlan = next(one.vlan for one in other.ports if one.end.place == far.place)
                self.crossings.append((lane, (there, vlan), f"{port.end.name} - {far.name}"))
            return
        space = self._space(far)
        space.ports.append(port.end.place)
        if space.home is None:
            space.home, space.port = lane, port
        else:
            space.other.append((far.name, lane))

    def _rest(self) -> None:
        """Namespaces as a whole, and what the host itself does."""
        inhabited = {switch.netns for switch in self.switches}
        for one in self.host.spaces:
            if one.name is None:
                if one.details:
                    self.own[""] = Space("", details=one.details, own=True)
            elif one.name in self.spaces or one.details or one.name not in inhabited:
                space = self.spaces.setdefault(one.name, Space(one.name))
                space.details, space.sort, space.title = one.details, one.sort, one.title

    def _lanes(self) -> dict[Lane, list[Space]]:
        found: dict[Lane, list[Space]] = {}
        for index, switch in enumerate(self.switches):
            for vlan in switch.groups:
                found[(index, vlan)] = []
        for one in (*self.spaces.values(), *self.own.values()):
            loose: Lane = OWN if one.own else (LOOSE, one.sort)
            found.setdefault(loose if one.home is None else one.home, []).append(one)
        return found


@dataclasses.dataclass(frozen=True)
class Places:
    """The column and the row of each namespace of a lane, and how many rows there are, the first ones of wide cards."""

    cells: c.Mapping[str, tuple[int, int]]
    rows: int
    wide: int


def places_of(spaces: c.Sequence[Space], columns: int) -> Places:
    """Servers and routers come first, and have columns of their own; members have their slots in the others."""
    above = sorted((one for one in spaces if one.wide), key=lambda one: _diagram_slots.natural(one.name))
    first = sorted((one for one in spaces if one.serves), key=lambda one: _diagram_slots.natural(one.name))
    members = [one for one in spaces if not one.serves and not one.wide]
    each = columns // SPAN
    start = -(-len(above) // each)
    zone = min(len(first), MOST_SERVICES) if members else min(len(first), columns)
    wide = max(columns - zone, 1)
    cells = {one.key: (index % each * SPAN, index // each) for index, one in enumerate(above)}
    cells |= {one.key: (index % zone, start + index // zone) for index, one in enumerate(first)}
    slots = _diagram_slots.slots_of([one.member for one in members])
    if all(one.own for one in members):
        slots = {name: index for index, name in enumerate(sorted(slots, key=_diagram_slots.natural))}
    rows = _diagram_slots.rows_of(slots.values(), wide)
    cells.update({name: (zone + slot % wide, start + rows[slot // wide]) for name, slot in slots.items()})
    return Places(cells, max((row for _column, row in cells.values()), default=-1) + 1, start)
