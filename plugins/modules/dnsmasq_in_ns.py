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
  - A change of O(hosts) or O(options) alone is a reload (SIGHUP); any other change is a restart. The leases are kept.
  - It is started again if it died, if a file of its configuration was edited by hand, if its namespace or one of its
    interfaces was made anew, or if it belongs to another namespace than O(netns) says.
extends_documentation_fragment:
  - netloom.linux.common
  - netloom.linux.common.run
  - netloom.linux.common.clear
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
  ranges:
    description:
      - The address ranges it hands out. An interface needs an address in the network of a range, which tells dnsmasq the
        network.
    type: list
    elements: dict
    suboptions:
      start:
        description: The first address. For a O(ranges[].mode) without an end, the address of the network.
        type: str
        required: true
      end:
        description: The last address, of the same family and not before O(ranges[].start). Not with the modes V(static), V(proxy) and V(ra-only).
        type: str
      prefix:
        description: Prefix length of the network, 1 to 31 (IPv6, 64 to 128). Left out, that of the interface.
        type: int
      lease_time:
        description: Seconds, or a number with V(m), V(h), V(d) or V(w), such as V(1h), at least V(2m); or V(infinite). dnsmasq's own default is one hour.
        type: str
      set_tag:
        description: A tag that requests from this range get, for O(options[].tag).
        type: str
      mode:
        description:
          - V(static) hands out only what O(hosts) names; V(proxy) is for proxy DHCP (PXE).
          - The others are for IPv6, V(slaac), V(ra-only), V(ra-names) and V(ra-stateless); see C(dhcp-range) in dnsmasq(8).
        type: str
        choices: [static, proxy, slaac, ra-only, ra-names, ra-stateless]
  hosts:
    description: Reservations, one for each MAC address, IP address and name (in each family). dnsmasq forgets those that are taken away.
    type: list
    elements: dict
    suboptions:
      mac:
        description: The client's MAC address. Quote it.
        type: str
        required: true
      address:
        description: The address it gets.
        type: str
      hostname:
        description: The name it gets.
        type: str
      lease_time:
        description: As O(ranges[].lease_time).
        type: str
  options:
    description: DHCP options to send.
    type: list
    elements: dict
    suboptions:
      option:
        description:
          - The number (V(3)) or dnsmasq's name (V(router), V(mtu), V(dns-server)) of the option.
          - C(option6:) in front makes it one of DHCPv6, as in V(option6:dns-server).
        type: raw
        required: true
      value:
        description:
          - A string is given to dnsmasq whole. The parts of a list become the parts of the option, such as several addresses.
          - Left out, the option is sent empty; of those that dnsmasq sends by itself (V(router)), it is not sent.
        type: raw
      tag:
        description: Send it only to clients with this tag, or, with V(!) in front, without it.
        type: str
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
      - DNS servers to ask, as V(10.0.0.53), V(10.0.0.53#5353) or, for one domain, V(/example.org/10.0.0.53). Needs O(dns=true).
      - Nothing else is asked; C(/etc/resolv.conf) is not read unless O(extra_config) has a C(resolv-file).
    type: list
    elements: str
  records:
    description: Names that it answers for. Needs O(dns=true).
    type: list
    elements: dict
    suboptions:
      name:
        description: The name.
        type: str
        required: true
      address:
        description: Its address, or a list of addresses.
        type: raw
        required: true
  ra:
    description: Whether it sends IPv6 router advertisements for all IPv6 ranges (C(enable-ra)). At first V(false).
    type: bool
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
