# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter ovs_vlan_dhcp_topology; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: ovs_vlan_dhcp_topology
short_description: Turn tenants with VLAN and DHCP into the lists of topology
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Takes tenants in a form that is easy to write, and returns the lists from which M(netloom.linux.topology) builds
    them, on one Open vSwitch bridge.
  - Each tenant has a VLAN, a namespace with a DHCP server, and members. Two tenants may have the same subnet.
  - Links without a name get a unique one. It is at most 15 bytes long and depends only on the namespace and the
    interface.
  - Internal ports get a fixed MAC address, computed from O(seed), the namespace and the interface. Otherwise Open
    vSwitch would give a recreated port a new MAC address.
  - If tunnels join several hosts, the lists have the share of one of them, and its tunnels to all others. The MAC
    addresses are then the same on whichever host they are computed.
  - All checks are made here, before a host is touched.
positional: bridge, seed
options:
  _input:
    description: The tenants, in the shape of the C(netloom.linux.ovs_vlan_dhcp) role's C(ovs_vlan_dhcp_tenants).
    type: list
    elements: dict
    required: true
  bridge:
    description: The name of the Open vSwitch bridge.
    type: str
    default: OVS1
  seed:
    description: A text from which MAC addresses are computed, together with names. Give each host a different text,
      such as C(inventory_hostname). Otherwise their MAC addresses are equal.
    type: str
    default: ''
  host:
    description: The host whose share is returned. If left out, everything is returned, without tunnels.
    type: str
  tunnels:
    description: The tunnels, in the shape of the role's C(ovs_vlan_dhcp_tunnels).
    type: dict
  hosts:
    description: The hosts that the tunnels join, as the role's C(ovs_vlan_dhcp_hosts).
    type: list
    elements: str
  ends:
    description: Where the tunnels of each host of the inventory end, by its name. Each value has C(local), an address
      or null, and C(underlay_mtu), a number or null.
    type: dict
  underlay:
    description: What M(netloom.linux.underlay_info) returned on the host.
    type: dict
  state:
    description: V(absent) returns the tunnels in each form that the host may have them in, to take them down.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Show what would be built for a tenant
  ansible.builtin.debug:
    msg: "{{ tenants | netloom.linux.ovs_vlan_dhcp_topology(bridge='OVS1', seed=inventory_hostname) }}"
  vars:
    tenants:
      - name: red
        tag: 100
        subnet: 10.50.50.0/24
        members:
          - name: red
"""

RETURN = r"""
_value:
  description:
    - The lists C(netns), C(ovs_bridge), C(veth), C(ovs_port), C(netns_route), C(dnsmasq_in_ns) and
      C(netns_dhcp_client), each in the shape of the module of that name. With tunnels there is C(netns_interface), too.
  type: dict
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _edge,
    _entry,
    _fleet_ends,
    _members,
    _ovs_tenant_lists,
)


@_edge.complaining
@_edge.remembering
def _topology(
    value: t.Any, bridge: str = "OVS1", seed: str = "", host: str | None = None, **declared: t.Any
) -> _members.Topology:
    wanted = _entry.Entry(declared, "", ("tunnels", "hosts", "ends", "underlay", "state"))
    fleet = _ovs_tenant_lists.fleet(
        value, seed, wanted.value("tunnels"), wanted.value("hosts"), _fleet_ends.of_table(wanted.value("ends"))
    )
    absent = wanted.choice("state", _entry.STATES) == _entry.STATES[1]
    return _ovs_tenant_lists.topology(fleet, bridge, host, wanted.value("underlay"), absent=absent)


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"ovs_vlan_dhcp_topology": _topology}
