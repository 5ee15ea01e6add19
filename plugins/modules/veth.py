#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage veth pairs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: veth
short_description: Manage veth pairs
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Creates and deletes pairs of virtual Ethernet links, and keeps the attributes of both ends as declared. Each end is
    created directly in its namespace under its final name.
  - An existing pair is the declared one if both ends are veths of each other in the declared places. If a wanted name
    belongs to anything else, the task fails and leaves that link alone.
extends_documentation_fragment:
  - netloom.linux.common
  - netloom.linux.common.run
  - netloom.linux.common.clear
  - netloom.linux.link
  - netloom.linux.link.up
  - netloom.linux.link.more
  - netloom.linux.reasons
options:
  name:
    description: Name of the first end, at most 15 bytes.
    type: str
    required: true
  tx_checksum:
    description:
      - Whether the link computes transmit checksums (C(ethtool -K LINK tx on|off)).
      - If left out, it is left alone, and M(netloom.linux.ovs_port) switches it off if the userspace datapath of Open
        vSwitch needs that. A value given here wins.
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
        description: Like O(addresses), for the other end.
        type: list
        elements: str
      mac:
        description: Like O(mac), for the other end.
        type: str
      mtu:
        description: Like O(mtu), for the other end.
        type: int
      up:
        description: Like O(up), for the other end.
        type: bool
        default: true
      master:
        description: Like O(master), for the other end.
        type: str
      txqueuelen:
        description: Like O(txqueuelen), for the other end.
        type: int
      alias:
        description: Like O(alias), for the other end.
        type: str
      altnames:
        description: Like O(altnames), for the other end.
        type: list
        elements: str
      sysctl:
        description: Like O(sysctl), for the other end.
        type: dict
      tx_checksum:
        description: Like O(tx_checksum), for the other end.
        type: bool
  state:
    description: V(absent) deletes the pair. Only O(name) and O(netns) are needed.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: netloom.linux.netns
  - module: netloom.linux.linux_bridge
  - module: netloom.linux.ovs_port
  - name: A Docker-style bridge network
    description: Such a network by modules, by one topology and by a role.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-bridge-network.md
  - name: From commands to YAML
    description: For each command of the usual tutorials, the task that replaces it.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/from-commands.md
"""

EXAMPLES = r"""
- name: Two namespaces
  netloom.linux.netns:
    name: "{{ item }}"
  loop: [red, green]

- name: A cable directly between them
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

- name: The second pair is deleted
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
  description: The same facts for the other end.
  returned: when the pair exists and O(peer) is given
  type: dict
reason:
  description: The kind of the error in one word, such as V(unreachable). The attributes have all of them.
  returned: when the module failed
  type: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _module
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _veth


def main() -> None:
    """Run the module."""
    _module.run_kind(_veth.VethKind())


if __name__ == "__main__":
    main()
