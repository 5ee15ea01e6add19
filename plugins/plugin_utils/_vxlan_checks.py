# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must not be in a declaration of VXLAN networks: twice the same, what one host cannot do, what tunnels need."""

from __future__ import annotations

import collections.abc as c
import ipaddress

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _words
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _bridge_nat,
    _entry,
    _fleet_ends,
    _members,
    _vxlan,
    _vxlan_mtu,
    _vxlan_nat,
)

MOST_NAMED = 3


def check(networks: c.Sequence[_vxlan.Network]) -> None:
    """Refuse what is wrong wherever the hosts are."""
    once = _entry.Once()
    for network in networks:
        once.take(("network", network.name), network.entry.at("name"), f"the name '{network.name}'")
        once.take(("vni", network.vni), network.entry.at("vni"), f"VNI {network.vni}")
        _check_members(network, once)
        _check_dhcp(network)
        _check_isolated(network)
    _check_namespaces(networks)
    _check_links(networks, once)
    _check_gateways(networks)


def _check_members(network: _vxlan.Network, once: _entry.Once) -> None:
    places: dict[str, _vxlan.Member] = {}
    if network.server:
        _take_mac(network, once, network.server.mac, network.server.entry.path)
    for host in network.named:
        _take_mac(network, once, network.bridge_mac(host), network.entry.at("bridge"))
    for member in network.members:
        other = places.setdefault(member.name, member)
        if other.host != member.host:
            raise _errors.BadInput(
                f"{member.entry.at('host')}: '{member.name}' is already a member on host '{other.host}', by"
                f" {other.entry.path}; its MAC address is made of its name, so give one of them another name."
            )
        _take_mac(network, once, member.mac, member.entry.at("mac"))
        if member.default_route and not member.gone:
            for version in sorted(network.subnets.versions):
                what = (
                    f"the default IPv{version} route of namespace '{member.name}' (switch one off with 'default_route:"
                    " false')"
                )
                once.take(("default", member.host, member.name, version), member.entry.at("default_route"), what)


def _take_mac(network: _vxlan.Network, once: _entry.Once, mac: str, path: str) -> None:
    once.take(("mac", network.name, mac), path, f"the MAC address {mac} in network '{network.name}'")


def _check_dhcp(network: _vxlan.Network) -> None:
    server, leased = network.server, sum(1 for member in network.members if member.leased)
    if server is None:
        return
    if leased > server.free:
        raise _errors.BadInput(
            f"{server.entry.path}: the range {server.start} to {server.end} has {server.free} free addresses for"
            f" {leased} members; make it larger."
        )


def _check_isolated(network: _vxlan.Network) -> None:
    """The kernel isolates ports of one bridge. What comes out of a tunnel, it lets through to every port."""
    isolated = [member for member in network.present if member.isolated]
    for member in isolated:
        if member.host != isolated[0].host:
            raise _errors.BadInput(
                f"{member.entry.at('isolated')}: '{isolated[0].name}' on host '{isolated[0].host}' is isolated, too,"
                " and a bridge isolates only its own ports, not those of another host; put the isolated members on one"
                " host."
            )


def _check_namespaces(networks: c.Sequence[_vxlan.Network]) -> None:
    """A namespace has an interface of a name once, and comes from one place."""
    entries: dict[str, list[_entry.Entry]] = {}
    spaces: dict[str, _members.Namespaces] = {}
    for network in networks:
        for member in network.members:
            entries.setdefault(member.host, []).append(member.entry)
    for members in entries.values():
        _members.refuse_twins(members)
    for network in networks:
        for member in network.members:
            found = spaces.setdefault(member.host, _members.Namespaces())
            found.join(member.entry, member.name, member.interface, member.gone, member.source)
        if network.server:
            found = spaces.setdefault(network.server.host, _members.Namespaces())
            found.join(network.server.entry, network.server.netns, network.server.interface, network.gone)


def _check_links(networks: c.Sequence[_vxlan.Network], once: _entry.Once) -> None:
    """A host has a link of a name once."""

    def take(host: str, name: str, path: str) -> None:
        once.take(("link", host, name), path, f"the link name '{name}' on host '{host}'")

    for network in networks:
        for host in network.named:
            take(host, network.bridge, network.entry.at("bridge"))
            take(host, network.link, network.entry.at("name"))
        if network.server:
            take(network.server.host, network.server.host_interface, network.server.entry.path)
        for member in network.members:
            take(member.host, member.host_interface, member.entry.at("host_interface"))


def _check_gateways(networks: c.Sequence[_vxlan.Network]) -> None:
    """A gateway is where a member is, and a host can tell the networks of its gateways by their addresses."""
    by_host: dict[str, list[_vxlan.Network]] = {}
    for network in networks:
        gateway = network.gateway
        if gateway is None:
            continue
        hosts = [member.host for member in network.members]
        if gateway.host not in hosts:
            where = f"put it on one of {_words.some(list(dict.fromkeys(hosts)), MOST_NAMED)}" if hosts else "add one"
            raise _errors.BadInput(
                f"{gateway.entry.at('host')}: host '{gateway.host}' has no member of network '{network.name}', and a"
                f" gateway is where a member is; {where}."
            )
        for other in by_host.setdefault(gateway.host, []) if not network.gone else ():
            common = _bridge_nat.overlap(network.subnets, other.subnets)
            if common:
                raise _errors.BadInput(
                    f"{gateway.entry.at('host')}: {common[0]} overlaps with {common[1]} of network '{other.name}',"
                    f" whose gateway is on host '{gateway.host}', too, so the host would not know to which of them an"
                    " answer belongs; put one gateway on another host, or give one network another subnet."
                )
        if not network.gone:
            by_host[gateway.host].append(network)
    for found in by_host.values():
        _bridge_nat.refuse_ambiguity([_vxlan_nat.as_bridge_network(one) for one in found])


def check_ends(networks: c.Sequence[_vxlan.Network], ends: c.Mapping[str, _fleet_ends.End]) -> None:
    """Refuse hosts that nobody knows, and tunnels that cannot be."""
    for network in networks:
        paths: dict[str, str] = {}
        for part in (network.gateway, network.server, *network.members):
            if part is not None:
                paths.setdefault(part.host, part.entry.at("host"))
        _fleet_ends.refuse_strangers(paths, ends)
        if network.stretched:
            _fleet_ends.refuse_unusable({host: paths[host] for host in network.hosts}, ends, _vxlan.ROLE)
            _vxlan_mtu.of_network(network, ends)
    for network in networks:
        _refuse_gateway_over_underlay(network, networks, ends)


def _refuse_gateway_over_underlay(
    network: _vxlan.Network, networks: c.Sequence[_vxlan.Network], ends: c.Mapping[str, _fleet_ends.End]
) -> None:
    """The host of a gateway has the whole subnet on its bridge. What it sends to an address there, as its tunnels to
    another host do, goes into the network.
    """
    gateway = network.gateway
    if gateway is None or network.gone:
        return
    tunnels = [one.hosts for one in networks if one.stretched and gateway.host in one.hosts]
    for host in dict.fromkeys(host for hosts in tunnels for host in hosts):
        local = ipaddress.ip_address(str(ends[host].local))
        for subnet in network.subnets.all:
            if local in subnet.network:
                raise _errors.BadInput(
                    f"{network.entry.at('subnet')}: {subnet.network} holds {local}, where the tunnels of host '{host}'"
                    f" end, so with the gateway on host '{gateway.host}' they would lead into the network itself; take"
                    " another subnet, or leave out the gateway."
                )
