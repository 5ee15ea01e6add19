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
extends_documentation_fragment:
  - netloom.linux.reachability
  - netloom.linux.reasons
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
  - To prove that packets get from one host to another, three tasks work together, each on all hosts at the same time
    (strategy C(linear), no C(serial)). The first one has O(listeners), the second one O(probes) and O(frames), and the
    third one O(collect). What was sent and what was heard is compared on the control node; the role C(verify) does so.
    The listeners are one process, which ends with the third task, or after O(listen_seconds). Nothing of it is left,
    even if Ansible was killed.
  - The module changes nothing, and needs no program on the managed node. To see packet filters, it asks C(nft) if that
    is installed.
  - By default the kernel has room for 1024 neighbours in all namespaces together. If a task has more than 200 probes,
    the module sends them in turns as room permits, and makes the kernel forget the link-layer addresses of the
    neighbours. A host that needs such an address asks again.
requirements:
  - pyroute2 >= 0.7.2
  - Linux, and the rights of root over the namespaces
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

- name: A frame is heard where it should be, and nowhere else; over several hosts this takes three tasks
  netloom.linux.reachability:
    run: colours-2026
    listeners:
      - {netns: red2, interface: eth0}
      - {netns: green1, interface: eth0, protocols: [ethernet]}
    frames:
      - {from: red1, interface: eth0, name: red1}
    collect: true
  register: proven
  failed_when: proven.heard | selectattr('frames') | map(attribute='netns') != ['red2']

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
    answered_by_macs:
      description: The MAC addresses that answered.
      type: list
      elements: str
      returned: for V(arp)
    host:
      description: The host of the target.
      type: str
      returned: if it was given
    name:
      description: The name that was asked for.
      type: str
      returned: for V(dns)
    answers:
      description: The addresses that the server told.
      type: list
      elements: str
      returned: for V(dns), if it told any
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
listening:
  description: For each listener where it is. What depends on the interface is there if the interface is.
  returned: with O(listeners)
  type: list
  elements: dict
  contains:
    netns: {description: The namespace., type: str, returned: always}
    interface: {description: The interface., type: str, returned: always}
    problem: {description: Why nobody listens there., type: str, returned: always}
    ports: {description: The free ports by protocol., type: dict, returned: if somebody listens}
    served: {description: The wanted ports by protocol., type: dict, returned: if there are any}
    taken: {description: Wanted ports at which a service listens., type: dict, returned: if there are any}
    mac: {description: The MAC address., type: str, returned: if it exists}
    mtu: {description: The MTU., type: int, returned: if it exists}
    addresses: {description: The addresses., type: list, elements: str, returned: if it exists}
    bridge: {description: The bridge to which it is connected., type: str, returned: if it exists}
  sample:
    - {netns: red2, interface: eth0, mac: "02:00:00:00:00:02", mtu: 1450, addresses: [10.50.50.12/24], bridge: br-red,
      ports: {tcp: 40123, udp: 40456}, problem: null}
tunnels:
  description: The tunnels of the host, of the kernel (VXLAN) and of Open vSwitch, and where they send frames. C(stuck)
    has the address from which a tunnel cannot leave, with its link, because it is on no Open vSwitch bridge.
  returned: with O(listeners)
  type: list
  elements: dict
  sample:
    - {name: vx-red, type: vxlan, number: 4100, port: 4789, local: 192.0.2.1, remotes: [192.0.2.2], group: null,
      fdb: {}, learning: false, bridge: br-red, mtu: 1450, up: true, stuck: {}}
addresses:
  description: The addresses of the host itself.
  returned: with O(listeners)
  type: list
  elements: str
ovn:
  description: What the host is for OVN, its name, the address of its tunnels, its bridge mappings and logical ports.
    And what the southbound database has about chassis and about these ports.
  returned: with O(listeners), on a chassis of OVN
  type: dict
frames:
  description: The frames, in order.
  returned: with O(frames)
  type: list
  elements: dict
  contains:
    name: {description: The name., type: str, returned: always}
    problem: {description: Why it could not be sent., type: str, returned: always}
  sample: [{name: node1/red1/eth0, problem: null}]
heard:
  description: What each listener heard, the names of frames, and the addresses of peers by TCP and UDP.
  returned: with O(collect)
  type: list
  elements: dict
  sample: [{netns: red2, interface: eth0, frames: [node1/red1/eth0], tcp: [10.50.50.11], udp: [10.50.50.11]}]
underlay:
  description: Frames of the run as they arrived at the host inside of tunnels (VXLAN, Geneve, GRE).
  returned: with O(collect)
  type: list
  elements: dict
  sample: [{name: node1/red1/eth0, sender: 192.0.2.1, number: 4100, port: 4789}]
reason:
  description:
    - The kind of the error in one word, such as V(unreachable). The attributes have all of them.
    - V(surprise), if a probe did not end as expected. All of them are in RV(surprises).
  returned: when the module failed
  type: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _reachability


def main() -> None:
    """Run the module."""
    _reachability.run_reachability()


if __name__ == "__main__":
    main()
