# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""linux_bridge with fdb and neighbours, as tables on the fake host."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._entry import scope_of
from ansible_collections.netloom.linux.plugins.module_utils._engine._topology import EntryReader, manifest_of
from ansible_collections.netloom.linux.plugins.module_utils._kinds.link import _bridge_fdb
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import (
    BadInput,
    Conflict,
    Missing,
    NetloomError,
)
from ansible_collections.netloom.linux.plugins.module_utils._model._fdb import NTF_EXT_LEARNED, Static
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Neighbour
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost, picture, run_one, run_topology

Params = dict[str, t.Any]
MAC, OTHER, THIRD = "02:00:00:00:00:09", "02:00:00:00:00:0a", "02:00:00:00:00:0b"
DAEMONS, LOCAL = "02:00:00:00:00:0c", "02:00:00:00:00:0d"
FILTERING = ((7, "01"),)  # IFLA_BR_VLAN_FILTERING


def both(mac: str, *vlans: int) -> tuple[Static, ...]:
    """What a bridge that filters by VLAN makes of an entry without one."""
    return (Static(mac), *(Static(mac, vlan) for vlan in vlans))


def host(*, filtering: bool = False) -> FakeHost:
    """A bridge with two ports that have entries, and another one with one port."""
    fake = FakeHost("red")
    for number in (1, 2, 3):
        mac = f"02:00:00:00:01:0{number}"
        run_one(fake, "veth", {"name": f"p{number}", "mac": mac, "peer": {"name": f"p{number}", "netns": "red"}})
    run_one(fake, "linux_bridge", {"name": "br0", "mac": "02:00:00:00:01:00", "ports": ["p1", "p2"]})
    run_one(fake, "linux_bridge", {"name": "br1", "ports": ["p3"]})
    more: Params = {"vlans": "1 pvid untagged, 10"} if filtering else {}
    tables = {
        "p1": (
            *both(MAC, *((1, 10) if filtering else ())),
            Static(DAEMONS),
            Static(LOCAL, local=True),
        ),
        "p2": both(OTHER, *((1, 10) if filtering else ())),
    }
    for port, table in tables.items():
        link = fake.state.namespaces[None].links[port]
        entries = tuple(dataclasses.replace(one, flags=NTF_EXT_LEARNED if one.mac == DAEMONS else 0) for one in table)
        ordered = tuple(sorted(entries, key=lambda one: one.order))
        fake.state.put(None, dataclasses.replace(link, port={**link.port, **more, "fdb": ordered}))
    if filtering:
        bridge = fake.state.namespaces[None].links["br0"]
        fake.state.put(None, dataclasses.replace(bridge, rest=FILTERING))
    return fake


def bridge(*entries: Params, **more: t.Any) -> Params:
    """The bridge with exactly these entries."""
    return {"name": "br0", "fdb": list(entries), **more}


ALL: list[Params] = [{"mac": MAC, "port": "p1"}, {"mac": OTHER, "port": "p2"}]


@pytest.mark.parametrize(
    ("params", "steps"),
    [
        ({"name": "br0"}, []),
        (bridge(*ALL), []),
        (bridge(*ALL[::-1]), []),
        (bridge({**ALL[0], "mac": MAC.upper().replace(":", "-")}, ALL[1]), []),
        (bridge(*ALL, {"mac": THIRD, "port": "p1"}), [f"set fdb entry {THIRD}: port=p1"]),
        (bridge(ALL[0]), [f"delete fdb entry {OTHER} at p2"]),
        (bridge(ALL[0], {**ALL[1], "port": "p1"}), [f"set fdb entry {OTHER}: port=p1"]),
        (
            {"name": "br0", "clear": ["fdb"]},
            [f"delete fdb entry {MAC} at p1", f"delete fdb entry {OTHER} at p2"],
        ),
        (
            bridge(ALL[1], ports=["p2"]),
            ["set p1: master=none"],  # which takes the entries along
        ),
        (
            bridge(*ALL, {"mac": THIRD, "port": "p3"}, ports=["p1", "p2", "p3"], name="br0"),
            None,
        ),
    ],
)
def test_plans(params: Params, steps: list[str] | None) -> None:
    fake = host()
    if steps is None:
        run_one(fake, "linux_bridge", {"name": "br1", "ports": []})
        steps = ["set p3: master=br0", f"set fdb entry {THIRD}: port=p3"]
    assert run_one(fake, "linux_bridge", params, check=True).steps == steps
    assert run_one(fake, "linux_bridge", params).steps == steps
    assert run_one(fake, "linux_bridge", params).steps == [], "a second run"
    left = {one.mac for one in fake.state.namespaces[None].links["p1"].port.get("fdb", ())}
    assert {DAEMONS, LOCAL} <= left or params.get("ports") == ["p2"]


