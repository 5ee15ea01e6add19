#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage a whole network in one task."""

from __future__ import annotations

DOCUMENTATION = r"""
module: topology
short_description: Manage a whole network of namespaces, links, routes, NAT, Open vSwitch and DHCP in one task
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Takes lists of the objects that the other modules manage one by one, and applies them as one unit. There is one
    snapshot of the host, one plan, one run, and one undo if a step fails.
  - Every list has the name of a module, and every entry takes exactly the options of that module (except
    RV(ignore:wait), which is given once). Errors name the entry, such as C(veth[0].peer.netns).
  - Entries may be in any order. A reference to something that neither an entry nor the host has is an error, in check
    mode too.
  - Two entries for one object are an error. So is a link whose C(master) is a declared bridge, if the exact list of
    ports of that bridge does not contain the link.
  - What an earlier run of the topology created and no entry declares any more is deleted by the next run, see O(purge).
  - The module records below C(/run/netloom/topologies) whether the topology created an object or adopted it, because it
    already existed. An adopted object (RV(adopted)) is neither recreated nor ever deleted. If somebody later creates
    another object with the same name, the topology does not own it and leaves it alone.
  - Several topologies can be on one host. If two of them declare the same object, such as a bridge, the first one
    creates it and the second one adopts it. When the first one no longer declares it, the object stays for the second
    one, which owns it from then on. If another topology needs an object (a namespace in which it has a link, a bridge
    with a port of it), the object stays until that topology is deleted. A warning reports both cases. Both topologies
    should declare such an object alike and leave out its C(ports). Each link then names its C(master).
  - Links that exchange their names or places in one run are renamed through a spare name, and not recreated (ends of
    veths that the topology created, internal ports of Open vSwitch, and interfaces with C(source)).
extends_documentation_fragment:
  - netloom.linux.common
  - netloom.linux.common.run
  - netloom.linux.topology_netns
  - netloom.linux.topology_linux_bridge
  - netloom.linux.topology_veth
  - netloom.linux.topology_netns_interface
  - netloom.linux.topology_ovs_bridge
  - netloom.linux.topology_ovs_port
  - netloom.linux.topology_ovn_chassis
  - netloom.linux.topology_netns_route
  - netloom.linux.topology_netns_nat
  - netloom.linux.topology_dnsmasq_in_ns
  - netloom.linux.topology_netns_dhcp_client
  - netloom.linux.reasons
options:
  name:
    description:
      - Name of the topology. Everything that its runs create is recorded under this name, so that O(state=absent)
        deletes that and nothing else.
      - Different topologies of one host need different names. With O(purge), two topologies of the same name delete the
        objects of each other.
      - If you rename a topology, the new name adopts all its objects. O(state=absent) with the old name then hands them
        over.
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
  ovn_chassis:
    description: What makes the host a chassis of OVN, one entry for each OVSDB, see M(netloom.linux.ovn_chassis).
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
      - V(absent) deletes everything that runs of this topology created, in reverse order, whatever the states of the
        entries are. Entries are not needed.
      - What was there before, in the declared form, gets back the attributes that were changed, and stays. What no run
        of this topology made is left alone, with a warning.
      - In a present topology an entry may have its own C(state=absent) (or C(stopped)). Its object is deleted, no
        matter who created it, unless another topology has it.
    type: str
    choices: [present, absent]
    default: present
  purge:
    description:
      - Whether to delete objects that an earlier run of this topology created and that no entry declares any more. An
        adopted object stays, and gets back the attributes that were changed.
      - With V(false) such objects stay, and their records are kept. A later run with V(true) or O(state=absent) deletes
        them.
      - If a namespace that is deleted contains processes, they are refused or killed as its entry says in this run,
        otherwise as its last entry said. Objects of others inside such a namespace are deleted with it.
    type: bool
    default: true
  max_disruption:
    description:
      - What a step may disturb. A plan with a step that disturbs more is refused, in check mode too, before anything is
        touched.
      - V(none) - Nothing that existed before loses a packet.
      - V(brief) - A link may lose packets for a moment, for example when it gets another name, address, MAC address or
        VLAN, when a route leads another way, or when a server is restarted.
      - V(recreate) - An object may be deleted, or be deleted and recreated, with its addresses, leases, connections and
        counters.
    type: str
    choices: [none, brief, recreate]
    default: recreate
  persist:
    description:
      - Whether the topology is restored after a reboot by the host itself, without the controller. Its declaration and
        the code that applies it are saved on the host, and the unit C(netloom-topology-NAME.service) applies them at
        boot.
      - V(false) and O(state=absent) delete what was saved. A run after an upgrade of the collection saves the new code,
        and says so in RV(steps).
      - Needs systemd as PID 1 on the host. Namespaces with a C(pid), or with a C(path) below C(/proc), are refused.
      - At boot nobody can confirm the move of an uplink. The move is done only if it was confirmed when the topology
        was last applied, and is undone if the gateway no longer answers.
    type: bool
    default: false
seealso:
  - module: netloom.linux.netns_info
  - name: A Docker-style bridge network
    description: Such a network by modules, by one topology and by a role.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-bridge-network.md
  - name: It stays up
    description: Daemons that come back, and networks that outlive a reboot.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-boot.md
"""

