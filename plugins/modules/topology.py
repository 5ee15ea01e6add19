#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage a whole network in one task."""

from __future__ import annotations

DOCUMENTATION = r"""
module: topology
short_description: Manage a whole network of namespaces, links, routes, NAT, Open vSwitch and DHCP in one task
version_added: 0.1.0
author:
  - The netloom authors (@netloom)
description:
  - Takes lists of what the other modules take one by one, and applies them as one unit - one snapshot of the host, one plan,
    one run, and one undo if a step fails.
  - Every list has a module's name, and every entry takes exactly that module's options (but RV(ignore:wait), which is given
    once). Errors name the entry, such as C(veth[0].peer.netns).
  - Entries may stand in any order. A reference to something that neither an entry nor the host has is an error, in check
    mode too.
  - Two entries for one object are an error; so is a link whose C(master) is a declared bridge whose exact list of ports lacks it.
extends_documentation_fragment:
  - netloom.linux.common
  - netloom.linux.common.run
options:
  name:
    description: Name of the topology. What its runs make is recorded under it, so that O(state=absent) takes down that and no more.
    type: str
    required: true
  netns:
    description: Namespaces, see M(netloom.linux.netns).
    type: list
    elements: dict
  linux_bridge:
    description: Linux bridges, see M(netloom.linux.linux_bridge).
    type: list
    elements: dict
  veth:
    description: Pairs of veth ends, see M(netloom.linux.veth).
    type: list
    elements: dict
  netns_interface:
    description: Interfaces, created, moved or managed in place, see M(netloom.linux.netns_interface).
    type: list
    elements: dict
  ovs_bridge:
    description: Bridges of Open vSwitch, see M(netloom.linux.ovs_bridge).
    type: list
    elements: dict
  ovs_port:
    description: Ports of Open vSwitch, see M(netloom.linux.ovs_port).
    type: list
    elements: dict
  netns_route:
    description: Routes, see M(netloom.linux.netns_route).
    type: list
    elements: dict
  netns_nat:
    description: Address translation and published ports, see M(netloom.linux.netns_nat).
    type: list
    elements: dict
  dnsmasq_in_ns:
    description: DHCP and DNS servers, see M(netloom.linux.dnsmasq_in_ns).
    type: list
    elements: dict
  netns_dhcp_client:
    description: DHCP clients, see M(netloom.linux.netns_dhcp_client).
    type: list
    elements: dict
  state:
    description:
      - V(absent) deletes what runs of this topology made, in reverse order, whatever the entries' own state. Entries are not
        needed then.
      - What was there before, in the declared form, gets back the attributes that were changed, and stays. What no run of
        this topology made is left alone, with a warning.
      - In a present topology an entry may have C(state=absent) (or C(stopped)) of its own.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: netloom.linux.netns_info
"""

EXAMPLES = r"""
- name: Two namespaces on a bridge
  netloom.linux.topology:
    name: pair
    netns:
      - name: red
      - name: green
    linux_bridge:
      - name: br0
        addresses: [10.0.0.254/24]
        ports: [red-br, green-br]
    veth:
      - name: red-br
        master: br0
        peer: {name: eth0, netns: red, addresses: [10.0.0.1/24]}
      - name: green-br
        master: br0
        peer: {name: eth0, netns: green, addresses: [10.0.0.2/24]}
    netns_route:
      - {netns: red, destination: default, gateway: 10.0.0.254}
      - {netns: green, destination: default, gateway: 10.0.0.254}

- name: It is gone
  netloom.linux.topology:
    name: pair
    state: absent
"""

RETURN = r"""
topology:
  description: Every object of the entries as it is (in check mode, as it would be), a list for each kind, in the shape of the options.
  returned: success
  type: dict
  sample:
    name: pair
    netns: [{name: red, state: present, loopback: true}]
steps:
  description: What the run did, or would do, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["create namespace red", "create bridge br0"]
diff:
  description: The objects that change, before and after, a list for each kind, in the shape of the options.
  returned: with C(--diff)
  type: dict
confirmed:
  description: The uplinks whose move was confirmed over a new connection.
  returned: when an uplink was moved
  type: list
  elements: str
  sample: [eth0]
unconfirmed:
  description: The moves that wait for M(netloom.linux.uplink_confirm). The action plugin takes the list out when it has confirmed.
  returned: by the module itself, when an uplink was moved; with C(async) also in the end
  type: list
  elements: dict
  contains:
    uplink:
      description: The NIC.
      type: str
    token:
      description: What the guard wants to hear.
      type: str
    seconds:
      description: The time until it goes back, from the end of the run.
      type: int
failed_step:
  description: The step that failed.
  returned: when a step failed
  type: str
undone:
  description: The steps that were taken back, newest first.
  returned: when a step failed
  type: list
  elements: str
remains:
  description: What could not be taken back.
  returned: when a step failed
  type: list
  elements: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine._topology_module import run_topology


def main() -> None:
    """Run it."""
    run_topology()


if __name__ == "__main__":
    main()
