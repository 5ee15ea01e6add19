#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module reachability; the documentation below says what it does."""

from __future__ import annotations

DOCUMENTATION = r"""
module: reachability
short_description: Prove with packets who reaches whom, by which route, and who does not
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
description:
  - Sends packets from network namespaces (or the host) and compares what arrives with what is expected.
  - All probes run at the same time in one process, so a thousand probes take hardly longer than one.
  - A surprise fails the task. The message names each surprise, with its most likely causes (two at most, as far as they
    can be seen on this host) and the remedy. The causes are links that are down or on different bridges, OVS tags,
    isolated ports, routes, forwarding, reverse path filters, packet filters, checksum offload, MTUs, neighbours,
    duplicate addresses, and services that do not listen. RV(reachability[].causes) has all causes that were found.
  - A probe that could not be sent proves nothing. It is V(inconclusive), and fails the task whatever it expects. This
    happens without the right to send or to listen. It also happens if V(unreachable) is expected and the source or the
    target has no address, or no link that is up (V(ethernet), V(arp)). See O(allow_inconclusive).
  - The module changes nothing, and needs no program on the managed node. To see packet filters, it asks C(nft) if that
    is installed.
  - By default the kernel has room for 1024 neighbours in all namespaces together. If a task has more than 200 probes,
    the module sends them in turns as room permits, and makes the kernel forget the link-layer addresses of the
    neighbours. A host that needs such an address asks again.
requirements:
  - pyroute2 >= 0.7.2
  - Linux, and the rights of root over the namespaces
options:
  probes:
    description: The probes, each of which asks one question.
    type: list
    elements: dict
    required: true
    suboptions:
      from:
        description: The namespace from which the packets are sent. If left out, the namespace in which the module runs.
        type: str
      to:
        description:
          - An IP address, or the name of a namespace.
          - For a namespace, the module looks up its address. It takes the address in a subnet of the source if there is
            one, otherwise the first address. IPv4 is preferred to IPv6.
        type: str
        required: true
      protocol:
        description:
          - V(icmp) sends echo requests, and accepts answers only from the target address itself.
          - >-
            V(tcp) opens a connection. If the module itself listens, 4096 bytes must arrive there and come back, see
            O(probes[].port) and O(probes[].listen).
          - >-
            V(udp) sends a datagram. Any answer from the port is V(reachable), and the ICMP message "port unreachable"
            is V(unreachable). If the module itself listens, the path is proven. A service need not answer a datagram
            that it does not understand. So its silence is V(unreachable) but proves nothing, unless O(probes[].listen)
            is set.
          - >-
            V(arp) asks on the link who has an IPv4 address, and listens for 200 ms after the first answer. Two hosts
            with the same address are a surprise. It distinguishes hosts with the same address in different networks,
            see O(probes[].answered_by).
          - V(ethernet) sends broadcast frames from every link of the source, and checks whether one arrives at the
            target. It does not use addresses, so it proves the isolation of networks even if their subnets are equal.
            The frames have the type 0x88B5, which is set aside for local experiments.
          - V(route) sends nothing. It asks the kernel whether it has a route to the address, see O(probes[].via).
          - >-
            V(dhcp) checks whether O(probes[].from) has a lease from the server O(probes[].to) in the records of the
            clients of M(netloom.linux.netns_dhcp_client). It checks whether the leased address is on the interface, and
            by ARP whether only the server has its address. If servers of different networks have equal addresses, a
            V(arp) probe with O(probes[].answered_by) distinguishes them.
        type: str
        choices: [icmp, tcp, udp, arp, ethernet, route, dhcp]
        default: icmp
      port:
        description:
          - The port, for V(tcp) and V(udp).
          - If O(probes[].to) is a namespace, the port may be left out. The module then listens there on a free port.
        type: int
      expect:
        description: The expected result. For V(route) and V(dhcp), V(reachable) means that it exists.
        type: str
        choices: [reachable, unreachable]
        default: reachable
      answered_by:
        description: For V(arp), the only namespace that may answer. Its links are recognised by their MAC addresses.
        type: str
      listen:
        description:
          - For V(tcp) and V(udp), whether the module itself listens on the port while it probes, so that no service is
            needed.
          - >-
            If a service already listens there, it is left alone and probed. For V(udp), the probe then succeeds if the
            datagram is delivered in that namespace, whether the service answers or not. The listener of the module
            answers all probes of the task.
        type: bool
        default: false
      listen_in:
        description:
          - The namespace in which the module listens, if it is not the one in O(probes[].to).
          - >-
            For a published port, O(probes[].to) is the address and O(probes[].port) the port that the outside sees, and
            the module listens in the member behind it.
        type: str
      listen_port:
        description: The port on which the module listens, if it is not O(probes[].port).
        type: int
      size:
        description:
          - For V(icmp) and V(udp), the size of the packet in bytes, including its IP header. The packet must not be
            fragmented, so the probe proves the MTU of the path.
          - From 68 to 65507.
        type: int
      via:
        description: The address of the gateway, or the name of the link, by which the packets must leave. The module
          asks the kernel, as C(ip route get) does.
        type: str
      hops:
        description:
          - For V(icmp), the routers that the packets must pass, as C(traceroute) would show them. An empty list means
            no routers.
          - At most 16 routers.
        type: list
        elements: str
      interface:
        description: For V(dhcp), the interface that must have the lease. If left out, any interface may have it.
        type: str
      range:
        description: For V(dhcp), the range in which the leased address must lie, such as V(10.0.0.10-10.0.0.99) or
          V(10.0.0.0/24).
        type: str
  count:
    description: How many packets are sent for each probe, spread over O(timeout), until one is answered.
    type: int
    default: 3
  timeout:
    description: How many seconds to wait. A probe that expects V(unreachable) takes all of them.
    type: float
    default: 2.0
  allow_inconclusive:
    description:
      - Whether the task continues, with a warning, if a probe could not be sent and so proves nothing.
        RV(reachability[].as_expected) is still V(false) for that probe.
    type: bool
    default: false
attributes:
  check_mode:
    description: Can run in check_mode and return changed status prediction without modifying the target.
    support: full
    details:
      - In check mode nothing is sent or asked, because the objects that the probes test may not exist yet. The task is
        reported as skipped, with a warning.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in check_mode), when in diff mode.
    support: none
    details:
      - The module changes nothing.
  platform:
    description: Target OS/families that can be operated against.
    support: full
    platforms: linux
seealso:
  - module: netloom.linux.netns_info
  - ref: netloom.linux.verify role <ansible_collections.netloom.linux.verify_role>
    description: Creates the probes from what was declared.
  - name: Troubleshooting
    description: The messages, their causes, and what to do.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/troubleshooting.md
"""

