# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Convert between RTM_NEWROUTE in bytes and routes of the model (rtnetlink(7), linux/rtnetlink.h). Attributes without a
name here are kept as bytes.
"""

from __future__ import annotations

import functools
import ipaddress
import socket
import struct
import sys
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _netlink
from ansible_collections.netloom.linux.plugins.module_utils._model import _route

# Struct rtmsg: family, bits of destination and source, tos, table, protocol, scope, type, flags.
HEADER = struct.Struct("=BBBBBBBBI")
HOP = struct.Struct("=HBBi")  # struct rtnexthop: length, flags, weight - 1, link
DST, SRC, OIF, GATEWAY, PRIORITY, PREFSRC, METRICS, MULTIPATH, CACHEINFO, TABLE, VIA = (
    1,
    2,
    4,
    5,
    6,
    7,
    8,
    9,
    12,
    15,
    18,
)
ENCAP_TYPE, ENCAP, EXPIRES, PAD = 21, 22, 23, 24
NAMED = {DST, SRC, OIF, GATEWAY, PRIORITY, PREFSRC, METRICS, MULTIPATH, CACHEINFO, TABLE, VIA, PAD}
RTAX_MTU = 2
RTNH_F_ONLINK, RTM_F_CLONED = 4, 0x200
TICKS = 100  # a second has, towards programs (USER_HZ)
TYPES = {
    "unicast": 1,
    "local": 2,
    "broadcast": 3,
    "anycast": 4,
    "multicast": 5,
    "blackhole": 6,
    "unreachable": 7,
    "prohibit": 8,
    "throw": 9,
}
SCOPES = {"global": 0, "site": 200, "link": 253, "host": 254}
# Scopes that ip-route(8) gives to routes of a type; a unicast route without a gateway is on the link, too. IPv6 knows
# no scopes.
SCOPE_OF = {"local": "host", "broadcast": "link", "anycast": "link", "multicast": "link"}
PROTOCOLS = {"redirect": 1, "kernel": 2, "boot": 3, "static": 4, "ra": 9, "dhcp": 16}
TYPE_NAMES, SCOPE_NAMES, PROTOCOL_NAMES = (
    {number: name for name, number in table.items()} for table in (TYPES, SCOPES, PROTOCOLS)
)
FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}


def _number_of(table: t.Mapping[str, int], name: str) -> int:
    return table[name] if name in table else int(name)


def _u32(data: bytes | None) -> int:
    return int.from_bytes(data or b"", sys.byteorder)


def decode(body: bytes, names: t.Mapping[int, str], place: int | None = None) -> _route.Route:
    """A route from the kernel's message; ``names``: the names of the links, by their indexes."""
    family, bits, from_bits, tos, table, protocol, scope, kind, flags = HEADER.unpack_from(body)
    found, rest = _sorted_out(body[HEADER.size :])
    six = family == socket.AF_INET6
    metrics = [(number & 0x3FFF, value) for number, value in _netlink.each_attribute(found.get(METRICS, b""))]
    expires = struct.unpack_from("=IIi", found[CACHEINFO])[2] if CACHEINFO in found else 0
    return _route.Route(
        destination=f"{_address(found.get(DST)) or ('::' if six else '0.0.0.0')}/{bits}",
        table=_u32(found.get(TABLE)) or table,
        metric=_u32(found.get(PRIORITY)),
        type=TYPE_NAMES.get(kind, str(kind)),
        gateway=_gateway(found),
        device=names.get(_u32(found.get(OIF))),
        source=_address(found.get(PREFSRC)),
        scope=None if six else SCOPE_NAMES.get(scope, str(scope)),
        onlink=bool(flags & RTNH_F_ONLINK) and MULTIPATH not in found,
        mtu=next((_u32(value) for number, value in metrics if number == RTAX_MTU), None),
        nexthops=_hops(found.get(MULTIPATH, b""), names),
        protocol=PROTOCOL_NAMES.get(protocol, str(protocol)),
        tos=tos,
        only_from=f"{_address(found.get(SRC)) or '::'}/{from_bits}" if from_bits else "",
        metrics=tuple((number, value.hex()) for number, value in metrics if number != RTAX_MTU),
        # A preference of medium is the default, which IPv6 always tells.
        rest=tuple((number, value) for number, value in rest if (number, value) != (_route.RTA_PREF, "00")),
        expires=max(1, round(expires / TICKS)) if expires else None,
        place=place,
    )


def _sorted_out(data: bytes) -> tuple[dict[int, bytes], list[tuple[int, str]]]:
    """Split the attributes into those that we know by name and the others."""
    found: dict[int, bytes] = {}
    rest = []
    for number, value in _netlink.each_attribute(data):
        if number & 0x3FFF in NAMED:
            found[number & 0x3FFF] = value
        else:
            rest.append((number, value.hex()))
    return found, rest


