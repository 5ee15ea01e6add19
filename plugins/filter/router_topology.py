# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter router_topology; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: router_topology
short_description: Turn routers between tenants into the lists of topology
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Takes routers in a form that is easy to write, and returns the lists from which M(netloom.linux.topology) builds
    them, on Open vSwitch bridges.
  - A router has a namespace with a port in the VLAN of each tenant. If it leads outside, it has another port that
    translates addresses.
  - Ports have names like those of Neutron in OpenStack, a prefix such as C(qr-) and eleven characters of an id. They
    have fixed MAC addresses. Both are computed from O(seed), the router and the interface.
  - All checks are made here, before a host is touched.
positional: bridge, seed
options:
  _input:
    description: The routers, in the shape of the C(netloom.linux.router) role's C(router_routers).
    type: list
    elements: dict
    required: true
  bridge:
    description: The name of the Open vSwitch bridge of the tenants.
    type: str
    default: OVS1
  seed:
    description: A text from which names and MAC addresses are computed, together with other names. Give each host a
      different text, such as C(inventory_hostname).
    type: str
    default: ''
"""

EXAMPLES = r"""
- name: Show what would be built for a router
  ansible.builtin.debug:
    msg: "{{ routers | netloom.linux.router_topology(bridge='OVS1', seed=inventory_hostname) }}"
  vars:
    routers:
      - name: r1
        interfaces:
          - {tag: 100, address: 10.50.50.1/24}
          - {tag: 200, address: 10.60.60.1/24}
        external: {address: 203.0.113.2/24, gateway: 203.0.113.1, bridge: br-ex}
"""

RETURN = r"""
_value:
  description: The lists C(netns), C(ovs_bridge), C(veth), C(ovs_port), C(netns_route) and C(netns_nat), each in the
    shape of the module of that name.
  type: dict
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _edge, _router


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"router_topology": _edge.complaining(_edge.remembering(_router.topology))}
