# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an uplink has besides its attributes, the record of it, and how it moves, as pure functions of snapshots."""

from __future__ import annotations

import dataclasses
import ipaddress
import json
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _address_ops,
    _errors,
    _identity,
    _paths,
    _plan,
    _route,
    _snapshot,
    _stack_ops,
)

KEPT = ("mac", "mtu", "up")
KEPT_BY_OVS = ("sysctl", "pinned")
# The userspace datapath takes what a NIC receives by a packet socket, and the kernel's own stack goes on to read it
# (Open vSwitch's installation guide, "Firewall Rules"). With these sysctls of the NIC, it drops what is for the bridge:
# no route back leads by the NIC, it has no address to answer ARP for, and it takes no router's advertisement.
SILENT = {"ipv4.rp_filter": "1", "ipv4.arp_ignore": "1", "ipv6.disable_ipv6": "1"}
# Sysctls that a move writes: these, and the one that is on for the moment in which an address goes. A run may be killed
# in that moment.
WRITTEN = (*SILENT, "ipv4.promote_secondaries")


@dataclasses.dataclass(frozen=True)
class Belongings:
    """What moves with an uplink. It is on the uplink itself, or for the time being on its bridge."""

    addresses: tuple[_snapshot.Address, ...] = ()
    routes: tuple[_route.Route, ...] = ()
    neighbours: tuple[_snapshot.Neighbour, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.addresses or self.routes or self.neighbours)

    def on(self, device: str, of: str) -> Belongings:
        """The same belongings with another link in place of ``of``."""
        routes = tuple(route.by(device, of) for route in self.routes)
        return Belongings(
            self.addresses, routes, tuple(dataclasses.replace(one, device=device) for one in self.neighbours)
        )

    def ordered_as(self, other: Belongings) -> Belongings:
        """The same belongings with addresses in the order of ``other``, as far as it has them. The host sends from the
        first address.
        """
        places = {address.key: number for number, address in enumerate(other.addresses)}
        return dataclasses.replace(
            self, addresses=tuple(sorted(self.addresses, key=lambda address: places.get(address.key, len(places))))
        )

    def with_strays(self, other: Belongings) -> Belongings:
        """The same belongings with those that the link got later. What is recorded stays as it was."""
        keys = {address.key for address in self.addresses}
        slots = {route.slot for route in self.routes}  # of several that came later none is known of
        known = {(neighbour.address, neighbour.proxy) for neighbour in self.neighbours}
        return Belongings(
            self.addresses + tuple(address for address in other.addresses if address.key not in keys),
            self.routes + tuple(route for route in other.routes if route.slot not in slots),
            self.neighbours
            + tuple(neighbour for neighbour in other.neighbours if (neighbour.address, neighbour.proxy) not in known),
        )


def belongings(ns: _snapshot.Namespace, name: str) -> Belongings:
    """What a link has: all addresses except the kernel's own, routes through it that somebody made, routes that prefer
    its addresses, and neighbours.
    """
    link = ns.links[name]
    addresses = tuple(address for address in link.addresses if not address.link_local)
    by_it = [route for route in ns.routes.by(name) if _address_ops.is_made(route, link)]
    others = [
        route
        for route in _stack_ops.preferring(ns, name, [address.cidr for address in addresses])
        if name not in route.devices
    ]
    routes = tuple(sorted((*by_it, *others), key=lambda route: route.leans))
    return Belongings(addresses, routes, tuple(one for one in ns.neighbours if one.device == name))


# --- the record ---


@dataclasses.dataclass(frozen=True)
class Home:
    """What an uplink had before it became one. ``bridge``: its bridge."""

    uplink: str
    bridge: str
    own: Belongings
    link: t.Mapping[str, t.Any]  # mac, mtu, up; on Open vSwitch also KEPT_BY_OVS

    def face(self, nic: _snapshot.Link) -> dict[str, t.Any]:
        """The MAC address and MTU that it is to have again, where they differ."""
        known = {key: self.link.get(key) for key in ("mac", "mtu")}
        return {key: value for key, value in known.items() if value is not None and value != getattr(nic, key)}

    def facts(self) -> dict[str, t.Any]:
        """The data for the record."""
        return {"bridge": self.bridge, "home": {**dataclasses.asdict(self.own), **self.link}}


