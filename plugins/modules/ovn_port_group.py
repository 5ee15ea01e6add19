#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage port groups of OVN."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ovn_port_group
short_description: Manage port groups of OVN with their rules (security groups)
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Creates and deletes port groups in the northbound database of OVN, and keeps their ports and rules as declared. A
    group is a row of table C(Port_Group), and its rules are rows of C(ACL).
  - A group may have ports of several switches. Rules name a group to mean the addresses of its ports.
extends_documentation_fragment:
  - netloom.linux.ovn
  - netloom.linux.ovn.run
  - netloom.linux.common.clear
  - netloom.linux.ovn_acls
  - netloom.linux.reasons
options:
  name:
    description: Name of the group, C(Port_Group.name), unique in the database. Letters, digits and C(_), not beginning
      with a digit. OVN would take another name, but never obey a rule that has it.
    type: str
    required: true
  ports:
    description: The exact list of ports of logical switches in the group, by their names. They must exist. If left out,
      the ports are left alone, so that others may add theirs.
    type: list
    elements: str
  external_ids:
    description: The exact map of C(Port_Group.external_ids), except for keys that begin with C(netloom-). Values are
      stored as strings.
    type: dict
  state:
    description: V(absent) deletes the group with its rules, whoever made it. Its ports stay. Only O(name) is needed.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: netloom.linux.ovn_topology
  - module: netloom.linux.ovn_address_set
  - module: netloom.linux.ovn_port
  - name: ovn-nb(5)
    description: The tables and columns behind the options.
    link: https://www.ovn.org/support/dist-docs/ovn-nb.5.html
  - name: Networks of OVN
    description: A guide for networks, routers, security groups and load balancers over many hosts.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-ovn.md
"""

EXAMPLES = r"""
- name: A switch
  netloom.linux.ovn_switch:
    name: red

- name: Two ports
  netloom.linux.ovn_port:
    switch: red
    name: "{{ item.name }}"
    addresses: ["{{ item.mac }}"]
  loop:
    - {name: red1, mac: "52:54:00:50:50:10 10.50.50.10"}
    - {name: red2, mac: "52:54:00:50:50:20 10.50.50.20"}
  loop_control: {label: "{{ item.name }}"}

- name: The group of the servers, which everybody reaches by the web, and each other by all
  netloom.linux.ovn_port_group:
    name: web
    ports: [red1, red2]
    acls:
      - {direction: ingress, action: allow-related, protocol: tcp, ports: [80, 443]}
      - {direction: ingress, action: allow-related, from: web}
      - {direction: ingress, action: drop, priority: 900, log: true, name: web-refused}
      - {direction: egress, action: allow-related}

- name: One of them leaves the group
  netloom.linux.ovn_port_group:
    name: web
    ports: [red1]
"""

RETURN = r"""
ovn_port_group:
  description: The group as it is (in check mode, as it would be), in the shape of the options.
  returned: success
  type: dict
  sample:
    name: web
    state: present
    ports: [red1, red2]
    acls:
      - {direction: ingress, priority: 1000, action: allow-related, protocol: tcp, ports: ["80", "443"], log: false}
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
  returned: when the group exists; null otherwise, and in check mode for a new one
  type: str
reason:
  description: The kind of the error in one word, such as V(unreachable). The attributes have all of them.
  returned: when the module failed
  type: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _ovn_module
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _ovn_port_group


def main() -> None:
    """Run the module."""
    _ovn_module.run_ovn_kind(_ovn_port_group.PortGroupKind())


if __name__ == "__main__":
    main()
