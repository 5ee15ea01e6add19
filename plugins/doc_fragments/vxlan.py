# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of a VXLAN: where it sends."""

from __future__ import annotations


class ModuleDocFragment:
    """netloom.linux.vxlan."""

    DOCUMENTATION = r"""
options:
  remote:
    description: Address of the only other end of a V(vxlan). For several ends give O(remotes). A multicast group is
      possible here, too, as in O(group).
    type: str
  local:
    description: Source address of a V(vxlan). All ends of a V(vxlan) are of its IP version, and without it of IPv4.
    type: str
  port:
    description: UDP port of a V(vxlan); 4789 (RFC 7348) if left out.
    type: int
  group:
    description:
      - Multicast group of a V(vxlan), whose members are the other ends. The V(vxlan) joins the group by O(parent),
        which is required.
      - It excludes O(remote) and O(remotes).
    type: str
  remotes:
    description:
      - The exact list of the other ends of a V(vxlan), to each of which it sends what it knows no better place for,
        such as broadcasts (head-end replication, C(bridge fdb append 00:00:00:00:00:00 dev ... dst ...)).
      - An end that is missing, or that somebody added, is mended alone, and nothing else is disturbed.
      - If left out, the ends that somebody added are left alone. It excludes O(remote) and O(group).
    type: list
    elements: str
  fdb:
    description:
      - The exact list of the MAC addresses of which a V(vxlan) knows behind which end they are (C(bridge fdb replace
        ... dev ... dst ...)). To other MAC addresses it sends by O(remotes), O(remote) or O(group).
      - Entries that the kernel learned (O(learning)) or that a routing daemon wrote are left alone, and so are those of
        multicast MAC addresses. An entry that is declared replaces a learned one.
      - If left out, the entries that somebody wrote are left alone.
    type: list
    elements: dict
    suboptions:
      mac:
        description: The MAC address. Quote it.
        type: str
        required: true
      remote:
        description: Address of the end behind which it is.
        type: str
        required: true
      port:
        description: UDP port of that end. If left out, O(port).
        type: int
      vni:
        description: The number by which that end knows the network. If left out, O(id).
        type: int
  learning:
    description: Whether a V(vxlan) learns from the frames that it receives which MAC address is behind which end. A new
      one learns. It can be changed without recreating the link, and what was learned before is left to age.
    type: bool
  ttl:
    description:
      - TTL or hop limit of the packets of a V(vxlan); 1 to 255, V(auto) (or 0), or V(inherit).
      - V(auto), that of a new V(vxlan), leaves it to the kernel, which sends to a multicast group with 1.
      - V(inherit) takes it from the packet inside. Only a change from or to V(inherit) recreates the link.
    type: str
"""
