# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses of a link: the exact list, and the conditions for a declared address to be in effect."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _address,
    _address_ops,
    _errors,
    _fallout,
    _mtus,
    _plan,
    _route,
    _routes,
    _scope,
    _snapshot,
    _stack_ops,
)

LOOPBACK = "::1"
IPV6_METRIC = 256  # IP6_RT_PRIO_ADDRCONF, of the kernel's own routes


def refuse_small_mtu(addresses: t.Sequence[str] | None, mtu: int | None, path: str) -> None:
    """Refuse IPv6 addresses with an MTU below the least: such a link has no IPv6 at all."""
    six = next((cidr for cidr in addresses or () if ":" in cidr), None)
    if six and mtu is not None and mtu < _mtus.LEAST_FOR_IPV6:
        raise _errors.BadInput(
            f"{path}mtu: {mtu} is too small for '{six}': IPv6 needs an MTU of at least {_mtus.LEAST_FOR_IPV6}."
        )


def scope(
    scope_: _scope.Scope, ns: _snapshot.NsKey, name: str, addresses: t.Sequence[str] | None, up: bool | None
) -> None:
    """Add to the scope what has to be read besides the link: whether IPv6 is on, and what becomes of its addresses when
    the link goes down.
    """
    if any(":" in cidr for cidr in addresses or ()):
        scope_ipv6(scope_, ns, name)
    if addresses:
        scope_.routes.add((ns, _routes.CONNECTED))
    if up is False:
        scope_.sysctls |= {(ns, name, f"ipv6.{_fallout.KEEP}"), (ns, None, f"net.ipv6.conf.all.{_fallout.KEEP}")}


def scope_ipv6(scope_: _scope.Scope, ns: _snapshot.NsKey, name: str) -> None:
    """Add to the scope whether IPv6 is on."""
    scope_.sysctls |= {(ns, name, _address.OFF), (ns, None, _address.OFF_BY_DEFAULT)}


def plan(planner: _plan.Planner, ns: _snapshot.NsKey, name: str, wanted: tuple[str, ...] | None) -> None:
    """Plan the exact list. Addresses of the kernel and leased ones appear by themselves and are left alone, unless they
    are declared.
    """
    if wanted is None:
        return
    have = {address.key: address for address in planner.now.namespaces[ns].links[name].addresses}
    keys = {_address.key_of(cidr): cidr for cidr in wanted}
    for key, cidr in keys.items():
        if key in have:
            _mend(planner, ns, name, have[key], cidr)
        else:
            planner.do(_addition(planner, ns, name, key, cidr))
    # Addresses are deleted last: with its last IPv4 address a link loses all its routes (fib_disable_ip() in
    # net/ipv4/fib_frontend.c).
    for address in _address_ops.to_delete(
        [address for key, address in have.items() if address.declared and key not in keys]
    ):
        planner.do(deletion(ns, name, address))


def deletion(ns: _snapshot.NsKey, name: str, address: _address.Address) -> _address_ops.AddressDelete:
    """The op that deletes exactly this address, and not another one that differs only in its peer."""
    return _address_ops.AddressDelete(ns, name, address.cidr, address.detail.get("peer"))


def _addition(planner: _plan.Planner, ns: _snapshot.NsKey, name: str, key: str, cidr: str) -> _address_ops.AddressAdd:
    """The op that adds a declared address. If this plan removed it, as when the link goes down, it keeps the details
    that a declared one may have.
    """
    if key == LOOPBACK and name != "lo" and planner.now.namespaces[ns].links[name].kind != "vrf":
        raise _errors.Conflict(f"Cannot give '{name}' the address {cidr}: the kernel keeps that for lo.")
    link = _same_before(planner, ns, name)
    old = (
        next((one for one in link.addresses if one.key == key and one.cidr == cidr), None) if link is not None else None
    )
    if old is None:
        return _address_ops.AddressAdd(ns, name, cidr)
    return _address_ops.AddressAdd(
        ns,
        name,
        cidr,
        {**_address.as_declared(old.detail), **({"nodad": True} if old.six and old.usable else {})},
        again=True,
    )


