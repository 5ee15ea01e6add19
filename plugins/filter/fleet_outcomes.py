# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter fleet_outcomes; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_outcomes
short_description: Tell what became of each host of a playbook of this collection
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Reads what the roles registered on each host, and sorts the hosts by outcome. The playbooks set this as an artifact
    with M(ansible.builtin.set_stats).
positional: variables, playbook
options:
  _input:
    description: The names of the hosts.
    type: list
    elements: str
    required: true
  variables:
    description: C(hostvars).
    type: dict
    required: true
  playbook:
    description: The name of the playbook without that of the collection.
    type: str
    choices: [site, verify, drift, teardown]
    required: true
  check:
    description: Whether the playbook runs in check mode.
    type: bool
    default: false
  everybody:
    description: All hosts of the inventory, whose networks may lack what hosts of O(_input) should have built. The
      default is O(_input).
    type: list
    elements: str
  here:
    description: Variables that only the play has.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: What became of the hosts?
  ansible.builtin.debug:
    msg: "{{ ansible_play_hosts_all | netloom.linux.fleet_outcomes(hostvars, 'site') }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: The outcomes. See the page on AWX for the keys.
  type: dict
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _drift, _edge, _fleet, _fleet_missing


@_edge.complaining
def fleet_outcomes(
    hosts: t.Any, variables: t.Any, playbook: str, check: bool = False, *, everybody: t.Any = None, here: t.Any = None
) -> dict[str, t.Any]:
    """The outcomes of the hosts; of the playbook drift also each difference, of site what networks lack."""
    found = _fleet.outcomes(hosts, variables, playbook, check)
    if playbook == "drift":
        found["drift"] = _drift.rows(found["drifted"], variables)
    if playbook == "site":
        found["missing"] = _fleet_missing.sentences(found, everybody or hosts, variables, here or {})
    return found


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"fleet_outcomes": fleet_outcomes}
