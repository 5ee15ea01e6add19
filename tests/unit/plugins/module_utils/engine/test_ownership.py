# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose an object is: purge, topologies side by side, namesakes, renamed links."""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._apply import Failed
from ansible_collections.netloom.linux.plugins.module_utils._engine._topology import manifest_of
from ansible_collections.netloom.linux.plugins.module_utils._model._address import Address
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import Conflict, HostError
from ansible_collections.netloom.linux.plugins.module_utils._model._route import Route
from ansible_collections.netloom.linux.plugins.module_utils._model._scope import Scope
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Link, Neighbour
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost, picture, run_one, run_topology

Params = dict[str, t.Any]


def records(host: FakeHost, name: str) -> Params:
    """What is remembered of a topology."""
    return t.cast("Params", json.loads(host.state.files.get(f"/run/netloom/topologies/{name}.json") or "{}"))


def member(name: str, **more: t.Any) -> Params:
    """A namespace with a cable to the host."""
    return {"name": f"v-{name}", "peer": {"name": "eth0", "netns": name, **more}}


PAIR: Params = {
    "name": "t",
    "netns": [{"name": "red", "etc_files": {"hosts": "x\n"}}, {"name": "green"}],
    "linux_bridge": [{"name": "br0", "addresses": ["10.0.0.254/24"], "ports": ["v-red", "v-green"]}],
    "veth": [member("red", addresses=["10.0.0.1/24"]), member("green", addresses=["10.0.0.2/24"])],
    "netns_route": [{"netns": "red", "destination": "default", "gateway": "10.0.0.254"}],
    "ovs_bridge": [{"name": "ovs0", "datapath_type": "netdev"}],
    "ovs_port": [{"bridge": "ovs0", "name": "tap-r", "type": "internal", "netns": "red", "addresses": ["10.1.0.1/24"]}],
    "dnsmasq_in_ns": [
        {
            "name": "dhcp",
            "netns": "red",
            "interfaces": ["tap-r"],
            "ranges": [{"start": "10.1.0.10", "end": "10.1.0.20"}],
        }
    ],
}
GREEN: Params = {
    "name": "t",
    "netns": PAIR["netns"][1:],
    "linux_bridge": [{"name": "br0", "addresses": ["10.0.0.254/24"]}],
    "veth": PAIR["veth"][1:],
}


def test_what_is_not_declared_any_more_goes_in_reverse() -> None:
    fresh, host = FakeHost(), FakeHost()
    run_topology(fresh, GREEN)
    run_topology(host, PAIR)
    foretold = run_topology(host, GREEN, check=True)
    assert not [step for step in foretold.steps if "green" in step]
    assert run_topology(host, GREEN).steps == foretold.steps
    assert foretold.steps == [
        "stop dnsmasq dhcp in red and delete its files",
        "delete route default in red",
        "delete OVS port tap-r",
        "delete OVS bridge ovs0",
        "delete link v-red",
        "delete namespace red",
        "delete /etc/netns/red/hosts",
    ]
    assert not run_topology(host, GREEN).changed
    host.state.files = {path: text for path, text in host.state.files.items() if "topologies" not in path}
    fresh.state.files = {path: text for path, text in fresh.state.files.items() if "topologies" not in path}
    link = host.state.namespaces[None].links["v-green"]
    host.state.put(None, dataclasses.replace(link, master=None, port={}))
    assert picture(host) == picture(fresh)


def test_a_topology_of_nothing_leaves_the_host_as_it_was() -> None:
    host = FakeHost("other")
    before = picture(host)
    run_topology(host, PAIR)
    assert run_topology(host, {"name": "t"}).changed
    assert picture(host) == before
    assert not run_topology(host, {"name": "t"}).changed


def test_without_purge_it_stays_and_a_later_absent_takes_it_down() -> None:
    host = FakeHost()
    before = picture(host)
    run_topology(host, PAIR)
    assert run_topology(host, {**GREEN, "purge": False}).steps == []
    assert len(records(host, "t")) == 9
    run_topology(host, {"name": "t", "state": "absent"})
    assert picture(host) == before


@pytest.mark.parametrize("halfway", [False, True])
def test_a_failure_at_any_op_of_a_purge_undoes_it(halfway: bool) -> None:
    number = 0
    while True:
        host = FakeHost()
        run_topology(host, PAIR)
        before = picture(host)
        host.done.clear()
        host.fail_at, host.halfway = number, halfway
        try:
            run_topology(host, GREEN)
        except Failed as error:
            assert error.remains == []
            assert picture(host) == before, f"after a failure at op {number}"
            number += 1
            continue
        break
    assert number > 5


def test_until_it_is_gone_it_is_remembered() -> None:
    host = FakeHost()
    run_topology(host, PAIR)
    noted: list[int] = []
    do = host.do

    def watched(ops: t.Any) -> None:
        noted.append(len(records(host, "t")))
        do(ops)

    host.do = watched  # type: ignore[method-assign]
    run_topology(host, GREEN)
    assert set(noted) == {9}
    assert len(records(host, "t")) == 3


