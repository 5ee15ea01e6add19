# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a lease is in effect: what of it is not on the link, and why."""

from __future__ import annotations

import ipaddress

from ansible_collections.netloom.linux.plugins.module_utils._kinds import _dhcp_client_spec
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _daemon_ops,
    _lease,
    _plan,
    _snapshot,
)

UNANSWERED = "no server has answered"


def trouble(daemon: _snapshot.Daemon, ns: _snapshot.Namespace) -> str | None:
    """Why a client is not present. None if it lives, on this interface, and its lease is in effect."""
    return broken(daemon, ns) or lost(daemon, ns)


def broken(daemon: _snapshot.Daemon, ns: _snapshot.Namespace) -> str | None:
    """Why a client needs a new lease, or None."""
    if not daemon.alive:
        return "the client is not running"
    displaced = _displaced(daemon, ns)
    if displaced or daemon.planned:
        return displaced
    if daemon.lease is None:
        return UNANSWERED
    return _daemon_ops.lost_lease(daemon, ns) or _cut_off(daemon, daemon.lease, ns)


def _cut_off(daemon: _snapshot.Daemon, lease: _lease.Lease, ns: _snapshot.Namespace) -> str | None:
    """The route that only returns when the leased address is removed and set again: that of its network, or one that
    another leased route prevents.
    """
    network = ipaddress.ip_interface(lease.address).network
    if network.num_addresses > 1 and not any(route.destination == str(network) for route in ns.routes.by(daemon.name)):
        return f"the route {network} of the leased address is gone"
    for destination, gateway in _ways(daemon, lease, ns):
        own = [
            route
            for route in ns.routes.by(daemon.name)
            if (route.destination, route.table) == (destination, _dhcp_client_spec.MAIN)
        ]
        # A declared one, or that of another interface, comes before it.
        if (
            own
            and all(route.gateway != gateway and route.protocol != "static" for route in own)
            and len(own) == len(ns.routes.to(destination, _dhcp_client_spec.MAIN))
        ):
            return f"its {_said(destination, gateway)} leads elsewhere"
    return None


def lost(daemon: _snapshot.Daemon, ns: _snapshot.Namespace) -> str | None:
    """The missing route of a lease whose address is present, or None."""
    ways = _ways(daemon, daemon.lease, ns) if daemon.lease is not None and not daemon.planned else []
    own = (
        {route.destination for route in ns.routes.by(daemon.name) if route.table == _dhcp_client_spec.MAIN}
        if ways
        else set()
    )
    return next(
        (
            f"its {_said(*way)} is gone"
            for way in ways
            if way[0] not in own and not ns.routes.to(way[0], _dhcp_client_spec.MAIN)
        ),
        None,
    )


def _said(destination: str, gateway: str | None) -> str:
    named = "default" if destination == _dhcp_client_spec.DEFAULT else destination
    return f"route {named}{f' via {gateway}' if gateway else ''}"


def is_tentative(daemon: _snapshot.Daemon, ns: _snapshot.Namespace) -> bool:
    """Whether the kernel still looks for another owner of an IPv6 address."""
    lease, link = daemon.lease, ns.links.get(daemon.name)
    return (
        lease is not None
        and link is not None
        and any(lease.is_address(one.cidr) and one.tentative for one in link.addresses)
    )


def _ways(daemon: _snapshot.Daemon, lease: _lease.Lease, ns: _snapshot.Namespace) -> list[tuple[str, str | None]]:
    """The routes that the client sets. With classless ones it ignores the routers (RFC 3442). It cannot set routes off
    every network, or in a VRF.
    """
    link = ns.links.get(daemon.name)
    master = ns.links.get(link.master or "") if link is not None else None
    if master is not None and master.kind == "vrf":
        return []
    network = ipaddress.ip_interface(lease.address).network
    ways = lease.routes or tuple((_dhcp_client_spec.DEFAULT, router) for router in lease.routers[:1])
    near = [
        (destination, gateway)
        for destination, gateway in ways
        if gateway is None or ipaddress.ip_address(gateway) in network
    ]
    return [
        way for way in near if way[0] != _dhcp_client_spec.DEFAULT or _dhcp_client_spec.takes_default(daemon.settings)
    ]


def lost_mtu(daemon: _snapshot.Daemon, planner: _plan.Planner) -> str | None:
    """The missing MTU of the lease. It applies only if no user declared an MTU."""
    link, leased = (
        planner.now.link(daemon.netns, daemon.name),
        daemon.lease.mtu if daemon.lease is not None and not daemon.planned else None,
    )
    if (
        link is None
        or link.mtu is None
        or leased is None
        or leased <= _dhcp_client_spec.LEAST_MTU
        or daemon.kind not in _dhcp_client_spec.SET_MTU
        or (daemon.netns, daemon.name) in planner.pinned_mtus
    ):
        return None
    lost = link.mtu > leased or (link.mtu < leased and link.kind in _dhcp_client_spec.TAKES_ANY_MTU)
    return f"its MTU is {link.mtu}, not {leased}" if lost else None


def _displaced(daemon: _snapshot.Daemon, ns: _snapshot.Namespace) -> str | None:
    """Why the client runs in vain: the objects on which it was started were replaced."""
    link = ns.links.get(daemon.name)
    if daemon.inode != ns.inode:
        return f"namespace {ns.key} was made anew"
    if link is None:
        return f"{daemon.name} is gone"
    # In a planned state the numbers are not known and are 0.
    return f"{daemon.name} was made anew" if daemon.links.get(daemon.name, 0) != (link.index or 0) else None
