# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of rtnetlink, decoded as far as they are used (rtnetlink(7), linux/if_link.h, if_addr.h, rtnetlink.h,
neighbour.h, if_bridge.h).

A host with a thousand namespaces answers with tens of thousands of messages of forty attributes each, of which we need
ten.
"""

from __future__ import annotations

import ipaddress
import socket
import struct
import sys
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _netlink

Reader = t.Callable[[bytes], t.Any]
# Name -> the attribute's number, and how its value is read.
Table = dict[str, tuple[int, Reader]]
IFLA_ALT_IFNAME = 53


class Message:
    """A message, or attributes inside one: ``message["field"]`` of its own header, ``message.get_attr("NAME")`` of an
    attribute, None if it has none.
    """

    __slots__ = ("_attributes", "_data", "_fields", "_table")

    def __init__(self, table: Table, fields: t.Mapping[str, int], data: bytes) -> None:
        self._table, self._fields, self._data = table, fields, data
        self._attributes: dict[int, bytes] | None = None

    @property
    def attributes(self) -> bytes:
        """All attributes, as they were received."""
        return self._data

    def __getitem__(self, field: str) -> int:
        return self._fields[field]

    def get_attr(self, name: str) -> t.Any:
        """The value of an attribute, or None if there is no such attribute."""
        if self._attributes is None:
            self._attributes = _netlink.attributes(self._data)
        number, read = self._table[name]
        value = self._attributes.get(number)
        return None if value is None else read(value)


def _number(data: bytes) -> int:
    return int.from_bytes(data, sys.byteorder)


def _signed(data: bytes) -> int:
    return int.from_bytes(data, sys.byteorder, signed=True)


def _port(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _text(data: bytes) -> str:
    return data.rstrip(b"\0").decode(errors="replace")


def _mac(data: bytes) -> str | None:
    return data.hex(":") or None


def address(data: bytes) -> str:
    """An address in the form in which options are read: glibc writes the end of some IPv6 addresses as an IPv4 address
    (::ffff:0.0.0.0).
    """
    text = socket.inet_ntop(socket.AF_INET if len(data) == 4 else socket.AF_INET6, data)
    return str(ipaddress.IPv6Address(data)) if len(data) == 16 and "." in text else text


def _via(data: bytes) -> dict[str, str]:
    return {"addr": address(data[2:])}  # struct rtvia: family, address


def _nested(table: Table) -> Reader:
    return lambda data: Message(table, {}, data)


def _numbers(*names: str) -> Reader:
    """A reader of a struct of 32-bit numbers."""
    return lambda data: dict(zip(names, struct.unpack_from(f"={len(names)}I", data)))


def _hops(data: bytes) -> list[Message]:
    """Read several struct rtnexthop, each with its own attributes."""
    found, at = [], 0
    while at + 8 <= len(data):
        length, flags, hops, link = struct.unpack_from("=HBBi", data, at)
        if length < 8:
            break
        found.append(Message(ROUTE, {"flags": flags, "hops": hops, "oif": link}, data[at + 8 : at + length]))
        at += (length + 3) & ~3
    return found


def _names(data: bytes) -> tuple[str, ...]:
    """Read IFLA_PROP_LIST. So far it has only IFLA_ALT_IFNAME, once for each name."""
    found, at = [], 0
    while at + _netlink.ATTRIBUTE.size <= len(data):
        length, kind = _netlink.ATTRIBUTE.unpack_from(data, at)
        if length < _netlink.ATTRIBUTE.size:
            break
        if kind & 0x3FFF == IFLA_ALT_IFNAME:
            found.append(_text(data[at + _netlink.ATTRIBUTE.size : at + length]))
        at += (length + 3) & ~3
    return tuple(sorted(found))


INFO_DATA: dict[str, Table] = {
    "bridge": {
        "IFLA_BR_FORWARD_DELAY": (1, _number),
        "IFLA_BR_HELLO_TIME": (2, _number),
        "IFLA_BR_MAX_AGE": (3, _number),
        "IFLA_BR_AGEING_TIME": (4, _number),
        "IFLA_BR_STP_STATE": (5, _number),
        "IFLA_BR_PRIORITY": (6, _number),
        "IFLA_BR_TOPOLOGY_CHANGE": (14, _number),
        "IFLA_BR_MCAST_SNOOPING": (23, _number),
    },
    "tun": {
        "IFLA_TUN_OWNER": (1, _number),
        "IFLA_TUN_GROUP": (2, _number),
        "IFLA_TUN_TYPE": (3, _number),
        "IFLA_TUN_PI": (4, _number),
        "IFLA_TUN_VNET_HDR": (5, _number),
        "IFLA_TUN_PERSIST": (6, _number),
        "IFLA_TUN_MULTI_QUEUE": (7, _number),
    },
    "macvlan": {"IFLA_MACVLAN_MODE": (1, _number)},
    "ipvlan": {"IFLA_IPVLAN_MODE": (1, _number)},
    "vlan": {"IFLA_VLAN_ID": (1, _number), "IFLA_VLAN_FLAGS": (2, _numbers("flags", "mask"))},
    "vxlan": {
        "IFLA_VXLAN_ID": (1, _number),
        "IFLA_VXLAN_GROUP": (2, address),
        "IFLA_VXLAN_LINK": (3, _number),
        "IFLA_VXLAN_LOCAL": (4, address),
        "IFLA_VXLAN_TTL": (5, _number),
        "IFLA_VXLAN_LEARNING": (7, _number),
        "IFLA_VXLAN_PORT": (15, _port),
        "IFLA_VXLAN_GROUP6": (16, address),
        "IFLA_VXLAN_LOCAL6": (17, address),
        "IFLA_VXLAN_COLLECT_METADATA": (25, _number),
        "IFLA_VXLAN_TTL_INHERIT": (28, _number),
    },
}
PORT: Table = {
    "IFLA_BRPORT_STATE": (1, _number),
    "IFLA_BRPORT_PRIORITY": (2, _number),
    "IFLA_BRPORT_COST": (3, _number),
    "IFLA_BRPORT_MODE": (4, _number),
    "IFLA_BRPORT_GUARD": (5, _number),
    "IFLA_BRPORT_PROTECT": (6, _number),
    "IFLA_BRPORT_FAST_LEAVE": (7, _number),
    "IFLA_BRPORT_LEARNING": (8, _number),
    "IFLA_BRPORT_UNICAST_FLOOD": (9, _number),
    "IFLA_BRPORT_PROXYARP": (10, _number),
    "IFLA_BRPORT_PROXYARP_WIFI": (12, _number),
    "IFLA_BRPORT_MULTICAST_ROUTER": (25, _number),
    "IFLA_BRPORT_MCAST_FLOOD": (27, _number),
    "IFLA_BRPORT_MCAST_TO_UCAST": (28, _number),
    "IFLA_BRPORT_VLAN_TUNNEL": (29, _number),
    "IFLA_BRPORT_BCAST_FLOOD": (30, _number),
    "IFLA_BRPORT_GROUP_FWD_MASK": (31, _number),
    "IFLA_BRPORT_NEIGH_SUPPRESS": (32, _number),
    "IFLA_BRPORT_ISOLATED": (33, _number),
    "IFLA_BRPORT_LOCKED": (39, _number),
    "IFLA_BRPORT_MAB": (40, _number),
    "IFLA_BRPORT_MCAST_MAX_GROUPS": (42, _number),
    "IFLA_BRPORT_NEIGH_VLAN_SUPPRESS": (43, _number),
}
INFO: Table = {
    "IFLA_INFO_KIND": (1, _text),
    "IFLA_INFO_SLAVE_KIND": (4, _text),
    "IFLA_INFO_SLAVE_DATA": (5, _nested(PORT)),
}


def _info(data: bytes) -> Message:
    """Read IFLA_LINKINFO. The kind says how its data is read."""
    kind = Message(INFO, {}, data).get_attr("IFLA_INFO_KIND")
    return Message({**INFO, "IFLA_INFO_DATA": (2, _nested(INFO_DATA.get(kind, {})))}, {}, data)


LINK: Table = {
    "IFLA_ADDRESS": (1, _mac),
    "IFLA_IFNAME": (3, _text),
    "IFLA_MTU": (4, _number),
    "IFLA_LINK": (5, _number),
    "IFLA_MASTER": (10, _number),
    "IFLA_TXQLEN": (13, _number),
    "IFLA_LINKINFO": (18, _info),
    "IFLA_IFALIAS": (20, _text),
    "IFLA_GROUP": (27, _number),
    "IFLA_PROMISCUITY": (30, _number),
    "IFLA_LINK_NETNSID": (37, _signed),
    "IFLA_PROP_LIST": (52, _names),
    "IFLA_PERM_ADDRESS": (54, _mac),
    "IFLA_NETNS_IMMUTABLE": (67, _number),  # since Linux 6.15
}
ADDRESS: Table = {
    "IFA_ADDRESS": (1, address),
    "IFA_LOCAL": (2, address),
    "IFA_LABEL": (3, _text),
    "IFA_BROADCAST": (4, address),
    "IFA_CACHEINFO": (6, _numbers("ifa_preferred", "ifa_valid")),
    "IFA_FLAGS": (8, _number),
    "IFA_RT_PRIORITY": (9, _number),
    "IFA_PROTO": (11, _number),  # since Linux 5.18
}
METRICS: Table = {"RTAX_MTU": (2, _number)}
ROUTE: Table = {
    "RTA_DST": (1, address),
    "RTA_OIF": (4, _number),
    "RTA_GATEWAY": (5, address),
    "RTA_PRIORITY": (6, _number),
    "RTA_PREFSRC": (7, address),
    "RTA_METRICS": (8, _nested(METRICS)),
    "RTA_MULTIPATH": (9, _hops),
    "RTA_TABLE": (15, _number),
    "RTA_VIA": (18, _via),
}
NEIGHBOUR: Table = {
    "NDA_DST": (1, address),
    "NDA_LLADDR": (2, _mac),
    "NDA_CACHEINFO": (3, _numbers("ndm_confirmed", "ndm_used", "ndm_updated")),
}
NSID: Table = {"NETNSA_NSID": (1, _signed)}


class Form(t.NamedTuple):
    """A type of message: its header, the names of the fields there, and its attributes."""

    header: struct.Struct
    fields: tuple[str, ...]
    table: Table

    def read(self, body: bytes) -> Message:
        """Read one message."""
        return Message(self.table, dict(zip(self.fields, self.header.unpack_from(body))), body[self.header.size :])

    @property
    def empty(self) -> bytes:
        """The header of a question about all objects."""
        return b"\0" * self.header.size


LINKS = Form(struct.Struct("=BxHiII"), ("family", "type", "index", "flags", "change"), LINK)
ADDRESSES = Form(struct.Struct("=BBBBI"), ("family", "prefixlen", "flags", "scope", "index"), ADDRESS)
ROUTES = Form(
    struct.Struct("=BBBBBBBBI"),
    ("family", "dst_len", "src_len", "tos", "table", "proto", "scope", "type", "flags"),
    ROUTE,
)
NEIGHBOURS = Form(struct.Struct("=BxxxiHBB"), ("family", "ifindex", "state", "flags", "type"), NEIGHBOUR)
NSIDS = Form(struct.Struct("=Bxxx"), ("family",), NSID)