def test_what_was_adopted_gets_its_attributes_back_and_stays() -> None:
    host = FakeHost("red")
    run_one(host, "veth", {"name": "a", "mtu": 1400, "peer": {"name": "b", "netns": "red"}})
    before = picture(host)
    run_topology(
        host,
        {
            "name": "t",
            "netns": [{"name": "green"}],
            "veth": [{"name": "a", "mtu": 1300, "peer": {"name": "b", "netns": "red"}}],
        },
    )
    assert run_topology(host, {"name": "t", "netns": [{"name": "green"}]}).steps == ["set a: mtu=1400"]
    run_topology(host, {"name": "t", "state": "absent"})
    assert picture(host) == before


def test_an_adopted_attribute_that_a_later_run_declares_comes_back_too() -> None:
    host = FakeHost()
    run_one(host, "linux_bridge", {"name": "br0", "stp": False, "priority": 100})
    before = picture(host)
    run_topology(host, {"name": "t", "linux_bridge": [{"name": "br0", "priority": 100}]})
    run_topology(host, {"name": "t", "linux_bridge": [{"name": "br0", "priority": 200, "stp": True, "mtu": 1400}]})
    run_topology(host, {"name": "t", "state": "absent"})
    assert picture(host) == before


def test_an_adopted_attribute_that_was_not_set_is_cleared_again() -> None:
    host = FakeHost("red")
    run_one(host, "linux_bridge", {"name": "br0"})
    run_one(host, "veth", {"name": "a", "peer": {"name": "b", "netns": "red"}})
    run_one(host, "ovs_bridge", {"name": "ovs0"})
    run_one(host, "ovs_port", {"bridge": "ovs0", "name": "p", "type": "internal"})
    before = picture(host)
    pair = {
        "name": "a",
        "master": "br0",
        "alias": "x",
        "peer": {"name": "b", "netns": "red", "alias": "y", "addresses": ["10.0.0.1/24"]},
    }
    run_topology(
        host,
        {"name": "t", "veth": [pair], "ovs_port": [{"bridge": "ovs0", "name": "p", "type": "internal", "tag": 100}]},
    )
    run_topology(host, {"name": "t", "state": "absent"})
    assert picture(host) == before


def test_an_adopted_attribute_that_was_cleared_comes_back() -> None:
    host = FakeHost()
    run_one(host, "ovs_bridge", {"name": "ovs0"})
    run_one(host, "ovs_port", {"bridge": "ovs0", "name": "p", "type": "internal", "tag": 100})
    before = picture(host)
    run_topology(
        host, {"name": "t", "ovs_port": [{"bridge": "ovs0", "name": "p", "type": "internal", "clear": ["tag"]}]}
    )
    assert picture(host) != before
    run_topology(host, {"name": "t", "state": "absent"})
    assert picture(host) == before


def test_what_is_adopted_under_another_spelling_comes_back() -> None:
    host = FakeHost("red")
    run_one(host, "veth", {"name": "a", "peer": {"name": "b", "netns": "red", "addresses": ["10.0.0.1/24"]}})
    run_one(host, "netns_route", {"netns": "red", "destination": "default", "gateway": "10.0.0.254"})
    before = picture(host)
    run_topology(host, {"name": "t", "netns_route": [{"netns": "red", "dst": "default", "via": "10.0.0.253"}]})
    run_topology(host, {"name": "t", "state": "absent"})
    assert picture(host) == before


def loses_its_name(host: FakeHost) -> None:
    """The namespace has no name any more, but lives on by a process."""
    host.state.put(None, dataclasses.replace(host.state.namespaces[None].links["v-red"], peer=None))
    del host.state.namespaces["red"]


def has_another_name(host: FakeHost) -> None:
    """The other end is called odd."""
    red = host.state.namespaces["red"]
    red.links["odd"] = dataclasses.replace(red.links.pop("eth0"), name="odd")
    host.state.put(None, dataclasses.replace(host.state.namespaces[None].links["v-red"], peer=("red", "odd")))


def is_called_otherwise(host: FakeHost) -> None:
    """The end that names the pair is called odd, and the tap too."""
    links = host.state.namespaces[None].links
    links["odd"] = dataclasses.replace(links.pop("v-red"), name="odd")
    host.state.put("red", dataclasses.replace(host.state.namespaces["red"].links["eth0"], peer=(None, "odd")))
    links["other"] = dataclasses.replace(links.pop("tap0"), name="other")


@pytest.mark.parametrize("broken", [loses_its_name, has_another_name, is_called_otherwise])
@pytest.mark.parametrize("wish", [{"state": "absent"}, {}, None])
def test_a_link_that_somebody_moved_or_renamed_is_ours_all_the_same(
    broken: t.Callable[[FakeHost], None], wish: Params | None
) -> None:
    declared: Params = {
        "name": "t",
        "netns": [{"name": "red"}],
        "veth": [member("red")],
        "netns_interface": [{"name": "tap0", "kind": "tap"}],
    }
    host = FakeHost("other")
    before = picture(host)
    run_topology(host, declared)
    made = picture(host)
    broken(host)
    outcome = run_topology(host, declared if wish is None else {"name": "t", **wish})
    assert outcome.changed
    if wish is not None:
        assert picture(host) == before
    elif broken is not loses_its_name:  # what is made again has other numbers
        assert picture(host) == made
    assert not run_topology(host, declared if wish is None else {"name": "t", **wish}).changed


