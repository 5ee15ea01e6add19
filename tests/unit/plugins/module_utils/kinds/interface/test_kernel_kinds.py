# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of the kernel: what a host has -> what is to be done, as tables on the fake host."""

from __future__ import annotations

import copy
import dataclasses
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._apply import Failed, batches
from ansible_collections.netloom.linux.plugins.module_utils._engine._planning import plan
from ansible_collections.netloom.linux.plugins.module_utils._engine._topology import EntryReader
from ansible_collections.netloom.linux.plugins.module_utils._model._bridge_port import PORT_DEFAULTS
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import BadInput, Conflict, Missing
from ansible_collections.netloom.linux.plugins.module_utils._model._route import Nexthop, Route
from ansible_collections.netloom.linux.plugins.module_utils._model._scope import (
    LinkKindKnown,
    MountsPrivate,
    NamespaceOf,
    Scope,
    SysctlKnown,
    Uptime,
    UserId,
)
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Address, Daemon, Link, Namespace
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost, picture, run_one

Params = dict[str, t.Any]
PAIR: Params = {
    "name": "veth-a",
    "addresses": ["10.0.0.1/24"],
    "peer": {"name": "eth0", "netns": "red", "addresses": ["10.0.0.2/24"]},
}
BRIDGE: Params = {"name": "br0"}


def host() -> FakeHost:
    """Two namespaces of which one name contains the other, a NIC with an address, a pair, and a bridge with a port."""
    fake = FakeHost("red", "redhat")
    fake.state.put(
        None,
        Link(
            "nic0",
            "",
            mac="02:00:00:00:00:09",
            permanent_mac="02:00:00:00:00:09",
            up=True,
            addresses=(Address("192.0.2.1/24"),),
        ),
    )
    run_one(fake, "veth", PAIR)
    run_one(fake, "veth", {"name": "port0", "peer": {"name": "eth1", "netns": "red"}})
    run_one(fake, "linux_bridge", {**BRIDGE, "ports": ["port0"]})
    return fake


def test_a_kind_that_the_kernel_lacks_is_refused_before_anything_is_touched() -> None:
    fake = host()
    fake.state.answers.update({LinkKindKnown("vlan"): False, LinkKindKnown("tun"): False})
    before = picture(fake)
    with pytest.raises(BadInput, match=r"kind: this kernel can make no vlan\. Load its module \(modprobe 8021q\)"):
        run_one(fake, "netns_interface", {"name": "v5", "kind": "vlan", "parent": "lo", "id": 5})
    with pytest.raises(BadInput, match=r"kind: 'tap' needs /dev/net/tun, which is not there"):
        run_one(fake, "netns_interface", {"name": "t5", "kind": "tap"})
    assert picture(fake) == before


