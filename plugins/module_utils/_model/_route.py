# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One route with everything that the kernel tells about it.

A route that is deleted must be restorable with every attribute that it had. So attributes without an option are kept as
the kernel told them: the number of the attribute and its bytes (linux/rtnetlink.h, RTA_* and RTAX_*).
"""

from __future__ import annotations

import dataclasses
import sys
import typing as t

# The number of an attribute, with the flags that netlink keeps there, and its value in hexadecimal; in the kernel's
# order.
Attributes = tuple[tuple[int, str], ...]
Object = tuple[str, str]  # a nexthop object: its link, '' of a group, and the kernel's message in hexadecimal
RTA_FLOW, RTA_PREF, RTA_ENCAP_TYPE, RTA_NH_ID = 11, 20, 21, 30
LWTUNNEL_ENCAP_BPF = 6  # linux/lwtunnel.h
MAIN, LOCAL = 254, 255  # RT_TABLE_MAIN, RT_TABLE_LOCAL


@dataclasses.dataclass(frozen=True)
class Nexthop:
    """One way of a multipath route."""

    gateway: str | None = None
    device: str | None = None
    weight: int = 1
    onlink: bool = False
    rest: Attributes = ()  # realms, encapsulation, ...: attributes that no option speaks of


@dataclasses.dataclass(frozen=True)
class Route:
    """One route. ``destination`` is a CIDR, 0.0.0.0/0 and ::/0 included; table and metric are numbers."""

    destination: str
    table: int = 254
    metric: int = 0
    type: str = "unicast"
    gateway: str | None = None
    device: str | None = None
    source: str | None = None
    scope: str | None = None
    onlink: bool = False
    mtu: int | None = None
    nexthops: tuple[Nexthop, ...] = ()
    protocol: str = "static"
    tos: int = 0
    only_from: str = ""  # of IPv6: the network that packets must come from (``from``)
    metrics: Attributes = ()  # of RTA_METRICS all but the MTU: advmss, hoplimit, the bits of lock, ...
    rest: Attributes = ()  # realms, preference, encapsulation, nexthop object, ...: attributes that no option speaks of
    expires: int | None = dataclasses.field(default=None, compare=False)  # seconds that were left when it was read
    # The nexthop objects that it needs, members first.
    objects: tuple[Object, ...] = dataclasses.field(default=(), compare=False, repr=False)
    # Among several of one slot; None: it was the only one.
    place: int | None = dataclasses.field(default=None, compare=False)

    @property
    def slot(self) -> tuple[int, str, int, int, str]:
        """The kernel's own key. `ip route append` puts several IPv4 routes there, and IPv6 has one for each next
        hop.
        """
        return (self.table, self.destination, self.metric, self.tos, self.only_from)

    @property
    def family(self) -> int:
        """4 or 6."""
        return 6 if ":" in self.destination else 4

    @property
    def passing(self) -> bool:
        """Whether it appears and expires by itself: a router advertises it, or it has a lifetime. Nobody declares,
        records or restores it.
        """
        return self.expires is not None or self.protocol in ("ra", "redirect")

    @property
    def kept(self) -> bool:
        """Whether an undo restores it. The kernel makes its own routes again, and asks routers for theirs, which it
        does not take for copies of ours.
        """
        return self.protocol not in ("kernel", "ra", "redirect")

    @property
    def forwards(self) -> bool:
        """Whether packets are sent on or delivered by it."""
        return self.type in ("unicast", "local", "multicast", "broadcast", "anycast")

    @property
    def leans(self) -> bool:
        """Whether another route may have to exist first, through which its gateway is reached. Sorts those that need
        none first.
        """
        return self.gateway is not None or bool(self.nexthops)

    @property
    def ways(self) -> tuple[Nexthop, ...]:
        """Its next hops, even if there is only one."""
        return self.nexthops or (
            (Nexthop(self.gateway, self.device, onlink=self.onlink),) if self.gateway or self.device else ()
        )

    @property
    def gateways(self) -> set[str]:
        """The routers that it leads to."""
        return {way.gateway for way in self.ways if way.gateway}

    @property
    def devices(self) -> set[str]:
        """The links it leaves by."""
        return {way.device for way in self.ways if way.device}

    @property
    def nexthop_object(self) -> int | None:
        """The id of the nexthop object that describes its way (ip-nexthop(8)), as routing daemons make them."""
        return next(
            (int.from_bytes(bytes.fromhex(value), sys.byteorder) for number, value in self.rest if number == RTA_NH_ID),
            None,
        )

    @property
    def unrepeatable(self) -> str | None:
        """The part of the route that the kernel does not tell completely, so that nobody can make the route again. None
        if there is none.
        """
        encapsulations = [
            value
            for rest in (self.rest, *(hop.rest for hop in self.nexthops))
            for number, value in rest
            if number == RTA_ENCAP_TYPE
        ]
        programs = [
            value
            for value in encapsulations
            if int.from_bytes(bytes.fromhex(value), sys.byteorder) == LWTUNNEL_ENCAP_BPF
        ]
        return "a BPF program encapsulates its packets" if programs else None

    def by(self, device: str, of: str) -> Route:
        """The same route through another link in place of ``of``."""
        hops = tuple(
            dataclasses.replace(hop, device=device if hop.device == of else hop.device) for hop in self.nexthops
        )
        return dataclasses.replace(self, device=device if self.device == of else self.device, nexthops=hops)


def recorded(data: t.Mapping[str, t.Any]) -> Route:
    """A route from a record that dataclasses.asdict() made. Raises TypeError for an invalid one."""
    hops = tuple(Nexthop(**{**hop, "rest": _attributes(hop.get("rest"))}) for hop in data.get("nexthops", ()))
    objects = tuple((str(link), str(message)) for link, message in data.get("objects", ()))
    return Route(
        **{
            **data,
            "objects": objects,
            "nexthops": hops,
            "metrics": _attributes(data.get("metrics")),
            "rest": _attributes(data.get("rest")),
        }
    )


def _attributes(data: t.Any) -> Attributes:
    return tuple((int(number), str(value)) for number, value in data or ())
