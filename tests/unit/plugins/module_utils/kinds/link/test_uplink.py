# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bridge's uplink: what moves, what is mended, what is refused, and the way back, on the fake host."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._apply import Failed
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import BadInput, Conflict, Missing
from ansible_collections.netloom.linux.plugins.module_utils._model._link_ops import LinkSet
from ansible_collections.netloom.linux.plugins.module_utils._model._paths import uplink_record
from ansible_collections.netloom.linux.plugins.module_utils._model._route import Nexthop, Route
from ansible_collections.netloom.linux.plugins.module_utils._model._scope import GuardOf, Wired
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import (
    Address,
    Link,
    Namespace,
    Neighbour,
    Snapshot,
)
from ansible_collections.netloom.linux.plugins.module_utils._model._uplink_back import back_to
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost, picture, run_one, run_topology

Params = dict[str, t.Any]
WISH: Params = {"name": "br0", "uplink": "nic0"}
GUARD = "guard nic0: back as it was, unless confirmed within 30 s"
DEFAULT = Route(
    "0.0.0.0/0", gateway="10.3.9.4", device="nic0", onlink=True, metric=100, protocol="dhcp", scope="global"
)
OTHER = Route(
    "192.0.2.0/24",
    table=100,
    nexthops=(Nexthop("10.103.12.1", "nic0"), Nexthop("10.9.0.1", "other", 2)),
    scope="global",
)
PEER = Neighbour("10.103.12.9", "02:00:00:00:00:99", "nic0")
BROADCAST = {"broadcast": "10.103.15.255"}


def host(**nic: t.Any) -> FakeHost:
    """A NIC with two addresses, a default route outside its subnet, a route over two links, and a neighbour; and
    another NIC.
    """
    fake = FakeHost()
    addresses = (
        Address("10.103.12.60/22", detail=BROADCAST),
        Address("fe80::1/64", link_local=True),
        Address("10.103.12.61/22"),
    )
    link = Link(
        "nic0",
        "",
        mac="02:00:00:00:00:60",
        permanent_mac="02:00:00:00:00:60",
        mtu=1400,
        up=True,
        index=7,
        txqueuelen=1000,
        addresses=addresses,
    )
    fake.state.put(None, dataclasses.replace(link, **nic))
    fake.state.put(
        None,
        Link(
            "other",
            "",
            mac="02:00:00:00:00:01",
            up=True,
            index=8,
            mtu=1500,
            txqueuelen=1000,
            addresses=(Address("10.9.0.2/24"),),
        ),
    )
    fake.state.namespaces[None].routes += [
        DEFAULT,
        OTHER,
        Route("10.103.12.0/22", device="nic0", source="10.103.12.60", scope="link", protocol="kernel"),
    ]
    fake.state.namespaces[None].neighbours.append(PEER)
    return fake


def moved(**options: t.Any) -> FakeHost:
    """The same with the uplink moved."""
    fake = host()
    run_one(fake, "linux_bridge", {**WISH, **options})
    return fake


def bridge(fake: FakeHost) -> Link:
    """The bridge as it is."""
    found = fake.state.link(None, "br0")
    assert found is not None
    return found


def test_everything_moves_and_the_second_run_is_empty() -> None:
    fake = moved()
    space = fake.state.namespaces[None]
    assert [address.cidr for address in bridge(fake).addresses] == ["10.103.12.60/22", "10.103.12.61/22"]
    assert bridge(fake).addresses[0].detail == BROADCAST
    assert (bridge(fake).mac, bridge(fake).mtu, bridge(fake).up) == ("02:00:00:00:00:60", 1400, True)
    assert [address.cidr for address in space.links["nic0"].addresses] == ["fe80::1/64"]
    assert space.links["nic0"].master == "br0"
    assert dataclasses.replace(DEFAULT, device="br0") in space.routes
    assert [hop.device for route in space.routes if route.table == 100 for hop in route.nexthops] == ["br0", "other"]
    assert space.neighbours == [dataclasses.replace(PEER, device="br0")]
    assert run_one(fake, "linux_bridge", WISH).steps == []


