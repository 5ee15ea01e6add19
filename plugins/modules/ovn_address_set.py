#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage address sets of OVN."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ovn_address_set
short_description: Manage sets of addresses that rules of OVN name
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Creates and deletes address sets in the northbound database of OVN, and keeps their addresses as declared. A set is
    a row of table C(Address_Set).
  - Rules name a set as their source or destination, see O(netloom.linux.ovn_port_group#module:acls[].from).
extends_documentation_fragment:
  - netloom.linux.ovn
  - netloom.linux.ovn.run
  - netloom.linux.common.clear
  - netloom.linux.reasons
options:
  name:
    description: Name of the set, C(Address_Set.name), unique in the database. Letters, digits and C(_), not beginning
      with a digit. OVN would take another name, but never obey a rule that has it.
    type: str
    required: true
  addresses:
    description: The exact list of addresses and networks, such as V(192.0.2.1) and V(198.51.100.0/24);
      C(Address_Set.addresses). All of IPv4, or all of IPv6.
    type: list
    elements: str
  external_ids:
    description: The exact map of C(Address_Set.external_ids), except for keys that begin with C(netloom-). Values are
      stored as strings.
    type: dict
  state:
    description: V(absent) deletes the set, whoever made it. Rules that name it match nothing any more. Only O(name) is
      needed.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: netloom.linux.ovn_topology
  - module: netloom.linux.ovn_port_group
  - name: ovn-nb(5)
    description: The tables and columns behind the options.
    link: https://www.ovn.org/support/dist-docs/ovn-nb.5.html
  - name: Networks of OVN
    description: A guide for networks, routers, security groups and load balancers over many hosts.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-ovn.md
"""

EXAMPLES = r"""
- name: The addresses of the administrators
  netloom.linux.ovn_address_set:
    name: admins
    addresses: [192.0.2.1, 198.51.100.0/24]

- name: A group of ports that only they reach
  netloom.linux.ovn_port_group:
    name: servers
    acls:
      - {direction: ingress, action: allow-related, protocol: tcp, ports: [22], from: admins}
      - {direction: ingress, action: drop, priority: 900}

- name: A network less, of which the rule knows at once
  netloom.linux.ovn_address_set:
    name: admins
    addresses: [192.0.2.1]
"""

RETURN = r"""
ovn_address_set:
  description: The set as it is (in check mode, as it would be), in the shape of the options.
  returned: success
  type: dict
  sample: {name: admins, state: present, addresses: [192.0.2.1, 198.51.100.0/24], external_ids: {}}
steps:
  description: What the run did, or would do. One sentence for each step.
  returned: success
  type: list
  elements: str
disruptions:
  description: The steps that disturb something. The others disturb nothing.
  returned: success
  type: list
  elements: dict
  contains:
    step:
      description: What the step does, as in RV(steps).
      type: str
    disturbs:
      description: V(brief) or V(recreate), as in the option C(max_disruption) of M(netloom.linux.topology).
      type: str
plan:
  description: What becomes of each object that changes.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: The kind of the object, as its module is called.
      type: str
    identity:
      description: The options that identify the object.
      type: dict
    change:
      description:
        - V(create), V(delete) or V(change). V(renew) says that there are steps, but no difference that an option shows.
      type: str
    disturbs:
      description: What the gravest step of the object disturbs; V(none), V(brief) or V(recreate).
      type: str
    declared:
      description: The options of a new object that somebody wrote down, with suboptions as C(peer.name).
      type: list
      elements: str
    steps:
      description: The steps of V(renew).
      type: list
      elements: str
before:
  description: The object before the run, in the shape of the options.
  returned: with C(--diff)
  type: dict
after:
  description: The object after the run, in the shape of the options; in check mode, as it would be.
  returned: with C(--diff)
  type: dict
diff:
  description:
    - What Ansible prints with C(--diff). Its C(prepared) is the plan in words, a line for each object.
    - RV(before) and RV(after) are in it, too, with C(-vv), with C(async), and if it was the play that set C(diff), not
      the command line.
  returned: with C(--diff)
  type: dict
uuid:
  description: The UUID of the row.
  returned: when the set exists; null otherwise, and in check mode for a new one
  type: str
reason:
  description: The kind of the error in one word, such as V(unreachable). The attributes have all of them.
  returned: when the module failed
  type: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _ovn_module
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _ovn_address_set


def main() -> None:
    """Run the module."""
    _ovn_module.run_ovn_kind(_ovn_address_set.AddressSetKind())


if __name__ == "__main__":
    main()
