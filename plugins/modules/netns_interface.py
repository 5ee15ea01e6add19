#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage interfaces of a namespace."""

from __future__ import annotations

DOCUMENTATION = r"""
module: netns_interface
short_description: Create interfaces in a namespace, move them there, or manage them in place
version_added: 0.1.0
author:
  - The netloom authors (@netloom)
description:
  - With O(kind) an interface is created in the namespace, and deleted on O(state=absent).
  - With O(source) an existing interface, such as a NIC, is moved into the namespace and renamed. On O(state=absent) it goes home
    with all that it had there and that the kernel drops on the way; its name, addresses, routes with what is left of an expiry,
    permanent neighbours, sysctls, IPv6 token (C(ip token)), link-layer groups (C(ip maddress)), bridge with the flags of a port,
    and state.
  - What could not be given back keeps an interface where it is, and is named in check mode, too - a route by a nexthop object, a queueing
    discipline of somebody (C(tc qdisc)), and what a VLAN on it would lose. Policy rules that name the interface stay, and hold
    again when it is back under its name.
  - With neither, an interface is managed where it is (C(lo), say, or what M(netloom.linux.veth) or M(netloom.linux.ovs_port) made), and
    O(state=absent) takes away only the declared addresses, alternative names, master, neighbours and rules.
extends_documentation_fragment:
  - netloom.linux.common
  - netloom.linux.common.run
  - netloom.linux.common.clear
  - netloom.linux.link
  - netloom.linux.link.more
options:
  name:
    description: Name of the interface in the namespace, at most 15 bytes.
    type: str
    required: true
  up:
    description: Whether the link is administratively up. If left out, V(true) with O(kind) or O(source), else it is left alone.
    type: bool
  source:
    description: The interface to move, where it is now.
    type: dict
    suboptions:
      name:
        description: Its name there.
        type: str
        required: true
      netns:
        description: The namespace it is in. If left out, the namespace in which the module runs.
        type: str
  kind:
    description:
      - The kind of interface to create. V(tap) and V(tun) are persistent.
      - A kind that the kernel lacks is refused before anything is touched.
    type: str
    choices: [tap, tun, macvlan, ipvlan, vlan, vxlan, dummy]
  parent:
    description:
      - The link below a V(macvlan), V(ipvlan), V(vlan) or V(vxlan).
      - It is looked for in O(netns) first, and then in the namespace in which the module runs.
    type: str
  mode:
    description:
      - Mode of a V(macvlan) (V(private), V(vepa), V(bridge), V(passthru)) or V(ipvlan) (V(l2), V(l3), V(l3s)).
      - All V(ipvlan) of a parent have one mode. One without a mode takes that of the others.
    type: str
  id:
    description: Number of a V(vlan) (0 to 4094) or V(vxlan) (0 to 16777215).
    type: int
  remote:
    description: Address of the other end of a V(vxlan), or a multicast group.
    type: str
  local:
    description: Source address of a V(vxlan).
    type: str
  port:
    description: UDP port of a V(vxlan); 4789 (RFC 7348) if left out.
    type: int
  owner:
    description:
      - User, by name or number, who may open a V(tap) or V(tun) without being root.
      - The kernel replaces an owner, but does not take one away; O(clear) makes the interface anew.
    type: str
  owner_group:
    description: Group, by name or number, whose members may.
    type: str
  neighbours:
    description:
      - The exact list of neighbours that the interface does not have to ask for (C(ip neighbour add ... nud permanent)), and of
        addresses that it answers for (C(ip neighbour add proxy)).
      - There is no option for other states, since the kernel ends these by itself. What it learned is left alone, as is what a
        routing daemon put there.
      - The kernel drops them when the interface goes down, when its MAC address changes, and those of IPv4 with its last IPv4
        address. So give a bridge a O(netloom.linux.linux_bridge#module:mac), or it takes that of another port one day.
    type: list
    elements: dict
    suboptions:
      address:
        description: The neighbour's address, without a prefix length.
        type: str
        required: true
      mac:
        description: The MAC address where it is. Quote it. Needed unless O(neighbours[].proxy).
        type: str
      proxy:
        description:
          - Whether the interface answers ARP or ND requests for the address, instead of having it as a neighbour.
          - What comes for it is to be routed on. So the kernel answers only where forwarding is on and another interface leads there, and for
            IPv6 only with the sysctl C(proxy_ndp) of this one.
        type: bool
        default: false
  rules:
    description:
      - The exact list of policy rules (C(ip rule)) that name the interface. Rules that name another one or none, such as the
        kernel's own, are left alone.
      - Rules with selectors that are no option here (ports, users, C(not), two interfaces, ...), of priority 0 or of a routing
        daemon are left alone as well.
      - A rule for packets that the namespace sends itself, such as C(ip rule add from 192.0.2.1 lookup 100) is mostly meant,
        is a rule of C(lo), by which they come in.
      - They outlive the interface, so O(state=absent) takes them away as well; of an interface that is managed in place those that are declared.
    type: list
    elements: dict
    suboptions:
      priority:
        description: Its place among all rules, 1 to 4294967295, the lowest first. The kernel's own are at 0 (C(local)), 32766 (C(main)) and 32767.
        type: int
        required: true
      match:
        description:
          - V(iif) is for packets that come in by the interface.
          - V(oif) is for packets of sockets that are bound to it (C(ping -I), say).
        type: str
        choices: [iif, oif]
        default: iif
      family:
        description: Which packets. If left out, those of the family of O(rules[].from) or O(rules[].to), else IPv4.
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
          - V(lookup) takes the route from O(rules[].table); if that has none, it is the next rule's turn.
          - The others drop the packet, V(unreachable) and V(prohibit) with an answer.
        type: str
        choices: [lookup, blackhole, unreachable, prohibit]
        default: lookup
      table:
        description:
          - The routing table, by number, V(main), V(default), V(local), or a name from C(/etc/iproute2/rt_tables) of the managed node.
            Needed to look something up.
        type: str
      suppress_prefixlength:
        description: Routes of the table with a prefix of at most this length do not count. V(0) leaves out its default route.
        type: int
  state:
    description: V(absent) deletes a created interface, sends a moved one home, or strips one that is managed in place.
    type: str
    choices: [present, absent]
    default: present
notes:
  - Neighbours and rules are set last, after the attributes, addresses and routes of all entries of a topology.
  - Where a moved interface came from is recorded below C(/run/netloom) by its ifindex, permanent MAC address and namespace. If the
    record is lost, it goes to the namespace in which the module runs, with a warning.
seealso:
  - module: netloom.linux.veth
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

- name: A pair that stands for a NIC
  netloom.linux.veth:
    name: nic1
    addresses: [192.0.2.10/24]
    peer: {name: wire}

- name: The NIC moves into the namespace
  netloom.linux.netns_interface:
    name: eth1
    netns: lab
    source:
      name: nic1
    addresses: [10.0.9.1/24]

- name: A second address for the namespace's loopback link, and a routing table for what is sent from it
  netloom.linux.netns_interface:
    name: lo
    netns: lab
    addresses: [127.0.0.1/8, "::1/128", 10.255.0.1/32]
    rules:
      - {priority: 200, from: 10.255.0.1, table: 200}

- name: The gateway is known without ARP, and what comes in from it has a routing table of its own
  netloom.linux.netns_interface:
    name: eth1
    netns: lab
    neighbours:
      - {address: 10.0.9.254, mac: "52:54:00:00:09:fe"}
    rules:
      - {priority: 100, from: 10.0.9.0/24, table: 100}
      - {priority: 101, action: prohibit}

- name: The NIC goes home, with the address it had there
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
  sample: {"name": "tap0", "state": "present", "netns": "lab", "kind": "tap", "owner": "nobody", "up": true, "mtu": 1500}
steps:
  description: What the run did, or would do, a sentence each.
  returned: success
  type: list
  elements: str
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
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _module
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _netns_interface


def main() -> None:
    """Run it."""
    _module.run_kind(_netns_interface.NetnsInterfaceKind())


if __name__ == "__main__":
    main()
