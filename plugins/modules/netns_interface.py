#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage interfaces of a namespace."""

from __future__ import annotations

DOCUMENTATION = r"""
module: netns_interface
short_description: Create interfaces in a namespace, move them there, or manage them in place
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - With O(kind) an interface is created in the namespace. O(state=absent) deletes it.
  - With O(source) an existing interface, such as a NIC, is moved into the namespace and renamed. O(state=absent) moves
    it back home and restores everything that it had there and that the kernel drops during a move. This includes its
    name, addresses, routes (with the rest of their lifetime), permanent neighbours, sysctls, IPv6 token (C(ip token)),
    link-layer groups (C(ip maddress)), bridge with the port flags, and state.
  - An interface with something that could not be restored is not moved, and the error names the reason, in check mode
    too. Such things are a route through a nexthop object, a queueing discipline that somebody configured (C(tc qdisc)),
    and what a VLAN on the interface would lose. Policy rules that name the interface stay in place, and apply again
    when it is back under its name.
  - With neither option, an interface is managed where it is, such as C(lo) or an interface that M(netloom.linux.veth)
    or M(netloom.linux.ovs_port) created. O(state=absent) then removes only the declared addresses, alternative names,
    master, neighbours and rules.
extends_documentation_fragment:
  - netloom.linux.common
  - netloom.linux.common.run
  - netloom.linux.common.clear
  - netloom.linux.link
  - netloom.linux.link.more
  - netloom.linux.neighbours
  - netloom.linux.vxlan
  - netloom.linux.reasons
options:
  name:
    description: Name of the interface in the namespace, at most 15 bytes.
    type: str
    required: true
  up:
    description: Whether the link is administratively up. If left out, it is V(true) with O(kind) or O(source).
      Otherwise the present state is left alone.
    type: bool
  source:
    description: The interface to move, with its present name and place.
    type: dict
    suboptions:
      name:
        description: The present name of the interface.
        type: str
        required: true
      netns:
        description: The present namespace of the interface. If left out, the namespace in which the module runs.
        type: str
  kind:
    description:
      - The kind of interface to create. V(tap) and V(tun) are persistent.
      - A kind that the kernel does not support is refused before anything is touched.
    type: str
    choices: [tap, tun, macvlan, ipvlan, vlan, vxlan, dummy]
  parent:
    description:
      - The link on which a V(macvlan), V(ipvlan), V(vlan) or V(vxlan) is created.
      - It is looked up in O(netns) first, and then in the namespace in which the module runs.
    type: str
  mode:
    description:
      - Mode of a V(macvlan) (V(private), V(vepa), V(bridge), V(passthru)) or V(ipvlan) (V(l2), V(l3), V(l3s)).
      - All V(ipvlan) links of a parent share one mode. A link without a mode takes the mode of the others.
    type: str
  id:
    description: Number of a V(vlan) (0 to 4094) or V(vxlan) (0 to 16777215).
    type: int
  owner:
    description:
      - User, by name or number, who may open a V(tap) or V(tun) without being root.
      - The kernel can replace an owner, but cannot remove it. O(clear) therefore recreates the interface.
    type: str
  owner_group:
    description: Group, by name or number, whose members may open it.
    type: str
  rules:
    description:
      - The exact list of policy rules (C(ip rule)) that name the interface. Rules that name another interface or none,
        such as the rules of the kernel itself, are left alone.
      - Rules with selectors that have no option here (ports, users, C(not), two interfaces, ...), rules of priority 0
        and rules of a routing daemon are left alone as well.
      - Packets that the namespace itself sends come in by C(lo). A rule for such packets, which is the usual meaning of
        C(ip rule add from 192.0.2.1 lookup 100), is therefore a rule of C(lo).
      - Rules outlive the interface, so O(state=absent) deletes them too. For an interface that is managed in place it
        deletes only the declared rules.
    type: list
    elements: dict
    suboptions:
      priority:
        description: The position among all rules, 1 to 4294967295. The lowest number comes first. The rules of the
          kernel are at 0 (C(local)), 32766 (C(main)) and 32767.
        type: int
        required: true
      match:
        description:
          - V(iif) is for packets that come in by the interface.
          - V(oif) is for packets from sockets that are bound to it, as with C(ping -I).
        type: str
        choices: [iif, oif]
        default: iif
      family:
        description: The IP version of the packets. If left out, the version of O(rules[].from) or O(rules[].to),
          otherwise IPv4.
        type: str
        choices: [ipv4, ipv6]
      from:
        description: Only packets from this network. If left out, all.
        type: str
      to:
        description: Only packets to this network. If left out, all.
        type: str
      fwmark:
        description: Only packets with this firewall mark, such as V(0x1) or, with a mask, V(0x1/0xff).
        type: str
      action:
        description:
          - V(lookup) takes the route from O(rules[].table). If that table has no route, the next rule is tried.
          - The other actions drop the packet. V(unreachable) and V(prohibit) also answer the sender.
        type: str
        choices: [lookup, blackhole, unreachable, prohibit]
        default: lookup
      table:
        description:
          - The routing table, by number, as V(main), V(default) or V(local), or by a name from
            C(/etc/iproute2/rt_tables) of the managed node. Required for V(lookup).
        type: str
      suppress_prefixlength:
        description: Ignore routes of the table whose prefix has at most this length. V(0) ignores the default route of
          the table.
        type: int
  state:
    description: V(absent) deletes a created interface, moves a moved one back home, or removes the declared settings
      from one that is managed in place.
    type: str
    choices: [present, absent]
    default: present
notes:
  - Neighbours and rules are set last, after the attributes, addresses and routes of all entries of a topology.
  - The origin of a moved interface is recorded below C(/run/netloom), with its ifindex, permanent MAC address and
    namespace. If the record is lost, the interface is moved to the namespace in which the module runs, with a warning.
seealso:
  - module: netloom.linux.veth
  - name: From commands to YAML
    description: For each command of the usual tutorials, the task that replaces it.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/from-commands.md
"""