@pytest.mark.parametrize(
    "number", ["inode", "cookie"]
)  # the kernel gives an inode anew as soon as its namespace is gone
@pytest.mark.parametrize("wish", [{"netns": [{"name": "blue"}]}, {"state": "absent"}])
def test_a_namesake_is_not_purged(wish: Params, number: str) -> None:
    host = FakeHost()
    run_topology(
        host,
        {
            "name": "t",
            "netns": [{"name": "red"}],
            "veth": [{"name": "a", "netns": "red", "peer": {"name": "b", "netns": "red"}}],
        },
    )
    setattr(host.state.namespaces["red"], number, 99999)
    outcome = run_topology(host, {"name": "t", **wish})
    assert not [step for step in outcome.steps if "delete" in step]
    assert outcome.warnings == ["Left alone, because no run of topology 't' made it: netns red, veth a red."]
    assert not run_topology(host, {"name": "t", **wish}).warnings
    assert host.state.link("red", "a")


def test_a_record_without_a_cookie_is_known_by_its_inode() -> None:
    """An older release wrote none, and an older kernel tells none."""
    host = FakeHost()
    wish = {
        "name": "t",
        "netns": [{"name": "red"}],
        "veth": [{"name": "a", "netns": "red", "peer": {"name": "b", "netns": "red"}}],
    }
    run_topology(host, wish)
    path = next(path for path in host.state.files if path.endswith("/t.json"))
    text = host.state.files[path] or ""
    host.state.files[path] = re.sub(r'"cookie": \d+, ', "", text)
    assert host.state.files[path] != text
    run_topology(host, {"name": "t", "state": "absent"})
    assert set(host.state.namespaces) == {None}


def test_what_somebody_deleted_is_forgotten() -> None:
    host = FakeHost()
    run_topology(host, {"name": "t", "netns": [{"name": "red"}, {"name": "green"}]})
    del host.state.namespaces["red"]
    assert not run_topology(host, {"name": "t", "netns": [{"name": "green"}]}).changed
    assert len(records(host, "t")) == 1


def test_half_a_pair_is_made_whole_if_it_is_ours() -> None:
    host = FakeHost()
    wish = {"name": "t", "netns": [{"name": "red"}], "veth": [member("red")]}
    run_topology(host, wish)
    whole = picture(host)
    host.state.namespaces["red"].links.pop("eth0")  # in a namespace that has lost its name
    host.state.put(None, dataclasses.replace(host.state.namespaces[None].links["v-red"], peer=None))
    assert run_topology(host, wish).steps == ["delete link v-red", "create veth eth0 in red with peer v-red"]
    assert picture(host) == whole
    assert not run_topology(host, wish).changed


def test_half_a_pair_of_somebody_else_is_left_alone() -> None:
    host = FakeHost("red")
    host.state.put(None, Link("v-red", "veth", index=77))
    with pytest.raises(Conflict, match="its peer is in a namespace that has no declared name"):
        run_topology(host, {"name": "t", "veth": [member("red")]})


def served(netns: str, **server: t.Any) -> Params:
    """A DHCP server in a namespace of this name, with a cable to another one."""
    return {
        "name": "t",
        "netns": [{"name": netns}, {"name": "red"}],
        "veth": [
            {"name": "eth0", "netns": netns, "addresses": ["10.0.0.1/24"], "peer": {"name": "eth0", "netns": "red"}}
        ],
        "dnsmasq_in_ns": [
            {
                "name": "d",
                "netns": netns,
                "interfaces": ["eth0"],
                "ranges": [{"start": "10.0.0.10", "end": "10.0.0.20"}],
                **server,
            }
        ],
    }


@pytest.mark.parametrize("declared", [False, True], ids=["purged", "absent"])
@pytest.mark.parametrize("server", [{}, {"state": "stopped"}], ids=["started", "stopped"])
def test_a_server_moves_out_of_a_namespace_that_goes(declared: bool, server: Params) -> None:
    host = FakeHost()
    run_topology(host, served("old"))
    wish = served("new", **server)
    if declared:
        wish["netns"] = [*wish["netns"], {"name": "old", "state": "absent"}]
    foretold = run_topology(host, wish, check=True)
    steps = run_topology(host, wish).steps
    assert steps == foretold.steps
    stop = "stop dnsmasq d in old (namespace old goes)"
    assert steps.index(stop) < steps.index("delete namespace old")
    assert len([step for step in steps if "dnsmasq d" in step]) == (1 if server else 2)
    assert "start dnsmasq d in new" in steps or server
    assert not run_topology(host, wish).changed


def test_a_foreign_process_in_a_namespace_that_is_renamed_is_told_with_a_way_out() -> None:
    host = FakeHost()
    run_topology(host, served("old"))
    processes = host.state.namespaces["old"].processes
    assert processes is not None
    processes[4711] = "sleep"
    with pytest.raises(
        Conflict,
        match=(
            r"process 4711 \(sleep\) lives in it. Stop what runs there, or declare it once more, as {name: old, state:"
            r" absent, proc"
        ),
    ):
        run_topology(host, served("new"))
    wish = served("new")
    wish["netns"].append({"name": "old", "state": "absent", "processes": "kill"})
    assert "delete namespace old" in run_topology(host, wish).steps