EXAMPLES = r"""
- name: Two namespaces on a bridge
  netloom.linux.topology:
    name: pair
    netns: [{name: red}, {name: green}]
    linux_bridge: [{name: br0, addresses: [10.0.0.254/24]}]
    veth:
      - {name: red-br, master: br0, peer: {name: eth0, netns: red, addresses: [10.0.0.1/24]}}
      - {name: green-br, master: br0, peer: {name: eth0, netns: green, addresses: [10.0.0.2/24]}}
    netns_route:
      - {netns: red, destination: default, gateway: 10.0.0.254}
      - {netns: green, destination: default, gateway: 10.0.0.254}

- name: The same without green, whose namespace and link are deleted
  netloom.linux.topology:
    name: pair
    netns: [{name: red}]
    linux_bridge: [{name: br0, addresses: [10.0.0.254/24]}]
    veth: [{name: red-br, master: br0, peer: {name: eth0, netns: red, addresses: [10.0.0.1/24]}}]
    netns_route: [{netns: red, destination: default, gateway: 10.0.0.254}]

- name: Another topology on the same bridge, in a run that may not disturb existing objects
  netloom.linux.topology:
    name: guests
    max_disruption: none
    netns: [{name: blue}]
    linux_bridge: [{name: br0}]
    veth:
      - {name: blue-br, master: br0, peer: {name: eth0, netns: blue, addresses: [10.0.0.3/24]}}

- name: The first topology is deleted, except for the bridge, which now belongs to the second one
  netloom.linux.topology:
    name: pair
    state: absent

- name: The second topology is restored after a reboot
  netloom.linux.topology:
    name: guests
    persist: true
    netns: [{name: blue}]
    linux_bridge: [{name: br0}]
    veth:
      - {name: blue-br, master: br0, peer: {name: eth0, netns: blue, addresses: [10.0.0.3/24]}}

- name: Both topologies are deleted
  netloom.linux.topology:
    name: guests
    state: absent
"""

RETURN = r"""
topology:
  description: Every object of the entries as it is (in check mode, as it would be), a list for each kind, in the shape
    of the options.
  returned: success
  type: dict
  sample: {name: pair, state: present, netns: [{name: red, state: present, loopback: true}]}
steps:
  description: What the run did, or would do. One sentence for each step.
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
      description: What the step does, as in RV(steps).
      type: str
    disturbs:
      description: V(brief) or V(recreate), as in O(max_disruption).
      type: str
adopted:
  description: The objects that existed before, each with kind and name. They stay when the topology is deleted.
  returned: success
  type: list
  elements: str
  sample: [linux_bridge br0]
plan:
  description: What becomes of each object that changes, in the order of the kinds.
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
        - V(adopt) is an object that was there before, and that the topology remembers from now on.
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
unusable:
  description: What is as declared and of no use, as a chassis that OVN does not know. A sentence each, warnings, too.
  returned: when there is something
  type: list
  elements: str
before:
  description: The objects that change, before the run, as a list for each kind, in the shape of the options.
  returned: with C(--diff)
  type: dict
after:
  description: The same objects after the run; in check mode, as they would be. Deleted ones are V(absent).
  returned: with C(--diff)
  type: dict
diff:
  description:
    - What Ansible prints with C(--diff). Its C(prepared) is the plan in words, a line for each object.
    - RV(before) and RV(after) are in it, too, with C(-vv), with C(async), and if it was the play that set C(diff), not
      the command line.
  returned: with C(--diff)
  type: dict
confirmed:
  description: The uplinks whose move was confirmed over a new connection.
  returned: when an uplink was moved
  type: list
  elements: str
  sample: [eth0]
unconfirmed:
  description: The moves that wait for M(netloom.linux.uplink_confirm). The action plugin removes the list after it has
    confirmed them.
  returned: by the module itself, when an uplink was moved; with C(async) also in the end
  type: list
  elements: dict
  contains:
    uplink:
      description: The NIC.
      type: str
    token:
      description: The token that the guard waits for.
      type: str
    seconds:
      description: The seconds until the guard undoes the move, counted from the end of the run.
      type: int
failed_step:
  description: The step that failed.
  returned: when a step failed
  type: str
undone:
  description: The steps that were undone, newest first.
  returned: when a step failed
  type: list
  elements: str
remains:
  description:
    - The differences to the state before the run, as the host shows them after the undo, for everything that the run
      touched. Each is a step that could not be undone, with the reason, or a difference in words, such as "address
      10.0.0.1/24 of eth0 is gone".
    - What another program created under a name of the run is listed, and was left alone.
  returned: when a step failed
  type: list
  elements: str
reason:
  description: The kind of the error in one word, such as V(unreachable). The attributes have all of them.
  returned: when the module failed
  type: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _topology_module


def main() -> None:
    """Run the module."""
    _topology_module.run_topology()


if __name__ == "__main__":
    main()
