# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter fleet_summary; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_summary
short_description: Put the outcomes of a fleet into a few lines
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Takes what P(netloom.linux.fleet_outcomes#filter) returns, and names the hosts by outcome, with the reason where a
    host failed or did not answer. Equal reasons are told once.
options:
  _input:
    description: The outcomes.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Summary
  ansible.builtin.debug:
    msg: "{{ ansible_play_hosts_all | netloom.linux.fleet_outcomes(hostvars, 'site') | netloom.linux.fleet_summary }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _edge, _fleet


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"fleet_summary": _edge.complaining(_fleet.summary)}