def test_a_purge_that_cannot_be_says_so_before_anything_is_touched() -> None:
    host = FakeHost()
    run_topology(host, {"name": "t", "netns": [{"name": "red"}]})
    host.state.namespaces["red"].processes = {12: "sleep"}
    before = picture(host)
    with pytest.raises(
        Conflict, match=r"^purge of netns red: Cannot delete namespace 'red': process 12 \(sleep\) lives in it"
    ):
        run_topology(host, {"name": "t", "netns": [{"name": "green"}]})
    assert picture(host) == before


# --- side by side ---

ONE: Params = {
    "name": "one",
    "netns": [{"name": "red"}],
    "linux_bridge": [{"name": "br0", "mtu": 1400, "ports": ["v-red"]}],
    "veth": [{**member("red"), "master": "br0"}],
}
TWO: Params = {
    "name": "two",
    "netns": [{"name": "green"}],
    "linux_bridge": [{"name": "br0", "mtu": 1400}],
    "veth": [{**member("green"), "master": "br0"}],
}


@pytest.mark.parametrize(
    "wish",
    [
        {"name": "one", "state": "absent"},
        {"name": "one"},
        {**ONE, "linux_bridge": [{"name": "br0", "state": "absent"}], "veth": []},
    ],
)
def test_what_another_topology_declares_too_is_handed_over(wish: Params) -> None:
    host = FakeHost("other")
    before = picture(host)
    run_topology(host, ONE)
    run_topology(host, TWO)
    outcome = run_topology(host, wish)
    assert "delete link v-red" in outcome.steps
    assert outcome.warnings == [
        "Kept for topology 'two', which declares it too and owns it from now on: linux_bridge br0."
    ]
    assert not run_topology(host, TWO).changed
    assert not run_topology(host, {"name": "one", "state": "absent"}).warnings
    run_topology(host, {"name": "two", "state": "absent"})
    assert picture(host) == before


def test_what_another_topology_stands_on_stays_until_that_is_gone() -> None:
    host = FakeHost("other")
    before = picture(host)
    run_topology(host, ONE)
    run_topology(
        host, {"name": "two", "veth": [{"name": "x", "master": "br0", "peer": {"name": "eth1", "netns": "red"}}]}
    )
    for _again in range(2):
        outcome = run_topology(host, {"name": "one", "state": "absent"})
        assert outcome.warnings == [
            (
                "Kept, because topology 'two' stands on it: linux_bridge br0, netns red. Take that down first, then run"
                " this again."
            )
        ]
    assert host.state.has("red")
    run_topology(host, {"name": "two", "state": "absent"})
    run_topology(host, {"name": "one", "state": "absent"})
    assert picture(host) == before


def test_what_is_kept_keeps_what_it_stands_on() -> None:
    host = FakeHost()
    run_topology(host, {"name": "one", "netns": [{"name": "red"}], "linux_bridge": [{"name": "br0", "netns": "red"}]})
    host.state.files["/run/netloom/topologies/two.json"] = json.dumps(
        {"x": {"kind": "linux_bridge", "params": {"name": "br1", "ports": ["br0"], "netns": "red"}, "made": True}}
    )
    assert run_topology(host, {"name": "one", "state": "absent"}).steps == []
    assert host.state.link("red", "br0")


def test_what_was_changed_on_an_adopted_one_is_handed_over_too() -> None:
    host = FakeHost()
    run_one(host, "linux_bridge", {"name": "br0", "mtu": 1500})
    before = picture(host)
    run_topology(host, {"name": "one", "linux_bridge": [{"name": "br0", "mtu": 1400}]})
    run_topology(host, {"name": "two", "linux_bridge": [{"name": "br0", "mtu": 1400}]})
    run_topology(host, {"name": "one", "state": "absent"})
    assert host.state.namespaces[None].links["br0"].mtu == 1400
    run_topology(host, {"name": "two", "state": "absent"})
    assert picture(host) == before


def test_another_topology_under_a_new_name_takes_all_over() -> None:
    host = FakeHost()
    before = picture(host)
    run_topology(host, PAIR)
    assert not run_topology(host, {**PAIR, "name": "renamed"}).changed
    outcome = run_topology(host, {"name": "t", "state": "absent"})
    assert not outcome.changed
    assert "owns it from now on" in outcome.warnings[0]
    run_topology(host, {"name": "renamed", "state": "absent"})
    assert picture(host) == before


DAMAGED = [
    "{",
    "null",
    '{"x": {"kind": "bond", "params": {}, "made": true}}',
    '{"x": {"kind": "netns", "params": {"name": "a/b"}, "made": true}}',
    '{"x": {"kind": "netns", "params": [], "made": true}}',
]


@pytest.mark.parametrize(
    ("text", "kept"),
    [*((text, False) for text in DAMAGED), ("\0\0", False), ('{"x": {"params": {"name": "v-red"', True)],
)
def test_damaged_records_of_another_are_neither_a_reason_to_delete_nor_to_stop(text: str, kept: bool) -> None:
    host = FakeHost("other")
    before = picture(host)
    run_topology(host, ONE)
    path = "/run/netloom/topologies/two.json"
    host.state.files[path] = text
    assert not run_topology(host, ONE).changed
    outcome = run_topology(host, {"name": "one", "state": "absent"})
    assert outcome.steps == ([] if kept else ["delete link v-red"])
    assert outcome.warnings[0].startswith(
        f"The records of topology 'two' in {path} are damaged, so nobody knows what it stands on: namespaces and"
        " bridges are"
    )
    named = f"linux_bridge br0, netns red{', veth v-red' if kept else ''}"
    assert outcome.warnings[1].startswith(
        f"Kept, because topology 'two', whose records are damaged, may stand on it: {named}."
    )
    assert host.state.has("red")
    assert host.state.link(None, "br0")
    assert host.state.files[path] == text
    host.state.files[path] = None
    run_topology(host, {"name": "one", "state": "absent"})
    assert picture(host) == before


