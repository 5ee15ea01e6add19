# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Netlink in bytes (netlink(7), rtnetlink(7)): a socket for each namespace, questions, dumps and requests."""

from __future__ import annotations

import errno
import fcntl
import itertools
import os
import re
import socket
import struct
import sys
import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.namespaces import _namespaces
from ansible_collections.netloom.linux.plugins.module_utils._model import _identity, _snapshot

# linux/netlink.h
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP_INTR, NLM_F_DUMP = 0x1, 0x4, 0x10, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
HEADER = struct.Struct("=IHHII")  # struct nlmsghdr
ATTRIBUTE = struct.Struct("=HH")  # struct rtattr
ERROR = struct.Struct("=i")  # of a message of type error, or done
# Whether to keep an answer, whose body is between two places of what was received.
Keep = t.Callable[[bytes, int, int], bool]
DUMP_PATIENCE = (
    8.0  # seconds in which a dump must come to its end without a change; that of 3000 links takes some 50 ms
)
DUMP_PAUSE = 0.002  # seconds between two attempts
DRAIN_PATIENCE = 2.0  # seconds
MOST_BYTES = 1 << 16  # at a time; a dump comes in parts of at most half of it
LONGEST_END = 1 << 10  # bytes: NLMSG_DONE with what the kernel explains
_SO_NETNS_COOKIE = 71  # linux/socket.h
_SIOCGSKNS = 0x894C  # linux/sockios.h
numbers = itertools.cycle(range(1, 1 << 32))  # of requests, which tell their answers apart


def opened(ns: _snapshot.NsKey, family: int = 0) -> socket.socket:
    """Open a netlink socket in a namespace, by default of rtnetlink. The socket stays in that namespace."""
    with _namespaces.entered(ns):
        return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, family)


def namespace_of(sock: socket.socket) -> int:
    """The namespace that a socket is in, as an open file. Raises OSError."""
    return fcntl.ioctl(sock.fileno(), _SIOCGSKNS)


def key_of(sock: socket.socket, ns: _snapshot.NsKey) -> _identity.Key:
    """The identity of the namespace of a socket; ``ns``: the name by which it was opened, for processes without the
    right to ask (CAP_NET_ADMIN).
    """
    try:
        found = namespace_of(sock)
    except OSError:
        return (_namespaces.inode_of(_namespaces.path_of(ns)), cookie_of(sock))
    try:
        return (os.fstat(found).st_ino, cookie_of(sock))
    finally:
        os.close(found)


def key_inside(opened: int, name: str) -> _identity.Key:
    """The identity of an open namespace. While it is open, its inode number cannot pass to another one."""
    with (
        _namespaces.inside(opened, name),
        socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC) as sock,
    ):
        return (os.fstat(opened).st_ino, cookie_of(sock))


def cookie_of(sock: socket.socket) -> int | None:
    """The cookie of the namespace that a socket is in. No other namespace has it until the next boot. None before Linux
    5.14.
    """
    try:
        return int.from_bytes(sock.getsockopt(socket.SOL_SOCKET, _SO_NETNS_COOKIE, 8), sys.byteorder)
    except OSError:
        return None


def message(kind: int, body: bytes, flags: int, number: int) -> bytes:
    """A request as bytes."""
    return HEADER.pack(HEADER.size + len(body), kind, NLM_F_REQUEST | flags, number, 0) + body


def attribute(kind: int, value: bytes) -> bytes:
    """One attribute as bytes, padded to four bytes."""
    return ATTRIBUTE.pack(ATTRIBUTE.size + len(value), kind) + value + b"\0" * (-len(value) % 4)


def attributes(data: bytes) -> dict[int, bytes]:
    """The attributes that follow a message's own header: number -> value."""
    return {kind & 0x3FFF: value for kind, value in each_attribute(data)}


def each_attribute(data: bytes) -> list[tuple[int, bytes]]:
    """The attributes in order, one by one, with the flags in their numbers (NLA_F_NESTED, NLA_F_NET_BYTEORDER)."""
    found: list[tuple[int, bytes]] = []
    at, last = 0, len(data) - ATTRIBUTE.size
    while at <= last:
        length, kind = ATTRIBUTE.unpack_from(data, at)
        if length < ATTRIBUTE.size:
            break
        found.append((kind, data[at + ATTRIBUTE.size : at + length]))
        at += (length + 3) & ~3
    return found


def dump(
    sock: socket.socket, kind: int, body: bytes, keep: Keep | None = None, patience: float = DUMP_PATIENCE
) -> list[bytes]:
    """The bodies of all answers, or of those that ``keep`` selects. A dump that another program interrupted is
    inconsistent and is repeated for some seconds.

    Raises OSError.
    """
    until = time.monotonic() + patience
    while True:
        found, interrupted = _dump_once(sock, kind, body, keep)
        if not interrupted:
            return found
        if time.monotonic() > until:
            raise OSError(errno.EAGAIN, f"other programs changed it all the while, for {patience:g} s")
        time.sleep(DUMP_PAUSE)


