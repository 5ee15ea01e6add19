#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage logical switches of OVN."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ovn_switch
short_description: Manage logical switches of OVN, with their rules, names and way to a physical network
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Creates and deletes logical switches in the northbound database of OVN, and keeps their settings as declared. A
    switch is a row of table C(Logical_Switch). Its rules are rows of C(ACL), and its names are a row of C(DNS).
  - Ports are declared with M(netloom.linux.ovn_port). Ports that lead to routers come from
    M(netloom.linux.ovn_router).
extends_documentation_fragment:
  - netloom.linux.ovn
  - netloom.linux.ovn.run
  - netloom.linux.common.clear
  - netloom.linux.ovn_acls
  - netloom.linux.reasons
options:
  name:
    description: Name of the switch, C(Logical_Switch.name). Up to 255 bytes, without white space.
    type: str
    required: true
  subnet:
    description:
      - The IPv4 network from which OVN allots addresses to ports with the address V(dynamic), such as V(10.0.0.0/24);
        C(Logical_Switch.other_config:subnet).
      - Cleared, OVN allots no IPv4 addresses.
    type: str
  exclude_ips:
    description:
      - The exact list of addresses, and of ranges such as V(10.0.0.2..10.0.0.9), that OVN does not allot;
        C(Logical_Switch.other_config:exclude_ips). They must be in O(subnet).
      - OVN itself excludes the first address of the subnet, which it keeps for the router.
    type: list
    elements: str
  ipv6_prefix:
    description: The IPv6 network of 64 bits from which OVN allots addresses to ports with the address V(dynamic), such
      as V(fd00:1::/64); C(Logical_Switch.other_config:ipv6_prefix). Cleared, OVN allots no IPv6 addresses.
    type: str
  mcast_snoop:
    description: Whether the switch learns from IGMP and MLD which ports want a multicast group;
      C(Logical_Switch.other_config:mcast_snoop). If never given, it floods multicast.
    type: bool
  other_config:
    description: The exact map of C(Logical_Switch.other_config), except for the keys of the options above. Values are
      stored as strings, V(true) and V(false) in lower case.
    type: dict
  external_ids:
    description: The exact map of C(Logical_Switch.external_ids), except for keys that begin with C(netloom-). Values
      are stored as strings.
    type: dict
  dns:
    description:
      - The exact map of names to addresses that OVN itself answers on the switch. The value of a name is an address, or
        a list of addresses. Names are stored in lower case.
      - They are one row of C(DNS), which the switch names in C(dns_records). Other rows of C(DNS) are left alone.
      - OVN answers only these names. Other questions go on to the server that the port asks.
    type: dict
  localnet:
    description:
      - The physical network that the switch continues, a port of the type C(localnet) with the name C(NAME-localnet).
        Each host maps the network to a bridge by C(ovn-bridge-mappings).
      - C({}) takes the switch off its physical network.
    type: dict
    suboptions:
      network:
        description: Name of the physical network; C(Logical_Switch_Port.options:network_name). Required, unless
          O(localnet) is empty.
        type: str
      tag:
        description: VLAN of the switch in the physical network, 1 to 4094. If left out or 0, the frames have no tag.
        type: int
  state:
    description: V(absent) deletes the switch with everything in it, whoever made it; its ports, rules and names, and
      the ports that lead to routers. Only O(name) is needed.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: netloom.linux.ovn_topology
  - module: netloom.linux.ovn_port
  - module: netloom.linux.ovn_router
  - module: netloom.linux.ovn_port_group
  - name: ovn-nb(5)
    description: The tables and columns behind the options.
    link: https://www.ovn.org/support/dist-docs/ovn-nb.5.html
  - name: Networks of OVN
    description: A guide for networks, routers, security groups and load balancers over many hosts.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-ovn.md
"""

EXAMPLES = r"""
- name: A switch that allots addresses, and answers for a name
  netloom.linux.ovn_switch:
    name: red
    subnet: 10.50.50.0/24
    exclude_ips: [10.50.50.1..10.50.50.9]
    dns:
      web.red: 10.50.50.10

- name: Only ping and the web reach its ports
  netloom.linux.ovn_switch:
    name: red
    acls:
      - {direction: ingress, action: allow-related, protocol: icmp}
      - {direction: ingress, action: allow-related, protocol: tcp, ports: [80, 443]}
      - {direction: ingress, action: drop, priority: 900}

- name: A switch that is VLAN 100 of a physical network
  netloom.linux.ovn_switch:
    name: outside
    localnet: {network: physnet1, tag: 100}

- name: Its frames have no tag any more
  netloom.linux.ovn_switch:
    name: outside
    localnet: {network: physnet1}

- name: The first switch is deleted
  netloom.linux.ovn_switch:
    name: red
    state: absent
"""

RETURN = r"""
ovn_switch:
  description: The switch as it is (in check mode, as it would be), in the shape of the options.
  returned: success
  type: dict
  sample:
    name: red
    state: present
    subnet: 10.50.50.0/24
    exclude_ips: [10.50.50.1..10.50.50.9]
    dns: {web.red: [10.50.50.10]}
    acls: []
    localnet: {}
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
  returned: when the switch exists; null otherwise, and in check mode for a new one
  type: str
reason:
  description: The kind of the error in one word, such as V(unreachable). The attributes have all of them.
  returned: when the module failed
  type: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _ovn_module
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _ovn_switch


def main() -> None:
    """Run the module."""
    _ovn_module.run_ovn_kind(_ovn_switch.SwitchKind())


if __name__ == "__main__":
    main()
