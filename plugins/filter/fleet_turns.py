# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter fleet_turns; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_turns
short_description: Tell in which turns a playbook takes its hosts
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Puts hosts on which others depend into a turn of their own, before all others, or after them. The playbooks
    C(netloom.linux.site) and C(netloom.linux.teardown) do so with the central hosts of OVN.
  - If there are no turns, or no such hosts, the order stays that of the inventory.
positional: leading, serial
options:
  _input:
    description: The names of the hosts, in the order of the inventory.
    type: list
    elements: str
    required: true
  leading:
    description: The hosts that are a turn of their own, as far as the run has them.
    type: list
    elements: str
    required: true
  serial:
    description: The C(serial) of the play, as numbers of hosts or percentages. The leading hosts do not count.
    type: raw
    default: 0
  limit:
    description: The only hosts that the run may have, if it is limited.
    type: list
    elements: str
  reverse:
    description: Whether the leading hosts are the last turn.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: One host after the other, the central hosts first
  hosts: "{{ turns.hosts }}"
  serial: "{{ turns.serial }}"
  vars:
    turns: "{{ groups['all'] | netloom.linux.fleet_turns(groups['ovn_central'], 1) }}"
"""

RETURN = r"""
_value:
  description: A mapping with C(hosts), the hosts in their order, and C(serial), the sizes of the turns.
  type: dict
  sample: {"hosts": ["central1", "node1", "node2"], "serial": [1, 1, 1]}
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _edge, _fleet_turns


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"fleet_turns": _edge.complaining(_fleet_turns.turns)}
