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
  - What an earlier run of the topology made, and no entry declares any more, goes with the next run, see O(purge).
  - Each object is remembered as made by the topology, or as adopted - there before, in the declared form. What is adopted is not made anew and never deleted.
    The return value RV(adopted) names it. The memory is below C(/run/netloom/topologies) and holds for one very object, by its ifindex,
    namespace or OVSDB row. A namesake that somebody made later is not ours, and left alone.
  - Topologies live side by side. What two of them declare, such as a bridge, is made by the first and adopted by the second. When it goes with one,
    it stays for the other, which owns it from then on. What another topology stands on (a namespace in which it has a link, a bridge with a port of it) stays
    until that is gone. Both are said in a warning. The two should declare such an object alike, and leave its C(ports) out - each link names its C(master).
  - Links that exchange their names or places in one run are renamed by way of a spare name, not made anew - the ends of veths that the topology made,
    internal ports of Open vSwitch, and interfaces with C(source), which go home in between.
extends_documentation_fragment:
  - netloom.linux.common
  - netloom.linux.common.run
options:
  name:
    description:
      - Name of the topology. What its runs make is recorded under it, so that O(state=absent) takes down that and no more.
      - Topologies of one host need different names. With O(purge), each of two of the same name takes away what the other one declares.
      - A topology that gets another name adopts all that it had. O(state=absent) under the old name then hands it over.
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
      - In a present topology an entry may have C(state=absent) (or C(stopped)) of its own. It goes, whoever made it, unless another topology has it.
    type: str
    choices: [present, absent]
    default: present
  purge:
    description:
      - Whether what an earlier run of this topology made, and no entry declares any more, goes. What it adopted gets back the attributes that were
        changed, and stays.
      - With V(false) it stays, and is still remembered. A later run with V(true) takes it away, and so does O(state=absent).
      - Processes in a namespace that goes are refused or killed as its entry says in this very run, else as it said last. What is not ours inside of
        such a namespace goes with it.
    type: bool
    default: true
  max_disruption:
    description:
      - What a step may disturb. A plan with a step beyond is refused, in check mode too, before anything is touched.
      - V(none) - Nothing that was there before loses a packet.
      - V(brief) - A link may lose packets for a moment, as when it gets another name, address, MAC address or VLAN, a
        route leads another way, or a server is started anew.
      - V(recreate) - Something may be deleted, or be deleted and made again, with its addresses, leases, connections and counters.
    type: str
    choices: [none, brief, recreate]
    default: recreate
  persist:
    description:
      - Whether the topology comes back after a reboot by itself, without the controller. Its declaration and the code that applies it are saved on the
        host, and the unit C(netloom-topology-NAME.service) applies them at boot.
      - V(false) and O(state=absent) delete what was saved. A run after an upgrade of the collection saves its code anew, and says so in RV(steps).
      - Needs systemd as PID 1 on the host. Namespaces given by C(pid), or by a C(path) below C(/proc), are refused.
      - At boot nobody confirms the move of an uplink. It is done only if it was confirmed when the topology was applied last,
        and goes back if the gateway no longer answers.
    type: bool
    default: false
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

- name: The same without green, whose namespace and link go
  netloom.linux.topology:
    name: pair
    netns:
      - name: red
    linux_bridge:
      - name: br0
        addresses: [10.0.0.254/24]
    veth:
      - name: red-br
        master: br0
        peer: {name: eth0, netns: red, addresses: [10.0.0.1/24]}
    netns_route:
      - {netns: red, destination: default, gateway: 10.0.0.254}

- name: Another topology on the same bridge, by a run that may not disturb what is there
  netloom.linux.topology:
    name: guests
    max_disruption: none
    netns:
      - name: blue
    linux_bridge:
      - name: br0
    veth:
      - name: blue-br
        master: br0
        peer: {name: eth0, netns: blue, addresses: [10.0.0.3/24]}

- name: The first one is gone, but for the bridge, which belongs to the second one now
  netloom.linux.topology:
    name: pair
    state: absent

- name: The second one outlives a reboot
  netloom.linux.topology:
    name: guests
    persist: true
    netns:
      - name: blue
    linux_bridge:
      - name: br0
    veth:
      - name: blue-br
        master: br0
        peer: {name: eth0, netns: blue, addresses: [10.0.0.3/24]}

- name: Both are gone
  netloom.linux.topology:
    name: guests
    state: absent
"""

RETURN = r"""
topology:
  description: Every object of the entries as it is (in check mode, as it would be), a list for each kind, in the shape of the options.
  returned: success
  type: dict
  sample:
    name: pair
    state: present
    netns: [{name: red, state: present, loopback: true}]
steps:
  description: What the run did, or would do, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["create namespace red", "create bridge br0"]
disruptions:
  description: The steps that disturb something. The others disturb nothing.
  returned: success
  type: list
  elements: dict
  sample: [{step: delete address 10.0.0.1/24 from eth0 in red, disturbs: brief}]
  contains:
    step:
      description: What it does, as in RV(steps).
      type: str
    disturbs:
      description: V(brief) or V(recreate), as in O(max_disruption).
      type: str
adopted:
  description: The objects that were there before the topology, kind and name each. They stay when it goes.
  returned: success
  type: list
  elements: str
  sample: [linux_bridge br0]
diff:
  description: >-
    The objects that change, before and after, a list for each kind, in the shape of the options; those that O(purge) takes away included. Below, C(prepared)
    gives the steps with what each disturbs, and what is adopted.
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
  description:
    - What is not as it was before the run, as the host shows it after the undo, as far as the run touched it - a step that could not
      be taken back with the reason, or what differs in words, such as "address 10.0.0.1/24 of eth0 is gone".
    - What another program did elsewhere meanwhile is not listed; what it put under a name of the run is, and was left alone.
  returned: when a step failed
  type: list
  elements: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _topology_module


def main() -> None:
    """Run it."""
    _topology_module.run_topology()


if __name__ == "__main__":
    main()