@pytest.mark.parametrize("text", DAMAGED)
def test_own_damaged_records_stop_the_run(text: str) -> None:
    host = FakeHost()
    run_topology(host, ONE)
    host.state.files["/run/netloom/topologies/one.json"] = text
    with pytest.raises(HostError, match=r"one\.json: it is damaged"):
        run_topology(host, {"name": "one", "state": "absent"})


# --- other names ---


def veths(*pairs: tuple[str, str], **more: t.Any) -> Params:
    """Pairs from the host into red."""
    ends = [
        {"name": name, "peer": {"name": peer, "netns": "red", "addresses": [f"10.0.{name[1:]}.1/24"]}}
        for name, peer in pairs
    ]
    return {"name": "t", "netns": [{"name": "red"}], "veth": ends, **more}


@pytest.mark.parametrize(
    ("after", "renames"),
    [
        (veths(("v1", "e2"), ("v2", "e1")), 4),
        (veths(("v2", "e1"), ("v1", "e2")), 4),
        (veths(("v1", "e2"), ("v2", "e3")), 3),
        (veths(("v1", "e9"), ("v2", "e2")), 1),
        (veths(("v9", "e1"), ("v2", "e2")), 1),
    ],
)
def test_links_that_exchange_their_names_are_renamed(after: Params, renames: int) -> None:
    host = FakeHost()
    before = picture(host)
    run_topology(host, veths(("v1", "e1"), ("v2", "e2")))
    indexes = {link.index for link in host.state.namespaces["red"].links.values()}
    foretold = run_topology(host, after, check=True)
    outcome = run_topology(host, after)
    assert outcome.steps == foretold.steps
    assert len([step for step in outcome.steps if step.startswith("rename ")]) == renames
    assert not [step for step in outcome.steps if "create" in step or "delete link" in step]
    assert indexes == {link.index for link in host.state.namespaces["red"].links.values()}
    assert not run_topology(host, after).changed
    run_topology(host, {"name": "t", "state": "absent"})
    assert picture(host) == before


def test_a_run_that_ended_among_renames_is_taken_up() -> None:
    after = veths(("v1", "e2"), ("v2", "e1"))
    steps = 0
    while True:
        host = FakeHost()
        run_topology(host, veths(("v1", "e1"), ("v2", "e2")))
        host.done.clear()
        do = host.do

        def dying(ops: t.Any, host: FakeHost = host, do: t.Any = do, steps: int = steps) -> None:
            if len(host.done) >= steps:
                raise SystemExit
            do(ops)

        host.do = dying  # type: ignore[method-assign]
        died = False
        try:
            run_topology(host, after)
        except SystemExit:
            died = True
        host.do = do  # type: ignore[method-assign]
        run_topology(host, after)
        assert host.state.namespaces[None].links["v1"].peer == ("red", "e2")
        assert set(host.state.namespaces["red"].links) == {"lo", "e1", "e2"}
        assert all(record["made"] for record in records(host, "t").values())
        if not died:
            break
        steps += 1
    assert steps > 5


def test_a_pair_seen_from_its_other_end_is_the_same() -> None:
    host = FakeHost()
    before = picture(host)
    run_topology(
        host, {"name": "t", "netns": [{"name": "red"}], "veth": [{"name": "a", "peer": {"name": "b", "netns": "red"}}]}
    )
    assert not run_topology(
        host, {"name": "t", "netns": [{"name": "red"}], "veth": [{"name": "b", "netns": "red", "peer": {"name": "a"}}]}
    ).changed
    run_topology(host, {"name": "t", "state": "absent"})
    assert picture(host) == before


def test_a_pair_that_no_run_made_is_not_renamed() -> None:
    host = FakeHost("red")
    run_one(host, "veth", {"name": "v1", "peer": {"name": "e1", "netns": "red"}})
    with pytest.raises(Conflict, match="its peer is 'e1'"):
        run_topology(host, {"name": "t", "veth": [{"name": "v1", "peer": {"name": "e2", "netns": "red"}}]})


def test_interfaces_that_exchange_their_places_go_home_in_between() -> None:
    host = FakeHost("red")
    for name in ("x", "y"):
        host.state.put(
            None,
            Link(
                name,
                index=500 + ord(name),
                permanent_mac=f"02:00:00:00:00:{ord(name):x}",
                up=True,
                mtu=1500,
                txqueuelen=1000,
            ),
        )
    before = picture(host)

    def moved(first: str, second: str) -> Params:
        ends = [
            {"name": name, "netns": "red", "source": {"name": source}}
            for name, source in (("e1", first), ("e2", second))
        ]
        return {"name": "t", "netns_interface": ends}

    run_topology(host, moved("x", "y"))
    outcome = run_topology(host, moved("y", "x"))
    assert [step for step in outcome.steps if "move" in step] == [
        "move e1 in red to the host as x",
        "move e2 in red to the host as y",
        "move y to red as e1",
        "move x to red as e2",
    ]
    assert host.state.namespaces["red"].links["e1"].index == 500 + ord("y")
    assert not run_topology(host, moved("y", "x")).changed
    run_topology(host, {"name": "t", "state": "absent"})
    assert picture(host) == before


