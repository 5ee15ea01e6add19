# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter crossing_listeners; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: crossing_listeners
short_description: Tell where a host listens for the proofs of other hosts
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Returns the interfaces of all members on a host, as the option C(listeners) of M(netloom.linux.reachability).
positional: host
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
"""

EXAMPLES = r"""
- name: Where does node1 listen?
  ansible.builtin.debug:
    msg: "{{ groups['all'] | netloom.linux.fleet_segments(hostvars) | netloom.linux.crossing_listeners('node1') }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: The listeners.
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _crossing_data, _crossings, _edge


@_edge.complaining
def crossing_listeners(segments: t.Any, host: str) -> list[dict[str, t.Any]]:
    """Where a host listens."""
    return _crossings.listeners(_crossing_data.read(segments), host)


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"crossing_listeners": crossing_listeners}
