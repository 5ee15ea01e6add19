#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage address translation and published ports of a namespace."""

from __future__ import annotations

DOCUMENTATION = r"""
module: netns_nat
short_description: Manage masquerading, source NAT, published ports and forwarding of a namespace
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Creates one nftables table in a namespace or on the host, named C(netloom_NAME), in one transaction. The module
    reads the table back as data. So it reports and corrects every rule that somebody added, removed, changed or moved.
    Other tables are never changed, except for O(beside_docker).
  - Works for IPv4 and IPv6. Each entry has one IP version. An entry that names only links is for both.
  - >-
    When a published port is added, changed or removed, the module deletes the connections to it from the connection
    tracking of the kernel (conntrack), so that these connections also reach the right target. It also deletes
    connections that a changed O(masquerade), O(source_nat) or O(floating) would translate in another way. Conntrack
    does not record the outgoing link. So a connection that may or may not match an entry with
    O(masquerade[].out_interface) is kept, unless it never got a reply.
extends_documentation_fragment:
  - netloom.linux.common
  - netloom.linux.common.run
  - netloom.linux.common.clear
  - netloom.linux.reasons
requirements:
  - The program C(nft) (package nftables), and a kernel with nf_tables and NAT. R(The role
    prepare,ansible_collections.netloom.linux.prepare_role) installs the package.
options:
  name:
    description:
      - The name of the table, without the prefix C(netloom_). Up to 64 letters, digits, C(_), C(.) and C(-).
      - A namespace may have several tables.
    type: str
    required: true
  netns:
    description: Name of the network namespace. If left out, the namespace in which the module runs.
    type: str
  masquerade:
    description: The exact list of sources whose packets leave with the address of the outgoing link.
    type: list
    elements: dict
    suboptions:
      source:
        description:
          - The source network of the packets, such as V(10.0.0.0/24).
          - Without O(masquerade[].out_interface), packets within this network keep their addresses.
        type: str
      out_interface:
        description:
          - Only packets that leave by this link, which need not exist yet. Without O(masquerade[].source), all packets
            that leave by it.
          - The name is that of one link. Names that nft cannot tell from others, such as C(@lan), are refused.
        type: str
  source_nat:
    description: The exact list of sources whose packets leave with a given address. These entries are applied before
      O(masquerade), and the first entry that matches decides.
    type: list
    elements: dict
    suboptions:
      source:
        description: The source network, or one source address, of the packets. As in O(masquerade[].source).
        type: str
      out_interface:
        description: Only packets that leave by this link.
        type: str
      to:
        description: The address with which the packets leave. The host should have it. Otherwise answers do not find
          their way back.
        type: str
        required: true
  publish:
    description:
      - The exact list of published ports, which lead to another address, for outside hosts and for the host itself.
      - The loopback addresses (C(127.0.0.1), C(localhost)) lead to a published port only with O(publish[].localhost).
      - A port on which a program listens, or which another table publishes, is refused.
    type: list
    elements: dict
    suboptions:
      protocol:
        description:
          - The protocol. For TCP and UDP, make two entries.
          - With V(all), everything that is sent to O(publish[].address) is forwarded, for all protocols and ports.
            Connections that the target itself opens are not translated. For both directions, see O(floating).
        type: str
        choices: [tcp, udp, all]
        default: tcp
      address:
        description: The address on which the port is published. If left out, all addresses of the host, including those
          that it gets later.
        type: str
      port:
        description: The port that others use. Required unless O(publish[].protocol=all).
        type: int
      to_address:
        description: The address to which the port leads.
        type: str
        required: true
      to_port:
        description: The port at O(publish[].to_address). If left out, the same as O(publish[].port).
        type: int
      localhost:
        description:
          - Whether the port is also published on the loopback addresses (C(127.0.0.0/8)). For IPv4 only, because the
            kernel cannot do this for IPv6.
          - >-
            C(net.ipv4.conf.all.route_localnet) is switched on. It is restored when the last table that needs it is
            deleted or has no such port any more. A rule drops the packets that neighbours could then send to services
            that listen on C(127.0.0.1).
        type: bool
        default: false
  floating:
    description:
      - The exact list of addresses that stand for another address, one to one. Packets to the floating address reach
        the other address, on all ports, and packets from the other address leave with the floating address, through any
        link. These entries are applied before O(source_nat) and O(masquerade).
      - The namespace should have the floating address on a link, for example with the prefix length 32, or get its
        packets through a route.
    type: list
    elements: dict
    suboptions:
      address:
        description: The floating address, which others see.
        type: str
        required: true
      to_address:
        description: The address that the floating address stands for.
        type: str
        required: true
  hairpin:
    description:
      - >-
        Whether a published port or a floating address also works for the neighbours of its target, and for the target
        itself. Their packets then reach the target with the address of the host as their source.
      - The neighbours are the hosts of the smallest network in O(masquerade), O(source_nat) or O(forward) that contains
        the target. If no such network contains it, they are the hosts of the network of a link address.
      - In a new table this is off.
    type: bool
  forward:
    description:
      - The exact list of who may connect to whom through this host. The first entry that matches decides. Packets that
        match no entry pass.
      - An entry is about who opens the connection. If connections from A to B are refused and those from B to A are
        not, A may still answer.
      - V(true) makes an exception from a later entry. No entry lets a packet through that another table drops.
    type: list
    elements: dict
    suboptions:
      from:
        description: A network, or the name of the link by which the packets come in. If left out, any source.
        type: str
      to:
        description: A network, or the name of the link by which the packets leave. If left out, any destination.
        type: str
      allow:
        description: Whether the connections are allowed. Otherwise their packets are dropped, including those of
          existing connections.
        type: bool
        default: true
  ip_forward:
    description:
      - Whether the namespace forwards packets (C(net.ipv4.ip_forward), and C(net.ipv6.conf.all.forwarding) if an entry
        is about IPv6). The module switches it on or off, and restores the earlier value when the last table with this
        option is deleted.
      - If left out, it is left alone. With IPv6 forwarding on, a host no longer takes its own addresses from router
        advertisements.
    type: bool
  beside_docker:
    description:
      - Docker sets the policy of the chain C(FORWARD) of iptables to drop. If that affects the networks of an entry,
        the module warns.
      - With V(true) the module adds rules to the chain C(DOCKER-USER) (or to C(FORWARD) if that chain does not exist).
        These rules accept packets from and to the networks of the entries and the targets of published ports, and have
        a comment that names the table. O(forward) still refuses what it refuses.
      - Rules that were created with iptables-legacy are not seen.
    type: bool
  state:
    description: V(absent) deletes the table and the rules of O(beside_docker), and restores forwarding. Only O(name)
      and O(netns) are needed.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - name: nft(8)
    description: The manual page of nftables.
    link: https://www.netfilter.org/projects/nftables/manpage.html
  - name: Containers on a bridge of your own
    description: A guide with masquerading and published ports.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-containers.md
  - name: A router between tenants
    description: A guide with routes, source NAT and floating addresses.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-router.md
"""

