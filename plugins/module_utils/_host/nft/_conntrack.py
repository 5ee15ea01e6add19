# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connection tracking (nfnetlink, linux/netfilter/nfnetlink_conntrack.h): delete tracked connections.

A gateway tracks hundreds of thousands of connections. So the kernel filters them, as far as it can. The others are read
one by one, only up to their addresses, and nothing is kept.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import itertools
import operator
import os
import socket
import struct
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _message, _netlink
from ansible_collections.netloom.linux.plugins.module_utils._host.nft import _nfnetlink
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _flows, _nat_ops, _snapshot

GET = _nfnetlink.kind_of(_nfnetlink.SUBSYSTEM_CONNTRACK, 1)
DELETE = _nfnetlink.kind_of(_nfnetlink.SUBSYSTEM_CONNTRACK, 2)
NLA_F_NESTED = 0x8000
CTA_TUPLE_ORIG, CTA_TUPLE_REPLY, CTA_STATUS, CTA_ID, CTA_ZONE, CTA_FILTER = 1, 2, 3, 12, 18, 25
CTA_TUPLE_IP, CTA_TUPLE_PROTO = 1, 2
CTA_IP = {4: (1, 2), 6: (3, 4)}  # source, destination
CTA_PROTO_NUM, CTA_PROTO_SRC_PORT, CTA_PROTO_DST_PORT = 1, 2, 3
CTA_FILTER_ORIG_FLAGS = 1
# CTA_FILTER_F_* (net/netfilter/nf_conntrack_netlink.c), since Linux 5.8; an older kernel tells all connections.
BY_SOURCE, BY_DESTINATION, BY_PROTOCOL, BY_PORT = 1 << 0, 1 << 1, 1 << 3, 1 << 5
NO_FILTER = (errno.EINVAL, errno.EOPNOTSUPP)
IPS_SEEN_REPLY = 1 << 1  # linux/netfilter/nf_conntrack_common.h
FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}
PROTOCOLS = {socket.IPPROTO_TCP: "tcp", socket.IPPROTO_UDP: "udp"}
NUMBERS = {name: number for number, name in PROTOCOLS.items()}
PORT = struct.Struct("!H")
AT_ONCE = 64  # deletions in one message to the kernel
# How each entry begins: its first tuple, in it the addresses. Where another kernel has another order, they are looked
# for.
BEGINNING = {4: struct.Struct("=4x2xH2xH2xH4s2xH4s"), 6: struct.Struct("=4x2xH2xH2xH16s2xH16s")}
# A whole entry with ports, up to its status: two tuples of 13 values each. Where another kernel has another order, it
# is read attribute by attribute.
WHOLE = {
    version: struct.Struct(f"=4x{2 * f'2xH2xH2xH{size}s2xH{size}s2xH2xHB3x2xHH2x2xHH2x'}2xH4s")
    for version, size in ((4, 4), (6, 16))
}
SOURCE, DESTINATION, ANSWERS, SEEN_AS, STATUS = 3, 5, 16, 18, 27  # where these values are
# And those of the attributes' kinds.
KINDS = operator.itemgetter(*(first + kind for first in (0, 13) for kind in (0, 1, 2, 4, 6, 7, 9, 11)), 26)
BEGINS = {
    version: (CTA_TUPLE_ORIG | NLA_F_NESTED, CTA_TUPLE_IP | NLA_F_NESTED, *CTA_IP[version]) for version in FAMILIES
}


class _Way(t.NamedTuple):
    """One direction of a connection. A protocol without ports has the port 0."""

    source: bytes
    destination: bytes
    protocol: int
    source_port: int
    port: int


def drop(op: _nat_ops.FlowsDrop | _nat_ops.TranslatedDrop) -> None:
    """Delete the stale connections. It is no error if one ended meanwhile."""
    try:
        for version in op.families:
            passed_over = _untouched(version, op.untouched)
            with contextlib.closing(_Deletions(op.ns, version)) as deletions:
                for condition, questions in _dumps(version, op.questions(version)):
                    for body in itertools.filterfalse(passed_over, _entries(op.ns, version, condition, questions)):
                        _judge(body, version, op, deletions)
                deletions.send()
    except OSError as error:
        raise _errors.HostError(f"Cannot {op.sentence()}: {_errors.quoted(error.strerror or error)}.") from error


def _judge(body: bytes, version: int, op: _nat_ops.FlowsDrop | _nat_ops.TranslatedDrop, deletions: _Deletions) -> None:
    found = _netlink.attributes(body[_nfnetlink.HEAD :])
    if op.stale(_flow(found, version)):
        deletions.add(found)