@pytest.mark.parametrize(
    ("params", "steps"),
    [
        (bridge(*ALL), []),
        (bridge(*ALL, {"mac": THIRD, "port": "p1", "vlan": 10}), [f"set fdb entry {THIRD}: port=p1, vlan=10"]),
        (
            bridge({**ALL[0], "vlan": 10}, ALL[1]),
            [f"delete fdb entry {MAC} at p1", f"set fdb entry {MAC}: port=p1, vlan=10"],
        ),
    ],
)
def test_plans_of_a_bridge_that_filters_by_vlan(params: Params, steps: list[str]) -> None:
    fake = host(filtering=True)
    found = run_one(fake, "linux_bridge", params).steps
    assert sorted(found) == sorted(steps)
    assert run_one(fake, "linux_bridge", params).steps == [], "a second run"


def test_an_entry_that_lacks_a_vlan_of_its_port_is_written_again() -> None:
    fake = host(filtering=True)
    link = fake.state.namespaces[None].links["p1"]
    less = tuple(one for one in link.port["fdb"] if one != Static(MAC, 10))
    fake.state.put(None, dataclasses.replace(link, port={**link.port, "fdb": less}))
    assert run_one(fake, "linux_bridge", bridge(*ALL)).steps == [f"set fdb entry {MAC}: port=p1"]
    assert run_one(fake, "linux_bridge", bridge(*ALL)).steps == []


@pytest.mark.parametrize(
    ("params", "error", "sentence"),
    [
        (bridge({"mac": MAC}), BadInput, "'port' is missing"),
        (bridge({"port": "p1"}), BadInput, "'mac' is missing"),
        (bridge({"mac": "02:00", "port": "p1"}), BadInput, "fdb[0].mac: '02:00' is not a MAC address"),
        (
            bridge({"mac": "01:00:5e:00:00:01", "port": "p1"}),
            BadInput,
            "fdb[0].mac: '01:00:5e:00:00:01' is a multicast",
        ),
        (bridge({"mac": MAC, "port": "br0"}), BadInput, "fdb[0].port: 'br0' is the bridge itself"),
        (bridge(ALL[0], ALL[0]), BadInput, f"fdb[1].mac: '{MAC}' stands in the list twice; remove one"),
        (bridge(ALL[0], {**ALL[0], "port": "p2"}), BadInput, f"fdb[1].mac: '{MAC}' is behind port 'p1' above"),
        (bridge(ALL[0], {**ALL[0], "vlan": 1}), BadInput, f"fdb[1].mac: '{MAC}' stands in the list with a vlan and"),
        (bridge({**ALL[0], "vlan": 0}), BadInput, "fdb[0].vlan: 0 is out of range"),
        (bridge({**ALL[0], "vlan": 10}), BadInput, "fdb[0].vlan: 'br0' does not filter by VLAN, so it would find no"),
        (
            bridge(*ALL, ports=["p1"]),
            BadInput,
            "fdb[1].port: 'p2' is not among the ports of 'br0', whose list is exact",
        ),
        (bridge({"mac": "02:00:00:00:01:01", "port": "p2"}), BadInput, "is the address of 'p1' itself, and the bridge"),
        (
            bridge({"mac": "02:00:00:00:01:00", "port": "p2"}),
            BadInput,
            "is the address of 'br0' itself, and the bridge",
        ),
        (bridge({"mac": MAC, "port": "p3"}), Conflict, "fdb[0].port: 'p3' is a port of 'br1', not of 'br0'"),
        (
            bridge({"mac": MAC, "port": "p9"}),
            Missing,
            "fdb[0].port: cannot add an entry for 'p9' at 'br0': no such link",
        ),
        ({"name": "br0", "fdb": [], "clear": ["fdb"]}, BadInput, "clear[0]: 'fdb' is also given a value"),
        ({"name": "br0", "neighbours": [{"address": "10.0.0.9"}]}, BadInput, "neighbours[0].mac: is missing"),
    ],
)
def test_refusals_change_nothing(params: Params, error: type[Exception], sentence: str) -> None:
    fake = host()
    before = picture(fake)
    with pytest.raises(error) as caught:
        run_one(fake, "linux_bridge", params)
    assert sentence in str(caught.value)
    assert picture(fake) == before


