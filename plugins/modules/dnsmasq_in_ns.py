#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage dnsmasq servers in network namespaces."""

from __future__ import annotations

DOCUMENTATION = r"""
module: dnsmasq_in_ns
short_description: Manage dnsmasq servers in network namespaces
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Runs a separate dnsmasq in a namespace, for DHCP, router advertisements and DNS. It shares no file with any other
    dnsmasq. Its configuration, hosts, options and pid file are in C(/run/netloom/dnsmasq/NAME/), its leases in
    C(/var/lib/netloom/dnsmasq/NAME.leases).
  - Where systemd is PID 1, the server runs as the unit C(netloom-dnsmasq-NAME.service), which logs to the journal. If
    the server dies, systemd restarts it within seconds. Elsewhere the server is a detached process with a log beside
    its configuration.
  - The module has dnsmasq test the configuration (C(dnsmasq --test)) before it touches anything.
  - The module warns about declared values that would have no effect, such as an option of a family without a range, or
    an option for a tag that nothing sets.
  - A change of O(hosts) or O(options) alone is a reload (SIGHUP). Any other change is a restart, and so is a change of
    O(options) where all O(ranges) are for router advertisements only. The leases are kept.
  - No value can add a line or a word to the configuration. A value that dnsmasq would read in that way is quoted or
    refused.
  - The server is restarted if it died, if somebody edited a file of its configuration, if its namespace or one of its
    interfaces was recreated, or if it runs in another namespace than O(netns).
extends_documentation_fragment:
  - netloom.linux.common
  - netloom.linux.common.run
  - netloom.linux.common.clear
  - netloom.linux.dhcp_server
  - netloom.linux.reasons
options:
  name:
    description: Name of the server, unique on the host. 1 to 64 letters, digits and C(_.@-).
    type: str
    required: true
  netns:
    description: The namespace in which the server runs. Required unless O(state) is V(stopped) or V(absent).
    type: str
  interfaces:
    description: The interfaces that the server serves. If the list is empty or was never given, it serves all
      interfaces of the namespace except C(lo).
    type: list
    elements: str
  static_only:
    description: Whether only the clients in O(hosts) get an address. A new server has V(false).
    type: bool
  dns:
    description: Whether the server answers DNS queries (port 53). A new server has V(false).
    type: bool
  domain:
    description: The domain that clients are told and that is appended to their names.
    type: str
  servers:
    description:
      - The DNS servers to ask, such as V(10.0.0.53), V(10.0.0.53#5353) or V(fe80::53%eth0). V(10.0.0.53@eth1) asks from
        a link or an address of the namespace. Needs O(dns=true).
      - V(/example.org/10.0.0.53) or V(/a.example/b.example/10.0.0.53) asks a server for these domains and all domains
        below them. With V(#) in place of the address, as in V(/lan.example.org/#), the servers for all other domains
        are asked. V(/corp/) is answered from O(records) and leases only. V(//10.0.0.53) is for names without a dot.
      - No other server is asked. C(/etc/resolv.conf) is not read unless O(extra_config) has a C(resolv-file).
    type: list
    elements: str
  records:
    description: Names that the server answers for, each with O(records[].address) or O(records[].cname). Needs
      O(dns=true).
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - The name. A dot at its end is ignored.
          - V(*.apps.example) answers for all names below C(apps.example). As in dnsmasq, it also answers for
            C(apps.example) itself, unless that name has a record of its own.
        type: str
        required: true
      address:
        description: Its address, or a list of addresses.
        type: raw
      cname:
        description: The name that this name is an alias of. This dnsmasq must know it from O(records) or from a lease.
        type: str
  ra:
    description: Whether the server sends IPv6 router advertisements for all IPv6 ranges (C(enable-ra)). A new server
      has V(false).
    type: bool
  ra_params:
    description: How router advertisements are sent (C(ra-param) in dnsmasq(8)). One entry for each interface, or one
      for all interfaces.
    type: list
    elements: dict
    suboptions:
      interface:
        description: The interface. If left out, the entry is for all interfaces that no other entry names.
        type: str
      interval:
        description: The longest time between two advertisements in seconds, 4 to 1800. The default of dnsmasq is 600.
        type: int
      lifetime:
        description: How many seconds clients keep the server as a default router, from O(ra_params[].interval) to 9000.
          V(0) means that the server is no default router. The default of dnsmasq is three intervals.
        type: int
      mtu:
        description: The MTU to advertise, 1280 to 65535, or V(0) to advertise none. The default of dnsmasq is the MTU
          of the interface.
        type: int
      priority:
        description: The preference of this router among several routers (RFC 4191).
        type: str
        choices: [high, medium, low]
  relays:
    description:
      - Pass requests on to a server elsewhere. That server needs the network among its O(ranges), with
        O(ranges[].prefix), and a route back to O(relays[].address).
    type: list
    elements: dict
    suboptions:
      address:
        description: The address that the namespace has on the link to the clients.
        type: str
        required: true
      server:
        description: The server. DHCPv6 with O(relays[].interface) does not need it, and then asks all servers on that
          interface.
        type: str
      interface:
        description: Accept the answers of the server only on this interface.
        type: str
  extra_config:
    description:
      - Further lines of configuration, as described in dnsmasq(8). A list of strings, such as C(no-ping). A bare string
        is an error.
      - Settings that the module controls itself (files, interfaces, binding, port) are refused.
    type: raw
  state:
    description:
      - V(started) and V(present) mean that the server runs with this configuration.
      - V(stopped) ends the process and keeps all files. All options except O(name) are ignored.
      - V(absent) ends the process and deletes its files and leases. Only O(name) is needed. If O(netns) is given and
        the server runs in another namespace, the server is left alone, with a warning.
    type: str
    choices: [started, present, stopped, absent]
    default: started
requirements:
  - dnsmasq on the managed node (package C(dnsmasq-base) is enough).
seealso:
  - module: netloom.linux.netns
  - module: netloom.linux.netns_dhcp_client
  - name: dnsmasq(8)
    description: The manual page of dnsmasq.
    link: https://thekelleys.org.uk/dnsmasq/docs/dnsmasq-man.html
  - name: Tenants with VLAN and DHCP on Open vSwitch
    description: A guide with switches, tags, servers and clients.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-ovs-vlan-dhcp.md
  - name: It stays up
    description: Daemons that come back, and networks that outlive a reboot.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-boot.md
"""

