# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fill a namespace with what others have there. Runs on the lab host: crowd.py elements|connections COUNT NETNS.

elements: of one set of nftables, such as a blocklist. connections: tracked ones, untranslated, from as many addresses.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import subprocess
import sys

CLONE_NEWNET, NETLINK_NETFILTER = 0x40000000, 12
CT_NEW, REQUEST, CREATE_EXCL, NESTED = (
    1 << 8,
    0x1,
    0x600,
    0x8000,
)  # linux/netfilter/nfnetlink_conntrack.h, linux/netlink.h
ORIGINAL, REPLY, STATUS, TIMEOUT = 1, 2, 3, 7
ANSWERED = (
    1 << 1 | 1 << 2 | 1 << 3
)  # IPS_SEEN_REPLY, IPS_ASSURED, IPS_CONFIRMED (linux/netfilter/nf_conntrack_common.h)
HOUR = 3600
AT_ONCE = 64


def address(number: int) -> str:
    """One of 10.0.0.0/8."""
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def elements(count: int) -> None:
    """A table of somebody's, with a set."""
    members = ", ".join(address(number) for number in range(count))
    text = f"table inet blocklist {{\n set addresses {{\n type ipv4_addr\n elements = {{ {members} }}\n }}\n}}\n"
    subprocess.run(["nft", "-f", "-"], input=text, text=True, check=True)


def attribute(kind: int, *parts: bytes) -> bytes:
    """One attribute, filled up to four bytes."""
    payload = b"".join(parts)
    return struct.pack("=HH", len(payload) + 4, kind) + payload + b"\0" * (-len(payload) % 4)


def way(kind: int, source: str, destination: str, ports: tuple[int, int]) -> bytes:
    """A tuple of a UDP connection."""
    addresses = attribute(
        1 | NESTED, attribute(1, socket.inet_aton(source)), attribute(2, socket.inet_aton(destination))
    )
    protocol = [
        attribute(1, b"\x11"),
        *(attribute(2 + index, struct.pack("!H", port)) for index, port in enumerate(ports)),
    ]
    return attribute(kind | NESTED, addresses, attribute(2 | NESTED, *protocol))


def connections(count: int) -> None:
    """To one address outside. The kernel takes so many as net.netfilter.nf_conntrack_max allows."""
    tracking = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    waiting = []
    for number in range(count):
        there, back = ("198.51.100.1", 53), (address(number), 5000)
        body = struct.pack("=BBH", socket.AF_INET, 0, 0) + way(ORIGINAL, back[0], there[0], (back[1], there[1]))
        body += way(REPLY, there[0], back[0], (there[1], back[1])) + attribute(STATUS, struct.pack("!I", ANSWERED))
        body += attribute(TIMEOUT, struct.pack("!I", HOUR))
        waiting.append(struct.pack("=IHHII", 16 + len(body), CT_NEW, REQUEST | CREATE_EXCL, number, 0) + body)
        if len(waiting) == AT_ONCE or number == count - 1:
            tracking.send(b"".join(waiting))
            waiting.clear()


if ctypes.CDLL(None).setns(os.open(f"/run/netns/{sys.argv[3]}", os.O_RDONLY), CLONE_NEWNET):
    sys.exit(f"There is no namespace {sys.argv[3]}.")
{"elements": elements, "connections": connections}[sys.argv[1]](int(sys.argv[2]))
