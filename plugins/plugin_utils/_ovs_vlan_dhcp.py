# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tenants on one Open vSwitch bridge, each with a VLAN and a DHCP server. Subnets may be equal."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.dnsmasq import _dnsmasq_values
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values
from ansible_collections.netloom.linux.plugins.plugin_utils import _addresses, _entry, _link_names, _members

OPTION = "ovs_vlan_dhcp_tenants"
TENANT_KEYS = ("name", "tag", "subnet", "dhcp", "gateway", "attach", "mtu", "server", "members", "state")
DHCP_KEYS = ("start", "end", "lease_time")
SERVER_KEYS = ("netns", "interface", "address", "mac")
MEMBER_KEYS = ("name", "interface", "mac", "address", "attach", "port", "default_route", "state")
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

    entry: _entry.Entry
    name: str
    interface: str
    port: str
    attach: str
    mac: str | None
    address: str | None
    default_route: bool
    gone: _members.Item

    @property
    def device(self) -> str:
        """The name of its link in the namespace. The device of an internal port has the name of its port, and the
        interface's name is an alternative one.
        """
        return self.port if self.attach == "internal" else self.interface


class Tenant(t.NamedTuple):
    """One tenant, with all addresses."""

    entry: _entry.Entry
    name: str
    tag: int
    subnet: _addresses.Subnet
    gateway: str | None
    mtu: int | None
    server: Server
    members: tuple[Member, ...]
    gone: _members.Item


def read(tenants: t.Any, seed: str = "") -> list[Tenant]:
    """Read the declared tenants, and check every value. ``seed`` distinguishes hosts where MAC addresses are
    computed.
    """
    found = [_tenant(entry, seed) for entry in _entry.entries(tenants, OPTION, TENANT_KEYS)]
    once = _entry.Once()
    for tenant in found:
        once.take(("tenant", tenant.name), tenant.entry.at("name"), f"the name '{tenant.name}'")
        once.take(("tag", tenant.tag), tenant.entry.at("tag"), f"VLAN {tenant.tag}")
        once.take(
            ("netns", tenant.server.netns),
            tenant.entry.at("server.netns"),
            f"the server namespace '{tenant.server.netns}'",
        )
        once.take(
            ("link", tenant.server.interface),
            tenant.entry.at("server.interface"),
            f"the port name '{tenant.server.interface}'",
        )
    members = [member for tenant in found for member in tenant.members]
    _members.refuse_twins(member.entry for member in members)
    for member in members:
        once.take(("link", member.port), member.entry.at("port"), f"the port name '{member.port}'")
    for tenant in found:
        _refuse_two_ways_out(tenant, once)
    return found


def _refuse_two_ways_out(tenant: Tenant, once: _entry.Once) -> None:
    for member in tenant.members:
        if tenant.gateway and member.default_route and not member.gone:
            what = f"the default route of namespace '{member.name}' (switch one off with 'default_route: false')"
            once.take(("default", member.name), member.entry.at("default_route"), what)


def _tenant(entry: _entry.Entry, seed: str) -> Tenant:
    name = _values.object_name(entry.required("name"), entry.at("name"))
    _values.object_name(server_name(name), entry.at("name"))
    subnet = _addresses.Subnet(entry.required("subnet"), entry.at("subnet"))
    if subnet.network.version != 4:
        raise _errors.BadInput(
            f"{entry.at('subnet')}: '{subnet.network}' is IPv6; the DHCP of this role is IPv4, as in '10.50.50.0/24'."
        )
    tag = entry.whole("tag")
    if tag is None:
        raise _errors.BadInput(f"{entry.path}: 'tag' is missing; give the tenant a VLAN from 1 to 4094.")
    _values.number(tag, entry.at("tag"), 1, 4094)
    server = _server(entry, name, subnet, seed)
    written = entry.text("gateway")
    gateway = subnet.reserve(written, entry.at("gateway"), "the gateway") if written else None
    gone = _members.unless_present(entry)
    attach = entry.choice("attach", ATTACH)
    members = tuple(_member(one, attach, subnet, gone, seed) for one in entry.entries("members", MEMBER_KEYS))
    _check_range(entry, subnet, server, members)
    return Tenant(entry, name, tag, subnet, gateway, _members.mtu_of(entry), server, members, gone)


def server_name(tenant: str) -> str:
    """The name of a tenant's DHCP server, and by default of its namespace."""
    return f"dhcp-{tenant}"


def _server(tenant: _entry.Entry, name: str, subnet: _addresses.Subnet, seed: str) -> Server:
    entry, dhcp = tenant.entry("server", SERVER_KEYS), tenant.entry("dhcp", DHCP_KEYS)
    netns = _members.netns_of(entry, "netns", server_name(name))
    first, last = range_of(subnet)
    return Server(
        netns=netns,
        interface=_members.link_of(entry, "interface", _link_names.link_name("tap", name)),
        address=subnet.reserve(entry.text("address") or subnet.host(2), entry.at("address"), "the DHCP server"),
        # An internal port that is made again gets another MAC, and the neighbours' ARP caches swallow its packets: pin
        # it.
        mac=_members.mac_of(entry) or _link_names.mac_address(seed, netns, "server"),
        start=dhcp.text("start") or subnet.host(first),
        end=dhcp.text("end") or subnet.host(last),
        lease_time=lease_time(dhcp),
    )


def range_of(subnet: _addresses.Subnet) -> tuple[int, int]:
    """The first and the last host of a range that nobody wrote."""
    return RANGE if subnet.size >= SMALL - 2 else RANGE_OF_SMALL