EXAMPLES = r"""
- name: A namespace for the server
  netloom.linux.netns:
    name: dhcp-r

- name: Its link to the host
  netloom.linux.veth:
    name: veth-dhcp-r
    peer:
      name: eth0
      netns: dhcp-r
      addresses: [10.50.50.2/24]

- name: A DHCP server with a reservation
  netloom.linux.dnsmasq_in_ns:
    name: dhcp-r
    netns: dhcp-r
    interfaces: [eth0]
    ranges:
      - start: 10.50.50.10
        end: 10.50.50.100
        lease_time: 1h
    hosts:
      - mac: "52:54:00:12:34:56"
        address: 10.50.50.20
        hostname: web
    options:
      - option: router
        value: 10.50.50.1
      - option: mtu
        value: 1450

- name: The server answers DNS queries too, and knows a name
  netloom.linux.dnsmasq_in_ns:
    name: dhcp-r
    netns: dhcp-r
    dns: true
    domain: red.example
    records:
      - name: gateway.red.example
        address: 10.50.50.1

- name: Router advertisements with a DNS server and a search list, but no default route
  netloom.linux.dnsmasq_in_ns:
    name: ra-r
    netns: dhcp-r
    ra: true
    ranges:
      - start: "2001:db8:5::"
        prefix: 64
        mode: [ra-only, off-link]
    ra_params:
      - interval: 60
        lifetime: 0
    options:
      - option: option6:dns-server
        value: "2001:db8:5::53"
      - option: option6:domain-search
        value: red.example

- name: The router advertisements are stopped, and their server is deleted
  netloom.linux.dnsmasq_in_ns:
    name: ra-r
    state: absent

- name: The server is deleted, with its files and leases
  netloom.linux.dnsmasq_in_ns:
    name: dhcp-r
    state: absent

- name: The link of the server is deleted
  netloom.linux.veth:
    name: veth-dhcp-r
    state: absent

- name: The namespace of the server is deleted
  netloom.linux.netns:
    name: dhcp-r
    state: absent
"""

RETURN = r"""
dnsmasq_in_ns:
  description:
    - The server as it is (in check mode, as it would be), in the shape of the options. Empty options are left out.
    - Lines that somebody added to its files by hand are shown in C(extra_config).
  returned: success
  type: dict
  sample:
    name: dhcp-r
    netns: dhcp-r
    state: started
    interfaces: [eth0]
    ranges: [{"start": "10.50.50.10", "end": "10.50.50.100", "lease_time": "1h"}]
    static_only: false
    dns: false
    ra: false
pid:
  description: The process id of the server.
  returned: when it runs
  type: int
steps:
  description: What the run did, or would do. One sentence for each step.
  returned: success
  type: list
  elements: str
  sample: ["start dnsmasq dhcp-r in dhcp-r"]
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
  description: The systemd unit that supervises the server.
  returned: when it is running, where systemd is PID 1
  type: str
  sample: netloom-dnsmasq-tenant-red.service
reason:
  description: The kind of the error in one word, such as V(unreachable). The attributes have all of them.
  returned: when the module failed
  type: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _module
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _dnsmasq_in_ns


def main() -> None:
    """Run the module."""
    _module.run_kind(_dnsmasq_in_ns.DnsmasqKind())


if __name__ == "__main__":
    main()