EXAMPLES = r"""
- name: Two namespaces on one bridge, and a third one on another
  netloom.linux.topology:
    name: colours
    netns: [{name: red1}, {name: red2}, {name: green1}]
    linux_bridge:
      - {name: br-red, addresses: [10.50.50.254/24]}
      - {name: br-green}
    veth:
      - {name: v-red1, master: br-red, peer: {name: eth0, netns: red1, addresses: [10.50.50.11/24]}}
      - {name: v-red2, master: br-red, peer: {name: eth0, netns: red2, addresses: [10.50.50.12/24]}}
      - {name: v-green1, master: br-green, peer: {name: eth0, netns: green1, addresses: [10.50.50.12/24]}}

- name: The first two reach each other, and the third one is isolated
  netloom.linux.reachability:
    probes:
      - {from: red1, to: red2}
      - {from: red1, to: red2, protocol: tcp}
      - {from: red1, to: green1, protocol: ethernet, expect: unreachable}

- name: An address belongs to the neighbour, although another network has the same address
  netloom.linux.reachability:
    probes:
      - {from: red1, to: 10.50.50.12, protocol: arp, answered_by: red2}

- name: A datagram and a large packet pass directly through eth0; a service that will use port 8080 will be reached
  netloom.linux.reachability:
    probes:
      - {from: red1, to: red2, protocol: udp, size: 1500}
      - {from: red1, to: red2, via: eth0, hops: []}
      - {from: red1, to: red2, protocol: tcp, port: 8080, listen: true}
      - {from: red1, to: 10.50.50.254, protocol: route, via: eth0}
      - {from: red1, to: 192.0.2.1, protocol: route, expect: unreachable}

- name: No namespace has a lease
  netloom.linux.reachability:
    probes:
      - {from: red1, to: 10.50.50.254, protocol: dhcp, range: 10.50.50.10-10.50.50.99, expect: unreachable}

- name: The host reaches a namespace, and does not reach a port without a service
  netloom.linux.reachability:
    probes:
      - {to: 10.50.50.11}
      - {to: 10.50.50.11, protocol: tcp, port: 80, expect: unreachable}
    timeout: 5

- name: The network is deleted
  netloom.linux.topology: {name: colours, state: absent}
"""

