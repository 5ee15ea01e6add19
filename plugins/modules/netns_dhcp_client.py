#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage DHCP clients in network namespaces."""

from __future__ import annotations

DOCUMENTATION = r"""
module: netns_dhcp_client
short_description: Manage DHCP clients in network namespaces
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Gives an interface in a namespace its IPv4 address by DHCP, or its IPv6 address by DHCPv6. Present means that a
    client of this collection runs on the interface and holds a lease, and that the lease is in effect (its address, its
    default route or classless routes, and its MTU).
  - The client is restarted if it died, if its address was removed, or if its namespace or interface was recreated.
  - If only a route or the MTU of the lease was lost, the client is restarted without releasing the lease. A declared
    route (C(netns_route)) or a route of another interface to the same destination takes precedence over the leased one.
    If the same topology declares an MTU for the link, that MTU applies.
  - Where systemd is PID 1, the client runs as the unit C(netloom-dhcp-NETNS:INTERFACE.service), which logs to the
    journal. If the client dies, systemd restarts it within seconds. Elsewhere the client is a detached process.
  - The client never touches C(/etc/resolv.conf) of the host nor its host name, and runs none of the hooks of the host.
    The module returns the DNS servers of the lease.
  - Addresses that were declared on the same interface are left alone.
extends_documentation_fragment:
  - netloom.linux.common
  - netloom.linux.common.run
  - netloom.linux.common.clear
  - netloom.linux.reasons
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
      - The default route of IPv6 comes from router advertisements, which are left to the kernel.
    type: str
    choices: [ipv4, ipv6]
    default: ipv4
  client:
    description:
      - The program to use. V(auto) keeps the program that runs. If none runs, it takes the first of V(dhclient),
        V(dhcpcd) and V(udhcpc) that is installed.
      - V(udhcpc) is for IPv4 only.
    type: str
    choices: [auto, dhclient, dhcpcd, udhcpc]
    default: auto
  hostname:
    description: The host name that the client sends to the server. If it is V('') or was never given, the client sends
      none. The host name of the managed node is never sent.
    type: str
  default_route:
    description:
      - Whether the client sets the default route of the lease, from its routers or its classless routes. A new client
        has V(true). Other routes of the lease are always set.
      - For O(family=ipv4) only.
    type: bool
  timeout:
    description:
      - Seconds to wait for the lease, if that is more than O(wait). All waits of a topology run at the same time.
      - If there is no lease by then, the run is undone and fails.
    type: int
    default: 30
  wait_for_lease:
    description:
      - If V(false), the client need not have a lease. It keeps asking until a server answers. Use it if the server may
        be built later, for example on another host.
      - A lease that the client has must be in effect, whatever this says.
    type: bool
    default: true
  state:
    description: V(absent) releases the lease, removes its address from the interface, ends the client and deletes its
      files. A client that is dead at that moment cannot release the lease, unless it is dhclient; the server keeps the
      lease until it expires.
    type: str
    choices: [present, absent]
    default: present
requirements:
  - One of dhclient (package C(isc-dhcp-client)), dhcpcd (C(dhcpcd-base)) and udhcpc with iproute2 on the managed node.
seealso:
  - module: netloom.linux.dnsmasq_in_ns
  - module: netloom.linux.netns
  - name: Tenants with VLAN and DHCP on Open vSwitch
    description: A guide with switches, tags, servers and clients.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-ovs-vlan-dhcp.md
  - name: It stays up
    description: Daemons that come back, and networks that outlive a reboot.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-boot.md
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

- name: The client gets a lease
  netloom.linux.netns_dhcp_client:
    netns: red
    interface: eth0
    hostname: red
  register: red

- name: Show its address
  ansible.builtin.debug:
    var: red.lease.address
  when: red.lease is defined

- name: A second interface, which leaves the default route to the first one
  netloom.linux.netns_dhcp_client:
    netns: red
    interface: eth0
    default_route: false

- name: The lease is released, and the client is deleted
  netloom.linux.netns_dhcp_client:
    netns: red
    interface: eth0
    state: absent

- name: The server is deleted
  netloom.linux.dnsmasq_in_ns:
    name: dhcp-r
    state: absent

- name: The namespaces are deleted, with the cable
  netloom.linux.netns:
    name: "{{ item }}"
    state: absent
  loop: [red, dhcp-r]
"""

RETURN = r"""
netns_dhcp_client:
  description:
    - The client as it is (in check mode, as it would be), in the shape of the options.
    - A client that runs without a lease in effect counts as absent.
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
      description: The server that gave the lease. For DHCPv6 the DUID of the server.
      type: str
      sample: 10.50.50.2
    routers:
      description: The routers. The client set the default route through the first one, unless there are classless
        routes or O(default_route=false).
      type: list
      elements: str
    dns:
      description: The DNS servers. The module only reports them.
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
      description: When the lease ends unless it is renewed (UTC). Null for a lease without an end.
      type: str
      sample: "2026-11-22T02:15:31Z"
pid:
  description: The process id of the client.
  returned: when the client runs
  type: int
steps:
  description: What the run did, or would do. One sentence for each step.
  returned: success
  type: list
  elements: str
  sample: ["start dhclient on eth0 in red"]
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
unit:
  description: The systemd unit that supervises the client.
  returned: when it is running, where systemd is PID 1
  type: str
  sample: netloom-dhcp-red:eth0.service
reason:
  description: The kind of the error in one word, such as V(unreachable). The attributes have all of them.
  returned: when the module failed
  type: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _module
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _netns_dhcp_client


def main() -> None:
    """Run the module."""
    _module.run_kind(_netns_dhcp_client.DhcpClientKind())


if __name__ == "__main__":
    main()
