#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module reachability; the documentation below says what it does."""

from __future__ import annotations

DOCUMENTATION = r"""
module: reachability
short_description: Prove by packets who reaches whom, by which way, and who does not
version_added: 0.1.0
author:
  - The netloom authors (@netloom)
description:
  - Sends packets from network namespaces (or the host) and compares what arrives with what is expected.
  - All probes run at once, in one process, so a thousand take hardly longer than one.
  - >-
    A surprise fails the task. The message names each surprise with its most likely causes, two at most, as far as it can be seen on this host, and the remedy:
    links that are down or on different bridges, OVS tags, isolated ports, routes, forwarding, reverse path filters, packet filters, checksum offload, MTUs,
    neighbours, addresses that are there twice, services that do not listen. RV(reachability[].causes) has all causes that were found.
  - >-
    A probe that could not be made proves nothing: it is V(inconclusive), and fails the task whatever it expects. That is so without the right to send
    or to listen, and where V(unreachable) is expected of a target or from a source without an address, or without a link that is up (V(ethernet), V(arp)).
    See O(allow_inconclusive).
  - Nothing is changed, and no program is needed on the managed node. To see packet filters, C(nft) is asked if it is there.
  - >-
    The kernel has room for 1024 neighbours by default, in all namespaces together. More than 200 probes in one task are sent by turns, as room
    permits, and the kernel is made to forget in which place their addresses are; whoever needs one asks again.
requirements:
  - pyroute2 >= 0.7.2
  - Linux, and root's rights over the namespaces
options:
  probes:
    description: The questions.
    type: list
    elements: dict
    required: true
    suboptions:
      from:
        description: The namespace that the packets leave from. Left out, it is the one that the module runs in.
        type: str
      to:
        description:
          - An IP address, or the name of a namespace.
          - Of a namespace the address is looked up, the one in a subnet of the source if there is one, else the first; IPv4 comes before IPv6.
        type: str
        required: true
      protocol:
        description:
          - V(icmp) sends echo requests, and takes answers from the very address.
          - >-
            V(tcp) opens a connection. Where the module itself listens, 4096 bytes have to go there and back; see O(probes[].port) and O(probes[].listen).
          - >-
            V(udp) sends a datagram. Any answer from the port is V(reachable), and ICMP's "port unreachable" is V(unreachable). Where the module itself
            listens, the path is proven. A service need not answer what it does not understand, so its silence is V(unreachable), and proves nothing,
            unless O(probes[].listen) is set.
          - >-
            V(arp) asks on the link who has an IPv4 address, and listens for 200 ms after the first answer. Two hosts with one address are a surprise.
            It tells apart hosts of one address in different networks; see O(probes[].answered_by).
          - V(ethernet) sends broadcast frames from every link of the source, and looks whether one arrives at the target. Addresses play no part,
            so it proves the isolation of networks whose subnets are equal. The frames have the type 0x88B5, which is set aside for local experiments.
          - V(route) sends nothing, and asks the kernel whether it has a route to the address; see O(probes[].via).
          - >-
            V(dhcp) looks whether O(probes[].from) has a lease from the server O(probes[].to), as the clients of M(netloom.linux.netns_dhcp_client)
            wrote it down, whether the leased address is on the interface, and by ARP whether the server alone has its address. Where servers of
            different networks have equal addresses, a probe by V(arp) with O(probes[].answered_by) tells them apart.
        type: str
        choices: [icmp, tcp, udp, arp, ethernet, route, dhcp]
        default: icmp
      port:
        description:
          - The port, for V(tcp) and V(udp).
          - If O(probes[].to) is a namespace it may be left out. The module then listens there on a free port.
        type: int
      expect:
        description: What is to be seen. For V(route) and V(dhcp), V(reachable) means that there is such a route or lease.
        type: str
        choices: [reachable, unreachable]
        default: reachable
      answered_by:
        description: For V(arp), the namespace that alone is to answer. Its links are known by their MAC addresses.
        type: str
      listen:
        description:
          - For V(tcp) and V(udp), whether the module listens on the port itself while it probes, so that no service is needed.
          - >-
            If a service listens there already, it is left alone and probed. Of V(udp) it then counts that the datagram is delivered in its namespace,
            whether the service answers or not. The listener answers all probes of the task.
        type: bool
        default: false
      listen_in:
        description:
          - The namespace in which to listen, if it is not the one in O(probes[].to).
          - >-
            With a published port, O(probes[].to) is the address and O(probes[].port) the port that the outside sees, and the listener is in the
            member behind it.
        type: str
      listen_port:
        description: The port on which to listen, if it is not O(probes[].port).
        type: int
      size:
        description:
          - For V(icmp) and V(udp), how many bytes the packet has, its IP header included. It must not be fragmented, so it proves the MTU of the way.
          - It may lie between 68 and 65507.
        type: int
      via:
        description: The gateway's address, or the name of the link, by which the packets are to leave. The kernel is asked, as C(ip route get) does.
        type: str
      hops:
        description:
          - For V(icmp), the routers that the packets are to meet on their way, as C(traceroute) would show them. An empty list means none.
          - At most 16.
        type: list
        elements: str
      interface:
        description: For V(dhcp), the interface that has the lease, if any other does not count.
        type: str
      range:
        description: For V(dhcp), where the leased address has to lie, as V(10.0.0.10-10.0.0.99) or V(10.0.0.0/24).
        type: str
  count:
    description: How many packets are sent for a probe, spread over O(timeout), until one is answered.
    type: int
    default: 3
  timeout:
    description: How many seconds to wait. A probe that expects V(unreachable) takes all of them.
    type: float
    default: 2.0
  allow_inconclusive:
    description:
      - Whether the task goes on, with a warning, where a probe could not be made and so proves nothing. RV(reachability[].as_expected) is V(false) all
        the same.
    type: bool
    default: false
attributes:
  check_mode:
    description: Can run in check_mode and return changed status prediction without modifying the target.
    support: full
    details:
      - In check mode nothing is sent or asked, since what the probes are to prove may not be there yet. The task is reported as skipped, with a warning.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in check_mode), when in diff mode.
    support: none
    details:
      - It changes nothing.
  platform:
    description: Target OS/families that can be operated against.
    support: full
    platforms: linux
seealso:
  - module: netloom.linux.netns_info
  - ref: netloom.linux.verify role <ansible_collections.netloom.linux.verify_role>
    description: Makes the probes from what was declared.
"""