def test_a_vlan_that_the_port_lacks_is_refused() -> None:
    with pytest.raises(BadInput) as caught:
        run_one(host(filtering=True), "linux_bridge", bridge({**ALL[0], "vlan": 11}), check=True)
    assert "fdb[0].vlan: port 'p1' lets no VLAN 11 through" in str(caught.value)


def test_what_is_told_can_be_pasted() -> None:
    for filtering in (False, True):
        fake = host(filtering=filtering)
        run_one(fake, "linux_bridge", {"name": "br0", "neighbours": [{"address": "10.0.0.9", "mac": MAC}]})
        entry = EntryReader().read("linux_bridge", bridge(neighbours=[]), "")
        view = entry.kind.view(entry.spec, fake.state) or {}
        assert (view["fdb"], view["neighbours"]) == (ALL, [{"address": "10.0.0.9", "mac": MAC}])
        told = {name: value for name, value in view.items() if value is not None}
        assert run_one(fake, "linux_bridge", told).steps == []
    fake.state.namespaces[None].links["p2"].port["fdb"] = (Static(OTHER, 10),)
    assert _bridge_fdb.view(fake.state, None, "br0")[1:] == [{"mac": OTHER, "port": "p2", "vlan": 10}]


@pytest.mark.parametrize(
    ("kind", "params", "asked"),
    [
        ("linux_bridge", {"name": "br0"}, False),
        ("linux_bridge", {"name": "br0", "fdb": []}, True),
        ("linux_bridge", {"name": "br0", "ports": []}, True),
        ("linux_bridge", {"name": "br0", "state": "absent"}, True),
        ("veth", {"name": "p1", "peer": {"name": "p1", "netns": "red"}}, False),
        ("veth", {"name": "p1", "peer": {"name": "p1", "netns": "red"}, "state": "absent"}, True),
        ("veth", {"name": "p1", "master": "br0", "peer": {"name": "p1", "netns": "red"}}, True),
    ],
)
def test_who_does_not_ask_does_not_pay(kind: str, params: Params, asked: bool) -> None:
    assert bool(scope_of([EntryReader().read(kind, params, "")]).fdb) == asked


WISH: Params = {
    "name": "t",
    "linux_bridge": [
        {
            "name": "br9",
            "mac": "02:00:00:00:00:99",
            "port_flags": {"vx0": {"neigh_suppress": True, "learning": False}},
            "fdb": [{"mac": MAC, "port": "vx0"}],
            "neighbours": [{"address": "10.0.0.9", "mac": MAC}, {"address": "fd00::9", "mac": MAC}],
        }
    ],
    "netns_interface": [
        {
            "name": "vx0",
            "kind": "vxlan",
            "id": 7,
            "local": "192.0.2.1",
            "master": "br9",
            "learning": False,
            "remotes": ["192.0.2.2"],
            "fdb": [{"mac": MAC, "remote": "192.0.2.2"}],
        }
    ],
}
COMPLETED = [
    f"set fdb entry {MAC}: port=vx0",
    f"set neighbour 10.0.0.9 of br9: mac={MAC}",
    f"set neighbour fd00::9 of br9: mac={MAC}",
]


def test_a_port_of_the_same_run_has_its_entries() -> None:
    fake = FakeHost()
    before = picture(fake)
    steps = [
        "create bridge br9",
        "create vxlan vx0",
        "add remote 192.0.2.2 to vx0",
        f"set fdb entry {MAC} of vx0: remote=192.0.2.2",
        "set vx0: master=br9, neigh_suppress=True, learning=False",
        "set vx0: up",
        "set br9: up",
        *COMPLETED,
    ]
    assert run_topology(fake, WISH, check=True).steps == steps
    assert run_topology(fake, WISH).steps == steps
    assert run_topology(fake, WISH).steps == []
    run_topology(fake, {"name": "t", "state": "absent"})
    assert picture(fake)[:3] == before[:3]