@pytest.mark.parametrize(
    ("kind", "params", "steps"),
    [
        ("netns", {"name": "red"}, []),
        ("netns", {"name": "re"}, ["create namespace re", "set lo in re: up"]),
        ("netns", {"name": "red", "loopback": False}, ["set lo in red: down"]),
        (
            "netns",
            {"name": "red", "sysctl": {"net.ipv4.ip_forward": True}},
            ["set sysctl net.ipv4.ip_forward=1 in red"],
        ),
        ("netns", {"name": "red", "etc_files": {"resolv.conf": "x\n"}}, ["write /etc/netns/red/resolv.conf"]),
        ("netns", {"name": "redhat", "state": "absent"}, ["delete namespace redhat"]),
        (
            "netns",
            {"name": "red", "state": "absent"},
            ["delete link eth0 in red", "delete link eth1 in red", "delete namespace red"],
        ),
        ("netns", {"name": "none", "state": "absent"}, []),
        ("veth", PAIR, []),
        ("veth", {**PAIR, "addresses": None}, []),
        ("veth", {**PAIR, "addresses": []}, ["delete address 10.0.0.1/24 from veth-a"]),
        ("veth", {**PAIR, "addresses": None, "clear": ["addresses"]}, ["delete address 10.0.0.1/24 from veth-a"]),
        ("veth", {**PAIR, "mtu": 1400, "alias": "x"}, ["set veth-a: mtu=1400, alias=x"]),
        ("veth", {**PAIR, "up": False}, ["set veth-a: down"]),
        ("veth", {**PAIR, "tx_checksum": False}, ["switch transmit checksum offload of veth-a off"]),
        ("veth", {**PAIR, "sysctl": {"rp_filter": 2}}, ["set sysctl ipv4.rp_filter=2 of veth-a"]),
        (
            "veth",
            {**PAIR, "sysctl": {"accept_ra": 0, "ipv6.forwarding": 1}},
            ["set sysctl ipv6.accept_ra=0 of veth-a", "set sysctl ipv6.forwarding=1 of veth-a"],
        ),
        ("veth", {**PAIR, "master": "br0"}, ["set veth-a: master=br0"]),
        ("veth", {"name": "port0", "master": "", "peer": {"name": "eth1", "netns": "red"}}, ["set port0: master=none"]),
        ("veth", {"name": "veth-a", "state": "absent"}, ["delete link veth-a"]),
        ("linux_bridge", {**BRIDGE, "ports": ["port0"]}, []),
        ("linux_bridge", BRIDGE, []),
        ("linux_bridge", {**BRIDGE, "ports": []}, ["set port0: master=none"]),
        ("linux_bridge", {**BRIDGE, "ports": ["veth-a"]}, ["set port0: master=none", "set veth-a: master=br0"]),
        (
            "linux_bridge",
            {**BRIDGE, "stp": True, "forward_delay": 4, "priority": 1},
            ["set br0: stp=True, forward_delay=4, priority=1"],
        ),
        ("linux_bridge", {**BRIDGE, "state": "absent"}, ["delete link br0"]),
        (
            "netns_route",
            {"netns": "red", "destination": "default", "gateway": "10.0.0.1"},
            ["set route default via 10.0.0.1 in red"],
        ),
        (
            "netns_route",
            {"netns": "red", "destination": "10.9.0.0/16", "device": "eth0"},
            ["set route 10.9.0.0/16 dev eth0 in red"],
        ),
        (
            "netns_route",
            {"netns": "red", "destination": "10.9.0.0/16", "type": "blackhole"},
            ["set blackhole route 10.9.0.0/16 in red"],
        ),
        ("netns_route", {"netns": "red", "destination": "10.9.0.0/16", "state": "absent"}, []),
        (
            "netns_interface",
            {"name": "tap0", "netns": "red", "kind": "tap"},
            ["create tap tap0 in red", "set tap0 in red: up"],
        ),
        (
            "netns_interface",
            {"name": "lo", "netns": "red", "addresses": ["10.255.0.1/32"]},
            ["add address 10.255.0.1/32 to lo in red"],
        ),
        (
            "netns_interface",
            {"name": "eth9", "netns": "red", "source": {"name": "nic0"}},
            ["move nic0 to red as eth9", "set eth9 in red: up"],
        ),
    ],
)
def test_plans(kind: str, params: Params, steps: list[str]) -> None:
    fake = host()
    foretold = run_one(fake, kind, params, check=True)
    assert foretold.steps == steps
    assert run_one(fake, kind, params).steps == steps
    assert run_one(fake, kind, params).steps == [], "a second run"


