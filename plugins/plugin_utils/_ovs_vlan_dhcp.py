# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read tenants on Open vSwitch bridges, each with a VLAN and a DHCP server. Subnets may be equal."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.dnsmasq import _dnsmasq_values
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values
from ansible_collections.netloom.linux.plugins.plugin_utils import _addresses, _entry, _link_names, _members

ROLE = "ovs_vlan_dhcp"
OPTION = f"{ROLE}_tenants"
TENANT_KEYS = ("name", "tag", "subnet", "dhcp", "gateway", "attach", "mtu", "server", "members", "state")
DHCP_KEYS = ("start", "end", "lease_time")
SERVER_KEYS = ("netns", "interface", "address", "mac", "host")
MEMBER_KEYS = (*_members.MEMBER_KEYS, "host", "attach", "port")
ATTACH = ("veth", "internal")
LEASE_TIME = "1h"
# The range that a subnet of at least 32 addresses gets, and a smaller one.
RANGE, RANGE_OF_SMALL, SMALL = (10, 100), (3, 100), 32
_HOSTNAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


class Server(t.NamedTuple):
    """A tenant's DHCP server. ``host`` is None if each host has one."""

    host: str | None
    netns: str
    interface: str
    address: str
    mac: str
    leases: _addresses.Range
    lease_time: str


class Member(t.NamedTuple):
    """One member of a tenant. ``host`` is None if each host has it, ``address`` is None if DHCP decides."""

    entry: _entry.Entry
    name: str
    host: str | None
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


def read(tenants: t.Any, seed: str = "", joined: bool = False) -> list[Tenant]:
    """Read the declared tenants, and check every value. ``seed`` distinguishes hosts where MAC addresses are computed.
    ``joined``: tunnels join the hosts. Then each thing is on one host, and MAC addresses are the same wherever they are
    computed.
    """
    found = [_tenant(entry, seed, joined) for entry in _entry.entries(tenants, OPTION, TENANT_KEYS)]
    once = _entry.Once()
    for tenant in found:
        once.take(("tenant", tenant.name), tenant.entry.at("name"), f"the name '{tenant.name}'")
        once.take(("tag", tenant.tag), tenant.entry.at("tag"), f"VLAN {tenant.tag}")
        _members.refuse_twins(member.entry for member in tenant.members)
        _refuse_two_macs(tenant, once)
    for host in dict.fromkeys(named(found)) or (None,):
        _refuse_twice(of_host(found, host), host)
    return found


def _refuse_two_macs(tenant: Tenant, once: _entry.Once) -> None:
    """Refuse a MAC address that two of one VLAN have, on whichever hosts: a switch would send to one of them only."""
    server = (tenant.entry.at("server.mac"), tenant.server.mac)
    for path, mac in [server, *((member.entry.at("mac"), member.mac) for member in tenant.members)]:
        if mac is not None:
            once.take(("mac", tenant.tag, mac), path, f"the MAC address {mac} of tenant '{tenant.name}'")


def named(tenants: t.Iterable[Tenant]) -> dict[str, str]:
    """The hosts on which something is declared, each with the path that says so first."""
    found: dict[str, str] = {}
    for tenant in tenants:
        if tenant.server.host is not None and not tenant.gone:
            found.setdefault(tenant.server.host, tenant.entry.at("server.host"))
        for member in tenant.members:
            if member.host is not None and not member.gone:
                found.setdefault(member.host, member.entry.at("host"))
    return found


def is_on(thing: Server | Member, host: str | None) -> bool:
    """Whether a server or member is on this host. None: whether it is on any host."""
    return host is None or thing.host in (None, host)


def of_host(tenants: t.Iterable[Tenant], host: str | None) -> list[Tenant]:
    """The tenants with those members only that are on this host."""
    return [
        tenant._replace(members=tuple(member for member in tenant.members if is_on(member, host))) for tenant in tenants
    ]


def _refuse_twice(tenants: list[Tenant], host: str | None) -> None:
    """Refuse what a host can only have once."""
    once = _entry.Once()
    for tenant in tenants:
        entry, server = tenant.entry, tenant.server
        if is_on(server, host):
            once.take(("netns", server.netns), entry.at("server.netns"), f"the server namespace '{server.netns}'")
            once.take(("link", server.interface), entry.at("server.interface"), f"the port name '{server.interface}'")
    members = [member for tenant in tenants for member in tenant.members]
    _members.refuse_twins(member.entry for member in members)
    for member in members:
        once.take(("link", member.port), member.entry.at("port"), f"the port name '{member.port}'")
    for tenant in tenants:
        _refuse_two_ways_out(tenant, once)


def _refuse_two_ways_out(tenant: Tenant, once: _entry.Once) -> None:
    for member in tenant.members:
        if tenant.gateway and member.default_route and not member.gone:
            what = f"the default route of namespace '{member.name}' (switch one off with 'default_route: false')"
            once.take(("default", member.name), member.entry.at("default_route"), what)


