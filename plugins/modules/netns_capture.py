#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module netns_capture; the documentation below says what it does."""

from __future__ import annotations

DOCUMENTATION = r"""
module: netns_capture
short_description: Look at the packets of an interface in a namespace, for a bounded time and number
version_added: 1.0.0
author:
  - The netloom authors (@netloom)
extends_documentation_fragment:
  - netloom.linux.common.info
  - netloom.linux.reasons
description:
  - Captures what passes an interface in a network namespace, or of the host, and returns a summary. With O(dest) the
    packets are written as a pcap file on the control node, which C(tcpdump -r) and Wireshark read.
  - At several O(points) of a host it captures at the same time. Run on several hosts, the task captures on all of them
    at the same time.
  - It ends after O(seconds), or when each point has O(count) packets. If Ansible is killed, it ends within a second
    where the connection tells that it is closed, and after O(seconds) otherwise. Nothing of it is left on the host,
    neither a file nor a process.
  - It needs no tcpdump on the managed node, and changes nothing there.
  - VLAN tags are in the packets, as they are on the wire, although the kernel takes them out of what it receives.
  - The kernel hands over packets as it handles them. With offloading they may be larger than the MTU, and the checksums
    of packets that the host itself sends may not be there yet.
requirements:
  - pyroute2 >= 0.7.2
  - Linux, and the rights of root over the namespaces
attributes:
  check_mode:
    description: Can run in check_mode and return changed status prediction without modifying the target.
    support: full
    details:
      - In check mode nothing is captured, because the interface may not exist yet. The task is reported as skipped.
  platform:
    description: Target OS/families that can be operated against.
    support: full
    platforms: linux
options:
  netns:
    description: The namespace. If left out, the namespace in which the module runs, which is normally the host's.
    type: str
    aliases: [namespace]
  interface:
    description: The interface at which packets are captured. Either this or O(points) is needed.
    type: str
  ping:
    description:
      - IP addresses that get an echo request each second from O(netns), so that there is something to see. Whether they
        answer does not matter.
    type: list
    elements: str
  points:
    description: Several interfaces at which packets are captured at the same time, at most 50. Excludes O(netns),
      O(interface) and O(ping).
    type: list
    elements: dict
    suboptions:
      netns:
        description: As O(netns).
        type: str
        aliases: [namespace]
      interface:
        description: As O(interface).
        type: str
        required: true
      ping:
        description: As O(ping).
        type: list
        elements: str
  count:
    description: How many packets are captured at a point, 1 to 10000.
    type: int
    default: 100
  seconds:
    description: After how many seconds the capture ends, 1 to 600.
    type: int
    default: 10
  snaplen:
    description:
      - How many bytes of each packet are kept, 64 to 65535. The filter and the summary see the whole packet in any
        case.
      - All packets of a task together may have 8 MiB. Then the capture ends, and RV(captures[].ended_by) is V(bytes).
    type: int
    default: 65535
  direction:
    description: Whether to capture what the interface receives (V(in)), what it sends (V(out)), or both.
    type: str
    choices: [in, out, both]
    default: both
  filter:
    description:
      - Which packets are taken. A packet must fulfil all of these. If left out, all packets are taken.
      - A packet that carries a frame in a tunnel (VXLAN on port 4789, Geneve on port 6081, GRE) is also taken if that
        frame fulfils them. So the packets of a member can be found on the NIC of its host.
    type: dict
    suboptions:
      protocol:
        description: The protocol. V(icmp) and V(dhcp) are those of both IP versions. V(icmp) has the neighbour
          discovery of IPv6, which is for IPv6 what V(arp) is for IPv4.
        type: str
        choices: [arp, ipv4, ipv6, icmp, tcp, udp, dhcp]
      host:
        description: An IP address or a MAC address, of the sender or the receiver. In ARP also the address that is
          asked for.
        type: str
      port:
        description: A port of TCP or UDP, of the sender or the receiver.
        type: int
      vlan:
        description: A VLAN tag that the frame has, 1 to 4094.
        type: int
      vni:
        description: The VNI of a VXLAN or Geneve tunnel, or the key of a GRE tunnel. The other conditions are those of
          the tunnel's packet, or of the frame in it.
        type: int
  promiscuous:
    description:
      - Whether to see also what is for other MAC addresses. On a Linux bridge and its ports this makes no difference.
      - It lasts as long as the capture. The kernel ends it with the module's process, whatever becomes of that.
    type: bool
    default: false
  dest:
    description:
      - A path on the control node. The packets are written there, and are not in the result.
      - If it ends in C(.pcap), it is the file for the only point. Otherwise it is a folder, which is made if it is not
        there, and each point has a file C(HOST.NETNS.INTERFACE.pcap) in it. An existing file is replaced.
      - The file can be read by its owner only, because packets may contain secrets.
      - With C(async) the task does not write it.
    type: path
seealso:
  - module: netloom.linux.reachability
  - module: netloom.linux.netns_info
  - name: A look at packets
    description: A guide, with the playbook C(netloom.linux.capture), which finds members by their names.
    link: https://github.com/netloom/ansible-netloom-linux/blob/main/docs/guide-capture.md
"""

