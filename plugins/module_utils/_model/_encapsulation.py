# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What standards fix for tunnels that carry Ethernet frames: UDP ports, numbers of networks, and bytes of headers."""

from __future__ import annotations

import re

VXLAN, GENEVE, GRE = TYPES = ("vxlan", "geneve", "gre")
PORTS = {VXLAN: 4789, GENEVE: 6081}  # of UDP (RFC 7348, RFC 8926); GRE has none
HIGHEST_NUMBER = {VXLAN: 2**24 - 1, GENEVE: 2**24 - 1, GRE: 2**32 - 1}  # the VNI; of GRE the key (RFC 2890)
IP_HEADERS = {4: 20, 6: 40}
# UDP with VXLAN or Geneve (without options), and GRE without a key; then the inner frame, without a tag (IEEE 802.1Q).
TUNNEL_HEADERS = {VXLAN: 16, GENEVE: 16, GRE: 4}
GRE_OPTION = 4  # the key, the checksum, and the sequence number, each
FRAME_HEADER, VLAN_TAG = 14, 4
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]+|0|[1-9][0-9]*")


def overhead(kind: str, version: int, *, key: bool = False, tag: bool = False) -> int:
    """The bytes that a packet of the underlay has around one that a tunnel carries. ``version``: that of the underlay's
    IP; ``key``: whether GRE has one; ``tag``: whether the inner frame has a VLAN tag.
    """
    more = (GRE_OPTION if key and kind == GRE else 0) + (VLAN_TAG if tag else 0)
    return IP_HEADERS[version] + TUNNEL_HEADERS[kind] + FRAME_HEADER + more


def number(text: str) -> int | None:
    """A number in the forms that Open vSwitch (strtoull(3)) and Python read alike: 100 or 0x64. None: it is none."""
    return int(text, 0) if _NUMBER.fullmatch(text) else None
