# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes on addresses, as data, and the routes that appear and disappear with an address."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _address,
    _errors,
    _mtus,
    _ops,
    _route,
    _snapshot,
    _stack_ops,
)

MOST_NAMED = 6  # of what falls with something else


def address_of(cidr: str, detail: t.Mapping[str, t.Any]) -> _address.Address:
    """An address as the snapshot shows it once it is there and usable."""
    lasting = {key: value for key, value in detail.items() if key != "nodad"}
    return _address.Address(
        cidr, dynamic=lasting.get("lifetimes", (0, _address.FOREVER))[1] != _address.FOREVER, detail=lasting
    )


@dataclasses.dataclass(frozen=True)
class AddressAdd(_ops.Op):
    """Give a link an address; ``detail`` as in Address, and ``nodad``: nobody else can have it, so it is usable at
    once.

    ``again``: it may be there still, and then it gets this detail.
    """

    ns: _snapshot.NsKey
    link: str
    cidr: str
    detail: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    again: bool = False

    def sentence(self) -> str:
        return f"add address {self.cidr} to {self.link}{_ops.where(self.ns)}"

    def check(self, now: _snapshot.Snapshot) -> None:
        if ":" in self.cidr:
            wish = f"Cannot give '{self.link}'{_ops.where(self.ns)} the address {self.cidr}"
            refuse_ipv6(now, self.ns, self.link, wish, "no IPv6 address")

    def effect(self, now: _snapshot.Snapshot) -> None:
        link = now.namespaces[self.ns].links[self.link]
        added = address_of(self.cidr, self.detail)
        there = any(one.key == added.key for one in link.addresses)
        addresses = (
            tuple(added if one.key == added.key else one for one in link.addresses)
            if there
            else (*link.addresses, added)
        )
        now.put(self.ns, dataclasses.replace(link, addresses=addresses))

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        key = address_of(self.cidr, self.detail).key
        before = next((one for one in now.namespaces[self.ns].links[self.link].addresses if one.key == key), None)
        if before is not None:
            return (AddressAdd(self.ns, self.link, before.cidr, before.detail, again=True),)
        return (AddressDelete(self.ns, self.link, self.cidr, self.detail.get("peer")),)


def refuse_ipv6(now: _snapshot.Snapshot, ns: _snapshot.NsKey, name: str, wish: str, other: str) -> None:
    """Refuse an IPv6 address or route where the kernel refuses it: the MTU is too small ("Invalid argument") or IPv6 is
    off ("Permission denied"). ``other``: what to declare instead.
    """
    mtu = _mtus.mtu_of(now, (ns, name))
    if mtu < _mtus.LEAST_FOR_IPV6:
        small = _mtus.smallest_port(now.namespaces[ns], name)
        why = (
            f"the bridge follows its smallest port, '{small}', to an MTU of {mtu}"
            if small
            else f"it has an MTU of {mtu}"
        )
        raise _errors.Conflict(
            f"{wish}: IPv6 needs an MTU of at least {_mtus.LEAST_FOR_IPV6}, and {why}. Give it a larger mtu, or"
            f" {other}."
        )
    sysctl, link = now.namespaces[ns].sysctl, now.namespaces[ns].links[name]
    off = sysctl.get((name, _address.OFF))
    if off is None and link.index is None:
        off = sysctl.get((None, _address.OFF_BY_DEFAULT))
    if off not in (None, "0") and name != "lo":
        raise _errors.Conflict(
            f"{wish}: IPv6 is off on {name}{_ops.where(ns)}: declare sysctl: {{disable_ipv6: 0}} there, or {other}."
        )


def addresses_back(
    ns: _snapshot.NsKey, link: str, addresses: t.Iterable[_address.Address], advertised: bool = False
) -> list[AddressAdd]:
    """The ops that give a link addresses that it or another link had: with all details, in their order, and usable at
    once if they were.

    Addresses that the kernel made appear by themselves. ``advertised``: also those of routers, which would only appear
    after a while.
    """
    kept = [one for one in addresses if not (one.link_local or (one.six and one.dynamic and not advertised))]
    # The kernel puts the newest IPv6 address in front (ipv6_link_dev_addr() in net/ipv6/addrconf.c), and the newest
    # IPv4 address behind.
    ordered = [*(one for one in kept if not one.six), *(one for one in reversed(kept) if one.six)]
    return [
        AddressAdd(
            ns, link, one.cidr, {**one.detail, **({"nodad": True} if one.six and one.usable else {})}, again=True
        )
        for one in ordered
    ]


