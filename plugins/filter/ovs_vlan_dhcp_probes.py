# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter ovs_vlan_dhcp_probes; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: ovs_vlan_dhcp_probes
short_description: Turn tenants with VLAN and DHCP into probes for reachability
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Returns what the declared tenants promise, as the list that M(netloom.linux.reachability) takes.
  - The members of a tenant reach each other, with TCP too, and the DHCP server of their own tenant.
  - No Ethernet frame passes from a member of one tenant to a member of another.
positional: most
options:
  _input:
    description: The tenants, in the shape of the C(netloom.linux.ovs_vlan_dhcp) role's C(ovs_vlan_dhcp_tenants).
    type: list
    elements: dict
    required: true
  most:
    description: If a tenant has more ordered pairs of members than this, each member is only tested with the next one,
      in a ring.
    type: int
    default: 240
  host:
    description: The host whose members are meant. If left out, all members are.
    type: str
  tunnels:
    description: The tunnels that join the hosts, if any, in the shape of the role's C(ovs_vlan_dhcp_tunnels).
    type: dict
"""

EXAMPLES = r"""
- name: Prove it with packets
  netloom.linux.reachability:
    probes: "{{ networks | netloom.linux.ovs_vlan_dhcp_probes }}"
  vars:
    networks:
      - name: red
        tag: 100
        subnet: 10.50.50.0/24
        members:
          - name: red1
          - name: red2
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
def _probes(value: t.Any, most: int = 240, host: str | None = None, tunnels: t.Any = None) -> list[dict[str, t.Any]]:
    return _promises.of_ovs_tenants(value, most, host, tunnels is not None)


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"ovs_vlan_dhcp_probes": _probes}
