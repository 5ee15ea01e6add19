# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The neighbour table, which all namespaces of a host share: read the entries that somebody wrote, count the free room,
and make room.

A kernel keeps 1024 neighbours by default (arp(7), gc_thresh3), counted over all namespaces, and evicts none that is
younger than five seconds. A matrix of 64 namespaces needs 4032. Without making room most packets are lost, including
those of other programs. Netlink messages are handled as bytes here, because there are thousands of entries.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import struct
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _netlink
from ansible_collections.netloom.linux.plugins.module_utils._model import _snapshot

# linux/rtnetlink.h, linux/neighbour.h
RTM_DELNEIGH, RTM_GETNEIGH, RTM_GETNEIGHTBL = 29, 30, 66
NDA_DST, NDA_LLADDR, NDTA_NAME, NDTA_THRESH3, NDTA_CONFIG = 1, 2, 1, 4, 5
NDMSG = struct.Struct("=BxxxiHBB")  # struct ndmsg: family, ifindex, state, flags, type
NUD_UNRESOLVED = 0x01 | 0x20  # incomplete, failed: they go by themselves, and tell why a probe had no answer
NUD_PERMANENT = 0x80
NUD_FIXED = 0x40 | NUD_PERMANENT  # with noarp: they do not count
NTF_PROXY = 0x08
LEAST_ROOM = 256
TABLES = {b"arp_cache", b"ndisc_cache"}


class NeighbourTable:
    """The table as seen by some namespaces that take part in a run with some addresses. Sockets are opened in them at
    once, and kept.
    """

    def __init__(self, namespaces: t.Iterable[_snapshot.NsKey], addresses: t.Iterable[str]) -> None:
        self._addresses = {ipaddress.ip_address(address.split("%")[0]).packed for address in addresses}
        self._sockets: dict[_snapshot.NsKey, socket.socket] = {}
        for ns in namespaces:
            self._sockets[ns] = _netlink.opened(ns)
            self._sockets[ns].settimeout(5)

    def close(self) -> None:
        """Close the sockets."""
        for sock in self._sockets.values():
            sock.close()

    def room(self) -> int:
        """How many neighbours may still be made, for the IP version with less room."""
        rooms = []
        for data in self._dump(next(iter(self._sockets)), RTM_GETNEIGHTBL, b"\0" * 4):
            found = _netlink.attributes(data[4:])
            if found.get(NDTA_NAME, b"").rstrip(b"\0") in TABLES and NDTA_THRESH3 in found and NDTA_CONFIG in found:
                entries = struct.unpack_from("=I", found[NDTA_CONFIG], 4)[0]  # struct ndt_config
                rooms.append(struct.unpack("=I", found[NDTA_THRESH3])[0] - entries)
        return max(LEAST_ROOM, min(rooms, default=LEAST_ROOM))

    def make_room(self) -> None:
        """Forget the link-layer addresses of these addresses. A host that needs one asks again."""
        for ns, sock in self._sockets.items():
            requests = [_deletion(*entry) for entry in self._entries(ns)]
            for index in range(0, len(requests), 64):
                sock.send(b"".join(requests[index : index + 64]))

    def _entries(self, ns: _snapshot.NsKey) -> list[tuple[int, int, bytes]]:
        """Family, ifindex and address of the entries that may be forgotten."""
        found = []
        for data in self._dump(ns, RTM_GETNEIGH, b"\0" * NDMSG.size):
            family, index, state, _flags, _type = NDMSG.unpack_from(data)
            if not state & (NUD_UNRESOLVED | NUD_FIXED):
                address = _netlink.attributes(data[NDMSG.size :]).get(NDA_DST)
                if address in self._addresses:
                    found.append((family, index, address))
        return found

    def _dump(self, ns: _snapshot.NsKey, kind: int, body: bytes) -> list[bytes]:
        with contextlib.suppress(OSError):
            return _netlink.dump(self._sockets[ns], kind, body)
        return []


def _deletion(family: int, index: int, address: bytes) -> bytes:
    body = NDMSG.pack(family, index, 0, 0, 0) + _netlink.attribute(NDA_DST, address)
    return _netlink.message(RTM_DELNEIGH, body, 0, next(_netlink.numbers))


def written(sock: socket.socket, names: t.Mapping[int, str]) -> list[_snapshot.Neighbour]:
    """The entries that somebody wrote, in one order, which the kernel's table has not (neigh_hash_grow()): permanent
    ones, and proxies, which are in their own table. Learned entries are left out. Raises OSError.
    """
    found = []
    for flag in (0, NTF_PROXY):
        for data in _netlink.dump(sock, RTM_GETNEIGH, NDMSG.pack(0, 0, 0, flag, 0)):
            family, index, state, flags, _type = NDMSG.unpack_from(data)
            if family not in (socket.AF_INET, socket.AF_INET6) or not (flag or state & NUD_PERMANENT):
                continue
            entry = _netlink.attributes(data[NDMSG.size :])
            mac = None if flag else entry.get(NDA_LLADDR, b"").hex(":")
            if mac != "" and NDA_DST in entry and index in names:
                found.append(
                    _snapshot.Neighbour(
                        str(ipaddress.ip_address(entry[NDA_DST])), mac, names[index], bool(flag), flags & ~NTF_PROXY
                    )
                )
    return sorted(found, key=lambda one: one.key)
