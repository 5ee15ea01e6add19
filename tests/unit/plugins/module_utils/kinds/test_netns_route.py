# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which route of a host a declaration means, and what is nobody's wish, on the fake host."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import BadInput, Conflict
from ansible_collections.netloom.linux.plugins.module_utils._model._route import Nexthop, Route
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Address, Link
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost, run_one, run_topology

Params = dict[str, t.Any]
FOUR = Route("0.0.0.0/0", gateway="192.0.1.1", device="q1")
OTHER = Route("0.0.0.0/0", gateway="192.0.2.1", device="q2")
TOS = Route("0.0.0.0/0", gateway="192.0.2.9", device="q2", tos=0x10)
SIX = Route("::/0", gateway="2001:db8:1::1", device="q1", metric=1024)
RA = Route("::/0", gateway="fe80::1", device="q1", metric=1024, protocol="ra", expires=1800)
BY_1, BY_2 = (Route("fd99::/64", device=device, metric=1024, protocol="boot") for device in ("q1", "q2"))


def host(*routes: Route) -> FakeHost:
    """Two links with addresses, and these routes."""
    fake = FakeHost()
    for number in (1, 2):
        addresses = (Address(f"192.0.{number}.7/24"), Address(f"2001:db8:{number}::7/64"))
        fake.state.put(
            None, Link(f"q{number}", "", index=number + 1, mtu=1500, txqueuelen=1000, up=True, addresses=addresses)
        )
    fake.state.namespaces[None].routes += list(routes)
    return fake


def left(fake: FakeHost) -> list[Route]:
    """The routes that there are beside the kernel's."""
    return [route for route in fake.state.namespaces[None].routes if route.protocol != "kernel"]


def to(destination: str, **options: t.Any) -> Params:
    """A declaration."""
    return {"destination": destination, **options}


@pytest.mark.parametrize(
    ("there", "wish"),
    [
        ((FOUR, OTHER), to("default", gateway="192.0.2.1")),  # appended: the second of one key
        ((FOUR, OTHER), to("default", gateway="192.0.1.1", device="q1")),
        ((TOS, FOUR), to("default", gateway="192.0.1.1")),
        ((TOS, FOUR), to("default", gateway="192.0.2.9", tos=0x10)),
        ((RA, SIX), to("default", gateway="2001:db8:1::1")),  # the router was first
        ((BY_1, BY_2), to("fd99::/64", device="q2")),
        ((SIX,), to("default", nexthops=[{"gateway": "2001:db8:1::1"}])),  # one of several ways is a way
        ((FOUR,), to("default", nexthops=[{"gateway": "192.0.1.1", "device": "q1", "weight": 3}])),
        ((Route("10.0.0.0/8", type="throw", scope="global"),), to("10.0.0.0/8", type="throw")),
        (
            (Route("10.0.0.0/8", type="local", device="lo", table=255, scope="host"),),
            to("10.0.0.0/8", type="local", device="lo"),
        ),
        ((Route("0.0.0.0/0", gateway="fe80::1", device="q1"),), to("0.0.0.0/0", gateway="fe80::1", device="q1")),
    ],
)
def test_an_exact_match_anywhere_is_in_effect(there: tuple[Route, ...], wish: Params) -> None:
    fake = host(*there)
    assert run_one(fake, "netns_route", wish).steps == []
    assert left(fake) == list(there)


@pytest.mark.parametrize(
    ("foreign", "wish", "ours"),
    [
        (TOS, to("default", gateway="192.0.1.1"), "default via 192.0.1.1"),
        (FOUR, to("default", gateway="192.0.2.9", tos=16), "default tos 0x10 via 192.0.2.9"),
        (RA, to("default", gateway="2001:db8:1::1"), "default via 2001:db8:1::1"),
        (BY_1, to("fd99::/64", device="q2"), "fd99::/64 dev q2"),
        (
            Route("fd99::/64", device="q1", metric=1024, only_from="fd70::/64"),
            to("fd99::/64", device="q1"),
            "fd99::/64 dev q1",
        ),
        (
            Route("fd99::/64", gateway="2001:db8:2::1", device="q2", metric=7),
            to("fd99::/64", device="q1"),
            "fd99::/64 dev q1",
        ),
    ],
)
def test_what_has_another_identity_stays_whatever_comes_and_goes(foreign: Route, wish: Params, ours: str) -> None:
    fake = host(foreign)
    assert run_one(fake, "netns_route", wish).steps == [f"set route {ours}"]
    assert run_one(fake, "netns_route", wish).steps == []
    assert foreign in left(fake)
    assert run_one(fake, "netns_route", {**wish, "state": "absent"}).steps == [
        f"delete route {ours.split(maxsplit=1)[0]}"
    ]
    assert left(fake) == [foreign]