def test_routes_by_other_links_that_prefer_its_addresses_outlast_the_move() -> None:
    fake = host(addresses=(Address("10.103.12.60/22"), Address("fd00:8::60/64")))
    routes = (
        Route("10.7.0.0/16", device="other", source="10.103.12.60"),
        Route("fd07::/64", device="other", source="fd00:8::60", metric=1024),
    )
    fake.state.namespaces[None].routes += routes
    before = picture(fake)
    run_one(fake, "linux_bridge", WISH)
    assert all(route in fake.state.namespaces[None].routes for route in routes)
    assert run_one(fake, "linux_bridge", WISH).steps == []
    run_one(fake, "linux_bridge", {"name": "br0", "state": "absent"})
    assert all(route in fake.state.namespaces[None].routes for route in routes)
    fake.fail_at = len(fake.done) + 9
    with pytest.raises(Failed):
        run_one(fake, "linux_bridge", WISH)
    kernel = [route for route in before[0][None].routes if route.protocol == "kernel"]
    assert [route for route in picture(fake)[0][None].routes if route not in kernel] == [
        route for route in before[0][None].routes if route not in kernel
    ]


@pytest.mark.parametrize(
    "route",
    [
        Route("192.0.2.0/25", gateway="10.103.12.1", device="nic0", rest=((30, "4d000000"),)),
        Route("192.0.2.0/25", device="nic0", rest=((21, "0600"),)),
    ],
)
def test_what_cannot_come_along_is_refused_by_name(route: Route) -> None:
    fake = host()
    fake.read_only = True
    fake.state.namespaces[None].routes.append(route)
    for kind, params in (
        ("linux_bridge", WISH),
        ("netns_interface", {"name": "eth9", "netns": "red", "source": {"name": "nic0"}}),
    ):
        fake.state.namespaces.setdefault("red", Namespace("red", 77, 77, links={"lo": Link("lo", index=1)}))
        with pytest.raises(Conflict, match=r"route 192\.0\.2\.0/25 .*(nexthop object 77|a BPF program)"):
            run_one(fake, kind, params, check=True)


def test_an_address_that_the_nic_answers_for_moves_and_comes_home() -> None:
    fake = host()
    proxy = Neighbour("10.103.12.9", None, "nic0", proxy=True)
    fake.state.namespaces[None].neighbours.append(proxy)
    run_one(fake, "linux_bridge", WISH)
    assert fake.state.namespaces[None].neighbours == [dataclasses.replace(one, device="br0") for one in (PEER, proxy)]
    assert run_one(fake, "linux_bridge", WISH).steps == []
    run_one(fake, "linux_bridge", {"name": "br0", "state": "absent"})
    assert fake.state.namespaces[None].neighbours == [PEER, proxy]


def test_the_guard_comes_first_and_check_mode_foretells_all() -> None:
    fake = host()
    fake.read_only = True
    foretold = run_one(fake, "linux_bridge", WISH, check=True)
    assert foretold.steps[:3] == [GUARD, "create bridge br0", "set nic0: master=br0"]
    fake.read_only = False
    assert run_one(fake, "linux_bridge", WISH).steps == foretold.steps


@pytest.mark.parametrize("back", [{"name": "br0", "state": "absent"}, {"name": "br0", "clear": ["uplink"]}])
def test_the_way_home(back: Params) -> None:
    before = picture(host())
    fake = moved()
    assert GUARD in run_one(fake, "linux_bridge", back).steps
    run_one(fake, "linux_bridge", {"name": "br0", "state": "absent"})
    assert picture(fake) == before


@pytest.mark.parametrize("number", range(14))
def test_a_failure_at_any_step_is_undone(number: int) -> None:
    fake = host()
    before = picture(fake)
    fake.fail_at = number
    with pytest.raises(Failed):
        run_one(fake, "linux_bridge", WISH)
    after = picture(fake)
    assert after[0][None].links == before[0][None].links
    assert [route for route in after[0][None].routes if route.protocol != "kernel"] == [
        route for route in before[0][None].routes if route.protocol != "kernel"
    ]
    assert after[3] == before[3]


def drifted(change: t.Callable[[FakeHost], None]) -> list[str]:
    """What is mended after somebody changed the host by hand."""
    fake = moved()
    change(fake)
    steps = run_one(fake, "linux_bridge", WISH).steps
    assert run_one(fake, "linux_bridge", WISH).steps == []
    return steps