@pytest.mark.parametrize(
    ("kind", "params", "error", "fragment"),
    [
        ("veth", {**PAIR, "peer": {"name": "veth-a"}}, BadInput, "peer.name: 'veth-a' is the end itself"),
        ("veth", {**PAIR, "peer": {"name": "eth1", "netns": "red"}}, Conflict, "its peer is 'eth0' in namespace 'red'"),
        ("veth", {"name": "x", "peer": {"name": "eth0", "netns": "red"}}, Conflict, "its peer is 'veth-a'"),
        ("veth", {"name": "br0", "peer": {"name": "y"}}, Conflict, "'br0' is a bridge, not a veth"),
        ("veth", {"name": "x", "peer": {"name": "y", "netns": "re"}}, Missing, "netloom.linux.netns first"),
        ("veth", {"name": "x", "master": "br9", "peer": {"name": "y"}}, Missing, "netloom.linux.linux_bridge first"),
        ("veth", {**PAIR, "clear": ["mac"]}, BadInput, "clear[0]: 'mac' cannot be cleared"),
        ("veth", {**PAIR, "mtu": 1400, "clear": ["mtu"]}, BadInput, "'mtu' is also given a value"),
        ("veth", {**PAIR, "sysctl": {"../x": 1}}, BadInput, "is not a sysctl of a link"),
        ("linux_bridge", {"name": "nic0"}, Conflict, "'nic0' is a physical link, not a bridge"),
        ("linux_bridge", {"name": "br1", "ports": ["port0"]}, Conflict, "it is a port of 'br0'"),
        ("linux_bridge", {"name": "br1", "ports": ["nowhere"]}, Missing, "no such link"),
        ("linux_bridge", {"name": "br1", "ports": ["br1"]}, BadInput, "ports[0]: 'br1' is the bridge itself"),
        (
            "linux_bridge",
            {"name": "br1", "stp": True, "forward_delay": 1},
            BadInput,
            "between 2 and 30 seconds when stp is on",
        ),
        ("netns", {"name": "red", "pid": 1, "processes": "kill"}, Conflict, "another namespace has that name"),
        ("netns", {"name": "x", "etc_files": {"../passwd": ""}}, BadInput, "is not a file below /etc/netns/NAME"),
        ("netns", {"name": "x", "sysctl": {"kernel.hostname": "y"}}, BadInput, "only those below net. belong to one"),
        (
            "netns_route",
            {"netns": "red", "destination": "10.0.0.5/24", "device": "eth0"},
            BadInput,
            "did you mean '10.0.0.0/24'?",
        ),
        (
            "netns_route",
            {"netns": "red", "destination": "fd01::/64", "gateway": "10.0.0.1"},
            BadInput,
            "both must be of one family",
        ),
        (
            "netns_route",
            {"netns": "red", "destination": "10.1.0.0/24", "gateway": "172.16.0.1"},
            Missing,
            "no address covers that gateway",
        ),
        ("netns_route", {"netns": "red", "destination": "10.1.0.0/24", "device": "nowhere"}, Missing, "no such link"),
        (
            "netns_route",
            {"netns": "red", "destination": "10.1.0.0/24"},
            BadInput,
            "needs a gateway, a device or nexthops",
        ),
        (
            "netns_route",
            {"netns": "red", "destination": "10.1.0.0/24", "type": "blackhole", "gateway": "10.0.0.1"},
            BadInput,
            "takes no gateway",
        ),
        (
            "netns_route",
            {"netns": "red", "destination": "10.1.0.0/24", "device": "eth0", "table": "mine"},
            BadInput,
            "is not a routing table",
        ),
        (
            "netns_interface",
            {"name": "x", "kind": "vlan", "parent": "nic0", "id": 4096},
            BadInput,
            "id: 4096 is not a VLAN",
        ),
        ("netns_interface", {"name": "x", "kind": "macvlan"}, BadInput, "parent: a macvlan needs it"),
        ("netns_interface", {"name": "x", "kind": "tap", "parent": "nic0"}, BadInput, "a tap takes no parent"),
        ("netns_interface", {"name": "x", "source": {"name": "nowhere"}, "netns": "red"}, Missing, "no such link"),
        (
            "netns_interface",
            {"name": "eth0", "source": {"name": "nic0"}, "netns": "red"},
            Conflict,
            "a link of that name is there already",
        ),
    ],
)
def test_refusals_change_nothing(kind: str, params: Params, error: type[Exception], fragment: str) -> None:
    fake = host()
    before = picture(fake)
    with pytest.raises(error) as caught:
        run_one(fake, kind, params)
    assert fragment in str(caught.value)
    assert picture(fake) == before


