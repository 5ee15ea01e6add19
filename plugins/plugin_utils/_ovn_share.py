# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The share of one host in networks that OVN carries, as lists of ``topology``: its members."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _values
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _entry,
    _members,
    _ovn,
    _ovn_intent,
    _ovn_mtu,
    _ovn_names,
    _ovn_places,
    _ovs_vlan_dhcp,
)

LISTS = ("netns", "ovs_bridge", "veth", "ovs_port", "netns_route", "netns_dhcp_client")


class Options(t.NamedTuple):
    """What is said of all members. ``state``: that of the whole topology; absent needs no process and no container."""

    names: _ovn_names.Names = _ovn_names.Names()
    bridge: str = _ovn.BRIDGE
    state: str = _entry.STATES[0]


def options_of(topology: str = _ovn.ROLE, bridge: str = _ovn.BRIDGE, state: str = _entry.STATES[0]) -> Options:
    """The options as a user writes them."""
    checked = _entry.Entry({"state": state}, "", None).choice("state", _entry.STATES)
    return Options(_ovn_names.names_of(topology), _values.link_name(bridge, f"{_ovn.ROLE}_bridge"), checked)


def topology(
    given: _ovn_intent.Declared,
    host: str,
    places: c.Mapping[str, _ovn_places.Place] | None,
    options: Options,
) -> _members.Topology:
    """The lists of ``topology`` that build a host's members. Without ``places`` nobody knows the MTU."""
    names, bridge = options.names, options.bridge
    intent, namespaces = _ovn_intent.read(given, places, names), _members.Namespaces()
    lists: _members.Topology = {name: [] for name in LISTS}
    for network in intent.networks:
        mtu = _ovn_mtu.of_network(network, places)
        for member in (one for one in network.members if one.host == host):
            there = options.state == _entry.STATES[0] and not member.gone
            namespaces.join(member.entry, member.name, member.interface, member.gone, member.source if there else {})
            lists["veth"].append(_cable(network, member, mtu) | member.gone)
            lists["ovs_port"].append(_port(names.port(network.name, member.name), member, bridge) | member.gone)
            lists["netns_route"] += _routes(network, member)
            lists["netns_dhcp_client"] += [_client(member) | member.gone] if member.leased else []
    lists["netns"] = namespaces.items()
    # Without it no plan could tell of the ports before OVN is there. What it has beside them stays.
    lists["ovs_bridge"] = [_members.item(name=bridge)] if any("state" not in one for one in lists["ovs_port"]) else []
    return lists


def _cable(network: _ovn.Network, member: _ovn.Member, mtu: int | None) -> _members.Item:
    own = [one for one in member.addresses if not (member.leased and _ovn.version_of(one) == 4)]
    inside = _members.item(
        name=member.interface,
        netns=member.name,
        addresses=network.known(own) or None,
        mac=member.mac,
        mtu=mtu,
    )
    return _members.item(name=member.host_interface, mtu=mtu, peer=inside)


def _port(iface_id: str, member: _ovn.Member, bridge: str) -> _members.Item:
    """A veth end, not an internal port: the device of one is dead after a restart of ovs-vswitchd on the userspace
    datapath, and OVN shows no sign of it.
    """
    return _members.item(bridge=bridge, name=member.host_interface, iface_id=iface_id)


def _routes(network: _ovn.Network, member: _ovn.Member) -> list[_members.Item]:
    """The default routes, if DHCP does not tell them."""
    return [
        _members.item(netns=member.name, destination="default", gateway=gateway, device=member.interface)
        for gateway in network.gateways
        if member.default_route and not member.gone and (":" in gateway or not member.leased)
    ]


def _client(member: _ovn.Member) -> _members.Item:
    return _members.item(
        netns=member.name,
        interface=member.interface,
        hostname=_ovs_vlan_dhcp.hostname_of(member.name),
        default_route=member.default_route,
    )
