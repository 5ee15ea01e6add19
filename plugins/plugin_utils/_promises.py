# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The promises of declared networks, as probes for ``reachability``: who reaches whom, and who must not."""

from __future__ import annotations

import collections
import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _bridge,
    _bridge_nat,
    _bridge_network,
    _members,
    _ovs_vlan_dhcp,
    _router,
    _vxlan_nat,
    _vxlan_network,
)

T = t.TypeVar("T")


def pairs(things: c.Sequence[T], most: int) -> list[tuple[T, T]]:
    """Every ordered pair. If there would be more than ``most``, only each thing with the next one, in a ring."""
    count = len(things)
    if count * (count - 1) <= most:
        return [(one, other) for one in things for other in things if one is not other]
    return [(one, things[(index + 1) % count]) for index, one in enumerate(things)]


def _probe(source: str | None, target: str, protocol: str, reachable: bool = True, **more: t.Any) -> _members.Item:
    where = {} if source is None else {"from": source}
    return {**where, "to": target, "protocol": protocol, "expect": "reachable" if reachable else "unreachable", **more}


def of_bridge_networks(networks: t.Any, most: int) -> list[_members.Item]:
    """Probes of bridge networks: members reach each other (unless both are isolated), the gateway and published ports.
    No frame passes to another network.
    """
    return _of_bridges([network for network in _bridge_network.read(networks) if not network.gone], most)


def of_vxlan_networks(networks: t.Any, host: str, most: int) -> list[_members.Item]:
    """Probes of what is on one host of networks over several hosts, as of networks on its bridges. Members with DHCP
    have their leases from the one server, wherever it is.
    """
    declared = [network for network in _vxlan_network.read(networks) if host in network.hosts]
    leases = [
        _probe(
            member.name,
            network.server.address,
            "dhcp",
            interface=member.interface,
            range=f"{network.server.start}-{network.server.end}",
        )
        for network in declared
        for member in network.present
        if member.leased and member.host == host and network.server
    ]
    return _of_bridges([_vxlan_nat.on_host(network, host) for network in declared], most) + leases


def _of_bridges(living: c.Sequence[_bridge.Network], most: int) -> list[_members.Item]:
    times = collections.Counter(member.name for network in living for member in network.members)
    # Of a namespace in several networks the name would not say which address is meant.
    plain = {name for name, count in times.items() if count == 1}
    found = []
    for network in living:
        members = [member for member in network.members if not member.gone]
        for one, other in pairs(members, most):
            targets = [other.name] if other.name in plain and len(other.addresses) <= 1 else other.addresses
            found += [
                _probe(one.name, target, "icmp", reachable=not (one.isolated and other.isolated)) for target in targets
            ]
        found += [
            _probe(one.name, other.name, "tcp")
            for one, other in pairs(members, len(members))
            if other.name in plain and not one.isolated
        ]
        found += [_probe(member.name, gateway, "icmp") for member in members for gateway in network.gateways]
        found += _published(network, members)
    names = [[member.name for member in network.members if not member.gone] for network in living]
    return [*found, *_separate(living), *_apart(names, most)]


def _separate(networks: c.Sequence[_bridge.Network]) -> c.Iterator[_members.Item]:
    """The host routes nobody between two networks that are apart. The first members are probed, unless a namespace is
    in both networks.

    A member without an address of an IP version proves nothing for it.
    """
    ways: dict[tuple[str, str], None] = {}
    for network in networks:
        for other in _bridge_nat.apart_from(network, networks):
            ours, theirs = ([member for member in one.members if not member.gone] for one in (network, other))
            if not (ours and theirs) or {member.name for member in ours} & {member.name for member in theirs}:
                continue
            for source, target in ((ours[0], theirs[0]), (theirs[0], ours[0])):
                families = {":" in address for address in source.addresses}
                ways.update(
                    dict.fromkeys(
                        (source.name, address) for address in target.addresses if (":" in address) in families
                    )
                )
    return (_probe(source, address, "icmp", reachable=False) for source, address in ways)


def _published(network: _bridge.Network, members: c.Sequence[_bridge.Member]) -> c.Iterator[_members.Item]:
    """Ports lead to their members: from the host, from the member itself and from its neighbour, whatever listens
    there.

    With an uplink it is not known here which addresses the host has. Isolated ports let none of the bridge's own frames
    come back.
    """
    for number, member in enumerate(members):
        for port in member.publish:
            answered: _members.Item = {
                "listen": True,
                "listen_in": member.name,
                "listen_port": port.to_port or port.port,
            }
            if port.localhost:
                yield _probe(None, "127.0.0.1", port.protocol, port=port.port, **answered)
            if port.address and not member.default_route:
                continue
            inside = [] if member.isolated else dict.fromkeys((member.name, members[(number + 1) % len(members)].name))
            for address in [port.address] if port.address else () if network.uplink else network.gateways:
                for source in (None, *inside):
                    yield _probe(source, address, port.protocol, port=port.port, **answered)


