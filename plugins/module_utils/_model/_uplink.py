# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an uplink has besides its attributes, the record of it, and its way back, as pure functions of snapshots."""

from __future__ import annotations

import contextlib
import dataclasses
import ipaddress
import json
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _address_ops,
    _errors,
    _identity,
    _link_ops,
    _ops,
    _paths,
    _plan,
    _route,
    _snapshot,
    _stack_ops,
)

KEPT = ("mac", "mtu", "up")


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
    link: t.Mapping[str, t.Any]  # mac, mtu, up

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
        return Home(uplink, str(data["bridge"]), own, {key: home[key] for key in KEPT})
    except (ValueError, KeyError, TypeError) as error:
        path = _paths.uplink_record(ns, uplink)
        raise _errors.damaged(
            path, error, f"It says what '{uplink}' had before it became an uplink, and is to get back."
        ) from error


# --- the way back ---


def back_to(
    before: _snapshot.Snapshot, now: _snapshot.Snapshot, ns: _snapshot.NsKey, uplink: str, bridge: str
) -> list[_ops.Op]:
    """The ops that restore uplink and bridge as they were ``before``; none if they are. What others did meanwhile
    stays.
    """
    planner = _WayBack(now, assume=False)
    old, new = before.namespaces[ns], planner.now.namespaces.get(ns)
    if new is None:
        return []
    names = [name for name in (bridge, uplink) if name in old.links]
    if bridge in new.links and bridge not in old.links:
        planner.do(_link_ops.LinkDelete(ns, bridge))
    elif bridge in old.links and bridge not in new.links:
        planner.do(_link_ops.LinkAdd(ns, dataclasses.replace(old.links[bridge], index=None, master=None, addresses=())))
    # A NIC that came under its name.
    others = {uplink} if _is_another(old.links.get(uplink), new.links.get(uplink)) else set()
    names = [name for name in names if name in new.links and name not in others]
    for name in names:
        _take_strays(planner, old, ns, name)
        _take_unrouted(planner, old, ns, name)
    ports = [link.name for link in old.links.values() if bridge in (link.master, link.name) or link.name == uplink]
    for name in [name for name in ports if name in new.links and name not in others]:
        _restore_attributes(planner, old.links[name], ns, KEPT if name in names else ())
    for name in names:
        _give_back(planner, belongings(old, name), ns, name)
    path = _paths.uplink_record(ns, uplink)
    if before.files.get(path) != now.files.get(path):
        text = before.files.get(path)
        planner.do(_ops.FileDelete(path, quiet=True) if text is None else _ops.FileWrite(path, text, 0o600, quiet=True))
    return [step.op for step in planner.steps]


class _WayBack(_plan.Planner):
    """Collects all ops that are possible: if one step is refused, the others are still tried."""

    def do(self, op: _ops.Op) -> None:
        with contextlib.suppress(_errors.NetloomError, KeyError):
            super().do(op)


def _is_another(old: _snapshot.Link | None, new: _snapshot.Link | None) -> bool:
    return old is not None and new is not None and None not in (old.index, new.index) and old.index != new.index


def _restore_attributes(
    planner: _plan.Planner, old: _snapshot.Link, ns: _snapshot.NsKey, keys: tuple[str, ...]
) -> None:
    new = planner.now.namespaces[ns].links[old.name]
    known = planner.now.link(ns, old.master) is not None if old.master else True
    changes: dict[str, t.Any] = {"master": old.master} if old.master != new.master and known else {}
    changes.update(
        {
            key: getattr(old, key)
            for key in keys
            if getattr(old, key) is not None and getattr(old, key) != getattr(new, key)
        }
    )
    if changes:
        planner.do(_link_ops.LinkSet(ns, old.name, changes))


def _take_strays(planner: _plan.Planner, old: _snapshot.Namespace, ns: _snapshot.NsKey, name: str) -> None:
    had, has = belongings(old, name), belongings(planner.now.namespaces[ns], name)
    keys, routes = {address.key for address in had.addresses}, set(had.routes)
    strays = Belongings(
        tuple(address for address in has.addresses if address.key not in keys),
        tuple(route for route in has.routes if route not in routes),
        tuple(neighbour for neighbour in has.neighbours if neighbour not in had.neighbours),
    )
    take(planner, strays, ns, name)


def _take_unrouted(planner: _plan.Planner, old: _snapshot.Namespace, ns: _snapshot.NsKey, name: str) -> None:
    """Remove the IPv6 addresses too if a killed run left them without their connected route: that route is only made
    with an address.
    """
    new = planner.now.namespaces[ns]
    if _connected_six(old, name) - _connected_six(new, name):
        for address in _address_ops.to_delete(belongings(new, name).addresses):
            if address.six:
                planner.do(_address_ops.AddressDelete(ns, name, address.cidr, address.detail.get("peer")))


def _connected_six(ns: _snapshot.Namespace, name: str) -> set[str]:
    return {route.destination for route in ns.routes.by(name) if route.family == 6 and route.protocol == "kernel"}


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


def _give_back(planner: _plan.Planner, what: Belongings, ns: _snapshot.NsKey, name: str) -> None:
    give(planner, what, ns, name)
    routes = planner.now.namespaces[ns].routes
    for route in what.routes:
        if route not in routes:
            planner.do(_stack_ops.RouteSet(ns, route))


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
