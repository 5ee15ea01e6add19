#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Report the namespaces of a host and what they are connected to."""

from __future__ import annotations

DOCUMENTATION = r"""
module: netns_info
short_description: Report the namespaces of a host, with their contents and their connections
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Returns the named namespaces with their links and routes, and the neighbours, policy rules and forwarding entries
    that somebody configured for these links. It also returns the ends of their veths on the host, the bridges and Open
    vSwitch ports that these ends are connected to, and the DHCP servers and clients that the collection runs in the
    namespaces.
  - RV(netns_info) has the lists that M(netloom.linux.topology) takes. If you use them as a topology, that topology
    changes nothing.
extends_documentation_fragment:
  - netloom.linux.common
  - netloom.linux.common.info
  - netloom.linux.reasons
options:
  names:
    description:
      - The namespaces to report. If left out, all.
      - A namespace that does not exist is an error. In check mode it is a warning, because an earlier task may create
        it.
    type: list
    elements: str
  include_host:
    description: Whether the remaining links and routes of the namespace in which the module runs are reported too.
    type: bool
    default: false
  show_etc_files:
    description:
      - Whether RV(netns_info) includes the files below C(/etc/netns), with their contents. By default it does not, so
        that no secret in them gets into results and logs. RV(namespaces) always has their names, sizes and digests.
    type: bool
    default: false
seealso:
  - module: netloom.linux.topology
  - name: Troubleshooting
    description: The messages, their causes, and what to do.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/troubleshooting.md
"""

EXAMPLES = r"""
- name: What does the host have?
  netloom.linux.netns_info:
  register: found

- name: Which process is in which namespace?
  ansible.builtin.debug:
    msg: "{{ found.namespaces }}"

- name: The host as a topology, with everything that it has
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
    - Facts of each namespace, by its name. They are its inode, the processes in it, whether it was attached, and the
      size, the SHA-256 and the mode of each of its files below C(/etc/netns), if it has any.
  returned: success
  type: dict
  sample: {"red": {"inode": 4026532281, "pids": [4321], "attached": false}}
leases:
  description: The lease of each DHCP client that the collection runs in these namespaces. C(applied) says whether its
    interface has the address.
  returned: success
  type: list
  elements: dict
  sample: [{"netns": "red", "interface": "eth0", "family": "ipv4", "client": "dhclient", "address": "10.50.50.51/24",
    "server": "10.50.50.2", "applied": true}]
links:
  description: Facts of each link in these namespaces. A link that was recreated since the last look has another
    C(ifindex).
  returned: success
  type: list
  elements: dict
  sample: [{"netns": "red", "name": "eth0", "ifindex": 4, "mac": "52:54:00:00:00:01", "up": true, "carrier": true,
    "dynamic_addresses": ["10.50.50.51/24"]}]
daemons:
  description:
    - The DHCP servers and clients of the collection that run in these namespaces. The name of a client is the name of
      its interface.
    - C(unit) is the systemd unit that supervises the daemon, or null. C(edited) has the paths of its files that
      somebody changed after the daemon had read them.
  returned: success
  type: list
  elements: dict
  sample: [{"netns": "dhcp-red", "name": "red", "kind": "dnsmasq", "pid": 4711, "unit": "netloom-dnsmasq-red.service",
    "edited": []}]
dangling:
  description: Names below C(/run/netns) without a namespace behind them. M(netloom.linux.netns) repairs them.
  returned: success
  type: list
  elements: str
reason:
  description: The kind of the error in one word, such as V(unreachable). The attributes have all of them.
  returned: when the module failed
  type: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _info_module


def main() -> None:
    """Run the module."""
    _info_module.run_info()


if __name__ == "__main__":
    main()
