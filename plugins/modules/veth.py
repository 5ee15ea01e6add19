#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage veth pairs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: veth
short_description: Manage veth pairs
version_added: 0.1.0
author:
  - The netloom authors (@netloom)
description:
  - Makes and deletes pairs of virtual Ethernet links, each end at once in its namespace and under its final name, and keeps
    the attributes of both ends as declared.
  - A pair is the declared one if both ends are veths of each other in the declared places. A link of a wanted name that is
    anything else is an error, and is left alone.
extends_documentation_fragment:
  - netloom.linux.common
  - netloom.linux.common.run
  - netloom.linux.common.clear
  - netloom.linux.link
  - netloom.linux.link.up
  - netloom.linux.link.more
options:
  name:
    description: Name of the first end, at most 15 bytes.
    type: str
    required: true
  tx_checksum:
    description:
      - Whether the link computes transmit checksums (C(ethtool -K LINK tx on|off)).
      - If left out it is left alone, and M(netloom.linux.ovs_port) switches it off where the userspace datapath of Open vSwitch
        needs that. A value given here wins.
    type: bool
  peer:
    description: The other end. Required unless O(state=absent).
    type: dict
    suboptions:
      name:
        description: Name of the other end, at most 15 bytes.
        type: str
        required: true
      netns:
        description: Namespace of the other end. If left out, the namespace in which the module runs.
        type: str
      addresses:
        description: As O(addresses), of the other end.
        type: list
        elements: str
      mac:
        description: As O(mac), of the other end.
        type: str
      mtu:
        description: As O(mtu), of the other end.
        type: int
      up:
        description: As O(up), of the other end.
        type: bool
        default: true
      master:
        description: As O(master), of the other end.
        type: str
      txqueuelen:
        description: As O(txqueuelen), of the other end.
        type: int
      alias:
        description: As O(alias), of the other end.
        type: str
      altnames:
        description: As O(altnames), of the other end.
        type: list
        elements: str
      sysctl:
        description: As O(sysctl), of the other end.
        type: dict
      tx_checksum:
        description: As O(tx_checksum), of the other end.
        type: bool
  state:
    description: V(absent) deletes the pair; only O(name) and O(netns) are needed then.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: netloom.linux.netns
  - module: netloom.linux.linux_bridge
  - module: netloom.linux.ovs_port
"""

EXAMPLES = r"""
- name: Two namespaces
  netloom.linux.netns:
    name: "{{ item }}"
  loop: [red, green]

- name: A cable straight between them
  netloom.linux.veth:
    name: eth0
    netns: red
    addresses: [10.0.0.1/24]
    peer:
      name: eth0
      netns: green
      addresses: [10.0.0.2/24]

- name: One end on the host, the other in a namespace
  netloom.linux.veth:
    name: veth-a
    addresses: [10.0.1.1/24]
    peer:
      name: eth1
      netns: red
      addresses: [10.0.1.2/24]
      mac: "52:54:00:12:34:56"
      mtu: 1400

- name: The second pair is gone
  netloom.linux.veth:
    name: veth-a
    state: absent
"""

RETURN = r"""
veth:
  description: The pair as it is (in check mode, as it would be), in the shape of the options.
  returned: success
  type: dict
  sample:
    name: veth-a
    state: present
    addresses: [10.0.1.1/24]
    mtu: 1500
    up: true
    peer: {name: eth1, netns: red, addresses: [10.0.1.2/24], mtu: 1400, up: true}
steps:
  description: What the run did, or would do, a sentence each.
  returned: success
  type: list
  elements: str
ifindex:
  description: The index of the first end.
  returned: when the pair exists
  type: int
carrier:
  description: Whether the first end has a carrier.
  returned: when the pair exists
  type: bool
dynamic_addresses:
  description: Addresses of the first end that have a lifetime (DHCP, SLAAC).
  returned: when the pair exists
  type: list
  elements: str
peer:
  description: The same facts of the other end.
  returned: when the pair exists and O(peer) is given
  type: dict
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _module
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _veth


def main() -> None:
    """Run it."""
    _module.run_kind(_veth.VethKind())


if __name__ == "__main__":
    main()
