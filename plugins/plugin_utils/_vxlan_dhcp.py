# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The DHCP server of a VXLAN network: one for all hosts. Two would give one address to two members."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _addresses,
    _link_names,
    _members,
    _ovs_vlan_dhcp,
    _vxlan,
)

if t.TYPE_CHECKING:
    from ansible_collections.netloom.linux.plugins.plugin_utils import _entry

DHCP = "dhcp"
KEYS = ("host", "start", "end", "lease_time", "address")


def read_server(network: _entry.Entry, name: str, subnets: _addresses.Subnets) -> _vxlan.Server:
    """Read the server of a network. Its address and its range are taken from the subnet."""
    entry = network.entry(DHCP, KEYS)
    subnet = next((one for one in subnets.all if one.network.version == 4), None)
    if subnet is None:
        raise _errors.BadInput(
            f"{entry.path}: the network has no IPv4 subnet, and the DHCP of this role is IPv4; leave it out."
        )
    netns = _ovs_vlan_dhcp.server_name(name)
    _values.object_name(netns, network.at("name"))
    written = entry.text("address")
    owner = f"the DHCP server of '{name}'"
    fixed = subnet.reserve(written, entry.at("address"), owner) if written else None
    kept = subnet.keep(entry, _ovs_vlan_dhcp.range_of(subnet))
    return _vxlan.Server(
        entry=entry,
        host=entry.required("host"),
        netns=netns,
        interface=_link_names.USUAL_INTERFACE,
        host_interface=_link_names.link_name("v", netns),
        address=fixed or subnet.allot(entry.at("address"), owner),
        mac=_link_names.mac_address(_vxlan.ROLE, name, "", "dhcp"),
        start=kept.start,
        end=kept.end,
        free=len(kept.numbers) - len(subnet.owners(kept.numbers)),
        lease_time=_ovs_vlan_dhcp.lease_time(entry),
    )


def is_leased(entry: _entry.Entry, network: _vxlan.Network, fixed: t.Mapping[int, str]) -> bool:
    """Whether DHCP gives a member its IPv4 address."""
    paths = [path for value, path in entry.texts("address") if value == DHCP]
    if not paths:
        return False
    path = paths[0]
    if len(paths) > 1:
        raise _errors.BadInput(f"{paths[1]}: '{DHCP}' is already {path}; a member leases one address, write it once.")
    if network.server is None:
        raise _errors.BadInput(
            f"{path}: the network has no DHCP server; give it one with 'dhcp: {{host: ...}}', or write the address."
        )
    if 4 in fixed:
        raise _errors.BadInput(f"{path}: '{fixed[4]}' is its IPv4 address; leave out one of both.")
    return True


def client_item(member: _vxlan.Member) -> _members.Item:
    """The entry of a member for topology's ``netns_dhcp_client``."""
    return _members.item(
        netns=member.name,
        interface=member.interface,
        hostname=_ovs_vlan_dhcp.hostname_of(member.name),
        default_route=member.default_route,
        wait_for_lease=False,  # the server may be on a host that is built later
    )


def server_item(network: _vxlan.Network, server: _vxlan.Server, gateway_mac: str) -> _members.Item:
    """The entry of the server for topology's ``dnsmasq_in_ns``."""
    gateway = next((one for one in network.gateway.addresses if ":" not in one), None) if network.gateway else None
    subnet = next(subnet for subnet in network.subnets.all if subnet.network.version == 4)
    span = _members.item(
        start=server.start, end=server.end, prefix=subnet.network.prefixlen, lease_time=server.lease_time
    )
    fixed = [(one.mac, address) for one in network.present for address in one.addresses]
    fixed += [(gateway_mac, gateway)] if gateway else []
    first, last = ipaddress.IPv4Address(server.start), ipaddress.IPv4Address(server.end)
    return _members.item(
        name=server.netns,
        netns=server.netns,
        interfaces=[server.interface],
        ranges=[span],
        # Nobody else is given an address of the range that somebody has by declaration.
        hosts=[
            _members.item(mac=mac, address=address)
            for mac, address in fixed
            if ":" not in address and first <= ipaddress.IPv4Address(address) <= last
        ],
        # dnsmasq names itself as the router unless told otherwise; without a value it names none.
        options=[_members.item(option="router", value=gateway)],
    )