def test_a_port_that_is_made_again_gets_its_entries_back_in_the_same_run() -> None:
    fake = FakeHost()
    run_topology(fake, WISH)
    again = {**WISH, "netns_interface": [{**WISH["netns_interface"][0], "id": 8}]}
    steps = run_topology(fake, again, check=True).steps
    assert COMPLETED[0] in steps
    assert steps[-1] == COMPLETED[0], "neighbours of the bridge stay"
    assert run_topology(fake, again).steps == steps
    assert run_topology(fake, again).steps == []


@pytest.mark.parametrize(
    ("drift", "steps"),
    [
        ("entry", COMPLETED[:1]),
        ("neighbour", COMPLETED[1:2]),
        (
            "port",
            ["set vx0: down", "set vx0: master=br9, neigh_suppress=True, learning=False", "set vx0: up", COMPLETED[0]],
        ),
    ],
)
def test_drift_is_mended_alone(drift: str, steps: list[str]) -> None:
    fake = FakeHost()
    run_topology(fake, WISH)
    space = fake.state.namespaces[None]
    link = space.links["vx0"]
    if drift == "neighbour":
        space.neighbours[:] = [one for one in space.neighbours if one.address != "10.0.0.9"]
    elif drift == "entry":
        fake.state.put(None, dataclasses.replace(link, port={**link.port, "fdb": ()}))
    else:
        fake.state.put(None, dataclasses.replace(link, port={}, master=None))
    assert run_topology(fake, WISH).steps == steps


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        (
            "linux_bridge",
            bridge(ALL[0], {"mac": THIRD, "port": "p1"}, neighbours=[{"address": "10.0.0.8", "mac": MAC}]),
        ),
        ("linux_bridge", bridge({**ALL[0], "port": "p2"}, ALL[1], neighbours=[])),
        ("linux_bridge", {"name": "br0", "ports": ["p2"], "neighbours": []}),
        ("linux_bridge", {"name": "br0", "state": "absent"}),
        ("veth", {"name": "p1", "state": "absent"}),
        ("netns_interface", {"name": "x", "netns": "red", "source": {"name": "p1"}, "sysctl": {"rp_filter": 1}}),
    ],
)
def test_undo_gives_all_back(kind: str, params: Params) -> None:
    number = 0
    while True:
        fake = host()
        fake.state.namespaces[None].neighbours.append(Neighbour("10.0.0.9", MAC, "br0"))
        before = picture(fake)
        fake.fail_at = len(fake.done) + number
        try:
            run_one(fake, kind, params)
        except NetloomError:
            assert picture(fake) == before, number
        else:
            break
        number += 1
    assert number


def test_an_adopted_bridge_gets_back_what_it_had() -> None:
    fake = host()
    fake.state.namespaces[None].neighbours.append(Neighbour("10.0.0.9", MAC, "br0"))
    before = picture(fake)
    for number in (8, 7):
        entry = {"mac": THIRD, "port": "p1"}
        near = {"address": f"10.0.0.{number}", "mac": MAC}
        run_topology(fake, {"name": "t", "linux_bridge": [bridge(entry, neighbours=[near])]})
    assert picture(fake)[0] != before[0]
    run_topology(fake, {"name": "t", "state": "absent"})
    assert picture(fake)[:3] == before[:3]


def test_a_link_has_one_list_of_neighbours() -> None:
    near = [{"address": "10.0.0.9", "mac": MAC}]
    wish: Params = {"linux_bridge": [{"name": "br0", "neighbours": near}]}
    manifest_of({"state": "present", "name": "t", **wish, "netns_interface": [{"name": "br0", "neighbours": near}]})
    with pytest.raises(BadInput) as caught:
        manifest_of({"state": "present", "name": "t", **wish, "netns_interface": [{"name": "br0", "neighbours": []}]})
    assert "contradicts linux_bridge[0] about neighbours of the same link 'br0'" in str(caught.value)


def test_a_port_with_entries_belongs_to_that_bridge() -> None:
    wish = {"linux_bridge": [bridge({"mac": MAC, "port": "x"}), {"name": "br1", "ports": ["x"]}]}
    with pytest.raises(BadInput) as caught:
        manifest_of({"state": "present", "name": "t", **wish})
    assert "'x' is declared as a port of 'br1' and of 'br0'; a link has one master" in str(caught.value)
