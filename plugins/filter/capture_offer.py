# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter capture_offer; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: capture_offer
short_description: The command that captures packets at the ends of what failed
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Finds the ends of the failed proofs of a host among the declared members, and returns a sentence with the command
    that captures there, for the end of a message. The role C(verify) uses it.
  - The command has the files of variables that this run got with C(-e @FILE).
positional: crossings, variables, host
options:
  _input:
    description: What M(netloom.linux.reachability) returned as RV(netloom.linux.reachability#module:reachability).
    type: list
    elements: dict
    required: true
  crossings:
    description: What P(netloom.linux.crossing_verdict#filter) returned, or an empty mapping.
    type: dict
    required: true
  variables:
    description: C(hostvars).
    type: dict
    required: true
  host:
    description: The host whose proofs these are.
    type: str
    required: true
  inventories:
    description: C(ansible_inventory_sources).
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Say where to look
  ansible.builtin.debug:
    msg: "{{ probed.reachability | netloom.linux.capture_offer({}, hostvars, inventory_hostname) }}"
  vars:
    probed: {reachability: [{from: red1, to: red2, as_expected: false}]}
"""

RETURN = r"""
_value:
  description: A list with the sentence. It is empty if nothing failed, or if no end of it is declared.
  type: list
  elements: str
"""

import typing as t

from ansible import context
from ansible_collections.netloom.linux.plugins.plugin_utils import _capture_report, _edge


@_edge.complaining
def capture_offer(reports: t.Any, crossings: t.Any, variables: t.Any, host: str, inventories: t.Any = ()) -> list[str]:
    """The sentence."""
    files = [one for one in context.CLIARGS.get("extra_vars") or () if str(one).startswith("@")]
    return _capture_report.offer(reports, crossings or {}, variables, host, (inventories or (), files))


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"capture_offer": capture_offer}
