# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""linux_bridge with port_flags, as tables on the fake host."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._topology import manifest_of
from ansible_collections.netloom.linux.plugins.module_utils._kinds._linux_bridge import view_bridge
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import (
    BadInput,
    Conflict,
    Missing,
    NetloomError,
)
from ansible_collections.netloom.linux.plugins.module_utils._model._ops import Op
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost, picture, run_one, run_topology

Params = dict[str, t.Any]


def host() -> FakeHost:
    """A bridge with two ports, another one with one, and a link that is no port."""
    fake = FakeHost("red")
    for port in ("p1", "p2", "p3", "p4"):
        run_one(fake, "veth", {"name": port, "peer": {"name": port, "netns": "red"}})
    run_one(fake, "linux_bridge", {"name": "br0", "ports": ["p1", "p2"]})
    run_one(fake, "linux_bridge", {"name": "br1", "ports": ["p3"]})
    run_one(fake, "veth", {"name": "p5", "addresses": ["fd05::1/64"], "peer": {"name": "p5", "netns": "red"}})
    link = fake.state.namespaces[None].links["p1"]
    fake.state.put(None, dataclasses.replace(link, port={**link.port, "cost": 2}))
    return fake


def flags(**ports: Params | None) -> Params:
    """The bridge with flags of its ports."""
    return {"name": "br0", "port_flags": ports}


@pytest.mark.parametrize(
    ("params", "steps"),
    [
        (flags(), []),
        (flags(p1={}, p2=None), []),
        (flags(p1={"isolated": None}), []),
        (
            flags(
                p1={
                    "isolated": False,
                    "learning": True,
                    "flood": True,
                    "hairpin": False,
                    "neigh_suppress": False,
                    "cost": 2,
                    "priority": 32,
                }
            ),
            [],
        ),
        (
            flags(p1={"isolated": "yes", "cost": "7"}, p2={"flood": False}),
            ["set p1: isolated=True, cost=7", "set p2: flood=False"],
        ),
        (
            {**flags(p4={"hairpin": True}), "ports": ["p1", "p2", "p4"]},
            ["set p4: down", "set p4: master=br0, hairpin=True", "set p4: up"],
        ),
        # It would lose its address, so it keeps its flags' place: right after the master.
        ({**flags(p5={"isolated": True}), "ports": ["p1", "p2", "p5"]}, ["set p5: master=br0, isolated=True"]),
        ({**flags(p4={"isolated": False}), "ports": ["p1", "p2", "p4"]}, ["set p4: master=br0"]),
        (
            {"name": "br9", "ports": ["p4", "p5"], "port_flags": {"p4": {"isolated": True}, "p5": {"cost": 7}}},
            ["create bridge br9", "set p4: master=br9, isolated=True", "set p5: master=br9, cost=7", "set br9: up"],
        ),
    ],
)
def test_plans(params: Params, steps: list[str]) -> None:
    fake = host()
    assert run_one(fake, "linux_bridge", params, check=True).steps == steps
    assert run_one(fake, "linux_bridge", params).steps == steps
    assert run_one(fake, "linux_bridge", params).steps == [], "a second run"


@pytest.mark.parametrize(
    ("params", "error", "fragment"),
    [
        (flags(br0={"isolated": True}), BadInput, "port_flags.br0: 'br0' is the bridge itself"),
        (flags(p1=True), BadInput, "port_flags.p1: True is not a dictionary of flags"),
        (
            flags(p1={"isolate": True}),
            BadInput,
            "port_flags.p1: 'isolate' is not an option of a port of a bridge; did you mean 'isolated'?",
        ),
        (flags(p1={"flood": "maybe"}), BadInput, "port_flags.p1.flood: 'maybe' is not a truth value"),
        (flags(p1={"cost": 65536}), BadInput, "port_flags.p1.cost: 65536 is out of range"),
        (flags(p1={"priority": []}), BadInput, "port_flags.p1.priority: [] is not a whole number"),
        (
            {**flags(p2={"flood": True}), "ports": ["p1"]},
            BadInput,
            "port_flags.p2: 'p2' is not among the ports of 'br0', whose list is exact",
        ),
        ({**flags(p2={"flood": True}), "clear": ["port_flags"]}, BadInput, "'port_flags' is also given a value"),
        (flags(p3={"isolated": True}), Conflict, "port_flags.p3: 'p3' is a port of 'br1', not of 'br0'"),
        (flags(p4={"isolated": True}), Missing, "it is no port of that bridge. Make it a port first"),
        (flags(p9={"isolated": True}), Missing, "no such link"),
    ],
)
def test_refusals_change_nothing(params: Params, error: type[Exception], fragment: str) -> None:
    fake = host()
    before = picture(fake)
    with pytest.raises(error) as caught:
        run_one(fake, "linux_bridge", params)
    assert fragment in str(caught.value)
    assert picture(fake) == before


def test_in_check_mode_an_earlier_task_may_make_the_port() -> None:
    outcome = run_one(
        host(), "linux_bridge", flags(p4={"isolated": True, "flood": True}, p9={"hairpin": True}), check=True
    )
    assert outcome.steps == ["set p4: isolated=True", "set p9: hairpin=True"]
    assert len(outcome.warnings) == 2


