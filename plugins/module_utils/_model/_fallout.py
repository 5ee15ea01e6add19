# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel itself removes from links when something else changes, so that a plan can name it, rate it and undo
it.

A link that goes down loses its IPv6 addresses and all its routes. One whose MTU falls below 1280 loses its whole IPv6
stack, the sysctls included (addrconf_notify() in net/ipv6/addrconf.c), and so does what follows that MTU: a bridge, a
VLAN.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _address,
    _address_ops,
    _mtus,
    _ops,
    _parents,
    _route,
    _snapshot,
    _stack_ops,
)

KEEP = "keep_addr_on_down"  # a sysctl of IPv6

Place = _parents.Place


@dataclasses.dataclass(frozen=True)
class Fall:
    """What one link loses. ``stack``: it also loses its sysctls of IPv6. ``down``: it goes down with another link."""

    ns: _snapshot.NsKey
    link: str
    addresses: tuple[_address.Address, ...]
    routes: tuple[_route.Route, ...]
    neighbours: tuple[_snapshot.Neighbour, ...]
    stack: bool = False
    down: bool = False

    def words(self, now: _snapshot.Snapshot) -> tuple[str, ...]:
        """What happens to the link."""
        return (*((f"sets {self.link}{_ops.where(self.ns)} down",) if self.down else ()), *self.taken(now))

    def taken(self, now: _snapshot.Snapshot) -> tuple[str, ...]:
        """What it loses, without what returns by itself."""
        link = now.namespaces[self.ns].links[self.link]
        addresses = [one for one in self.addresses if not one.link_local]
        return _address_ops.takes(
            self.link, addresses, [route for route in self.routes if _address_ops.comes_back(route, link)]
        )

    def drop(self, now: _snapshot.Snapshot) -> None:
        """Apply the loss to the snapshot."""
        ns = now.namespaces[self.ns]
        link = ns.links[self.link]
        _stack_ops.drop_preferring(ns, self.link, [one.cidr for one in self.addresses])
        state: dict[str, t.Any] = {"up": False, "carrier": None} if self.down else {}
        now.put(
            self.ns,
            dataclasses.replace(
                link, addresses=tuple(one for one in link.addresses if one not in self.addresses), **state
            ),
        )
        for route in self.routes:
            ns.routes.discard(route)
        ns.neighbours[:] = [one for one in ns.neighbours if one not in self.neighbours]
        for key in [key for key in ns.sysctl if self.stack and key[0] == self.link and key[1].startswith("ipv6.")]:
            del ns.sysctl[key]

    def back(self, now: _snapshot.Snapshot) -> list[_ops.Op]:
        """The ops that restore it; ``now`` is the snapshot before the loss."""
        ns = now.namespaces[self.ns]
        of_stack = [
            (key, value)
            for (of, key), value in ns.sysctl.items()
            if self.stack and of == self.link and key.startswith("ipv6.")
        ]
        made = sorted(
            (route for route in self.routes if _address_ops.comes_back(route, ns.links[self.link])),
            key=lambda route: route.leans,
        )
        return [
            *(_stack_ops.SysctlSet(self.ns, self.link, key, value) for key, value in of_stack if value is not None),
            *_address_ops.addresses_back(self.ns, self.link, self.addresses),
            *(_stack_ops.RouteSet(self.ns, route) for route in made),
            *_stack_ops.preferring_again(ns, self.link, [one.cidr for one in self.addresses], besides=self.link),
            *(_stack_ops.NeighbourSet(self.ns, one) for one in self.neighbours),
        ]


def of_down(now: _snapshot.Snapshot, place: Place) -> list[Fall]:
    """What is lost when a link goes down: of the link itself, and of the VLANs on it."""
    return [of_one_down(now.namespaces[place[0]], place[1]), *of_vlans_down(now, place)]


def of_vlans_down(now: _snapshot.Snapshot, place: Place) -> list[Fall]:
    """What is lost with the VLANs on a link that goes down."""
    falling = [(ns, link.name) for ns, link in _parents.vlans_on(now, place) if link.up]
    falls = (dataclasses.replace(fall, down=True) for vlan in falling for fall in of_down(now, vlan))
    return list(falls)


def of_one_down(ns: _snapshot.Namespace, name: str) -> Fall:
    """What one link loses by going down. It keeps IPv4 addresses, and with keep_addr_on_down lasting IPv6 ones that are
    not link-local (addrconf_ifdown()).
    """
    keeps = any(
        (ns.sysctl.get(key) or "0") not in ("0", "-1")
        for key in ((name, f"ipv6.{KEEP}"), (None, f"net.ipv6.conf.all.{KEEP}"))
    )
    gone = (
        one
        for one in ns.links[name].addresses
        if one.six and not (keeps and not one.dynamic and not one.cidr.lower().startswith("fe80:"))
    )
    return Fall(
        ns.key, name, tuple(gone), tuple(ns.routes.by(name)), tuple(one for one in ns.neighbours if one.device == name)
    )