def to_delete(addresses: t.Sequence[_address.Address]) -> list[_address.Address]:
    """The addresses in an order that an undo can reverse, see addresses_back(). So no primary IPv4 address is deleted
    before its secondaries.
    """
    return [*(one for one in reversed(addresses) if not one.six), *(one for one in addresses if one.six)]


@dataclasses.dataclass(frozen=True)
class AddressDelete(_ops.Op):
    """Take an address off a link. ``peer``: the peer of a point-to-point address.

    The kernel's route to its network is deleted with it. With an IPv4 address, the routes that prefer it as their
    source are deleted too, and with the last one all IPv4 routes and neighbours of the link (fib_disable_ip() in
    net/ipv4/fib_frontend.c).
    """

    disturbs = _ops.BRIEF
    ns: _snapshot.NsKey
    link: str
    cidr: str
    peer: str | None = None

    @property
    def key(self) -> str:
        """The identity, as in Address."""
        return _address.Address(self.cidr, detail={"peer": self.peer} if self.peer else {}).key

    def sentence(self) -> str:
        return f"delete address {self.cidr} from {self.link}{_ops.where(self.ns)}"

    def falls(self, now: _snapshot.Snapshot) -> tuple[str, ...]:
        return takes(self.link, (), self.lost(now.namespaces[self.ns]))

    def is_fresh(self, now: _snapshot.Snapshot) -> bool:
        return now.namespaces[self.ns].links[self.link].index is None

    def effect(self, now: _snapshot.Snapshot) -> None:
        ns = now.namespaces[self.ns]
        link = ns.links[self.link]
        neighbours, routes, inherited, heir = (
            self._neighbours(ns),
            self._routes(ns),
            self._inherited(ns),
            self._heir(link),
        )
        _stack_ops.drop_preferring(ns, self.link, [self.cidr])
        for route in routes:
            ns.routes.discard(route)
        for route in inherited:
            ns.routes.put(dataclasses.replace(route, source=heir), route)
        now.put(
            self.ns, dataclasses.replace(link, addresses=tuple(one for one in link.addresses if one.key != self.key))
        )
        ns.neighbours[:] = [neighbour for neighbour in ns.neighbours if neighbour not in neighbours]

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        ns = now.namespaces[self.ns]
        link = ns.links[self.link]
        routes = [_stack_ops.RouteSet(self.ns, route) for route in self._routes(ns) if comes_back(route, link)]
        before = [one for one in link.addresses if one.key == self.key]
        back = addresses_back(self.ns, self.link, before) or [
            AddressAdd(self.ns, self.link, one.cidr, one.detail, again=True) for one in before
        ]
        sourced = _stack_ops.preferring_again(ns, self.link, [self.cidr], besides=self.link if routes else "")
        return (
            *back,
            *routes,
            *sourced,
            *(_stack_ops.NeighbourSet(self.ns, neighbour) for neighbour in self._neighbours(ns)),
        )

    def lost(self, ns: _snapshot.Namespace) -> list[_route.Route]:
        """The routes that are deleted with it and do not return with an address."""
        preferring = [route for route in _stack_ops.preferring(ns, self.link, [self.cidr]) if route.family == 4]
        found = [route for route in self._routes(ns) if comes_back(route, ns.links[self.link])]
        return sorted(dict.fromkeys((*found, *preferring)), key=lambda route: route.leans)

    def _gone(self, link: _snapshot.Link) -> _address.Address | None:
        return next((one for one in link.addresses if one.key == self.key), None)

    def _routes(self, ns: _snapshot.Namespace) -> list[_route.Route]:
        link = ns.links[self.link]
        gone = self._gone(link)
        if gone is None:
            return []
        left = {one.network for one in link.addresses if one.key != self.key and one.six == gone.six}
        own = () if gone.network in left else ns.routes.connected()
        found = [route for route in own if route.devices == {self.link} and route.destination == gone.network]
        if not gone.six and not left:
            found += [route for route in ns.routes.by(self.link) if route.family == 4]
        return sorted(dict.fromkeys(found), key=lambda route: route.leans)

    def _inherited(self, ns: _snapshot.Namespace) -> list[_route.Route]:
        """The kernel's own route to a network of which this was the first address."""
        gone, heir = self._gone(ns.links[self.link]), self._heir(ns.links[self.link])
        source = self.cidr.split("/")[0]
        own = (
            route
            for route in ns.routes.connected()
            if gone is not None and (route.destination, route.device) == (gone.network, self.link)
        )
        return [route for route in own if heir and route.source == source]

    def _heir(self, link: _snapshot.Link) -> str | None:
        """The next IPv4 address of its network, from which the kernel's route then prefers to send."""
        gone = self._gone(link)
        others = (
            one
            for one in link.addresses
            if gone is not None and not gone.six and one.key != gone.key and one.network == gone.network
        )
        return next((one.cidr.split("/")[0] for one in others), None)

    def _neighbours(self, ns: _snapshot.Namespace) -> list[_snapshot.Neighbour]:
        """The neighbours that are deleted with it: the last IPv4 address takes the link's ARP entries along."""
        left = {address.key for address in ns.links[self.link].addresses if not address.six}
        return (
            [one for one in ns.neighbours if one.device == self.link and ":" not in one.address]
            if left == {self.key}
            else []
        )


