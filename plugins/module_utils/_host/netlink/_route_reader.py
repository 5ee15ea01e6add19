# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes of a namespace, read as far as they are asked for.

The kernel can tell the routes of one table, or through one link (NETLINK_GET_STRICT_CHK, since Linux 4.20), but not
those to one destination. For these, the whole table is read, and only the destination of each message is looked at.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import errno
import ipaddress
import itertools
import socket
import struct
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _netlink, _nexthop_objects, _route_data
from ansible_collections.netloom.linux.plugins.module_utils._model import _route, _routes

RTM_GETROUTE = 26
SOL_NETLINK, NETLINK_GET_STRICT_CHK = 270, 12
RTM_F_FIB_MATCH = 0x2000
FAMILIES = (socket.AF_INET, socket.AF_INET6)
PREFIX = _route_data.HEADER.size + 8  # where RTA_DST begins: the kernel tells the header and RTA_TABLE before it
MOST_TABLES = 8  # that are asked for one by one
MOST_AT_ONCE = 300  # messages, the kernel's own with them: then to read all is cheaper than to ask twice
OWN = (_route.LOCAL, _route_data.PROTOCOLS["kernel"])  # table and protocol of what is the kernel's alone


class HasSocket(t.Protocol):
    """The object that is asked."""

    def route_dump(self, question: bytes, keep: _netlink.Keep | None) -> list[bytes]:
        """The answers of a dump of routes. Raises HostError."""

    def few_routes(self, most: int) -> list[bytes] | None:
        """All routes, or None if there are more than ``most``. Raises HostError."""

    def route_to(self, question: bytes) -> bytes | None:
        """The answer of one lookup, or None if no route leads there."""

    def nexthop_objects(self) -> dict[int, bytes]:
        """All nexthop objects: id -> message. Raises HostError."""


