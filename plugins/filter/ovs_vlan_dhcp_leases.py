# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter ovs_vlan_dhcp_leases; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: ovs_vlan_dhcp_leases
short_description: Compare the leases of a host with those that its tenants promise
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Returns a row for each member of a tenant that gets its address by DHCP.
  - A lease is as promised if it came from the address of the server of the tenant and lies in the range of the tenant.
positional: leases, reachability
options:
  _input:
    description: The tenants, in the shape of the C(netloom.linux.ovs_vlan_dhcp) role's C(ovs_vlan_dhcp_tenants).
    type: list
    elements: dict
    required: true
  leases:
    description: The leases, as M(netloom.linux.netns_info) returns them.
    type: list
    elements: dict
    required: true
  reachability:
    description: The result of M(netloom.linux.reachability) for C(arp) probes of the addresses of the servers. It shows
      which namespace answers.
    type: list
    elements: dict
    default: []
  host:
    description: The host whose members are meant. If left out, all members are.
    type: str
"""

EXAMPLES = r"""
- name: Compare the leases
  netloom.linux.netns_info:
  register: found

- name: Print them
  ansible.builtin.debug:
    msg: "{{ ovs_vlan_dhcp_tenants | netloom.linux.ovs_vlan_dhcp_leases(found.leases) }}"
"""

RETURN = r"""
_value:
  description:
    - The rows. Each has C(member), C(tenant), C(address), C(server), C(expires), C(answered_by) (the namespaces that
      have the address of the server) and C(as_promised). If the lease is not as promised, the row has a sentence
      C(surprise).
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _edge, _leases


@_edge.complaining
def _rows(
    value: t.Any,
    leases: list[dict[str, t.Any]],
    reachability: t.Sequence[dict[str, t.Any]] = (),
    host: str | None = None,
) -> list[dict[str, t.Any]]:
    return _leases.compare(value, leases, reachability, host)


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"ovs_vlan_dhcp_leases": _rows}
