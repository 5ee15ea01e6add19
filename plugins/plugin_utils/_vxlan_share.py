# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The share of one host in VXLAN networks over several hosts, as lists of ``topology``."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _encapsulation
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _entry,
    _members,
    _segments,
    _vxlan,
    _vxlan_dhcp,
    _vxlan_mtu,
    _vxlan_nat,
    _vxlan_network,
)

PORT = _encapsulation.PORTS[_encapsulation.VXLAN]
LISTS = (
    "netns",
    "linux_bridge",
    "netns_interface",
    "veth",
    "netns_route",
    "netns_nat",
    "dnsmasq_in_ns",
    "netns_dhcp_client",
)
# What a bridge does at the port that leads to the other hosts: the declaration tells who is there.
DECLARED: _members.Item = {"learning": False, "neigh_suppress": True}
LEARNED: _members.Item = {"learning": True, "neigh_suppress": False}
# A host answers ARP for each of its addresses on each of its links, if nobody tells it not to: it would answer in one
# network for the gateway of another one that has the same subnet.
OWN_ADDRESSES_ONLY: _members.Item = {"arp_ignore": "1"}


class Options(t.NamedTuple):
    """What is said of all networks."""

    port: int = PORT
    learning: bool = False
    state: str = _entry.STATES[0]


DEFAULTS = Options()


def options_of(port: t.Any = PORT, learning: t.Any = False, state: str = DEFAULTS.state) -> Options:
    """The options as a user writes them."""
    entry = _entry.Entry({"port": port, "learning": learning, "state": state}, "", None)
    return Options(entry.whole("port") or PORT, entry.flag("learning", False), entry.choice("state", _entry.STATES))


class Away(t.NamedTuple):
    """Something that is reached through a tunnel."""

    host: str
    mac: str
    addresses: tuple[str, ...]


def topology(
    networks: t.Any, host: str, ends: _vxlan_network.Ends | None, options: Options = DEFAULTS
) -> _members.Topology:
    """The lists of ``topology`` that build a host's share. Without ``ends`` they name no peers."""
    built, namespaces = _vxlan_network.read(networks, ends), _members.Namespaces()
    lists: _members.Topology = {name: [] for name in LISTS}
    for network in built:
        if host not in network.named:
            continue
        share = _Share(network, host, ends, options)
        lists["linux_bridge"].append(share.bridge())
        lists["netns_interface"] += share.tunnel()
        lists["veth"] += share.cables()
        lists["netns_route"] += share.routes()
        lists["dnsmasq_in_ns"] += share.servers()
        lists["netns_dhcp_client"] += [
            _vxlan_dhcp.client_item(member) | member.gone for member in share.members if member.leased
        ]
        share.join(namespaces)
    lists["netns_nat"] = _vxlan_nat.items(built, host)
    lists["netns"] = namespaces.items()
    return lists


def segments(networks: t.Any, ends: _vxlan_network.Ends) -> list[_segments.Segment]:
    """The networks with everybody who is in them, for what is proven and drawn."""
    return [
        _segments.Segment(
            role=_vxlan.ROLE,
            name=network.name,
            number=network.vni,
            mtu=_vxlan_mtu.of_network(network, ends),
            places=tuple(_places(network)),
            gateway=_gateway(network),
            server=_server(network),
        )
        for network in _vxlan_network.read(networks, ends)
        if not network.gone
    ]


def _places(network: _vxlan.Network) -> t.Iterator[_segments.Place]:
    server = _server(network)
    if server is not None:
        yield server
    for one in network.present:
        yield _segments.Place(one.host, one.name, one.interface, one.addresses, one.mac, bool(one.isolated))


def _server(network: _vxlan.Network) -> _segments.Place | None:
    one = network.server
    return one and _segments.Place(one.host, one.netns, one.interface, (one.address,), one.mac)


def _gateway(network: _vxlan.Network) -> _segments.Place | None:
    one = network.gateway
    return one and _segments.Place(one.host, "", network.bridge, one.addresses, network.bridge_mac(one.host))