class RouteSource:
    """Answers the questions about one namespace; ``names``: the names of its links, by their indexes."""

    def __init__(self, ask: t.Callable[[], HasSocket], names: t.Mapping[int, str]) -> None:
        self._ask, self._names = ask, names
        self._indexes = {name: index for index, name in names.items()}
        self._answers: dict[_routes.Question, list[_route.Route]] = {}
        self._preferring: dict[bytes, list[bytes]] | None = None
        self._all: list[_route.Route] | None = None
        self._local: set[bytes] | None = None
        self._many = False
        self._objects: dict[int, bytes] | None = None

    @property
    def complete(self) -> bool:
        """Whether all existing routes were read."""
        return self._all is not None

    def _few(self) -> list[_route.Route] | None:
        """All routes, if there are only a few."""
        if self._all is None and not self._many:
            bodies = self._ask().few_routes(MOST_AT_ONCE)
            self._many = bodies is None
            self._all = None if bodies is None else self._decoded(bodies)
            self._local = None if bodies is None else _local_of(bodies)
        return self._all

    def takes_in(self, address: str) -> bool:
        """Whether the kernel takes packets to an address for the host's own, as it does by a route of type local."""
        if self._few() is None and self._local is None:
            self._local = set()
            for family in FAMILIES:
                # A kernel may have a single table for IPv6.
                for table in (_route.LOCAL, 0):
                    found = _local_of(self._ask().route_dump(_question(family, table), _is_local))
                    self._local |= found
                    if found:
                        break
        return ipaddress.ip_address(address).packed in (self._local or ())

    def prepare(self, questions: t.Iterable[_routes.Question]) -> None:
        """Read each table once for all destinations in it."""
        asked = [question for question in questions if question not in self._answers]
        if not asked or self._few() is not None:
            return
        wanted: dict[tuple[int, int], set[str]] = {}
        tables = {question[2] for question in asked}
        for _to, destination, table in asked:
            key = (
                socket.AF_INET6 if ":" in destination else socket.AF_INET,
                table if len(tables) <= MOST_TABLES else 0,
            )
            wanted.setdefault(key, set()).add(destination)
        for question in asked:
            self._answers[question] = []
        for (family, table), destinations in wanted.items():
            for route in self._decoded(
                self._ask().route_dump(_question(family, table), _leads_to(family, destinations))
            ):
                answer = self._answers.get(("to", route.destination, route.table))
                if answer is not None and ("to", route.destination, route.table) in asked:
                    answer.append(route)

    def answer(self, question: _routes.Question) -> list[_route.Route]:
        """The routes that answer a question, read once. If there are only a few routes, all are read."""
        few = self._few()
        if few is not None:
            return few
        if question not in self._answers:
            if question[0] == "to":
                self.prepare([question])
            elif question[0] == "by":
                self._answers[question] = self._by(question[1])
            elif question[0] == "from":
                self._answers[question] = self._from(question[1])
            elif question == _routes.CONNECTED:
                questions = (_question(family, _route.MAIN, protocol=OWN[1]) for family in FAMILIES)
                self._answers[question] = self._decoded(
                    [body for one in questions for body in self._ask().route_dump(one, _is_connected)]
                )
            elif question[0] == "near":
                self._answers[question] = self._near(question[1], question[2])
            else:
                self._answers[question] = self._decoded(self._dump(None))
        return self._answers[question]

    def _dump(self, keep: _netlink.Keep | None, oif: int = 0) -> list[bytes]:
        answers = ((family, self._ask().route_dump(_question(family, 0, oif), keep)) for family in FAMILIES)
        # A kernel without IPv6 tells of all others instead.
        return [body for family, bodies in answers for body in bodies if body[0] == family]

    def _decoded(self, bodies: t.Iterable[bytes]) -> list[_route.Route]:
        """The routes without those of the kernel itself: table local, except what somebody added there, and cached
        ones. Slots keep their order.
        """
        routes = [_route_data.decode(body, self._names) for body in bodies if _is_told(body)]
        routes = [route if route.nexthop_object is None else self._with_objects(route) for route in routes]
        many = collections.Counter(route.slot for route in routes)
        places: dict[t.Any, t.Iterator[int]] = collections.defaultdict(itertools.count)
        return [
            route if many[route.slot] == 1 else dataclasses.replace(route, place=next(places[route.slot]))
            for route in routes
        ]

    def _with_objects(self, route: _route.Route) -> _route.Route:
        if self._objects is None:
            self._objects = self._ask().nexthop_objects()
        return dataclasses.replace(
            route, objects=_nexthop_objects.needed(route.nexthop_object or 0, self._objects, self._names)
        )

    def _by(self, device: str) -> list[_route.Route]:
        index = self._indexes.get(device)
        if index is None:
            return []
        return self._in_place([route for route in self._decoded(self._dump(None, index)) if device in route.devices])

    def _in_place(self, routes: t.Sequence[_route.Route]) -> list[_route.Route]:
        """The routes with their positions in their slots, of which not all routes were told."""
        made = [route for route in routes if route.protocol != "kernel"]
        self.prepare({("to", route.destination, route.table) for route in made})
        whole = {route: route for one in made for route in self._answers[("to", one.destination, one.table)]}
        return [whole.get(route, route) for route in routes]

    def _from(self, source: str) -> list[_route.Route]:
        """The routes that prefer a source. All routes with a preferred source are read at once, because further
        questions of this kind will follow.
        """
        if self._preferring is None:
            self._preferring = collections.defaultdict(list)
            for body in self._dump(_prefers_any):
                self._preferring[_netlink.attributes(body[_route_data.HEADER.size :])[_route_data.PREFSRC]].append(body)
        return self._in_place(self._decoded(self._preferring.get(ipaddress.ip_address(source).packed, ())))

    def _near(self, address: str, device: str) -> list[_route.Route]:
        """The route that a packet to the address would take, as it is in its table (fibmatch of ip-route(8))."""
        packed = ipaddress.ip_address(address).packed
        family = socket.AF_INET6 if len(packed) == 16 else socket.AF_INET
        question = _route_data.HEADER.pack(
            family, len(packed) * 8, 0, 0, 0, 0, 0, 0, RTM_F_FIB_MATCH
        ) + _netlink.attribute(_route_data.DST, packed)
        if device in self._indexes:
            question += _netlink.attribute(_route_data.OIF, struct.pack("=I", self._indexes[device]))
        body = self._ask().route_to(question)
        return self._in_place(self._decoded([body])) if body is not None else []


def _is_told(body: bytes) -> bool:
    header = _route_data.HEADER.unpack_from(body)
    table, protocol, flags = header[4], header[5], header[8]
    return not flags & _route_data.RTM_F_CLONED and (table, protocol) != OWN