def _untouched(version: int, meant: _flows.Untouched | None) -> t.Callable[[bytes], bool]:
    """Whether an entry is certainly not stale, as one look tells. What has no ports, or another order of attributes, is
    read closely.
    """
    if meant is None:
        return lambda body: False
    but_from, but_to = (
        {socket.inet_pton(FAMILIES[version], one) for one in some if (":" in one) == (version == 6)}
        for some in (meant.but_from, meant.but_to)
    )
    whole, kinds = WHOLE[version], _kinds(version)

    def is_untouched(body: bytes) -> bool:
        if len(body) < whole.size:
            return False
        found = whole.unpack_from(body)
        if found[SOURCE] != found[SEEN_AS] or found[DESTINATION] != found[ANSWERS] or KINDS(found) != kinds:
            return False
        answered = int.from_bytes(found[STATUS], "big") & IPS_SEEN_REPLY
        return bool(
            (answered or not meant.answered) and found[SOURCE] not in but_from and found[DESTINATION] not in but_to
        )

    return is_untouched


def _kinds(version: int) -> tuple[int, ...]:
    """Of the attributes of a whole entry."""
    inside = (
        CTA_TUPLE_IP | NLA_F_NESTED,
        *CTA_IP[version],
        CTA_TUPLE_PROTO | NLA_F_NESTED,
        CTA_PROTO_NUM,
        CTA_PROTO_SRC_PORT,
        CTA_PROTO_DST_PORT,
    )
    return (CTA_TUPLE_ORIG | NLA_F_NESTED, *inside, CTA_TUPLE_REPLY | NLA_F_NESTED, *inside, CTA_STATUS)


def _dumps(version: int, questions: t.Iterable[_flows.Question]) -> list[tuple[bytes, list[_flows.Question]]]:
    """The dumps to request: one for each question that the kernel itself compares, and one for all other questions
    together.
    """
    conditions = [(_condition(version, question), question) for question in questions]
    others = [question for condition, question in conditions if not condition]
    return [(condition, [question]) for condition, question in conditions if condition] + (
        [(b"", others)] if others else []
    )


def _entries(
    ns: _snapshot.NsKey, version: int, condition: bytes, questions: t.Sequence[_flows.Question]
) -> t.Iterator[bytes]:
    """The entries that may match one of the questions, one at a time."""
    with contextlib.closing(_nfnetlink.opened(ns)) as sock:
        head, holding = (
            _nfnetlink.head(FAMILIES[version]),
            [_begins_with(version, question.source) for question in questions],
        )
        entries = _netlink.stream(sock, GET, head + condition, holding)
        try:
            first = next(entries, None)
        except OSError as error:
            if error.errno not in NO_FILTER or not condition:
                raise
            entries = _netlink.stream(sock, GET, head, holding)
            first = next(entries, None)
        meant = [_meant(version, question) for question in questions]
        yield from (
            body
            for body in itertools.chain(() if first is None else (first,), entries)
            if any(is_meant(body) for is_meant in meant)
        )


def _condition(version: int, question: _flows.Question) -> bytes:
    """The condition that the kernel itself compares: single addresses, the protocol and the port of the first
    packet.
    """
    flags, addresses, protocol = 0, b"", b""
    for flag, kind, one in zip((BY_SOURCE, BY_DESTINATION), CTA_IP[version], (question.source, question.destination)):
        network = ipaddress.ip_network(one) if one else None
        if network is not None and network.num_addresses == 1:
            flags, addresses = flags | flag, addresses + _netlink.attribute(kind, network.network_address.packed)
    if question.protocol and question.port:
        flags |= BY_PROTOCOL | BY_PORT
        protocol = _netlink.attribute(CTA_PROTO_NUM, bytes([NUMBERS[question.protocol]]))
        protocol += _netlink.attribute(CTA_PROTO_DST_PORT, PORT.pack(question.port))
    if not flags:
        return b""
    parts = [
        _netlink.attribute(kind | NLA_F_NESTED, data)
        for kind, data in ((CTA_TUPLE_IP, addresses), (CTA_TUPLE_PROTO, protocol))
        if data
    ]
    compared = _netlink.attribute(CTA_FILTER_ORIG_FLAGS, struct.pack("=I", flags))
    return _netlink.attribute(CTA_TUPLE_ORIG | NLA_F_NESTED, b"".join(parts)) + _netlink.attribute(
        CTA_FILTER | NLA_F_NESTED, compared
    )


