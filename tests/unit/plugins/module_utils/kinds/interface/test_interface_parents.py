# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a link and its parent owe each other."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._planning import plan
from ansible_collections.netloom.linux.plugins.module_utils._engine._topology import manifest_of
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import BadInput, Conflict, Missing
from ansible_collections.netloom.linux.plugins.module_utils._model._link_ops import LinkAdd, LinkDelete, LinkSet
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Link, Namespace, Snapshot

Params = dict[str, t.Any]


def host(*links: Link, red: t.Sequence[Link] = ()) -> Snapshot:
    """A host with a NIC that is up and one that is down, and a namespace."""
    nics = [Link("nic0", index=2, up=True), Link("nic1", index=3), *links]
    return Snapshot(
        {
            None: Namespace(None, links={link.name: link for link in nics}),
            "red": Namespace("red", links={link.name: link for link in red}),
        }
    )


def sentences(snapshot: Snapshot, *interfaces: Params, **others: t.Any) -> list[str]:
    entries = manifest_of({"name": "test", "state": "present", "netns_interface": list(interfaces), **others}).entries
    return [step.sentence for step in plan(entries, snapshot, False).steps if not step.quiet]


def vlan(name: str, number: int, parent: str = "nic0", **more: t.Any) -> Link:
    return Link(name, "vlan", index=10 + number, up=True, data={"id": number, "parent": parent, **more})


def ipvlan(name: str, mode: str, **more: t.Any) -> Link:
    return Link(name, "ipvlan", index=20, up=True, data={"mode": mode, "parent": "nic0", **more})


def wish(name: str, kind: str, **more: t.Any) -> Params:
    return {"name": name, "kind": kind, "parent": "nic0", **more}


def test_what_exchanges_its_ids_lets_go_first() -> None:
    found = sentences(host(vlan("v1", 7), vlan("v2", 8)), wish("v1", "vlan", id=8), wish("v2", "vlan", id=7))
    assert found[:4] == ["delete link v1", "delete link v2", "create vlan v1", "create vlan v2"]


def test_an_id_that_another_link_has_is_refused() -> None:
    with pytest.raises(Conflict, match="'old' in red has the id 7 on 'nic0'"):
        sentences(host(red=[vlan("old", 7, parent_on_host=True)]), {**wish("v1", "vlan", id=7), "netns": "red"})


def test_a_parent_comes_first_whatever_the_order_of_the_list() -> None:
    found = sentences(
        host(),
        wish("above", "macvlan", parent="tagged"),
        wish("tagged", "vlan", parent="low", id=7),
        {"name": "low", "kind": "dummy"},
    )
    assert found[:3] == ["create dummy low", "create vlan tagged", "create macvlan above"]
    assert found[3:] == ["set low: up", "set tagged: up", "set above: up"]


def test_a_vlan_does_not_come_up_on_a_parent_that_is_down() -> None:
    with pytest.raises(Missing, match="its parent 'nic1' is down"):
        sentences(host(), wish("v1", "vlan", parent="nic1", id=7))
    by_hand = host(Link("br0", "bridge", index=4))
    assert sentences(by_hand, wish("v1", "vlan", parent="br0", id=7), linux_bridge=[{"name": "br0"}]) == [
        "create vlan v1",
        "set br0: up",
        "set v1: up",
    ]


@pytest.mark.parametrize(
    ("parent", "others"),
    [
        ({"name": "low", "kind": "dummy", "up": False}, {}),
        ({"name": "low", "up": False}, {}),
        (None, {"linux_bridge": [{"name": "low", "up": False}]}),
        (None, {"veth": [{"name": "low", "up": False, "peer": {"name": "far"}}]}),
        (None, {"veth": [{"name": "far", "peer": {"name": "low", "up": False}}]}),
    ],
)
def test_a_vlan_is_not_up_on_what_is_declared_down(parent: Params | None, others: Params) -> None:
    below = [parent] if parent else []
    snapshot = host(Link("low", "dummy", index=9, up=True)) if parent and "kind" not in parent else host()
    with pytest.raises(
        BadInput, match=r"'v\.5' is to be up on 'low', which is declared down; give 'low' up: true, or 'v\.5' up: false"
    ):
        sentences(snapshot, wish("v.5", "vlan", parent="low", id=5), *below, **others)
    assert "create vlan v.5" in sentences(snapshot, wish("v.5", "vlan", parent="low", id=5, up=False), *below, **others)
    assert "set m: up" in sentences(snapshot, wish("m", "macvlan", parent="low"), *below, **others), (
        "the kernel lets it"
    )