def _same_before(planner: _plan.Planner, ns: _snapshot.NsKey, name: str) -> _snapshot.Link | None:
    """The link as it was read, if it still is the same link."""
    before, now = planner.before.link(ns, name), planner.now.link(ns, name)
    return (
        before
        if before is not None and now is not None and now.index is not None and before.index == now.index
        else None
    )


def _mend(planner: _plan.Planner, ns: _snapshot.NsKey, name: str, found: _address.Address, cidr: str) -> None:
    """Repair a declared address that exists, but not as declared, or not in effect."""
    if (
        found.failed
        or found.cidr != cidr
        or {"peer", "scope"} & set(found.detail)
        or _is_deaf(planner, ns, name, found)
    ):
        _replace(planner, ns, name, found, cidr)
        return
    route = _missing_route(planner, ns, name, found)
    reasons = ["which expires"] if found.dynamic and not found.renewed else []
    reasons += ["which is deprecated"] if not found.preferred and not found.renewed else []
    if route is not None:
        bare = " (noprefixroute)" if found.detail.get("flags", 0) & _address.IFA_F_NOPREFIXROUTE else ""
        reasons.append(f"whose route to {route.destination} is missing{bare}")
    if reasons:
        planner.do(_address_ops.AddressRenew(ns, name, found, " and ".join(reasons), route))


def _replace(planner: _plan.Planner, ns: _snapshot.NsKey, name: str, found: _address.Address, cidr: str) -> None:
    """Recreate an address whose prefix length (IPv6), peer or scope differs, or whose route of type local is missing:
    these are set at creation. Routes that are lost with it return.
    """
    op = deletion(ns, name, found)
    lost = op.lost(planner.now.namespaces[ns])
    planner.do(op)
    planner.do(_address_ops.AddressAdd(ns, name, cidr, {"nodad": True} if found.six and found.usable else {}))
    for route in sorted(lost, key=lambda one: one.leans):
        planner.do(_stack_ops.RouteSet(ns, route))


def _has_table(planner: _plan.Planner, ns: _snapshot.NsKey, name: str) -> bool:
    """Whether the routes of a link's addresses exist, and are in the tables of the namespace."""
    before, links = _same_before(planner, ns, name), planner.now.namespaces[ns].links
    master = links.get(links[name].master or "")
    vrf = "vrf" in (links[name].kind, master.kind if master is not None else None)
    return before is not None and before.up and links[name].up and not vrf


def _is_deaf(planner: _plan.Planner, ns: _snapshot.NsKey, name: str, address: _address.Address) -> bool:
    """Whether somebody deleted the route by which the kernel takes packets to an address for the host's own."""
    return (
        address.usable
        and _has_table(planner, ns, name)
        and not planner.before.namespaces[ns].routes.takes_in(address.cidr.split("/")[0])
    )


def _missing_route(
    planner: _plan.Planner, ns: _snapshot.NsKey, name: str, address: _address.Address
) -> _route.Route | None:
    """The route to its network that the kernel makes with an address (fib_add_ifaddr(), inet6_addr_add()), if somebody
    deleted it.

    A route that somebody put into its place belongs to that person.
    """
    space = planner.now.namespaces[ns]
    if not _has_table(planner, ns, name) or name == "lo":
        return None
    if not address.six and address.cidr.endswith("/32"):
        return None
    before_routes = planner.before.namespaces[ns].routes
    metric = address.detail.get("metric") or (IPV6_METRIC if address.six else 0)
    if any(address.network == route.destination and route.device == name for route in before_routes.connected()):
        return None
    # Somebody may have put another one there: by the same link with any metric, or in its very place.
    in_its_place = [
        route
        for route in space.routes.of(_route.Route(address.network, metric=metric).slot)
        if route.protocol != "kernel"
    ]
    if in_its_place or any(route.destination == address.network for route in space.routes.by(name)):
        return None
    source, range_ = (None, None) if address.six else (address.cidr.split("/")[0], "link")
    return _route.Route(address.network, metric=metric, device=name, source=source, scope=range_, protocol="kernel")