@dataclasses.dataclass(frozen=True)
class AddressRenew(_ops.Op):
    """Make an address that somebody changed as a declared one is: valid for ever, preferred, and with the kernel's
    route to its network.

    ``before``: the address as it is. ``route``: the missing route.
    """

    ns: _snapshot.NsKey
    link: str
    before: _address.Address
    why: str
    route: _route.Route | None = None

    def sentence(self) -> str:
        return f"renew address {self.before.cidr} of {self.link}{_ops.where(self.ns)}, {self.why}"

    @property
    def detail(self) -> dict[str, t.Any]:
        """The details after the op. The flags of IPv4 are set at creation (inet_rtm_newaddr()), so for IPv4 the route
        is made without them.
        """
        flags = self.before.detail.get("flags", 0) & ~(_address.IFA_F_NOPREFIXROUTE if self.before.six else 0)
        kept = {key: value for key, value in self.before.detail.items() if key not in ("lifetimes", "flags")}
        return {**kept, **({"flags": flags} if flags else {})}

    def effect(self, now: _snapshot.Snapshot) -> None:
        ns = now.namespaces[self.ns]
        link = ns.links[self.link]
        renewed = dataclasses.replace(self.before, dynamic=False, detail=self.detail)
        now.put(
            self.ns,
            dataclasses.replace(
                link, addresses=tuple(renewed if one.key == renewed.key else one for one in link.addresses)
            ),
        )
        if self.route is not None:
            ns.routes.put(self.route)

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        changed = self.detail != self.before.detail
        address = [AddressAdd(self.ns, self.link, self.before.cidr, self.before.detail, again=True)] if changed else []
        route = [_stack_ops.RouteDelete(self.ns, self.route)] if self.route else []
        # The kernel itself removes the route then.
        bare = self.before.detail.get("flags", 0) & _address.IFA_F_NOPREFIXROUTE
        return (*route, *address) if bare else (*address, *route)


def is_made(route: _route.Route, link: _snapshot.Link) -> bool:
    """Whether somebody made the route. The kernel makes one for each address, unless that has IFA_F_NOPREFIXROUTE
    (NetworkManager sets it).
    """
    if route.protocol != "kernel":
        return True
    bare = (address for address in link.addresses if address.detail.get("flags", 0) & _address.IFA_F_NOPREFIXROUTE)
    return any(address.network == route.destination for address in bare)


def comes_back(route: _route.Route, link: _snapshot.Link) -> bool:
    """Whether an undo restores the route: it does not return by itself, from the kernel or from a router."""
    return is_made(route, link) and route.protocol not in ("ra", "redirect")


def takes(link: str, addresses: t.Sequence[_address.Address], routes: t.Sequence[_route.Route]) -> tuple[str, ...]:
    """What else is lost, in the words of a step: 'takes fd00::1/64 and the route default from eth0'."""
    found = [address.cidr for address in addresses] + [
        f"the route {_stack_ops.destination_of(route)}" for route in routes
    ]
    if not found:
        return ()
    named = [*found[:MOST_NAMED], *([f"{len(found) - MOST_NAMED} more"] if len(found) > MOST_NAMED else [])]
    return (f"takes {' and '.join(filter(None, (', '.join(named[:-1]), named[-1])))} from {link}",)
