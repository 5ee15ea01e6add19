# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tenants on one Open vSwitch bridge: a VLAN and a DHCP server each; subnets may be equal."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _values as values
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import BadInput
from ansible_collections.netloom.linux.plugins.plugin_utils._addresses import Subnet
from ansible_collections.netloom.linux.plugins.plugin_utils._entry import Entry, Once, entries
from ansible_collections.netloom.linux.plugins.plugin_utils._link_names import link_name, mac_address
from ansible_collections.netloom.linux.plugins.plugin_utils._members import (
    Item,
    Namespaces,
    Topology,
    interface_of,
    item,
    link_of,
    mac_of,
    mtu_of,
    netns_of,
    unless_present,
)

OPTION = "ovs_vlan_dhcp_tenants"
TENANT_KEYS = ("name", "tag", "subnet", "dhcp", "gateway", "attach", "mtu", "server", "members", "state")
DHCP_KEYS = ("start", "end", "lease_time")
SERVER_KEYS = ("netns", "interface", "address", "mac")
MEMBER_KEYS = ("name", "interface", "mac", "address", "attach", "port", "state")
ATTACH = ("veth", "internal")
LEASE_TIME = "1h"
# The range that a subnet of at least 32 addresses gets, and a smaller one.
RANGE, RANGE_OF_SMALL, SMALL = (10, 100), (3, 100), 32
_HOSTNAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


class Server(t.NamedTuple):
    """A tenant's DHCP server."""

    netns: str
    interface: str
    address: str
    mac: str
    start: str
    end: str
    lease_time: str


class Member(t.NamedTuple):
    """One member of a tenant. ``address`` is None if DHCP decides."""

    entry: Entry
    name: str
    interface: str
    port: str
    attach: str
    mac: str | None
    address: str | None
    gone: Item


class Tenant(t.NamedTuple):
    """One tenant, all addresses settled."""

    entry: Entry
    name: str
    tag: int
    subnet: Subnet
    gateway: str | None
    mtu: int | None
    server: Server
    members: tuple[Member, ...]
    gone: Item


def read(tenants: t.Any, seed: str = "") -> list[Tenant]:
    """The tenants as declared, every value checked. ``seed`` tells hosts apart where MAC addresses are made up."""
    found = [_tenant(entry, seed) for entry in entries(tenants, OPTION, TENANT_KEYS)]
    once = Once()
    for tenant in found:
        once.take(("tenant", tenant.name), tenant.entry.at("name"), f"the name '{tenant.name}'")
        once.take(("tag", tenant.tag), tenant.entry.at("tag"), f"VLAN {tenant.tag}")
        once.take(("netns", tenant.server.netns), tenant.entry.at("server.netns"), f"the server namespace '{tenant.server.netns}'")
        once.take(("link", tenant.server.interface), tenant.entry.at("server.interface"), f"the port name '{tenant.server.interface}'")
    for member in (member for tenant in found for member in tenant.members):
        once.take(("link", member.port), member.entry.at("port"), f"the port name '{member.port}'")
    return found


def _tenant(entry: Entry, seed: str) -> Tenant:
    name = values.object_name(entry.required("name"), entry.at("name"))
    values.object_name(server_name(name), entry.at("name"))
    subnet = Subnet(entry.required("subnet"), entry.at("subnet"))
    if subnet.network.version != 4:
        raise BadInput(f"{entry.at('subnet')}: '{subnet.network}' is IPv6; the DHCP of this role is IPv4, as in '10.50.50.0/24'.")
    tag = entry.whole("tag")
    if tag is None:
        raise BadInput(f"{entry.path}: 'tag' is missing; give the tenant a VLAN from 1 to 4094.")
    values.number(tag, entry.at("tag"), 1, 4094)
    server = _server(entry, name, subnet, seed)
    written = entry.text("gateway")
    gateway = subnet.reserve(written, entry.at("gateway"), "the gateway") if written else None
    gone = unless_present(entry)
    members = tuple(_member(one, entry.choice("attach", ATTACH), subnet, gone, seed) for one in entry.entries("members", MEMBER_KEYS))
    _check_range(entry, subnet, server, members)
    return Tenant(entry, name, tag, subnet, gateway, mtu_of(entry), server, members, gone)


def server_name(tenant: str) -> str:
    """What a tenant's DHCP server is called, and unless told otherwise its namespace."""
    return f"dhcp-{tenant}"


def _server(tenant: Entry, name: str, subnet: Subnet, seed: str) -> Server:
    entry, dhcp = tenant.entry("server", SERVER_KEYS), tenant.entry("dhcp", DHCP_KEYS)
    netns = netns_of(entry, "netns", server_name(name))
    first, last = RANGE if subnet.size >= SMALL - 2 else RANGE_OF_SMALL
    return Server(
        netns=netns,
        interface=link_of(entry, "interface", link_name("tap", name)),
        address=subnet.reserve(entry.text("address") or subnet.host(2), entry.at("address"), "the DHCP server"),
        # An internal port that is made again gets another MAC, and the neighbours' ARP caches swallow its packets: pin it.
        mac=mac_of(entry) or mac_address(seed, netns, "server"),
        start=dhcp.text("start") or subnet.host(first),
        end=dhcp.text("end") or subnet.host(last),
        lease_time=dhcp.text("lease_time") or LEASE_TIME,
    )


