# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter capture_report; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: capture_report
short_description: Put together what was captured on several hosts
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Takes what M(netloom.linux.netns_capture) returned on each host. The playbook C(netloom.linux.capture) prints it,
    and sets it as its artifact.
positional: variables
options:
  _input:
    description: The hosts of the play.
    type: list
    elements: str
    required: true
  variables:
    description: C(hostvars).
    type: dict
    required: true
  name:
    description: The variable in which each host has the result.
    type: str
    default: netloom__captured
  most:
    description: How many lines C(lines) has about each point.
    type: int
    default: 21
"""

EXAMPLES = r"""
- name: What was captured?
  ansible.builtin.debug:
    msg: "{{ (ansible_play_hosts_all | netloom.linux.capture_report(hostvars, name='captured')).lines }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: >-
    C(captures) has a row for each point with its host, C(files) the files on the control node, C(packets) and
    C(dropped) their numbers, C(failed) the reason of each host that did not capture, and C(lines) all of it for people.
  type: dict
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _capture_report, _edge


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"capture_report": _edge.complaining(_capture_report.report)}
