# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter ovn_network_topology; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: ovn_network_topology
short_description: Turn networks of OVN into the lists of topology for one host
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Takes networks of OVN in a form that is easy to write, and returns the lists from which M(netloom.linux.topology)
    builds the members of one host.
  - Each member is a namespace with a veth, whose other end is a port of the integration bridge.
  - All checks are made here, before a host is touched.
positional: host, places
options:
  _input:
    description: The networks, in the shape of the C(netloom.linux.ovn_network) role's C(ovn_network_networks).
    type: list
    elements: dict
    required: true
  host:
    description: The host whose members are wanted.
    type: str
    required: true
  places:
    description: What the inventory tells of all hosts, from P(netloom.linux.ovn_network_places#filter).
    type: dict
    required: true
  routers:
    description: The routers, in the shape of the role's C(ovn_network_routers).
    type: list
    elements: dict
  security_groups:
    description: The security groups, in the shape of the role's C(ovn_network_security_groups).
    type: list
    elements: dict
  load_balancers:
    description: The load balancers, in the shape of the role's C(ovn_network_load_balancers).
    type: list
    elements: dict
  topology:
    description: The name of the topology. The names of objects in the northbound database begin with it, unless it is
      the default one.
    type: str
    default: ovn_network
  bridge:
    description: The integration bridge.
    type: str
    default: br-int
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
    msg: "{{ networks | netloom.linux.ovn_network_topology('node1', places) }}"
  vars:
    places:
      node1: {host: node1, chassis: node1, version: 4, underlay_mtu: 1500, mappings: {}}
      node2: {host: node2, chassis: node2, version: 4, underlay_mtu: 1500, mappings: {}}
    networks:
      - name: red
        subnet: 10.50.50.0/24
        members:
          - {name: red1, host: node1}
          - {name: red2, host: node2, address: dhcp}
"""

RETURN = r"""
_value:
  description: The lists C(netns), C(ovs_bridge), C(veth), C(ovs_port), C(netns_route) and C(netns_dhcp_client), each in
    the shape of the module of that name.
  type: dict
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _edge,
    _members,
    _ovn_intent,
    _ovn_places,
    _ovn_share,
)


@_edge.complaining
@_edge.remembering
def _topology(value: t.Any, host: str, places: t.Any, **others: t.Any) -> _members.Topology:
    more = {name: others.pop(name) for name in ("topology", "bridge", "state") if name in others}
    declared = _ovn_intent.Declared(value, **others)
    return _ovn_share.topology(declared, host, _ovn_places.read_table(places), _ovn_share.options_of(**more))


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"ovn_network_topology": _topology}
