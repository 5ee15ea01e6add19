#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell what namespaces a host has and what hangs on them."""

from __future__ import annotations

DOCUMENTATION = r"""
module: netns_info
short_description: Tell what namespaces a host has, with what is in them and what they hang on
version_added: 0.1.0
author:
  - The netloom authors (@netloom)
description:
  - Gives the named namespaces, their links and routes, the neighbours and policy rules that somebody wrote for these links, the host's
    ends of their veths, the bridges and Open vSwitch ports that these are in, and the DHCP servers and clients that the collection runs in
    them.
  - RV(netns_info) has the lists that M(netloom.linux.topology) takes. Pasted there, it changes nothing.
extends_documentation_fragment:
  - netloom.linux.common
  - netloom.linux.common.info
options:
  names:
    description:
      - The namespaces to tell of. If left out, all.
      - One that is not there is an error, in check mode a warning, since an earlier task may make it.
    type: list
    elements: str
  include_host:
    description: Whether the other links and routes of the namespace in which the module runs are told too.
    type: bool
    default: false
  show_etc_files:
    description:
      - Whether RV(netns_info) tells the files below C(/etc/netns), with their contents. Without it they are left out there, so
        that no secret of theirs gets into results and logs; RV(namespaces) tells their names, sizes and digests.
    type: bool
    default: false
seealso:
  - module: netloom.linux.topology
"""

EXAMPLES = r"""
- name: What is there?
  netloom.linux.netns_info:
  register: found

- name: Which process is in which namespace?
  ansible.builtin.debug:
    msg: "{{ found.namespaces }}"

- name: The same as a topology
  ansible.builtin.debug:
    msg: "{{ {'name': 'copy'} | combine(found.netns_info) }}"
"""

RETURN = r"""
netns_info:
  description: A list for each kind, in the shape of the options of its module.
  returned: success
  type: dict
  sample:
    netns: [{name: red, state: present, loopback: true}]
    veth: [{name: veth-a, state: present, peer: {name: eth0, netns: red}}]
namespaces:
  description:
    - Facts of each namespace by its name - its inode, the processes in it, whether it was attached, and where it has files below
      C(/etc/netns), the size, the SHA-256 and the mode of each.
  returned: success
  type: dict
  sample: {"red": {"inode": 4026532281, "pids": [4321], "attached": false}}
leases:
  description: The lease of each DHCP client that the collection runs in these namespaces. C(applied) says whether its interface has the address.
  returned: success
  type: list
  elements: dict
  sample: [{"netns": "red", "interface": "eth0", "family": "ipv4", "client": "dhclient", "address": "10.50.50.51/24", "server": "10.50.50.2", "applied": true}]
links:
  description: Facts of each link in these namespaces. One that was made anew in between has another C(ifindex).
  returned: success
  type: list
  elements: dict
  sample: [{"netns": "red", "name": "eth0", "ifindex": 4, "mac": "52:54:00:00:00:01", "up": true, "carrier": true, "dynamic_addresses": ["10.50.50.51/24"]}]
daemons:
  description:
    - The DHCP servers and clients of the collection that run in these namespaces. The name of a client is that of its interface.
    - C(unit) is the unit as which systemd looks after it, null if it does not. C(edited) are the paths of its files that somebody changed since it read
      them.
  returned: success
  type: list
  elements: dict
  sample: [{"netns": "dhcp-red", "name": "red", "kind": "dnsmasq", "pid": 4711, "unit": "netloom-dnsmasq-red.service", "edited": []}]
dangling:
  description: Names below C(/run/netns) without a namespace behind them. M(netloom.linux.netns) heals them.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _info_module


def main() -> None:
    """Run it."""
    _info_module.run_info()


if __name__ == "__main__":
    main()