def test_drift() -> None:
    def taken_out(fake: FakeHost) -> None:
        fake.state.put(None, dataclasses.replace(fake.state.namespaces[None].links["nic0"], master=None))

    def address_back(fake: FakeHost) -> None:
        fake.state.put(
            None,
            dataclasses.replace(fake.state.namespaces[None].links["nic0"], addresses=(Address("10.103.12.60/22"),)),
        )

    def address_lost(fake: FakeHost) -> None:
        fake.state.put(None, dataclasses.replace(bridge(fake), addresses=bridge(fake).addresses[:1]))

    def route_lost(fake: FakeHost) -> None:
        fake.state.namespaces[None].routes.remove(dataclasses.replace(DEFAULT, device="br0"))

    def neighbour_lost(fake: FakeHost) -> None:
        fake.state.namespaces[None].neighbours.clear()

    assert drifted(taken_out) == [GUARD, "set nic0: master=br0"]
    assert drifted(address_back) == [GUARD, "delete address 10.103.12.60/22 from nic0"]
    assert drifted(address_lost) == [GUARD, "add address 10.103.12.61/22 to br0"]
    assert drifted(route_lost) == [GUARD, "set route default via 10.3.9.4 dev br0"]
    assert drifted(neighbour_lost) == [GUARD, "set neighbour 10.103.12.9 of br0: mac=02:00:00:00:00:99"]


def test_a_route_that_somebody_replaced_stays() -> None:
    fake = moved()
    routes = fake.state.namespaces[None].routes
    routes.remove(dataclasses.replace(DEFAULT, device="br0"))
    routes.append(dataclasses.replace(DEFAULT, device="br0", gateway="10.3.9.5"))
    assert run_one(fake, "linux_bridge", WISH).steps == []


def test_what_came_to_the_nic_later_moves_and_goes_home_too() -> None:
    fake = moved()
    nic = fake.state.namespaces[None].links["nic0"]
    fake.state.put(None, dataclasses.replace(nic, addresses=(*nic.addresses, Address("10.50.0.1/24"))))
    assert "add address 10.50.0.1/24 to br0" in run_one(fake, "linux_bridge", WISH).steps
    run_one(fake, "linux_bridge", {"name": "br0", "state": "absent"})
    assert "10.50.0.1/24" in [address.cidr for address in fake.state.namespaces[None].links["nic0"].addresses]


def test_declared_addresses_take_the_place_of_the_uplinks() -> None:
    fake = moved(addresses=["10.103.12.99/22"])
    assert [address.cidr for address in bridge(fake).addresses] == ["10.103.12.99/22"]
    run_one(fake, "linux_bridge", {"name": "br0", "state": "absent"})
    assert [address.cidr for address in fake.state.namespaces[None].links["nic0"].addresses][1:] == [
        "10.103.12.60/22",
        "10.103.12.61/22",
    ]


def test_the_uplink_counts_as_a_port_of_the_exact_list() -> None:
    fake = moved(ports=["other"])
    assert {link.name for link in fake.state.namespaces[None].links.values() if link.master == "br0"} == {
        "nic0",
        "other",
    }


def test_the_uplink_stays_a_port_of_the_exact_list_where_its_option_is_left_out() -> None:
    fake = moved(ports=["other"])
    assert run_one(fake, "linux_bridge", {"name": "br0", "ports": ["other"]}).steps == []
    run_one(fake, "linux_bridge", {"name": "br0", "ports": []})
    assert {link.name for link in fake.state.namespaces[None].links.values() if link.master == "br0"} == {"nic0"}


def test_another_uplink_takes_its_place() -> None:
    fake = moved()
    run_one(fake, "linux_bridge", {"name": "br0", "uplink": "other", "ports": []})
    links = fake.state.namespaces[None].links
    assert (links["nic0"].master, links["other"].master) == (None, "br0")
    assert "10.103.12.60/22" in [address.cidr for address in links["nic0"].addresses]
    assert [address.cidr for address in links["br0"].addresses] == ["10.9.0.2/24"]


def test_a_nic_that_was_made_a_port_by_hand_is_adopted() -> None:
    fake = host(addresses=(), master="br0")
    fake.state.put(
        None,
        Link(
            "br0",
            "bridge",
            mac="02:00:00:00:00:60",
            mtu=1400,
            up=True,
            addresses=(Address("10.103.12.60/22"),),
            data={},
        ),
    )
    fake.state.namespaces[None].routes[:] = [dataclasses.replace(DEFAULT, device="br0")]
    fake.state.namespaces[None].neighbours.clear()
    assert run_one(fake, "linux_bridge", WISH).steps == []
    run_one(fake, "linux_bridge", {"name": "br0", "state": "absent"})
    assert [address.cidr for address in fake.state.namespaces[None].links["nic0"].addresses] == ["10.103.12.60/22"]
    assert DEFAULT in fake.state.namespaces[None].routes


