# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alternative names of links of every kind, on the fake host."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._apply import Failed
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import BadInput, Conflict
from ansible_collections.netloom.linux.plugins.module_utils._model._move_ops import LinkMove
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Link, OvsTarget
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost, picture, run_one, run_topology

Params = dict[str, t.Any]
PAIR: Params = {"name": "veth-a", "peer": {"name": "eth0", "netns": "red"}}
OVS: Params = {"name": "ovs0", "datapath_type": "netdev"}
PORT: Params = {"bridge": "ovs0", "name": "tap0", "type": "internal", "netns": "red"}


def host() -> FakeHost:
    """A pair, a NIC, and an Open vSwitch bridge."""
    fake = FakeHost("red", "green")
    fake.state.put(
        None, Link("nic0", "", mac="02:00:00:00:00:09", permanent_mac="02:00:00:00:00:09", up=True, altnames=("enp9",))
    )
    run_one(fake, "veth", PAIR)
    run_one(fake, "ovs_bridge", OVS)
    return fake


LINKS: list[tuple[str, Params, tuple[str | None, str]]] = [
    ("veth", PAIR, (None, "veth-a")),
    ("linux_bridge", {"name": "br0", "netns": "red"}, ("red", "br0")),
    ("netns_interface", {"name": "dummy0", "netns": "red", "kind": "dummy"}, ("red", "dummy0")),
    ("netns_interface", {"name": "lo", "netns": "red"}, ("red", "lo")),
    ("ovs_bridge", OVS, (None, "ovs0")),
    ("ovs_port", PORT, ("red", "tap0")),
]


@pytest.mark.parametrize(("kind", "params", "place"), LINKS)
def test_an_exact_list(kind: str, params: Params, place: tuple[str | None, str]) -> None:
    fake = host()
    where = f"{place[1]}{f' in {place[0]}' if place[0] else ''}"
    done = run_one(fake, kind, {**params, "altnames": ["wan", "lan", "wan"]})
    assert f"set {where}: altnames=lan,wan" in done.steps
    assert run_one(fake, kind, {**params, "altnames": ["lan", "wan"]}).steps == []
    assert run_one(fake, kind, params).steps == []
    fake.state.put(
        place[0], dataclasses.replace(fake.state.namespaces[place[0]].links[place[1]], altnames=("lan", "odd"))
    )
    assert run_one(fake, kind, {**params, "altnames": ["lan", "wan"]}).steps == [f"set {where}: altnames=lan,wan"]
    assert run_one(fake, kind, {**params, "clear": ["altnames"]}).steps == [f"set {where}: altnames=none"]
    assert run_one(fake, kind, {**params, "altnames": []}).steps == []


