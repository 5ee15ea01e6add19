# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter crossing_verdict; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: crossing_verdict
short_description: Judge proofs of networks over several hosts
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Compares what was sent on each host with what was heard on the others.
  - The surprises are sentences that name the broken hop and the remedy. The hop may be the underlay, a wrong VNI or
    port, a missing remote or forwarding entry, an MTU, a tunnel that is not on its bridge, or a packet filter.
  - A host that was not reached is no surprise of the others. It is named in C(unproven).
positional: reports, sent, collected
options:
  _input:
    description: The networks, as P(netloom.linux.fleet_segments#filter) returns them.
    type: list
    elements: dict
    required: true
  reports:
    description: For each host what its task with C(listeners) returned.
    type: dict
    required: true
  sent:
    description: For each host what its task with C(probes) returned.
    type: dict
    required: true
  collected:
    description: For each host what its task with C(collect) returned.
    type: dict
    required: true
  most:
    description: If a network has more ordered pairs of members than this, each member is only tested with the next one,
      in a ring.
    type: int
    default: 240
  allow_inconclusive:
    description: Whether a probe that could not be made is only counted, and is no surprise.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: What is proven?
  ansible.builtin.debug:
    msg: "{{ groups['all'] | netloom.linux.fleet_segments(hostvars) | netloom.linux.crossing_verdict({}, {}, {}) }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: >-
    C(rows) has a row for each network and ordered pair of hosts (of more than 60, those that are not as promised),
    C(held) the number of proofs by host, C(surprises) the sentences by host, C(unproven) what could not be proven,
    C(inconclusive) the number of probes by host that could not be made, C(ends) by host the ends of what failed, as
    P(netloom.linux.capture_points#filter) takes them, at most six, and C(lines) all of it for people.
  type: dict
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _crossing_report, _edge


@_edge.complaining
def crossing_verdict(
    segments: t.Any,
    reports: t.Any,
    sent: t.Any,
    collected: t.Any,
    most: int = 240,
    *,
    allow_inconclusive: bool = False,
) -> dict[str, t.Any]:
    """The verdict, as plain data."""
    return _crossing_report.of_run(segments, reports, sent, collected, most, allow_inconclusive=allow_inconclusive)


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"crossing_verdict": crossing_verdict}
