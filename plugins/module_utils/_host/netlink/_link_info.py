# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IFLA_LINKINFO in bytes: attributes of a link or of a bridge's port that have no option. They are restored with the
link (linux/if_link.h).
"""

from __future__ import annotations

import struct
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _netlink

Rest = tuple[tuple[int, str], ...]
IFLA_LINKINFO, IFLA_INFO_KIND, IFLA_INFO_DATA, IFLA_INFO_SLAVE_KIND, IFLA_INFO_SLAVE_DATA = 18, 1, 2, 4, 5
IFINFOMSG = 16  # bytes of struct ifinfomsg
NESTED = 0x8000
# Attributes that _link_data has an option for, or that the kernel only tells: timers, counters, what others of the tree
# say.
NOT_REST: dict[str, set[int]] = {
    "bridge": {*range(1, 7), *range(10, 20), 21, 23, 40, 47, 48},
    "vlan": {1},
    "macvlan": {1, 3, 4, 6, 8},
    "ipvlan": {1},
    "vxlan": {1, 2, 3, 4, 5, 7, 15, 16, 17, 28},
}
IFLA_BR_VLAN_FILTERING = 7
IFLA_BR_GROUP_ADDR, DEFAULT_GROUP, IFLA_BR_MULTI_BOOLOPT = 20, bytes.fromhex("0180c2000000"), 46
IFLA_VLAN_FLAGS, VLAN_FLAG_REORDER_HDR = 2, 1
IFLA_MACVLAN_MACADDR_MODE, IFLA_MACVLAN_MACADDR_DATA, MACVLAN_MACADDR_SET = 3, 5, 3
FLAGS = struct.Struct("=II")


def rest_of(kind: str, data: bytes) -> Rest:
    """The attributes of IFLA_INFO_DATA that have no option, converted from the form that the kernel tells to the form
    that it takes.
    """
    found: list[tuple[int, str]] = []
    for number, value in _netlink.each_attribute(data) if kind in NOT_REST else ():
        if number & 0x3FFF not in NOT_REST[kind]:
            found += [(one, text.hex()) for one, text in _settable(kind, number, value)]
    # The kernel does not tell that it has none (vlan_fill_info()).
    if kind == "vlan" and not any(number == IFLA_VLAN_FLAGS for number, _value in found):
        found.append((IFLA_VLAN_FLAGS, FLAGS.pack(0, VLAN_FLAG_REORDER_HDR).hex()))
    return tuple(found)


def _settable(kind: str, number: int, value: bytes) -> list[tuple[int, bytes]]:
    plain = number & 0x3FFF
    if kind == "bridge" and (plain, value) in ((IFLA_BR_GROUP_ADDR, DEFAULT_GROUP), (IFLA_BR_VLAN_FILTERING, b"\0")):
        # A group that is set stays as it is when the kernel would choose another; and a kernel without VLAN filtering
        # tells it, and does not take it.
        return []
    if kind == "bridge" and plain == IFLA_BR_MULTI_BOOLOPT:
        return [(number, FLAGS.pack(*(FLAGS.unpack_from(value)[:1] * 2)))]
    # The kernel tells a mask of all bits, and takes none that it does not know.
    if kind == "vlan" and plain == IFLA_VLAN_FLAGS:
        flags = FLAGS.unpack_from(value)[0]
        return [(number, FLAGS.pack(flags, flags | VLAN_FLAG_REORDER_HDR))]
    if kind == "macvlan" and plain == IFLA_MACVLAN_MACADDR_DATA:
        return [(IFLA_MACVLAN_MACADDR_MODE, struct.pack("=I", MACVLAN_MACADDR_SET)), (number, value)]
    return [(number, value)]


def with_rest(body: bytes, rest: Rest) -> bytes:
    """The body of RTM_NEWLINK with these attributes added to its IFLA_INFO_DATA."""
    if not rest:
        return body
    more = b"".join(_netlink.attribute(number, bytes.fromhex(value)) for number, value in rest)
    attributes = _netlink.each_attribute(body[IFINFOMSG:])
    return body[:IFINFOMSG] + b"".join(
        _netlink.attribute(number, _with_data(value, more) if number & 0x3FFF == IFLA_LINKINFO else value)
        for number, value in attributes
    )


def _with_data(info: bytes, more: bytes) -> bytes:
    parts = _netlink.each_attribute(info)
    data = b"".join(value for number, value in parts if number & 0x3FFF == IFLA_INFO_DATA)
    others = [_netlink.attribute(number, value) for number, value in parts if number & 0x3FFF != IFLA_INFO_DATA]
    return b"".join([*others, _netlink.attribute(IFLA_INFO_DATA, data + more)])


def of_port(flags: t.Iterable[tuple[int, bytes]]) -> bytes:
    """The attribute that sets flags of a bridge's port."""
    data = b"".join(_netlink.attribute(number, value) for number, value in flags)
    slave = _netlink.attribute(IFLA_INFO_SLAVE_KIND, b"bridge\0") + _netlink.attribute(
        IFLA_INFO_SLAVE_DATA | NESTED, data
    )
    return _netlink.attribute(IFLA_LINKINFO | NESTED, slave)