def _is_connected(data: bytes, start: int, _end: int) -> bool:
    """Whether a message is about a connected route. The kernel itself filters like this since Linux 4.20."""
    _family, _length, _from, _tos, table, protocol, *_rest = _route_data.HEADER.unpack_from(data, start)
    return (table, protocol) == (_route.MAIN, OWN[1])


def _is_local(data: bytes, start: int, _end: int) -> bool:
    return bool(_route_data.HEADER.unpack_from(data, start)[7] == _route_data.TYPES["local"])


def _local_of(bodies: t.Iterable[bytes]) -> set[bytes]:
    """The addresses, and networks of lo, to which routes of type local lead."""
    return {
        bytes(_netlink.attributes(body[_route_data.HEADER.size :]).get(_route_data.DST, b""))
        for body in bodies
        if _is_local(body, 0, len(body))
    }


def _question(family: int, table: int = 0, oif: int = 0, protocol: int = 0) -> bytes:
    body = _route_data.HEADER.pack(family, 0, 0, 0, table if table < 256 else 0, protocol, 0, 0, 0)
    body += _netlink.attribute(_route_data.TABLE, struct.pack("=I", table)) if table else b""
    return body + (_netlink.attribute(_route_data.OIF, struct.pack("=I", oif)) if oif else b"")


def of_kernel(index: int) -> bytes:
    """The question for the IPv6 routes that the kernel made for a link. An older kernel returns all routes."""
    return _question(socket.AF_INET6, oif=index, protocol=OWN[1])


def _leads_to(family: int, destinations: t.Iterable[str]) -> _netlink.Keep:
    networks = [ipaddress.ip_network(destination) for destination in destinations]
    heads = {bytes((family, network.prefixlen)) for network in networks}
    wanted = {(network.prefixlen, network.network_address.packed if network.prefixlen else b"") for network in networks}
    size = 16 if family == socket.AF_INET6 else 4
    told = struct.pack("=HH", 4 + size, _route_data.DST)

    def leads_to(data: bytes, start: int, end: int) -> bool:
        if data[start : start + 2] not in heads:
            return False
        at = start + PREFIX
        if data[at : at + 4] == told:
            return (data[start + 1], data[at + 4 : at + 4 + size]) in wanted
        found = _netlink.attributes(data[start + _route_data.HEADER.size : end])
        return (data[start + 1], found.get(_route_data.DST, b"") if data[start + 1] else b"") in wanted

    return leads_to


PREFERENCES = tuple(struct.pack("=HH", 4 + size, _route_data.PREFSRC) for size in (4, 16))


def _prefers_any(data: bytes, start: int, end: int) -> bool:
    """Whether somebody gave the route a preferred source. Most routes have none, so this is checked first."""
    if data[start + 5] == OWN[1] or (
        data.find(PREFERENCES[0], start, end) < 0 and data.find(PREFERENCES[1], start, end) < 0
    ):
        return False
    return _route_data.PREFSRC in _netlink.attributes(data[start + _route_data.HEADER.size : end])


def few(sock: socket.socket, most: int) -> list[bytes] | None:
    """All routes of both families, or None if there are more. Then the rest is still unread in the socket. Raises
    OSError.
    """
    found: list[int] = []

    def keep(data: bytes, start: int, end: int) -> bool:
        found.append(start)
        if len(found) > most:
            raise OverflowError
        own = (data[start + 4], data[start + 5]) == OWN
        return data[start] in FAMILIES and (not own or _is_local(data, start, end))

    try:
        return _netlink.dump(sock, RTM_GETROUTE, bytes(_route_data.HEADER.size), keep)
    except OverflowError:
        return None


def dump(sock: socket.socket, question: bytes, keep: _netlink.Keep | None) -> list[bytes]:
    """The answers to a question that names a family, a table or a link. A kernel without filters returns all routes.
    Raises OSError.
    """
    with contextlib.suppress(OSError):
        sock.setsockopt(SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1)
    try:
        return _netlink.dump(sock, RTM_GETROUTE, question, keep)
    except OSError as error:
        if error.errno == errno.ENOENT:  # there is no such table
            return []
        raise
    finally:
        with contextlib.suppress(OSError):
            sock.setsockopt(SOL_NETLINK, NETLINK_GET_STRICT_CHK, 0)