@pytest.mark.parametrize("index", [77, 78])
def test_a_run_that_ended_right_after_a_move_knows_where_it_came_from(index: int) -> None:
    host = FakeHost("red")
    host.state.put(None, Link("x", index=77, permanent_mac="02:00:00:00:00:77", up=True, mtu=1500, txqueuelen=1000))
    run_one(host, "netns_interface", {"name": "x", "addresses": ["192.0.2.1/24"]})
    before = picture(host)
    do = host.do

    def dying(ops: t.Any) -> None:
        if "move x to red as e1" in host.done:
            raise SystemExit  # at every try to undo as well
        do(ops)

    wish = {"name": "e1", "netns": "red", "source": {"name": "x"}}
    host.do = dying  # type: ignore[method-assign]
    with pytest.raises(SystemExit):
        run_one(host, "netns_interface", wish)
    host.do = do  # type: ignore[method-assign]
    # The kernel gives another ifindex if the old one is taken there.
    host.state.put("red", dataclasses.replace(host.state.namespaces["red"].links["e1"], index=index))
    run_one(host, "netns_interface", wish)
    run_one(host, "netns_interface", {**wish, "state": "absent"})
    host.state.put(None, dataclasses.replace(host.state.namespaces[None].links["x"], index=77))
    assert picture(host) == before


def internal(first: str, second: str) -> Params:
    """Two internal ports in red under these names."""
    ports = [
        {
            "bridge": "o",
            "name": name,
            "type": "internal",
            "netns": "red",
            "rename": rename,
            "mac": f"02:00:00:00:00:0{name[1]}",
        }
        for name, rename in (("p1", first), ("p2", second))
    ]
    return {
        "name": "t",
        "netns": [{"name": "red"}],
        "ovs_bridge": [{"name": "o", "datapath_type": "netdev"}],
        "ovs_port": ports,
    }


def test_internal_ports_that_exchange_their_names_are_renamed() -> None:
    host = FakeHost()
    before = picture(host)
    run_topology(host, internal("e1", "e2"))
    outcome = run_topology(host, internal("e2", "e1"))
    assert [step for step in outcome.steps if "delete" in step or "add" in step] == []
    assert host.state.namespaces["red"].links["e2"].mac == "02:00:00:00:00:01"
    assert set(host.state.namespaces["red"].links) == {"lo", "e1", "e2"}
    assert not run_topology(host, internal("e2", "e1")).changed
    run_topology(host, {"name": "t", "state": "absent"})
    assert picture(host) == before


def test_a_foreign_tap_at_the_place_of_an_internal_port_is_left_alone() -> None:
    host = FakeHost("red")
    host.state.put(
        "red", Link("e1", "tun", mac="02:00:00:00:00:99", carrier=False, up=True, data={"mode": "tap", "persist": True})
    )
    with pytest.raises(Conflict, match="'e1' in namespace 'red' is a tun link, and is left alone"):
        run_topology(host, internal("e1", "e2"))


# --- what a plan disturbs ---


def test_the_plan_says_what_it_disturbs_and_can_be_limited() -> None:
    host = FakeHost()
    run_topology(host, PAIR)
    changed = {**PAIR, "veth": [member("red", addresses=["10.0.0.9/24"]), PAIR["veth"][1]]}
    outcome = run_topology(host, changed, check=True)
    assert outcome.disruptions == [{"step": "delete address 10.0.0.1/24 from eth0 in red", "disturbs": "brief"}]
    assert run_topology(host, {**changed, "max_disruption": "brief"}, check=True).steps == outcome.steps
    before = picture(host)
    for check in (True, False):
        with pytest.raises(
            Exception,
            match=(
                r"'none' does not allow 1 of the 2 steps of the plan: delete address 10\.0\.0\.1/24 from eth0 in red"
                r" \(brief\)"
            ),
        ):
            run_topology(host, {**changed, "max_disruption": "none"}, check=check)
        with pytest.raises(Exception, match=r"'brief' does not allow .*delete namespace red \(recreate\)"):
            run_topology(host, {**GREEN, "max_disruption": "brief"}, check=check)
    assert picture(host) == before


def test_a_run_that_makes_disturbs_nothing() -> None:
    assert run_topology(FakeHost(), {**PAIR, "max_disruption": "none"}).disruptions == []


def test_each_namespace_that_processes_keep_is_named() -> None:
    host = FakeHost()
    run_topology(host, {"name": "t", "netns": [{"name": "red"}, {"name": "green"}, {"name": "blue"}]})
    for name in ("red", "green"):
        host.state.namespaces[name].processes = dict.fromkeys(range(100, 118), "python3")
    with pytest.raises(Conflict) as refused:
        run_topology(host, {"name": "t", "state": "absent"})
    for name in ("red", "green"):
        assert f"Cannot delete namespace '{name}': processes 100 (python3), 101 (python3)" in str(refused.value)
    assert "'blue'" not in str(refused.value)
    assert str(refused.value).count("and 13 more live in it") == 2