def test_the_guard_ends_the_moment_in_which_an_address_goes() -> None:
    """A run that is killed in it leaves a sysctl as no step shows it."""
    key = ("nic0", "ipv4.promote_secondaries")
    before, now = host().state, host().state
    before.namespaces[None].sysctl[key], now.namespaces[None].sysctl[key] = "0", "1"
    assert [op.sentence() for op in back_to(before, now, None, "nic0", "br0")] == [
        "set sysctl ipv4.promote_secondaries=0 of nic0"
    ]


def test_the_guard_puts_back_what_differs_and_nothing_else() -> None:
    fake = host()
    before = fake.state.clone()
    run_one(fake, "linux_bridge", WISH)
    fake.state.namespaces[None].routes.append(Route("198.51.100.0/24", device="other"))  # somebody else's
    for op in back_to(before, fake.state, None, "nic0", "br0"):
        fake.do([op])
    assert back_to(before, fake.state, None, "nic0", "br0") == []
    assert fake.state.link(None, "br0") is None
    assert fake.state.files.get(uplink_record(None, "nic0")) is None
    assert Route("198.51.100.0/24", device="other") in fake.state.namespaces[None].routes


def test_the_guard_leaves_another_nic_of_the_name_alone() -> None:
    fake = host()
    before = fake.state.clone()
    run_one(fake, "linux_bridge", WISH)
    fake.state.put(None, Link("nic0", "dummy", index=777, addresses=(Address("203.0.113.1/24"),)))
    ops = back_to(before, fake.state, None, "nic0", "br0")
    assert [op.sentence() for op in ops] == ["delete link br0", "delete /run/netloom/uplink/@host/nic0.json"]


def test_what_the_guard_is_refused_does_not_keep_it_from_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = host()
    before = fake.state.clone()
    run_one(fake, "linux_bridge", WISH)

    def refused(_self: LinkSet, _now: Snapshot) -> None:
        raise Conflict("somebody else has it")

    monkeypatch.setattr(LinkSet, "check", refused)
    assert "add address 10.103.12.60/22 to nic0" in [
        op.sentence() for op in back_to(before, fake.state, None, "nic0", "br0")
    ]


def test_the_guard_gives_ipv6_addresses_anew_whose_connected_route_was_lost() -> None:
    connected, default = (
        Route("fd00:8::/64", device="nic0", protocol="kernel"),
        Route("::/0", gateway="fd00:8::1", device="nic0"),
    )
    fake = host(addresses=(Address("fe80::1/64", link_local=True), Address("fd00:8::60/64"), Address("fd00:8::5a/64")))
    fake.state.namespaces[None].routes += [connected, default]
    before = fake.state.clone()
    for route in (connected, default):  # a run was killed before it came to the addresses
        fake.state.namespaces[None].routes.remove(route)
    said = [op.sentence() for op in back_to(before, fake.state, None, "nic0", "br0")]
    assert said == [
        "delete address fd00:8::60/64 from nic0",
        "delete address fd00:8::5a/64 from nic0",
        "add address fd00:8::5a/64 to nic0",
        "add address fd00:8::60/64 to nic0",
        "set route default via fd00:8::1 dev nic0",
    ]


