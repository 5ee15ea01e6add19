# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter fault_report; the documentation below says what it does."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fault_report
short_description: Tell what became of a fault that was made on purpose
version_added: 0.1.0
author:
  - The netloom authors (@netloom)
description:
  - Compares what a host had before a fault, with it, and after its healing, and what the runs said meanwhile. R(The role
    faults,ansible_collections.netloom.linux.faults_role) uses it.
  - What a fault left as it was - links with their C(ifindex), MAC and leased addresses, servers and clients with their process - is healthy, and the
    healing has to leave it alone.
options:
  _input:
    description: The fault in words.
    type: str
    required: true
  before:
    description: The result of M(netloom.linux.netns_info) before the fault.
    type: dict
    required: true
  broken:
    description: The same with the fault.
    type: dict
    required: true
  foretold:
    description: The result of M(netloom.linux.topology) in check mode.
    type: dict
    required: true
  done:
    description: The result of the run.
    type: dict
    required: true
  again:
    description: The result of the second run.
    type: dict
    required: true
  healed:
    description: The result of M(netloom.linux.netns_info) after that.
    type: dict
    required: true
  unreached:
    description: The surprises of M(netloom.linux.reachability) after that.
    type: list
    elements: str
    default: []
  harmless:
    description:
      - Whether there may have been nothing to heal, as after a restart of ovs-vswitchd on the kernel's datapath, which forwards meanwhile. Otherwise that is a
        complaint.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: See what became of it
  ansible.builtin.debug:
    msg: "{{ 'the link eth0 is down' | netloom.linux.fault_report(before=host, broken=host, foretold=run, done=run, again=nothing, healed=host) }}"
  vars:
    host: {namespaces: {}, links: [], daemons: []}
    run: {changed: true, steps: ["set eth0: up"]}
    nothing: {changed: false, steps: []}
"""

RETURN = r"""
_value:
  description:
    - C(fault) in words, what check mode C(named), whether it is C(healed) as it should, and the C(complaints) if not.
  type: dict
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _fault_report


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Names and functions."""
        return {"fault_report": _fault_report.report}
