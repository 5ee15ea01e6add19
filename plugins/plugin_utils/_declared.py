# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The topologies that the variables of a host declare through the roles."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _bridge_network,
    _entry,
    _fleet_ends,
    _members,
    _ovs_tenant_lists,
    _ovs_tunnels,
    _ovs_vlan_dhcp,
    _router,
    _vxlan,
    _vxlan_network,
    _vxlan_share,
)

Variables = c.Mapping[str, t.Any]
Ends = c.Mapping[str, c.Mapping[str, _fleet_ends.End]]  # by the role, where the tunnels of each host end


def topologies(own: Variables, host: str, ends: Ends | None = None) -> c.Iterator[tuple[str, _members.Topology]]:
    """The lists that each role calls ``topology`` with on a host, with the option that they come from. Without ``ends``
    tunnels have no peers.
    """
    known = ends or {}
    if _declares(own, _bridge_network.OPTION):
        yield _bridge_network.OPTION, _bridge_network.topology(own[_bridge_network.OPTION])
    if _declares(own, _vxlan_network.OPTION):
        networks = own[_vxlan_network.OPTION]
        yield _vxlan_network.OPTION, _vxlan_share.topology(networks, host, known.get(_vxlan.ROLE))
    if _declares(own, _ovs_vlan_dhcp.OPTION):
        yield _ovs_vlan_dhcp.OPTION, _ovs_tenant_lists.topology(tenants(own, host, ends), bridge_of(own), host)
    if _declares(own, _router.OPTION):
        bridge = own.get("router_bridge") or _ovs_tenant_lists.DEFAULT_BRIDGE
        yield _router.OPTION, _router.topology(own[_router.OPTION], bridge, host)


def _declares(own: Variables, option: str) -> bool:
    """Whether a variable is there, and its role is to build what it declares, not to take it down."""
    state = f"{option.rpartition('_')[0]}_state"
    return own.get(option) is not None and own.get(state, _entry.STATES[0]) != _entry.STATES[1]


def bridge_of(own: Variables) -> str:
    """The bridge of the tenants."""
    return str(own.get(_ovs_tenant_lists.BRIDGE) or _ovs_tenant_lists.DEFAULT_BRIDGE)


def tenants(own: Variables, host: str, ends: Ends | None = None) -> _ovs_tenant_lists.Fleet:
    """The tenants that the variables of a host declare."""
    declared, tunnels = own.get(_ovs_vlan_dhcp.OPTION), own.get(_ovs_tunnels.OPTION)
    if ends is None:
        return _ovs_tenant_lists.fleet(declared, host, tunnels)
    hosts, known = own.get(_ovs_tunnels.HOSTS), ends.get(_ovs_vlan_dhcp.ROLE)
    return _ovs_tenant_lists.fleet(declared, host, tunnels, hosts, known)
