# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter ovn_central_plan; its documentation is below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: ovn_central_plan
short_description: Tell what is to be done on a central host of OVN
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Reads what all central hosts of OVN told, and returns what is to be done on one of them. The role
    P(netloom.linux.ovn_central#role) uses this filter; you seldom need it by hand.
positional: host
options:
  _input:
    description: The results of the task that asked the hosts, each with C(item), the host, and C(stdout).
    type: list
    elements: dict
    required: true
  host:
    description: The host.
    type: str
    required: true
  centrals:
    description: The result of P(netloom.linux.ovn_centrals#filter).
    type: list
    elements: dict
    required: true
  here:
    description: The central hosts that the run works on.
    type: list
    elements: str
    required: true
  options:
    description: The variables of the role, by their names.
    type: dict
    required: true
  families:
    description: The files and services of each family of distributions.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: What is to be done?
  ansible.builtin.debug:
    msg: "{{ (answers.results | netloom.linux.ovn_central_plan(inventory_hostname, **site)).steps }}"
"""

RETURN = r"""
_value:
  description: >-
    C(refused), a sentence if it must not be done, else empty; C(steps), what is to be done in words; and the same for
    the tasks of the role.
  type: dict
"""

import typing as t

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.netloom.linux.plugins.plugin_utils import _edge, _ovn_answers, _ovn_central, _ovn_hosts


@_edge.complaining
def _plan(value: list[dict[str, t.Any]], host: str, **told: t.Any) -> dict[str, t.Any]:
    options = dict(told["options"])
    options["ovn_central_purge_data"] = boolean(options["ovn_central_purge_data"])
    site = _ovn_central.Site(
        centrals=[
            _ovn_hosts.Central(one["host"], one["address"], one["tls"], one["authority"]) for one in told["centrals"]
        ],
        answers={one["item"]: _ovn_answers.read(one.get("stdout") or "") for one in value},
        options=options,
        here=told["here"],
    )
    return _ovn_central.plan(site, host, told["families"])


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by their names."""
        return {"ovn_central_plan": _plan}