def lease_time(dhcp: _entry.Entry) -> str:
    """How long a lease lasts, as dnsmasq takes it."""
    written = dhcp.value("lease_time")
    if isinstance(written, bool) or not isinstance(written, int):  # whole seconds need no quotes
        written = dhcp.text("lease_time")
    return LEASE_TIME if written is None else _dnsmasq_values.lease_time(written, dhcp.at("lease_time"))


def _member(entry: _entry.Entry, attach: str, subnet: _addresses.Subnet, gone: _members.Item, seed: str) -> Member:
    name, interface = _members.netns_of(entry, "name"), _members.interface_of(entry)
    attach = entry.choice("attach", ATTACH) if entry.has("attach") else attach
    internal = attach == "internal"
    address = entry.text("address")
    return Member(
        entry=entry,
        name=name,
        interface=interface,
        port=_members.link_of(entry, "port", _link_names.link_name("p" if internal else "v", name, interface)),
        attach=attach,
        mac=_members.mac_of(entry) or (_link_names.mac_address(seed, name, interface) if internal else None),
        address=subnet.reserve(address, entry.at("address"), f"{name} ({entry.path})") if address else None,
        default_route=entry.flag("default_route", True),
        gone=gone or _members.unless_present(entry),
    )


def _check_range(tenant: _entry.Entry, subnet: _addresses.Subnet, server: Server, members: tuple[Member, ...]) -> None:
    """Check that the range is complete and large enough, and that no fixed address lies in it."""
    entry = tenant.entry("dhcp", DHCP_KEYS)
    kept = subnet.keep(entry, server.start, server.end)
    for owner in subnet.owners(kept).values():
        raise _errors.BadInput(
            f"{entry.path}: the range {server.start} to {server.end} holds the fixed address of {owner}; take that"
            " one, or the range, elsewhere."
        )
    leased = sum(1 for member in members if member.address is None)
    if leased > len(kept):
        raise _errors.BadInput(
            f"{entry.path}: the range {server.start} to {server.end} has {len(kept)} addresses for {leased}"
            " members; make it larger."
        )


def topology(tenants: t.Any, bridge: str = "OVS1", seed: str = "") -> _members.Topology:
    """The lists of ``topology`` that build these tenants on this bridge."""
    switch = _values.link_name(bridge, "ovs_vlan_dhcp_bridge")
    built, namespaces = read(tenants, seed), _members.Namespaces()
    lists: _members.Topology = {
        "ovs_bridge": [_members.item(name=switch)],
        "veth": [],
        "ovs_port": [],
        "netns_route": [],
        "dnsmasq_in_ns": [],
        "netns_dhcp_client": [],
    }
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
            elif tenant.gateway and member.default_route and not member.gone:  # nothing else sets the route
                lists["netns_route"].append(
                    _members.item(
                        netns=member.name, destination="default", gateway=tenant.gateway, device=member.device
                    )
                )
    for port in (one for key in ("veth", "ovs_port") for one in lists[key]):
        if port["name"] == switch:
            raise _errors.BadInput(f"ovs_vlan_dhcp_bridge: '{switch}' is also the name of a port of it; rename one.")
    return {"netns": namespaces.items(), **lists}


def _server_port(bridge: str, tenant: Tenant) -> _members.Item:
    server = tenant.server
    addresses = [tenant.subnet.with_prefix(server.address)]
    return _members.item(
        bridge=bridge,
        name=server.interface,
        type="internal",
        tag=tenant.tag,
        netns=server.netns,
        addresses=addresses,
        mac=server.mac,
        mtu=tenant.mtu,
    )


def _member_port(bridge: str, tenant: Tenant, member: Member) -> _members.Item:
    if member.attach == "veth":
        return _members.item(bridge=bridge, name=member.port, tag=tenant.tag)
    # On the kernel's datapath a port is lost to Open vSwitch when its device is renamed. So it keeps its name, on both
    # datapaths.
    altnames = [member.interface] if member.interface != member.port else None
    addresses = [tenant.subnet.with_prefix(member.address)] if member.address else None
    return _members.item(
        bridge=bridge,
        name=member.port,
        type="internal",
        tag=tenant.tag,
        netns=member.name,
        altnames=altnames,
        addresses=addresses,
        mac=member.mac,
        mtu=tenant.mtu,
    )


def _member_veth(tenant: Tenant, member: Member) -> _members.Item:
    addresses = [tenant.subnet.with_prefix(member.address)] if member.address else None
    inside = _members.item(
        name=member.interface, netns=member.name, addresses=addresses, mac=member.mac, mtu=tenant.mtu
    )
    return _members.item(name=member.port, mtu=tenant.mtu, peer=inside)


def _dnsmasq(tenant: Tenant) -> _members.Item:
    server = tenant.server
    # dnsmasq names itself as the router unless told otherwise; without a value it names none.
    router = _members.item(option="router", value=tenant.gateway)
    addresses = _members.item(
        start=server.start, end=server.end, prefix=tenant.subnet.network.prefixlen, lease_time=server.lease_time
    )
    return _members.item(
        name=server_name(tenant.name),
        netns=server.netns,
        interfaces=[server.interface],
        ranges=[addresses],
        options=[router],
    )


def hostname_of(netns: str) -> str | None:
    """The name that a DHCP client sends. A namespace may be called what no host may be (RFC 1123)."""
    return netns if _HOSTNAME.fullmatch(netns) else None


def _client(member: Member) -> _members.Item:
    return _members.item(
        netns=member.name,
        interface=member.device,
        hostname=hostname_of(member.name),
        default_route=member.default_route,
    )
