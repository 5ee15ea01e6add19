# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attributes of a kind that no option speaks of, as they are told and as they are given back; and what a moved link
loses.
"""

from __future__ import annotations

import struct

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _link_data, _link_info, _netlink
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink._netlink import attribute


def numbers(kind: str, *told: tuple[int, bytes]) -> dict[int, bytes]:
    data = b"".join(attribute(number, value) for number, value in told)
    return {number: bytes.fromhex(value) for number, value in _link_info.rest_of(kind, data)}


# vlan_filtering off: a kernel without it tells that, and does not take it
# vlan_filtering; not bridge_id, nor what has an option
@pytest.mark.parametrize(
    ("kind", "told", "given"),
    [
        (
            "bridge",
            [(7, b"\1"), (11, b"12345678"), (23, b"\1"), (1, b"\1\0\0\0")],
            {7: b"\1"},
        ),
        (
            "bridge",
            [(7, b"\0"), (20, bytes.fromhex("0180c2000000"))],
            {},
        ),
        ("bridge", [(20, bytes.fromhex("0180c2000007"))], {20: bytes.fromhex("0180c2000007")}),
        ("bridge", [(46, struct.pack("=II", 2, 0xFF))], {46: struct.pack("=II", 2, 2)}),
        (
            "vlan",
            [(1, b"\5\0"), (2, struct.pack("=II", 5, 0xFFFFFFFF)), (5, b"\x88\xa8")],
            {2: struct.pack("=II", 5, 5), 5: b"\x88\xa8"},
        ),
        ("vlan", [(1, b"\5\0")], {2: struct.pack("=II", 0, 1)}),  # reorder_hdr off, as the kernel tells it
        (
            "macvlan",
            [(1, b"\x10\0\0\0"), (5, b"macs"), (6, b"\1\0\0\0"), (8, b"\0\0\0\0")],
            {3: struct.pack("=I", 3), 5: b"macs"},
        ),
        ("vxlan", [(1, b"\7\0\0\0"), (5, b"\x40"), (6, b"\x10"), (7, b"\0"), (28, b"\1")], {6: b"\x10"}),
        ("bond", [(1, b"\1")], {}),  # nobody makes one again
    ],
)
def test_what_comes_back_with_a_link(kind: str, told: list[tuple[int, bytes]], given: dict[int, bytes]) -> None:
    assert numbers(kind, *told) == given


def test_they_stand_beside_what_options_say() -> None:
    info = attribute(1, b"vlan\0") + attribute(2, attribute(1, b"\5\0"))
    body = b"\0" * 16 + attribute(3, b"v5\0") + attribute(18, info)
    found = _netlink.attributes(_link_info.with_rest(body, ((5, "88a8"),))[16:])
    inside = _netlink.attributes(found[18])
    assert (found[3], inside[1], _netlink.attributes(inside[2])) == (b"v5\0", b"vlan\0", {1: b"\5\0", 5: b"\x88\xa8"})
    bare = b"\0" * 16 + attribute(18, attribute(1, b"bridge\0"))
    assert _netlink.attributes(
        _netlink.attributes(_netlink.attributes(_link_info.with_rest(bare, ((7, "01"),))[16:])[18])[2]
    ) == {7: b"\1"}
    assert _link_info.with_rest(body, ()) == body


def test_flags_of_a_port_have_their_widths() -> None:
    found = _netlink.attributes(
        _netlink.attributes(_link_data.encode_port({"isolated": True, "cost": 7, "group_fwd_mask": 8, "mac": None}))[18]
    )
    assert (found[4], _netlink.attributes(found[5])) == (
        b"bridge\0",
        {33: b"\1", 3: struct.pack("=I", 7), 31: struct.pack("=H", 8)},
    )