def test_dynamic_and_link_local_addresses_are_left_alone() -> None:
    fake = host()
    link = fake.state.namespaces["red"].links["eth0"]
    extra = (Address("10.0.0.99/24", dynamic=True), Address("fe80::1/64", link_local=True))
    fake.state.put("red", dataclasses.replace(link, addresses=(*link.addresses, *extra)))
    assert run_one(fake, "veth", PAIR).steps == []


def test_an_address_that_failed_duplicate_detection_is_set_anew() -> None:
    fake = host()
    link = fake.state.namespaces["red"].links["eth0"]
    fake.state.put("red", dataclasses.replace(link, addresses=(Address("10.0.0.2/24", failed=True),)))
    assert run_one(fake, "veth", PAIR).steps == [
        "delete address 10.0.0.2/24 from eth0 in red",
        "add address 10.0.0.2/24 to eth0 in red",
    ]


def test_a_moved_link_goes_home_as_it_was() -> None:
    fake = host()
    fake.state.namespaces[None].routes.append(Route("198.51.100.0/24", gateway="192.0.2.254", device="nic0"))
    before = picture(fake)
    moved = {"name": "eth9", "netns": "red", "source": {"name": "nic0"}, "addresses": ["10.5.0.1/24"], "mtu": 1400}
    run_one(fake, "netns_interface", moved)
    with pytest.raises(Conflict, match="'eth9' was moved into it"):
        run_one(fake, "netns", {"name": "red", "state": "absent"})
    run_one(fake, "netns_interface", {"name": "eth9", "netns": "red", "state": "absent"})
    assert picture(fake) == before


@pytest.mark.parametrize(("away", "left"), [(100, [500]), (599, [1]), (600, []), (9999, [])])
def test_a_moved_link_goes_home_with_what_is_left_of_its_routes(away: int, left: list[int]) -> None:
    fake = host()
    ways = [
        Route("fd09::/64", device="nic0", metric=1024, expires=600),
        Route("::/0", gateway="fe80::1", device="nic0", protocol="ra", expires=1800, metric=1024),
    ]
    fake.state.namespaces[None].routes += ways
    fake.state.answers[Uptime()] = 7000.0
    assert run_one(fake, "netns_interface", {"name": "eth9", "netns": "red", "source": {"name": "nic0"}}).warnings == []
    fake.state.answers[Uptime()] = 7000.0 + away
    run_one(fake, "netns_interface", {"name": "eth9", "netns": "red", "state": "absent"})
    found = [route for route in fake.state.namespaces[None].routes if route.passing]
    assert [(route.destination, route.expires) for route in found] == [
        ("fd09::/64", seconds) for seconds in left
    ]  # the router tells of its own again


AWAY: Params = {"name": "eth9", "netns": "red", "source": {"name": "nic0"}}


def give(fake: FakeHost, **attributes: t.Any) -> None:
    """The NIC has these as well."""
    fake.state.put(None, dataclasses.replace(fake.state.namespaces[None].links["nic0"], **attributes))


def test_a_moved_link_goes_home_with_its_token_its_groups_and_its_flags_as_a_port() -> None:
    fake = host()
    give(
        fake,
        token="::5",
        maddresses=("01:00:5e:00:00:63", "33:33:00:00:00:63"),
        queueing=(),
        master="br0",
        port={"isolated": True, "priority": 7},
    )
    before = fake.state.namespaces[None].links["nic0"]
    run_one(fake, "netns_interface", AWAY)
    away = fake.state.namespaces["red"].links["eth9"]
    assert (away.token, away.maddresses) == ("", ())
    assert run_one(fake, "netns_interface", AWAY).steps == []
    run_one(fake, "netns_interface", {**AWAY, "state": "absent"})
    after = fake.state.namespaces[None].links["nic0"]
    assert after == dataclasses.replace(before, carrier=True, port={**PORT_DEFAULTS, **before.port})


