#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage Linux bridges."""

from __future__ import annotations

DOCUMENTATION = r"""
module: linux_bridge
short_description: Manage Linux bridges
version_added: 0.1.0
author:
  - The netloom authors (@netloom)
description:
  - Makes and deletes bridges of the Linux kernel, on the host or in a namespace, and keeps their attributes and ports as declared.
  - A link of the wanted name that is no bridge is an error, and is left alone.
extends_documentation_fragment:
  - netloom.linux.common
  - netloom.linux.common.run
  - netloom.linux.common.clear
  - netloom.linux.link
  - netloom.linux.link.up
options:
  name:
    description: Name of the bridge, at most 15 bytes.
    type: str
    required: true
  ports:
    description:
      - The exact list of its ports; other links are taken out of the bridge, and not deleted.
      - If left out, the ports are left alone (and each link's own O(netloom.linux.veth#module:master) decides).
      - A link that is a port of another bridge is an error, not a move.
    type: list
    elements: str
  port_flags:
    description:
      - What the bridge does at single ports, as a dictionary of the port's name to a dictionary of its flags. What is
        left out, or null, is left alone.
      - V(isolated) (boolean), isolated ports do not reach each other, only the ports that are not isolated.
      - V(hairpin) (boolean), a frame may leave by the port it came in by.
      - V(learning) (boolean), the bridge learns MAC addresses from the port's frames.
      - V(flood) (boolean), unicast to an unknown MAC address goes out by the port too.
      - V(neigh_suppress) (boolean), the bridge answers ARP and ND requests for neighbours it knows itself.
      - V(cost) (1 to 65535) and V(priority) (0 to 63) are the port's in the spanning tree.
      - A link loses its flags when it leaves the bridge. The next run sets them again.
      - By O(clear) all ports get the flags of a new port. Only a cost stays, since the kernel does not tell who set it;
        to be rid of it, take the port out of the bridge and in again.
    type: dict
  stp:
    description: Whether the spanning tree protocol runs. A new bridge has it off. With it on, a new port forwards only after twice the O(forward_delay).
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
      - While the spanning tree changes, the kernel shortens it and does not tell what was set; then it is not compared, with a warning.
    type: float
  priority:
    description: Priority of the bridge in the spanning tree, 0 to 65535; the lowest becomes root.
    type: int
  multicast_snooping:
    description: Whether the bridge learns from IGMP and MLD which ports want which multicast.
    type: bool
  uplink:
    description:
      - A NIC that becomes a port of the bridge, while its addresses, its routes and its permanent neighbours become the bridge's. So the host is
        reached by its own address, over the bridge, and what else is plugged into the bridge is on the NIC's network.
      - The bridge takes the MAC address of the NIC, unless O(mac) is given, and its MTU, unless O(mtu) is given.
      - Without O(addresses) all addresses of the NIC move. With O(addresses) the bridge has exactly those, and the NIC none; they must reach the
        gateways of the routes that move.
      - Routes of all tables but V(local) move with their metric, source, protocol and MTU, also those with a gateway outside the subnet (onlink).
        One that is lost is set again, unless another of the same destination, table and metric took its place.
      - An address that a DHCP client leased is refused, since the client would go on renewing it on the NIC. Stop the client, and declare
        O(addresses). IPv6 addresses of router advertisements move with their lifetimes.
      - Sysctls, firewall rules and policy rules that name the NIC are not rewritten.
      - With O(ports), which is exact, the uplink counts as one of them.
      - The move is safe over SSH through that very NIC, see O(confirm_timeout). C(clear=[uplink]) or O(state=absent) gives the NIC back what it had.
      - A wireless device, a bridge, and the port of another bridge are refused.
    type: str
  confirm_timeout:
    description:
      - Seconds in which a move of the O(uplink) must be confirmed, 5 to 3600, counted from the end of the run.
      - Before anything is written, a process is started on the host that outlives the module and the SSH session. It puts NIC and bridge back as they
        were if nobody comes in time over a new connection, at once if the run is killed, and at once if a default gateway that answered
        before the move no longer does. The task itself confirms, before it ends.
      - With O(stp) the uplink forwards nothing for twice the O(forward_delay), so this must be longer.
    type: int
    default: 30
  state:
    description: V(absent) deletes the bridge. Its ports stay, without a master; what moved with an O(uplink) goes back to it.
    type: str
    choices: [present, absent]
    default: present
notes:
  - A bridge takes the MAC address of its lowest port and the MTU of its smallest, unless they are set.
  - With C(async), give a C(poll) above 0 where there is an O(uplink); C(poll=0) is refused, since nobody would confirm.
seealso:
  - module: netloom.linux.veth
  - module: netloom.linux.ovs_bridge
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

- name: No other ports than this one
  netloom.linux.linux_bridge:
    name: br0
    ports: [red-br]

- name: It reaches only ports that are not isolated, and itself
  netloom.linux.linux_bridge:
    name: br0
    port_flags:
      red-br: {isolated: true, hairpin: true}

- name: A network card, made of a cable here
  netloom.linux.veth:
    name: nic0
    addresses: [192.0.2.10/24]
    peer:
      name: switch0

- name: The bridge has its addresses and routes from now on
  netloom.linux.linux_bridge:
    name: br1
    uplink: nic0
    confirm_timeout: 20

- name: The card has them again
  netloom.linux.linux_bridge:
    name: br1
    state: absent

- name: The card is gone
  netloom.linux.veth:
    name: nic0
    peer:
      name: switch0
    state: absent

- name: The bridge is gone
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
  description: What the run did, or would do, a sentence each.
  returned: success
  type: list
  elements: str
confirmed:
  description: The uplinks whose move was confirmed over a new connection.
  returned: when an uplink was moved
  type: list
  elements: str
  sample: [eth0]
unconfirmed:
  description: The moves that wait for M(netloom.linux.uplink_confirm). The action plugin takes the list out when it has confirmed.
  returned: by the module itself, when an uplink was moved; with C(async) also in the end
  type: list
  elements: dict
  contains:
    uplink:
      description: The NIC.
      type: str
    token:
      description: What the guard wants to hear.
      type: str
    seconds:
      description: The time until it goes back, from the end of the run.
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
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _module
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _linux_bridge


def main() -> None:
    """Run it."""
    _module.run_kind(_linux_bridge.LinuxBridgeKind())


if __name__ == "__main__":
    main()