def of_ovs_tenants(tenants: t.Any, most: int, host: str | None = None, tunnels: bool = False) -> list[_members.Item]:
    """Probes of tenants: members reach each other (by TCP too) and their own server, which gave them their leases. No
    frame passes to another tenant. ``host``: only of members on this host; ``tunnels``: whether tunnels join the hosts.
    """
    living = _living(tenants, host, tunnels)
    found = []
    for tenant in living:
        names = [member.name for member in tenant.members if not member.gone]
        found += [_probe(one, other, "icmp") for one, other in pairs(names, most)]
        found += [_probe(one, other, "tcp") for one, other in pairs(names, len(names))]
        found += [_probe(name, tenant.server.address, "icmp") for name in names]
        # Tenants may have equal addresses: which server answers, only its MAC address tells. A host only knows its own.
        if _ovs_vlan_dhcp.is_on(tenant.server, host):
            found += [_probe(name, tenant.server.address, "arp", answered_by=tenant.server.netns) for name in names]
        leased = [member for member in tenant.members if member.address is None and not member.gone]
        span = f"{tenant.server.leases.start}-{tenant.server.leases.end}"
        found += [
            _probe(member.name, tenant.server.address, "dhcp", interface=member.device, range=span) for member in leased
        ]
    return found + _apart([[member.name for member in tenant.members if not member.gone] for tenant in living], most)


def _living(tenants: t.Any, host: str | None, tunnels: bool) -> list[_ovs_vlan_dhcp.Tenant]:
    read = _ovs_vlan_dhcp.of_host(_ovs_vlan_dhcp.read(tenants, joined=tunnels), host)
    return [tenant for tenant in read if not tenant.gone]


def of_routers(
    routers: t.Any, tenants: t.Any, most: int, host: str | None = None, tunnels: bool = False
) -> list[_members.Item]:
    """Probes of routers: their addresses, and gateways that answer outside. Tenants whose gateway a router is reach it,
    and each other through it.

    Objects that are not declared here, such as the members of other tenants, are not probed.
    """
    living = _living(tenants, host, tunnels)
    found = []
    for router in (one for one in _router.read(routers, "OVS1", "") if not one.gone):
        own = [leg.address.split("/")[0] for leg in router.legs]
        found += [_probe(router.netns, address, "route", via="lo") for address in own]
        joined = [tenant for tenant in living if tenant.gateway in own]
        members = [(tenant, member) for tenant in joined for member in tenant.members if not member.gone]
        found += [_probe(member.name, t.cast("str", tenant.gateway), "icmp") for tenant, member in members]
        # Who takes no default route does not know the way to another tenant.
        firsts = {tenant.name: member.name for tenant, member in reversed(members) if member.default_route}
        found += [_probe(one, other, "icmp") for one, other in pairs(list(firsts.values())[::-1], most)]
        found += _outside(router)
        floating = {to: address for address, to in router.floating}
        for tenant in joined:
            found += _floating(tenant, floating)
    return found


def _outside(router: _router.Router) -> c.Iterator[_members.Item]:
    if router.external is None or router.gateway is None:
        return
    yield _probe(router.netns, router.gateway, "route", via=_router.OUTER)
    yield _probe(router.snat_netns, router.gateway, "icmp" if ":" in router.gateway else "arp")
    for address, _to in (*router.floating, (router.external.address.split("/")[0], "")):
        yield _probe(router.snat_netns, address, "route", via="lo")


def _floating(tenant: _ovs_vlan_dhcp.Tenant, floating: c.Mapping[str, str]) -> c.Iterator[_members.Item]:
    """Probes of floating addresses: a neighbour reaches a member by its floating address too."""
    members = [member for member in tenant.members if not member.gone]
    for member in members:
        address = floating.get(member.address or "")
        neighbour = next((one.name for one in members if one is not member and one.default_route), None)
        if address and neighbour and member.default_route:
            yield _probe(neighbour, address, "icmp")


def _apart(groups: c.Sequence[c.Sequence[str]], most: int) -> list[_members.Item]:
    """Probes that no frame reaches a member of another group, unless the two are in one group elsewhere.

    Ethernet, not IP: with equal subnets an IP packet cannot even name the other's member.
    """
    inhabited = [group for group in groups if group]
    memberships: dict[str, set[int]] = {}
    for index, group in enumerate(inhabited):
        for name in group:
            memberships.setdefault(name, set()).add(index)
    everybody = sum(len(group) for group in inhabited) ** 2 <= most
    found = []
    for one, other in pairs(inhabited, most):
        sources, targets = (one, other) if everybody else (one[:1], other[:1])
        for source, target in ((source, target) for source in sources for target in targets):
            if not memberships[source] & memberships[target]:
                found.append(_probe(source, target, "ethernet", reachable=False))
    return found