@functools.lru_cache(maxsize=4096)  # the same few gateways and networks are in every namespace
def _address(data: bytes | None) -> str | None:
    return None if data is None else str(ipaddress.ip_address(data))


def _gateway(found: t.Mapping[int, bytes]) -> str | None:
    """The gateway of a route. RTA_VIA, a struct rtvia, has a gateway of the other family."""
    return _address(found.get(GATEWAY)) or (_address(found[VIA][2:]) if VIA in found else None)


def _hops(data: bytes, names: t.Mapping[int, str]) -> tuple[_route.Nexthop, ...]:
    hops, at = [], 0
    while at + HOP.size <= len(data):
        length, flags, weight, link = HOP.unpack_from(data, at)
        if length < HOP.size:
            break
        found, rest = _sorted_out(data[at + HOP.size : at + length])
        hops.append(
            _route.Nexthop(_gateway(found), names.get(link), weight + 1, bool(flags & RTNH_F_ONLINK), tuple(rest))
        )
        at += (length + 3) & ~3
    return tuple(hops)


def encode(route: _route.Route, indexes: t.Mapping[str, int], add: bool) -> bytes:
    """The body of a request to make or delete exactly this route, and none that shares its key."""
    of_object = route.nexthop_object is not None  # then the object says the way, and nothing else may
    flags = RTNH_F_ONLINK if route.onlink and not route.nexthops and not of_object else 0
    network = ipaddress.ip_network(route.destination)
    origin = ipaddress.ip_network(route.only_from) if route.only_from else None
    attributes: list[tuple[int, bytes]] = [(TABLE, struct.pack("=I", route.table))]
    attributes += [(DST, network.network_address.packed)] if network.prefixlen else []
    attributes += [(SRC, origin.network_address.packed)] if origin else []
    attributes += [(PRIORITY, struct.pack("=I", route.metric))] if route.metric else []
    attributes += [(PREFSRC, ipaddress.ip_address(route.source).packed)] if route.source else []
    metrics = sorted(
        [
            *((number, bytes.fromhex(value)) for number, value in route.metrics),
            *([(RTAX_MTU, struct.pack("=I", route.mtu))] if route.mtu else []),
        ]
    )
    attributes += [(METRICS, _packed(metrics))] if metrics else []
    if not of_object:
        attributes += (
            [(MULTIPATH, b"".join(_hop(hop, route, indexes) for hop in route.nexthops))]
            if route.nexthops
            else _way(route, indexes)
        )
    attributes += [(EXPIRES, struct.pack("=I", route.expires))] if add and route.expires else []
    attributes += [
        (number, bytes.fromhex(value))
        for number, value in route.rest
        if not (of_object and number & 0x3FFF in (ENCAP, ENCAP_TYPE))
    ]
    header = HEADER.pack(
        *(FAMILIES[route.family], network.prefixlen, origin.prefixlen if origin else 0, route.tos),
        *(route.table if route.table < 256 else 252, _number_of(PROTOCOLS, route.protocol)),  # RT_TABLE_COMPAT
        *(_number_of(SCOPES, route.scope or default_scope(route)), _number_of(TYPES, route.type), flags),
    )
    return header + _packed(attributes)


def default_scope(route: _route.Route) -> str:
    """The default scope of a route, as in ip-route(8)."""
    if route.family == 6:
        return "global"
    return SCOPE_OF.get(route.type) or ("link" if route.type == "unicast" and not route.leans else "global")


def _packed(attributes: t.Iterable[tuple[int, bytes]]) -> bytes:
    return b"".join(_netlink.attribute(number, value) for number, value in attributes)


def _via(gateway: str, route: _route.Route) -> tuple[int, bytes]:
    address = ipaddress.ip_address(gateway)
    if address.version == route.family:
        return GATEWAY, address.packed
    return VIA, struct.pack("=H", FAMILIES[address.version]) + address.packed


def _way(route: _route.Route, indexes: t.Mapping[str, int]) -> list[tuple[int, bytes]]:
    found = [(OIF, struct.pack("=I", indexes[route.device]))] if route.device else []
    return [*found, *([_via(route.gateway, route)] if route.gateway else [])]


def _hop(hop: _route.Nexthop, route: _route.Route, indexes: t.Mapping[str, int]) -> bytes:
    attributes = [_via(hop.gateway, route)] if hop.gateway else []
    data = _packed([*attributes, *((number, bytes.fromhex(value)) for number, value in hop.rest)])
    flags = RTNH_F_ONLINK if hop.onlink or route.onlink else 0
    return HOP.pack(HOP.size + len(data), flags, hop.weight - 1, indexes[hop.device] if hop.device else 0) + data
