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
    with the name, the addresses, the routes and the state that it had there.
  - With neither, an interface is managed where it is (C(lo), say), and O(state=absent) takes away only the declared addresses and master.
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
      - V(vlan), V(dummy) and V(ipvlan) need kernel modules that the project's test machines lack, so these three are
        implemented, but not tested against a real kernel.
    type: str
    choices: [tap, tun, macvlan, ipvlan, vlan, vxlan, dummy]
  parent:
    description:
      - The link below a V(macvlan), V(ipvlan), V(vlan) or V(vxlan).
      - It is looked for in O(netns) first, and then in the namespace in which the module runs.
    type: str
  mode:
    description: Mode of a V(macvlan) (V(private), V(vepa), V(bridge), V(passthru)) or V(ipvlan) (V(l2), V(l3), V(l3s)).
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
  state:
    description: V(absent) deletes a created interface, sends a moved one home, or strips one that is managed in place.
    type: str
    choices: [present, absent]
    default: present
notes:
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

- name: A second address for the namespace's loopback link
  netloom.linux.netns_interface:
    name: lo
    netns: lab
    addresses: [127.0.0.1/8, "::1/128", 10.255.0.1/32]

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

from ansible_collections.netloom.linux.plugins.module_utils._engine._module import run_kind
from ansible_collections.netloom.linux.plugins.module_utils._kinds._netns_interface import NetnsInterfaceKind


def main() -> None:
    """Run it."""
    run_kind(NetnsInterfaceKind())


if __name__ == "__main__":
    main()
