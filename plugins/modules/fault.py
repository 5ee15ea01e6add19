#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Break something of a network on purpose."""

from __future__ import annotations

DOCUMENTATION = r"""
module: fault
short_description: Break something of a network on purpose, to see it heal
version_added: 0.1.0
author:
  - The netloom authors (@netloom)
description:
  - Makes one fault on the host, as crashes, other programs and careless hands make them. The next run of what declares the network names it in check
    mode, and heals it.
  - R(The role faults,ansible_collections.netloom.linux.faults_role) makes a list of them one after the other, and proves that each is healed.
  - What it breaks stays broken until then. It does not ask whose the thing is, so it belongs into tests.
requirements:
  - "Linux, and root (C(become: true))."
  - pyroute2 >= 0.7.2 and, for what begins with C(ovs_), ovsdbapp >= 2.1 on the managed node.
options:
  fault:
    description:
      - What to break.
      - V(link_down), V(link_deleted), V(link_renamed), V(link_moved), V(link_mtu), V(link_mac) and V(link_addresses_lost) do to the link O(name) in O(netns)
        what their names say. V(link_remade) deletes a veth and makes it again under the same names, with nothing set. V(link_detached) takes it off its
        bridge. V(link_checksums) switches its transmit checksum offload on.
      - V(address_added) gives it the address O(value). V(address_duplicated) makes it give the IPv6 address O(value) up, because the link O(neighbour) on
        the same segment has it for a moment. Others on the segment that talked to it then may take a minute to notice that it is gone.
      - V(routes_lost) deletes the routes of O(netns) but for those that the kernel made, V(sysctl_changed) writes O(value) to the sysctl O(name).
      - V(netns_unmounted) leaves a name that dangles, V(netns_deleted) takes the name away, and V(netns_replaced) gives it to another, empty namespace.
        Processes stay where they are.
      - V(dnsmasq_killed) kills the server O(name), V(dnsmasq_pid_reused) lets its pid file name somebody else then, V(dnsmasq_edited) edits its
        configuration.
      - V(dhcp_client_killed) kills the client of the link O(name) in O(netns), V(dhcp_lease_stale) leaves the lease of another life in its file then.
      - V(ovs_port_deleted), V(ovs_port_tag) and V(ovs_bridge_deleted) write to the OVSDB at C(unix:/run/openvswitch/db.sock). V(ovs_vswitchd_crashed)
        lets ovs-vswitchd crash, and waits until its monitor has started it again.
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
      - ovs_bridge_deleted
      - ovs_vswitchd_crashed
  name:
    description: What is broken - a link, a namespace, a server, an OVS port or bridge, a sysctl such as C(net.ipv4.ip_forward).
    type: str
  netns:
    description: The namespace it is in. If left out, the one that the module runs in.
    type: str
  value:
    description:
      - What it is then. Of V(link_mtu) the default is 100 less than before, of V(link_mac) an address of no use, of V(link_renamed) C(odd), of
        V(link_moved) the namespace that the module runs in, of V(ovs_port_tag) C(4000).
    type: str
  neighbour:
    description: For V(address_duplicated), the link on the same segment that has the address for a moment.
    type: dict
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      netns:
        description: Its namespace.
        type: str
attributes:
  check_mode:
    support: none
    description: Is skipped in check mode, since a fault that is only foretold proves nothing.
  diff_mode:
    support: none
    description: What it broke is shown by the diff of the run that heals it.
  platform:
    support: full
    platforms: linux
    description: Where it runs.
notes:
  - Restarting a service is what M(ansible.builtin.service) is for; C(openvswitch-switch) is the one that tests a network most.
seealso:
  - module: netloom.linux.topology
  - module: netloom.linux.reachability
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

- name: The next run heals both
  netloom.linux.topology: *two

- name: And it is gone
  netloom.linux.topology:
    name: two
    state: absent
"""

RETURN = r"""
fault:
  description: What is broken now, in words.
  returned: success
  type: str
  sample: the link eth0 is down in namespace red
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _fault_module


def main() -> None:
    """Run it."""
    _fault_module.run_fault()


if __name__ == "__main__":
    main()
