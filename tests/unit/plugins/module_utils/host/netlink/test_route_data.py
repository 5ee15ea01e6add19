# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes in bytes: what a kernel tells becomes a request that makes the same again, whatever it has; and what is asked
of the kernel.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import socket
import struct
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _netlink, _nexthop_objects, _route_data
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink._route_reader import RouteSource
from ansible_collections.netloom.linux.plugins.module_utils._model._route import Nexthop, Route, recorded
from ansible_collections.netloom.linux.plugins.module_utils._model._routes import Question, Routes

NAMES = {1: "lo", 2: "nic0", 3: "nic1"}
INDEXES = {name: index for index, name in NAMES.items()}
ROUTES = [
    Route("0.0.0.0/0", gateway="192.0.2.1", device="nic0", scope="global", metric=100, protocol="dhcp"),
    Route("0.0.0.0/0", gateway="fe80::1", device="nic0", scope="global"),
    Route("10.0.0.0/8", device="nic0", scope="site", tos=0x10, source="192.0.2.7", table=1000, protocol="186"),
    Route(
        "10.1.0.0/16",
        gateway="203.0.113.9",
        device="nic0",
        onlink=True,
        scope="global",
        mtu=1300,
        metrics=((1, "04000000"), (16, b"cubic\0".hex())),
    ),
    Route("10.2.0.0/16", type="throw", scope="global", table=77),
    Route("10.3.0.0/16", type="local", device="lo", scope="host", table=255),
    Route("10.4.0.0/16", device="nic0", scope="37", rest=((11, "07000000"),)),
    Route(
        "fd00::/64",
        gateway="fe80::1",
        device="nic0",
        metric=1024,
        only_from="fd70::/64",
        rest=((20, "01"),),
        protocol="static",
    ),
    Route(str(ipaddress.ip_network("::ffff:0:0/96")), type="unreachable", device="lo", metric=1024),
    Route("fd01::/64", nexthops=(Nexthop("fd00::1", "nic0", 3), Nexthop("fe80::2", "nic1", 1, True)), metric=1024),
    Route(
        "10.5.0.0/16",
        nexthops=(Nexthop("fe80::1", "nic0", rest=((11, "04000000"),)), Nexthop(None, "nic1", 2)),
        scope="global",
    ),
    Route(
        "10.6.0.0/16",
        gateway="192.0.2.1",
        device="nic0",
        scope="global",
        rest=((22 | 0x8000, "0800010000000005"), (21, "0200")),
    ),
]


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_what_is_written_is_read_again(route: Route) -> None:
    assert _route_data.decode(_route_data.encode(route, INDEXES, add=True), NAMES) == route
    assert recorded(dataclasses.asdict(route)) == route


def test_an_expiry_goes_on_and_is_none_of_a_request_to_delete() -> None:
    body = _route_data.encode(dataclasses.replace(ROUTES[7], expires=600), INDEXES, add=True)
    assert _netlink.attributes(body[_route_data.HEADER.size :])[_route_data.EXPIRES] == struct.pack("=I", 600)
    told = body + _netlink.attribute(_route_data.CACHEINFO, struct.pack("=IIiIIIII", 0, 0, 59_950, 0, 0, 0, 0, 0))
    assert _route_data.decode(told, NAMES).expires == 600
    assert _route_data.decode(told, NAMES).passing
    gone = _route_data.encode(dataclasses.replace(ROUTES[7], expires=600), INDEXES, add=False)
    assert _route_data.EXPIRES not in _netlink.attributes(gone[_route_data.HEADER.size :])


def test_a_nexthop_object_says_the_way_alone() -> None:
    found = _netlink.attributes(
        _route_data.encode(dataclasses.replace(ROUTES[0], rest=((30, "4d000000"),)), INDEXES, add=False)[
            _route_data.HEADER.size :
        ]
    )
    assert dataclasses.replace(ROUTES[0], rest=((30, "4d000000"),)).nexthop_object == 77
    assert not {_route_data.OIF, _route_data.GATEWAY} & set(found)


def nexthop_object(number: int, *attributes: tuple[int, bytes]) -> bytes:
    """As the kernel tells it."""
    told = [(1, struct.pack("=I", number)), *attributes]
    return _nexthop_objects.HEADER.pack(2, 253, 11, 0) + b"".join(_netlink.attribute(*one) for one in told)


