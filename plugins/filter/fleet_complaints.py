# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter fleet_complaints; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_complaints
short_description: Report what is wrong with the variables of all hosts, once
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Checks the variables of the roles of this collection, and C(netloom_topology), for many hosts at once. No host is
    contacted.
  - Hosts with equal variables are judged once. Each complaint is one sentence with the path of the wrong value, after
    the names of the hosts that have it.
positional: hosts
options:
  _input:
    description: The variables of each host, such as C(hostvars).
    type: dict
    required: true
  hosts:
    description: The names of the hosts to judge. The default is all hosts of the input.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Refuse what is wrong before a host is touched
  ansible.builtin.assert:
    that: complaints == []
    fail_msg: "{{ complaints | join(' ') }}"
  vars:
    complaints: "{{ hostvars | netloom.linux.fleet_complaints(ansible_play_hosts_all) }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: The complaints, or an empty list if there is none.
  type: list
  elements: str
  sample:
    - "lab1, lab2: bridge_network_networks[0].members[0]: 'web1' is not a mapping; write it with keys such as 'name:
      ...'."
"""

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _words
from ansible_collections.netloom.linux.plugins.plugin_utils import _edge, _judge_fleet


@_edge.complaining
def _fleet_complaints(
    variables: c.Mapping[str, c.Mapping[str, t.Any]], hosts: c.Sequence[str] | None = None
) -> list[str]:
    chosen = {host: variables[host] for host in (variables if hosts is None else hosts)}
    return [
        f"{_words.some(found.hosts)}: {found.sentence}"
        if len(found.hosts) < len(chosen) or len(chosen) == 1
        else f"all {len(chosen)} hosts: {found.sentence}"
        for found in _judge_fleet.complaints(chosen)
    ]


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"fleet_complaints": _fleet_complaints}
