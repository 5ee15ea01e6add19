#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage DHCP clients in network namespaces."""

from __future__ import annotations

DOCUMENTATION = r"""
module: netns_dhcp_client
short_description: Manage DHCP clients in network namespaces
version_added: 0.1.0
author:
  - The netloom authors (@netloom)
description:
  - Gives an interface in a namespace its IPv4 address by DHCP, or its IPv6 address by DHCPv6. Present means that a client of ours runs on it and holds a
    lease, and that what the lease gives is in effect - its address, its default route or classless routes, and its MTU.
  - The client is started anew if it died, if its address was taken away, or if its namespace or interface was made anew.
  - If only a route or the MTU of the lease was lost, it is started anew without giving the lease back. A route to the same destination that is declared
    (C(netns_route)) or is another interface's comes before the leased one; where an MTU is declared for the link in the same topology, that holds.
  - Where systemd is PID 1, it is the unit C(netloom-dhcp-NETNS:INTERFACE.service), which logs to the journal and is started again within seconds if it dies.
    Elsewhere it is a detached process.
  - It never touches the host's C(/etc/resolv.conf) nor its host name, and runs none of the host's hooks. The DNS servers
    of the lease are returned.
  - Addresses that were declared on the same interface are left alone.
extends_documentation_fragment:
  - netloom.linux.common
  - netloom.linux.common.run
  - netloom.linux.common.clear
options:
  netns:
    description: The namespace of the interface.
    type: str
    required: true
  interface:
    description: The interface. The client sets it up.
    type: str
    required: true
  family:
    description:
      - V(ipv6) asks for an address by DHCPv6. An interface may have a client of each family.
      - The default route of IPv6 comes by router advertisements, which are left to the kernel.
    type: str
    choices: [ipv4, ipv6]
    default: ipv4
  client:
    description:
      - The program to use. V(auto) keeps the one that runs, else takes the first of V(dhclient), V(dhcpcd) and V(udhcpc) that is there.
      - V(udhcpc) is for IPv4 only.
    type: str
    choices: [auto, dhclient, dhcpcd, udhcpc]
    default: auto
  hostname:
    description: The name that the client tells the server. V('') sends none, as does never having given one; the host's own name is never sent.
    type: str
  default_route:
    description:
      - Whether the client sets the default route of the lease, by its routers or among its classless routes. At first V(true). Other routes of the lease are
        set in any case.
      - For O(family=ipv4) only.
    type: bool
  timeout:
    description:
      - Seconds to wait for the lease, if that is more than O(wait). All waits of a topology overlap.
      - Without a lease by then the run is undone and fails.
    type: int
    default: 30
  state:
    description: V(absent) releases the lease, takes its address off the interface, ends the client and deletes its files.
    type: str
    choices: [present, absent]
    default: present
requirements:
  - One of dhclient (package C(isc-dhcp-client)), dhcpcd (C(dhcpcd-base)) and udhcpc with iproute2 on the managed node.
seealso:
  - module: netloom.linux.dnsmasq_in_ns
  - module: netloom.linux.netns
"""

EXAMPLES = r"""
- name: A namespace for the server, and one for the client
  netloom.linux.netns:
    name: "{{ item }}"
  loop: [dhcp-r, red]

- name: A cable between them
  netloom.linux.veth:
    name: eth0
    netns: dhcp-r
    addresses: [10.50.50.2/24]
    peer:
      name: eth0
      netns: red

- name: A DHCP server
  netloom.linux.dnsmasq_in_ns:
    name: dhcp-r
    netns: dhcp-r
    ranges:
      - start: 10.50.50.10
        end: 10.50.50.100

- name: The client has a lease
  netloom.linux.netns_dhcp_client:
    netns: red
    interface: eth0
    hostname: red
  register: red

- name: Show its address
  ansible.builtin.debug:
    var: red.lease.address
  when: red.lease is defined

- name: An interface beside another one that has the default route
  netloom.linux.netns_dhcp_client:
    netns: red
    interface: eth0
    default_route: false

- name: The lease is released, and the client is gone
  netloom.linux.netns_dhcp_client:
    netns: red
    interface: eth0
    state: absent

- name: So is the server
  netloom.linux.dnsmasq_in_ns:
    name: dhcp-r
    state: absent

- name: So are the namespaces, with the cable
  netloom.linux.netns:
    name: "{{ item }}"
    state: absent
  loop: [red, dhcp-r]
"""

RETURN = r"""
netns_dhcp_client:
  description:
    - The client as it is (in check mode, as it would be), in the shape of the options.
    - One that runs without a lease in effect counts as absent.
  returned: success
  type: dict
  sample:
    netns: red
    interface: eth0
    family: ipv4
    client: dhclient
    hostname: red
    default_route: true
    state: present
lease:
  description: The lease; null in check mode if the client would be started.
  returned: when the client runs, or would run
  type: dict
  contains:
    address:
      description: The address with its prefix length.
      type: str
      sample: 10.50.50.20/24
    server:
      description: The server that gave it; of DHCPv6 its DUID.
      type: str
      sample: 10.50.50.2
    routers:
      description: Routers; the client set the default route by the first, unless there are classless routes or O(default_route=false).
      type: list
      elements: str
    dns:
      description: DNS servers. Nothing was done with them.
      type: list
      elements: str
    domain:
      description: The domain.
      type: str
    mtu:
      description: The MTU for the link.
      type: int
      sample: 1450
    routes:
      description: Classless routes (RFC 3442); the gateway is null for a network on the link.
      type: list
      elements: dict
      sample: [{"destination": "10.7.0.0/16", "gateway": "10.50.50.9"}]
    expires:
      description: When the lease ends unless it is renewed (UTC); null for one without an end.
      type: str
      sample: "2026-11-22T02:15:31Z"
pid:
  description: The client's process.
  returned: when the client runs
  type: int
steps:
  description: What the run did, or would do, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["start dhclient on eth0 in red"]
unit:
  description: The unit of systemd that looks after it.
  returned: when it is running, where systemd is PID 1
  type: str
  sample: netloom-dhcp-red:eth0.service
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _module
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _netns_dhcp_client


def main() -> None:
    """Run it."""
    _module.run_kind(_netns_dhcp_client.DhcpClientKind())


if __name__ == "__main__":
    main()
