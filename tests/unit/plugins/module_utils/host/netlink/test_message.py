# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of rtnetlink: what pyroute2 composes of an attribute is read as the same value."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _message, _pyroute2
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink._message import Form, Message

pytest.importorskip("pyroute2", reason="the judge of these tests; the units of the newest Python have it")
COMPOSERS = {
    "ifinfmsg": _message.LINKS,
    "ifaddrmsg": _message.ADDRESSES,
    "rtmsg": _message.ROUTES,
    "ndmsg": _message.NEIGHBOURS,
}


def answer(name: str, attributes: t.Sequence[tuple[str, t.Any]], **fields: int) -> Message:
    """A message that pyroute2 composes, read by us."""
    message = _pyroute2.classes(f"netlink.rtnl.{name}.{name}")[0]()
    for field, value in fields.items():
        message[field] = value
    message["attrs"] = [list(attribute) for attribute in attributes]
    message.encode()
    form: Form = COMPOSERS[name]
    return form.read(bytes(message.data[16:]))


@pytest.mark.parametrize(
    ("name", "attribute", "value"),
    [
        ("ifinfmsg", "IFLA_IFNAME", "eth0"),
        ("ifinfmsg", "IFLA_ADDRESS", "52:54:00:aa:00:01"),
        ("ifinfmsg", "IFLA_MTU", 1400),
        ("ifinfmsg", "IFLA_MASTER", 7),
        ("ifinfmsg", "IFLA_TXQLEN", 500),
        ("ifinfmsg", "IFLA_IFALIAS", "käse"),
        ("ifinfmsg", "IFLA_LINK_NETNSID", 3),
        ("ifaddrmsg", "IFA_LOCAL", "10.0.0.1"),
        ("ifaddrmsg", "IFA_ADDRESS", "fd00::1"),
        ("ifaddrmsg", "IFA_LABEL", "eth0:1"),
        ("ifaddrmsg", "IFA_FLAGS", 0x282),
        ("rtmsg", "RTA_DST", "10.9.0.0"),
        ("rtmsg", "RTA_GATEWAY", "fd00::fe"),
        ("rtmsg", "RTA_TABLE", 70000),
        ("rtmsg", "RTA_PRIORITY", 100),
        ("rtmsg", "RTA_OIF", 2),
        ("rtmsg", "RTA_PREFSRC", "10.0.0.7"),
        ("ndmsg", "NDA_DST", "fe80::1"),
        ("ndmsg", "NDA_LLADDR", "02:00:00:00:00:09"),
    ],
)
def test_attribute(name: str, attribute: str, value: object) -> None:
    family = (
        10
        if ":" in str(value)
        and not attribute.startswith("IFLA")
        and "LLADDR" not in attribute
        and "LABEL" not in attribute
        else 2
    )
    message = answer(name, [(attribute, value)], **({} if name == "ifinfmsg" else {"family": family}))
    assert message.get_attr(attribute) == value


def test_header() -> None:
    message = answer("rtmsg", [], family=10, dst_len=64, table=254, type=6, scope=0, proto=4, flags=4)
    assert [message[field] for field in ("family", "dst_len", "table", "type", "proto", "flags")] == [
        10,
        64,
        254,
        6,
        4,
        4,
    ]
    assert [answer("ifinfmsg", [], index=9, flags=1)[field] for field in ("index", "flags")] == [9, 1]


def test_what_is_not_there() -> None:
    assert answer("ifinfmsg", [("IFLA_MTU", 1500)]).get_attr("IFLA_IFALIAS") is None


@pytest.mark.parametrize(
    ("kind", "attribute", "value"),
    [
        ("bridge", "IFLA_BR_FORWARD_DELAY", 1500),
        ("bridge", "IFLA_BR_PRIORITY", 4096),
        ("bridge", "IFLA_BR_STP_STATE", 1),
        ("bridge", "IFLA_BR_MCAST_SNOOPING", 0),
        ("macvlan", "IFLA_MACVLAN_MODE", 4),
        ("vlan", "IFLA_VLAN_ID", 100),
        ("vxlan", "IFLA_VXLAN_ID", 42),
        ("vxlan", "IFLA_VXLAN_PORT", 4789),
        ("vxlan", "IFLA_VXLAN_TTL", 9),
        ("vxlan", "IFLA_VXLAN_LEARNING", 0),
        ("vxlan", "IFLA_VXLAN_GROUP", "192.0.2.1"),
        ("vxlan", "IFLA_VXLAN_LOCAL6", "2001:db8::1"),
    ],
)
def test_data_of_a_kind(kind: str, attribute: str, value: object) -> None:
    info = {"attrs": [["IFLA_INFO_KIND", kind], ["IFLA_INFO_DATA", {"attrs": [[attribute, value]]}]]}
    found = answer("ifinfmsg", [("IFLA_LINKINFO", info)]).get_attr("IFLA_LINKINFO")
    assert found.get_attr("IFLA_INFO_KIND") == kind
    assert found.get_attr("IFLA_INFO_DATA").get_attr(attribute) == value


def test_data_of_a_kind_that_nobody_knows() -> None:
    # IFLA_LINKINFO with IFLA_INFO_KIND 'dummy2' and an IFLA_INFO_DATA of its own.
    info = bytes([11, 0, 1, 0]) + b"dummy2\0\0" + bytes([8, 0, 2, 0, 4, 0, 1, 0])
    message = _message.LINKS.read(_message.LINKS.empty + bytes([len(info) + 4, 0, 18, 0]) + info)
    assert message.get_attr("IFLA_LINKINFO").get_attr("IFLA_INFO_KIND") == "dummy2"


def test_flags_of_a_port() -> None:
    data = [["IFLA_BRPORT_ISOLATED", 1], ["IFLA_BRPORT_COST", 700]]
    info = {"attrs": [["IFLA_INFO_SLAVE_KIND", "bridge"], ["IFLA_INFO_SLAVE_DATA", {"attrs": data}]]}
    found = answer("ifinfmsg", [("IFLA_LINKINFO", info)]).get_attr("IFLA_LINKINFO").get_attr("IFLA_INFO_SLAVE_DATA")
    assert (
        found.get_attr("IFLA_BRPORT_ISOLATED"),
        found.get_attr("IFLA_BRPORT_COST"),
        found.get_attr("IFLA_BRPORT_STATE"),
    ) == (1, 700, None)


def test_several_ways() -> None:
    hops = [
        {"hops": 1, "flags": 4, "oif": 2, "attrs": [["RTA_GATEWAY", "10.1.0.2"]]},
        {"hops": 0, "flags": 0, "oif": 3, "attrs": []},
    ]
    found = answer("rtmsg", [("RTA_MULTIPATH", hops), ("RTA_METRICS", {"attrs": [["RTAX_MTU", 1400]]})], family=2)
    assert [
        (hop["hops"], hop["flags"], hop["oif"], hop.get_attr("RTA_GATEWAY")) for hop in found.get_attr("RTA_MULTIPATH")
    ] == [
        (1, 4, 2, "10.1.0.2"),
        (0, 0, 3, None),
    ]
    assert found.get_attr("RTA_METRICS").get_attr("RTAX_MTU") == 1400


def test_a_gateway_of_the_other_family() -> None:
    # RTA_VIA (18): family 10, an IPv6 address.
    via = bytes([22, 0, 18, 0, 10, 0]) + bytes.fromhex("fe80") + bytes(13) + b"\1" + bytes(2)
    assert _message.ROUTES.read(_message.ROUTES.empty + via).get_attr("RTA_VIA") == {"addr": "fe80::1"}
