#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Report what the northbound database of OVN holds."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ovn_info
short_description: Report what the northbound database of OVN holds
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Returns all objects of the northbound database that the collection manages, whoever made them.
  - RV(ovn_info) has the lists that M(netloom.linux.ovn_topology) takes. If you use them as a topology, that topology
    changes nothing but its own marks.
  - DHCP options without a name (those that no run of this collection made) are left out. Ports that lead to routers and
    to physical networks are reported with their router or switch.
  - Other programs write what no option is about, such as the severity of a rule, or make two switches with one name.
    Such a list, or such an object, is not in RV(ovn_info), but in RV(left_out), and a warning names it.
extends_documentation_fragment:
  - netloom.linux.ovn
  - netloom.linux.common.info
  - netloom.linux.reasons
seealso:
  - module: netloom.linux.ovn_topology
  - name: ovn-nb(5)
    description: The tables and columns of the database.
    link: https://www.ovn.org/support/dist-docs/ovn-nb.5.html
  - name: Networks of OVN
    description: A guide for networks, routers, security groups and load balancers over many hosts.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-ovn.md
"""

EXAMPLES = r"""
- name: What does the database hold?
  netloom.linux.ovn_info:
  register: found

- name: Show the names of the switches
  ansible.builtin.debug:
    msg: "{{ found.ovn_info.ovn_switch | default([]) | map(attribute='name') }}"

- name: The database as a topology, with everything that it holds
  ansible.builtin.debug:
    msg: "{{ {'name': 'copy'} | combine(found.ovn_info) }}"
"""

RETURN = r"""
ovn_info:
  description: A list for each kind of which there is an object, in the shape of the options of its module.
  returned: success
  type: dict
  sample:
    ovn_switch: [{name: red, subnet: 10.50.50.0/24, exclude_ips: [], dns: {}, acls: [], localnet: {}}]
    ovn_port: [{switch: red, name: red1, addresses: ["52:54:00:50:50:10 10.50.50.10"], enabled: true}]
left_out:
  description: What the database holds and M(netloom.linux.ovn_topology) could not declare without changing it.
  returned: success
  type: list
  elements: dict
  sample:
    - kind: ovn_switch
      what: "`acls` of ovn_switch blue"
      options: {name: blue, acls: [{direction: ingress, priority: 1, action: drop, match: ip6, log: false}]}
      why: "No option says all of it: declared, a run would delete rule 1 drop ingress ip6 of OVN switch blue."
  contains:
    kind:
      description: The kind of the object, as its module is called.
      type: str
    what:
      description: The object, or one of its options, in words.
      type: str
    options:
      description: What the options can say of it.
      type: dict
    why:
      description: What a run would do, or why it would refuse.
      type: str
reason:
  description: The kind of the error in one word, such as V(unreachable). The attributes have all of them.
  returned: when the module failed
  type: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _ovn_topology


def main() -> None:
    """Run the module."""
    _ovn_topology.run_ovn_info()


if __name__ == "__main__":
    main()
