# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter ovn_centrals; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: ovn_centrals
short_description: Tell at which addresses the central hosts of OVN are
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Reads from the inventory at which address other hosts reach each central host of OVN, and whether its databases
    speak TLS. The roles P(netloom.linux.ovn_central#role) and P(netloom.linux.ovn_chassis#role) take the result. It
    does not depend on the hosts of the play, and no host is asked.
positional: variables
options:
  _input:
    description: The names of the central hosts.
    type: list
    elements: str
    required: true
  variables:
    description: C(hostvars). C(ovn_central_address) is read, by default C(ansible_host) if that is an address, and
      C(ovn_central_tls), C(ovn_central_private_key) and C(ovn_central_ca_host).
    type: dict
    required: true
  here:
    description: Variables that only the play has.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Where is the northbound database?
  ansible.builtin.debug:
    msg: "{{ (groups['ovn_central'] | netloom.linux.ovn_centrals(hostvars)) | map(attribute='nb') | join(',') }}"
"""

RETURN = r"""
_value:
  description: For each host a mapping with C(host), C(address), C(tls), C(authority) (the host that signs
    certificates, or an empty string), and the remotes C(nb) and C(sb).
  type: list
  elements: dict
  sample:
    - host: node1
      address: 192.0.2.1
      tls: true
      authority: node1
      nb: ssl:192.0.2.1:6641
      sb: ssl:192.0.2.1:6642
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _edge, _ovn_hosts


@_edge.complaining
def _centrals(
    value: list[str], variables: dict[str, dict[str, t.Any]], here: dict[str, t.Any] | None = None
) -> list[dict[str, t.Any]]:
    return [
        {**one._asdict(), **{name: _ovn_hosts.remotes([one], name)[0] for name in _ovn_hosts.PORTS}}
        for one in _ovn_hosts.centrals(value, variables, here or {})
    ]


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"ovn_centrals": _centrals}