@pytest.mark.parametrize("check", [True, False])
def test_a_link_with_a_qdisc_of_somebody_is_not_moved(check: bool) -> None:
    fake = host()
    give(fake, token="", maddresses=(), queueing=("htb 1:", "clsact ffff:"))
    before = picture(fake)
    with pytest.raises(
        Conflict,
        match=r"it has the qdisc htb 1: and clsact ffff: \(tc\(8\)\), which it loses when it moves\. Delete that first",
    ):
        run_one(fake, "netns_interface", AWAY, check=check)
    assert picture(fake) == before


def test_a_route_by_another_link_that_prefers_its_address_goes_and_comes_with_it() -> None:
    fake = host()
    route = Route("198.51.100.0/24", device="port0", source="192.0.2.1")
    fake.state.namespaces[None].routes.append(route)
    assert "delete route 198.51.100.0/24" in run_one(fake, "netns_interface", AWAY).steps
    assert route not in fake.state.namespaces[None].routes
    assert "set route 198.51.100.0/24 dev port0" in run_one(fake, "netns_interface", {**AWAY, "state": "absent"}).steps
    assert route in fake.state.namespaces[None].routes


def test_what_is_left_of_an_ipv6_route_makes_way_for_the_whole_and_comes_back_with_an_undo() -> None:
    fake = host()
    left = Route("fd70::/64", metric=1024, gateway="fe80::2", device="port0")
    whole = Route("fd70::/64", metric=1024, nexthops=(Nexthop("fe80::1", "nic0"), Nexthop("fe80::2", "port0")))
    fake.state.namespaces[None].routes.append(whole)
    run_one(fake, "netns_interface", AWAY)
    fake.state.namespaces[None].routes.append(left)  # as the kernel has it then
    back = {**AWAY, "state": "absent"}
    foretold = run_one(fake, "netns_interface", back, check=True).steps
    assert foretold[-2:] == ["delete route fd70::/64", "set route fd70::/64 over 2 next hops"]
    away = copy.deepcopy(fake.state)
    fake.fail_at = len(fake.done) + len(foretold)  # (a record comes before)
    with pytest.raises(Failed, match="set route fd70::/64 over 2 next hops: refused by the test"):
        run_one(fake, "netns_interface", back)
    assert list(fake.state.namespaces[None].routes) == list(away.namespaces[None].routes)
    run_one(fake, "netns_interface", back)
    assert whole in fake.state.namespaces[None].routes
    assert left not in fake.state.namespaces[None].routes


def test_a_link_that_was_on_its_way_home_when_the_run_was_killed_gets_the_rest() -> None:
    fake = host()
    give(fake, token="::5", maddresses=("33:33:00:00:00:63",), txqueuelen=77, altnames=("enp1s0",))
    fake.state.namespaces[None].routes.append(Route("198.51.100.0/24", gateway="192.0.2.254", device="nic0"))
    there, back = {**AWAY, "mtu": 1400, "altnames": ["uplink"]}, {**AWAY, "state": "absent"}
    before, at_home = picture(fake), copy.deepcopy(fake.state)
    run_one(fake, "netns_interface", there)
    away = copy.deepcopy(fake.state)
    for begun, way in ((at_home, there), (away, back)):
        for number in range(15):
            for then in (back, there, {**AWAY, "source": {"name": "port0"}}):
                fake.state = copy.deepcopy(begun)
                killed(fake, number, way)
                run_one(fake, "netns_interface", then)
                run_one(fake, "netns_interface", back)
                assert picture(fake) == before, (way, number, then)


def killed(fake: FakeHost, number: int, params: Params) -> None:
    """A run that ends before this batch, and takes nothing back."""
    planner = plan([EntryReader().read("netns_interface", params, "")], fake.read(Scope()), assume=False)
    fake.book = None
    for batch in list(batches(planner.steps))[:number]:
        fake.do([step.op for step in batch])


