# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Captures as data: where packets are captured, which ones, and how many at most."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _packet,
    _snapshot,
    _values,
    _words,
)

Given = t.Mapping[str, t.Any]
IN, OUT, BOTH = DIRECTIONS = ("in", "out", "both")
PROTOCOLS = ("arp", "ipv4", "ipv6", "icmp", "tcp", "udp", "dhcp")
# What a packet may be called that is meant by a word of the option: DHCP is UDP, and ICMP has two versions.
MEANT = {"icmp": ("icmp", "icmp6"), "udp": ("udp", "dhcp", "vxlan", "geneve")}
NETNS: Given = {"type": "str", "aliases": ["namespace"]}
POINT: dict[str, t.Any] = {
    "netns": NETNS,
    "interface": {"type": "str", "required": True},
    "ping": {"type": "list", "elements": "str"},
}
FILTER: dict[str, t.Any] = {
    "protocol": {"type": "str", "choices": list(PROTOCOLS)},
    "host": {"type": "str"},
    "port": {"type": "int"},
    "vlan": {"type": "int"},
    "vni": {"type": "int"},
}
OPTIONS: dict[str, t.Any] = {
    **POINT,
    "interface": {"type": "str"},
    "points": {"type": "list", "elements": "dict", "options": POINT},
    "count": {"type": "int", "default": 100},
    "seconds": {"type": "int", "default": 10},
    "snaplen": {"type": "int", "default": 65535},
    "direction": {"type": "str", "choices": list(DIRECTIONS), "default": BOTH},
    "filter": {"type": "dict", "options": FILTER},
    "promiscuous": {"type": "bool", "default": False},
    "dest": {"type": "path"},
}
MOST_POINTS, MOST_PINGS = 50, 20
MOST_COUNT, MOST_SECONDS = 10_000, 600
LEAST_SNAPLEN, MOST_SNAPLEN = 64, 65_535
MOST_BYTES = 8 << 20  # of packets, at all points together: they are held in memory, and become a part of the result


class Point(t.NamedTuple):
    """Where packets are captured. ``ping``: addresses that get echo requests from its namespace meanwhile."""

    ns: _snapshot.NsKey
    interface: str
    ping: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """In sentences."""
        return f"'{self.interface}' of {f'namespace {self.ns!r}' if self.ns else 'the host'}"


class Filter(t.NamedTuple):
    """Which packets are taken. None: any."""

    protocol: str | None = None
    host: str | None = None
    port: int | None = None
    vlan: int | None = None
    vni: int | None = None

    def takes(self, packet: _packet.Packet) -> bool:
        """Whether a packet, or the frame that a tunnel carries in it, is meant."""
        if self.vni is not None:
            return self._tunnelled(packet)
        return self._layer(packet) or (packet.inner is not None and self.takes(packet.inner))

    def _tunnelled(self, packet: _packet.Packet) -> bool:
        """With a VNI: the tunnel's packet or what is in it."""
        if packet.inner is None:
            return False
        rest = self._replace(vni=None)
        return (packet.number == self.vni and rest.takes(packet)) or self._tunnelled(packet.inner)

    def _layer(self, packet: _packet.Packet) -> bool:
        ports = (packet.source_port, packet.target_port)
        return (
            (self.protocol is None or self._meant(packet))
            and (self.host is None or self.host in packet.addresses)
            and (self.port is None or self.port in ports)
            and (self.vlan is None or self.vlan in packet.vlans)
        )

    def _meant(self, packet: _packet.Packet) -> bool:
        word = str(self.protocol)
        if word in ("ipv4", "ipv6"):
            return packet.version == int(word[-1])
        return packet.protocol in MEANT.get(word, (word,))


class Wish(t.NamedTuple):
    """What a task asks for."""

    points: tuple[Point, ...]
    most: int  # packets at a point
    seconds: int
    snaplen: int
    direction: str
    filter: Filter
    promiscuous: bool


def read(given: Given) -> Wish:
    """The options of the module. Raises BadInput."""
    return Wish(
        _points(given),
        _values.number(given["count"], "count", 1, MOST_COUNT),
        _values.number(given["seconds"], "seconds", 1, MOST_SECONDS),
        _values.number(given["snaplen"], "snaplen", LEAST_SNAPLEN, MOST_SNAPLEN),
        given["direction"],
        _filter(given.get("filter") or {}),
        given["promiscuous"],
    )


def _points(given: Given) -> tuple[Point, ...]:
    several = given.get("points")
    if several is None:
        if given.get("interface") is None:
            raise _errors.BadInput("interface: is missing; give the interface to listen at, or points.")
        return (_point(given, ""),)
    for name in POINT:
        if given.get(name) is not None:
            raise _errors.BadInput(f"points: excludes '{name}', which each of the points has; leave one of them out.")
    if not 1 <= len(several) <= MOST_POINTS:
        raise _errors.BadInput(f"points: there are {len(several)}; give 1 to {MOST_POINTS}.")
    found: dict[tuple[_snapshot.NsKey, str], str] = {}
    points = []
    for index, one in enumerate(several):
        path = f"points[{index}]"
        point = _point(one, f"{path}.")
        if point[:2] in found:
            raise _errors.BadInput(f"{path}: is the same interface as {found[point[:2]]}; name each once.")
        found[point[:2]] = path
        points.append(point)
    return tuple(points)


def _point(given: Given, path: str) -> Point:
    ns = given.get("netns")
    if ns is not None:
        _values.netns_name(ns, f"{path}netns")
    interface = _values.link_name(given["interface"], f"{path}interface")
    ping = given.get("ping") or ()
    if len(ping) > MOST_PINGS:
        raise _errors.BadInput(f"{path}ping: {len(ping)} addresses are too many; at most {MOST_PINGS} are pinged.")
    addresses = (str(_values.host_address(one, f"{path}ping[{index}]")) for index, one in enumerate(ping))
    return Point(ns, interface, tuple(addresses))


def _filter(given: Given) -> Filter:
    values = {name: given.get(name) for name in FILTER}
    protocol, port, vni = values["protocol"], values["port"], values["vni"]
    if values["host"] is not None:
        values["host"] = _host(values["host"])
    if port is not None:
        _values.number(port, "filter.port", 1, 65_535)
        if protocol not in (None, "tcp", "udp", "dhcp", "ipv4", "ipv6"):
            raise _errors.BadInput(f"filter.port: {_words.shown(protocol)} has no ports; leave one of them out.")
    if values["vlan"] is not None:
        _values.number(values["vlan"], "filter.vlan", 1, 4094)
    if vni is not None:
        _values.number(vni, "filter.vni", 0, 2**24 - 1)
    return Filter(**values)


def _host(value: str) -> str:
    """An IP or MAC address in the form in which packets are read."""
    if re.fullmatch(r"[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}", value.strip()):
        return _values.mac(value, "filter.host")
    return str(_values.address(value, "filter.host"))
