#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage Open vSwitch bridges."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ovs_bridge
short_description: Manage Open vSwitch bridges
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Creates and deletes Open vSwitch bridges, and keeps their settings and the attributes of their local port (the
    network device with the name of the bridge) as declared.
  - The ports of a bridge are managed by M(netloom.linux.ovs_port).
extends_documentation_fragment:
  - netloom.linux.common
  - netloom.linux.common.run
  - netloom.linux.common.clear
  - netloom.linux.ovs
  - netloom.linux.ovs.connection
  - netloom.linux.uplink
  - netloom.linux.uplink.ovs
  - netloom.linux.reasons
options:
  name:
    description: Name of the bridge, at most 15 bytes.
    type: str
    required: true
  datapath_type:
    description:
      - Selects who forwards the packets. This is the kernel (V(system)) or ovs-vswitchd (V(netdev), which needs no
        kernel module except C(/dev/net/tun)).
      - V(auto) leaves an existing bridge as it is. A new bridge becomes V(system) if the kernel has the datapath of
        Open vSwitch (the generic netlink family C(ovs_datapath)), and otherwise V(netdev).
      - A change recreates the devices of the internal ports of the bridge.
    type: str
    choices: [auto, system, netdev]
    default: auto
  fail_mode:
    description:
      - What the bridge does without its controllers. V(standalone) forwards like a plain switch, which is also the
        default of Open vSwitch. V(secure) waits for the controllers.
    type: str
    choices: [standalone, secure]
  controllers:
    description: The exact list of OpenFlow controllers, such as V(tcp:10.0.0.1:6653). Their order has no meaning.
    type: list
    elements: str
  protocols:
    description: The exact list of OpenFlow versions that the bridge speaks. Empty means the default of Open vSwitch.
    type: list
    elements: str
    choices: [OpenFlow10, OpenFlow11, OpenFlow12, OpenFlow13, OpenFlow14, OpenFlow15]
  stp:
    description: Whether the bridge takes part in the spanning tree protocol (IEEE 802.1D).
    type: bool
  rstp:
    description: Whether the bridge takes part in the rapid spanning tree protocol. Cannot be combined with O(stp).
    type: bool
  mcast_snooping:
    description: Whether the bridge learns from IGMP and MLD which ports want a multicast group.
    type: bool
  external_ids:
    description: The exact map of C(Bridge.external_ids).
    type: dict
  other_config:
    description:
      - The exact map of C(Bridge.other_config), without C(hwaddr), which is the same as O(mac) and is shown there.
    type: dict
  ports:
    description:
      - The exact list of the ports, without the local port. Other ports are removed. They are not restored when the
        bridge no longer belongs to a topology.
      - Each port must exist, or be an entry of M(netloom.linux.ovs_port) in the same topology. Otherwise nothing would
        say in which VLAN it is.
      - Bonds and fake bridges are never removed. The list must contain them.
      - If left out, the ports are left alone.
    type: list
    elements: str
  addresses:
    description:
      - The exact list of addresses of the local port, each with its prefix length, such as V(10.0.0.1/24).
      - Link-local addresses (C(fe80::)) that the kernel makes and those with a lifetime (DHCP, SLAAC) are left alone.
      - A declared address is valid for ever and not deprecated, has global scope and no peer, and the route to its
        network exists.
    type: list
    elements: str
  altnames:
    description:
      - The exact list of the alternative names of the local port's device (C(ip link property add altname)), each up to
        127 bytes.
      - An empty list means none. If left out, they are left alone.
      - Needs Linux 5.5.
    type: list
    elements: str
  mac:
    description:
      - MAC address of the local port, unicast, such as V(52:54:00:12:34:56). Quote it. The datapath id follows from it.
      - If never given, Open vSwitch uses the lowest MAC address of the ports of the bridge. C(clear) returns to that.
    type: str
  mtu:
    description:
      - Largest packet size of the local port in bytes, 68 to 65535.
      - If never given, Open vSwitch uses the smallest MTU of the ports of the bridge.
    type: int
  up:
    description: Whether the local port is administratively up. If left out, it is left alone, unless O(addresses) are
      given, because they need it up.
    type: bool
  sysctl:
    description:
      - Sysctls of the local port by leaf name, such as C(rp_filter) or C(disable_ipv6).
      - A name that exists for both IPv4 and IPv6 means IPv4. Write C(ipv6.forwarding) for IPv6.
    type: dict
  state:
    description: V(absent) deletes the bridge with all its ports, no matter who created them. What moved from an
      O(uplink) moves back to it. Only O(name) is needed.
    type: str
    choices: [present, absent]
    default: present