def _tenant(entry: _entry.Entry, seed: str, joined: bool) -> Tenant:
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
    server = _server(entry, name, subnet, seed, joined)
    written = entry.text("gateway")
    gateway = subnet.reserve(written, entry.at("gateway"), "the gateway") if written else None
    gone = _members.unless_present(entry)
    attach = entry.choice("attach", ATTACH)
    macs = _Macs(name if joined else seed, joined)
    members = tuple(_member(one, attach, subnet, gone, macs) for one in entry.entries("members", MEMBER_KEYS))
    _check_range(entry, subnet, server, members)
    return Tenant(entry, name, tag, subnet, gateway, _members.mtu_of(entry), server, members, gone)


def server_name(tenant: str) -> str:
    """The name of a tenant's DHCP server, and by default of its namespace."""
    return f"dhcp-{tenant}"


class _Macs(t.NamedTuple):
    """From what MAC addresses are computed. With ``joined`` a peer must know them, so they do not depend on the host,
    and no link is left to the kernel.
    """

    seed: str
    joined: bool

    def of(self, host: str | None, *words: str) -> str:
        """The MAC address of an interface."""
        return _link_names.mac_address(self.seed if self.joined else host or self.seed, *words)


def _server(tenant: _entry.Entry, name: str, subnet: _addresses.Subnet, seed: str, joined: bool) -> Server:
    entry, dhcp = tenant.entry("server", SERVER_KEYS), tenant.entry("dhcp", DHCP_KEYS)
    netns = _members.netns_of(entry, "netns", server_name(name))
    host = entry.text("host") or (_first_host(tenant) if joined else None)
    return Server(
        host=host,
        netns=netns,
        interface=_members.link_of(entry, "interface", _link_names.link_name("tap", name), _dnsmasq_values.interface),
        address=subnet.reserve(entry.text("address") or subnet.host(2), entry.at("address"), "the DHCP server"),
        # An internal port that is made again gets another MAC, and the neighbours' ARP caches swallow its packets: pin
        # it.
        mac=_members.mac_of(entry) or _Macs(name if joined else seed, joined).of(host, netns, "server"),
        leases=subnet.keep(dhcp, range_of(subnet)),
        lease_time=lease_time(dhcp),
    )


def range_of(subnet: _addresses.Subnet) -> tuple[int, int]:
    """The first and the last host of a range that nobody wrote."""
    return RANGE if subnet.size >= SMALL - 2 else RANGE_OF_SMALL


def _first_host(tenant: _entry.Entry) -> str | None:
    """The host of the first member that stays. With tunnels a second server would lease the same addresses again."""
    if _members.unless_present(tenant):
        return None
    members = [_members.unless_present(one) or one.text("host") for one in tenant.entries("members", MEMBER_KEYS)]
    found = next((host for host in members if isinstance(host, str)), None)
    if found is None:
        raise _errors.BadInput(
            f"{tenant.at('server.host')}: is missing; with {ROLE}_tunnels, name the host that has the tenant's one DHCP"
            " server."
        )
    return found


def lease_time(dhcp: _entry.Entry) -> str:
    """How long a lease lasts, as dnsmasq takes it."""
    written = dhcp.value("lease_time")
    if isinstance(written, bool) or not isinstance(written, int):  # whole seconds need no quotes
        written = dhcp.text("lease_time")
    return LEASE_TIME if written is None else _dnsmasq_values.lease_time(written, dhcp.at("lease_time"))


def _member(entry: _entry.Entry, attach: str, subnet: _addresses.Subnet, gone: _members.Item, macs: _Macs) -> Member:
    name, interface = _members.netns_of(entry, "name"), _members.interface_of(entry)
    host, gone = entry.text("host"), gone or _members.unless_present(entry)
    if macs.joined and host is None and not gone:
        raise _errors.BadInput(
            f"{entry.at('host')}: is missing; with {ROLE}_tunnels, name the host on which the member is."
        )
    attach = entry.choice("attach", ATTACH) if entry.has("attach") else attach
    internal = attach == "internal"
    address = entry.text("address")
    return Member(
        entry=entry,
        name=name,
        host=host,
        interface=interface,
        port=_members.link_of(entry, "port", _link_names.link_name("p" if internal else "v", name, interface)),
        attach=attach,
        mac=_members.mac_of(entry) or (macs.of(host, name, interface) if internal or macs.joined else None),
        address=subnet.reserve(address, entry.at("address"), f"{name} ({entry.path})") if address else None,
        default_route=entry.flag("default_route", True),
        gone=gone,
    )


def _check_range(tenant: _entry.Entry, subnet: _addresses.Subnet, server: Server, members: tuple[Member, ...]) -> None:
    """Check that the range is large enough, and that no fixed address lies in it."""
    entry, (start, end, kept) = tenant.entry("dhcp", DHCP_KEYS), server.leases
    for owner in subnet.owners(kept).values():
        raise _errors.BadInput(
            f"{entry.path}: the range {start} to {end} holds the fixed address of {owner}; take that"
            " one, or the range, elsewhere."
        )
    leased = sum(1 for member in members if member.address is None)
    if leased > len(kept):
        raise _errors.BadInput(
            f"{entry.path}: the range {start} to {end} has {len(kept)} addresses for {leased} members; make it larger."
        )


def hostname_of(netns: str) -> str | None:
    """The name that a DHCP client sends. A namespace may be called what no host may be (RFC 1123)."""
    return netns if _HOSTNAME.fullmatch(netns) else None