def test_a_route_knows_the_nexthop_objects_that_it_needs_members_first() -> None:
    kernel = Kernel([dataclasses.replace(ROUTES[0], rest=((30, "5a000000"),))])
    group = b"".join(_nexthop_objects.MEMBER.pack(number, 2, 0, 0) for number in (81, 82))
    kernel.objects = {
        90: nexthop_object(90, (2, group)),
        82: nexthop_object(82, (5, struct.pack("=I", 3))),
        81: nexthop_object(81, (5, struct.pack("=I", 2)), (6, bytes(4))),
    }
    [route] = Routes(source=RouteSource(lambda: kernel, NAMES))
    assert [device for device, _message in route.objects] == ["nic0", "nic1", ""]
    assert recorded(dataclasses.asdict(route)).objects == route.objects


def test_nexthop_objects_that_are_gone_are_made_again_and_groups_that_lost_one(monkeypatch: pytest.MonkeyPatch) -> None:
    group, rest = (
        b"".join(_nexthop_objects.MEMBER.pack(number, 2, 0, 0) for number in numbers) for numbers in ((81, 82), (82,))
    )
    had = {
        81: nexthop_object(81, (5, struct.pack("=I", 2)), (99, b"told")),
        82: nexthop_object(82, (5, struct.pack("=I", 3))),
        90: nexthop_object(90, (2, group)),
    }
    now = {82: had[82], 90: nexthop_object(90, (2, rest))}
    made: list[bytes] = []

    def ask(_sock: t.Any, _kind: int, body: bytes) -> bytes:
        number = struct.unpack("=I", _netlink.attributes(body[_nexthop_objects.HEADER.size :])[1])[0]
        if number not in now:
            raise OSError(2, "none")
        return now[number]

    monkeypatch.setattr(_netlink, "ask", ask)
    monkeypatch.setattr(_netlink, "request", lambda _sock, _kind, body, _flags: made.append(body))
    devices = {81: "nic0", 82: "nic1", 90: ""}
    _nexthop_objects.give_back(
        t.cast("socket.socket", None), [(devices[number], had[number].hex()) for number in had], {"nic0": 12, "nic1": 3}
    )
    found = [_netlink.attributes(body[_nexthop_objects.HEADER.size :]) for body in made]
    assert [struct.unpack("=I", one[1])[0] for one in found] == [81, 90]
    assert found[0][5] == struct.pack("=I", 12)  # the link was made anew
    assert 99 not in found[0]
    assert [body[1] for body in made] == [0, 0]  # a scope is not taken


class Kernel:
    """Has routes, and filters as a kernel does."""

    def __init__(self, routes: t.Sequence[Route], few: bool = False) -> None:
        self.routes, self.asked, self.few = list(routes), 0, few
        self.objects: dict[int, bytes] = {}

    def route_dump(self, question: bytes, keep: _netlink.Keep | None) -> list[bytes]:
        self.asked += 1
        family, found = question[0], _netlink.attributes(question[_route_data.HEADER.size :])
        table, oif = (int.from_bytes(found.get(key, b""), "little") for key in (_route_data.TABLE, _route_data.OIF))
        there = [
            _route_data.encode(route, INDEXES, add=True)
            for route in self.routes
            if _route_data.FAMILIES[route.family] == family
            and table in (0, route.table)
            and (not oif or NAMES[oif] in route.devices)
        ]
        return [body for body in there if keep is None or keep(b"head" + body, 4, 4 + len(body))]

    def few_routes(self, most: int) -> list[bytes] | None:
        self.asked += 1
        return [_route_data.encode(route, INDEXES, add=True) for route in self.routes] if self.few else None

    def nexthop_objects(self) -> dict[int, bytes]:
        return self.objects

    def route_to(self, question: bytes) -> bytes | None:
        self.asked += 1
        packed = _netlink.attributes(question[_route_data.HEADER.size :])[_route_data.DST]
        address = socket.inet_ntop(socket.AF_INET, packed)
        found = [route for route in self.routes if route.destination.startswith(address.rsplit(".", 1)[0] + ".")]
        return _route_data.encode(found[0], INDEXES, add=True) if found else None


