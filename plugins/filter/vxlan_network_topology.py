# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter vxlan_network_topology; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: vxlan_network_topology
short_description: Turn VXLAN networks over several hosts into the lists of topology for one host
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Takes networks over several hosts in a form that is easy to write, and returns the lists from which
    M(netloom.linux.topology) builds the share of one host.
  - Addresses and MAC addresses are allotted over the members of all hosts, in their order. So each host computes the
    same, and knows the others without asking them.
  - The VXLAN link of a host has a copy of each broadcast for exactly those hosts that have a part of the network, and
    an entry for each MAC address that is on one of them. The bridge answers ARP and ND for what is there.
  - All checks are made here, before a host is touched.
positional: host, ends
options:
  _input:
    description: The networks, in the shape of the C(netloom.linux.vxlan_network) role's C(vxlan_network_networks).
    type: list
    elements: dict
    required: true
  host:
    description: The host whose share is wanted.
    type: str
    required: true
  ends:
    description: Where the tunnels of each host end, from P(netloom.linux.fleet_ends#filter).
    type: dict
    required: true
  underlay:
    description: What M(netloom.linux.underlay_info) returned on this host. It is needed if the inventory does not tell
      the MTU of the underlay.
    type: dict
  port:
    description: The UDP port of VXLAN.
    type: int
    default: 4789
  learning:
    description: Whether MAC addresses of other hosts are learned from what they send, and not written.
    type: bool
    default: false
  state:
    description: The state in which M(netloom.linux.topology) is called. For V(absent), C(pid) and C(container) are not
      passed on, because the process or container may be gone.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: What does node1 build of a network over two hosts?
  ansible.builtin.debug:
    msg: "{{ networks | netloom.linux.vxlan_network_topology('node1', ends) }}"
  vars:
    ends:
      node1: {local: 192.0.2.1, underlay_mtu: 1500}
      node2: {local: 192.0.2.2, underlay_mtu: 1500}
    networks:
      - name: red
        vni: 4100
        subnet: 10.50.50.0/24
        members:
          - {name: red1, host: node1}
          - {name: red2, host: node2}
"""

RETURN = r"""
_value:
  description: The lists C(netns), C(linux_bridge), C(netns_interface), C(veth), C(netns_route), C(netns_nat),
    C(dnsmasq_in_ns) and C(netns_dhcp_client), each in the shape of the module of that name.
  type: dict
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _edge,
    _fleet_ends,
    _members,
    _vxlan_mtu,
    _vxlan_share,
)


@_edge.complaining
@_edge.remembering
def _topology(value: t.Any, host: str, ends: t.Any, underlay: t.Any = None, **options: t.Any) -> _members.Topology:
    table = _vxlan_mtu.measured(_fleet_ends.read_table(ends), host, underlay)
    return _vxlan_share.topology(value, host, table, _vxlan_share.options_of(**options))


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"vxlan_network_topology": _topology}
