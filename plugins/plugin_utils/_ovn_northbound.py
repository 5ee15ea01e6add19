# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a declaration means in OVN's northbound database, as lists of ``ovn_topology``."""

from __future__ import annotations

import collections.abc as c

from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _entry,
    _members,
    _ovn,
    _ovn_acls,
    _ovn_checks,
    _ovn_intent,
    _ovn_mtu,
    _ovn_names,
    _ovn_places,
)

LISTS = (
    "ovn_switch",
    "ovn_dhcp_options",
    "ovn_port",
    "ovn_port_group",
    "ovn_address_set",
    "ovn_router",
    "ovn_load_balancer",
    "ovn_global",
)
ABSENT: _members.Item = {"state": _entry.STATES[1]}
HIGHEST_PRIORITY = 100  # of the host that routes first; each deputy has one less


def topology(
    given: _ovn_intent.Declared, places: c.Mapping[str, _ovn_places.Place], names: _ovn_names.Names
) -> _members.Topology:
    """The lists of ``ovn_topology``. They name no host of a play: only the inventory counts."""
    intent = _ovn_intent.read(given, places, names)
    writing = _Writing(intent, places, names)
    lists: _members.Topology = {name: [] for name in LISTS}
    for network in intent.networks:
        lists["ovn_switch"].append(writing.switch(network))
        lists["ovn_dhcp_options"] += writing.dhcp_options(network)
        lists["ovn_port"] += writing.ports(network)
    lists["ovn_port_group"] = _ovn_acls.port_groups(intent, names)
    lists["ovn_router"] = [writing.router(one) for one in intent.routers]
    lists["ovn_load_balancer"] = [writing.balancer(one) for one in intent.balancers]
    options = _ovn_intent.read_global(given.options)
    lists["ovn_global"] = [_members.item(options=options)] if options else []
    return lists


