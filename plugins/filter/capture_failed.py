# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter capture_failed; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: capture_failed
short_description: Tell where packets of what failed can be captured on a host
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Finds the ends of failed proofs among the declared members, and returns those on this host. The role C(verify) uses
    it with C(verify_capture).
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
    description: The host.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Capture where it failed
  netloom.linux.netns_capture:
    points: "{{ probed.reachability | netloom.linux.capture_failed({}, hostvars, inventory_hostname) }}"
  vars:
    probed: {reachability: [{from: red1, to: red2, as_expected: false}]}
"""

RETURN = r"""
_value:
  description: Points as M(netloom.linux.netns_capture) takes them, at most six. They ping each other.
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _capture_report, _edge


@_edge.complaining
def capture_failed(reports: t.Any, crossings: t.Any, variables: t.Any, host: str) -> list[dict[str, t.Any]]:
    """The points."""
    return _capture_report.failed_points(reports, crossings or {}, variables, host)


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"capture_failed": capture_failed}
