#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module reachability; the documentation below says what it does."""

from __future__ import annotations

DOCUMENTATION = r"""
module: reachability
short_description: Prove by packets who reaches whom, and who does not
version_added: 0.1.0
author:
  - The netloom authors (@netloom)
description:
  - Sends packets from network namespaces (or the host) and compares what arrives with what is expected.
  - All probes run at once, in one process, so a thousand take hardly longer than one.
  - A surprise fails the task; the message names all of them.
  - Nothing is changed, and no program is needed on the managed node.
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
          - V(tcp) opens a connection. Without O(probes[].port) it opens a listener on a free port in the namespace that O(probes[].to) names,
            and 512 bytes have to go there and back.
          - V(arp) asks on the link who has an IPv4 address. It tells apart hosts of one address in different networks; see O(probes[].answered_by).
          - V(ethernet) sends broadcast frames from every link of the source, and looks whether one arrives at the target. Addresses play no part,
            so it proves the isolation of networks whose subnets are equal. The frames have the type 0x88B5, which is set aside for local experiments.
        type: str
        choices: [icmp, tcp, arp, ethernet]
        default: icmp
      port:
        description: The port, for V(tcp). It is required if O(probes[].to) is an address.
        type: int
      expect:
        description: What is to be seen.
        type: str
        choices: [reachable, unreachable]
        default: reachable
      answered_by:
        description: For V(arp), the namespace that alone is to answer. Its links are known by their MAC addresses.
        type: str
  count:
    description: How many packets are sent for a probe, spread over O(timeout), until one is answered.
    type: int
    default: 3
  timeout:
    description: How many seconds to wait. A probe that expects V(unreachable) takes all of them.
    type: float
    default: 2.0
attributes:
  check_mode:
    description: Can run in check_mode and return changed status prediction without modifying the target.
    support: full
    details:
      - In check mode no packets are sent, since what they are to prove may not be there yet. The task is reported as skipped, with a warning.
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
      description: What was seen, V(reachable) or V(unreachable).
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
    reason:
      description: Why there was no answer, if that is known.
      type: str
      returned: if it is known
    as_expected:
      description: Whether it was as expected.
      type: bool
      returned: always
  sample:
    - {from: red1, to: red2, address: 10.50.50.11, protocol: icmp, expect: reachable, seen: reachable, rtt: 0.051, as_expected: true}
surprises:
  description: A sentence for each probe that did not end as expected.
  returned: unless skipped
  type: list
  elements: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine._reachability import run_reachability


def main() -> None:
    """Run it."""
    run_reachability()


if __name__ == "__main__":
    main()
