#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage dnsmasq servers in network namespaces."""

from __future__ import annotations

DOCUMENTATION = r"""
module: dnsmasq_in_ns
short_description: Manage dnsmasq servers in network namespaces
version_added: 0.1.0
author:
  - The netloom authors (@netloom)
description:
  - Runs a dnsmasq of its own in a namespace, for DHCP, router advertisements and DNS. It shares no file with any other
    dnsmasq. Configuration, hosts, options and pid file are in C(/run/netloom/dnsmasq/NAME/), the leases in
    C(/var/lib/netloom/dnsmasq/NAME.leases).
  - Where systemd is PID 1, it is the unit C(netloom-dnsmasq-NAME.service), which logs to the journal and is started again within seconds if it dies.
    Elsewhere it is a detached process with a log beside its configuration.
  - The configuration is tested by dnsmasq itself (C(dnsmasq --test)) before anything is touched.
  - What is declared and would have no effect is warned of, such as an option of a family without a range, or for a tag that nothing sets.
  - A change of O(hosts) or O(options) alone is a reload (SIGHUP); any other change is a restart, and so is one of O(options) where all O(ranges) are for
    router advertisements only. The leases are kept.
  - No value can add a line or a word to the configuration - what dnsmasq would read as such is quoted, or refused.
  - It is started again if it died, if a file of its configuration was edited by hand, if its namespace or one of its
    interfaces was made anew, or if it belongs to another namespace than O(netns) says.
extends_documentation_fragment:
  - netloom.linux.common
  - netloom.linux.common.run
  - netloom.linux.common.clear
  - netloom.linux.dhcp_server
options:
  name:
    description: Name of the server, unique on the host. 1 to 64 letters, digits and C(_.@-).
    type: str
    required: true
  netns:
    description: The namespace it runs in. Required unless O(state) is V(stopped) or V(absent).
    type: str
  interfaces:
    description: The interfaces it serves. Empty, or never given, all of the namespace except C(lo).
    type: list
    elements: str
  static_only:
    description: Whether only clients that O(hosts) names get an address. At first V(false).
    type: bool
  dns:
    description: Whether it answers DNS queries (port 53). At first V(false).
    type: bool
  domain:
    description: The domain that clients are told, and that their names get.
    type: str
  servers:
    description:
      - DNS servers to ask, as V(10.0.0.53), V(10.0.0.53#5353), V(fe80::53%eth0), or from a link or an address of the namespace, V(10.0.0.53@eth1). Needs
        O(dns=true).
      - For domains with all below them, V(/example.org/10.0.0.53) or V(/a.example/b.example/10.0.0.53); with V(#) in place of the address, the servers that
        are asked for all else, as in V(/lan.example.org/#). V(/corp/) is answered from O(records) and leases only, V(//10.0.0.53) is for names without a dot.
      - Nothing else is asked; C(/etc/resolv.conf) is not read unless O(extra_config) has a C(resolv-file).
    type: list
    elements: str
  records:
    description: Names that it answers for, with O(records[].address) or O(records[].cname). Needs O(dns=true).
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - The name. A dot at its end is left away.
          - V(*.apps.example) answers for all names below C(apps.example), and, as dnsmasq has it, for that itself unless it has a record of its own.
        type: str
        required: true
      address:
        description: Its address, or a list of addresses.
        type: raw
      cname:
        description: The name that it stands for, one that this dnsmasq knows by O(records) or by a lease.
        type: str
  ra:
    description: Whether it sends IPv6 router advertisements for all IPv6 ranges (C(enable-ra)). At first V(false).
    type: bool
  ra_params:
    description: How router advertisements are sent (C(ra-param) in dnsmasq(8)), one entry for each interface, or one for all.
    type: list
    elements: dict
    suboptions:
      interface:
        description: The interface. Left out, all that no other entry names.
        type: str
      interval:
        description: Most seconds between two, 4 to 1800. dnsmasq's own default is 600.
        type: int
      lifetime:
        description: Seconds that it stays a default router, from O(ra_params[].interval) to 9000, or V(0) if it is none. dnsmasq's default is three intervals.
        type: int
      mtu:
        description: The MTU that is told, 1280 to 65535, or V(0) for none. dnsmasq's default is that of the interface.
        type: int
      priority:
        description: Which of several routers clients take (RFC 4191).
        type: str
        choices: [high, medium, low]
  relays:
    description:
      - Pass requests on to a server elsewhere. That server needs the network among its O(ranges), with O(ranges[].prefix), and a route back to
        O(relays[].address).
    type: list
    elements: dict
    suboptions:
      address:
        description: The address that the namespace has on the link to the clients.
        type: str
        required: true
      server:
        description: The server. DHCPv6 with O(relays[].interface) does without, and asks all servers there.
        type: str
      interface:
        description: Take the server's answers by this interface only.
        type: str
  extra_config:
    description:
      - Further lines of configuration as dnsmasq(8) knows them, a list of strings, such as C(no-ping). A bare string is an error.
      - What the module decides itself (files, interfaces, binding, port) is refused.
    type: raw
  state:
    description:
      - V(started) and V(present) mean that it runs with this configuration.
      - V(stopped) ends the process and keeps all files; the other options are not looked at.
      - V(absent) ends it and deletes its files and leases. Only O(name) is needed; if O(netns) is given and is not where it runs, it
        is left alone with a warning.
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

- name: It answers DNS queries too, and knows a name
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

- name: They are gone
  netloom.linux.dnsmasq_in_ns:
    name: ra-r
    state: absent

- name: The server is gone, with its files and leases
  netloom.linux.dnsmasq_in_ns:
    name: dhcp-r
    state: absent

- name: So is its link
  netloom.linux.veth:
    name: veth-dhcp-r
    state: absent

- name: So is its namespace
  netloom.linux.netns:
    name: dhcp-r
    state: absent
"""

RETURN = r"""
dnsmasq_in_ns:
  description:
    - The server as it is (in check mode, as it would be), in the shape of the options; empty ones are left out.
    - Lines of its files that were edited by hand are shown in C(extra_config).
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
  description: Its process.
  returned: when it runs
  type: int
steps:
  description: What the run did, or would do, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["start dnsmasq dhcp-r in dhcp-r"]
unit:
  description: The unit of systemd that looks after it.
  returned: when it is running, where systemd is PID 1
  type: str
  sample: netloom-dnsmasq-tenant-red.service
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _module
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _dnsmasq_in_ns


def main() -> None:
    """Run it."""
    _module.run_kind(_dnsmasq_in_ns.DnsmasqKind())


if __name__ == "__main__":
    main()