class _Share:
    """One network on one host."""

    def __init__(self, network: _vxlan.Network, host: str, ends: _vxlan_network.Ends | None, options: Options) -> None:
        self.network, self.host, self.ends, self.options = network, host, ends, options
        self.members = [member for member in network.members if member.host == host]
        self.server = network.server if network.server and network.server.host == host else None
        self.gone: _members.Item = {} if host in network.hosts else {"state": _entry.STATES[1]}
        self.tunnelled = network.stretched and not self.gone
        self.mtu = network.mtu if ends is None else _vxlan_mtu.of_network(network, ends)

    def away(self) -> list[Away]:
        """What of the network is on other hosts, but for members whose address only DHCP knows."""
        network = self.network
        found = [Away(one.host, one.mac, one.addresses) for one in network.present]
        if network.server:
            found.append(Away(network.server.host, network.server.mac, (network.server.address,)))
        if network.gateway:
            where = network.gateway.host
            found.append(Away(where, network.bridge_mac(where), network.gateway.addresses))
        return [one for one in found if one.host != self.host]

    def bridge(self) -> _members.Item:
        """The bridge, which answers ARP and ND for what is on other hosts."""
        network, gateway = self.network, self.network.gateway
        addresses = network.known(gateway.addresses) if gateway and gateway.host == self.host else []
        flags = {one.host_interface: _flags(one) for one in self.members if _flags(one) and not one.gone}
        declared = self.tunnelled and not self.options.learning
        if self.tunnelled:
            flags[network.link] = LEARNED if self.options.learning else DECLARED
        away = self.away() if declared else []
        return (
            _members.item(
                name=network.bridge,
                addresses=addresses,
                mac=network.bridge_mac(self.host),
                mtu=self.mtu,
                sysctl=OWN_ADDRESSES_ONLY,
                port_flags=flags or None,
                fdb=[_members.item(mac=one.mac, port=network.link) for one in away],
                neighbours=[_members.item(address=address, mac=one.mac) for one in away for address in one.addresses],
            )
            | self.gone
        )

    def tunnel(self) -> list[_members.Item]:
        """The VXLAN link, with a copy of each broadcast for each host that has a part of the network, and no other."""
        name = self.network.link
        if self.gone and len(self.network.named) > 1:
            return [_members.item(name=name, kind="vxlan", id=self.network.vni) | self.gone]
        if not self.tunnelled:  # a link of this name may be somebody else's; one of an earlier run goes with purge
            return []
        item = _members.item(
            name=name,
            kind="vxlan",
            id=self.network.vni,
            port=self.options.port,
            master=self.network.bridge,
            mtu=self.mtu,
            learning=self.options.learning,
        )
        if self.ends is None:
            return [item]
        ends = {host: self.ends[host].local for host in self.network.hosts}
        known = [] if self.options.learning else self.away()
        # If a host is left out of the remotes, leave it out of fdb too: an entry there would still send to it.
        peers = {"local": ends[self.host], "remotes": [ends[host] for host in ends if host != self.host]}
        return [item | peers | {"fdb": [_members.item(mac=one.mac, remote=ends[one.host]) for one in known]}]

    def cables(self) -> list[_members.Item]:
        """A cable to each member, and to the DHCP server."""
        found = []
        for one in self.members:
            inside = self._inside(one.interface, one.name, one.addresses, one.mac)
            found.append(self._cable(one.host_interface, inside) | one.gone)
        if self.server:
            server = self.server
            inside = self._inside(server.interface, server.netns, (server.address,), server.mac)
            found.append(self._cable(server.host_interface, inside) | self.network.gone)
        return found

    def _cable(self, name: str, inside: _members.Item) -> _members.Item:
        return _members.item(name=name, master=self.network.bridge, mtu=self.mtu, peer=inside)

    def _inside(self, interface: str, netns: str, addresses: tuple[str, ...], mac: str) -> _members.Item:
        known = self.network.known(addresses)
        return _members.item(name=interface, netns=netns, addresses=known or None, mac=mac, mtu=self.mtu)

    def routes(self) -> list[_members.Item]:
        """The default routes of members that do not get them by DHCP."""
        gateways = self.network.gateway.addresses if self.network.gateway else ()
        return [
            _members.item(netns=one.name, destination="default", gateway=gateway, device=one.interface)
            for one in self.members
            if one.default_route and not one.gone
            for gateway in gateways
            if ":" in gateway or not one.leased
        ]

    def servers(self) -> list[_members.Item]:
        """The DHCP server, if it is on this host."""
        if self.server is None:
            return []
        gateway = self.network.gateway
        mac = self.network.bridge_mac(gateway.host) if gateway else ""
        return [_vxlan_dhcp.server_item(self.network, self.server, mac) | self.network.gone]

    def join(self, namespaces: _members.Namespaces) -> None:
        """Note the namespaces. To take them down, no process and no container is needed: they may be gone."""
        there = self.options.state == _entry.STATES[0]
        for one in self.members:
            source = one.source if there and not one.gone else {}
            namespaces.join(one.entry, one.name, one.interface, one.gone, source)
        if self.server:
            namespaces.join(self.server.entry, self.server.netns, self.server.interface, self.network.gone)


def _flags(member: _vxlan.Member) -> _members.Item:
    return _members.item(isolated=member.isolated, hairpin=bool(member.publish))