def test_ipvlans_of_one_parent_have_one_mode() -> None:
    with pytest.raises(BadInput, match="'i1' is to have l2, another entry wants l3"):
        sentences(host(), wish("i1", "ipvlan", mode="l2"), wish("i2", "ipvlan", mode="l3"))
    both = host(ipvlan("i1", "l3"), ipvlan("i2", "l3"))
    assert sentences(both, wish("i1", "ipvlan", mode="l2"), wish("i2", "ipvlan", mode="l2")) == ["set i1: mode=l2"]


def test_an_ipvlan_without_a_mode_takes_that_of_the_others() -> None:
    entries = manifest_of({"name": "test", "state": "present", "netns_interface": [wish("i2", "ipvlan")]}).entries
    planner = plan(entries, host(ipvlan("i1", "l2")), False)
    made = next(step.op for step in planner.steps if isinstance(step.op, LinkAdd))
    assert (made.link.data["mode"], planner.warnings) == ("l2", [])


def test_who_changes_the_mode_of_others_warns_and_gives_it_back() -> None:
    entries = manifest_of(
        {"name": "test", "state": "present", "netns_interface": [wish("i2", "ipvlan", mode="l3")]}
    ).entries
    planner = plan(entries, host(ipvlan("i1", "l2")), False)
    assert planner.warnings == ["All ipvlans on 'nic0' have one mode: 'i1' gets l3, too."]
    assert [op.sentence() for op in planner.steps[0].inverse] == ["delete link i2", "set i1: mode=l2"]


@pytest.mark.parametrize(("kind", "mode", "other"), [("ipvlan", "l2", "l3"), ("macvlan", "bridge", "vepa")])
def test_a_mode_comes_back_with_the_kind_that_the_kernel_wants_named(kind: str, mode: str, other: str) -> None:
    snapshot = host(Link("i1", kind, index=20, data={"mode": mode, "parent": "nic0"}))
    op = LinkSet(None, "i1", {"data": {"kind": kind, "mode": other}})
    assert op.sentence() == f"set i1: mode={other}"
    assert op.inverse(snapshot) == (LinkSet(None, "i1", {"data": {"kind": kind, "mode": mode}}),)
    before = snapshot.clone()
    op.effect(snapshot)
    assert snapshot.namespaces[None].links["i1"].data == {"mode": other, "parent": "nic0"}
    op.inverse(before)[0].effect(snapshot)
    assert snapshot == before


def port(name: str, master: str | None, **more: t.Any) -> Link:
    return Link(name, "dummy", index=30, up=True, master=master, **more)


BRIDGE = Link("br0", "bridge", index=4, up=True)
ON_NIC = {"mode": "bridge", "parent": "nic0"}


@pytest.mark.parametrize(
    ("links", "entry", "reason"),
    [
        (
            [BRIDGE, port("d", "br0")],
            wish("m", "macvlan", parent="d"),
            "macvlan 'm': its parent 'd' is a port of 'br0'",
        ),
        ([BRIDGE, port("d", "br0")], wish("i", "ipvlan", parent="d"), "ipvlan 'i': its parent 'd' is a port of 'br0'"),
        (
            [port("d", None, held_by="ovs-system")],
            wish("m", "macvlan", parent="d"),
            "its parent 'd' is a port of Open vSwitch",
        ),
        ([ipvlan("i1", "l2")], wish("m", "macvlan"), "its parent 'nic0' has the ipvlan 'i1' on it"),
        (
            [Link("m1", "macvlan", index=20, data=ON_NIC)],
            wish("i", "ipvlan"),
            "its parent 'nic0' has the macvlan 'm1' on it",
        ),
        (
            [BRIDGE, Link("m1", "macvlan", index=20, data=ON_NIC)],
            {"name": "nic0", "master": "br0"},
            "make 'nic0' a port of 'br0': it has the macvlan 'm1' on it",
        ),
        (
            [BRIDGE, ipvlan("i1", "l2")],
            {"name": "nic0", "master": "br0"},
            "make 'nic0' a port of 'br0': it has the ipvlan 'i1' on it",
        ),
    ],
)
def test_a_parent_that_somebody_else_has_to_himself_is_refused_by_name(
    links: list[Link], entry: Params, reason: str
) -> None:
    with pytest.raises(Conflict, match=f"{reason}, and can have only one of these"):
        sentences(host(*links), entry)