attributes:
  action_group:
    description:
      - Use C(group/netloom.linux.all) in C(module_defaults) for the options that all modules share, and
        C(group/netloom.linux.ovs) for O(ovsdb), its keys and O(timeout).
    support: full
    membership:
      - netloom.linux.all
      - netloom.linux.ovs
seealso:
  - module: netloom.linux.ovs_port
  - module: netloom.linux.linux_bridge
  - name: ovs-vswitchd.conf.db(5)
    description: The database columns behind the options.
    link: https://man7.org/linux/man-pages/man5/ovs-vswitchd.conf.db.5.html
  - name: Tenants with VLAN and DHCP on Open vSwitch
    description: A guide with switches, tags, servers and clients.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-ovs-vlan-dhcp.md
  - name: The host's own NIC on the bridge
    description: What happens to the connection, and how a move is taken back.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-uplink.md
"""

EXAMPLES = r"""
- name: A bridge, on the datapath of the kernel if it has one
  netloom.linux.ovs_bridge:
    name: OVS1

- name: The host gets an address on the bridge
  netloom.linux.ovs_bridge:
    name: OVS1
    addresses: [10.0.0.254/24]
    mac: "52:54:00:00:00:fe"
    mtu: 1400

- name: The bridge waits for its controller, speaks OpenFlow 1.3 and snoops multicast
  netloom.linux.ovs_bridge:
    name: OVS2
    datapath_type: netdev
    fail_mode: secure
    controllers: ["tcp:127.0.0.1:6653"]
    protocols: [OpenFlow13]
    mcast_snooping: true
    external_ids: {owner: lab}
    other_config: {mac-aging-time: 60}

- name: The bridge forwards without a controller again
  netloom.linux.ovs_bridge:
    name: OVS2
    controllers: []
    clear: [fail_mode, protocols]

- name: A cable, whose end stands for a card of the host here
  netloom.linux.veth:
    name: nic0
    addresses: [198.51.100.7/24]
    peer: {name: switch0}

- name: The addresses and routes of the card move to the bridge
  netloom.linux.ovs_bridge:
    name: OVS1
    uplink: nic0
    confirm_timeout: 20

- name: The addresses and routes move back to the card
  netloom.linux.ovs_bridge:
    name: OVS1
    clear: [uplink]

- name: The card is deleted
  netloom.linux.veth:
    name: nic0
    peer: {name: switch0}
    state: absent

- name: Both bridges are deleted
  netloom.linux.ovs_bridge:
    name: "{{ item }}"
    state: absent
  loop: [OVS1, OVS2]
"""

RETURN = r"""
ovs_bridge:
  description: The bridge as it is (in check mode, as it would be), in the shape of the options.
  returned: success
  type: dict
  sample:
    name: OVS1
    state: present
    datapath_type: netdev
    controllers: []
    protocols: []
    stp: false
    external_ids: {}
    other_config: {}
    addresses: [10.0.0.254/24]
    mac: "52:54:00:00:00:fe"
    mtu: 1400
    up: true
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
datapath_id:
  description: The bridge's OpenFlow datapath id, 16 hexadecimal digits.
  returned: when the bridge exists
  type: str
  sample: 0000525400000fe
uuid:
  description: The UUID of the bridge's row in OVSDB.
  returned: when the bridge exists
  type: str
port_names:
  description: The names of its ports, without the local port.
  returned: when the bridge exists
  type: list
  elements: str
ifindex:
  description: The index of the local port.
  returned: when the local port is on this host
  type: int
carrier:
  description: Whether the local port has a carrier.
  returned: when the local port is on this host
  type: bool
dynamic_addresses:
  description: Addresses of the local port that have a lifetime (DHCP, SLAAC).
  returned: when the local port is on this host
  type: list
  elements: str
reason:
  description: The kind of the error in one word, such as V(unreachable). The attributes have all of them.
  returned: when the module failed
  type: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _module
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _ovs_bridge


def main() -> None:
    """Run the module."""
    _module.run_kind(_ovs_bridge.OvsBridgeKind())


if __name__ == "__main__":
    main()