@pytest.mark.parametrize(
    "there", [(RA,), (RA, Route("::/0", gateway="2001:db8:1::1", device="q1", metric=1024, expires=9))]
)
def test_what_comes_by_itself_is_never_deleted(there: tuple[Route, ...]) -> None:
    fake = host(*there)
    assert run_one(fake, "netns_route", to("::/0", state="absent")).steps == []
    assert left(fake) == list(there)


def test_absent_leaves_none_that_matches() -> None:
    fake = host(FOUR, OTHER, TOS)
    assert run_one(fake, "netns_route", to("default", state="absent")).steps == ["delete route default"] * 2
    assert left(fake) == [TOS]
    fake = host(FOUR, OTHER)
    run_one(fake, "netns_route", to("default", gateway="192.0.2.1", state="absent"))
    assert left(fake) == [FOUR]
    again = run_one(fake, "netns_route", to("default", gateway="192.0.2.1", state="absent"))
    assert (again.steps, again.warnings[0][:47]) == ([], "Left alone: route default via 192.0.1.1 dev q1,")


def test_a_record_of_an_older_release_is_of_the_same_route() -> None:
    fake = host()
    wish = {"name": "t", "netns_route": [to("fd99::/64", device="q2")]}
    run_topology(fake, wish)
    path = next(path for path in fake.state.files if path.endswith("topologies/t.json"))
    fake.state.files[path] = str(fake.state.files[path]).replace(', \\"dev q2\\"', "")
    assert run_topology(fake, wish).steps == []
    assert run_topology(fake, {"name": "t", "state": "absent"}).steps == ["delete route fd99::/64"]
    assert left(fake) == []


def test_what_was_adopted_beside_a_router_comes_back_without_the_routers() -> None:
    fake = host(RA)
    wish = {"name": "t", "netns_route": [to("default", gateway="2001:db8:1::1")]}
    run_topology(fake, wish)
    run_topology(fake, {"name": "t", "state": "absent"})
    assert left(fake) == [RA]


def test_a_route_of_a_topology_that_was_changed_by_hand_is_mended_and_goes() -> None:
    fake = host()
    wish = {"name": "t", "netns_route": [to("::/0", device="q1", metric=7)]}
    run_topology(fake, wish)
    fake.state.namespaces[None].routes[:] = [Route("::/0", device="q2", metric=7, protocol="boot")]
    assert run_topology(fake, wish).steps == ["set route default dev q1"]
    fake.state.namespaces[None].routes[:] = [Route("::/0", device="q2", metric=7, protocol="boot")]
    assert run_topology(fake, {"name": "t", "state": "absent"}).steps == ["delete route default"]


@pytest.mark.parametrize("protocol", ["186", "dhcp", "zebra"])
@pytest.mark.parametrize("destination", ["10.9.0.0/16", "::/0"])
def test_a_route_that_a_daemon_put_in_the_place_of_ours_stays(protocol: str, destination: str) -> None:
    fake = host()
    run_topology(fake, {"name": "t", "netns_route": [to(destination, device="q1", metric=7)]})
    theirs = Route(destination, device="q2", metric=7, protocol=protocol)
    fake.state.namespaces[None].routes[:] = [theirs]
    assert run_topology(fake, {"name": "t", "state": "absent"}).steps == []
    assert left(fake) == [theirs]