def test_routes_are_read_as_far_as_somebody_looks_and_once() -> None:
    kernel = Kernel([*ROUTES, dataclasses.replace(ROUTES[0], gateway="192.0.2.2", device="nic1")])
    routes = Routes(source=RouteSource(lambda: kernel, NAMES))
    assert kernel.asked == 0
    copy = routes.clone()
    default = copy.of((254, "0.0.0.0/0", 100, 0, ""))
    assert [(route.gateway, route.place) for route in default] == [("192.0.2.1", 0), ("192.0.2.2", 1)]
    assert kernel.asked == 2
    assert routes.of(default[0].slot) == default
    assert kernel.asked == 2
    copy.discard(default[0])
    assert [route.gateway for route in copy.by("nic1") if route.gateway] == ["192.0.2.2"]
    assert default[0] not in copy.by("nic0")  # though the kernel still has it
    assert default[0] in routes.by("nic0")
    assert [route.destination for route in copy.preferring("192.0.2.7")] == ["10.0.0.0/8"]
    assert set(routes) == set(kernel.routes)
    assert len(copy) == len(kernel.routes) - 1
    assert [route.gateway for route in routes.of(default[0].slot)] == ["192.0.2.1", "192.0.2.2"]


def test_few_routes_are_read_at_once() -> None:
    kernel = Kernel(ROUTES, few=True)
    routes = Routes(source=RouteSource(lambda: kernel, NAMES))
    assert routes.of(ROUTES[0].slot) == [ROUTES[0]]
    copy = routes.clone()
    copy.discard(ROUTES[0])
    assert set(copy) == set(ROUTES[1:])
    assert set(routes.by("nic0")) == {route for route in ROUTES if "nic0" in route.devices}
    assert kernel.asked == 1


@pytest.mark.parametrize("few", [True, False])
def test_which_addresses_the_kernel_takes_in(few: bool) -> None:
    """By its own routes of type local, which are told to nobody else."""
    local = [
        Route(f"{address}", table=255, device="nic0", type="local", scope="host", protocol="kernel")
        for address in ("192.0.2.7/32", "fd00::7/128")
    ]
    kernel = Kernel([*ROUTES, *local], few=few)
    routes = Routes(source=RouteSource(lambda: kernel, NAMES))
    assert routes.takes_in("192.0.2.7")
    assert routes.takes_in("fd00:0::7")
    assert not routes.takes_in("192.0.2.8")
    asked = kernel.asked
    assert not routes.takes_in("fd00::8")
    assert kernel.asked == asked
    assert set(routes) == set(ROUTES)


def test_many_destinations_are_looked_for_at_once() -> None:
    kernel = Kernel([Route(f"10.1.{number}.0/24", device="nic0", scope="link") for number in range(100)])
    routes = Routes(source=RouteSource(lambda: kernel, NAMES))
    questions: list[Question] = [("to", f"10.1.{number}.0/24", 254) for number in range(0, 200, 2)]
    routes.prepare(questions)
    found = [route for question in questions for route in routes.of((254, question[1], 0, 0, ""))]
    assert len(found) == 50
    assert kernel.asked == 2


def test_a_route_by_a_link_reaches_a_gateway() -> None:
    kernel = Kernel([Route("10.1.7.0/24", device="nic0", scope="link")])
    routes = Routes(source=RouteSource(lambda: kernel, NAMES))
    assert routes.reach("10.1.7.9", None)
    assert routes.reach("10.1.7.9", "nic0")
    assert not routes.reach("10.1.7.9", "nic1")
    assert not routes.reach("10.2.7.9", None)
    assert Routes([Route("fd01::/64", device="nic0")]).reach("fd01::9", "nic0")
    assert not Routes([Route("::/0", device="nic0")]).reach("fd01::9", "nic0")


def test_what_was_changed_is_changed_in_the_copy_alone() -> None:
    routes = Routes(ROUTES)
    copy = routes.clone()
    new = dataclasses.replace(ROUTES[0], gateway="192.0.2.99")
    copy.put(new, ROUTES[0])
    assert copy.of(new.slot) == [new]
    assert routes.of(new.slot) == [ROUTES[0]]
    assert new in copy.by("nic0")
    assert ROUTES[0] not in copy.by("nic0")
    assert routes != copy
