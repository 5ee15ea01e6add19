# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter crossing_probes; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: crossing_probes
short_description: Tell what a host sends to prove networks over several hosts
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Returns the options C(probes) and C(frames) of M(netloom.linux.reachability) for a host.
  - For each other host and network, one member sends an echo request of full size, asks by ARP, and connects by TCP and
    UDP to a listener at the other end. Members of a network send echo requests to each other. Each member sends frames
    to everybody.
positional: host, reports
options:
  _input:
    description: The networks, as P(netloom.linux.fleet_segments#filter) returns them.
    type: list
    elements: dict
    required: true
  host:
    description: The name of the host.
    type: str
    required: true
  reports:
    description: For each host what its task with C(listeners) returned.
    type: dict
    required: true
  most:
    description: If a network has more ordered pairs of members than this, each member is only tested with the next one,
      in a ring.
    type: int
    default: 240
"""

EXAMPLES = r"""
- name: What does node1 send?
  ansible.builtin.debug:
    msg: "{{ segments | netloom.linux.crossing_probes('node1', {'node1': listening}) }}"
  vars:
    segments: "{{ groups['all'] | netloom.linux.fleet_segments(hostvars) }}"
    listening: {listening: [], tunnels: [], addresses: []}
  run_once: true
"""

RETURN = r"""
_value:
  description: The options.
  type: dict
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _crossing_data, _crossing_fleet, _crossings, _edge


@_edge.complaining
def crossing_probes(segments: t.Any, host: str, reports: t.Any, most: int = 240) -> dict[str, t.Any]:
    """What a host sends."""
    return _crossings.work(_crossing_fleet.Fleet(_crossing_data.read(segments), reports), host, most)


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"crossing_probes": crossing_probes}