def test_a_route_of_a_topology_that_was_made_beside_anothers_never_takes_that() -> None:
    fake = host(BY_1)
    wish = {"name": "t", "netns_route": [to("fd99::/64", device="q2")]}
    run_topology(fake, wish)
    fake.state.namespaces[None].routes[:] = [BY_1]
    assert run_topology(fake, wish).steps == ["set route fd99::/64 dev q2"]
    fake.state.namespaces[None].routes[:] = [BY_1]
    run_topology(fake, {"name": "t", "state": "absent"})
    assert left(fake) == [BY_1]


def test_an_adopted_way_comes_back_in_its_form() -> None:
    was = Route("10.9.0.0/16", gateway="192.0.1.9", device="q1", metrics=((8, "e8030000"),), rest=((11, "07000000"),))
    fake = host(was)
    run_topology(
        fake,
        {
            "name": "t",
            "netns_route": [to("10.9.0.0/16", nexthops=[{"gateway": "192.0.1.1"}, {"gateway": "192.0.2.1"}])],
        },
    )
    now = left(fake)
    assert [hop.gateway for route in now for hop in route.nexthops] == ["192.0.1.1", "192.0.2.1"]
    assert [(route.metrics, route.rest) for route in now] == [(was.metrics, was.rest)]  # what nobody spoke of
    run_topology(fake, {"name": "t", "state": "absent"})
    assert left(fake) == [was]