def test_an_undo_gives_the_token_and_the_groups_back() -> None:
    fake = host()
    give(fake, token="::5", maddresses=("33:33:00:00:00:63",), queueing=())
    before = fake.state.namespaces[None].links["nic0"]
    fake.fail_at = len(fake.done) + 3
    with pytest.raises(Failed) as failed:
        run_one(fake, "netns_interface", {**AWAY, "mtu": 1400})
    assert failed.value.remains == []
    after = fake.state.namespaces[None].links["nic0"]
    assert (after.token, after.maddresses, after.up) == (before.token, before.maddresses, True)


def test_a_created_link_is_deleted_by_its_name_alone() -> None:
    fake = host()
    before = picture(fake)
    fake.state.answers[UserId("nobody")] = 65534
    run_one(fake, "netns_interface", {"name": "tap0", "netns": "red", "kind": "tap", "owner": "nobody"})
    assert fake.state.namespaces["red"].links["tap0"].data["owner"] == 65534
    run_one(fake, "netns_interface", {"name": "tap0", "netns": "red", "state": "absent"})
    assert picture(fake) == before


def test_a_moved_link_goes_home_without_the_routes_of_its_lease() -> None:
    fake = host()
    leased = Link(
        "nic1",
        "",
        mac="02:00:00:00:00:0a",
        permanent_mac="02:00:00:00:00:0a",
        up=True,
        addresses=(Address("10.7.0.5/24", dynamic=True),),
    )
    fake.state.put(None, leased)
    ways = [
        Route("0.0.0.0/0", gateway="10.7.0.1", device="nic1", source="10.7.0.5", protocol="dhcp"),
        Route("10.9.0.0/16", gateway="172.31.1.1", device="nic1"),
        Route("172.31.1.1/32", device="nic1", scope="link"),
    ]
    fake.state.namespaces[None].routes += ways
    moved = {"name": "nic1", "netns": "red", "source": {"name": "nic1"}}
    run_one(fake, "netns_interface", moved)
    steps = run_one(fake, "netns_interface", {**moved, "state": "absent"}).steps
    assert [step for step in steps if "route" in step] == [
        "set route 172.31.1.1/32 dev nic1",
        "set route 10.9.0.0/16 via 172.31.1.1 dev nic1",
    ]


def test_a_new_route_disturbs_nothing_and_another_way_for_one_does() -> None:
    fake = host()
    way = {"netns": "red", "destination": "10.9.0.0/16", "device": "eth0"}
    assert run_one(fake, "netns_route", way).disruptions == []
    other = run_one(fake, "netns_route", {**way, "device": "eth1"})
    assert other.disruptions == [{"step": "set route 10.9.0.0/16 dev eth1 in red", "disturbs": "brief"}]


def test_a_namespace_that_goes_takes_its_daemons_units_along() -> None:
    fake = host()
    fake.state.namespaces["redhat"].processes = {321: "dnsmasq"}
    fake.state.daemons["dnsmasq/dhcp"] = Daemon(
        "dnsmasq", "dhcp", "redhat", pid=321, alive=True, pids=(321,), supervised=True
    )
    steps = run_one(fake, "netns", {"name": "redhat", "state": "absent", "processes": "kill"}).steps
    assert steps == ["stop dnsmasq dhcp in redhat (namespace redhat goes)", "delete namespace redhat"]


def test_processes_of_a_namespace() -> None:
    fake = host()
    fake.state.namespaces["redhat"].processes = {321: "sleep"}
    params = {"name": "redhat", "state": "absent"}
    with pytest.raises(Conflict, match=r"process 321 \(sleep\) lives in it"):
        run_one(fake, "netns", params)
    left = run_one(fake, "netns", {**params, "processes": "leave"}, check=True)
    assert left.steps == ["delete namespace redhat"]
    assert "lives on" in left.warnings[0]
    assert run_one(fake, "netns", {**params, "processes": "kill"}).steps == [
        "kill process 321 (sleep) in redhat",
        "delete namespace redhat",
    ]


