# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ovs_vlan_dhcp_topology; the documentation below says what it does."""

from __future__ import annotations

DOCUMENTATION = r"""
name: ovs_vlan_dhcp_topology
short_description: Turn tenants with VLAN and DHCP into the lists of topology
version_added: 0.1.0
author:
  - The netloom authors (@netloom)
description:
  - Takes tenants as people think of them, and gives the lists that M(netloom.linux.topology) builds them from, on one Open vSwitch bridge.
  - Each tenant has a VLAN, a namespace with a DHCP server, and members. The subnets of tenants may be equal.
  - Links that have no name get one that is at most 15 bytes long, depends on nothing but the namespace and the interface, and meets no other.
  - Internal ports get a fixed MAC address, made of O(seed), the namespace and the interface, because Open vSwitch gives a port that it makes again a new one.
  - Everything is checked here, before a host is touched.
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
    description: What MAC addresses are made of, beside names. Give each host another one, such as C(inventory_hostname), or their addresses are equal.
    type: str
    default: ''
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
    - The lists C(netns), C(ovs_bridge), C(veth), C(ovs_port), C(netns_route), C(dnsmasq_in_ns) and C(netns_dhcp_client), each in the shape of the
      module of that name.
  type: dict
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _edge, _ovs_vlan_dhcp


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Names and functions."""
        return {"ovs_vlan_dhcp_topology": _edge.complaining(_ovs_vlan_dhcp.topology)}