def test_what_differs_from_a_new_port_is_told_and_can_be_pasted() -> None:
    fake = host()
    run_one(fake, "linux_bridge", flags(p1={"isolated": True, "cost": 700}, p2={"isolated": False}))
    bridge = fake.state.namespaces[None].links["br0"]
    told = view_bridge(fake.state, None, bridge)["port_flags"]
    assert told == {"p1": {"isolated": True, "cost": 700}}
    assert run_one(fake, "linux_bridge", {"name": "br0", "port_flags": told}).steps == []


def test_clear_leaves_only_the_cost() -> None:
    fake = host()
    run_one(fake, "linux_bridge", flags(p1={"isolated": True, "cost": 700}, p2={"learning": False, "priority": 1}))
    cleared = {"name": "br0", "clear": ["port_flags"]}
    assert run_one(fake, "linux_bridge", cleared).steps == [
        "set p1: isolated=False",
        "set p2: learning=True, priority=32",
    ]
    assert run_one(fake, "linux_bridge", cleared).steps == []


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("linux_bridge", {"name": "br0", "ports": [], "sysctl": {"rp_filter": 1}}),
        ("linux_bridge", {"name": "br0", "state": "absent"}),
        ("veth", {"name": "p1", "state": "absent"}),
        ("netns_interface", {"name": "x", "netns": "red", "source": {"name": "p1"}, "sysctl": {"rp_filter": 1}}),
    ],
)
def test_undo_gives_a_port_back_with_its_flags(kind: str, params: Params) -> None:
    number = 0
    while True:
        fake = host()
        run_one(fake, "linux_bridge", flags(p1={"isolated": True, "priority": 1}, p2={"hairpin": True}))
        before = picture(fake)
        fake.fail_at = len(fake.done) + number
        try:
            run_one(fake, kind, params)
        except NetloomError:
            after = picture(fake)
            for seen in (before, after):  # the cost is the kernel's
                seen[0][None].links["p1"].port.pop("cost", None)
            assert after == before, number
        else:
            break
        number += 1
    assert number


FLAGS = {"isolated": True, "neigh_suppress": True, "learning": False}


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize("bridge", ["br0", "br9"])
@pytest.mark.parametrize(
    ("kind", "port"),
    [
        ("veth", {"peer": {"name": "x", "netns": "red"}}),
        ("netns_interface", {"kind": "vxlan", "id": 7, "remotes": ["192.0.2.2"]}),
        ("netns_interface", {"kind": "dummy", "addresses": ["10.9.0.1/24"]}),
    ],
)
def test_no_port_forwards_before_it_has_its_flags(kind: str, port: Params, bridge: str, listed: bool) -> None:
    fake = host()
    member = {"name": "x", **port, **({} if listed else {"master": bridge})}
    ports = {"ports": ["x", *(["p1", "p2"] if bridge == "br0" else [])]} if listed else {}
    wish = {"name": "t", "linux_bridge": [{"name": bridge, "port_flags": {"x": FLAGS}, **ports}], kind: [member]}
    seen = []
    act = fake.do

    def do(ops: t.Sequence[Op]) -> None:
        act(ops)
        link, above = fake.state.link(None, "x"), fake.state.link(None, bridge)
        if link is not None and above is not None and link.master == bridge and link.up and above.up:
            seen.append({flag: link.port[flag] for flag in FLAGS})

    fake.do = do  # type: ignore[method-assign]
    assert run_topology(fake, wish).steps
    assert seen
    assert all(flags == FLAGS for flags in seen)
    assert run_topology(fake, wish).steps == []


def test_a_topology_gives_a_port_back_its_flags_after_its_master() -> None:
    wish = {
        "name": "t",
        "linux_bridge": [flags(p1={"isolated": True})],
        "veth": [{"name": "p1", "master": "br0", "peer": {"name": "p1", "netns": "red"}}],
    }
    fake = host()
    run_topology(fake, wish)
    link = fake.state.namespaces[None].links["p1"]
    fake.state.put(None, dataclasses.replace(link, master=None, port={}))
    assert run_topology(fake, wish).steps == ["set p1: down", "set p1: master=br0, isolated=True", "set p1: up"]


@pytest.mark.parametrize(
    ("other", "label"),
    [
        ({"linux_bridge": [{"name": "br1", "ports": ["p1"]}]}, "linux_bridge[1]"),
        ({"veth": [{"name": "p1", "master": "br1", "peer": {"name": "p1", "netns": "red"}}]}, "veth[0]"),
        ({"ovs_port": [{"name": "p1", "bridge": "br1"}]}, "ovs_port[0]"),
    ],
)
def test_a_flagged_port_belongs_to_that_bridge(other: Params, label: str) -> None:
    wish = {**other, "linux_bridge": [flags(p1={"isolated": True}), *other.get("linux_bridge", ())]}
    with pytest.raises(BadInput) as caught:
        manifest_of({"state": "present", "name": "t", **wish})
    assert str(caught.value) == f"{label}: 'p1' is declared as a port of 'br1' and of 'br0'; a link has one master."
