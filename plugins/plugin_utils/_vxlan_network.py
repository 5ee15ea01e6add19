# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks over several hosts: on each host a Linux bridge with its members, joined by VXLAN (RFC 7348)."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _encapsulation, _errors, _values, _words
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _addresses,
    _bridge_nat,
    _bridge_network,
    _entry,
    _fleet_ends,
    _link_names,
    _members,
    _vxlan,
    _vxlan_checks,
    _vxlan_dhcp,
)

OPTION = "vxlan_network_networks"
NETWORK_KEYS = ("name", "vni", "subnet", "mtu", "bridge", "dhcp", "gateway", "members", "state")
GATEWAY_KEYS = ("host", "address", "masquerade")
MEMBER_KEYS = (*_members.BRIDGED_KEYS, "host")
MOST_VNI = _encapsulation.HIGHEST_NUMBER[_encapsulation.VXLAN]
AUTO = "auto"

Ends = c.Mapping[str, _fleet_ends.End]


def read(networks: t.Any, ends: Ends | None = None) -> list[_vxlan.Network]:
    """Read the declared networks of all hosts, and check every value. The result is the same on every host.

    ``ends``: all hosts of the inventory, with the ends of their tunnels; None: unknown, and not judged.
    """
    found = [_network(entry) for entry in _entry.entries(networks, OPTION, NETWORK_KEYS)]
    _vxlan_checks.check(found)
    if ends is not None:
        _vxlan_checks.check_ends(found, ends)
    return found


def _network(entry: _entry.Entry) -> _vxlan.Network:
    name = _values.object_name(entry.required("name"), entry.at("name"))
    written = entry.texts("subnet")
    if not written:
        raise _errors.BadInput(f"{entry.path}: 'subnet' is missing.")
    subnets = _addresses.Subnets(written)
    gateway = _gateway(entry, subnets) if entry.has("gateway") else None
    members = entry.entries("members", MEMBER_KEYS)
    # What is written is taken first, so that the automatic ones fill the gaps, in order.
    fixed = {one.path: _fixed(one, subnets) for one in members}
    server = _vxlan_dhcp.read_server(entry, name, subnets) if entry.has("dhcp") else None
    gone = _members.unless_present(entry)
    network = _vxlan.Network(
        entry=entry,
        name=name,
        vni=_vni(entry),
        subnets=subnets,
        bridge=_members.link_of(entry, "bridge", _link_names.link_name("br", name)),
        link=_link_names.link_name("vx", name),
        mtu=mtu_of(entry, subnets),
        server=server,
        gateway=gateway,
        members=(),
        gone=gone,
    )
    return network._replace(members=tuple(_member(one, network, fixed[one.path]) for one in members))


def _vni(entry: _entry.Entry) -> int:
    found = entry.whole("vni")
    if found is None:
        raise _errors.BadInput(f"{entry.path}: 'vni' is missing; give the network a VNI from 1 to {MOST_VNI}.")
    return _values.number(found, entry.at("vni"), 1, MOST_VNI)


def mtu_of(entry: _entry.Entry, subnets: _addresses.Subnets) -> int | None:
    written = entry.value("mtu")
    if isinstance(written, str) and not written.strip().isdecimal():
        if written == AUTO:
            return None
        raise _errors.BadInput(
            f"{entry.at('mtu')}: {_words.shown(written)} is not an MTU; give a number, or '{AUTO}' for what the"
            " underlay leaves."
        )
    return _bridge_network.mtu_of(entry, subnets)


def _gateway(network: _entry.Entry, subnets: _addresses.Subnets) -> _vxlan.Gateway:
    entry = network.entry("gateway", GATEWAY_KEYS)
    written = subnets.sorted(entry.texts("address"))
    found = []
    for subnet in subnets.all:
        value, path = written.get(subnet.network.version, (subnet.host(1), entry.at("address")))
        found.append(subnet.reserve(value, path, "the gateway"))
    return _vxlan.Gateway(entry, entry.required("host"), tuple(found), entry.flag("masquerade", False))


def _fixed(entry: _entry.Entry, subnets: _addresses.Subnets) -> dict[int, str]:
    """The written addresses of a member: IP version -> address."""
    written = [one for one in entry.texts("address") if one[0] != _vxlan_dhcp.DHCP]
    return subnets.reserve(written, f"{_members.netns_of(entry, 'name')} ({entry.path})")


def _member(entry: _entry.Entry, network: _vxlan.Network, fixed: dict[int, str]) -> _vxlan.Member:
    name, interface = _members.netns_of(entry, "name"), _members.interface_of(entry)
    leased = _vxlan_dhcp.is_leased(entry, network, fixed)
    gateways = network.gateway.addresses if network.gateway else ()
    routed = entry.flag("default_route", bool(gateways))
    if routed and not gateways:
        raise _errors.BadInput(f"{entry.at('default_route')}: the network has no gateway for a default route.")
    return _vxlan.Member(
        entry=entry,
        host=entry.required("host"),
        name=name,
        interface=interface,
        host_interface=_members.link_of(entry, "host_interface", _link_names.link_name("v", name, interface)),
        addresses=tuple(
            fixed.get(subnet.network.version) or subnet.allot(entry.at("address"), f"{name} ({entry.path})")
            for subnet in network.subnets.all
            if not (leased and subnet.network.version == 4)
        ),
        leased=leased,
        mac=_members.mac_of(entry) or network.mac_of(name, interface),
        source=_bridge_network.source_of(entry),
        default_route=routed,
        isolated=entry.flag("isolated", False) if entry.has("isolated") else None,
        publish=_publish(entry, network, leased),
        gone=network.gone or _members.unless_present(entry),
    )


def _publish(entry: _entry.Entry, network: _vxlan.Network, leased: bool) -> tuple[t.Any, ...]:
    if not entry.has("publish"):
        return ()
    if network.gateway is None:
        raise _errors.BadInput(
            f"{entry.at('publish')}: a port is published by the host of the gateway, and the network has none; give it"
            " one with 'gateway: {host: ...}'."
        )
    if leased:
        raise _errors.BadInput(
            f"{entry.at('publish')}: '{entry.required('name')}' has its address by DHCP, so nobody knows where the port"
            " would lead; give the member an address."
        )
    return _bridge_nat.read_ports(entry, network.subnets, network.gateway.addresses, internal=False)