SWITCH: Params = {
    "name": "t",
    "netns": [{"name": "red"}],
    "ovs_bridge": [{"name": "ovs0", "datapath_type": "netdev", "addresses": ["10.1.0.254/24"]}],
    "ovs_port": [
        {
            "bridge": "ovs0",
            "name": "tap-r",
            "type": "internal",
            "netns": "red",
            "rename": "eth0",
            "addresses": ["10.1.0.1/24"],
        }
    ],
}


def forget_all_rows(host: FakeHost) -> None:
    """OVSDB is replaced by an empty one: the taps stay where they are, and nobody holds them."""
    for ovs in host.state.ovs.values():
        ovs.bridges.clear()
        ovs.ports.clear()
    for space in host.state.namespaces.values():
        for link in list(space.links.values()):
            if link.kind == "tun":
                host.state.put(space.key, dataclasses.replace(link, carrier=False, promiscuity=0))


def test_after_a_new_ovsdb_a_run_makes_all_anew() -> None:
    host = FakeHost()
    run_topology(host, SWITCH)
    whole = picture(host)
    forget_all_rows(host)
    foretold = run_topology(host, SWITCH, check=True)
    steps = run_topology(host, SWITCH).steps
    assert steps == foretold.steps
    assert {"delete link ovs0", "delete link eth0 in red"} <= set(steps)
    assert picture(host) == whole
    assert not run_topology(host, SWITCH).changed


def test_after_a_new_ovsdb_absent_leaves_nothing() -> None:
    host = FakeHost()
    before = picture(host)
    run_topology(host, SWITCH)
    forget_all_rows(host)
    run_topology(host, {**SWITCH, "state": "absent"})
    assert picture(host) == before


@pytest.mark.parametrize("change", [{"carrier": True}, {"kind": "veth", "data": {}}], ids=["held", "of another kind"])
def test_a_namesake_of_a_lost_row_is_left_alone(change: Params) -> None:
    host = FakeHost()
    run_topology(host, SWITCH)
    forget_all_rows(host)
    host.state.put(None, dataclasses.replace(host.state.namespaces[None].links["ovs0"], **change))
    with pytest.raises(Conflict, match=r"'ovs0' is a .* link, and is left alone"):
        run_topology(host, SWITCH)


@pytest.mark.parametrize("last", [{"state": "absent"}, {"netns_interface": [{"name": "nic0"}]}])
def test_sysctls_that_are_given_back_are_read_though_they_are_not_declared_any_more(last: Params) -> None:
    host = FakeHost()
    host.state.put(None, Link("nic0", "", up=True))
    host.state.namespaces[None].sysctl[("nic0", "ipv4.rp_filter")] = "1"
    run_topology(host, {"name": "t", "netns_interface": [{"name": "nic0", "sysctl": {"rp_filter": 2}}]})
    run_topology(host, {"name": "t", "netns_interface": [{"name": "nic0"}]})
    manifest = manifest_of({"name": "t", "state": "present", **last})
    manifest.open(host)
    scope = Scope()
    manifest.scope(scope)
    assert (None, "nic0", "ipv4.rp_filter") in scope.sysctls


# --- what an adopted link loses ---


def nic(**more: t.Any) -> FakeHost:
    """A NIC with addresses, routes and a neighbour of somebody else's."""
    host = FakeHost(**more)
    furnish(host, Link("e0", index=2, up=True, mtu=1500, txqueuelen=1000))
    return host


def furnish(host: FakeHost, link: Link) -> None:
    """Put the link on the host, with addresses, routes and a neighbour of somebody else's."""
    detail = {"label": ":x", "metric": 100, "broadcast": "10.1.0.255"}
    addresses = (
        Address("10.1.0.1/24", detail=detail),
        Address("10.2.0.1/32", detail={"peer": "10.2.0.2"}),
        Address("fd01::1/64"),
    )
    host.state.put(None, dataclasses.replace(link, addresses=addresses))
    space = host.state.namespaces[None]
    space.links["lo"] = dataclasses.replace(space.links["lo"], txqueuelen=1000)
    host.settle()
    space.routes += [
        Route("10.9.0.0/16", gateway="10.1.0.9", device="e0"),
        Route("fd09::/48", gateway="fd01::9", device="e0", metric=1024),
    ]
    space.neighbours.append(Neighbour("10.1.0.77", "02:00:00:00:00:77", "e0"))


@pytest.mark.parametrize(
    "later",
    [
        [{"addresses": []}],
        [{"addresses": ["10.77.0.1/24"]}],
        [{"addresses": ["10.2.0.1/32"]}],
        [{"up": False}],
        [{"mtu": 1279}],
        [{"mac": "02:00:00:00:00:01"}],
        [{"sysctl": {"disable_ipv6": 1}}],
        [{"addresses": []}, {"addresses": ["10.88.0.1/24"]}, {"addresses": ["10.1.0.1/24"], "up": False}],
        [{"addresses": ["10.1.0.1/24", "10.88.0.1/24"]}, {"addresses": ["10.88.0.1/24"], "mtu": 68}],
    ],
)
def test_an_adopted_link_gets_back_what_it_lost(later: list[Params]) -> None:
    """Not only what options say: what its addresses had, routes and neighbours, too. What the topology gave it goes."""
    host = nic()
    host.state.put(None, dataclasses.replace(host.state.namespaces[None].links["e0"], mac="02:00:00:00:00:02"))
    host.state.namespaces[None].sysctl[("e0", "ipv6.disable_ipv6")] = "0"
    before = picture(host)
    for options in later:
        declared = {"name": "t", "netns_interface": [{"name": "e0", **options}]}
        assert run_topology(host, declared).changed
        assert not run_topology(host, declared).changed
    run_topology(host, {"name": "t", "state": "absent"})
    assert picture(host) == before


