# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of OVN's switches and port groups."""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.ovn_acls"""

    DOCUMENTATION = r"""
options:
  acls:
    description:
      - The exact list of rules, rows of C(ACL). Rules of a switch apply to all its ports, and rules of a port group to
        the ports of the group.
      - The rule with the highest priority that matches decides. A packet that no rule matches passes.
    type: list
    elements: dict
    suboptions:
      direction:
        description: The direction of the packets as the port sees it. V(ingress) is what reaches the port
          (C(to-lport)), and V(egress) is what it sends (C(from-lport)).
        type: str
        choices: [ingress, egress]
        required: true
      priority:
        description: The priority of the rule, 0 to 32767. The highest one decides.
        type: int
        default: 1000
      action:
        description: What becomes of the packet. V(allow-related) lets it pass, and the answers to it. V(allow) lets it
          pass without tracking its connection. V(drop) discards it, and V(reject) also answers that it does.
        type: str
        choices: [allow-related, allow, drop, reject]
        required: true
      protocol:
        description: The protocol. V(icmp) is for IPv4 and IPv6. If left out, all.
        type: str
        choices: [tcp, udp, sctp, icmp, icmp4, icmp6]
      from:
        description: The sources of the packets. That is a network such as V(10.0.0.0/24), an address, or the name of a
          port group or of an address set. If left out, all.
        type: str
      to:
        description: The destinations of the packets, in the same forms as the sources. If left out, all.
        type: str
      ports:
        description: Destination ports, 1 to 65535, or ranges such as V(8000-8080). Only with the protocol V(tcp),
          V(udp) or V(sctp). If left out, all.
        type: list
        elements: raw
      icmp_type:
        description: The type of ICMP, 0 to 255. Only with the protocol V(icmp), which then means V(icmp4), V(icmp4) or
          V(icmp6).
        type: int
      match:
        description:
          - The match of a rule that exists already and that this collection did not compose, exactly as
            M(netloom.linux.ovn_info) reports it. It excludes the other options that make a match.
          - A new match is refused, because no part of OVN refuses a wrong one. The database would take it, and no host
            would obey it.
        type: str
      log:
        description: Whether the hosts log the packets that match.
        type: bool
        default: false
      name:
        description: A name for the log, up to 63 bytes.
        type: str
"""
