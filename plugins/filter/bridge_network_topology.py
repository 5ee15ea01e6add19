# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter bridge_network_topology; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: bridge_network_topology
short_description: Turn Docker-style networks into the lists of topology
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Takes networks in a form that is easy to write, and returns the lists from which M(netloom.linux.topology) builds
    them.
  - Links without a name get a unique one. It is at most 15 bytes long and depends only on the namespace and the
    interface.
  - Members without an address get the lowest free address, in order. Given addresses are taken first. A member that is
    added at the end changes no address of the others. A member that is removed from the middle does, unless it stays
    with C(state=absent).
  - All checks are made here, before a host is touched.
positional: state
options:
  _input:
    description: The networks, in the shape of the C(netloom.linux.bridge_network) role's C(bridge_network_networks).
    type: list
    elements: dict
    required: true
  state:
    description: The state in which M(netloom.linux.topology) is called. For V(absent), C(pid) and C(container) are not
      passed on, because the process or container may be gone.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Build two members on a bridge
  netloom.linux.topology:
    name: web
    netns: "{{ lists.netns }}"
    linux_bridge: "{{ lists.linux_bridge }}"
    veth: "{{ lists.veth }}"
    netns_route: "{{ lists.netns_route }}"
    netns_nat: "{{ lists.netns_nat }}"
  vars:
    lists: "{{ networks | netloom.linux.bridge_network_topology }}"
    networks:
      - name: web
        subnet: 172.20.0.0/24
        members:
          - name: web1
          - name: web2
"""

RETURN = r"""
_value:
  description: The lists C(netns), C(linux_bridge), C(veth), C(netns_route) and C(netns_nat), each in the shape of the
    module of that name.
  type: dict
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _bridge_network, _edge


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"bridge_network_topology": _edge.complaining(_edge.remembering(_bridge_network.topology))}
