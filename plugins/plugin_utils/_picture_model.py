# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is connected to whom on a host, as plain data: what every picture is drawn from."""

from __future__ import annotations

import collections.abc as c
import dataclasses
import typing as t

Place = tuple[t.Optional[str], str]  # namespace (None: the host itself) and name of a link

View = tuple[str, c.Mapping[str, t.Any]]  # kind, and an object in the shape of the options of its module

DOWN = "DOWN"
NO_CARRIER = "no carrier"
# Of a mark: what becomes of an object, or what is wrong with it.
MADE, GONE, DIFFERS, BROKEN = "made", "gone", "differs", "broken"
# What a Space is. All but the first are objects of OVN's northbound database.
NAMESPACE, PORT, ROUTER, BALANCER = "namespace", "port", "router", "load balancer"
GROUP, ADDRESS_SET, DHCP = "security group", "address set", "DHCP option set"
SORTS = (NAMESPACE, PORT, ROUTER, BALANCER, GROUP, ADDRESS_SET, DHCP)


@dataclasses.dataclass(frozen=True)
class Mark:
    """What a plan, a report of drift or a failed proof says of an object. ``place``: the link, or the namespace with an
    empty name of a link. ``notes``: attributes that differ, or causes. ``part``: it is about something that belongs to
    what is drawn there, as a route does to its namespace.
    """

    sort: str
    place: Place
    title: str
    notes: tuple[str, ...] = ()
    part: bool = False

    @property
    def shown(self) -> str:
        """The sort as it shows at the place: with a new route, a namespace differs."""
        return DIFFERS if self.part and self.sort != BROKEN else self.sort


@dataclasses.dataclass(frozen=True)
class End:
    """A link, or one end of a cable. ``details``: its addresses and what else is said of it, in words; ``owner``: how
    the namespace is called, if not by its name.
    """

    netns: str | None
    name: str
    details: tuple[str, ...] = ()
    state: str = ""  # DOWN, NO_CARRIER, or '' if it works
    owner: str = ""

    @property
    def place(self) -> Place:
        """Where it is."""
        return (self.netns, self.name)


@dataclasses.dataclass(frozen=True)
class Port:
    """A link of a switch. ``far``: the other end of its cable; with ``internal`` the same device, in its namespace."""

    end: End
    vlan: str = ""  # in words: 'VLAN 100'
    far: End | None = None
    internal: bool = False


@dataclasses.dataclass(frozen=True)
class Switch:
    """A bridge of Linux or of Open vSwitch, or a switch of OVN. ``joins``: what connects it with switches elsewhere, in
    words that all of these share; ``more``: places of further objects that are shown at it.
    """

    kind: str  # in words: 'linux bridge', 'OVS bridge'
    name: str
    netns: str | None = None
    details: tuple[str, ...] = ()
    state: str = ""
    ports: tuple[Port, ...] = ()
    joins: tuple[str, ...] = ()
    more: tuple[Place, ...] = ()

    @property
    def groups(self) -> dict[str, list[Port]]:
        """The ports by their VLANs."""
        found: dict[str, list[Port]] = {}
        for port in self.ports:
            found.setdefault(port.vlan, []).append(port)
        return found


@dataclasses.dataclass(frozen=True)
class Cable:
    """A cable neither of whose ends is the port of a switch."""

    ends: tuple[End, End]


@dataclasses.dataclass(frozen=True)
class Space:
    """A namespace, or an object of OVN. ``details``: what belongs to none of its links, such as NAT; ``title``: how it
    is called, if its name has more in it than that.
    """

    name: str | None  # None: the host itself
    details: tuple[str, ...] = ()
    sort: str = NAMESPACE
    title: str = ""

    @property
    def shown(self) -> str:
        """How it is called."""
        return self.title or self.name or ""


@dataclasses.dataclass(frozen=True)
class Host:
    """All of a host. ``others``: links that are on no switch and no cable. ``problem``: why nothing is known of it.
    ``views``: the objects at each place; those of a namespace as a whole are at the empty name of a link.
    ``northbound``: it is no host, but the northbound database of OVN; its ports, routers and groups are spaces.
    """

    name: str
    switches: tuple[Switch, ...] = ()
    cables: tuple[Cable, ...] = ()
    others: tuple[End, ...] = ()
    spaces: tuple[Space, ...] = ()
    problem: str = ""
    views: c.Mapping[Place, t.Sequence[View]] = dataclasses.field(default_factory=dict)
    marks: tuple[Mark, ...] = ()
    northbound: bool = False

    def saying(self, words: tuple[str, ...]) -> Host:
        """The host with more words about itself."""
        if not words:
            return self
        own = next((one.details for one in self.spaces if one.name is None), ())
        others = tuple(one for one in self.spaces if one.name is not None)
        return dataclasses.replace(self, spaces=(Space(None, (*own, *words)), *others))

    @property
    def ports(self) -> dict[Place, Switch]:
        """The switch of each link that is a port."""
        return {port.end.place: switch for switch in self.switches for port in switch.ports}

    @property
    def ends(self) -> list[End]:
        """Every link that is not a port itself."""
        far = [port.far for switch in self.switches for port in switch.ports if port.far is not None]
        ports = self.ports
        cabled = [end for cable in self.cables for end in cable.ends]
        return [end for end in [*far, *cabled, *self.others] if end.place not in ports]

    @property
    def empty(self) -> list[Space]:
        """The namespaces in which there is no link but the loopback link."""
        inhabited = {end.netns for end in self.ends} | {one.netns for one in self.switches}
        inhabited |= {place[0] for place in self.ports}
        return [space for space in self.spaces if space.name is not None and space.name not in inhabited]
