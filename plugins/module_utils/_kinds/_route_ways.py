# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the host has a way to a route's gateway, as the kernel asks."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds import _route_spec
from ansible_collections.netloom.linux.plugins.module_utils._model import (
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
    source = spec.wanted.source
    if source and not _is_local(source, ns.links.values()):
        planner.missing(f"{wish} with the source {source}: no link has that address. Give it to one first.")
    for way in () if route.onlink else route.ways:
        if way.gateway and not on_link(way, ns):
            of = f" of {way.device!r}" if way.device else ""
            planner.missing(
                f"{wish} via {way.gateway}: no address{of} covers that gateway."
                " Give the link an address in its network first (netloom.linux.veth, netns_interface), or set onlink."
            )


def _is_local(source: str, links: t.Iterable[_snapshot.Link]) -> bool:
    """Whether the host has the address. On lo it has the whole network."""
    address = ipaddress.ip_address(source)
    having = ((link.name, ipaddress.ip_interface(one.cidr)) for link in links for one in link.addresses)
    return any(address in one.network if name == "lo" else address == one.ip for name, one in having)


def on_link(way: _route.Nexthop, ns: _snapshot.Namespace) -> bool:
    """Whether an address of a link, or a route through one, covers the gateway."""
    gateway = str(way.gateway)
    if ":" in gateway and ipaddress.ip_address(gateway).is_link_local:
        return way.device is not None
    links = (link for link in ns.links.values() if link.up and way.device in (None, link.name))
    return any(covers(link, gateway) for link in links) or ns.routes.reach(gateway, way.device)


def covers(link: _snapshot.Link, gateway: str) -> bool:
    address = ipaddress.ip_address(gateway)
    return any(
        address in ipaddress.ip_interface(one.cidr).network
        for one in link.addresses
        if (":" in one.cidr) == (":" in gateway)
    )
