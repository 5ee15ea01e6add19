# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter role_complaint; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: role_complaint
short_description: Report what is wrong with the variables of a role
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Checks the variables of a role of this collection before a host is touched, and returns the first complaint as one
    sentence with the path of the wrong value. The roles begin with this check.
positional: role
options:
  _input:
    description: The variables of the role, by their names.
    type: dict
    required: true
  role:
    description: The name of the role without that of the collection.
    type: str
    choices:
      [bridge_network, diagram, faults, ovn_central, ovn_chassis, ovn_network, ovs_vlan_dhcp, prepare, router, verify,
       vxlan_network]
    required: true
  names:
    description: The names of all variables that begin with the name of the role, to find misspelt options.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Refuse a misspelt key in the inventory, without contacting a host
  ansible.builtin.assert:
    that: complaint == ''
    fail_msg: "{{ complaint }}"
  vars:
    complaint: "{{ {'bridge_network_networks': networks, 'bridge_network_topology': 'web'} |
      netloom.linux.role_complaint('bridge_network') }}"
    networks:
      - name: web
        subnet: 172.20.0.0/24
"""

RETURN = r"""
_value:
  description: The complaint, or an empty string if there is none.
  type: str
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _roles


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"role_complaint": _roles.complaint}
