#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage load balancers of OVN."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ovn_load_balancer
short_description: Manage load balancers of OVN, with their health checks
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Creates and deletes load balancers in the northbound database of OVN, and keeps their settings as declared. A load
    balancer is a row of table C(Load_Balancer). Its health checks are rows of C(Load_Balancer_Health_Check).
  - It acts where O(switches) and O(routers) say. It must act on the switch of the I(client), even if the client sends
    through a router.
extends_documentation_fragment:
  - netloom.linux.ovn
  - netloom.linux.ovn.run
  - netloom.linux.common.clear
  - netloom.linux.reasons
options:
  name:
    description: Name of the load balancer, C(Load_Balancer.name). Up to 255 bytes, without white space.
    type: str
    required: true
  protocol:
    description: The protocol of its ports; C(Load_Balancer.protocol). If never given, OVN takes C(tcp).
    type: str
    choices: [tcp, udp, sctp]
  vips:
    description:
      - The exact map of C(Load_Balancer.vips). A key is the address to which clients send, with a port or without, such
        as V(10.50.50.100:80) or V([fd00::100]:80). Its value is the list of addresses among which the connections are
        shared. They are of the same family, and have a port if the key has one.
      - An empty list drops the packets.
    type: dict
  options:
    description: The exact map of C(Load_Balancer.options). Values are stored as strings, V(true) and V(false) in lower
      case.
    type: dict
  external_ids:
    description: The exact map of C(Load_Balancer.external_ids), except for keys that begin with C(netloom-). Values are
      stored as strings.
    type: dict
  health_check:
    description:
      - How OVN finds out which targets work. Each of the O(vips) is checked so. Only IPv4, tcp and udp are checked by
        OVN.
      - C({}) removes the checks.
    type: dict
    suboptions:
      interval:
        description: Seconds between two questions, 1 to 3600. If left out, OVN takes 5.
        type: int
      timeout:
        description: Seconds that an answer may take, 1 to 3600. If left out, OVN takes 20.
        type: int
      success_count:
        description: Answers after which a target works, 1 to 3600. If left out, OVN takes 3.
        type: int
      failure_count:
        description: Missing answers after which a target does not work, 1 to 3600. If left out, OVN takes 3.
        type: int
      sources:
        description:
          - From where each target is asked; C(Load_Balancer.ip_port_mappings). A key is the address of a target. Its
            value has C(port), the port of the switch that has the address, and C(address), a free address of the same
            subnet, which is the source of the questions.
          - OVN does not check a target that is missing here.
        type: dict
  switches:
    description: The exact list of logical switches on which it acts. They must exist.
    type: list
    elements: str
  routers:
    description: The exact list of logical routers on which it acts. They must exist.
    type: list
    elements: str
  state:
    description: V(absent) deletes the load balancer with its health checks, whoever made it. Only O(name) is needed.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: netloom.linux.ovn_topology
  - module: netloom.linux.ovn_switch
  - module: netloom.linux.ovn_router
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

- name: Connections to 10.50.50.100 are shared among two servers
  netloom.linux.ovn_load_balancer:
    name: web
    protocol: tcp
    vips:
      10.50.50.100:80: [10.50.50.10:8080, 10.50.50.20:8080]
    switches: [red]

- name: A server that does not answer gets none
  netloom.linux.ovn_load_balancer:
    name: web
    health_check:
      interval: 5
      failure_count: 2
      sources:
        10.50.50.10: {port: red1, address: 10.50.50.5}
        10.50.50.20: {port: red2, address: 10.50.50.5}

- name: Nobody checks the servers any more
  netloom.linux.ovn_load_balancer:
    name: web
    clear: [health_check]
"""

RETURN = r"""
ovn_load_balancer:
  description: The load balancer as it is (in check mode, as it would be), in the shape of the options.
  returned: success
  type: dict
  sample:
    name: web
    state: present
    protocol: tcp
    vips: {"10.50.50.100:80": ["10.50.50.10:8080", "10.50.50.20:8080"]}
    health_check: {}
    switches: [red]
    routers: []
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
  returned: when the load balancer exists; null otherwise, and in check mode for a new one
  type: str
reason:
  description: The kind of the error in one word, such as V(unreachable). The attributes have all of them.
  returned: when the module failed
  type: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _ovn_module
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _ovn_load_balancer


def main() -> None:
    """Run the module."""
    _ovn_module.run_ovn_kind(_ovn_load_balancer.LoadBalancerKind())


if __name__ == "__main__":
    main()
