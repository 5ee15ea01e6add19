# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter fault_report; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fault_report
short_description: Report the outcome of a fault that was caused on purpose
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Compares the state of a host before a fault, with the fault and after the repair, and what the runs reported. R(The
    role faults,ansible_collections.netloom.linux.faults_role) uses it.
  - Everything that a fault left unchanged is healthy, and the repair must leave it alone. This covers links with their
    C(ifindex), MAC and leased addresses, and servers and clients with their process.
options:
  _input:
    description: The fault, in words.
    type: str
    required: true
  before:
    description: The result of M(netloom.linux.netns_info) before the fault.
    type: dict
    required: true
  broken:
    description: The result of M(netloom.linux.netns_info) with the fault.
    type: dict
    required: true
  foretold:
    description: The result of M(netloom.linux.topology) in check mode.
    type: dict
    required: true
  done:
    description: The result of M(netloom.linux.topology) in the run that repairs the fault.
    type: dict
    required: true
  again:
    description: The result of M(netloom.linux.topology) in the second run.
    type: dict
    required: true
  healed:
    description: The result of M(netloom.linux.netns_info) after the second run.
    type: dict
    required: true
  unreached:
    description: The surprises of M(netloom.linux.reachability) after the second run.
    type: list
    elements: str
    default: []
  harmless:
    description:
      - Whether there may have been nothing to repair. An example is a restart of ovs-vswitchd on the datapath of the
        kernel, which forwards in the meantime. Otherwise a run without a repair is a complaint.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Report the outcome of the fault
  ansible.builtin.debug:
    msg: "{{ 'the link eth0 is down' | netloom.linux.fault_report(before=host, broken=host, foretold=run, done=run,
      again=nothing, healed=host) }}"
  vars:
    host: {namespaces: {}, links: [], daemons: []}
    run: {changed: true, steps: ["set eth0: up"]}
    nothing: {changed: false, steps: []}
"""

RETURN = r"""
_value:
  description:
    - The fault in words (C(fault)), what check mode reported (C(named)), whether the fault was repaired as it should be
      (C(healed)), and the C(complaints) if not.
  type: dict
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _fault_report


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"fault_report": _fault_report.report}
