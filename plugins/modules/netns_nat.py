#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage address translation and published ports of a namespace."""

from __future__ import annotations

DOCUMENTATION = r"""
module: netns_nat
short_description: Manage masquerading, source NAT, published ports and forwarding of a namespace
version_added: 0.1.0
author:
  - The netloom authors (@netloom)
description:
  - Makes one nftables table in a namespace or on the host, named C(netloom_NAME), in one transaction. It is read back as data, so a rule that
    somebody added to it, removed, changed or moved is named and put right. Other tables are never touched, but for O(beside_docker).
  - IPv4 and IPv6; an entry has one family. An entry that names links only is for both.
  - >-
    When a published port comes, moves or goes, the kernel's memory of connections to it (conntrack) is dropped, so that these too go where they should.
    So is that of connections which a changed O(masquerade), O(source_nat) or O(floating) would translate otherwise. By which link a connection leaves is
    not remembered; one that an entry with O(masquerade[].out_interface) may or may not mean is left alone, unless nobody ever answered it.
extends_documentation_fragment:
  - netloom.linux.common
  - netloom.linux.common.run
  - netloom.linux.common.clear
requirements:
  - The program C(nft) (package nftables), and a kernel with nf_tables and NAT. R(The role prepare,ansible_collections.netloom.linux.prepare_role)
    installs the package.
options:
  name:
    description:
      - Name of the table, without the C(netloom_) that is put before it; up to 64 letters, digits, C(_), C(.) and C(-).
      - A namespace may have several.
    type: str
    required: true
  netns:
    description: Name of the network namespace. If left out, the namespace in which the module runs.
    type: str
  masquerade:
    description: The exact list of whose packets leave with the address of the link they leave by.
    type: list
    elements: dict
    suboptions:
      source:
        description:
          - The network whose packets are meant, such as V(10.0.0.0/24).
          - Without O(masquerade[].out_interface), packets within this network keep their addresses.
        type: str
      out_interface:
        description:
          - Only packets that leave by this link, which need not exist yet. Without O(masquerade[].source), all of them.
          - A name is that of one link. Those that nft cannot tell from others are refused, such as C(@lan).
        type: str
  source_nat:
    description: The exact list of whose packets leave with a given address. It goes before O(masquerade), and the first entry that fits decides.
    type: list
    elements: dict
    suboptions:
      source:
        description: The network, or the one address, whose packets are meant. As in O(masquerade[].source).
        type: str
      out_interface:
        description: Only packets that leave by this link.
        type: str
      to:
        description: The address they leave with. The host should have it, or answers do not find back.
        type: str
        required: true
  publish:
    description:
      - The exact list of ports that lead elsewhere, for those outside and for the host itself.
      - The loopback addresses (C(127.0.0.1), C(localhost)) are a way to a published port only with O(publish[].localhost).
      - A port on which somebody listens, or which another table publishes, is refused.
    type: list
    elements: dict
    suboptions:
      protocol:
        description:
          - Its protocol. For both, make two entries.
          - With V(all), everything that is sent to O(publish[].address) is led on, of all protocols and ports. What the target sends by itself leaves as
            without it; for both directions, see O(floating).
        type: str
        choices: [tcp, udp, all]
        default: tcp
      address:
        description: The address on which it is published. If left out, all addresses of the host, those it gets later included.
        type: str
      port:
        description: The port that others use. Required, but for O(publish[].protocol=all).
        type: int
      to_address:
        description: Where it leads.
        type: str
        required: true
      to_port:
        description: The port there. The same as O(publish[].port) if left out.
        type: int
      localhost:
        description:
          - Whether the port is published on the loopback addresses (C(127.0.0.0/8)), too. For IPv4 only, since the kernel has no such way for IPv6.
          - >-
            C(net.ipv4.conf.all.route_localnet) is switched on, and put back when the last table that needs it is absent or has no such port any more. A rule
            drops what neighbours then could send to services that listen on C(127.0.0.1).
        type: bool
        default: false
  floating:
    description:
      - The exact list of addresses that stand for another one, one to one - what is sent to the one comes to the other, on all ports, and what the other
        sends leaves with the one, by whatever link. It goes before O(source_nat) and O(masquerade).
      - The namespace should have the address on a link, with the prefix length 32 say, or be sent its packets by a route.
    type: list
    elements: dict
    suboptions:
      address:
        description: The address that others see.
        type: str
        required: true
      to_address:
        description: The address that it stands for.
        type: str
        required: true
  hairpin:
    description:
      - >-
        Whether the neighbours of the target of a published port or a floating address, and the target itself, may use it too. Their packets then come to it
        from the host's address.
      - Neighbours are those in the smallest network of O(masquerade), O(source_nat) or O(forward) that has the target in it, else in the network
        of a link's address.
      - A new table has none.
    type: bool
  forward:
    description:
      - The exact list of who may connect to whom through this host. The first entry that fits decides; what none fits passes.
      - It is about who begins. Where A to B is refused and B to A is not, A may answer.
      - V(true) is an exception from a later entry; no entry lets through what another table drops.
    type: list
    elements: dict
    suboptions:
      from:
        description: A network, or the name of the link they come in by. Anywhere if left out.
        type: str
      to:
        description: A network, or the name of the link they leave by. Anywhere if left out.
        type: str
      allow:
        description: Whether they may; else packets are dropped, those of connections that are there already too.
        type: bool
        default: true
  ip_forward:
    description:
      - Whether the namespace forwards packets (C(net.ipv4.ip_forward), and C(net.ipv6.conf.all.forwarding) if an entry is about IPv6). It is switched
        on or off, and put back when the last table that says so is absent, if it was other before.
      - If left out, it is left alone. Mind that with IPv6 forwarding on, a host no longer takes its own addresses from router advertisements.
    type: bool
  beside_docker:
    description:
      - Dockerd has the policy of iptables' chain C(FORWARD) set to drop. Where that would hit an entry's networks, the module warns.
      - With V(true) it puts rules into chain C(DOCKER-USER) (or C(FORWARD), where there is none) that accept packets from and to the networks
        of the entries and the targets of published ports, with a comment that names the table. O(forward) still refuses what it refuses.
      - Rules that iptables-legacy made are not seen.
    type: bool
  state:
    description: V(absent) deletes the table, the rules of O(beside_docker), and puts forwarding back; only O(name) and O(netns) are needed then.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - name: nft(8)
    description: The manual page of nftables.
    link: https://www.netfilter.org/projects/nftables/manpage.html
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

- name: A cable from the router to the host, which is its outside
  netloom.linux.veth:
    name: to-router
    addresses: [192.0.2.1/24]
    peer: {name: wan, netns: router, addresses: [192.0.2.2/24]}

- name: The server sends by the router
  netloom.linux.netns_route:
    netns: server
    destination: default
    gateway: 10.0.0.254

- name: The network behind the router is seen with the router's address, and port 8080 leads to the server
  netloom.linux.netns_nat:
    name: lan
    netns: router
    ip_forward: true
    masquerade:
      - source: 10.0.0.0/24
        out_interface: wan
    publish:
      - {port: 8080, to_address: 10.0.0.2, to_port: 80}
      - {protocol: udp, port: 53, to_address: 10.0.0.2}
    hairpin: true

- name: One of its addresses leaves with another address, and nobody connects to the network but by published ports
  netloom.linux.netns_nat:
    name: lan
    netns: router
    source_nat:
      - {source: 10.0.0.3, out_interface: wan, to: 192.0.2.3}
    floating:
      - {address: 192.0.2.4, to_address: 10.0.0.4}
    forward:
      - {from: wan, to: 10.0.0.2}
      - {from: wan, to: 10.0.0.0/24, allow: false}

- name: All of it is gone, and the router forwards no more
  netloom.linux.netns_nat:
    name: lan
    netns: router
    state: absent
"""

RETURN = r"""
netns_nat:
  description:
    - The table as it is (in check mode, as it would be), in the shape of the options.
    - Where somebody changed it by hand, C(foreign) lists, a sentence each, what is in it beside its entries, and what they lack.
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
  description: What the run did, or would do, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["set nftables table netloom_lan in router: publish tcp 8080 to 10.0.0.2:80"]
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _module
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _netns_nat


def main() -> None:
    """Run it."""
    _module.run_kind(_netns_nat.NetnsNatKind())


if __name__ == "__main__":
    main()
