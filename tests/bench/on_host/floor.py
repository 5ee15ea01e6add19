# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel itself takes for the bridged network: raw rtnetlink messages from one process, no library, nothing
read, nothing checked.

Runs on the lab host: floor.py up|down COUNT. Every request waits for its acknowledgement, as no tool may do otherwise.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import sys

CLONE_NEWNET, MS_BIND, MNT_DETACH = 0x40000000, 4096, 2
RTM_NEWLINK, RTM_DELLINK, RTM_NEWADDR, RTM_NEWROUTE = 16, 17, 20, 24
REQUEST_ACK, CREATE_EXCL, NESTED = 0x5, 0x600, 0x8000
IFLA_IFNAME, IFLA_MASTER, IFLA_LINKINFO, IFLA_NET_NS_FD = 3, 10, 18, 28
INFO_KIND, INFO_DATA, VETH_PEER = 1, 2, 1
libc = ctypes.CDLL(None, use_errno=True)


def attribute(kind: int, payload: bytes) -> bytes:
    """One netlink attribute, padded."""
    return struct.pack("=HH", len(payload) + 4, kind) + payload + b"\0" * (-len(payload) % 4)


def text(value: str) -> bytes:
    """A string with its end."""
    return value.encode() + b"\0"


def link(index: int = 0, up: bool = False) -> bytes:
    """struct ifinfomsg."""
    return struct.pack("=BxHiII", 0, 0, index, int(up), int(up))


def send(sock: socket.socket, kind: int, flags: int, body: bytes) -> None:
    """One request and its acknowledgement."""
    sock.send(struct.pack("=IHHII", 16 + len(body), kind, REQUEST_ACK | flags, 1, 0) + body)
    error = struct.unpack_from("=i", sock.recv(65536), 16)[0]
    if error:
        raise OSError(-error, os.strerror(-error), kind)


def rtnetlink() -> socket.socket:
    """A socket in the namespace that this process is in."""
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    sock.bind((0, 0))
    return sock


def call(number: int) -> None:
    """The result of a system call."""
    if number != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def up(count: int) -> None:
    """Build it."""
    home, host = os.open("/proc/self/ns/net", os.O_RDONLY), rtnetlink()
    kind = attribute(IFLA_LINKINFO, attribute(INFO_KIND, text("bridge")))
    send(host, RTM_NEWLINK, CREATE_EXCL, link(up=True) + attribute(IFLA_IFNAME, text("br0")) + kind)
    bridge = socket.if_nametoindex("br0")
    gateway = socket.inet_aton("10.9.255.254")
    send(
        host,
        RTM_NEWADDR,
        CREATE_EXCL,
        struct.pack("=BBBBI", 2, 16, 0, 0, bridge) + attribute(1, gateway) + attribute(2, gateway),
    )
    os.makedirs("/run/netns", exist_ok=True)
    for number in range(count):
        path = f"/run/netns/n{number}"
        os.close(os.open(path, os.O_CREAT | os.O_RDONLY))
        call(libc.unshare(CLONE_NEWNET))
        call(libc.mount(b"/proc/thread-self/ns/net", path.encode(), b"none", MS_BIND, None))
        inside, there = rtnetlink(), os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        send(inside, RTM_NEWLINK, 0, link(1, up=True))
        call(libc.setns(home, CLONE_NEWNET))
        peer = link() + attribute(IFLA_IFNAME, text("eth0")) + attribute(IFLA_NET_NS_FD, struct.pack("=I", there))
        info = attribute(INFO_KIND, text("veth")) + attribute(INFO_DATA | NESTED, attribute(VETH_PEER, peer))
        pair = (
            attribute(IFLA_IFNAME, text(f"v-n{number}"))
            + attribute(IFLA_MASTER, struct.pack("=I", bridge))
            + attribute(IFLA_LINKINFO, info)
        )
        send(host, RTM_NEWLINK, CREATE_EXCL, link(up=True) + pair)
        own = socket.inet_aton(f"10.9.{number // 250}.{number % 250 + 1}")
        send(inside, RTM_NEWLINK, 0, struct.pack("=BxHiII", 0, 0, 2, 1, 1))
        send(
            inside,
            RTM_NEWADDR,
            CREATE_EXCL,
            struct.pack("=BBBBI", 2, 16, 0, 0, 2) + attribute(1, own) + attribute(2, own),
        )
        send(
            inside,
            RTM_NEWROUTE,
            CREATE_EXCL,
            struct.pack("=BBBBBBBBI", 2, 0, 0, 0, 254, 4, 0, 1, 0) + attribute(5, gateway),
        )
        inside.close()
        os.close(there)


def down(count: int) -> None:
    """Take it down: links first, for a namespace dies at the kernel's leisure."""
    host = rtnetlink()
    for number in range(count):
        send(host, RTM_DELLINK, 0, link() + attribute(IFLA_IFNAME, text(f"v-n{number}")))
    for number in range(count):
        call(libc.umount2(f"/run/netns/n{number}".encode(), MNT_DETACH))
        os.unlink(f"/run/netns/n{number}")
    send(host, RTM_DELLINK, 0, link() + attribute(IFLA_IFNAME, text("br0")))


{"up": up, "down": down}[sys.argv[1]](int(sys.argv[2]))