RETURN = r"""
reachability:
  description: The probes, in order, each with what was seen. Also returned when the task fails. Empty in check mode.
  returned: always
  type: list
  elements: dict
  contains:
    from:
      description: The namespace from which the packets were sent, or null.
      type: str
      returned: always
    to:
      description: The target address or namespace, as given.
      type: str
      returned: always
    address:
      description: The address to which the packets were sent.
      type: str
      returned: if there is one
    protocol:
      description: The protocol.
      type: str
      returned: always
    port:
      description: The port.
      type: int
      returned: if one was given
    expect:
      description: What was expected.
      type: str
      returned: always
    seen:
      description: What was seen, V(reachable) or V(unreachable), or V(inconclusive) if the probe could not be sent.
      type: str
      returned: always
    rtt:
      description: The time until the answer, in milliseconds.
      type: float
      returned: if there was an answer
    answered_by:
      description: The namespaces that answered, or their MAC addresses if the namespaces are not known.
      type: list
      elements: str
      returned: for V(arp)
    route:
      description: The RV(reachability[].route.gateway), RV(reachability[].route.device) and
        RV(reachability[].route.source) by which packets leave.
      type: dict
      returned: for V(route), or with C(via)
      contains:
        gateway:
          description: The gateway.
          type: str
          returned: if there is one
        device:
          description: The link.
          type: str
          returned: if there is a route
        source:
          description: The source address of the packets.
          type: str
          returned: if there is a route
    hops:
      description: The routers that the packets passed. V(*) is a router that did not answer.
      type: list
      elements: str
      returned: if C(hops) was given
    lease:
      description: The lease that was found.
      type: dict
      returned: for V(dhcp), if there is one
      contains:
        interface:
          description: The interface that has it.
          type: str
          returned: always
        address:
          description: The address with its prefix length.
          type: str
          returned: always
        server:
          description: The server's address.
          type: str
          returned: always
        expires:
          description: When the lease ends, in UTC. Null means never.
          type: str
          returned: always
    causes:
      description: For a surprise, the causes that can be seen on this host, the most likely one first. Only the first
        200 surprises are explained.
      type: list
      elements: str
      returned: if there are any
    reason:
      description: Why there was no answer, or why the probe could not be sent, if the reason is known.
      type: str
      returned: if it is known
    as_expected:
      description: Whether the result was as expected.
      type: bool
      returned: always
  sample:
    - {from: red1, to: red2, address: 10.50.50.11, protocol: icmp, expect: reachable, seen: reachable, rtt: 0.051,
      as_expected: true}
surprises:
  description: For each probe that did not end as expected, a sentence, and one or two sentences with the most likely
    causes if they can be seen.
  returned: unless skipped
  type: list
  elements: str
inconclusive:
  description: How many probes could not be sent.
  returned: unless skipped
  type: int
  sample: 0
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _reachability


def main() -> None:
    """Run the module."""
    _reachability.run_reachability()


if __name__ == "__main__":
    main()
