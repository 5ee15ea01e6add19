# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter router_probes; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: router_probes
short_description: Turn declared routers into probes for reachability
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Returns what the declared routers promise, as the list that M(netloom.linux.reachability) takes.
  - A router has its addresses, and a way outside on which its gateway answers by ARP (for IPv6, by ICMP).
  - Members of the tenants whose gateway the router is reach it, and the first members of these tenants reach each
    other. A member with a floating address is reachable by that address from its own tenant.
positional: tenants, most
options:
  _input:
    description: The routers, in the shape of the C(netloom.linux.router) role's C(router_routers).
    type: list
    elements: dict
    required: true
  tenants:
    description: The tenants that the routers join, in the shape of the C(netloom.linux.ovs_vlan_dhcp) role's
      C(ovs_vlan_dhcp_tenants).
    type: list
    elements: dict
    default: []
  most:
    description: If there are more ordered pairs of tenants than this, each tenant is only tested with the next one.
    type: int
    default: 240
  host:
    description: The host whose members are meant. If left out, all members are.
    type: str
  tunnels:
    description: The tunnels that join the hosts of the tenants, if any, in the shape of that role's
      C(ovs_vlan_dhcp_tunnels).
    type: dict
"""

EXAMPLES = r"""
- name: Prove it with packets
  netloom.linux.reachability:
    probes: "{{ routers | netloom.linux.router_probes }}"
  vars:
    routers:
      - name: r1
        interfaces:
          - {tag: 100, address: 10.50.50.1/24}
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
def _probes(
    value: t.Any, tenants: t.Any = None, most: int = 240, host: str | None = None, tunnels: t.Any = None
) -> list[dict[str, t.Any]]:
    return _promises.of_routers(value, tenants, most, host, tunnels is not None)


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"router_probes": _probes}
