# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policy rules in bytes: what is written is read again, and what no option can say is not read."""

from __future__ import annotations

import struct

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _netlink, _rules
from ansible_collections.netloom.linux.plugins.module_utils._model._rule import Rule

PLAIN = Rule("eth0", "iif", 100, table=7)


@pytest.mark.parametrize(
    "rule",
    [
        PLAIN,
        Rule("a", "oif", 2**32 - 1, source="10.0.0.0/8", destination="192.0.2.1/32", action="blackhole"),
        Rule("fifteen-letters", "iif", 1, 6, "fd00::/64", "2001:db8::/33", "0x1/0xff", "lookup", 70000, 0),
        Rule("eth0", "iif", 1, fwmark="0x0", action="unreachable"),
        Rule("eth0", "iif", 1, 6, action="prohibit", protocol=3),
    ],
)
def test_round_trip(rule: Rule) -> None:
    found = _rules._as_rule(_rules._message(rule))
    assert found == rule
    assert found.protocol == rule.protocol


def changed(byte: int, value: int) -> bytes:
    """The plain rule with one byte of its header changed."""
    message = bytearray(_rules._message(PLAIN))
    message[byte] = value
    return bytes(message)


def with_attribute(kind: int, value: bytes) -> bytes:
    """The plain rule with another attribute behind its own."""
    return _rules._message(PLAIN) + _netlink.attribute(kind, value)


@pytest.mark.parametrize(
    "message",
    [
        changed(0, 128),  # of multicast routing
        changed(3, 8),  # tos
        changed(7, 2),  # goto
        changed(8, 2),  # not
        with_attribute(17, b"eth1\0"),  # both names
        with_attribute(6, struct.pack("=I", 0)),  # priority
        with_attribute(13, struct.pack("=I", 5)),  # suppress_ifgroup
        with_attribute(20, struct.pack("=II", 0, 5)),  # users
        with_attribute(21, b"\x0b"),  # of zebra
        with_attribute(22, b"\x06"),  # ipproto tcp
        _rules._message(PLAIN).replace(b"eth0", b"\0\0\0\0")[:12],  # no name at all
        struct.pack("=BBBBBxxBI", 2, 0, 24, 0, 0, 1, 0)
        + _rules._message(PLAIN)[12:]
        + _netlink.attribute(2, bytes([10, 0, 0, 1])),  # host bits
    ],
)
def test_what_no_option_can_say_is_not_read(message: bytes) -> None:
    assert _rules._as_rule(message) is None
