# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody gave a link that it loses when it moves to another namespace, and that no plan gives back (linux/pkt_sched.h, if_link.h)."""

from __future__ import annotations

import ipaddress
import socket
import struct

from ansible_collections.netloom.linux.plugins.module_utils._host import _netlink

RTM_GETLINK, RTM_GETQDISC = 18, 38  # linux/rtnetlink.h
TCMSG = struct.Struct("=BxxxiIII")  # struct tcmsg: family, ifindex, handle, parent, info
TCA_KIND = 1
IFLA_AF_SPEC, IFLA_INET6_TOKEN = 26, 7
LINK = struct.Struct("=BxHiII")  # struct ifinfomsg


def bound(sock: socket.socket, index: int) -> tuple[str, ...]:
    """In words. Raises OSError."""
    return (*_qdiscs(sock, index), *_token(sock, index))


def _qdiscs(sock: socket.socket, index: int) -> list[str]:
    """Those that the kernel attaches by itself have no handle (attach_default_qdiscs()). With a qdisc go its classes and filters (dev_shutdown())."""
    found = []
    for body in _netlink.dump(sock, RTM_GETQDISC, bytes(TCMSG.size)):
        _family, link, handle, _parent, _info = TCMSG.unpack_from(body)
        kind = _netlink.attributes(body[TCMSG.size :]).get(TCA_KIND, b"").rstrip(b"\0").decode(errors="replace")
        if link == index and handle:
            found.append(f"the qdisc {kind} {handle >> 16:x}: (tc(8))")
    return found


def _token(sock: socket.socket, index: int) -> list[str]:
    """The last half of the addresses that the link makes of router advertisements."""
    link = _netlink.attributes(_netlink.ask(sock, RTM_GETLINK, LINK.pack(0, 0, index, 0, 0))[LINK.size :])
    six = _netlink.attributes(link.get(IFLA_AF_SPEC, b"")).get(socket.AF_INET6, b"")
    token = _netlink.attributes(six).get(IFLA_INET6_TOKEN, b"")
    return [f"the token {ipaddress.IPv6Address(token)} (ip-token(8))"] if len(token) == 16 and any(token) else []
