# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter fleet_underlay; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_underlay
short_description: Report what is wrong with the underlay of tunnels, for all hosts at once
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Judges what hosts told of their underlay by M(netloom.linux.underlay_info), before one of them is touched. The roles
    P(netloom.linux.vxlan_network#role) and P(netloom.linux.ovs_vlan_dhcp#role) use this filter; you seldom need it by
    hand.
positional: variables, ends, role
options:
  _input:
    description: The names of the hosts.
    type: list
    elements: str
    required: true
  variables:
    description: C(hostvars). A host that was asked has the result as C(ROLE__underlay). The others are left out.
    type: dict
    required: true
  ends:
    description: Where the tunnels of each host end, from P(netloom.linux.fleet_ends#filter).
    type: dict
    required: true
  role:
    description: The role that makes the tunnels.
    type: str
    choices: [vxlan_network, ovs_vlan_dhcp]
    required: true
  here:
    description: Variables that C(hostvars) does not have, such as those of the play.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Can the tunnels be?
  ansible.builtin.assert:
    that: complaint == ''
    fail_msg: "{{ complaint }}"
  vars:
    complaint: "{{ ansible_play_hosts | netloom.linux.fleet_underlay(hostvars, ends, 'vxlan_network') }}"
    ends: "{{ groups['all'] | netloom.linux.fleet_ends(hostvars, 'vxlan_network') }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: The complaints, or an empty string if there is none.
  type: str
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _edge, _fleet_ends, _fleet_underlay


@_edge.complaining
def _underlay(hosts: t.Any, variables: t.Any, ends: t.Any, role: str, here: t.Any = None) -> str:
    return _fleet_underlay.complaint(hosts, variables, _fleet_ends.of_table(ends) or {}, role, here or {})


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"fleet_underlay": _underlay}
