# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of ovn_switch as those of an entry of ovn_topology.

`make schema` writes this file from the documentation of the module ovn_switch. Do not edit it.
"""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.topology_ovn_switch"""

    DOCUMENTATION = r"""
options:
  ovn_switch:
    suboptions:
      clear:
        description: >-
          Names of options that are reset to their defaults. This is needed because an option that is left out is left
          alone.
        type: list
        elements: str
      acls:
        description: >-
          The exact list of rules, rows of C(ACL). Rules of a switch apply to all its ports, and rules of a port group
          to the ports of the group.
        type: list
        elements: dict
        suboptions:
          direction:
            description: >-
              The direction of the packets as the port sees it. V(ingress) is what reaches the port (C(to-lport)), and
              V(egress) is what it sends (C(from-lport)).
            type: str
            required: true
            choices:
              - ingress
              - egress
          priority:
            description: The priority of the rule, 0 to 32767. The highest one decides.
            type: int
            default: 1000
          action:
            description: >-
              What becomes of the packet. V(allow-related) lets it pass, and the answers to it. V(allow) lets it pass
              without tracking its connection. V(drop) discards it, and V(reject) also answers that it does.
            type: str
            required: true
            choices:
              - allow-related
              - allow
              - drop
              - reject
          protocol:
            description: The protocol. V(icmp) is for IPv4 and IPv6. If left out, all.
            type: str
            choices:
              - tcp
              - udp
              - sctp
              - icmp
              - icmp4
              - icmp6
          from:
            description: >-
              The sources of the packets. That is a network such as V(10.0.0.0/24), an address, or the name of a port
              group or of an address set. If left out, all.
            type: str
          to:
            description: The destinations of the packets, in the same forms as the sources. If left out, all.
            type: str
          ports:
            description: >-
              Destination ports, 1 to 65535, or ranges such as V(8000-8080). Only with the protocol V(tcp), V(udp) or
              V(sctp). If left out, all.
            type: list
            elements: raw
          icmp_type:
            description: >-
              The type of ICMP, 0 to 255. Only with the protocol V(icmp), which then means V(icmp4), V(icmp4) or
              V(icmp6).
            type: int
          match:
            description: >-
              The match of a rule that exists already and that this collection did not compose, exactly as
              M(netloom.linux.ovn_info) reports it. It excludes the other options that make a match.
            type: str
          log:
            description: Whether the hosts log the packets that match.
            type: bool
            default: false
          name:
            description: A name for the log, up to 63 bytes.
            type: str
      name:
        description: Name of the switch, C(Logical_Switch.name). Up to 255 bytes, without white space.
        type: str
        required: true
      subnet:
        description: >-
          The IPv4 network from which OVN allots addresses to ports with the address V(dynamic), such as V(10.0.0.0/24);
          C(Logical_Switch.other_config:subnet).
        type: str
      exclude_ips:
        description: >-
          The exact list of addresses, and of ranges such as V(10.0.0.2..10.0.0.9), that OVN does not allot;
          C(Logical_Switch.other_config:exclude_ips). They must be in O(ovn_switch[].subnet).
        type: list
        elements: str
      ipv6_prefix:
        description: >-
          The IPv6 network of 64 bits from which OVN allots addresses to ports with the address V(dynamic), such as
          V(fd00:1::/64); C(Logical_Switch.other_config:ipv6_prefix). Cleared, OVN allots no IPv6 addresses.
        type: str
      mcast_snoop:
        description: >-
          Whether the switch learns from IGMP and MLD which ports want a multicast group;
          C(Logical_Switch.other_config:mcast_snoop). If never given, it floods multicast.
        type: bool
      other_config:
        description: >-
          The exact map of C(Logical_Switch.other_config), except for the keys of the options above. Values are stored
          as strings, V(true) and V(false) in lower case.
        type: dict
      external_ids:
        description: >-
          The exact map of C(Logical_Switch.external_ids), except for keys that begin with C(netloom-). Values are
          stored as strings.
        type: dict
      dns:
        description: >-
          The exact map of names to addresses that OVN itself answers on the switch. The value of a name is an address,
          or a list of addresses. Names are stored in lower case.
        type: dict
      localnet:
        description: >-
          The physical network that the switch continues, a port of the type C(localnet) with the name C(NAME-localnet).
          Each host maps the network to a bridge by C(ovn-bridge-mappings).
        type: dict
        suboptions:
          network:
            description: >-
              Name of the physical network; C(Logical_Switch_Port.options:network_name). Required, unless
              O(ovn_switch[].localnet) is empty.
            type: str
          tag:
            description: >-
              VLAN of the switch in the physical network, 1 to 4094. If left out or 0, the frames have no tag.
            type: int
      state:
        description: >-
          V(absent) deletes the switch with everything in it, whoever made it; its ports, rules and names, and the ports
          that lead to routers. Only O(ovn_switch[].name) is needed.
        type: str
        choices:
          - present
          - absent
        default: present
"""
