# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter bridge_network_probes; the documentation below says what it does."""

from __future__ import annotations

DOCUMENTATION = r"""
name: bridge_network_probes
short_description: Turn Docker-style networks into probes for reachability
version_added: 0.1.0
author:
  - The netloom authors (@netloom)
description:
  - Gives what declared networks promise, as the list that M(netloom.linux.reachability) takes.
  - Members reach each other, by TCP too, and the gateway; no Ethernet frame passes from a member of one network to a member of another.
  - >-
    A published port leads to its member, from the host, from the member itself and from its neighbour. If no service listens there, the module does
    while it probes.
positional: most
options:
  _input:
    description: The networks, in the shape of the C(netloom.linux.bridge_network) role's C(bridge_network_networks).
    type: list
    elements: dict
    required: true
  most:
    description: A network with more ordered pairs of members than this is tested round the ring, each member with the next.
    type: int
    default: 240
"""

EXAMPLES = r"""
- name: Prove it by packets
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
    """What Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Names and functions."""
        return {"bridge_network_probes": _probes}