EXAMPLES = r"""
- name: A namespace
  netloom.linux.netns:
    name: lab

- name: A tap device for a virtual machine that an ordinary user runs
  netloom.linux.netns_interface:
    name: tap0
    netns: lab
    kind: tap
    owner: nobody

- name: A pair of which one end stands for a NIC
  netloom.linux.veth:
    name: nic1
    addresses: [192.0.2.10/24]
    peer: {name: wire}

- name: The NIC is moved into the namespace
  netloom.linux.netns_interface:
    name: eth1
    netns: lab
    source:
      name: nic1
    addresses: [10.0.9.1/24]

- name: A second address for the loopback link of the namespace, and a routing table for packets sent from it
  netloom.linux.netns_interface:
    name: lo
    netns: lab
    addresses: [127.0.0.1/8, "::1/128", 10.255.0.1/32]
    rules:
      - {priority: 200, from: 10.255.0.1, table: 200}

- name: A gateway that is known without ARP, and a routing table of its own for packets that come in by the NIC
  netloom.linux.netns_interface:
    name: eth1
    netns: lab
    neighbours:
      - {address: 10.0.9.254, mac: "52:54:00:00:09:fe"}
    rules:
      - {priority: 100, from: 10.0.9.0/24, table: 100}
      - {priority: 101, action: prohibit}

- name: A VXLAN to two other hosts, which sends to each only what is for it, and learns nothing
  netloom.linux.netns_interface:
    name: vx7
    kind: vxlan
    id: 7
    local: 192.0.2.10
    remotes: [192.0.2.11, 192.0.2.12]
    fdb:
      - {mac: "52:54:00:00:11:01", remote: 192.0.2.11}
      - {mac: "52:54:00:00:12:01", remote: 192.0.2.12}
    learning: false

- name: The VXLAN is deleted
  netloom.linux.netns_interface:
    name: vx7
    kind: vxlan
    id: 7
    state: absent

- name: The NIC is moved back home, with the address that it had there
  netloom.linux.netns_interface:
    name: eth1
    netns: lab
    source: {name: nic1}
    state: absent
"""

RETURN = r"""
netns_interface:
  description: The interface as it is (in check mode, as it would be), in the shape of the options.
  returned: success
  type: dict
  sample: {"name": "tap0", "state": "present", "netns": "lab", "kind": "tap", "owner": "nobody", "up": true, "mtu":
    1500}
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
ifindex:
  description: The index of the link.
  returned: when the link exists
  type: int
carrier:
  description: Whether the link has a carrier.
  returned: when the link exists
  type: bool
dynamic_addresses:
  description: Addresses that have a lifetime (DHCP, SLAAC).
  returned: when the link exists
  type: list
  elements: str
reason:
  description: The kind of the error in one word, such as V(unreachable). The attributes have all of them.
  returned: when the module failed
  type: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _module
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _netns_interface


def main() -> None:
    """Run the module."""
    _module.run_kind(_netns_interface.NetnsInterfaceKind())


if __name__ == "__main__":
    main()
