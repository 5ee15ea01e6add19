# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of neighbours, which all namespaces of a host share: how much room it has, and making room again.

A kernel keeps 1024 neighbours by default (arp(7), gc_thresh3), counted over all namespaces, and evicts none that is younger than five
seconds. A matrix of 64 namespaces needs 4032: without making room most packets are lost, and other programs' with them.
Netlink is spoken in bytes here: thousands of entries come and go.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import struct
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host._namespaces import entered
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import NsKey

# linux/rtnetlink.h, linux/netlink.h, linux/neighbour.h
RTM_DELNEIGH, RTM_GETNEIGH, RTM_GETNEIGHTBL = 29, 30, 66
NLM_F_REQUEST, NLM_F_DUMP = 0x1, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
NDA_DST, NDTA_NAME, NDTA_THRESH3, NDTA_CONFIG = 1, 1, 4, 5
NUD_UNRESOLVED = 0x01 | 0x20  # incomplete, failed: they go by themselves, and tell why a probe had no answer
NUD_FIXED = 0x40 | 0x80  # noarp, permanent: they do not count
LEAST_ROOM = 256
TABLES = {b"arp_cache", b"ndisc_cache"}


def _attributes(data: bytes) -> t.Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, at)
        if length < 4:
            return
        yield kind & 0x3FFF, data[at + 4 : at + length]
        at += (length + 3) & ~3


class NeighbourTable:
    """The table as seen by some namespaces that take part in a run with some addresses. Sockets are opened in them at once, and kept."""

    def __init__(self, namespaces: t.Iterable[NsKey], addresses: t.Iterable[str]) -> None:
        self._addresses = {ipaddress.ip_address(address.split("%")[0]).packed for address in addresses}
        self._sockets: dict[NsKey, socket.socket] = {}
        for ns in namespaces:
            with entered(ns):
                self._sockets[ns] = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
            self._sockets[ns].settimeout(5)

    def close(self) -> None:
        """Close the sockets."""
        for sock in self._sockets.values():
            sock.close()

    def room(self) -> int:
        """How many neighbours may still be made, of the IP version that has less room."""
        rooms = []
        for data in self._dump(next(iter(self._sockets)), RTM_GETNEIGHTBL, b"\0" * 4):
            found = dict(_attributes(data[4:]))
            if found.get(NDTA_NAME, b"").rstrip(b"\0") in TABLES and NDTA_THRESH3 in found and NDTA_CONFIG in found:
                entries = struct.unpack_from("=I", found[NDTA_CONFIG], 4)[0]  # struct ndt_config
                rooms.append(struct.unpack("=I", found[NDTA_THRESH3])[0] - entries)
        return max(LEAST_ROOM, min(rooms, default=LEAST_ROOM))

    def make_room(self) -> None:
        """Forget where these addresses are. Who needs one asks again, as after a while anyway."""
        for ns, sock in self._sockets.items():
            requests = [_deletion(*entry) for entry in self._entries(ns)]
            for index in range(0, len(requests), 64):
                sock.send(b"".join(requests[index : index + 64]))

    def _entries(self, ns: NsKey) -> list[tuple[int, int, bytes]]:
        """Family, ifindex and address of what may be forgotten."""
        found = []
        for data in self._dump(ns, RTM_GETNEIGH, b"\0" * 12):
            family, index, state = struct.unpack_from("=BxxxiH", data)  # struct ndmsg
            if not state & (NUD_UNRESOLVED | NUD_FIXED):
                address = dict(_attributes(data[12:])).get(NDA_DST)
                if address in self._addresses:
                    found.append((family, index, address))
        return found

    def _dump(self, ns: NsKey, kind: int, body: bytes) -> t.Iterator[bytes]:
        sock = self._sockets[ns]
        with contextlib.suppress(OSError):
            sock.send(struct.pack("=IHHII", 16 + len(body), kind, NLM_F_REQUEST | NLM_F_DUMP, 1, 0) + body)
            while True:
                data, at = sock.recv(1 << 18), 0
                while at + 16 <= len(data):
                    length, answer, _flags, sequence = struct.unpack_from("=IHHI", data, at)
                    if sequence == 1 and answer in (NLMSG_DONE, NLMSG_ERROR):
                        return
                    if sequence == 1:
                        yield data[at + 16 : at + length]
                    at += (length + 3) & ~3


def _deletion(family: int, index: int, address: bytes) -> bytes:
    body = struct.pack("=BxxxiHBB", family, index, 0, 0, 0) + struct.pack("=HH", 4 + len(address), NDA_DST) + address
    return struct.pack("=IHHII", 16 + len(body), RTM_DELNEIGH, NLM_F_REQUEST, 2, 0) + body