def of_ipv6(ns: _snapshot.Namespace, name: str, stack: bool) -> Fall:
    """What a link loses that loses all of IPv6."""
    addresses = tuple(one for one in ns.links[name].addresses if one.six)
    neighbours = tuple(one for one in ns.neighbours if one.device == name and ":" in one.address)
    return Fall(
        ns.key, name, addresses, tuple(route for route in ns.routes.by(name) if route.family == 6), neighbours, stack
    )


def falls_of(now: _snapshot.Snapshot, mtus: t.Mapping[Place, int]) -> list[Fall]:
    """The links that lose IPv6 with these MTUs."""
    sinking = [place for place, mtu in mtus.items() if mtu < _mtus.LEAST_FOR_IPV6 <= _mtus.mtu_of(now, place)]
    return [of_ipv6(now.namespaces[ns], name, stack=True) for ns, name in sinking]


def words_of(falls: t.Iterable[Fall], now: _snapshot.Snapshot) -> tuple[str, ...]:
    """All losses in words."""
    return tuple(words for fall in falls for words in fall.words(now))


def words_of_ends(now: _snapshot.Snapshot, ends: t.Sequence[Place]) -> tuple[str, ...]:
    """What is lost with deleted links besides their own: links on them, and routes that also use other links or prefer
    their addresses.
    """
    found: list[str] = []
    for ns, name in ends:
        found += [
            f"takes the {link.kind} {link.name}{_ops.where(key)}"
            for key, link in _parents.all_going_with(now, (ns, name))
        ]
        space = now.namespaces[ns]
        shared = [route for route in space.routes.by(name) if len(route.devices) > 1]
        preferring = _stack_ops.preferring(space, name, [one.cidr for one in space.links[name].addresses])
        others = [route for route in preferring if route.family == 4 and name not in route.devices and route.devices]
        found += [
            f"takes the {_stack_ops.words_of(route)}{_ops.where(ns)}" for route in dict.fromkeys((*shared, *others))
        ]
    more = len(found) - _address_ops.MOST_NAMED
    return (*found[: _address_ops.MOST_NAMED], *([f"takes {more} more"] if more > 0 else []))


def follow(now: _snapshot.Snapshot, mtus: t.Mapping[Place, int]) -> None:
    """Change the MTUs of links that follow others, and drop IPv6 of those that are now too small for it."""
    for fall in falls_of(now, mtus):
        fall.drop(now)
    for (ns, name), mtu in mtus.items():
        now.put(ns, dataclasses.replace(now.namespaces[ns].links[name], mtu=mtu))


def forget_peer(now: _snapshot.Snapshot, link: _snapshot.Link) -> None:
    """Delete the other end of a veth whose one end is gone."""
    if link.kind == "veth" and link.peer is not None:
        ns = now.namespaces.get(link.peer[0])
        if ns is not None and link.peer[1] in ns.links:
            forget_link(ns, link.peer[1])


def forget_link(ns: _snapshot.Namespace, name: str, outlasting: t.Container[_address.Address] = ()) -> None:
    """Delete a link's routes and sysctls, and its role as master; ``outlasting``: addresses that it has under another
    name.
    """
    drop_routes(ns, name)
    link = ns.links.pop(name, None)
    if link is not None:
        _stack_ops.drop_preferring(ns, name, [address.cidr for address in link.addresses if address not in outlasting])
    drop_neighbours(ns, name)
    for key in [key for key in ns.sysctl if key[0] == name]:
        del ns.sysctl[key]
    for port in [link for link in ns.links.values() if link.master == name]:
        ns.links[port.name] = dataclasses.replace(port, master=None, port={})


def drop_routes(ns: _snapshot.Namespace, device: str) -> None:
    """Drop a link's routes, as the kernel does when the link goes down or is deleted."""
    for route in ns.routes.by(device):
        ns.routes.discard(route)


def drop_neighbours(ns: _snapshot.Namespace, device: str, but_proxies: bool = False) -> None:
    """Drop a link's neighbours, as the kernel does when it goes down or is deleted; if its MAC changes, all but proxies
    (net/core/neighbour.c).
    """
    ns.neighbours[:] = [one for one in ns.neighbours if one.device != device or (but_proxies and one.proxy)]


def of_loopback(link: _snapshot.Link) -> dict[str, t.Any]:
    """The addresses of lo when it comes up: the kernel adds its own, that of IPv4 only to a lo without one
    (inetdev_event(), init_loopback()).
    """
    if link.name != "lo" or link.up:
        return {}
    have = {address.cidr for address in link.addresses}
    own = ["::1/128"] if any(":" not in cidr for cidr in have) else ["127.0.0.1/8", "::1/128"]
    added = (_address.Address(cidr, link_local=True) for cidr in own if cidr not in have)
    return {"addresses": (*link.addresses, *added)}
