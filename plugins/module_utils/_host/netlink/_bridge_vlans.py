# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The VLANs that a bridge with VLAN filtering lets through at each port, and at itself (bridge(8), linux/if_bridge.h),
in words: '1 untagged, 10 pvid'.
"""

from __future__ import annotations

import socket
import struct

from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _netlink

RTM_GETLINK, RTM_SETLINK, RTM_DELLINK = 18, 19, 17  # linux/rtnetlink.h
AF_BRIDGE = 7
LINK = struct.Struct("=BxHiII")  # struct ifinfomsg
IFLA_AF_SPEC, IFLA_EXT_MASK, RTEXT_FILTER_BRVLAN = 26, 29, 2
IFLA_BRIDGE_FLAGS, IFLA_BRIDGE_VLAN_INFO, BRIDGE_FLAGS_SELF = 0, 2, 2
INFO = struct.Struct("=HH")  # struct bridge_vlan_info: flags, vid
WORDS = {"pvid": 2, "untagged": 4}


def read(sock: socket.socket) -> dict[int, str]:
    """The VLANs of all ports and bridges, by ifindex. Raises OSError."""
    question = LINK.pack(AF_BRIDGE, 0, 0, 0, 0) + _netlink.attribute(
        IFLA_EXT_MASK, struct.pack("=I", RTEXT_FILTER_BRVLAN)
    )
    found = {}
    for body in _netlink.dump(sock, RTM_GETLINK, question):
        told = _netlink.attributes(body[LINK.size :]).get(IFLA_AF_SPEC, b"")
        vlans = [
            INFO.unpack_from(value)
            for number, value in _netlink.each_attribute(told)
            if number & 0x3FFF == IFLA_BRIDGE_VLAN_INFO
        ]
        found[LINK.unpack_from(body)[2]] = ", ".join(
            " ".join([str(vid), *(word for word, bit in WORDS.items() if flags & bit)]) for flags, vid in vlans
        )
    return found


def write(sock: socket.socket, index: int, wanted: str, itself: bool) -> None:
    """Set exactly these VLANs. ``itself``: the link is the bridge. Raises OSError."""
    has, wants = _parsed(read(sock).get(index, "")), _parsed(wanted)
    for kind, vlans in (
        (RTM_DELLINK, set(has) - set(wants)),
        (RTM_SETLINK, {vid for vid, flags in wants.items() if has.get(vid) != flags}),
    ):
        for vid in sorted(vlans):
            info = _netlink.attribute(IFLA_BRIDGE_VLAN_INFO, INFO.pack(wants.get(vid, 0), vid))
            own = _netlink.attribute(IFLA_BRIDGE_FLAGS, struct.pack("=H", BRIDGE_FLAGS_SELF)) if itself else b""
            _netlink.request(
                sock, kind, LINK.pack(AF_BRIDGE, 0, index, 0, 0) + _netlink.attribute(IFLA_AF_SPEC | 0x8000, own + info)
            )


def _parsed(words: str) -> dict[int, int]:
    found: dict[int, int] = {}
    for one in filter(None, words.split(", ")):
        vid, *flags = one.split()
        found[int(vid)] = sum(WORDS[flag] for flag in flags)
    return found
