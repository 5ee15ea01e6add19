# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses that come back, drift of declared ones, what falls with a change, and MAC addresses that stay, on the fake
host.
"""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._apply import Failed
from ansible_collections.netloom.linux.plugins.module_utils._engine._module import result_of
from ansible_collections.netloom.linux.plugins.module_utils._engine._topology import EntryReader
from ansible_collections.netloom.linux.plugins.module_utils._model._address import FOREVER, Address
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import BadInput, Conflict, TooDisruptive
from ansible_collections.netloom.linux.plugins.module_utils._model._route import Route
from ansible_collections.netloom.linux.plugins.module_utils._model._routes import Routes
from ansible_collections.netloom.linux.plugins.module_utils._model._scope import SwitchPorts
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Link
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost, picture, run_one, run_topology

Params = dict[str, t.Any]
PAIR: Params = {
    "name": "va",
    "netns": "red",
    "addresses": ["10.9.0.1/24", "fd18::1/64"],
    "peer": {"name": "vb", "netns": "green"},
}
BARE: Params = {key: value for key, value in PAIR.items() if key != "addresses"}
FOUR, SIX = Address("10.9.0.1/24"), Address("fd18::1/64")
TO_FOUR = Route("10.9.0.0/24", device="va", source="10.9.0.1", scope="link", protocol="kernel")
TO_SIX = Route("fd18::/64", device="va", metric=256, protocol="kernel")


def host() -> FakeHost:
    """The pair with its addresses."""
    fake = FakeHost("red", "green")
    run_one(fake, "veth", PAIR)
    return fake


def have(fake: FakeHost, *addresses: Address) -> None:
    """The link has these addresses, and the kernel their routes."""
    fake.state.put("red", dataclasses.replace(fake.state.namespaces["red"].links["va"], addresses=addresses))
    fake.settle()


def steps(fake: FakeHost, kind: str, params: Params) -> list[str]:
    """What check mode foretells and one run does; the next has nothing to do."""
    foretold = run_one(fake, kind, params, check=True).steps
    assert run_one(fake, kind, params).steps == foretold
    assert run_one(fake, kind, params).steps == []
    return foretold


# Another one to the kernel
# A router renews it, again and again.
@pytest.mark.parametrize(
    ("has", "expected"),
    [
        ((FOUR, SIX), []),
        ((dataclasses.replace(FOUR, detail={"broadcast": "10.9.0.255", "label": ":1", "metric": 7}), SIX), []),
        (
            (dataclasses.replace(FOUR, dynamic=True, detail={"lifetimes": (200, 300)}), SIX),
            ["renew address 10.9.0.1/24 of va in red, which expires"],
        ),
        (
            (FOUR, dataclasses.replace(SIX, detail={"lifetimes": (0, FOREVER)})),
            ["renew address fd18::1/64 of va in red, which is deprecated"],
        ),
        (
            (FOUR, dataclasses.replace(SIX, dynamic=True, detail={"lifetimes": (200, 300), "protocol": 2})),
            [],
        ),
        (
            (FOUR, dataclasses.replace(SIX, dynamic=True, detail={"lifetimes": (0, 300)})),
            ["renew address fd18::1/64 of va in red, which expires and which is deprecated"],
        ),
        *(
            (
                (dataclasses.replace(FOUR, detail=detail), SIX),
                ["delete address 10.9.0.1/24 from va in red", "add address 10.9.0.1/24 to va in red"],
            )
            for detail in ({"scope": 254}, {"scope": 253}, {"peer": "10.9.0.2"})
        ),
        (
            (FOUR, Address("fd18::1/128")),
            ["delete address fd18::1/128 from va in red", "add address fd18::1/64 to va in red"],
        ),
        (
            (FOUR, SIX, Address("10.9.0.1/24", detail={"peer": "10.8.0.2"})),
            ["delete address 10.9.0.1/24 from va in red"],
        ),
        ((FOUR, SIX, Address("fe80::7/64")), ["delete address fe80::7/64 from va in red"]),
        ((FOUR, SIX, Address("fe80::7/64", link_local=True)), []),
        ((FOUR, SIX, Address("fe80::7/64", detail={"flags": 0x200})), []),  # NetworkManager's
    ],
)
def test_what_a_declared_address_is_to_be(has: tuple[Address, ...], expected: list[str]) -> None:
    fake = host()
    have(fake, *has)
    assert steps(fake, "veth", PAIR) == expected


def test_a_diff_tells_what_no_option_shows() -> None:
    fake = host()
    have(fake, FOUR, dataclasses.replace(SIX, detail={"lifetimes": (0, FOREVER)}))
    diff = result_of(EntryReader().read("veth", PAIR, ""), run_one(fake, "veth", PAIR, check=True), diff=True)["diff"]
    assert diff["before"] == diff["after"]
    assert diff["prepared"] == "renew address fd18::1/64 of va in red, which is deprecated\n"
    assert (
        "prepared"
        not in result_of(EntryReader().read("veth", PAIR, ""), run_one(host(), "veth", PAIR), diff=True)["diff"]
    )


@pytest.mark.parametrize(
    ("lost", "expected"),
    [
        (TO_FOUR, ["renew address 10.9.0.1/24 of va in red, whose route to 10.9.0.0/24 is missing"]),
        (TO_SIX, ["renew address fd18::1/64 of va in red, whose route to fd18::/64 is missing"]),
    ],
)
def test_a_lost_route_to_the_network_is_drift_of_the_address(lost: Route, expected: list[str]) -> None:
    fake = host()
    fake.state.namespaces["red"].routes.discard(lost)
    assert run_one(fake, "veth", BARE).steps == []  # not of one that nobody declares
    assert steps(fake, "veth", PAIR) == expected
    assert lost in fake.state.namespaces["red"].routes


@pytest.mark.parametrize(("lost", "cidr"), [("10.9.0.1", "10.9.0.1/24"), ("fd18::1", "fd18::1/64")])
def test_an_address_whose_packets_the_kernel_does_not_take_in_is_made_anew(
    lost: str, cidr: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = host()
    monkeypatch.setattr(Routes, "takes_in", lambda _self, address: address != lost)
    assert run_one(fake, "veth", BARE, check=True).steps == []  # not of one that nobody declares
    assert run_one(fake, "veth", PAIR, check=True).steps == [
        f"delete address {cidr} from va in red",
        f"add address {cidr} to va in red",
    ]
    have(fake, dataclasses.replace(FOUR, tentative=True), dataclasses.replace(SIX, tentative=True))
    assert run_one(fake, "veth", PAIR, check=True).steps == []  # not before it is in use


def test_somebody_elses_route_to_the_network_is_left_alone() -> None:
    for own in (
        dataclasses.replace(TO_FOUR, metric=100, protocol="static"),
        Route("10.9.0.0/24", gateway="10.9.0.254", device="va", onlink=True),
    ):
        fake = host()
        fake.state.namespaces["red"].routes.discard(TO_FOUR)
        fake.state.namespaces["red"].routes.append(own)
        assert run_one(fake, "veth", PAIR).steps == []


@pytest.mark.parametrize("number", range(4))
def test_a_mended_address_is_taken_back_with_the_run(number: int) -> None:
    fake = host()
    have(
        fake,
        dataclasses.replace(FOUR, detail={"scope": 254, "label": ":1"}),
        dataclasses.replace(SIX, dynamic=True, detail={"lifetimes": (200, 300)}),
    )
    fake.state.namespaces["red"].routes.append(Route("10.0.0.0/8", gateway="10.9.0.254", device="va"))
    before = picture(fake)
    fake.fail_at = len(fake.done) + number
    with pytest.raises(Failed):
        run_one(fake, "veth", PAIR)
    assert picture(fake) == before


# --- what falls ---

ROUTE = Route("::/0", gateway="fd18::9", device="va", metric=1024)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"mtu": 1200}, "set va in red: mtu=1200"),
        ({"sysctl": {"disable_ipv6": 1}}, "set sysctl ipv6.disable_ipv6=1 of va in red"),
        ({"up": False}, "set va in red: down"),
    ],
)
def test_what_falls_is_said_rated_and_undone(change: Params, expected: str) -> None:
    fake = host()
    fake.state.namespaces["red"].routes.append(ROUTE)
    fake.state.namespaces["red"].sysctl["va", "ipv6.disable_ipv6"] = "0"
    before = picture(fake)
    foretold = run_one(fake, "veth", {**BARE, **change}, check=True)
    assert foretold.steps == [f"{expected} (takes fd18::1/64 and the route default from va)"]
    assert foretold.disturbs == ["brief"]
    with pytest.raises(TooDisruptive):
        run_topology(fake, {"name": "t", "veth": [{**BARE, **change}], "max_disruption": "none"})
    fake.fail_at = len(fake.done) + 1
    with pytest.raises(Failed):
        run_topology(
            fake,
            {"name": "t", "veth": [{**BARE, **change}], "netns": [{"name": "red"}, {"name": "green"}, {"name": "new"}]},
        )
    assert picture(fake) == before
    run_one(fake, "veth", {**BARE, **change})
    space = fake.state.namespaces["red"]
    assert [address.cidr for address in space.links["va"].addresses] == ["10.9.0.1/24"]
    assert ROUTE not in space.routes


def test_no_address_outlasts_where_the_kernel_keeps_it() -> None:
    fake = host()
    fake.state.namespaces["red"].sysctl["va", "ipv6.keep_addr_on_down"] = "1"
    assert run_one(fake, "veth", {**BARE, "up": False}, check=True).steps == ["set va in red: down"]


def bridge(**attributes: t.Any) -> FakeHost:
    """A foreign bridge with a port and IPv6."""
    fake = FakeHost("red", "green")
    link = Link(
        "br7", "bridge", index=70, mac="02:00:00:00:00:50", mtu=1500, up=True, txqueuelen=1000, addresses=(SIX,)
    )
    fake.state.put("red", dataclasses.replace(link, **attributes))
    fake.state.put(
        "red", Link("p0", "veth", index=71, mac="02:00:00:00:00:50", mtu=1500, up=True, txqueuelen=1000, master="br7")
    )
    return fake


@pytest.mark.parametrize("mtu", [1200, 1279])
def test_a_bridge_that_follows_its_smallest_port_loses_ipv6(mtu: int) -> None:
    fake = bridge()
    before = picture(fake)
    port = {**BARE, "master": "br7", "mtu": mtu, "mac": "02:00:00:00:00:99"}
    foretold = run_one(fake, "veth", port, check=True)
    assert foretold.steps == ["create veth va in red with peer vb in green (takes fd18::1/64 from br7)"]
    assert foretold.disturbs == ["brief"]
    fake.fail_at = len(fake.done) + 1
    with pytest.raises(Failed):
        run_topology(
            fake, {"name": "t", "veth": [port], "netns_interface": [{"name": "tap7", "netns": "red", "kind": "tap"}]}
        )
    assert picture(fake) == before
    run_one(fake, "veth", port)
    assert (fake.state.namespaces["red"].links["br7"].mtu, fake.state.namespaces["red"].links["br7"].addresses) == (
        mtu,
        (),
    )


def test_mtus_that_follow_or_do_not() -> None:
    port = {**BARE, "master": "br7", "mtu": 1200, "mac": "02:00:00:00:00:99"}
    held = bridge(mtu=1400)  # smaller than all its ports: somebody chose it
    assert run_one(held, "veth", {**port, "mtu": 1300}, check=True).disturbs == ["none"]
    fake = bridge()
    fake.state.put(
        "red",
        Link(
            "vlan7",
            "vlan",
            index=72,
            mtu=1500,
            up=True,
            data={"parent": "br7", "id": 7},
            addresses=(Address("fd19::1/64"),),
        ),
    )
    assert run_one(fake, "veth", port, check=True).steps == [
        "create veth va in red with peer vb in green (takes fd18::1/64 from br7, takes fd19::1/64 from vlan7)"
    ]
    run_one(fake, "veth", port)
    run_one(fake, "veth", {"name": "va", "netns": "red", "state": "absent"})
    refuses = {"name": "br7", "netns": "red", "addresses": ["fd18::1/64"]}
    with pytest.raises(
        Conflict,
        match=r"IPv6 needs an MTU of at least 1280, and the bridge follows its smallest port, 'va', to an MTU of 1200",
    ):
        run_topology(bridge(), {"name": "t", "linux_bridge": [refuses], "veth": [port]})


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("veth", {**BARE, "mtu": 1200, "addresses": ["fd18::1/64"]}),
        ("veth", {**BARE, "peer": {**BARE["peer"], "mtu": 1279, "addresses": ["10.0.0.1/24", "fd18::1/64"]}}),
        ("linux_bridge", {"name": "br7", "mtu": 68, "addresses": ["fd18::1/64"]}),
        ("ovs_port", {"name": "p0", "bridge": "OVS1", "type": "internal", "mtu": 789, "addresses": ["fd18::1/64"]}),
    ],
)
def test_an_mtu_too_small_for_ipv6_is_refused_while_reading(kind: str, params: Params) -> None:
    with pytest.raises(BadInput, match="IPv6 needs an MTU of at least 1280"):
        run_one(FakeHost("red", "green"), kind, params, check=True)


def test_ipv6_that_is_off_is_refused_by_the_sysctl_that_does_it() -> None:
    fake = FakeHost("red", "green")
    fake.state.namespaces["red"].sysctl[None, "net.ipv6.conf.default.disable_ipv6"] = "1"
    with pytest.raises(Conflict, match=r"IPv6 is off on va in red: declare sysctl: \{disable_ipv6: 0\} there"):
        run_one(fake, "veth", PAIR, check=True)
    assert run_one(fake, "veth", {**PAIR, "sysctl": {"disable_ipv6": 0}}).changed
    fake = host()
    off = {"name": "t", "netns": [{"name": "red", "sysctl": {"net.ipv6.conf.all.disable_ipv6": 1}}]}
    assert run_topology(fake, off, check=True).steps == [
        "set sysctl net.ipv6.conf.all.disable_ipv6=1 in red (takes fd18::1/64 from va)"
    ]


@pytest.mark.parametrize("name", ["red", "new"])
def test_ipv6_that_a_namespace_switches_off_or_on_for_all_its_links(name: str) -> None:
    def pair(value: int) -> Params:
        switch = {"name": name, "sysctl": {"net.ipv6.conf.all.disable_ipv6": value}}
        return {"name": "t", "netns": [switch], "veth": [{**PAIR, "netns": name}]}

    with pytest.raises(Conflict, match=f"IPv6 is off on va in {name}"):
        run_topology(FakeHost("red", "green"), pair(1), check=True)
    fake = FakeHost("red", "green")
    fake.state.namespaces["red"].sysctl.update(
        {(None, f"net.ipv6.conf.{key}.disable_ipv6"): "1" for key in ("all", "default")}
    )
    assert run_topology(fake, pair(0), check=True).changed


# --- home ---


def test_a_nic_comes_home_with_all_that_it_had() -> None:
    fake = FakeHost("red")
    detail = {"broadcast": "192.0.2.255", "label": ":x", "metric": 7, "flags": 0x200, "scope": 253}
    addresses = (
        Address("192.0.2.1/24", detail=detail),
        Address("198.51.100.1/32", detail={"peer": "198.51.100.2"}),
        Address("fd18::2/64", detail={"lifetimes": [0, FOREVER]}),
        Address("fe80::1/64"),
        Address("fe80::ff:fe00:1/64", link_local=True),
        Address("fd18::9/64", dynamic=True, detail={"lifetimes": [200, 300], "protocol": 2}),
    )
    fake.state.put(
        None,
        Link(
            "nic0",
            "",
            index=7,
            mac="02:00:00:00:00:07",
            permanent_mac="02:00:00:00:00:07",
            mtu=1500,
            up=True,
            addresses=addresses,
        ),
    )
    fake.state.namespaces[None].sysctl.update(
        {("nic0", "ipv4.rp_filter"): "2", ("nic0", "ipv6.neigh.retrans_time_ms"): "700"}
    )
    before = picture(fake)[0][None]
    away = {"name": "eth0", "netns": "red", "source": {"name": "nic0"}}
    run_one(fake, "netns_interface", away)
    run_one(fake, "netns_interface", {**away, "state": "absent"})
    after = picture(fake)[0][None]
    lasting = tuple(address for address in before.links["nic0"].addresses if address.lasting)
    assert after.links["nic0"].addresses == lasting
    assert after.sysctl == before.sysctl


# --- MAC addresses and names ---


def test_a_port_that_may_move_the_mac_of_its_bridge() -> None:
    port = {**BARE, "master": "br7"}
    lower, higher, any_ = (
        {**port, **given} for given in ({"mac": "02:00:00:00:00:01"}, {"mac": "02:00:00:00:00:99"}, {})
    )
    words = " (may change the MAC address of br7)"
    assert [run_one(bridge(), "veth", one, check=True).disturbs for one in (lower, higher, any_)] == [
        ["brief"],
        ["none"],
        ["brief"],
    ]
    assert run_one(bridge(), "veth", lower, check=True).steps == [f"create veth va in red with peer vb in green{words}"]
    # Said by the kernel, or told by the MAC address itself.
    for chosen in (
        {"mac_set": True},
        {"mac": "02:00:00:00:00:77"},
    ):
        assert run_one(bridge(**chosen), "veth", lower, check=True).disturbs == ["none"]


def test_a_link_made_anew_gets_its_mac_address_back_unless_another_has_it() -> None:
    fake = FakeHost("red", "green")
    wish = {"name": "t", "veth": [BARE]}
    run_topology(fake, wish)
    for place, mac in ((("red", "va"), "02:00:00:00:00:0a"), (("green", "vb"), "02:00:00:00:00:0b")):
        link = fake.state.link(*place)
        assert link is not None
        fake.state.put(place[0], dataclasses.replace(link, mac=mac))
    run_topology(fake, {**wish, "veth": [{**BARE, "alias": "noted"}]})
    for number, expected in ((0, "02:00:00:00:00:0a"), (1, None)):
        del fake.state.namespaces["red"].links["va"], fake.state.namespaces["green"].links["vb"]
        if number:
            fake.state.put("red", Link("other", "dummy", mac="02:00:00:00:00:0a"))
        run_topology(fake, wish)
        assert fake.state.namespaces["red"].links["va"].mac == expected


def test_a_port_of_open_vswitch_in_userspace_is_no_port_of_a_bridge() -> None:
    fake = FakeHost("red")
    fake.state.answers[SwitchPorts()] = frozenset({"w3"})
    fake.state.put(None, Link("w3", "veth", index=30, mtu=1500))
    fake.state.put(None, Link("lbr2", "bridge", index=31))
    for kind, params in (
        ("linux_bridge", {"name": "lbr2", "ports": ["w3"]}),
        ("linux_bridge", {"name": "lbr2", "uplink": "w3"}),
        ("netns_interface", {"name": "w3", "master": "lbr2"}),
    ):
        with pytest.raises(Conflict, match="port of Open vSwitch"):
            run_one(fake, kind, params, check=True)
    del fake.state.namespaces[None].links["w3"]  # one that comes is taken by ovs-vswitchd at once
    with pytest.raises(Conflict, match="port of Open vSwitch"):
        run_one(fake, "veth", {"name": "w3", "master": "lbr2", "peer": {"name": "x3", "netns": "red"}}, check=True)


def test_what_this_plan_takes_off_open_vswitch_may_be_a_port_of_a_bridge() -> None:
    fake = FakeHost("red")
    switch = {"name": "OVS1", "datapath_type": "netdev"}
    cable = {"name": "w3", "peer": {"name": "x3", "netns": "red"}}
    port = {"bridge": "OVS1", "name": "w3"}
    run_topology(fake, {"name": "t", "ovs_bridge": [switch], "veth": [cable], "ovs_port": [port]})
    fake.state.answers[SwitchPorts()] = frozenset({"w3"})
    bridge = {"name": "lbr2", "ports": ["w3"]}
    outcome = run_topology(
        fake, {"name": "t", "ovs_bridge": [switch], "veth": [cable], "linux_bridge": [bridge]}, check=True
    )
    assert outcome.steps[1:] == ["delete OVS port w3", "create bridge lbr2", "set w3: master=lbr2"]


@pytest.mark.parametrize("name", ["all", "default", ".", "..", "a/b", "a:b", "a b", "a%d"])
def test_names_that_the_kernel_takes_for_no_link(name: str) -> None:
    for kind, params in (
        ("veth", {"name": name, "peer": {"name": "b"}}),
        ("veth", {"name": "a", "peer": {"name": name, "netns": "red"}}),
        ("linux_bridge", {"name": name}),
        ("netns_interface", {"name": name, "kind": "tap"}),
        ("netns_interface", {"name": name, "netns": "red", "source": {"name": "nic0"}}),
        ("ovs_port", {"name": name, "bridge": "OVS1", "type": "internal"}),
        ("ovs_port", {"name": "p0", "bridge": "OVS1", "type": "internal", "rename": name}),
        ("ovs_bridge", {"name": name}),
    ):
        with pytest.raises(BadInput, match="is not a link name"):
            run_one(FakeHost("red"), kind, params, check=True)


def test_ageing_time_is_not_compared_while_the_tree_changes() -> None:
    fake = FakeHost()
    wish = {"name": "br0", "stp": True, "ageing_time": 300}
    run_one(fake, "linux_bridge", wish)
    link = fake.state.namespaces[None].links["br0"]
    fake.state.put(
        None, dataclasses.replace(link, data={key: value for key, value in link.data.items() if key != "ageing_time"})
    )
    outcome = run_one(fake, "linux_bridge", wish)
    assert outcome.steps == []
    assert outcome.warnings == [
        "ageing_time of 'br0' cannot be compared now: the kernel shortens it while the spanning tree changes."
    ]


@pytest.mark.parametrize("addresses", [["127.0.0.1/8"], ["127.0.0.1/8", "::1/128"], ["10.9.9.9/32", "::1/128"]])
def test_the_addresses_that_lo_has_when_it_comes_up_are_not_added(addresses: list[str]) -> None:
    """The kernel refuses them: it has just made them."""
    wish = {
        "name": "t",
        "netns": [{"name": "blue"}],
        "netns_interface": [{"name": "lo", "netns": "blue", "addresses": addresses}],
    }
    fake = FakeHost()
    own = [f"add address {cidr} to lo in blue" for cidr in addresses if cidr.startswith("10.")]
    assert run_topology(fake, wish, check=True).steps == ["create namespace blue", "set lo in blue: up", *own]


def test_another_link_than_lo_does_not_get_the_address_of_lo() -> None:
    for check in (True, False):
        with pytest.raises(Conflict, match="Cannot give 'va' the address ::1/128: the kernel keeps that for lo"):
            run_one(host(), "veth", {**PAIR, "addresses": ["::1/128"]}, check=check)