def test_attached_namespaces() -> None:
    fake = host()
    fake.state.answers[NamespaceOf("/proc/7/ns/net")] = 777
    assert run_one(fake, "netns", {"name": "web", "pid": 7, "loopback": False}).steps == [
        "attach /proc/7/ns/net as namespace web"
    ]
    assert run_one(fake, "netns", {"name": "web", "pid": 7, "loopback": False}).steps == []
    fake.state.answers[NamespaceOf("/proc/8/ns/net")] = 888
    assert run_one(fake, "netns", {"name": "web", "pid": 8, "loopback": False}).steps == [
        "attach /proc/8/ns/net as namespace web"
    ]
    fake.state.namespaces["web"].processes = {8: "nginx"}
    with pytest.raises(BadInput, match="somebody else's"):
        run_one(fake, "netns", {"name": "web", "state": "absent", "processes": "kill"})
    assert run_one(fake, "netns", {"name": "web", "state": "absent"}).steps == ["delete namespace web"]
    fake.state.answers[NamespaceOf("/proc/9/ns/net")] = None
    with pytest.raises(BadInput, match="has the process ended"):
        run_one(fake, "netns", {"name": "web", "pid": 9})


def test_a_dangling_name_is_healed() -> None:
    fake = host()
    fake.state.namespaces["gone"] = Namespace("gone", dangling=True)
    assert run_one(fake, "netns", {"name": "gone"}).steps == ["create namespace gone", "set lo in gone: up"]


def test_an_unknown_sysctl_is_refused_before_anything_is_touched() -> None:
    fake = host()
    fake.state.answers[SysctlKnown("ipv4.no_such", link=True)] = False
    before = picture(fake)
    with pytest.raises(BadInput, match=r"knows no net\.ipv4\.no_such"):
        run_one(fake, "veth", {**PAIR, "sysctl": {"no_such": 1}})
    assert picture(fake) == before


@pytest.mark.parametrize(
    ("there", "params", "steps"),
    [
        # a gateway that is gone from the declaration is gone from the route
        (
            Route("10.9.0.0/16", gateway="10.0.0.1", device="eth0"),
            {"device": "eth0"},
            ["set route 10.9.0.0/16 dev eth0 in red"],
        ),
        # null leaves the source alone, clear takes it away
        (Route("10.9.0.0/16", device="eth0", source="10.0.0.2", scope="link"), {"device": "eth0"}, []),
        (
            Route("10.9.0.0/16", device="eth0", source="10.0.0.2", scope="link"),
            {"device": "eth0", "clear": ["source"]},
            ["set route 10.9.0.0/16 dev eth0 in red"],
        ),
        (
            Route("10.9.0.0/16", device="eth0", mtu=1300),
            {"device": "eth0", "mtu": 1400},
            ["set route 10.9.0.0/16 dev eth0 in red"],
        ),
        # another metric is another route
        (Route("10.9.0.0/16", device="eth0", metric=5), {"device": "eth0"}, ["set route 10.9.0.0/16 dev eth0 in red"]),
        (Route("10.9.0.0/16", device="eth0", metric=5), {"device": "eth0", "metric": 5}, []),
        (Route("10.9.0.0/16", type="blackhole"), {"device": "eth0"}, ["set route 10.9.0.0/16 dev eth0 in red"]),
    ],
)
def test_routes_are_mended_by_replacing(there: Route, params: Params, steps: list[str]) -> None:
    fake = host()
    fake.state.namespaces["red"].routes.append(there)
    entry = {"netns": "red", "destination": "10.9.0.0/16", **params}
    assert run_one(fake, "netns_route", entry).steps == steps
    assert run_one(fake, "netns_route", entry).steps == []


