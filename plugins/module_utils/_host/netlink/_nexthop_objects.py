# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nexthop objects (ip-nexthop(8), linux/nexthop.h), with which routing daemons describe the next hops of their routes.

The kernel deletes them when their link goes down or is deleted, and a route that is restored needs them. They are kept
as the kernel told them.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import struct
import sys
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _netlink
from ansible_collections.netloom.linux.plugins.module_utils._model import _route

RTM_NEWNEXTHOP, RTM_GETNEXTHOP = 104, 106
CREATE_OR_REPLACE = 0x400 | 0x100  # NLM_F_CREATE, NLM_F_REPLACE
HEADER = struct.Struct("=BBBxI")  # struct nhmsg: family, scope, protocol, flags
MEMBER = struct.Struct("=IBBH")  # struct nexthop_grp: id, weight
ID, GROUP, OIF = 1, 2, 5
ASKED_FOR = {
    ID,
    GROUP,
    3,
    4,
    OIF,
    6,
    7,
    8,
    11,
}  # what a request may have: type, blackhole, gateway, encapsulation and fdb as well
RTNH_F_ONLINK = 4


def read(sock: socket.socket) -> dict[int, bytes]:
    """All nexthop objects of a namespace: id -> message. Raises OSError."""
    try:
        return {_id_of(body): body for body in _netlink.dump(sock, RTM_GETNEXTHOP, bytes(HEADER.size))}
    except OSError as error:
        if error.errno == errno.EOPNOTSUPP:  # before Linux 5.3
            return {}
        raise


def needed(number: int, there: t.Mapping[int, bytes], names: t.Mapping[int, str]) -> tuple[_route.Object, ...]:
    """The objects that one id needs, each with its link: for a group its members, and then the group itself."""
    if number not in there:
        return ()
    index = _netlink.attributes(there[number][HEADER.size :]).get(OIF, b"")
    own = (names.get(int.from_bytes(index, sys.byteorder), ""), there[number].hex())
    return (*(one for member, _weight in _members(there[number]) for one in needed(member, there, names)), own)


def give_back(sock: socket.socket, objects: t.Iterable[_route.Object], indexes: t.Mapping[str, int]) -> None:
    """Recreate the objects that are gone, and the groups that lost a member. Raises OSError."""
    for device, text in objects:
        body = bytes.fromhex(text)
        now = _now(sock, _id_of(body))
        if now is None or _members(now) != _members(body):
            _netlink.request(sock, RTM_NEWNEXTHOP, _request(body, indexes.get(device, 0)), CREATE_OR_REPLACE)


def _now(sock: socket.socket, number: int) -> bytes | None:
    with contextlib.suppress(OSError):
        return _netlink.ask(
            sock, RTM_GETNEXTHOP, bytes(HEADER.size) + _netlink.attribute(ID, struct.pack("=I", number))
        )
    return None


def _members(body: bytes) -> list[tuple[int, int]]:
    """The ids and weights of the members of a group."""
    data = _netlink.attributes(body[HEADER.size :]).get(GROUP, b"")
    return [MEMBER.unpack_from(data, at)[:2] for at in range(0, len(data), MEMBER.size)]


def _id_of(body: bytes) -> int:
    return int(struct.unpack("=I", _netlink.attributes(body[HEADER.size :])[ID])[0])


def _request(body: bytes, index: int) -> bytes:
    """Convert a received message to a request, without the attributes that only the kernel sets."""
    family, _scope, protocol, flags = HEADER.unpack_from(body)
    told = [(kind, value) for kind, value in _netlink.each_attribute(body[HEADER.size :]) if kind & 0x3FFF in ASKED_FOR]
    values = ((kind, struct.pack("=I", index) if kind == OIF else value) for kind, value in told)
    return HEADER.pack(family, 0, protocol, flags & RTNH_F_ONLINK) + b"".join(
        _netlink.attribute(kind, value) for kind, value in values
    )