EXAMPLES = r"""
- name: A router and a server behind it
  netloom.linux.netns:
    name: "{{ item }}"
  loop: [router, server]

- name: A cable between them
  netloom.linux.veth:
    name: lan
    netns: router
    addresses: [10.0.0.254/24]
    peer: {name: eth0, netns: server, addresses: [10.0.0.2/24]}

- name: A cable from the router to the host, which stands for the outside
  netloom.linux.veth:
    name: to-router
    addresses: [192.0.2.1/24]
    peer: {name: wan, netns: router, addresses: [192.0.2.2/24]}

- name: The server sends through the router
  netloom.linux.netns_route:
    netns: server
    destination: default
    gateway: 10.0.0.254

- name: The network behind the router leaves with the address of the router, and port 8080 leads to the server
  netloom.linux.netns_nat:
    name: lan
    netns: router
    ip_forward: true
    masquerade:
      - {source: 10.0.0.0/24, out_interface: wan}
    publish:
      - {port: 8080, to_address: 10.0.0.2, to_port: 80}
      - {protocol: udp, port: 53, to_address: 10.0.0.2}
    hairpin: true

- name: One address of the network leaves with another address, and only published ports accept connections
  netloom.linux.netns_nat:
    name: lan
    netns: router
    source_nat:
      - {source: 10.0.0.3, out_interface: wan, to: 192.0.2.3}
    floating: [{address: 192.0.2.4, to_address: 10.0.0.4}]
    forward:
      - {from: wan, to: 10.0.0.2}
      - {from: wan, to: 10.0.0.0/24, allow: false}

- name: The table is deleted, and the router no longer forwards
  netloom.linux.netns_nat:
    name: lan
    netns: router
    state: absent
"""

RETURN = r"""
netns_nat:
  description:
    - The table as it is (in check mode, as it would be), in the shape of the options.
    - If somebody changed the table by hand, C(foreign) lists, with one sentence each, the rules that were added and
      those that are missing.
  returned: success
  type: dict
  sample:
    name: lan
    state: present
    netns: router
    masquerade: [{source: 10.0.0.0/24, out_interface: wan}]
    source_nat: []
    publish: [{protocol: tcp, port: 8080, to_address: 10.0.0.2, to_port: 80}]
    forward: []
    hairpin: true
    ip_forward: true
    beside_docker: false
steps:
  description: What the run did, or would do. One sentence for each step.
  returned: success
  type: list
  elements: str
  sample: ["set nftables table netloom_lan in router: publish tcp 8080 to 10.0.0.2:80"]
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
reason:
  description: The kind of the error in one word, such as V(unreachable). The attributes have all of them.
  returned: when the module failed
  type: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _module
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _netns_nat


def main() -> None:
    """Run the module."""
    _module.run_kind(_netns_nat.NetnsNatKind())


if __name__ == "__main__":
    main()