def _meant(version: int, question: _flows.Question) -> t.Callable[[bytes], bool]:
    """A function that says whether an entry's first packet matches the question. Most do not, so this is what takes
    time.
    """
    beginning, begins = BEGINNING[version], BEGINS[version]
    source, destination = (_masked(one) for one in (question.source, question.destination))
    if not (source or destination):
        return lambda body: True

    def meant(body: bytes) -> bool:
        kinds, first, second = _addresses(body, beginning)
        if kinds != begins:
            way = _way(_netlink.attributes(body[_nfnetlink.HEAD :])[CTA_TUPLE_ORIG], version)
            first, second = way.source, way.destination
        return (source is None or int.from_bytes(first, "big") & source[0] == source[1]) and (
            destination is None or int.from_bytes(second, "big") & destination[0] == destination[1]
        )

    return meant


def _begins_with(version: int, source: str | None) -> bytes:
    """The bytes that every entry from this network contains: the attribute of the source, up to the last whole byte
    that all its addresses share.
    """
    network = ipaddress.ip_network(source) if source else None
    if network is None:
        return b""
    whole = _netlink.attribute(CTA_IP[version][0], network.network_address.packed)
    return whole[: _netlink.ATTRIBUTE.size + network.prefixlen // 8]


def _addresses(body: bytes, beginning: struct.Struct) -> tuple[tuple[int, ...], bytes, bytes]:
    """The types of an entry's first attributes, and the bytes at the usual place of the addresses of its first
    packet.
    """
    if len(body) < beginning.size:
        return (), b"", b""
    tuple_kind, kind, first_kind, first, second_kind, second = beginning.unpack_from(body)
    return (tuple_kind, kind, first_kind, second_kind), first, second


def _masked(network: str | None) -> tuple[int, int] | None:
    """The mask and the network as numbers."""
    parsed = ipaddress.ip_network(network) if network else None
    return None if parsed is None or not parsed.prefixlen else (int(parsed.netmask), int(parsed.network_address))


def _flow(found: t.Mapping[int, bytes], version: int) -> _flows.Flow:
    there, back = (_way(found[kind], version) for kind in (CTA_TUPLE_ORIG, CTA_TUPLE_REPLY))
    replied = bool(int.from_bytes(found.get(CTA_STATUS, b""), "big") & IPS_SEEN_REPLY)
    protocol = PROTOCOLS.get(there.protocol, str(there.protocol))
    source, destination, seen_as, answers = (
        _message.address(one) for one in (there.source, there.destination, back.destination, back.source)
    )
    return _flows.Flow(source, destination, seen_as, answers, replied, protocol, there.port, back.source_port)


def _way(data: bytes, version: int) -> _Way:
    """Parse one tuple of an entry."""
    ways = _netlink.attributes(data)
    addresses, protocol = _netlink.attributes(ways[CTA_TUPLE_IP]), _netlink.attributes(ways[CTA_TUPLE_PROTO])
    source, destination = CTA_IP[version]
    source_port, port = (
        PORT.unpack(protocol[kind])[0] if kind in protocol else 0 for kind in (CTA_PROTO_SRC_PORT, CTA_PROTO_DST_PORT)
    )
    return _Way(addresses[source], addresses[destination], protocol[CTA_PROTO_NUM][0], source_port, port)


class _Deletions:
    """Deletes connections by their own tuples, which describe every protocol completely, many in one message."""

    def __init__(self, ns: _snapshot.NsKey, version: int) -> None:
        self._sock = _nfnetlink.opened(ns)
        self._head = _nfnetlink.head(FAMILIES[version])
        self._waiting: list[bytes] = []

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()

    def add(self, found: t.Mapping[int, bytes]) -> None:
        """Add a connection to delete. Its number protects another connection that has the same tuple meanwhile."""
        tuple_ = _netlink.attribute(CTA_TUPLE_ORIG | NLA_F_NESTED, found[CTA_TUPLE_ORIG])
        more = b"".join(_netlink.attribute(kind, found[kind]) for kind in (CTA_ID, CTA_ZONE) if kind in found)
        self._waiting.append(_netlink.message(DELETE, self._head + tuple_ + more, 0, len(self._waiting)))
        if len(self._waiting) == AT_ONCE:
            self.send()

    def send(self) -> None:
        """Send the deletions. The kernel reports what it refuses before the call returns, and does not confirm the
        rest.
        """
        if not self._waiting:
            return
        self._sock.send(b"".join(self._waiting))
        self._waiting.clear()
        for code in _netlink.complaints(self._sock):
            if code != errno.ENOENT:
                raise OSError(code, os.strerror(code))
