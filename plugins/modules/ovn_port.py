#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage ports of logical switches of OVN."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ovn_port
short_description: Manage ports of logical switches of OVN
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Creates and deletes ports of logical switches in the northbound database of OVN, and keeps their settings as
    declared. A port is a row of table C(Logical_Switch_Port).
  - The port comes up when a host has an interface whose C(external_ids:iface-id) is the name of the port.
  - Ports that lead to routers are declared with M(netloom.linux.ovn_router), and the port that leads to a physical
    network with O(netloom.linux.ovn_switch#module:localnet).
extends_documentation_fragment:
  - netloom.linux.ovn
  - netloom.linux.ovn.run
  - netloom.linux.common.clear
  - netloom.linux.reasons
options:
  switch:
    description: Name of the logical switch, which must exist. A port that exists on another switch is an error.
    type: str
    required: true
  name:
    description: Name of the port, C(Logical_Switch_Port.name), unique in the database. Up to 255 bytes, without white
      space.
    type: str
    required: true
  type:
    description: The type of the port, C(Logical_Switch_Port.type). The empty one is a port of a machine, a container or
      a namespace.
    type: str
    choices: ["", router, localnet, localport, l2gateway, vtep, external, virtual, remote]
  addresses:
    description:
      - The exact list of addresses of the port, C(Logical_Switch_Port.addresses).
      - "An entry is a MAC address, such as V(52:54:00:00:00:01); a MAC address with IP addresses behind it, such as
        V(52:54:00:00:00:01 10.0.0.5 fd00::5); V(dynamic), also behind a MAC address or with IP addresses behind it, for
        which OVN allots the rest from the subnet of the switch; V(unknown), which gets all frames for which the switch
        knows no port; or V(router)."
    type: list
    elements: str
  port_security:
    description: The exact list of MAC addresses, each with the addresses or networks that may stand behind it, from
      which the port may send; C(Logical_Switch_Port.port_security). If empty, it may send from all.
    type: list
    elements: str
  chassis:
    description:
      - The host on which the port may come up, by the name of its chassis (its C(system-id));
        C(Logical_Switch_Port.options:requested-chassis).
      - Give it. If two hosts have an interface for one port, both claim it in turn, and half of the packets are lost.
    type: str
  parent:
    description: The port of the machine behind which this one is, told apart by O(tag);
      C(Logical_Switch_Port.parent_name).
    type: str
  tag:
    description: The VLAN of a port with a O(parent), or of a port of the type C(localnet), C(l2gateway) or C(vtep), 0
      to 4095; C(Logical_Switch_Port.tag_request). With 0, OVN allots the VLAN.
    type: int
  enabled:
    description: Whether the port passes packets; C(Logical_Switch_Port.enabled). If never given, it does.
    type: bool
  options:
    description: The exact map of C(Logical_Switch_Port.options), except for C(requested-chassis), which is O(chassis).
      Values are stored as strings, V(true) and V(false) in lower case.
    type: dict
  external_ids:
    description: The exact map of C(Logical_Switch_Port.external_ids), except for keys that begin with C(netloom-).
      Values are stored as strings.
    type: dict
  dhcp_options:
    description: Name of the DHCP options that the port gets, see M(netloom.linux.ovn_dhcp_options). They must exist;
      C(Logical_Switch_Port.dhcpv4_options), or C(dhcpv6_options) if their network is of IPv6. If there are some of this
      name for both, the port gets both. Cleared, OVN does not answer DHCP requests of the port.
    type: str
  state:
    description: V(absent) deletes the port, whoever made it. Only O(switch) and O(name) are needed.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: netloom.linux.ovn_topology
  - module: netloom.linux.ovn_switch
  - module: netloom.linux.ovn_dhcp_options
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
    subnet: 10.50.50.0/24

- name: What OVN answers to DHCP requests on it
  netloom.linux.ovn_dhcp_options:
    name: red
    cidr: 10.50.50.0/24
    options:
      server_id: 10.50.50.1
      server_mac: "02:00:00:50:50:01"
      lease_time: 3600

- name: A port with a fixed address, which may not send from another one
  netloom.linux.ovn_port:
    switch: red
    name: red1
    addresses: ["52:54:00:50:50:10 10.50.50.10"]
    port_security: ["52:54:00:50:50:10 10.50.50.10"]
    dhcp_options: red
    chassis: node2

- name: A port for which OVN allots an address
  netloom.linux.ovn_port:
    switch: red
    name: red2
    addresses: ["52:54:00:50:50:20 dynamic"]
    dhcp_options: red

- name: The first port may send from every address
  netloom.linux.ovn_port:
    switch: red
    name: red1
    clear: [port_security]
"""

RETURN = r"""
ovn_port:
  description: The port as it is (in check mode, as it would be), in the shape of the options.
  returned: success
  type: dict
  sample:
    switch: red
    name: red1
    state: present
    type: ""
    addresses: ["52:54:00:50:50:10 10.50.50.10"]
    port_security: ["52:54:00:50:50:10 10.50.50.10"]
    chassis: node2
    dhcp_options: red
    enabled: true
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
  returned: when the port exists; null otherwise, and in check mode for a new one
  type: str
up:
  description: Whether a host has claimed the port. It stays true when that host is cut off. Null if OVN has not said
    anything about it yet.
  returned: success
  type: bool
chassis:
  description:
    - The name of the chassis that has claimed the port, which O(chassis) may ask for. It is known from the southbound
      database, beside O(ovn_nb).
    - Null if no chassis has the port (yet), or if the southbound database cannot be asked.
  returned: success
  type: str
  sample: node2
dynamic_addresses:
  description: The addresses that OVN allotted, the MAC address first. Null if it allotted none (yet).
  returned: success
  type: str
  sample: 52:54:00:50:50:20 10.50.50.2
reason:
  description: The kind of the error in one word, such as V(unreachable). The attributes have all of them.
  returned: when the module failed
  type: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _ovn_module
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _ovn_port


def main() -> None:
    """Run the module."""
    _ovn_module.run_ovn_kind(_ovn_port.PortKind())


if __name__ == "__main__":
    main()
