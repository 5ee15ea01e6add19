#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Break part of a network on purpose."""

from __future__ import annotations

DOCUMENTATION = r"""
module: fault
short_description: Break part of a network on purpose, to see it heal
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Causes one fault on the host, as crashes, other programs and careless administrators cause them. The next run of the
    module that declares the network reports the fault in check mode, and repairs it otherwise.
  - R(The role faults,ansible_collections.netloom.linux.faults_role) causes a list of faults one after the other, and
    proves that each of them is repaired.
  - What the module breaks stays broken until such a run. The module does not check who owns the object that it breaks.
    Use it only in tests, on hosts that you can afford to break.
requirements:
  - "Linux, and root (C(become: true))."
  - pyroute2 >= 0.7.2 on the managed node, and ovsdbapp >= 2.1 for the faults whose names begin with C(ovs_) or C(ovn_).
extends_documentation_fragment:
  - netloom.linux.reasons
options:
  fault:
    description:
      - What to break.
      - V(link_down), V(link_deleted), V(link_renamed), V(link_moved), V(link_mtu), V(link_mac) and
        V(link_addresses_lost) do what their names say to the link O(name) in O(netns). V(link_remade) deletes a veth
        and creates it again under the same names, without any settings. V(link_detached) removes the link from its
        bridge. V(link_checksums) switches its transmit checksum offload on. V(port_flags_lost) gives it the flags of a
        new port of its bridge.
      - V(vxlan_remote_lost) makes the VXLAN link O(name) forget the remote O(value), an address, to which it sends
        broadcasts and what it has no entry for. V(vxlan_fdb_lost) deletes the entry for the MAC address O(value) from
        its forwarding table. V(vxlan_learning) switches its learning on, or off if it was on. To pull the cable of
        the underlay, use V(link_down) with the link that carries the tunnels.
      - V(address_added) adds the address O(value) to the link. V(address_duplicated) makes the link give up the IPv6
        address O(value), because the link O(neighbour) on the same segment has that address for a moment. Other hosts
        on the segment that used the address may need a minute to notice that it is gone.
      - V(routes_lost) deletes all routes of O(netns) except those that the kernel created. V(sysctl_changed) writes
        O(value) to the sysctl O(name).
      - V(netns_unmounted) leaves a dangling name. V(netns_deleted) removes the name. V(netns_replaced) gives the name
        to another, empty namespace. Processes stay in the namespace in which they are.
      - V(dnsmasq_killed) kills the server O(name). V(dnsmasq_pid_reused) kills it too, and then makes its pid file name
        another process. V(dnsmasq_edited) edits its configuration.
      - V(dhcp_client_killed) kills the client of the link O(name) in O(netns). V(dhcp_lease_stale) kills it too, and
        then puts an outdated lease of another network into its file.
      - V(ovs_port_deleted), V(ovs_port_tag), V(ovs_port_unprotected), V(ovs_port_iface_id_lost) and
        V(ovs_bridge_deleted) write to the OVSDB at C(unix:/run/openvswitch/db.sock). V(ovs_vswitchd_crashed) makes
        ovs-vswitchd crash, and waits until its monitor has restarted it.
      - V(ovn_encap_changed) writes O(value) there as the address at which the host's tunnels of OVN end.
        V(ovn_row_deleted) deletes the row O(name) from the table O(value) of the northbound database of OVN, at
        C(unix:/run/ovn/ovnnb_db.sock) of the same host.
    type: str
    required: true
    choices:
      - link_down
      - link_deleted
      - link_remade
      - link_renamed
      - link_moved
      - link_mtu
      - link_mac
      - link_detached
      - link_checksums
      - port_flags_lost
      - vxlan_remote_lost
      - vxlan_fdb_lost
      - vxlan_learning
      - link_addresses_lost
      - address_added
      - address_duplicated
      - routes_lost
      - sysctl_changed
      - netns_unmounted
      - netns_deleted
      - netns_replaced
      - dnsmasq_killed
      - dnsmasq_pid_reused
      - dnsmasq_edited
      - dhcp_client_killed
      - dhcp_lease_stale
      - ovs_port_deleted
      - ovs_port_tag
      - ovs_port_unprotected
      - ovs_port_iface_id_lost
      - ovs_bridge_deleted
      - ovs_vswitchd_crashed
      - ovn_encap_changed
      - ovn_row_deleted
  name:
    description: The name of what is broken, which is a link, a namespace, a server, an OVS port or bridge, a row, or a
      sysctl such as C(net.ipv4.ip_forward).
    type: str
  netns:
    description: The namespace that contains it. If left out, the namespace in which the module runs.
    type: str
  value:
    description:
      - The new, wrong value. The default for V(link_mtu) is the old MTU minus 100, for V(link_mac) an unused address,
        for V(link_renamed) C(odd), for V(link_moved) the namespace in which the module runs, for V(ovs_port_tag)
        C(4000), and for V(ovn_encap_changed) an address that no host has.
      - For V(ovn_row_deleted), the table C(Logical_Switch), C(Logical_Router), C(Load_Balancer), C(Port_Group) or
        C(Address_Set).
    type: str
  neighbour:
    description: For V(address_duplicated), the link on the same segment that gets the address for a moment.
    type: dict
    suboptions:
      name:
        description: The name of that link.
        type: str
        required: true
      netns:
        description: The namespace of that link.
        type: str
attributes:
  check_mode:
    support: none
    description: The task is skipped in check mode, because a fault that is only predicted proves nothing.
  diff_mode:
    support: none
    description: The diff of the run that repairs the fault shows what this module broke.
  platform:
    support: full
    platforms: linux
    description: Where it runs.
notes:
  - To restart a service, use M(ansible.builtin.service). Restarting C(openvswitch-switch) is the hardest test for a
    network.
seealso:
  - module: netloom.linux.topology
  - module: netloom.linux.reachability
  - name: Troubleshooting
    description: The messages, their causes, and what to do.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/troubleshooting.md
"""

EXAMPLES = r"""
- name: Two namespaces
  netloom.linux.topology: &two
    name: two
    netns: [{name: red}, {name: green}]
    veth:
      - name: eth0
        netns: red
        addresses: [10.0.0.1/24]
        peer: {name: eth0, netns: green, addresses: [10.0.0.2/24], mtu: 1400}

- name: Somebody sets a link down
  netloom.linux.fault:
    fault: link_down
    name: eth0
    netns: red

- name: The mount of a namespace is lost
  netloom.linux.fault:
    fault: netns_unmounted
    name: green

- name: The next run repairs both
  netloom.linux.topology: *two

- name: The network is deleted
  netloom.linux.topology:
    name: two
    state: absent
"""

RETURN = r"""
fault:
  description: The present fault, in words.
  returned: success
  type: str
  sample: the link eth0 is down in namespace red
reason:
  description: The kind of the error in one word, such as V(unreachable). The attributes have all of them.
  returned: when the module failed
  type: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _fault_module


def main() -> None:
    """Run the module."""
    _fault_module.run_fault()


if __name__ == "__main__":
    main()
