#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage Linux bridges."""

from __future__ import annotations

DOCUMENTATION = r"""
module: linux_bridge
short_description: Manage Linux bridges
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Creates and deletes bridges of the Linux kernel, on the host or in a namespace, and keeps their attributes and ports
    as declared.
  - If a link of the wanted name exists and is not a bridge, the task fails and leaves that link alone.
extends_documentation_fragment:
  - netloom.linux.common
  - netloom.linux.common.run
  - netloom.linux.common.clear
  - netloom.linux.link
  - netloom.linux.link.up
  - netloom.linux.bridge_ports
  - netloom.linux.neighbours
  - netloom.linux.uplink
  - netloom.linux.reasons
options:
  name:
    description: Name of the bridge, at most 15 bytes.
    type: str
    required: true
  ports:
    description:
      - The exact list of the ports of the bridge. Other links are removed from the bridge, but not deleted.
      - If left out, the ports are left alone (and each link's own O(netloom.linux.veth#module:master) decides).
      - A link that is already a port of another bridge is an error. It is not moved.
    type: list
    elements: str
  stp:
    description: Whether the spanning tree protocol runs. It is off on a new bridge. While it is on, a new port forwards
      only after twice the O(forward_delay).
    type: bool
  forward_delay:
    description: Seconds a port listens and then learns before it forwards, 0 to 30 (with O(stp) from 2).
    type: float
  hello_time:
    description: Seconds between two hello packets of the root bridge, 1 to 10.
    type: float
  max_age:
    description: Seconds after which the information of another bridge is too old, 6 to 40.
    type: float
  ageing_time:
    description:
      - Seconds after which an unseen MAC address is forgotten, 0 to 1000000. 0 makes the bridge a hub.
      - While the spanning tree changes, the kernel uses a shorter time and does not tell the configured one. The module
        then does not compare it, and warns.
    type: float
  priority:
    description: Priority of the bridge in the spanning tree, 0 to 65535. The bridge with the lowest priority becomes
      root.
    type: int
  multicast_snooping:
    description: Whether the bridge learns from IGMP and MLD which ports want which multicast groups.
    type: bool
  state:
    description: V(absent) deletes the bridge. Its ports stay, without a master. What moved from an O(uplink) moves back
      to it.
    type: str
    choices: [present, absent]
    default: present
notes:
  - A bridge uses the lowest MAC address and the smallest MTU of its ports, unless they are set.
  - If one port is a tunnel (vxlan) in which the packets of another port do not fit, because its MTU is greater, the
    task warns, with the MTU to write.
seealso:
  - module: netloom.linux.veth
  - module: netloom.linux.ovs_bridge
  - name: A Docker-style bridge network
    description: Such a network by modules, by one topology and by a role.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-bridge-network.md
  - name: The host's own NIC on the bridge
    description: What happens to the connection, and how a move is taken back.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-uplink.md
"""

EXAMPLES = r"""
- name: A namespace on a bridge
  netloom.linux.netns:
    name: red

- name: The bridge
  netloom.linux.linux_bridge:
    name: br0
    stp: false
    addresses: [10.0.0.254/24]

- name: A cable from the namespace to the bridge
  netloom.linux.veth:
    name: red-br
    master: br0
    peer:
      name: eth0
      netns: red
      addresses: [10.0.0.1/24]

- name: The bridge has no other ports
  netloom.linux.linux_bridge:
    name: br0
    ports: [red-br]

- name: The namespace reaches only ports that are not isolated, and itself
  netloom.linux.linux_bridge:
    name: br0
    port_flags:
      red-br: {isolated: true, hairpin: true}

- name: A VXLAN to another host
  netloom.linux.netns_interface:
    name: vx7
    kind: vxlan
    id: 7
    local: 192.0.2.10
    master: br0
    remotes: [192.0.2.11]
    learning: false

- name: The bridge itself answers who asks for the machine that is there, and need not learn where it is
  netloom.linux.linux_bridge:
    name: br0
    port_flags:
      vx7: {neigh_suppress: true, learning: false}
    fdb:
      - {mac: "52:54:00:00:11:01", port: vx7}
    neighbours:
      - {address: 10.0.0.11, mac: "52:54:00:00:11:01"}

- name: The VXLAN is deleted
  netloom.linux.netns_interface:
    name: vx7
    kind: vxlan
    id: 7
    state: absent

- name: A network card, which is one end of a cable in this example
  netloom.linux.veth:
    name: nic0
    addresses: [192.0.2.10/24]
    peer:
      name: switch0

- name: The addresses and routes of the card move to the bridge
  netloom.linux.linux_bridge:
    name: br1
    uplink: nic0
    confirm_timeout: 20

- name: The addresses and routes move back to the card
  netloom.linux.linux_bridge:
    name: br1
    state: absent

- name: The card is deleted
  netloom.linux.veth:
    name: nic0
    peer:
      name: switch0
    state: absent

- name: The bridge is deleted
  netloom.linux.linux_bridge:
    name: br0
    state: absent
"""

RETURN = r"""
linux_bridge:
  description: The bridge as it is (in check mode, as it would be), in the shape of the options.
  returned: success
  type: dict
  sample: {"name": "br0", "state": "present", "addresses": ["10.0.0.254/24"], "ports": ["red-br"],
    "port_flags": {"red-br": {"isolated": true, "hairpin": true}}, "stp": false, "up": true}
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
confirmed:
  description: The uplinks whose move was confirmed over a new connection.
  returned: when an uplink was moved
  type: list
  elements: str
  sample: [eth0]
unconfirmed:
  description: The moves that wait for M(netloom.linux.uplink_confirm). The action plugin removes the list after it has
    confirmed them.
  returned: by the module itself, when an uplink was moved; with C(async) also in the final result
  type: list
  elements: dict
  contains:
    uplink:
      description: The NIC.
      type: str
    token:
      description: The token that the guard waits for.
      type: str
    seconds:
      description: The seconds until the guard undoes the move, counted from the end of the run.
      type: int
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
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _linux_bridge


def main() -> None:
    """Run the module."""
    _module.run_kind(_linux_bridge.LinuxBridgeKind())


if __name__ == "__main__":
    main()
