#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage ports of Open vSwitch bridges."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ovs_port
short_description: Manage ports of Open vSwitch bridges
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Adds ports to Open vSwitch bridges and removes them, and keeps their settings as declared.
  - The device of an internal port is moved into its namespace and configured. If ovs-vswitchd was restarted or the
    namespace was lost, the next run moves the device there again.
  - A port that is listed but dead is recreated. That is a port whose device was deleted and recreated under the same
    name, has vanished, or could not be opened by Open vSwitch. Healthy ports are not touched.
  - A veth end on a bridge with the userspace datapath (C(netdev)) breaks TCP and UDP from its other end, although ping
    works, because nobody completes the checksums there. The module finds the other end, in any namespace, and switches
    its transmit checksum offload off. A card on such a bridge gets a hundredth of the throughput of TCP if it joins the
    packets that it receives, so this is switched off as well. O(state=absent) restores what the module switched off.
extends_documentation_fragment:
  - netloom.linux.common
  - netloom.linux.common.run
  - netloom.linux.common.clear
  - netloom.linux.link
  - netloom.linux.ovs
  - netloom.linux.ovs.connection
  - netloom.linux.ovn_binding
  - netloom.linux.ovs_offload
  - netloom.linux.reasons
options:
  bridge:
    description: The bridge. If a port of the wanted name exists on another bridge, the task fails and leaves that port
      alone.
    type: str
    required: true
  name:
    description: Name of the port and of its interface. At most 15 bytes. With O(type=patch), which is no link of the
      kernel, at most 255 bytes.
    type: str
    required: true
  type:
    description:
      - V(system) uses an existing device of the host, such as a veth end. V(internal) creates a device. V(patch) leads
        to another bridge. The other types are tunnels.
      - If left out, an existing port keeps its type, and a new port becomes V(system).
    type: str
    choices: [system, internal, patch, vxlan, geneve, gre]
  options:
    description:
      - The exact map of C(Interface.options). V(patch) needs C(peer), and tunnels need C(remote_ip). C(key) is the
        network id of a tunnel. Keys, ports, C(ttl), C(tos), C(csum), C(df_default) and the two ends are checked,
        because Open vSwitch takes what it cannot read as 0 or false.
      - On the userspace datapath, the local address of a tunnel must be on a bridge that also uses it. The MTU behind
        a tunnel must be 50 (gre 38, and 4 for each of key and csum; with IPv6 20 more) less than that of the underlay.
        If a port of the bridge has a greater one, the task warns, with the number to write.
      - Three or more bridges that are all joined with each other need O(protected) on all their tunnels.
    type: dict
  tag:
    description:
      - The VLAN of the port, 0 to 4094.
      - C(clear=[tag]) declares that the port has no tag, so that the next run removes a tag that somebody set. If left
        out, a tag is left alone.
    type: int
  trunks:
    description:
      - The exact list of VLANs, 0 to 4094, or ranges of VLANs such as V(100-200), that the port carries tagged. An
        empty list means all VLANs.
    type: list
    elements: raw
  vlan_mode:
    description:
      - If unset, a port with a O(tag) is an access port, and a port without a tag is a trunk.
      - V(trunk) makes the port a trunk, no matter what its tag is.
    type: str
    choices: [access, trunk, native-tagged, native-untagged, dot1q-tunnel]
  protected:
    description:
      - No frame passes from a protected port to another protected port of the same bridge. Frames between a protected
        port and all other ports pass.
      - Set it on every tunnel of a full mesh. Without it, a broadcast that arrives by one tunnel is flooded into the
        others and circles for ever.
    type: bool
  external_ids:
    description: The exact map of C(Port.external_ids).
    type: dict
  other_config:
    description: The exact map of C(Port.other_config).
    type: dict
  rename:
    description:
      - Name of the device of an internal port in its namespace, if it is not O(name). O(altnames) work on every
        datapath.
      - Only on the userspace datapath (O(netloom.linux.ovs_bridge#module:datapath_type=netdev)). On the datapath of the
        kernel, Open vSwitch identifies a port by the name of its device and loses a renamed one, so this option is
        refused there.
      - When ovs-vswitchd restarts, the device gets the name O(name) again. The next run renames it.
    type: str
  netns:
    description:
      - Namespace of the device of an internal port (a file below C(/run/netns)). If left out, the namespace in which
        the module runs.
    type: str
  addresses:
    description:
      - The exact list of addresses of an internal port, each with its prefix length, such as V(10.0.0.1/24).
      - Link-local addresses (C(fe80::)) that the kernel makes and those with a lifetime (DHCP, SLAAC) are left alone.
      - A declared address is valid for ever and not deprecated, has global scope and no peer, and the route to its
        network exists.
    type: list
    elements: str
  mac:
    description:
      - MAC address of an internal port, unicast, such as V(52:54:00:12:34:56). Quote it. It is also stored in OVSDB, so
        that the port keeps it when Open vSwitch recreates its device.
      - If this module creates a port without it, the port gets a random MAC address that lasts.
    type: str
  mtu:
    description:
      - Largest packet size of an internal port in bytes, 68 to 65535.
      - If never given, Open vSwitch gives a port on the host the smallest MTU of the ports of the bridge.
    type: int
  up:
    description: Whether an internal port is administratively up. If left out, it is up.
    type: bool
  state:
    description:
      - V(absent) removes the port, no matter who created it, together with the device of an internal port. Only
        O(bridge) and O(name) are needed.
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
  - module: netloom.linux.ovs_bridge
  - module: netloom.linux.veth
  - name: ovs-vswitchd.conf.db(5)
    description: The database columns behind the options.
    link: https://man7.org/linux/man-pages/man5/ovs-vswitchd.conf.db.5.html
  - name: Tenants with VLAN and DHCP on Open vSwitch
    description: A guide with switches, tags, servers and clients.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-ovs-vlan-dhcp.md
"""

EXAMPLES = r"""
- name: A bridge
  netloom.linux.ovs_bridge:
    name: OVS1

- name: Two namespaces
  netloom.linux.netns:
    name: "{{ item }}"
  loop: [red, dhcp-r]

- name: A cable into one of them
  netloom.linux.veth:
    name: veth-r
    peer: {name: eth0, netns: red, addresses: [10.0.0.1/24]}

- name: The end of the cable on the host is an access port of VLAN 100
  netloom.linux.ovs_port:
    bridge: OVS1
    name: veth-r
    tag: 100

- name: An internal port of the same VLAN in the other namespace
  netloom.linux.ovs_port:
    bridge: OVS1
    name: tap-r
    type: internal
    tag: 100
    netns: dhcp-r
    altnames: [eth0]
    addresses: [10.50.50.2/24]
    mac: "52:54:00:50:50:02"
    mtu: 1400

- name: A trunk that carries two VLANs
  netloom.linux.ovs_port:
    bridge: OVS1
    name: trunk0
    type: internal
    vlan_mode: trunk
    trunks: [100, 200]

- name: A tunnel to another host
  netloom.linux.ovs_port:
    bridge: OVS1
    name: vx0
    type: vxlan
    options:
      remote_ip: 192.0.2.2
      key: 7

- name: The first port loses its VLAN and reaches all others
  netloom.linux.ovs_port:
    bridge: OVS1
    name: veth-r
    clear: [tag]

- name: The tunnel is deleted
  netloom.linux.ovs_port:
    bridge: OVS1
    name: vx0
    state: absent
"""

RETURN = r"""
ovs_port:
  description:
    - The port as it is (in check mode, as it would be), in the shape of the options. Empty options that were not given
      are left out.
  returned: success
  type: dict
  sample:
    bridge: OVS1
    name: tap-r
    state: present
    type: internal
    tag: 100
    netns: dhcp-r
    altnames: [eth0]
    addresses: [10.50.50.2/24]
    mac: "52:54:00:50:50:02"
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
ofport:
  description: The OpenFlow number of the port.
  returned: when the port exists
  type: int
uuid:
  description: The UUID of the port's row in OVSDB.
  returned: when the port exists
  type: str
ovn_installed:
  description: Whether ovn-controller has put the flows of the logical port O(iface_id) in effect.
  returned: when the port exists
  type: bool
ifindex:
  description: The index of the port's device in its namespace.
  returned: when the port has a device on this host
  type: int
device_mac:
  description: The MAC address of the port's device.
  returned: when the port has a device on this host
  type: str
carrier:
  description: Whether the port's device has a carrier.
  returned: when the port has a device on this host
  type: bool
dynamic_addresses:
  description: Addresses of the port's device that have a lifetime (DHCP, SLAAC).
  returned: when the port has a device on this host
  type: list
  elements: str
reason:
  description: The kind of the error in one word, such as V(unreachable). The attributes have all of them.
  returned: when the module failed
  type: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _module
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _ovs_port


def main() -> None:
    """Run the module."""
    _module.run_kind(_ovs_port.OvsPortKind())


if __name__ == "__main__":
    main()
