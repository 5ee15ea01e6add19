# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open vSwitch's datapath in the kernel, asked directly by generic netlink (linux/genetlink.h, linux/openvswitch.h).
That needs neither ovsdb-server nor ovs-vswitchd.
"""

from __future__ import annotations

import os
import socket
import struct

NETLINK_GENERIC = 16
NLM_F_REQUEST, NLM_F_ACK = 1, 4
NLMSG_ERROR = 2
GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 16, 3, 1, 2
OVS_VPORT_CMD_DEL, OVS_VPORT_VERSION, OVS_VPORT_ATTR_NAME = 2, 1, 3
ANY_DATAPATH = 0  # the name of a port is unique in the namespace
HEADERS = struct.calcsize("=IHHIIBBH")  # struct nlmsghdr and struct genlmsghdr
SECONDS = 5


def release(name: str) -> None:
    """Delete the datapath's port of this name. The device of a NIC stays, and is the host's again. Raises OSError."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, NETLINK_GENERIC) as sock:
        sock.settimeout(SECONDS)
        family = _family(sock, "ovs_vport")
        header = struct.pack("=i", ANY_DATAPATH)
        _ask(sock, family, OVS_VPORT_CMD_DEL, OVS_VPORT_VERSION, header + _text(OVS_VPORT_ATTR_NAME, name))


def _family(sock: socket.socket, name: str) -> int:
    """The number of a family of generic netlink."""
    answer = _ask(sock, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1, _text(CTRL_ATTR_FAMILY_NAME, name))
    at = HEADERS
    while at < len(answer):
        length, kind = struct.unpack_from("=HH", answer, at)
        if kind == CTRL_ATTR_FAMILY_ID:
            return int(struct.unpack_from("=H", answer, at + 4)[0])
        at += (length + 3) & ~3
    raise AssertionError(f"the kernel told no number of {name}")


def _text(kind: int, value: str) -> bytes:
    """An attribute with a string that ends in NUL."""
    data = os.fsencode(value) + b"\0"
    return struct.pack("=HH", 4 + len(data), kind) + data + b"\0" * (-len(data) % 4)


def _ask(sock: socket.socket, family: int, command: int, version: int, body: bytes) -> bytes:
    """Send one request; the first message of the answer. An acknowledgement alone is an answer too."""
    length = HEADERS + len(body)
    sock.sendto(
        struct.pack("=IHHIIBBH", length, family, NLM_F_REQUEST | NLM_F_ACK, 1, 0, command, version, 0) + body, (0, 0)
    )
    first = b""
    while True:
        answer = sock.recv(1 << 16)
        if struct.unpack_from("=H", answer, 4)[0] != NLMSG_ERROR:
            first = first or answer
            continue
        code = -struct.unpack_from("=i", answer, 16)[0]
        if code:
            raise OSError(code, os.strerror(code))
        return first