EXAMPLES = r"""
- name: Two namespaces with a cable between them
  netloom.linux.topology:
    name: cable
    netns: [{name: red}, {name: green}]
    veth:
      - name: eth0
        netns: red
        addresses: [10.0.0.1/24]
        peer: {name: eth0, netns: green, addresses: [10.0.0.2/24]}

- name: What arrives at green while red pings it
  netloom.linux.netns_capture:
    points:
      - {netns: red, interface: eth0, ping: [10.0.0.2]}
      - {netns: green, interface: eth0}
    count: 4
    seconds: 3
  register: seen

- name: Show it
  ansible.builtin.debug:
    var: seen.summary

- name: Keep the ARP packets of one address in a file
  netloom.linux.netns_capture:
    netns: green
    interface: eth0
    seconds: 2
    filter: {protocol: arp, host: 10.0.0.1}
    dest: captures

- name: The network is deleted
  netloom.linux.topology: {name: cable, state: absent}
"""

RETURN = r"""
packets:
  description: How many packets were captured, at all points.
  returned: success
  type: int
  sample: 4
dropped:
  description: How many packets the kernel dropped because they came faster than they were read, before the filter.
  returned: success
  type: int
  sample: 0
summary:
  description: What passed, in words. For each point a heading, and a line for each sort of packets with their number,
    at most 20. C(*) is a port that was chosen for one connection.
  returned: success
  type: list
  elements: str
  sample:
    - "green/eth0: 4 packets in 1.0 s"
    - "  1  02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff  arp who has 10.0.0.2? tell 10.0.0.1"
    - "  1  02:00:00:00:00:02 > 02:00:00:00:00:01  arp 10.0.0.2 is at 02:00:00:00:00:02"
    - "  1  10.0.0.1 > 10.0.0.2  icmp echo request"
    - "  1  10.0.0.2 > 10.0.0.1  icmp echo reply"
files:
  description: The files on the control node.
  returned: with O(dest)
  type: list
  elements: str
  sample: [/srv/captures/node1.green.eth0.pcap]
captures:
  description: What was captured at each point, in order. Empty in check mode.
  returned: success
  type: list
  elements: dict
  contains:
    netns: {description: The namespace or null., type: str, returned: always}
    interface: {description: The interface., type: str, returned: always}
    packets: {description: The number of packets., type: int, returned: always}
    dropped: {description: How many the kernel dropped., type: int, returned: always}
    seconds: {description: How long it took., type: float, returned: always}
    ended_by:
      description: Why it ended, V(count), V(seconds), V(bytes) if the packets had 8 MiB, or V(gone) if the interface
        was deleted.
      type: str
      returned: always
    summary: {description: What passed at this point., type: list, elements: str, returned: always}
    dest: {description: The file on the control node., type: str, returned: with O(dest)}
    content: {description: The pcap file., type: str, returned: without O(dest)}
    encoding: {description: The encoding of the content., type: str, returned: without O(dest)}
  sample:
    - {netns: green, interface: eth0, packets: 4, dropped: 0, seconds: 1.0, ended_by: count, summary: [],
      dest: /srv/captures/node1.green.eth0.pcap}
reason:
  description: The kind of the error in one word, such as V(unreachable). The attributes have all of them.
  returned: when the module failed
  type: str
"""

from ansible_collections.netloom.linux.plugins.module_utils._engine import _capture_module


def main() -> None:
    """Run the module."""
    _capture_module.run_capture()


if __name__ == "__main__":
    main()
