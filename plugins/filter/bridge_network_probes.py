# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter bridge_network_probes; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: bridge_network_probes
short_description: Turn Docker-style networks into probes for reachability
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Returns what the declared networks promise, as the list that M(netloom.linux.reachability) takes.
  - The members of a network reach each other, with TCP too, and the gateway. No Ethernet frame passes from a member of
    one network to a member of another.
  - >-
    A published port leads to its member, from the host, from the member itself and from its neighbour. If no service
    listens there, the module itself listens while it probes.
positional: most
options:
  _input:
    description: The networks, in the shape of the C(netloom.linux.bridge_network) role's C(bridge_network_networks).
    type: list
    elements: dict
    required: true
  most:
    description: If a network has more ordered pairs of members than this, each member is only tested with the next one,
      in a ring.
    type: int
    default: 240
"""

EXAMPLES = r"""
- name: Prove it with packets
  netloom.linux.reachability:
    probes: "{{ networks | netloom.linux.bridge_network_probes }}"
  vars:
    networks:
      - name: web
        subnet: 172.20.0.0/24
        members:
          - name: web1
          - name: web2
"""

RETURN = r"""
_value:
  description: The probes.
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _edge, _promises


@_edge.complaining
def _probes(value: t.Any, most: int = 240) -> list[dict[str, t.Any]]:
    return _promises.of_bridge_networks(value, most)


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"bridge_network_probes": _probes}
