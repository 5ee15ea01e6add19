#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage a whole network in OVN's northbound database in one task."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ovn_topology
short_description: Manage a whole network of logical switches, routers, ports and rules of OVN in one task
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Takes lists of the objects that the other modules of OVN manage one by one, and applies them to a northbound
    database as one unit. There is one snapshot of the database, one plan and one transaction. If the database refuses
    it, nothing was written.
  - Every list has the name of a module, and every entry takes exactly the options of that module (except
    RV(ignore:wait) and the options that say where the database is, which are given once). Errors name the entry, such
    as C(ovn_router[0].ports[1].switch).
  - Entries may be in any order. A reference to something that neither an entry nor the database has is an error, in
    check mode too.
  - Two entries for one object are an error.
  - What an earlier run of the topology created and no entry declares any more is deleted by the next run, see O(purge).
  - Whether the topology created an object, or adopted it because it already existed, stands in the object's own row, in
    C(external_ids). So it does not matter from which host the task runs. An adopted object (RV(adopted)) is never
    deleted.
  - Several topologies can be in one database. If two of them declare the same object, it stays until neither declares
    it. What others use stays, too, such as a switch in which they have ports, or a set that a rule of theirs names.
    A warning reports both cases. Rows without a mark are left alone.
  - An entry with C(state=absent) means the object, whoever made it. It goes as by its own module, and a warning tells
    who used it.
extends_documentation_fragment:
  - netloom.linux.ovn
  - netloom.linux.ovn.run
  - netloom.linux.topology_ovn_global
  - netloom.linux.topology_ovn_address_set
  - netloom.linux.topology_ovn_dhcp_options
  - netloom.linux.topology_ovn_switch
  - netloom.linux.topology_ovn_router
  - netloom.linux.topology_ovn_port
  - netloom.linux.topology_ovn_port_group
  - netloom.linux.topology_ovn_load_balancer
  - netloom.linux.reasons
options:
  name:
    description:
      - Name of the topology. Everything that its runs create is marked with this name
        (C(external_ids:netloom-topology)), so that O(state=absent) deletes that and nothing else.
      - Different topologies of one database need different names. With O(purge), two topologies of the same name delete
        the objects of each other.
    type: str
    required: true
  ovn_global:
    description: Options of the whole OVN, see M(netloom.linux.ovn_global).
    type: list
    elements: dict
  ovn_address_set:
    description: Sets of addresses, see M(netloom.linux.ovn_address_set).
    type: list
    elements: dict
  ovn_dhcp_options:
    description: Answers to DHCP requests, see M(netloom.linux.ovn_dhcp_options).
    type: list
    elements: dict
  ovn_switch:
    description: Logical switches, see M(netloom.linux.ovn_switch).
    type: list
    elements: dict
  ovn_router:
    description: Logical routers, see M(netloom.linux.ovn_router).
    type: list
    elements: dict
  ovn_port:
    description: Ports of logical switches, see M(netloom.linux.ovn_port).
    type: list
    elements: dict
  ovn_port_group:
    description: Port groups with their rules, see M(netloom.linux.ovn_port_group).
    type: list
    elements: dict
  ovn_load_balancer:
    description: Load balancers, see M(netloom.linux.ovn_load_balancer).
    type: list
    elements: dict
  state:
    description:
      - V(absent) deletes everything that runs of this topology created, in reverse order, whatever the states of the
        entries are. Entries are not needed.
      - What was there before gets back the attributes that were changed, and stays. What no run of this topology made
        is left alone, with a warning.
      - In a present topology an entry may have its own C(state=absent). Its object is deleted, no matter who created
        it, unless another topology has it.
    type: str
    choices: [present, absent]
    default: present
  purge:
    description:
      - Whether to delete objects that an earlier run of this topology created and that no entry declares any more. An
        adopted object stays, and gets back the attributes that were changed.
      - With V(false) such objects stay, and their marks are kept. A later run with V(true) or O(state=absent) deletes
        them.
    type: bool
    default: true
  max_disruption:
    description:
      - What a step may disturb. A plan with a step that disturbs more is refused, in check mode too, before anything is
        written.
      - V(none) - Nothing that existed before loses a packet.
      - V(brief) - A port may lose packets for a moment.
      - V(recreate) - An object may be deleted.
    type: str
    choices: [none, brief, recreate]
    default: recreate
seealso:
  - module: netloom.linux.ovn_info
  - module: netloom.linux.topology
  - name: ovn-nb(5)
    description: The tables and columns behind the options.
    link: https://www.ovn.org/support/dist-docs/ovn-nb.5.html
  - name: Networks of OVN
    description: A guide for networks, routers, security groups and load balancers over many hosts.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-ovn.md
