# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the host has a way to a route's gateway, as the kernel asks."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds import _route_spec
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _address_ops,
    _errors,
    _plan,
    _route,
    _snapshot,
    _stack_ops,
)


def require_ways(spec: _route_spec.RouteSpec, route: _route.Route, planner: _plan.Planner) -> None:
    """Require each device to exist and be up, and each gateway to be on a link (the kernel says only 'Network is
    unreachable').
    """
    ns = planner.now.namespaces[spec.ns]
    place = f" in namespace '{spec.ns}'" if spec.ns else ""
    wish = f"Cannot route '{_stack_ops.destination_of(route)}'{place}"
    for device in sorted(route.devices):
        link = ns.links.get(device)
        if link is None:
            planner.missing(
                f"{wish} by '{device}': no such link. Create it first, with netloom.linux.veth, say.", (spec.ns, device)
            )
            planner.now.put(spec.ns, _snapshot.Link(device, up=True))
        elif not link.up:
            planner.missing(f"{wish} by '{device}': the link is down. Declare it with up: true first.")
        if route.family == 6:
            _address_ops.refuse_ipv6(planner.now, spec.ns, device, f"{wish} by '{device}'", "no IPv6 route")
    source = spec.wanted.source
    if source and not _is_local(source, ns.links.values()):
        planner.missing(f"{wish} with the source {source}: no link has that address. Give it to one first.")
    for way in route.ways:
        if way.gateway:
            _refuse_gateway(way, route, ns, f"{wish} via {way.gateway}")
        if way.gateway and not route.onlink and not on_link(way, ns, route.table):
            of = f" of {way.device!r}" if way.device else ""
            _refuse_apart(way, ns, route.table, f"{wish} via {way.gateway}")
            planner.missing(
                f"{wish} via {way.gateway}: no address{of} covers that gateway."
                " Give the link an address in its network first (netloom.linux.veth, netns_interface), or set onlink."
            )


def _refuse_gateway(way: _route.Nexthop, route: _route.Route, ns: _snapshot.Namespace, wish: str) -> None:
    """Refuse a gateway for which the kernel says only 'Invalid argument' (fib_check_nh(), ip6_validate_gw())."""
    gateway, apart = ipaddress.ip_address(str(way.gateway)), _apart(way, ns, route.table)
    there = [
        (link.name, ipaddress.ip_interface(one.cidr))
        for link in ns.links.values()
        if link.up and way.device in (None, link.name) and link.name not in apart
        for one in link.addresses
        if one.six == (gateway.version == 6)
    ]
    owner = next((name for name, one in there if one.ip == gateway), None)
    if owner is not None and gateway.version == 6:
        raise _errors.Conflict(f"{wish}: that is the host's own address, of '{owner}'. Give that of the next router.")
    for name, one in there if gateway.version == 4 else ():
        if gateway == one.network.broadcast_address and one.network.prefixlen < 31 and owner is None:
            raise _errors.Conflict(
                f"{wish}: that is the broadcast address of {one.network}, the network of '{name}'. Give the address of"
                " a router in it."
            )
    if route.scope == "link" and (route.onlink or owner is None):
        raise _errors.Conflict(f"{wish} with scope 'link': what is behind a gateway is not on the link. Leave it out.")


def _is_local(source: str, links: t.Iterable[_snapshot.Link]) -> bool:
    """Whether the host has the address. On lo it has the whole network."""
    address = ipaddress.ip_address(source)
    having = ((link.name, ipaddress.ip_interface(one.cidr)) for link in links for one in link.addresses)
    return any(address in one.network if name == "lo" else address == one.ip for name, one in having)


def on_link(way: _route.Nexthop, ns: _snapshot.Namespace, table: int) -> bool:
    """Whether an address of a link, or a route through one, covers the gateway of a route in this table."""
    gateway = str(way.gateway)
    if ":" in gateway and ipaddress.ip_address(gateway).is_link_local:
        return way.device is not None
    apart = _apart(way, ns, table)
    links = (link for link in ns.links.values() if link.up and way.device in (None, link.name))
    return any(covers(link, gateway) for link in links if link.name not in apart) or ns.routes.reach(
        gateway, way.device, apart
    )


def _apart(way: _route.Nexthop, ns: _snapshot.Namespace, table: int) -> list[str]:
    """The links that are out of reach: a port of a VRF has its connected routes in the VRF's table, where the kernel
    looks only if the route names the port, or is in another table than main.
    """
    if way.device is not None or table != _route.MAIN:
        return []
    vrfs = [link.name for link in ns.links.values() if link.kind == "vrf"]
    return [link.name for link in ns.links.values() if link.master in vrfs]


def covers(link: _snapshot.Link, gateway: str) -> bool:
    address = ipaddress.ip_address(gateway)
    return any(
        address in ipaddress.ip_interface(one.cidr).network
        for one in link.addresses
        if (":" in one.cidr) == (":" in gateway)
    )


def _refuse_apart(way: _route.Nexthop, ns: _snapshot.Namespace, table: int, wish: str) -> None:
    """Refuse a gateway that only a port of a VRF reaches: this port has an address in its network, all the same."""
    for name in _apart(way, ns, table):
        if covers(ns.links[name], str(way.gateway)):
            raise _errors.Conflict(
                f"{wish}: only '{name}' has an address in its network, which is a port of the VRF"
                f" '{ns.links[name].master}' and has a routing table of its own. Give the device '{name}', or the table"
                " of the VRF."
            )