def test_the_other_end_of_a_veth_has_its_own() -> None:
    fake = host()
    wish = {**PAIR, "peer": {**PAIR["peer"], "altnames": ["veth-a"]}}
    assert run_one(fake, "veth", wish).steps == ["set eth0 in red: altnames=veth-a"]
    assert run_one(fake, "veth", wish).steps == []


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["lan", ""], r"altnames\[1\]: is empty"),
        (["a/b"], "is not a link name"),
        (["a b"], "is not a link name"),
        ([".."], "is not a link name"),
        (["x" * 128], "has 128 bytes; the kernel takes at most 127"),
        (["lan", "veth-a"], r"altnames\[1\]: 'veth-a' is the link's own name"),
        (["a\x01"], "control character"),
    ],
)
def test_bad_names(names: list[str], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        run_one(host(), "veth", {**PAIR, "altnames": names})


def test_a_name_may_be_long() -> None:
    assert run_one(host(), "veth", {**PAIR, "altnames": ["x" * 127]}).steps == [f"set veth-a: altnames={'x' * 127}"]


@pytest.mark.parametrize(
    ("kind", "params", "says"),
    [
        (
            "veth",
            {**PAIR, "altnames": ["nic0"]},
            "Cannot give 'veth-a' the alternative name 'nic0': a link 'nic0' is there already",
        ),
        (
            "veth",
            {**PAIR, "altnames": ["enp9"]},
            "Cannot give 'veth-a' the alternative name 'enp9': 'enp9' is an alternative name of 'nic0' there",
        ),
        (
            "veth",
            {**PAIR, "name": "enp9", "peer": {"name": "e9", "netns": "red"}},
            "Cannot create veth 'enp9': 'enp9' is an alternative name of 'nic0'",
        ),
        ("linux_bridge", {"name": "enp9"}, "Cannot create bridge 'enp9': 'enp9' is an alternative name of 'nic0'"),
        (
            "netns_interface",
            {"name": "enp9", "kind": "dummy"},
            "Cannot create dummy 'enp9': 'enp9' is an alternative name of 'nic0'",
        ),
        (
            "netns_interface",
            {"name": "enp9", "up": True},
            "Cannot configure 'enp9' on the host: 'enp9' is an alternative name of 'nic0'",
        ),
        ("ovs_bridge", {"name": "enp9"}, "Cannot create OVS bridge 'enp9': 'enp9' is an alternative name of 'nic0'"),
        (
            "ovs_port",
            {**PORT, "name": "enp9"},
            "Cannot put port 'enp9' on OVS bridge 'ovs0': 'enp9' is an alternative name of 'nic0'",
        ),
    ],
)
def test_names_that_are_taken(kind: str, params: Params, says: str) -> None:
    fake = host()
    before = picture(fake)
    with pytest.raises(Conflict, match=says):
        run_one(fake, kind, params)
    assert picture(fake) == before


def test_a_link_takes_its_names_along_and_brings_them_home() -> None:
    fake = host()
    before = picture(fake)
    wish = {"name": "lan0", "netns": "red", "source": {"name": "nic0"}}
    run_one(fake, "netns_interface", wish)
    assert fake.state.namespaces["red"].links["lan0"].altnames == ("enp9",)
    run_one(fake, "netns_interface", {**wish, "altnames": ["wan"]})
    run_one(fake, "netns_interface", {**wish, "state": "absent"})
    assert picture(fake) == before


def test_a_name_that_is_taken_where_a_link_goes() -> None:
    fake = host()
    run_one(fake, "veth", {**PAIR, "peer": {**PAIR["peer"], "altnames": ["enp9"]}})
    with pytest.raises(
        Conflict,
        match=(
            r"Cannot move nic0 to red with its alternative name 'enp9': 'enp9' is an alternative name of 'eth0' there"
        ),
    ):
        run_one(fake, "netns_interface", {"name": "nic0", "netns": "red", "source": {"name": "nic0"}})


def test_a_link_moves_under_what_was_an_alternative_name_of_it_and_home_again() -> None:
    """The kernel would move it first, and then refuse the name: it would be lost in there."""
    fake = host()
    before = picture(fake)
    wish = {"name": "enp9", "netns": "red", "source": {"name": "nic0"}}
    done = run_one(fake, "netns_interface", wish)
    assert done.steps[:2] == ["set nic0: altnames=none", "move nic0 to red as enp9"]
    run_one(fake, "netns_interface", {**wish, "altnames": ["nic0"]})
    assert run_one(fake, "netns_interface", {**wish, "altnames": ["nic0"]}).steps == []
    gone = run_one(fake, "netns_interface", {**wish, "state": "absent"})
    assert gone.steps[:2] == ["set enp9 in red: altnames=none", "move enp9 in red to the host as nic0"]
    assert picture(fake) == before


def test_what_was_given_away_is_not_taken_home() -> None:
    """Somebody has the alternative name there that we gave, and the link does not need it there."""
    fake = host()
    before = picture(fake)
    wish = {"name": "eth9", "netns": "red", "source": {"name": "nic0"}, "altnames": ["lan"]}
    run_one(fake, "netns_interface", wish)
    fake.state.put(None, Link("lan", "dummy"))
    run_one(fake, "netns_interface", {**wish, "state": "absent"})
    del fake.state.namespaces[None].links["lan"]
    assert picture(fake) == before


@pytest.mark.parametrize("rename", ["eth1", None])
def test_a_port_leaves_its_alternative_names_where_it_does_not_need_them(rename: str | None) -> None:
    fake = host()
    port = {**PORT, "mac": "02:00:00:00:00:07"}
    spaces = {"name": "x", "netns": [{"name": "red"}, {"name": "green"}]}
    run_topology(fake, {**spaces, "ovs_port": [{**port, "altnames": ["eth1"]}]})
    if rename is None:
        fake.state.put("green", Link("eth1", "dummy"))
    wish = {
        **spaces,
        "ovs_port": [{**port, "netns": "green", "altnames": [], **({"rename": rename} if rename else {})}],
    }
    assert run_topology(fake, wish).steps[:2] == [
        "set tap0 in red: altnames=none",
        f"move tap0 in red to green{' as eth1' if rename else ''}",
    ]
    assert run_topology(fake, wish).steps == []


def test_an_end_gets_the_name_that_was_an_alternative_one_of_it() -> None:
    fake = FakeHost()
    run_topology(fake, {"name": "x", "veth": [{"name": "v", "altnames": ["lan"], "peer": {"name": "w"}}]})
    index = fake.state.namespaces[None].links["w"].index
    wish = {"name": "x", "veth": [{"name": "lan", "altnames": ["v"], "peer": {"name": "w"}}]}
    assert "rename v to lan" in run_topology(fake, wish).steps
    assert fake.state.namespaces[None].links["w"].index == index
    assert run_topology(fake, wish).steps == []


def test_a_move_onto_an_own_alternative_name_is_refused_by_the_op_itself() -> None:
    fake = host()
    with pytest.raises(Conflict, match=r"Cannot move nic0 to red as enp9: 'enp9' is an alternative name of it\."):
        LinkMove(None, "nic0", "red", "enp9").check(fake.state)


def test_names_are_exchanged() -> None:
    fake = FakeHost()
    links = [{"name": name, "kind": "dummy", "altnames": [f"alt-{name}"]} for name in ("d1", "d2")]
    run_topology(fake, {"name": "x", "netns_interface": links})
    turned = [
        {**links[0], "altnames": ["alt-d2"]},
        {**links[1], "altnames": ["alt-d1"]},
        {"name": "alt-d3", "kind": "dummy"},
    ]
    done = run_topology(fake, {"name": "x", "netns_interface": turned})
    assert done.steps[:2] == ["set d1: altnames=none", "set d2: altnames=none"]
    assert (
        done.steps[-2:] == ["set d1: altnames=alt-d2", "set d2: altnames=alt-d1"]
        or "set d1: altnames=alt-d2" in done.steps
    )
    assert run_topology(fake, {"name": "x", "netns_interface": turned}).steps == []


def test_one_alternative_name_for_two_links() -> None:
    links = [{"name": name, "kind": "dummy", "altnames": ["lan"]} for name in ("d1", "d2")]
    with pytest.raises(
        BadInput, match=r"netns_interface\[1\]: speaks of the same altname 'lan' as netns_interface\[0\]"
    ):
        run_topology(FakeHost(), {"name": "x", "netns_interface": links})


def test_what_was_adopted_gets_its_names_back() -> None:
    fake = host()
    before = picture(fake)
    run_topology(
        fake,
        {
            "name": "x",
            "netns_interface": [{"name": "nic0", "altnames": ["lan"]}],
            "veth": [{**PAIR, "altnames": ["va"]}],
        },
    )
    run_topology(fake, {"name": "x", "state": "absent"})
    assert picture(fake) == before


def test_a_port_that_was_renamed_gets_its_own_name_back_and_the_other_as_an_alternative() -> None:
    """An upgrade: the device was renamed, now eth0 is one of its names."""
    fake = host()
    run_one(fake, "ovs_port", {**PORT, "mac": "02:00:00:00:00:07", "rename": "eth1", "addresses": ["10.0.0.1/24"]})
    before = picture(fake)
    wish = {**PORT, "altnames": ["eth1"], "addresses": ["10.0.0.1/24"]}
    done = run_one(fake, "ovs_port", wish)
    assert done.steps == ["rename eth1 in red to tap0", "set tap0 in red: altnames=eth1", "set tap0 in red: up"]
    assert run_one(fake, "ovs_port", wish).steps == []
    back = run_one(fake, "ovs_port", {**PORT, "rename": "eth1", "altnames": [], "addresses": ["10.0.0.1/24"]})
    assert back.steps == ["set tap0 in red: altnames=none", "rename tap0 in red to eth1", "set eth1 in red: up"]
    assert picture(fake) == before


def test_a_failure_at_any_step_is_undone() -> None:
    wish: Params = {
        "name": "x",
        "veth": [{**PAIR, "altnames": ["va"], "peer": {**PAIR["peer"], "altnames": ["lan"]}}],
        "ovs_port": [{**PORT, "altnames": ["eth1"]}],
    }
    for way in ("make", "take"):
        number = 0
        while True:
            fake = host()
            run_topology(fake, {**wish, **({} if way == "take" else {"veth": [PAIR], "ovs_port": []})})
            before, fake.done, fake.fail_at = picture(fake), [], number
            gone = {"veth": [{**PAIR, "state": "absent"}], "ovs_port": [{**PORT, "state": "absent"}]}
            try:
                run_topology(fake, wish if way == "make" else {**wish, **gone})
            except Failed as failed:
                assert failed.args
                files = before[3]
                assert picture(fake)[:3] == before[:3]
                assert set(picture(fake)[3]) == set(files)
                number += 1
                continue
            break
        assert number > 1


def test_a_device_that_is_made_again_has_its_names_again() -> None:
    fake = host()
    wish = {**PORT, "altnames": ["eth1"]}
    run_one(fake, "ovs_port", wish)
    step = run_one(fake, "ovs_port", {**PORT, "state": "absent"}, check=True)
    assert step.steps == ["delete OVS port tap0"]
    del fake.state.ovs[OvsTarget()].ports["tap0"], fake.state.namespaces["red"].links["tap0"]
    assert "set tap0 in red: altnames=eth1" in run_one(fake, "ovs_port", wish).steps


def test_absent_in_place_takes_off_what_is_declared() -> None:
    fake = host()
    before = picture(fake)
    wish = {"name": "nic0", "altnames": ["enp9", "lan"]}
    run_one(fake, "netns_interface", wish)
    assert run_one(fake, "netns_interface", {"name": "nic0", "altnames": ["lan"], "state": "absent"}).steps == [
        "set nic0: altnames=enp9"
    ]
    assert picture(fake) == before
