# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links as the kernel tells of them."""

from __future__ import annotations

import struct

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _link_data, _message
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink._netlink import attribute
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Link

NUMBERS = {
    "IFLA_ADDRESS": 1,
    "IFLA_IFNAME": 3,
    "IFLA_MASTER": 10,
    "IFLA_LINKINFO": 18,
    "IFLA_PROP_LIST": 52,
    "IFLA_NETNS_IMMUTABLE": 67,
}
NAMES = {4: "ovs-system", 5: "br0"}


def link(*attributes: tuple[str, bytes], name: str = "v0") -> Link:
    """One link, number 7, from its attributes."""
    body = _message.LINKS.header.pack(0, 1, 7, 0, 0) + attribute(NUMBERS["IFLA_IFNAME"], name.encode() + b"\0")
    for key, value in attributes:
        body += attribute(NUMBERS[key], value)
    return _link_data.link_of(_message.LINKS.read(body), NAMES, ())


def info(kind: str, of: str = "") -> tuple[str, bytes]:
    """IFLA_LINKINFO: its kind, and its master's."""
    return ("IFLA_LINKINFO", attribute(1, kind.encode() + b"\0") + (attribute(4, of.encode() + b"\0") if of else b""))


@pytest.mark.parametrize(
    ("index", "of", "master", "held_by"),
    [(5, "bridge", "br0", None), (4, "openvswitch", None, "ovs-system"), (5, "vrf", "br0", None)],
)
def test_what_open_vswitch_holds_has_no_master_of_ours(
    index: int, of: str, master: str | None, held_by: str | None
) -> None:
    found = link(info("veth", of), ("IFLA_MASTER", struct.pack("=I", index)))
    assert (found.master, found.held_by) == (master, held_by)


def test_alternative_names() -> None:
    names = attribute(53, b"lan\0") + attribute(53, b"a-name-of-more-than-fifteen-bytes\0")
    assert link(("IFLA_PROP_LIST", names)).altnames == ("a-name-of-more-than-fifteen-bytes", "lan")
    assert link().altnames == ()


@pytest.mark.parametrize(
    ("name", "kind", "bound", "fallback"),
    [
        ("sit0", "sit", None, True),
        ("sit1", "sit", None, False),
        ("tunl0", "sit", None, False),
        ("ip6_vti0", "vti6", None, True),
        # Linux 6.15 tells.
        ("sit0", "sit", True, True),
        ("renamed", "sit", True, True),
        ("sit0", "sit", False, False),
        ("lo", "", True, False),
        ("wlan0", "", True, False),
    ],
)
def test_what_the_kernel_makes_in_each_namespace(name: str, kind: str, bound: bool | None, fallback: bool) -> None:
    told = [] if bound is None else [("IFLA_NETNS_IMMUTABLE", bytes([bound]))]
    assert link(info(kind), *told, name=name).fallback is fallback


@pytest.mark.parametrize(
    ("mac", "has"),
    [
        (b"\2\0\0\0\0\1", True),
        (b"\0" * 6, False),
        (b"\0" * 4, False),
        (b"\xc0\0\2\1", False),
        (b"\xfd" + b"\0" * 15, False),
        (b"", False),
    ],
)
def test_addresses_that_are_no_mac(mac: bytes, has: bool) -> None:
    assert link(("IFLA_ADDRESS", mac)).has_mac is has


@pytest.mark.parametrize(
    ("ttl", "taken", "told"),
    [
        ("9", [["IFLA_VXLAN_TTL", 9]], {5: 9, 28: 0}),
        ("auto", [["IFLA_VXLAN_TTL", 0]], {5: 0, 28: 0}),
        ("inherit", [["IFLA_VXLAN_TTL_INHERIT", True]], {5: 0, 28: 1}),
    ],
)
def test_the_ttl_of_a_vxlan(ttl: str, taken: list[list[object]], told: dict[int, int]) -> None:
    assert _link_data.encode("vxlan", {"ttl": ttl}) == taken
    data = b"".join(attribute(number, bytes([value])) for number, value in told.items())
    assert _link_data.decode("vxlan", _message.Message(_message.INFO_DATA["vxlan"], {}, data)) == {"ttl": ttl}