"""

EXAMPLES = r"""
- name: Two ports with addresses by DHCP, a router to the outside, and rules
  netloom.linux.ovn_topology:
    name: red
    ovn_switch:
      - {name: red, subnet: 10.50.50.0/24}
      - {name: outside, localnet: {network: physnet1}}
    ovn_dhcp_options:
      - name: red
        cidr: 10.50.50.0/24
        options: {server_id: 10.50.50.1, server_mac: "02:00:00:50:50:01", lease_time: 3600, router: 10.50.50.1}
    ovn_port:
      - {switch: red, name: red1, addresses: ["52:54:00:50:50:10 10.50.50.10"], dhcp_options: red, chassis: node2}
      - {switch: red, name: red2, addresses: ["52:54:00:50:50:20 10.50.50.20"], dhcp_options: red, chassis: node3}
    ovn_router:
      - name: r1
        ports:
          - {name: r1-red, switch: red, mac: "02:00:00:50:50:01", networks: [10.50.50.1/24]}
          - name: r1-out
            switch: outside
            mac: "02:00:00:50:50:02"
            networks: [198.51.100.10/24]
            gateway_chassis: {node2: 20, node3: 10}
        routes: [{ip_prefix: 0.0.0.0/0, nexthop: 198.51.100.1}]
        nat: [{type: snat, external_ip: 198.51.100.10, logical_ip: 10.50.50.0/24}]
    ovn_port_group:
      - name: web
        ports: [red1, red2]
        acls:
          - {direction: ingress, action: allow-related, protocol: tcp, ports: [80, 443]}
          - {direction: ingress, action: drop, priority: 900}

- name: The same without the group and the second port, which are deleted
  netloom.linux.ovn_topology:
    name: red
    ovn_switch:
      - {name: red, subnet: 10.50.50.0/24}
      - {name: outside, localnet: {network: physnet1}}
    ovn_dhcp_options:
      - name: red
        cidr: 10.50.50.0/24
        options: {server_id: 10.50.50.1, server_mac: "02:00:00:50:50:01", lease_time: 3600, router: 10.50.50.1}
    ovn_port:
      - {switch: red, name: red1, addresses: ["52:54:00:50:50:10 10.50.50.10"], dhcp_options: red, chassis: node2}
    ovn_router:
      - name: r1
        ports:
          - {name: r1-red, switch: red, mac: "02:00:00:50:50:01", networks: [10.50.50.1/24]}
          - name: r1-out
            switch: outside
            mac: "02:00:00:50:50:02"
            networks: [198.51.100.10/24]
            gateway_chassis: {node2: 20, node3: 10}
        routes: [{ip_prefix: 0.0.0.0/0, nexthop: 198.51.100.1}]
        nat: [{type: snat, external_ip: 198.51.100.10, logical_ip: 10.50.50.0/24}]

- name: Everything that the topology made is deleted
  netloom.linux.ovn_topology:
    name: red
    state: absent
"""

RETURN = r"""
ovn_topology:
  description: Every object of the entries as it is (in check mode, as it would be), a list for each kind, in the shape
    of the options.
  returned: success
  type: dict
  sample:
    name: red
    state: present
    ovn_switch: [{name: red, state: present, subnet: 10.50.50.0/24}]
steps:
  description: What the run did, or would do. One sentence for each step.
  returned: success
  type: list
  elements: str
  sample: ["create OVN switch red", "create OVN port red1"]
disruptions:
  description: The steps that disturb something. The others disturb nothing.
  returned: success
  type: list
  elements: dict
  sample: [{step: delete OVN port red2, disturbs: recreate}]
  contains:
    step:
      description: What the step does, as in RV(steps).
      type: str
    disturbs:
      description: V(brief) or V(recreate), as in O(max_disruption).
      type: str
adopted:
  description: The objects that existed before the topology, each with kind and name. They stay when the topology is
    deleted.
  returned: success
  type: list
  elements: str
  sample: [ovn_switch outside]
plan:
  description: What becomes of each object that changes, in the order of the kinds.
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
        - V(adopt) is an object that was there before, and that the topology remembers from now on.
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
  description: The objects that change, before the run, as a list for each kind, in the shape of the options.
  returned: with C(--diff)
  type: dict
after:
  description: The same objects after the run; in check mode, as they would be. Deleted ones are V(absent).
  returned: with C(--diff)
  type: dict
diff:
  description:
    - What Ansible prints with C(--diff). Its C(prepared) is the plan in words, a line for each object.
    - RV(before) and RV(after) are in it, too, with C(-vv), with C(async), and if it was the play that set C(diff), not
      the command line.
  returned: with C(--diff)
  type: dict
failed_step:
  description: The step that failed.
  returned: when a step failed
  type: str
undone:
  description: The steps that were undone, newest first.
  returned: when a step failed
  type: list
  elements: str
remains:
  description: What could not be undone, as the database shows it. Empty after a transaction that the database refused,
    because it wrote nothing.
  returned: when a step failed
  type: list
  elements: str
reason:
  description: The kind of the error in one word, such as V(unreachable). The attributes have all of them.
  returned: when the module failed
  type: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _ovn_topology


def main() -> None:
    """Run the module."""
    _ovn_topology.run_ovn_topology()


if __name__ == "__main__":
    main()