@pytest.mark.parametrize(
    ("links", "entry"),
    [
        ([BRIDGE, port("d", "br0")], wish("v", "vlan", parent="d", id=5)),
        ([BRIDGE], wish("m", "macvlan", parent="br0")),
        ([Link("vrf0", "vrf", index=4), port("d", "vrf0")], wish("m", "macvlan", parent="d")),
        ([Link("p", "openvswitch", index=4, held_by="ovs-system")], wish("m", "macvlan", parent="p")),
        ([Link("m1", "macvlan", index=20, data=ON_NIC)], wish("m", "macvlan")),
        ([BRIDGE, vlan("v1", 5)], {"name": "nic0", "master": "br0"}),
        ([BRIDGE, Link("m1", "macvlan", index=20, data=ON_NIC)], {"name": "m1", "master": "br0"}),
    ],
)
def test_what_shares_its_parent_is_not_refused(links: list[Link], entry: Params) -> None:
    assert sentences(host(*links), entry)


def test_an_ipvlan_has_no_mac_of_its_own() -> None:
    with pytest.raises(BadInput, match="mac: an ipvlan has the MAC address of its parent"):
        sentences(host(), wish("i1", "ipvlan", mac="02:00:00:00:00:01"))


def test_what_stands_on_a_link_goes_with_it_and_comes_back() -> None:
    snapshot = host(vlan("v1", 7), red=[vlan("v2", 8, "v1", parent_on_host=True)])
    op = LinkDelete(None, "nic0")
    assert [one.sentence() for one in LinkDelete(None, "v1").inverse(snapshot)] == [
        "create vlan v1",
        "create vlan v2 in red",
    ]
    op.effect(snapshot)
    assert (set(snapshot.namespaces[None].links), set(snapshot.namespaces["red"].links)) == ({"nic1"}, set())


def test_a_parent_that_would_lose_its_vxlan_elsewhere_is_not_moved() -> None:
    away = {"name": "eth0", "netns": "red", "source": {"name": "nic0"}}
    others = [vlan("v5", 5), ipvlan("ip5", "l2")]
    assert "move nic0 to red as eth0 (sets v5 down)" in sentences(host(*others), away)
    vxlan = Link("vx0", "vxlan", index=30, data={"id": 5, "parent": "nic0"})
    with pytest.raises(
        Conflict,
        match=(
            r"the kernel would delete the vxlan 'vx0', which stands on it\. Delete that first, or give it another"
            r" parent\."
        ),
    ):
        sentences(host(*others, vxlan), away)


@pytest.mark.parametrize(("kind", "more", "room"), [("vlan", {"id": 7}, 1500), ("macvlan", {}, 1500)])
def test_no_link_is_wider_than_its_parent(kind: str, more: Params, room: int) -> None:
    says = rf"Cannot give 'v1' an MTU of 9000: its parent 'nic0' has room for {room}\. Give that a larger mtu first"
    with pytest.raises(Missing, match=says):
        sentences(host(), wish("v1", kind, mtu=9000, **more))


def test_an_mtu_of_a_vxlan_leaves_room_for_its_headers() -> None:
    vxlan = wish("v1", "vxlan", id=7, remote="192.0.2.2")
    with pytest.raises(Missing, match="an MTU of 1451: its parent 'nic0' has room for 1450"):
        sentences(host(), {**vxlan, "mtu": 1451})
    assert "create vxlan v1" in sentences(host(), {**vxlan, "mtu": 1450})


def test_a_link_gets_its_large_mtu_when_its_parent_has_it() -> None:
    found = sentences(host(), {"name": "nic0", "mtu": 9000}, wish("v1", "vlan", id=7, mtu=9000))
    assert found == ["create vlan v1", "set nic0: mtu=9000", "set v1: mtu=9000", "set v1: up"]
    bridge = [{"name": "br0", "mtu": 9000}]
    there = Link("br0", "bridge", index=5, mtu=1500, up=True)  # a bridge settles after what stands on it
    found = sentences(host(there), wish("v1", "vlan", id=7, parent="br0", mtu=9000), linux_bridge=bridge)
    assert found.index("set v1: mtu=9000") > found.index("set br0: mtu=9000")