EXAMPLES = r"""
- name: Two namespaces on one bridge, and a third one on another
  netloom.linux.topology:
    name: colours
    netns:
      - name: red1
      - name: red2
      - name: green1
    linux_bridge:
      - name: br-red
        addresses: [10.50.50.254/24]
      - name: br-green
    veth:
      - {name: v-red1, master: br-red, peer: {name: eth0, netns: red1, addresses: [10.50.50.11/24]}}
      - {name: v-red2, master: br-red, peer: {name: eth0, netns: red2, addresses: [10.50.50.12/24]}}
      - {name: v-green1, master: br-green, peer: {name: eth0, netns: green1, addresses: [10.50.50.12/24]}}

- name: The two reach each other, and the third one is apart
  netloom.linux.reachability:
    probes:
      - {from: red1, to: red2}
      - {from: red1, to: red2, protocol: tcp}
      - {from: red1, to: green1, protocol: ethernet, expect: unreachable}

- name: An address is the neighbour's own, though another network has it too
  netloom.linux.reachability:
    probes:
      - {from: red1, to: 10.50.50.12, protocol: arp, answered_by: red2}

- name: A datagram and a large packet pass, straight and by eth0; a service that is to come on port 8080 will be reached
  netloom.linux.reachability:
    probes:
      - {from: red1, to: red2, protocol: udp, size: 1500}
      - {from: red1, to: red2, via: eth0, hops: []}
      - {from: red1, to: red2, protocol: tcp, port: 8080, listen: true}
      - {from: red1, to: 10.50.50.254, protocol: route, via: eth0}
      - {from: red1, to: 192.0.2.1, protocol: route, expect: unreachable}

- name: Nobody has a lease here
  netloom.linux.reachability:
    probes:
      - {from: red1, to: 10.50.50.254, protocol: dhcp, range: 10.50.50.10-10.50.50.99, expect: unreachable}

- name: From the host a namespace is reached, and a port without a service is not
  netloom.linux.reachability:
    probes:
      - {to: 10.50.50.11}
      - {to: 10.50.50.11, protocol: tcp, port: 80, expect: unreachable}
    timeout: 5

- name: It is gone
  netloom.linux.topology:
    name: colours
    state: absent
"""

RETURN = r"""
reachability:
  description: The probes, in order, each with what was seen. Also there when the task fails; empty in check mode.
  returned: always
  type: list
  elements: dict
  contains:
    from:
      description: The namespace that it came from, or null.
      type: str
      returned: always
    to:
      description: The address or namespace, as given.
      type: str
      returned: always
    address:
      description: The address that the packets went to.
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
      description: What was seen, V(reachable) or V(unreachable); V(inconclusive) if the probe could not be made.
      type: str
      returned: always
    rtt:
      description: The time until the answer, in milliseconds.
      type: float
      returned: if there was an answer
    answered_by:
      description: The namespaces that answered, or their MAC addresses if those are not known.
      type: list
      elements: str
      returned: for V(arp)
    route:
      description: The RV(reachability[].route.gateway), RV(reachability[].route.device) and RV(reachability[].route.source) by which packets leave.
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
          description: The address that the packets come from.
          type: str
          returned: if there is a route
    hops:
      description: The routers that the packets met; V(*) is one that kept silent.
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
          description: Until when, in UTC. Null is for ever.
          type: str
          returned: always
    causes:
      description: Of a surprise, the causes that can be seen on this host, the most likely one first. Only the first 200 surprises are explained.
      type: list
      elements: str
      returned: if there are any
    reason:
      description: Why there was no answer, or why the probe could not be made, if that is known.
      type: str
      returned: if it is known
    as_expected:
      description: Whether it was as expected.
      type: bool
      returned: always
  sample:
    - {from: red1, to: red2, address: 10.50.50.11, protocol: icmp, expect: reachable, seen: reachable, rtt: 0.051, as_expected: true}
surprises:
  description: For each probe that did not end as expected, a sentence, and one or two with the most likely causes if they can be seen.
  returned: unless skipped
  type: list
  elements: str
inconclusive:
  description: How many probes could not be made.
  returned: unless skipped
  type: int
  sample: 0
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _reachability


def main() -> None:
    """Run it."""
    _reachability.run_reachability()


if __name__ == "__main__":
    main()
