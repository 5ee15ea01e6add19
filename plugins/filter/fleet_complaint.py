# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter fleet_complaint; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_complaint
short_description: Report what is wrong with what is declared, for all hosts at once
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Checks the variables of the roles on the control node, before a host is touched, as the filter
    P(netloom.linux.role_complaint#filter) does for one host. What is wrong on several hosts is told once.
positional: variables
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
  here:
    description: Variables that C(hostvars) does not have, such as those of the play.
    type: dict
    default: {}
  state:
    description: The state with which the roles are called, whatever the variables say.
    type: str
    choices: [present, absent]
  everybody:
    description: The names of all hosts of the inventory, if O(_input) are only some of them. What is declared for a
      fleet is judged for all of its hosts.
    type: list
    elements: str
  roles:
    description: Only the variables of these roles are judged. The default is those of all roles.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Check the inventory without contacting a host
  ansible.builtin.assert:
    that: complaint == ''
    fail_msg: "{{ complaint }}"
  vars:
    complaint: "{{ ansible_play_hosts_all | netloom.linux.fleet_complaint(hostvars) }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: The complaints, or an empty string if there is none.
  type: str
"""

import typing as t

from ansible.utils.display import Display
from ansible_collections.netloom.linux.plugins.plugin_utils import _edge, _fleet_input

display = Display()


@_edge.complaining
def fleet_complaint(hosts: t.Any, variables: t.Any, here: t.Any = None, state: str | None = None, **more: t.Any) -> str:
    """The complaints about the variables of these hosts. Suspicious names of variables are warned of."""
    for sentence in _fleet_input.strange(hosts, variables):
        display.warning(sentence)
    return _fleet_input.complaint(hosts, variables, here or {}, state, **more)


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"fleet_complaint": fleet_complaint}
