# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a NIC must be to become an uplink. What would not come back whole is refused by name."""

from __future__ import annotations

import ipaddress

from ansible_collections.netloom.linux.plugins.module_utils._kinds.link import _link, _uplink_spec
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _plan,
    _scope,
    _snapshot,
    _stack_ops,
    _uplink,
    _words,
)


def require(spec: _uplink_spec.UplinkSpec, link: _link.LinkSpec, planner: _plan.Planner) -> _snapshot.Link:
    """Require the NIC to exist and to be able to be a port. Everything is refused before anything is touched."""
    place = f" in namespace '{spec.ns}'" if spec.ns else " on the host"
    wish = f"{spec.path}uplink: cannot make '{spec.name}' the uplink of '{spec.bridge}'"
    nic = planner.now.link(spec.ns, spec.name)
    if nic is None:
        others = _others(spec, planner)
        cards = sorted(name for name, link in others.items() if not link.kind)
        place += f"; its NICs are {_words.some(cards)}" if cards else ""
        planner.missing(
            f"{wish}: no such link{place}. A NIC that is elsewhere is moved with"
            " netloom.linux.netns_interface; `netns` says where the bridge is.",
            (spec.ns, spec.name),
            named=(spec.name, others),
        )
        planner.now.put(spec.ns, _snapshot.Link(spec.name))
        return planner.now.namespaces[spec.ns].links[spec.name]
    left = planner.now.answers.get(_scope.GuardOf(spec.ns, spec.name))
    if isinstance(left, int) and not isinstance(left, bool):
        raise _errors.Conflict(
            f"{wish}: another run is moving it, and is not confirmed yet. Run again in {left} s, when that is decided."
        )
    if nic.kind == "bridge":
        raise _errors.Conflict(
            f"{wish}: it is a bridge itself. Name the NIC that is its port, and declare one bridge only."
        )
    holder = spec.plug.holder(planner.now, nic)
    if holder:
        raise _errors.Conflict(f"{wish}: it is a port {holder}. Take it out there first.")
    if spec.ns is None and planner.now.answers.get(_scope.Wired(spec.name)) is False and nic.kind == "":
        raise _errors.Conflict(
            f"{wish}: it is a wireless device, and an access point takes frames of its own MAC address only. Route"
            " instead (netns_nat)."
        )
    _require_addresses(spec, link, nic, wish, planner)
    wish = f"{spec.path}uplink: make '{spec.name}' the uplink of '{spec.bridge}'"
    _stack_ops.refuse_bound(spec.ns, _uplink.belongings(planner.now.namespaces[spec.ns], spec.name).routes, wish)
    return nic


def _others(spec: _uplink_spec.UplinkSpec, planner: _plan.Planner) -> dict[str, _snapshot.Link]:
    """The links that may be meant by the name of a NIC that is not there."""
    there = planner.now.namespaces.get(spec.ns)
    return (
        {} if there is None else {name: link for name, link in there.links.items() if name not in ("lo", spec.bridge)}
    )


def _require_addresses(
    spec: _uplink_spec.UplinkSpec, link: _link.LinkSpec, nic: _snapshot.Link, wish: str, planner: _plan.Planner
) -> None:
    leased = [address.cidr for address in nic.addresses if address.dynamic and ":" not in address.cidr]
    if leased and link.addresses is None:
        raise _errors.Conflict(
            f"{wish}: {leased[0]} is leased by DHCP, and the client would go on renewing it on '{nic.name}'. "
            "Stop that client, and declare the bridge's `addresses`."
        )
    if leased:
        planner.warn(
            f"{leased[0]} of '{nic.name}' is leased by DHCP: stop that client, which would put it back onto"
            f" '{nic.name}'."
        )
    if link.addresses is None:
        return
    networks = [ipaddress.ip_interface(cidr).network for cidr in link.addresses]
    ours = known(planner.now, spec).routes
    near = [*networks, *(ipaddress.ip_network(route.destination) for route in ours if not route.leans)]
    behind = {
        way.gateway: route
        for route in ours
        for way in route.ways
        if way.gateway and way.device == nic.name and not (way.onlink or route.onlink)
    }
    for text, route in behind.items():
        gateway = ipaddress.ip_address(text)
        if not gateway.is_link_local and not any(gateway in network for network in near):
            raise _errors.BadInput(
                f"{spec.path}addresses: none covers the gateway {gateway} of the route to"
                f" '{_stack_ops.destination_of(route)}', which moves with the uplink '{nic.name}'. Add the address that"
                " does, leave `addresses` out, or delete that route first."
            )


def known(now: _snapshot.Snapshot, spec: _uplink_spec.UplinkSpec) -> _uplink.Belongings:
    """What moves: what is recorded, and what the NIC got since. For a NIC that was made a port by hand, what its bridge
    has.
    """
    ns = now.namespaces[spec.ns]
    home = _uplink.home_of(now, spec.ns, spec.name)
    here = _uplink.belongings(ns, spec.name)
    if home is not None and home.bridge == spec.bridge:
        return home.own.with_strays(here)
    if spec.bridge in ns.links and spec.plug.holds(now, ns.links[spec.name]) and not here.addresses:
        return _uplink.belongings(ns, spec.bridge).on(spec.name, spec.bridge).with_strays(here)
    return here