def _member(entry: Entry, attach: str, subnet: Subnet, gone: Item, seed: str) -> Member:
    name, interface = netns_of(entry, "name"), interface_of(entry)
    attach = entry.choice("attach", ATTACH) if entry.has("attach") else attach
    internal = attach == "internal"
    address = entry.text("address")
    return Member(
        entry=entry,
        name=name,
        interface=interface,
        port=link_of(entry, "port", link_name("p" if internal else "v", name, interface)),
        attach=attach,
        mac=mac_of(entry) or (mac_address(seed, name, interface) if internal else None),
        address=subnet.reserve(address, entry.at("address"), f"{name} ({entry.path})") if address else None,
        gone=gone or unless_present(entry),
    )


def _check_range(tenant: Entry, subnet: Subnet, server: Server, members: tuple[Member, ...]) -> None:
    """The range is whole, nobody's fixed address lies in it, and it suffices."""
    entry = tenant.entry("dhcp", DHCP_KEYS)
    start, end = subnet.number(server.start, entry.at("start")), subnet.number(server.end, entry.at("end"))
    if start > end:
        raise BadInput(f"{entry.at('start')}: the range is upside down: {server.start} comes after {server.end}.")
    leased = sum(1 for member in members if member.address is None)
    for number in range(start, end + 1) if end - start < 65536 else ():
        owner = subnet.owner(number)
        if owner:
            raise BadInput(
                f"{entry.path}: the range {server.start} to {server.end} holds the fixed address of {owner}; take that one, or the range, elsewhere."
            )
    if leased > end - start + 1:
        raise BadInput(f"{entry.path}: the range {server.start} to {server.end} has {end - start + 1} addresses for {leased} members; make it larger.")


def topology(tenants: t.Any, bridge: str = "OVS1", seed: str = "") -> Topology:
    """The lists of ``topology`` that build these tenants on this bridge."""
    switch = values.link_name(bridge, "ovs_vlan_dhcp_bridge")
    built, namespaces = read(tenants, seed), Namespaces()
    lists: Topology = {"ovs_bridge": [item(name=switch)], "veth": [], "ovs_port": [], "netns_route": [], "dnsmasq_in_ns": [], "netns_dhcp_client": []}
    for tenant in built:
        server = tenant.server
        namespaces.join(tenant.entry.entry("server", SERVER_KEYS), server.netns, server.interface, tenant.gone)
        lists["ovs_port"].append(_server_port(switch, tenant) | tenant.gone)
        lists["dnsmasq_in_ns"].append(_dnsmasq(tenant) | tenant.gone)
        for member in tenant.members:
            namespaces.join(member.entry, member.name, member.interface, member.gone)
            if member.attach == "veth":
                lists["veth"].append(_member_veth(tenant, member) | member.gone)
            lists["ovs_port"].append(_member_port(switch, tenant, member) | member.gone)
            if member.address is None:
                lists["netns_dhcp_client"].append(_client(member) | member.gone)
            elif tenant.gateway and not member.gone:  # nobody else tells it
                lists["netns_route"].append(item(netns=member.name, destination="default", gateway=tenant.gateway, device=member.interface))
    for port in (one for key in ("veth", "ovs_port") for one in lists[key]):
        if port["name"] == switch:
            raise BadInput(f"ovs_vlan_dhcp_bridge: '{switch}' is also the name of a port of it; rename one.")
    return {"netns": namespaces.items(), **lists}


def _server_port(bridge: str, tenant: Tenant) -> Item:
    server = tenant.server
    addresses = [tenant.subnet.with_prefix(server.address)]
    return item(bridge=bridge, name=server.interface, type="internal", tag=tenant.tag, netns=server.netns, addresses=addresses, mac=server.mac, mtu=tenant.mtu)


def _member_port(bridge: str, tenant: Tenant, member: Member) -> Item:
    if member.attach == "veth":
        return item(bridge=bridge, name=member.port, tag=tenant.tag)
    rename = member.interface if member.interface != member.port else None
    addresses = [tenant.subnet.with_prefix(member.address)] if member.address else None
    return item(
        bridge=bridge,
        name=member.port,
        type="internal",
        tag=tenant.tag,
        netns=member.name,
        rename=rename,
        addresses=addresses,
        mac=member.mac,
        mtu=tenant.mtu,
    )


def _member_veth(tenant: Tenant, member: Member) -> Item:
    addresses = [tenant.subnet.with_prefix(member.address)] if member.address else None
    inside = item(name=member.interface, netns=member.name, addresses=addresses, mac=member.mac, mtu=tenant.mtu)
    return item(name=member.port, mtu=tenant.mtu, peer=inside)


def _dnsmasq(tenant: Tenant) -> Item:
    server = tenant.server
    # dnsmasq names itself as the router unless told otherwise; without a value it names none.
    router = item(option="router", value=tenant.gateway)
    addresses = item(start=server.start, end=server.end, prefix=tenant.subnet.network.prefixlen, lease_time=server.lease_time)
    return item(name=server_name(tenant.name), netns=server.netns, interfaces=[server.interface], ranges=[addresses], options=[router])


def _client(member: Member) -> Item:
    # A namespace may be called what no host may be (RFC 1123): such a name is not sent.
    hostname = member.name if _HOSTNAME.fullmatch(member.name) else None
    return item(netns=member.name, interface=member.interface, hostname=hostname)