def adopted(kind: str, options: Params) -> Params:
    """A topology whose link e0 is of this kind, with these options."""
    entry = {"name": "e0", **options}
    return {
        "linux_bridge": {"linux_bridge": [entry]},
        "veth": {"netns": [{"name": "far"}], "veth": [{**entry, "peer": {"name": "e1", "netns": "far"}}]},
        "peer": {
            "netns": [{"name": "far"}],
            "veth": [{"name": "e1", "netns": "far", "up": options.get("up") is not False, "peer": entry}],
        },
        "ovs_bridge": {"ovs_bridge": [{"datapath_type": "netdev", **entry}]},
        "ovs_port": {
            "ovs_bridge": [{"name": "ovs0", "datapath_type": "netdev"}],
            "ovs_port": [{"bridge": "ovs0", "type": "internal", **entry}],
        },
    }[kind]


LATER: tuple[Params, ...] = ({"addresses": []}, {"addresses": ["10.2.0.1/32"]}, {"up": False}, {"mtu": 1279})


@pytest.mark.parametrize(
    ("kind", "later"),
    [
        *itertools.product(["linux_bridge", "veth", "peer"], LATER),
        # After an MTU of ours Open vSwitch keeps the number, as mtu_request.
        *itertools.product(["ovs_bridge", "ovs_port"], LATER[:3]),
    ],
)
def test_a_link_of_any_kind_that_is_adopted_gets_back_what_it_lost(kind: str, later: Params) -> None:
    host = FakeHost()
    run_topology(host, {"name": "others", **adopted(kind, {})})
    for path in [path for path in host.state.files if "/topologies/" in path]:
        host.state.files[path] = None  # somebody else made it, then
    furnish(host, dataclasses.replace(host.state.namespaces[None].links["e0"], up=True, carrier=True))
    before = picture(host)
    declared = {"name": "t", **adopted(kind, later)}
    assert run_topology(host, declared).changed
    assert not run_topology(host, declared).changed
    run_topology(host, {"name": "t", "state": "absent"})
    assert picture(host) == before


def forgotten(host: FakeHost, kind: str) -> None:
    """Make somebody else's of what topology t made, but for its objects of this kind."""
    path = "/run/netloom/topologies/t.json"
    kept = {key: record for key, record in records(host, "t").items() if record["kind"] == kind}
    host.state.files[path] = json.dumps(kept)


@pytest.mark.parametrize(
    ("bridge", "port", "change", "stays"),
    [
        (
            {"linux_bridge": [{"name": "br0"}]},
            {"netns_interface": [{"name": "vx0", "kind": "vxlan", "id": 7, "local": "192.0.2.1", "master": "br0"}]},
            {"id": 8},
            True,
        ),
        (
            {"linux_bridge": [{"name": "br0"}]},
            {"veth": [{"name": "vx0", "master": "br0", "peer": {"name": "e1"}}]},
            {"mtu": 1400},
            True,
        ),
        (
            {"ovs_bridge": [{"name": "br0", "datapath_type": "netdev"}]},
            {"ovs_port": [{"bridge": "br0", "name": "vx0", "type": "internal", "tag": 7}]},
            {"tag": 8},
            False,
        ),
    ],
)
def test_an_adopted_port_outlives_a_bridge_that_goes(bridge: Params, port: Params, change: Params, stays: bool) -> None:
    """It gets back what it had, but its bridge; a port of Open vSwitch is deleted with its bridge."""
    host = FakeHost()
    run_topology(host, {"name": "t", **bridge, **port})
    had = host.state.namespaces[None].links["vx0"]
    forgotten(host, next(iter(bridge)))
    ((kind, (entry,)),) = port.items()
    declared = {"name": "t", **bridge, kind: [{**entry, **change}]}
    assert run_topology(host, declared).changed
    assert not run_topology(host, declared).changed
    foretold = run_topology(host, {"name": "t", "state": "absent"}, check=True)
    assert run_topology(host, {"name": "t", "state": "absent"}).steps == foretold.steps
    links = host.state.namespaces[None].links
    assert "br0" not in links
    assert ("vx0" in links) is stays
    if stays:
        assert (links["vx0"].master, links["vx0"].mtu) == (None, had.mtu)
        assert links["vx0"].data.get("id") == had.data.get("id")


def test_a_route_that_the_topology_made_does_not_come_back_with_a_link() -> None:
    host = nic()
    before = picture(host)
    ours = {"destination": "10.55.0.0/16", "gateway": "10.1.0.5"}
    run_topology(host, {"name": "t", "netns_interface": [{"name": "e0", "mtu": 1400}], "netns_route": [ours]})
    run_topology(host, {"name": "t", "netns_interface": [{"name": "e0", "mtu": 1400, "addresses": ["10.2.0.1/32"]}]})
    run_topology(host, {"name": "t", "state": "absent"})
    assert picture(host) == before
