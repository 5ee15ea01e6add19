# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policy rules of a namespace (linux/fib_rules.h): only those that our options can describe."""

from __future__ import annotations

import collections
import contextlib
import errno
import ipaddress
import socket
import struct
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _netlink, _rtnl
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _rule, _snapshot

RTM_NEWRULE, RTM_DELRULE, RTM_GETRULE = 32, 33, 34
# struct fib_rule_hdr: family, bits of destination and source, tos, table, action, flags
HEADER = struct.Struct("=BBBBBxxBI")
DST, SRC, IIFNAME, PRIORITY, FWMARK, SUPPRESS_IFGROUP, SUPPRESS_PREFIXLEN, TABLE, FWMASK, OIFNAME, PAD, PROTOCOL = (
    1,
    2,
    3,
    6,
    10,
    13,
    14,
    15,
    16,
    17,
    18,
    21,
)
SAID = {
    DST,
    SRC,
    IIFNAME,
    PRIORITY,
    FWMARK,
    SUPPRESS_IFGROUP,
    SUPPRESS_PREFIXLEN,
    TABLE,
    FWMASK,
    OIFNAME,
    PAD,
    PROTOCOL,
}
ACTIONS = {"lookup": 1, "blackhole": 6, "unreachable": 7, "prohibit": 8}
INVERT, DETACHED = 0x2, 0x8 | 0x10  # flags: everything but; the interface is not there
NONE = b"\xff" * 4  # of the two kinds of suppression
# RTPROT_UNSPEC, BOOT, STATIC: by hand or by a program like us; routing daemons have numbers of their own.
WRITTEN = {
    0,
    3,
    4,
}
FAMILIES = {socket.AF_INET: 4, socket.AF_INET6: 6}


def read(sock: socket.socket) -> list[_rule.Rule]:
    """The rules that name one interface and have no other selectors than our options; none in a kernel without rules.
    Raises OSError.
    """
    try:
        return [rule for rule in map(_as_rule, _messages(sock)) if rule is not None]
    except OSError as error:
        if error.errno == errno.EOPNOTSUPP:
            return []
        raise


def add(ns: _snapshot.NsKey, rule: _rule.Rule, what: str) -> None:
    """Make a rule, even if somebody else has the same one."""
    with _refusals(what), _netlink.opened(ns) as sock:
        _netlink.request(sock, RTM_NEWRULE, _message(rule))


def delete(ns: _snapshot.NsKey, rule: _rule.Rule, what: str) -> None:
    """Delete exactly this rule.

    A selector that a rule lacks is no condition to the kernel (rule_find() in net/core/fib_rules.c). So it may delete
    an earlier rule with more selectors. Such a rule is restored.
    """
    with _refusals(what), _netlink.opened(ns) as sock:
        wanted = next((one for one in _messages(sock) if _as_rule(one) == rule), None)
        if wanted is None:
            raise _errors.HostError(f"Cannot {what}: no such rule.")
        others: list[bytes] = []
        try:
            while not others or others[-1] != wanted:
                before = collections.Counter(_messages(sock))
                _netlink.request(sock, RTM_DELRULE, _settled(wanted))
                before.subtract(_messages(sock))
                others += [one for one, count in before.items() if count > 0]
        finally:
            for one in others:
                if one != wanted:
                    _netlink.request(sock, RTM_NEWRULE, _settled(one))


@contextlib.contextmanager
def _refusals(what: str) -> t.Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _errors.HostError(f"Cannot {what}: {_rtnl.sentence_of(error)}.") from error


def _messages(sock: socket.socket) -> list[bytes]:
    return _netlink.dump(sock, RTM_GETRULE, b"\0" * HEADER.size)


def _settled(message: bytes) -> bytes:
    """Convert a rule that was read to a request."""
    *rest, flags = HEADER.unpack_from(message)
    return HEADER.pack(*rest, flags & ~DETACHED) + message[HEADER.size :]


def _as_rule(message: bytes) -> _rule.Rule | None:
    family, to_bits, from_bits, tos, _table, action, flags = HEADER.unpack_from(message)
    found = _netlink.attributes(message[HEADER.size :])
    names = [
        (match, found[kind].rstrip(b"\0").decode())
        for match, kind in (("iif", IIFNAME), ("oif", OIFNAME))
        if kind in found
    ]
    known = family in FAMILIES and action in ACTIONS.values() and not tos and not flags & INVERT and set(found) <= SAID
    if (
        len(names) != 1
        or not known
        or found.get(SUPPRESS_IFGROUP, NONE) != NONE
        or found.get(PROTOCOL, b"\0")[0] not in WRITTEN
    ):
        return None
    source, destination, priority = (
        _network(found.get(SRC), from_bits),
        _network(found.get(DST), to_bits),
        _number(found.get(PRIORITY)),
    )
    if "" in (source, destination) or not priority:
        return None
    lookup = action == ACTIONS["lookup"]
    return _rule.Rule(
        device=names[0][1],
        match=names[0][0],
        priority=priority,
        family=FAMILIES[family],
        source=source,
        destination=destination,
        fwmark=_mark(_number(found.get(FWMARK)), _number(found.get(FWMASK))),
        action=next(name for name, number in ACTIONS.items() if number == action),
        table=_number(found.get(TABLE)) if lookup else None,
        suppress_prefixlength=(
            None if found.get(SUPPRESS_PREFIXLEN, NONE) == NONE or not lookup else _number(found[SUPPRESS_PREFIXLEN])
        ),
        protocol=found.get(PROTOCOL, b"\0")[0],
    )


def _number(data: bytes | None) -> int:
    return struct.unpack("=I", data)[0] if data else 0


def _network(data: bytes | None, bits: int) -> str | None:
    """A CIDR. None: any; '' for one with host bits, which the kernel keeps as they are, and which no option can
    describe.
    """
    if data is None:
        return None
    try:
        return str(ipaddress.ip_network((data, bits)))
    except ValueError:
        return ""


def _mark(mark: int, mask: int) -> str | None:
    if not mask:
        return None
    return f"{mark:#x}" if mask == 2**32 - 1 else f"{mark & mask:#x}/{mask:#x}"


def _message(rule: _rule.Rule) -> bytes:
    attributes = [
        (IIFNAME if rule.match == "iif" else OIFNAME, rule.device.encode() + b"\0"),
        (PRIORITY, struct.pack("=I", rule.priority)),
    ]
    bits = []
    for kind, cidr in ((DST, rule.destination), (SRC, rule.source)):
        network = ipaddress.ip_network(cidr) if cidr else None
        bits.append(network.prefixlen if network else 0)
        attributes += [(kind, network.network_address.packed)] if network else []
    if rule.fwmark:
        mark, _slash, mask = rule.fwmark.partition("/")
        attributes += [
            (FWMARK, struct.pack("=I", int(mark, 16))),
            (FWMASK, struct.pack("=I", int(mask or "0xffffffff", 16))),
        ]
    if rule.table is not None:
        attributes.append((TABLE, struct.pack("=I", rule.table)))
    if rule.suppress_prefixlength is not None:
        attributes.append((SUPPRESS_PREFIXLEN, struct.pack("=I", rule.suppress_prefixlength)))
    attributes.append((PROTOCOL, bytes([rule.protocol])))
    family = next(number for number, version in FAMILIES.items() if version == rule.family)
    header = HEADER.pack(family, *bits, 0, 0, ACTIONS[rule.action], 0)
    return header + b"".join(_netlink.attribute(kind, value) for kind, value in attributes)