def test_routes_of_the_kernel_are_never_touched() -> None:
    fake = host()
    fake.state.namespaces["red"].routes.append(Route("10.0.0.0/24", device="eth0", protocol="kernel", scope="link"))
    assert run_one(fake, "netns_route", {"netns": "red", "destination": "10.0.0.0/24", "device": "eth0"}).steps == []
    for params in ({"device": "eth1"}, {"device": "eth0", "state": "absent"}):
        with pytest.raises(Conflict, match="the kernel made it"):
            run_one(fake, "netns_route", {"netns": "red", "destination": "10.0.0.0/24", **params})


def test_masters_that_belong_to_open_vswitch_are_not_ours_to_write() -> None:
    fake = host()
    fake.state.put(None, Link("ovs-system", "openvswitch"))
    fake.state.put(None, dataclasses.replace(fake.state.namespaces[None].links["veth-a"], held_by="ovs-system"))
    before = picture(fake)
    for kind, params, says in (
        (
            "linux_bridge",
            {**BRIDGE, "ports": ["port0", "veth-a"]},
            "Cannot make 'veth-a' a port of 'br0': it is a port of Open vSwitch",
        ),
        ("veth", {**PAIR, "master": "br0"}, "Cannot make 'veth-a' a port of 'br0': it is a port of Open vSwitch"),
        (
            "veth",
            {**PAIR, "name": "port0", "master": "ovs-system", "peer": {"name": "eth1", "netns": "red"}},
            "it is a openvswitch, not a Linux bridge",
        ),
        ("linux_bridge", {"name": "ovs-system", "ports": []}, "is a openvswitch, not a bridge"),
    ):
        with pytest.raises(Conflict, match=says):
            run_one(fake, kind, params)
    assert run_one(fake, "veth", {**PAIR, "master": ""}).steps == []
    assert picture(fake) == before


def test_a_device_of_open_vswitch_keeps_its_name() -> None:
    fake = host()
    fake.state.put(None, Link("tap1", "openvswitch"))
    with pytest.raises(
        Conflict, match=r"knows its port by the device's name\. Let it keep that name, and give 'altnames: \[eth5\]'"
    ):
        run_one(fake, "netns_interface", {"name": "eth5", "netns": "red", "source": {"name": "tap1"}})
    assert (
        run_one(fake, "netns_interface", {"name": "tap1", "netns": "red", "source": {"name": "tap1"}}).steps[0]
        == "move tap1 to red"
    )


@pytest.mark.parametrize("wish", [{"name": "red"}, {"name": "red", "path": "/proc/7/ns/net"}])
def test_a_name_that_nobody_else_would_see_is_refused(wish: dict[str, t.Any]) -> None:
    for check in (True, False):
        host = FakeHost()
        host.state.answers.update({MountsPrivate(): True, NamespaceOf("/proc/7/ns/net"): 77})
        with pytest.raises(
            Conflict,
            match=(
                r"this run is in a mount namespace of its own .* so nobody else would see the name, and it would dangle"
            ),
        ):
            run_one(host, "netns", wish, check)
        assert host.done == []


@pytest.mark.parametrize(
    ("kind", "wish"),
    [
        ("linux_bridge", {"name": "br0", "uplink": "enp9"}),
        ("netns_interface", {"name": "enp9", "mtu": 1400}),
        ("netns_interface", {"name": "eth0", "netns": "red", "source": {"name": "enp9"}}),
        ("netns_interface", {"name": "mv0", "kind": "macvlan", "parent": "enp9"}),
        ("veth", {"name": "a", "master": "enp9", "peer": {"name": "b"}}),
    ],
)
def test_an_alternative_name_in_the_place_of_a_name_is_told_with_the_name(kind: str, wish: dict[str, t.Any]) -> None:
    for check in (True, False):
        host = FakeHost("red")
        host.state.put(None, Link("nic", index=77, altnames=("enp9",)))
        with pytest.raises(Conflict, match=r"'enp9' is an alternative name of 'nic'"):
            run_one(host, kind, wish, check)
