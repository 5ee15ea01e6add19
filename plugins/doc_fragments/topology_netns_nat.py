# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of netns_nat as those of an entry of topology.

`make schema` writes this file from the documentation of the module netns_nat. Do not edit it.
"""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.topology_netns_nat"""

    DOCUMENTATION = r"""
options:
  netns_nat:
    suboptions:
      clear:
        description: >-
          Names of options that are reset to their defaults. This is needed because an option that is left out is left
          alone.
        type: list
        elements: str
      name:
        description: >-
          The name of the table, without the prefix C(netloom_). Up to 64 letters, digits, C(_), C(.) and C(-).
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
            description: The source network of the packets, such as V(10.0.0.0/24).
            type: str
          out_interface:
            description: >-
              Only packets that leave by this link, which need not exist yet. Without
              O(netns_nat[].masquerade[].source), all packets that leave by it.
            type: str
      source_nat:
        description: >-
          The exact list of sources whose packets leave with a given address. These entries are applied before
          O(netns_nat[].masquerade), and the first entry that matches decides.
        type: list
        elements: dict
        suboptions:
          source:
            description: >-
              The source network, or one source address, of the packets. As in O(netns_nat[].masquerade[].source).
            type: str
          out_interface:
            description: Only packets that leave by this link.
            type: str
          to:
            description: >-
              The address with which the packets leave. The host should have it. Otherwise answers do not find their way
              back.
            type: str
            required: true
      publish:
        description: >-
          The exact list of published ports, which lead to another address, for outside hosts and for the host itself.
        type: list
        elements: dict
        suboptions:
          protocol:
            description: The protocol. For TCP and UDP, make two entries.
            type: str
            choices:
              - tcp
              - udp
              - all
            default: tcp
          address:
            description: >-
              The address on which the port is published. If left out, all addresses of the host, including those that
              it gets later.
            type: str
          port:
            description: The port that others use. Required unless O(netns_nat[].publish[].protocol=all).
            type: int
          to_address:
            description: The address to which the port leads.
            type: str
            required: true
          to_port:
            description: >-
              The port at O(netns_nat[].publish[].to_address). If left out, the same as O(netns_nat[].publish[].port).
            type: int
          localhost:
            description: >-
              Whether the port is also published on the loopback addresses (C(127.0.0.0/8)). For IPv4 only, because the
              kernel cannot do this for IPv6.
            type: bool
            default: false
      floating:
        description: >-
          The exact list of addresses that stand for another address, one to one. Packets to the floating address reach
          the other address, on all ports, and packets from the other address leave with the floating address, through
          any link. These entries are applied before O(netns_nat[].source_nat) and O(netns_nat[].masquerade).
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
        description: >-
          Whether a published port or a floating address also works for the neighbours of its target, and for the target
          itself. Their packets then reach the target with the address of the host as their source.
        type: bool
      forward:
        description: >-
          The exact list of who may connect to whom through this host. The first entry that matches decides. Packets
          that match no entry pass.
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
            description: >-
              Whether the connections are allowed. Otherwise their packets are dropped, including those of existing
              connections.
            type: bool
            default: true
      ip_forward:
        description: >-
          Whether the namespace forwards packets (C(net.ipv4.ip_forward), and C(net.ipv6.conf.all.forwarding) if an
          entry is about IPv6). The module switches it on or off, and restores the earlier value when the last table
          with this option is deleted.
        type: bool
      beside_docker:
        description: >-
          Docker sets the policy of the chain C(FORWARD) of iptables to drop. If that affects the networks of an entry,
          the module warns.
        type: bool
      state:
        description: >-
          V(absent) deletes the table and the rules of O(netns_nat[].beside_docker), and restores forwarding. Only
          O(netns_nat[].name) and O(netns_nat[].netns) are needed.
        type: str
        choices:
          - present
          - absent
        default: present
"""
