# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter ovn_chassis_plan; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: ovn_chassis_plan
short_description: Tell what is to be done on a chassis of OVN
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Reads what a host told of its certificate and of ovn-controller, and returns what is to be done there, with the
    lists for M(netloom.linux.topology). The role P(netloom.linux.ovn_chassis#role) uses this filter; you seldom need it
    by hand.
positional: host, variables
options:
  _input:
    description: What the host told.
    type: str
    required: true
  host:
    description: The host.
    type: str
    required: true
  variables:
    description: C(hostvars). C(ovn_chassis_encap_address) of the host is read, by default C(ansible_host) if that is
      an address.
    type: dict
    required: true
  centrals:
    description: The result of P(netloom.linux.ovn_centrals#filter).
    type: list
    elements: dict
    required: true
  authority:
    description: What the host told that signs certificates.
    type: str
    required: true
  options:
    description: The variables of the role, by their names.
    type: dict
    required: true
  check:
    description: Whether this is a prediction. An authority may be missing then, because the run makes it.
    type: bool
    required: true
"""

EXAMPLES = r"""
- name: What is to be done?
  ansible.builtin.debug:
    msg: "{{ (answer.stdout | netloom.linux.ovn_chassis_plan(inventory_hostname, hostvars, **site)).steps }}"
"""

RETURN = r"""
_value:
  description: >-
    C(refused), a sentence if it must not be done, else empty; C(steps), what is to be done beside
    M(netloom.linux.topology), in words; C(lists), the lists for M(netloom.linux.topology).
  type: dict
"""

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _edge, _ovn_answers, _ovn_chassis, _ovn_hosts


@_edge.complaining
def _plan(value: str, host: str, variables: dict[str, dict[str, t.Any]], **told: t.Any) -> dict[str, t.Any]:
    site = _ovn_chassis.Site(
        centrals=told["centrals"],
        authority=_ovn_answers.read(told["authority"] or ""),
        options=told["options"],
        foretelling=bool(told["check"]),
    )
    address = _ovn_hosts.address(_ovn_hosts.CHASSIS, host, variables[host])
    return _ovn_chassis.plan(site, _ovn_answers.read(value or ""), address)


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"ovn_chassis_plan": _plan}
