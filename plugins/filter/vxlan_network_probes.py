# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter vxlan_network_probes; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: vxlan_network_probes
short_description: Turn VXLAN networks over several hosts into probes within one host
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Returns what the declared networks promise of what is on one host, as the list that M(netloom.linux.reachability)
    takes. What passes between hosts is not in it.
  - The members of a network on the host reach each other, with TCP too, and the gateway, if the host has it. Members
    with DHCP have a lease from the range of the network's server, whichever host it is on. No Ethernet frame passes
    from a member of one network to a member of another.
positional: host, most
options:
  _input:
    description: The networks, in the shape of the C(netloom.linux.vxlan_network) role's C(vxlan_network_networks).
    type: list
    elements: dict
    required: true
  host:
    description: The host on which the probes are sent.
    type: str
    required: true
  most:
    description: If a network has more ordered pairs of members on the host than this, each member is only tested with
      the next one, in a ring.
    type: int
    default: 240
"""

EXAMPLES = r"""
- name: Prove it with packets
  netloom.linux.reachability:
    probes: "{{ networks | netloom.linux.vxlan_network_probes(inventory_hostname) }}"
  vars:
    networks:
      - name: red
        vni: 4100
        subnet: 10.50.50.0/24
        members:
          - {name: red1, host: node1}
          - {name: red2, host: node1}
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
def _probes(value: t.Any, host: str, most: int = 240) -> list[dict[str, t.Any]]:
    return _promises.of_vxlan_networks(value, host, most)


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"vxlan_network_probes": _probes}
