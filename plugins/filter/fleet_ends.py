# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter fleet_ends; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_ends
short_description: Tell where the tunnels of each host end
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Reads from the inventory to which address other hosts send, for all hosts at once. The roles that join hosts by
    tunnels take the result. It does not depend on the hosts of the play, and no host is asked.
positional: variables, role
options:
  _input:
    description: The names of all hosts of the inventory, without those that are namespaces.
    type: list
    elements: str
    required: true
  variables:
    description: C(hostvars).
    type: dict
    required: true
  role:
    description: The role. Its variables C(ROLE_local) and C(ROLE_underlay_mtu) are read. Without C(ROLE_local), a host
      has the address in C(ansible_host), if that is one.
    type: str
    required: true
  underlay_mtu:
    description: The C(ROLE_underlay_mtu) of hosts that have none of their own.
    type: int
"""

EXAMPLES = r"""
- name: Where do the tunnels of each host end?
  ansible.builtin.debug:
    msg: "{{ groups['all'] | netloom.linux.fleet_ends(hostvars, 'vxlan_network') }}"
"""

RETURN = r"""
_value:
  description: For each host a mapping with C(local), the address, and C(underlay_mtu). Both are null if the inventory
    does not tell.
  type: dict
  sample: {"node1": {"local": "192.0.2.1", "underlay_mtu": null}}
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _edge, _fleet_ends


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"fleet_ends": _edge.complaining(_fleet_ends.table)}