def _dump_once(sock: socket.socket, kind: int, body: bytes, keep: Keep | None) -> tuple[list[bytes], bool]:
    """Dump once. Return the bodies, and whether something changed meanwhile."""
    number = next(numbers)
    sock.send(message(kind, body, NLM_F_DUMP, number))
    try:
        return _collected(sock, number, keep)
    except OSError:  # the kernel's last word: nothing follows
        raise
    except BaseException:
        _drain(sock, number)
        raise


def _drain(sock: socket.socket, number: int) -> None:
    """Read the rest of a dump. Until the kernel has sent it all, it takes no other dump from this socket (EBUSY)."""
    before = sock.gettimeout()
    sock.settimeout(DRAIN_PATIENCE)
    try:
        for answer, _flags, _data in _answers(sock, number):
            if answer == NLMSG_DONE:
                break
    except OSError:  # an end, too
        pass
    finally:
        sock.settimeout(before)


def stream(sock: socket.socket, kind: int, body: bytes, holding: t.Sequence[bytes] = (b"",)) -> t.Iterator[bytes]:
    """The bodies of all answers, one after the other, for dumps that may be too large to keep. Raises OSError.

    ``holding``: only answers that contain one of these bytes are needed. Parts of the dump without any of them are not
    parsed.
    """
    number = next(numbers)
    sock.send(message(kind, body, NLM_F_DUMP, number))
    end = re.compile(re.escape(struct.pack("=H", NLMSG_DONE)) + b".." + re.escape(struct.pack("=I", number)), re.DOTALL)
    for answer, _flags, data in _answers(
        sock, number, lambda part: any(one in part for one in holding) or _may_end(part, end)
    ):
        if answer == NLMSG_DONE:
            _judge(data, 0, len(data))
            return
        yield data


def _may_end(part: bytes, end: re.Pattern[bytes]) -> bool:
    """Whether the dump may end with this part: with its only message, or with its last one."""
    return (
        HEADER.unpack_from(part)[1] in (NLMSG_DONE, NLMSG_ERROR)
        or end.search(part, max(0, len(part) - LONGEST_END)) is not None
    )


def _judge(data: bytes, start: int, end: int) -> None:
    """Raise the error with which a dump may end. Raises OSError."""
    code = ERROR.unpack_from(data, start)[0] if end - start >= ERROR.size else 0
    if code < 0:
        raise OSError(-code, os.strerror(-code))


def _collected(sock: socket.socket, number: int, keep: Keep | None) -> tuple[list[bytes], bool]:
    """The answers to a dump, and whether another writer interrupted it. There may be a million, so answers that are
    dropped are not copied.
    """
    found: list[bytes] = []
    interrupted = 0
    unpack, size = HEADER.unpack_from, HEADER.size
    while True:
        data = sock.recv(MOST_BYTES)
        at, last = 0, len(data) - size
        while at <= last:
            length, kind, flags, sequence, _port = unpack(data, at)
            if sequence == number:
                interrupted |= flags & NLM_F_DUMP_INTR
                if kind in (NLMSG_DONE, NLMSG_ERROR):
                    _judge(data, at + size, at + length)
                    return found, bool(interrupted)
                if keep is None or keep(data, at + size, at + length):
                    found.append(data[at + size : at + length])
            at += (length + 3) & ~3


def ask(sock: socket.socket, kind: int, body: bytes) -> bytes:
    """The body of the single answer. Raises OSError."""
    number = next(numbers)
    sock.send(message(kind, body, 0, number))
    _kind, _flags, answer = next(_answers(sock, number))
    return answer


def request(sock: socket.socket, kind: int, body: bytes, flags: int = 0) -> None:
    """Send a request, and wait for its acknowledgement. Raises OSError."""
    number = next(numbers)
    sock.send(message(kind, body, NLM_F_ACK | flags, number))
    next(_answers(sock, number))


def _answers(
    sock: socket.socket, number: int, of_use: t.Callable[[bytes], bool] = bool
) -> t.Iterator[tuple[int, int, bytes]]:
    """Kind, flags and body of the answers to a request. Answers to earlier requests are skipped. Raises OSError for an
    answer that is an error.
    """
    while True:
        data, at = sock.recv(MOST_BYTES), 0
        if not of_use(data):
            continue
        while at + HEADER.size <= len(data):
            length, kind, flags, sequence, _port = HEADER.unpack_from(data, at)
            body = data[at + HEADER.size : at + length]
            if sequence == number:
                code = struct.unpack_from("=i", body)[0] if kind == NLMSG_ERROR else 0
                if code:
                    raise OSError(-code, os.strerror(-code))
                yield kind, flags, body
            at += (length + 3) & ~3


def complaints(sock: socket.socket) -> t.Iterator[int]:
    """The codes of the errors that requests without an acknowledgement have left."""
    while True:
        try:
            data, at = sock.recv(MOST_BYTES, socket.MSG_DONTWAIT), 0
        except BlockingIOError:
            return
        while at + HEADER.size <= len(data):
            length, kind, _flags, _sequence, _port = HEADER.unpack_from(data, at)
            code = struct.unpack_from("=i", data, at + HEADER.size)[0] if kind == NLMSG_ERROR else 0
            if code:
                yield -code
            at += (length + 3) & ~3
