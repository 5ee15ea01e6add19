# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter fleet_segments; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_segments
short_description: Tell which networks are on several hosts, and who is where
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Reads what the hosts declare, and returns each network with its members on all hosts. From this list,
    packets are sent between hosts to prove the networks.
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
    description: Variables that only the play has.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Which networks are on several hosts?
  ansible.builtin.debug:
    msg: "{{ groups['all'] | netloom.linux.fleet_segments(hostvars) }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: The networks.
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _crossing_data, _crossing_sources, _edge


@_edge.complaining
def fleet_segments(hosts: t.Any, variables: t.Any, here: t.Any = None) -> list[dict[str, t.Any]]:
    """The networks of the hosts, as plain data."""
    return _crossing_data.plain(_crossing_sources.segments(hosts, variables, here or {}))


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"fleet_segments": fleet_segments}