class _Writing:
    """One declaration, on its way into the database."""

    def __init__(self, intent: _ovn.Intent, places: c.Mapping[str, _ovn_places.Place], names: _ovn_names.Names) -> None:
        self.intent, self.places, self.names = intent, places, names

    def switch(self, network: _ovn.Network) -> _members.Item:
        """The switch of a network, with the names of its members."""
        name = self.names.of(network.name)
        if network.gone:
            return _members.item(name=name) | ABSENT
        return _members.item(name=name, dns=network.dns_names, localnet=self._localnet(network))

    def _localnet(self, network: _ovn.Network) -> _members.Item | None:
        if network.external is None:
            return None
        physical = _ovn_checks.physical_network(network, network.external, self.intent, self.places)
        return _members.item(network=physical, tag=network.external.tag)

    def dhcp_options(self, network: _ovn.Network) -> list[_members.Item]:
        """What OVN's DHCP tells the members. Without a router its server has the gateway's address all the same."""
        dhcp, name = network.dhcp, self.names.of(network.name)
        subnet = next((one.network for one in network.subnets.all if one.network.version == 4), None)
        if dhcp is None or subnet is None:
            return []
        if network.gone:
            return [_members.item(name=name, cidr=str(subnet)) | ABSENT]
        mtu, dns = _ovn_mtu.of_network(network, self.places), network.dns
        servers = [one for one in dns.servers if _ovn.version_of(one) == 4] if dns else []
        router = next((one for one in network.gateways if _ovn.version_of(one) == 4), None)
        options = _members.item(
            server_id=network.server,
            server_mac=network.gateway_mac,
            lease_time=str(dhcp.lease_time),
            mtu=None if mtu is None else str(mtu),
            router=router if network.routed else None,
            dns_server=(servers[0] if len(servers) == 1 else f"{{{', '.join(servers)}}}") if servers else None,
            domain_name=f'"{dns.domain}"' if dns and dns.domain else None,
        )
        return [_members.item(name=name, cidr=str(subnet), options={**options, **dhcp.options})]

    def ports(self, network: _ovn.Network) -> list[_members.Item]:
        """A port for each member, bound to its chassis: two hosts with one iface-id would take it from each other."""
        if network.gone:
            return []  # they go with the switch
        switch = self.names.of(network.name)
        found = []
        for one in network.members:
            port = _members.item(switch=switch, name=self.names.port(network.name, one.name))
            if one.gone:
                found.append(port | ABSENT)
                continue
            own = " ".join((one.mac, *one.addresses))
            more = _members.item(
                addresses=[own] if one.port_security else [own, "unknown"],
                port_security=[own] if one.port_security else [],
                dhcp_options=switch if network.dhcp else None,
                chassis=self.places[one.host].chassis,
            )
            found.append(port | more)
        return found

    def router(self, router: _ovn.Router) -> _members.Item:
        """A router with a port in each network, which has the gateway's addresses there."""
        name = self.names.of(router.name)
        if router.gone:
            return _members.item(name=name) | ABSENT
        networks = [self.intent.network(one) for one in router.networks]
        ports = [self._router_port(router, one, one.gateways, one.gateway_mac) for one in networks]
        external = router.external
        if external:
            network = self.intent.network(external.network)
            port = self._router_port(router, network, external.addresses, network.mac_of("", "router", router.name))
            chassis = [str(self.places[host].chassis) for host in external.hosts]
            highest = max(HIGHEST_PRIORITY, len(chassis))
            ports.append(port | {"gateway_chassis": {one: highest - index for index, one in enumerate(chassis)}})
        routes = [{"ip_prefix": one.destination, "nexthop": one.gateway} for one in router.routes]
        return _members.item(name=name, ports=ports, routes=routes, nat=[*self._snat(router), *self._floating(router)])

    def _router_port(
        self, router: _ovn.Router, network: _ovn.Network, addresses: c.Sequence[str], mac: str
    ) -> _members.Item:
        return _members.item(
            name=self.names.router_port(router.name, network.name),
            switch=self.names.of(network.name),
            mac=mac,
            networks=network.known(addresses),
        )

    def _snat(self, router: _ovn.Router) -> list[_members.Item]:
        addresses = router.external.addresses if router.external and router.snat else ()
        subnets = [subnet.network for one in router.networks for subnet in self.intent.network(one).subnets.all]
        return [
            _members.item(type="snat", external_ip=address, logical_ip=str(subnet))
            for address in addresses
            for subnet in subnets
            if _ovn.version_of(address) == subnet.version == 4
        ]

    def _floating(self, router: _ovn.Router) -> list[_members.Item]:
        found = []
        for one in router.floating:
            member = self.intent.member(one.network, one.member)
            if member.gone or router.external is None:
                continue
            item = _members.item(type="dnat_and_snat", external_ip=one.address, logical_ip=member.address(4))
            if one.distributed:  # the host of the member answers for the address, with a MAC address of its own
                item["logical_port"] = self.names.port(one.network, one.member)
                item["external_mac"] = self.intent.network(router.external.network).mac_of("", "floating", one.address)
            found.append(item)
        return found

    def balancer(self, balancer: _ovn.Balancer) -> _members.Item:
        """A load balancer, on its routers and on the switches of its clients: on a router alone it has no effect for
        clients of the same router.
        """
        name = self.names.of(balancer.name)
        if balancer.gone:
            return _members.item(name=name) | ABSENT
        backends = [(one, self.intent.member(one.network, one.member)) for one in balancer.backends]
        version = _ovn.version_of(balancer.address)
        there = [(one, str(member.address(version))) for one, member in backends if not member.gone]
        return _members.item(
            name=name,
            protocol=balancer.protocol,
            vips={_socket(balancer.address, balancer.port): [_socket(address, one.port) for one, address in there]},
            health_check=self._health(balancer, there),
            switches=[self.names.of(one) for one in balancer.networks],
            routers=[self.names.of(one) for one in balancer.routers],
        )

    def _health(self, balancer: _ovn.Balancer, there: c.Sequence[tuple[_ovn.Backend, str]]) -> _members.Item | None:
        health = balancer.health
        if health is None:
            return None
        sources = {
            address: {"port": self.names.port(one.network, one.member), "address": health.sources[one.network]}
            for one, address in there
        }
        return {**health.options, "sources": sources}


def _socket(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