def test_the_guard_of_the_way_home_makes_the_bridge_again() -> None:
    fake = moved(ports=["other"])
    before = fake.state.clone()
    run_one(fake, "linux_bridge", {"name": "br0", "state": "absent"})
    for op in back_to(before, fake.state, None, "nic0", "br0"):
        fake.do([op])
    assert run_one(fake, "linux_bridge", {**WISH, "ports": ["other"]}).steps == []


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"uplink": "br0"}, BadInput, "uplink: 'br0' is the bridge itself"),
        ({"uplink": "lo"}, BadInput, "uplink: 'lo' is the loopback link"),
        ({"uplink": ""}, BadInput, "uplink: is empty; use `clear: [uplink]`"),
        ({"uplink": "ens3"}, Missing, "the uplink of 'br0': no such link on the host; its NICs are nic0, other."),
        ({"uplink": "nic1"}, Missing, "no such link on the host; its NICs are nic0, other."),
        ({"uplink": "nic1"}, Missing, "`netns` says where the bridge is. Did you mean 'nic0'?"),
        ({"confirm_timeout": 4}, BadInput, "confirm_timeout"),
        ({"up": False}, BadInput, "up: a bridge that is down would cut its uplink 'nic0' off"),
        ({"stp": True}, BadInput, "confirm_timeout: with stp the uplink forwards nothing for 30 s"),
        ({"addresses": ["10.103.12.9/24", "192.0.2.1/24"]}, None, ""),
        (
            {"addresses": ["192.0.2.1/24"]},
            BadInput,
            "none covers the gateway 10.103.12.1 of the route to '192.0.2.0/24'",
        ),
    ],
)
def test_bad_input(options: Params, error: type[Exception] | None, says: str) -> None:
    if error is None:
        run_one(host(), "linux_bridge", {**WISH, **options})  # the gateway is on the link, whatever the addresses are
        return
    with pytest.raises(error) as caught:
        run_one(host(), "linux_bridge", {**WISH, **options})
    assert says in str(caught.value)


def test_unfit_nics() -> None:
    def says(fake: FakeHost, **options: t.Any) -> str:
        with pytest.raises((Conflict, BadInput)) as caught:
            run_one(fake, "linux_bridge", {**WISH, **options})
        assert fake.done == []
        return str(caught.value)

    assert "it is a bridge itself" in says(host(kind="bridge"))
    assert "it is a port of 'br9'" in says(host(master="br9"))
    assert "it is a port of Open vSwitch" in says(host(held_by="ovs-system"))
    leased = host(addresses=(Address("10.103.12.60/22", dynamic=True),))
    assert "10.103.12.60/22 is leased by DHCP" in says(leased)
    wireless = host()
    wireless.state.answers[Wired("nic0")] = False
    assert "it is a wireless device" in says(wireless)
    pending = host()
    pending.state.answers[GuardOf(None, "nic0")] = 12
    assert "another run is moving it, and is not confirmed yet. Run again in 12 s" in says(pending)
    near = host()
    near.state.namespaces[None].routes[0] = dataclasses.replace(DEFAULT, onlink=False, gateway="10.103.12.1")
    assert "addresses: none covers the gateway 10.103.12.1" in says(near, addresses=["192.0.2.1/24"])


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"netns_interface": [{"name": "nic0", "addresses": ["10.0.0.1/24"]}]}, "which owns its addresses"),
        (
            {"netns_interface": [{"name": "x", "source": {"name": "nic0"}}]},
            "netns_interface[0].source: 'nic0' is the uplink of linux_bridge[0]",
        ),
        ({"linux_bridge": [WISH, {"name": "br1", "uplink": "nic0"}]}, "a link has one master"),
        ({"linux_bridge": [WISH, {"name": "br1", "ports": ["nic0"]}]}, "a link has one master"),
    ],
)
def test_two_owners_in_a_topology(more: Params, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        run_topology(host(), {"name": "t", "linux_bridge": [WISH], **more})
    assert says in str(caught.value)


def test_a_topology_moves_and_returns() -> None:
    fake = host()
    run_topology(fake, {"name": "t", "linux_bridge": [{**WISH, "ports": []}]})
    assert run_topology(fake, {"name": "t", "linux_bridge": [{**WISH, "ports": []}]}).steps == []
    run_topology(fake, {"name": "t", "state": "absent"})
    assert fake.state.link(None, "br0") is None
    assert "10.103.12.60/22" in [address.cidr for address in fake.state.namespaces[None].links["nic0"].addresses]


def test_a_bridge_that_was_there_before_the_topology_stays_without_its_uplink() -> None:
    fake = host()
    run_one(fake, "linux_bridge", {"name": "br0"})
    run_topology(fake, {"name": "t", "linux_bridge": [WISH]})
    run_topology(fake, {"name": "t", "state": "absent"})
    links = fake.state.namespaces[None].links
    assert (links["br0"].addresses, links["nic0"].master) == ((), None)
    assert "10.103.12.60/22" in [address.cidr for address in links["nic0"].addresses]
