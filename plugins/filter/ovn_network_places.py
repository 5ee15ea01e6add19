# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter ovn_network_places; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: ovn_network_places
short_description: Tell which hosts are chassis of OVN, and what each of them has
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Reads from the inventory which hosts are chassis, under which names, with which bridge mappings, and what their
    underlay carries. The filters of the role C(ovn_network) take the result. It does not depend on the hosts of the
    play, and no host is asked.
positional: variables
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
  here:
    description: Variables that C(hostvars) does not have, such as those of the play.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Which hosts are chassis?
  ansible.builtin.debug:
    msg: "{{ groups['all'] | netloom.linux.ovn_network_places(hostvars) }}"
"""

RETURN = r"""
_value:
  description: For each host a mapping with C(host), C(chassis) (its name in OVN; null if the host is no chassis),
    C(version) (of the underlay's IP), C(underlay_mtu) and C(mappings).
  type: dict
  sample: {"node1": {"host": "node1", "chassis": "node1", "version": 4, "underlay_mtu": 1500, "mappings": {}}}
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _edge, _ovn_places


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"ovn_network_places": _edge.complaining(_ovn_places.table)}