def home_of(now: _snapshot.Snapshot, ns: _snapshot.NsKey, uplink: str) -> Home | None:
    """The record of a NIC, if it is about exactly this link: another one may have the name now. Raises HostError for a
    damaged record.
    """
    text = now.files.get(_paths.uplink_record(ns, uplink))
    link = now.link(ns, uplink)
    if not text or link is None:
        return None
    try:
        data = json.loads(text)
        if (data["ifindex"], data["permanent_mac"]) != (link.index, link.permanent_mac) or not _identity.is_marked(
            now.namespaces[ns], data
        ):
            return None
        home = data["home"]
        own = Belongings(
            tuple(_snapshot.Address(**one) for one in home["addresses"]),
            tuple(_route.recorded(one) for one in home["routes"]),
            tuple(_snapshot.Neighbour(**one) for one in home["neighbours"]),
        )
        more = {key: dict(home[key]) for key in KEPT_BY_OVS if key in home}
        return Home(uplink, str(data["bridge"]), own, {**{key: home[key] for key in KEPT}, **more})
    except (ValueError, KeyError, TypeError) as error:
        path = _paths.uplink_record(ns, uplink)
        raise _errors.damaged(
            path, error, f"It says what '{uplink}' had before it became an uplink, and is to get back."
        ) from error


# --- moving ---


def take(planner: _plan.Planner, what: Belongings, ns: _snapshot.NsKey, name: str) -> None:
    """Take the belongings off the link. Addresses are last: the kernel drops the routes with the last one."""
    for route in (*reversed(what.routes), *_of_the_leased(planner.now.namespaces[ns], what, name)):
        planner.do(_stack_ops.RouteDelete(ns, route))
    for neighbour in what.neighbours:
        planner.do(_stack_ops.NeighbourDelete(ns, neighbour))
    for address in _address_ops.to_delete(what.addresses):
        planner.do(_address_ops.AddressDelete(ns, name, address.cidr, address.detail.get("peer")))


def _of_the_leased(ns: _snapshot.Namespace, what: Belongings, name: str) -> list[_route.Route]:
    """The kernel's routes of IPv6 addresses with a lifetime, which outlive these addresses (ipv6_del_addr() in
    net/ipv6/addrconf.c).
    """
    networks = {
        str(ipaddress.ip_interface(address.cidr).network)
        for address in what.addresses
        if address.dynamic and ":" in address.cidr
    }
    return [
        route
        for route in ns.routes.by(name)
        if route.protocol == "kernel" and route.destination in networks and route not in what.routes
    ]


def _is_taken(route: _route.Route, there: t.Sequence[_route.Route]) -> bool:
    """Whether the place of a route is taken. IPv6 has a route for each link."""
    return any(route.family == 4 or route.devices & other.devices for other in there)


def give(planner: _plan.Planner, what: Belongings, ns: _snapshot.NsKey, name: str) -> None:
    """Give the link what it lacks. A route of the same destination, table and metric that somebody else made stays."""
    link = planner.now.namespaces[ns].links[name]
    having = {address.key for address in link.addresses}
    lacking = [
        address for address in what.addresses if address.key not in having and not address.detail.get("temporary")
    ]
    # They were in use on this very segment a moment ago, so nobody else has them.
    for op in _address_ops.addresses_back(ns, name, lacking, advertised=True):
        planner.do(op)
    routes = planner.now.namespaces[ns].routes
    routes.expect(what.routes)
    # A slot that it had for itself.
    taken = {route for route in what.routes if route.place is None and _is_taken(route, routes.of(route.slot))}
    for route in what.routes:
        if route not in taken and route not in routes:
            planner.do(_stack_ops.RouteSet(ns, route))
    for neighbour in what.neighbours:
        if neighbour not in planner.now.namespaces[ns].neighbours:
            planner.do(_stack_ops.NeighbourSet(ns, neighbour))
