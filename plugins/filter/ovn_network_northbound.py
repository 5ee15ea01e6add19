# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter ovn_network_northbound; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: ovn_network_northbound
short_description: Turn networks of OVN into the lists of ovn_topology
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Takes networks, routers, security groups and load balancers in the words of Neutron, and returns what they are in
    the northbound database of OVN.
  - Addresses and MAC addresses are allotted over the members of all hosts, in their order. Each port is bound to the
    chassis of its member.
  - All checks are made here, before a host is touched.
positional: places
options:
  _input:
    description: The networks, in the shape of the C(netloom.linux.ovn_network) role's C(ovn_network_networks).
    type: list
    elements: dict
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
  options:
    description: Options of the whole northbound database, in OVN's words.
    type: dict
  topology:
    description: The name of the topology. The names of objects in the northbound database begin with it, unless it is
      the default one.
    type: str
    default: ovn_network
"""

EXAMPLES = r"""
- name: What is written for a network over two hosts?
  ansible.builtin.debug:
    msg: "{{ networks | netloom.linux.ovn_network_northbound(places) }}"
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
  description: The lists C(ovn_switch), C(ovn_dhcp_options), C(ovn_port), C(ovn_port_group), C(ovn_address_set),
    C(ovn_router), C(ovn_load_balancer) and C(ovn_global), each in the shape of the module of that name.
  type: dict
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _edge,
    _members,
    _ovn,
    _ovn_intent,
    _ovn_names,
    _ovn_northbound,
    _ovn_places,
)


@_edge.complaining
@_edge.remembering
def _topology(value: t.Any, places: t.Any, topology: str = _ovn.ROLE, **others: t.Any) -> _members.Topology:
    declared = _ovn_intent.Declared(value, **others)
    return _ovn_northbound.topology(declared, _ovn_places.read_table(places), _ovn_names.names_of(topology))


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"ovn_network_northbound": _topology}