@pytest.mark.parametrize(
    ("there", "wish", "says"),
    [
        (
            RA,
            to("default", gateway="fe80::1", device="q1"),
            "leads there the same way, and the kernel keeps one of both",
        ),
        (
            SIX,
            to("default", gateway="2001:db8:2::1"),
            "which is somebody else's, and the kernel would share the packets",
        ),
        (
            Route("10.9.0.0/16", device="q1", rest=((21, "0600"),)),
            to("10.9.0.0/16", device="q2"),
            "a BPF program encapsulates its packets",
        ),
        (
            Route("10.9.0.0/16", device="q1", rest=((21, "0600"),)),
            to("10.9.0.0/16", state="absent"),
            "so it could not be put back",
        ),
    ],
)
def test_what_the_kernel_would_make_of_it_is_refused(there: Route, wish: Params, says: str) -> None:
    fake = host(there)
    fake.read_only = True
    with pytest.raises(Conflict, match=says):
        run_one(fake, "netns_route", wish, check=True)


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        (
            to("fd00::/64", gateway="fe80::9"),
            "device: 'fe80::9' is link-local, so each link may have one; name the device",
        ),
        (to("10.0.0.0/8", gateway="fe80::9"), "name the device"),
        (
            to("fd00::/64", nexthops=[{"gateway": "fe80::9"}, {"gateway": "fd00::9"}]),
            r"nexthops\[0\]\.device: 'fe80::9' is link-local",
        ),
        (to("fd00::/64", nexthops=[{"device": "q1"}, {"device": "q2"}]), r"nexthops\[0\]\.gateway: is missing"),
        (
            to("fd00::/64", nexthops=[{"gateway": "fd00::9"}, {"gateway": "fd00::9", "device": "q1"}]),
            r"nexthops\[1\]\.gateway: 'fd00::9' is there twice",
        ),
        (to("fd00::/64", gateway="192.0.1.1"), "both must be of one family"),
        (to("fd00::/64", device="q1", tos=16), "tos: the kernel's IPv6 routes have none"),
        (
            to("10.0.0.0/8", device="q1", tos=5),
            "tos: 5 has one of the two lowest bits set, which are those of ECN; did you mean 4",
        ),
        (to("10.0.0.0/8", device="q1", table="mine"), "table: 'mine' is not a routing table"),
        (to("10.0.0.0/8", type="local"), "device: a local route needs the link"),
        (to("10.0.0.0/8", type="local", device="lo", gateway="192.0.1.1"), "type: a local route takes packets in"),
        (to("10.0.0.0/8", type="throw", device="lo"), "type: a throw route ends the look-up"),
        (to("10.0.0.0/8", type="multicast"), "gateway: a multicast route to '10.0.0.0/8' needs"),
    ],
)
def test_bad_input(wish: Params, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        run_one(host(), "netns_route", wish)


def test_a_list_of_hops_shrinks_to_one_and_grows_again() -> None:
    fake = host()
    hops = [{"gateway": "192.0.1.1"}, {"gateway": "192.0.2.1"}]
    for number in (2, 1, 2):
        run_one(fake, "netns_route", to("default", nexthops=hops[:number]))
        assert run_one(fake, "netns_route", to("default", nexthops=hops[:number])).steps == []
    assert [len(route.ways) for route in left(fake)] == [2]


def test_the_undo_of_a_failed_run_gives_back_the_very_route() -> None:
    was = Route(
        "10.9.0.0/16",
        gateway="192.0.1.9",
        device="q1",
        metrics=((1, "04000000"), (8, "e8030000")),
        rest=((11, "07000000"),),
        scope="site",
        tos=8,
    )
    fake = host(
        was,
        Route(
            "10.8.0.0/16",
            nexthops=(Nexthop("192.0.1.1", "q1", 2, rest=((11, "01000000"),)), Nexthop("192.0.2.1", "q2", onlink=True)),
        ),
    )
    before = left(fake)
    fake.fail_at = 1
    wish = {
        "name": "t",
        "netns_interface": [{"name": "q1", "up": False}],
        "netns_route": [to("10.7.0.0/16", device="q2")],
    }
    with pytest.raises(Exception, match="refused by the test"):
        run_topology(fake, wish)
    assert sorted(left(fake), key=str) == sorted(before, key=str)


@pytest.mark.parametrize(
    ("foreign", "wish"),
    [
        (
            Route("10.8.0.0/16", metric=5, type="blackhole", scope="global", protocol="boot"),
            to("10.8.0.0/16", metric=5, gateway="192.0.1.1"),
        ),
        (Route("10.8.0.0/16", table=77, type="throw", scope="global"), to("10.8.0.0/16", table=77, type="unreachable")),
        (
            Route("10.8.0.0/16", gateway="192.0.1.1", device="q1", protocol="bgp", rest=((11, "05000000"),)),
            to("10.8.0.0/16", gateway="192.0.2.1"),
        ),
        (SIX, to("default", gateway="2001:db8:1::9")),
        (FOUR, to("default", nexthops=[{"gateway": "192.0.1.1"}, {"gateway": "192.0.2.1"}])),
    ],
)
def test_an_adopted_route_comes_back_as_it_was(foreign: Route, wish: Params) -> None:
    """With its type, and who made it: a blackhole that a declared route replaced was deleted with that one."""
    fake = host(foreign)
    assert run_topology(fake, {"name": "t", "netns_route": [wish]}).changed
    assert not run_topology(fake, {"name": "t", "netns_route": [wish]}).changed
    assert left(fake) != [foreign]
    run_topology(fake, {"name": "t", "state": "absent"})
    assert left(fake) == [foreign]
    assert not run_topology(fake, {"name": "t", "state": "absent"}).changed


def test_an_adopted_route_whose_link_is_gone_does_not_come_back() -> None:
    foreign = Route("10.8.0.0/16", gateway="192.0.1.1", device="q1", protocol="bgp")
    fake = host(foreign)
    run_topology(fake, {"name": "t", "netns_route": [to("10.8.0.0/16", gateway="192.0.2.1")]})
    del fake.state.namespaces[None].links["q1"]
    outcome = run_topology(fake, {"name": "t", "state": "absent"})
    assert "The route 10.8.0.0/16 via 192.0.1.1 dev q1 does not come back: its link is gone." in outcome.warnings
    assert left(fake) == []


def in_a_vrf() -> FakeHost:
    """A host whose second link is a port of a VRF."""
    fake = host()
    fake.state.put(None, Link("vrf1", "vrf", index=9, up=True))
    fake.state.put(None, dataclasses.replace(fake.state.namespaces[None].links["q2"], master="vrf1"))
    return fake


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        (to("10.0.0.0/8", gateway="192.0.2.1"), r"via 192\.0\.2\.1: only 'q2' has an address in its network"),
        (to("fd00::/64", gateway="2001:db8:2::9"), "which is a port of the VRF 'vrf1'"),
    ],
)
def test_a_gateway_that_only_a_port_of_a_vrf_reaches_is_refused(wish: Params, says: str) -> None:
    with pytest.raises(Conflict, match=says):
        run_one(in_a_vrf(), "netns_route", wish, check=True)


