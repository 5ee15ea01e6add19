# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the module reachability."""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.reachability"""

    DOCUMENTATION = r"""
options:
  probes:
    description: The probes, each of which asks one question. At least one of O(probes), O(listeners), O(frames) and
      O(collect) is needed.
    type: list
    elements: dict
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
            V(arp) asks on the link who has an address, for IPv6 by neighbour discovery, and listens for 200 ms after
            the first answer. Two hosts with the same address are a surprise. It distinguishes hosts with the same
            address in different networks, see O(probes[].answered_by). Of a namespace it takes an IPv4 address.
          - V(ethernet) sends broadcast frames from every link of the source, and checks whether one arrives at the
            target. It does not use addresses, so it proves the isolation of networks even if their subnets are equal.
            The frames have the type 0x88B5, which is set aside for local experiments.
          - V(route) sends nothing. It asks the kernel whether it has a route to the address, see O(probes[].via).
          - >-
            V(dhcp) checks whether O(probes[].from) has a lease from the server O(probes[].to) in the records of the
            clients of M(netloom.linux.netns_dhcp_client). It checks whether the leased address is on the interface, and
            by ARP whether only the server has its address. If servers of different networks have equal addresses, a
            V(arp) probe with O(probes[].answered_by) distinguishes them.
          - V(dns) asks a server for the addresses of O(probes[].name), by UDP. An answer without an address is
            V(unreachable).
        type: str
        choices: [icmp, tcp, udp, arp, ethernet, route, dhcp, dns]
        default: icmp
      port:
        description:
          - The port, for V(tcp), V(udp) and V(dns).
          - If O(probes[].to) is a namespace, the port may be left out. The module then listens there on a free port.
          - The port of V(dns) is 53 if it is left out.
        type: int
      expect:
        description: The expected result. For V(route) and V(dhcp), V(reachable) means that it exists.
        type: str
        choices: [reachable, unreachable]
        default: reachable
      answered_by:
        description: For V(arp), the only namespace that may answer. Its links are recognised by their MAC addresses.
        type: str
      answered_by_mac:
        description: For V(arp), the only MAC address that may answer, such as that of an interface on another host. For
          V(dhcp), that of the server.
        type: str
      host:
        description:
          - The name of the other host on which O(probes[].to) is, for V(icmp), V(tcp), V(udp) and V(arp). It is named
            in messages. O(probes[].to) is then an address.
          - >-
            For V(tcp) and V(udp), O(probes[].port) is a port of O(listeners) of the same O(run) there. So the silence
            of that port proves that it is unreachable.
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
      name:
        description: For V(dns), the name, such as V(web) or V(web.example).
        type: str
      answers:
        description:
          - For V(dns), the addresses that the server has to tell, and no others. If left out, any IPv4 address will do.
          - They are all IPv4, or all IPv6, because a question is for one sort of them.
        type: list
        elements: str
  count:
    description: How many packets are sent for each probe, spread over O(timeout), until one is answered.
    type: int
    default: 3
  timeout:
    description:
      - How many seconds to wait for an answer. A probe that expects V(unreachable) takes all of them.
      - Many probes are sent as fast as they are answered, and are waited for as long as answers to some of them arrive.
    type: float
    default: 2.0
  allow_inconclusive:
    description:
      - Whether the task continues, with a warning, if a probe could not be sent and so proves nothing.
        RV(reachability[].as_expected) is still V(false) for that probe.
    type: bool
    default: false
  run:
    description:
      - The name of a run over several hosts, 8 to 64 letters, digits, C(-) or C(_). It is the same on all hosts, and
        new for each run. Listeners answer only datagrams of their run, and note only its frames.
      - Needed with O(listeners), O(frames), O(collect), and for O(probes[].host) with V(tcp) or V(udp).
    type: str
  listeners:
    description:
      - Interfaces at which the module listens from now on, until a task with O(collect), or for O(listen_seconds).
      - An interface that does not exist, or is down, does not fail the task. RV(listening[].problem) tells it.
    type: list
    elements: dict
    suboptions:
      netns:
        description: The namespace. If left out, the namespace in which the module runs.
        type: str
      interface:
        description: The interface.
        type: str
        required: true
      protocols:
        description: V(tcp) and V(udp) listen on a free port, at this interface only. V(ethernet) notes the O(frames)
          that arrive.
        type: list
        elements: str
        choices: [tcp, udp, ethernet]
        default: [tcp, udp, ethernet]
      tcp_ports:
        description: Ports of TCP at which the module listens, too. One at which a service listens is left to it.
        type: list
        elements: int
      udp_ports:
        description: Ports of UDP at which the module listens, too. One at which a service listens is left to it.
        type: list
        elements: int
  listen_seconds:
    description: After how many seconds the listeners end by themselves, from 1 to 3600.
    type: int
    default: 60
  frames:
    description: Broadcast frames to send, O(count) times each. They have the type 0x88B5, so no host takes them for
      something else, unless they have an O(frames[].address). All listeners that they reach note their names.
    type: list
    elements: dict
    suboptions:
      from:
        description: The namespace. If left out, the namespace in which the module runs.
        type: str
      interface:
        description: The interface.
        type: str
        required: true
      name:
        description: What the listeners that hear the frame note, such as V(node1/red1/eth0). At most 200 bytes.
        type: str
        required: true
      address:
        description: An IPv4 address of the interface. The frame then announces it by ARP, and carries the name behind
          that. So it passes where only known types of frames do, as through port security of OVN.
        type: str
  collect:
    description: Whether to end the listeners of O(run) on this host, and to return what they heard.
    type: bool
    default: false
"""
