#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Report which link of a host its tunnels leave by."""

from __future__ import annotations

DOCUMENTATION = r"""
module: underlay_info
short_description: Report which link of a host its tunnels leave by
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Returns what only the host knows about the end of its tunnels. This is the link that has the address, its MTU, and
    whether it is the local port of an Open vSwitch bridge.
  - With O(bridge), it returns on which datapath this Open vSwitch bridge is, or would be if it were created now. Open
    vSwitch's own tunnels leave by any link on the datapath of the kernel. On the userspace datapath they only leave by
    a bridge of Open vSwitch.
  - Roles that join several hosts run it on each of them, and choose how they build the tunnels there.
extends_documentation_fragment:
  - netloom.linux.common
  - netloom.linux.common.info
  - netloom.linux.reasons
options:
  local:
    description: The address of the host to which other hosts send.
    type: str
    required: true
  bridge:
    description: The Open vSwitch bridge that the tunnels are to join. It need not exist.
    type: str
seealso:
  - module: netloom.linux.netns_info
  - module: netloom.linux.ovs_bridge
  - module: netloom.linux.ovs_port
  - name: Tenants with VLAN and DHCP on Open vSwitch
    description: A guide with switches, tags, servers and clients, and tenants over several hosts.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-ovs-vlan-dhcp.md
"""

EXAMPLES = r"""
- name: By which link do tunnels leave, and on which datapath is the bridge?
  netloom.linux.underlay_info:
    local: 127.0.0.1
    bridge: OVS1
  register: found

- name: Show how long a packet may be
  ansible.builtin.debug:
    var: found.underlay.mtu
"""

RETURN = r"""
underlay:
  description: The link that has the address. C(on_ovs) says whether it is the local port of an Open vSwitch bridge.
    Null if no link of the host has the address.
  returned: success
  type: dict
  sample: {"interface": "eth0", "mtu": 1500, "on_ovs": false}
datapath_type:
  description: The datapath of O(bridge), V(system) (that of the kernel) or V(netdev) (that of userspace). Null without
    O(bridge), and if Open vSwitch does not run.
  returned: success
  type: str
  sample: netdev
reason:
  description: The kind of the error in one word, such as V(unreachable). The attributes have all of them.
  returned: when the module failed
  type: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _underlay_info


def main() -> None:
    """Run the module."""
    _underlay_info.run_underlay()


if __name__ == "__main__":
    main()