@pytest.mark.parametrize(
    "wish",
    [
        to("10.0.0.0/8", gateway="192.0.1.1"),
        to("10.0.0.0/8", gateway="192.0.2.1", device="q2"),
        to("10.0.0.0/8", gateway="192.0.2.1", table=100),
    ],
)
def test_a_gateway_is_reached_beside_a_vrf_and_by_its_port_and_in_its_table(wish: Params) -> None:
    assert run_one(in_a_vrf(), "netns_route", wish).changed


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        (("q1", "ipv6.disable_ipv6"), "1", "'fd00::/64' by 'q1': IPv6 is off on q1: declare sysctl: "),
        (None, "1000", "'fd00::/64' by 'q1': IPv6 needs an MTU of at least 1280, and it has an MTU of 1000"),
    ],
)
def test_an_ipv6_route_needs_a_link_with_ipv6(key: tuple[str | None, str] | None, value: str, says: str) -> None:
    fake = host()
    space = fake.state.namespaces[None]
    if key is None:
        fake.state.put(None, dataclasses.replace(space.links["q1"], mtu=int(value)))
    else:
        space.sysctl[key] = value
    with pytest.raises(Conflict, match=says):
        run_one(fake, "netns_route", to("fd00::/64", device="q1"), check=True)
    assert run_one(fake, "netns_route", to("10.0.0.0/8", device="q1")).changed


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (
            {"gateway": "192.0.1.255"},
            "via 192.0.1.255: that is the broadcast address of 192.0.1.0/24, the network of 'q1'",
        ),
        ({"nexthops": [{"gateway": "192.0.1.1"}, {"gateway": "192.0.2.255"}]}, "the network of 'q2'"),
        ({"gateway": "192.0.1.255", "device": "q1", "onlink": True}, "the network of 'q1'"),
        (
            {"destination": "fd09::/64", "gateway": "2001:db8:1::7"},
            "via 2001:db8:1::7: that is the host's own address, of 'q1'",
        ),
        ({"destination": "fd09::/64", "gateway": "2001:db8:1::7", "device": "q1"}, "the host's own address"),
        ({"gateway": "192.0.1.1", "scope": "link"}, "via 192.0.1.1 with scope 'link': what is behind a gateway"),
        ({"gateway": "10.1.1.1", "device": "q1", "onlink": True, "scope": "link"}, "with scope 'link'"),
    ],
)
def test_what_the_kernel_calls_an_invalid_argument_is_refused_in_the_plan(options: Params, complaint: str) -> None:
    for check in (True, False):
        with pytest.raises(Conflict, match=complaint):
            run_one(host(), "netns_route", {"destination": "10.9.0.0/16", **options}, check=check)


@pytest.mark.parametrize(
    "options",
    [
        {"gateway": "192.0.1.0"},  # a host's since Linux 5.14
        {"gateway": "192.0.1.7"},  # as in old days: what is on the link
        {"gateway": "192.0.1.7", "scope": "link"},
        {"gateway": "192.0.1.1", "scope": "site"},
        {"gateway": "192.0.1.255", "device": "q2", "onlink": True},
        {"device": "q1", "scope": "host"},
        {"destination": "fd09::/64", "gateway": "fe80::7", "device": "q1"},
    ],
)
def test_what_the_kernel_takes_is_planned(options: Params) -> None:
    assert run_one(host(), "netns_route", {"destination": "10.9.0.0/16", **options}).changed


def test_a_gateway_in_a_network_of_two_has_no_broadcast_address() -> None:
    fake = host()
    link = fake.state.namespaces[None].links["q1"]
    fake.state.put(None, dataclasses.replace(link, addresses=(Address("192.0.9.0/31"),)))
    assert run_one(fake, "netns_route", to("10.9.0.0/16", gateway="192.0.9.1")).changed


def test_the_broadcast_address_of_a_network_in_a_vrf_is_a_host_elsewhere() -> None:
    fake = in_a_vrf()
    link = fake.state.namespaces[None].links["q1"]
    fake.state.put(None, dataclasses.replace(link, addresses=(Address("192.0.9.1/16"),)))
    assert run_one(fake, "netns_route", to("10.9.0.0/16", gateway="192.0.2.255")).changed
