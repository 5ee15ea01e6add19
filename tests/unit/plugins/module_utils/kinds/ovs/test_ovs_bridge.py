# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ovs_bridge: what a host has -> what is to be done, as tables."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._kinds._ovs_bridge import OvsBridgeKind
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import (
    BadInput,
    Conflict,
    HostError,
    Missing,
    Unreachable,
)
from ansible_collections.netloom.linux.plugins.module_utils._model._plan import Planner
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import (
    Address,
    Link,
    Namespace,
    Ovs,
    OvsBridge,
    OvsPort,
    OvsTarget,
    Snapshot,
)
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost, connected, planned, run_one, run_topology

KIND = OvsBridgeKind()
TARGET = OvsTarget()
DEFAULTS: dict[str, t.Any] = {
    "state": "present",
    "name": "OVS1",
    "datapath_type": "auto",
    "ovsdb": TARGET.ovsdb,
    "timeout": 10,
    "confirm_timeout": 30,
}
BRIDGE = OvsBridge("OVS1", datapath_type="netdev", datapath_id="1", uuid="u")
DEVICE = Link("OVS1", "tun", index=7, mac="02:00:00:00:00:07", mtu=1500, carrier=True, promiscuity=1)
LOCAL = OvsPort("OVS1", "OVS1", type="internal", ofport=65534, interfaces=("OVS1",), uuid="p")


def host(
    bridge: OvsBridge | None = BRIDGE, device: Link | None = DEVICE, local: OvsPort = LOCAL, **more: t.Any
) -> Snapshot:
    """A host with, or without, the bridge."""
    links = {"lo": Link("lo", addresses=(Address("127.0.0.1/8"),))}
    ovs = Ovs()
    if bridge is not None:
        ovs = Ovs({bridge.name: bridge}, {local.name: local})
        if device is not None:
            links[device.name] = device
    return Snapshot({None: Namespace(None, 1, links=links)}, {TARGET: ovs}, **more)


def sentences(params: dict[str, t.Any], snapshot: Snapshot, assume: bool = False) -> list[str]:
    """The plan in words; and it must be complete: planning again from what it foretells finds nothing to do."""
    planner = planned(KIND, {**DEFAULTS, **params}, snapshot, assume)
    after = planner.now.clone()
    for name, bridge in after.ovs[TARGET].bridges.items():
        after.ovs[TARGET].bridges[name] = dataclasses.replace(bridge, datapath_id="1")  # as ovs-vswitchd will fill in
    again = planned(KIND, {**DEFAULTS, **params}, after)
    assert [step.sentence for step in again.steps] == []
    return [step.sentence for step in planner.steps]


@pytest.mark.parametrize(
    ("params", "system", "expected"),
    [
        ({}, False, ["create OVS bridge OVS1 (netdev datapath)"]),
        ({}, True, ["create OVS bridge OVS1 (system datapath)"]),
        ({"datapath_type": "netdev"}, True, ["create OVS bridge OVS1 (netdev datapath)"]),
        (
            {"addresses": ["10.0.0.1/24"], "mtu": 1400, "mac": "52-54-00-00-00-FE"},
            False,
            [
                "create OVS bridge OVS1 (netdev datapath)",
                "set OVS port OVS1: mtu_request=1400",
                "set OVS1: mtu=1400",
                "set OVS1: up",
                "add address 10.0.0.1/24 to OVS1",
            ],
        ),
    ],
)
def test_new(params: dict[str, t.Any], system: bool, expected: list[str]) -> None:
    assert sentences(params, host(None, system_datapath=system)) == expected


@pytest.mark.parametrize(
    ("params", "has", "expected"),
    [
        ({}, {}, []),
        ({"datapath_type": "system"}, {}, ["set OVS bridge OVS1: datapath_type=system"]),
        ({"fail_mode": "secure"}, {}, ["set OVS bridge OVS1: fail_mode=secure"]),
        ({"clear": ["fail_mode"]}, {"fail_mode": "secure"}, ["set OVS bridge OVS1: fail_mode=none"]),
        ({}, {"fail_mode": "secure", "controllers": ("tcp:1.1.1.1:1",), "external_ids": {"a": "b"}}, []),
        ({"controllers": ["tcp:2.2.2.2:1", "tcp:1.1.1.1:1"]}, {"controllers": ("tcp:1.1.1.1:1", "tcp:2.2.2.2:1")}, []),
        ({"controllers": []}, {"controllers": ("tcp:1.1.1.1:1",)}, ["set OVS bridge OVS1: controllers=none"]),
        (
            {"protocols": ["OpenFlow13"]},
            {"protocols": ("OpenFlow10", "OpenFlow13")},
            ["set OVS bridge OVS1: protocols=OpenFlow13"],
        ),
        ({"stp": False}, {"stp": True}, ["set OVS bridge OVS1: stp=false"]),
        ({"rstp": True}, {}, ["set OVS bridge OVS1: rstp=true"]),
        ({"mcast_snooping": True}, {"mcast_snooping": True}, []),
        ({"external_ids": {"a": 1, "b": True}}, {"external_ids": {"a": "1", "b": "true"}}, []),
        ({"external_ids": {"a": 1}}, {"external_ids": {"a": "1", "x": "y"}}, ["set OVS bridge OVS1: external_ids=a=1"]),
        ({"other_config": {}}, {"other_config": {"x": "y"}}, ["set OVS bridge OVS1: other_config=none"]),
        # The MAC lives in other_config, and neither setting disturbs the other.
        (
            {"other_config": {}},
            {"other_config": {"hwaddr": DEVICE.mac, "x": "y"}},
            [f"set OVS bridge OVS1: other_config=hwaddr={DEVICE.mac}"],
        ),
        ({"mac": DEVICE.mac}, {"other_config": {"hwaddr": DEVICE.mac, "x": "y"}}, []),
        (
            {"mac": DEVICE.mac},
            {"other_config": {"x": "y"}},
            [f"set OVS bridge OVS1: other_config=hwaddr={DEVICE.mac},x=y"],
        ),
        ({"other_config": {"hwaddr": DEVICE.mac}}, {"other_config": {"hwaddr": DEVICE.mac}}, []),
        (
            {"clear": ["mac"]},
            {"other_config": {"hwaddr": DEVICE.mac, "x": "y"}},
            ["set OVS bridge OVS1: other_config=x=y"],
        ),
    ],
)
def test_each_column_is_mended_alone(params: dict[str, t.Any], has: dict[str, t.Any], expected: list[str]) -> None:
    assert sentences(params, host(dataclasses.replace(BRIDGE, **has))) == expected


@pytest.mark.parametrize(
    ("params", "has", "expected"),
    [
        ({"up": True}, {}, ["set OVS1: up"]),
        ({"up": False}, {"up": True}, ["set OVS1: down"]),
        (
            {"addresses": ["10.0.0.1/24"]},
            {"up": True, "addresses": (Address("10.0.0.1/24"), Address("fe80::1/64", link_local=True))},
            [],
        ),
        (
            {"addresses": []},
            {"up": True, "addresses": (Address("10.0.0.1/24"),)},
            ["delete address 10.0.0.1/24 from OVS1"],
        ),
        ({"mtu": 1500}, {}, []),
        ({"mtu": 1500}, {"mtu": 1300}, ["set OVS port OVS1: mtu_request=1500", "set OVS1: mtu=1500"]),
    ],
)
def test_the_local_port(params: dict[str, t.Any], has: dict[str, t.Any], expected: list[str]) -> None:
    assert sentences(params, connected(host(device=dataclasses.replace(DEVICE, **has)))) == expected


def test_absent_takes_the_bridge_and_what_is_on_it() -> None:
    assert sentences({"state": "absent"}, host()) == ["delete OVS bridge OVS1"]
    assert sentences({"state": "absent"}, host(None)) == []
    spec = KIND.normalise({**DEFAULTS, "state": "absent"}, "")
    planner = Planner(host(), False)
    KIND.remove(spec, planner)
    assert planner.now.ovs[TARGET] == Ovs()
    assert planner.now.link(None, "OVS1") is None
    assert KIND.view(spec, planner.now) is None


def test_the_view_pasted_changes_nothing() -> None:
    snapshot = host(
        dataclasses.replace(
            BRIDGE, fail_mode="secure", controllers=("tcp:1.1.1.1:1",), other_config={"hwaddr": DEVICE.mac, "a": "b"}
        )
    )
    view = KIND.view(KIND.normalise(DEFAULTS, ""), snapshot)
    assert view is not None
    assert view["mac"] == DEVICE.mac
    assert view["other_config"] == {"a": "b"}
    assert sentences({key: value for key, value in view.items() if value is not None}, snapshot) == []


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"name": ""}, "name: is empty"),
        ({"name": "a/b"}, "not a link name"),
        ({"name": "x" * 16}, "16 bytes"),
        ({"mac": "01:00:00:00:00:01"}, "multicast"),
        ({"mac": "02:00:00:00:00:01", "other_config": {"hwaddr": "02:00:00:00:00:02"}}, "contradicts"),
        ({"mtu": 67}, "out of range"),
        ({"addresses": ["10.0.0.1"]}, "10.0.0.1/24"),
        ({"addresses": [""]}, "omit"),
        ({"controllers": [""]}, "omit"),
        ({"controllers": ["localhost"]}, "tcp:host:port"),
        ({"stp": True, "rstp": True}, "either STP or RSTP"),
        ({"external_ids": {"a": ["b"]}}, "external_ids.a"),
        ({"external_ids": {"a": "b\nc"}}, "line break"),
        ({"ovsdb": "db.sock"}, "unix:/path/to/socket"),
        ({"ovsdb": "ssl:10.0.0.1:6640"}, "ovsdb_private_key"),
        ({"timeout": 0}, "timeout"),
        ({"clear": ["datapath_type"]}, "cannot be cleared"),
        ({"clear": ["fail_mode"], "fail_mode": "secure"}, "also given a value"),
    ],
)
def test_bad_input(params: dict[str, t.Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        KIND.normalise({**DEFAULTS, **params}, "")


def test_taken_names_are_left_alone() -> None:
    other = OvsPort("OVS1", "OVS0", uuid="p")
    snapshot = Snapshot(
        {None: Namespace(None)}, {TARGET: Ovs({"OVS0": dataclasses.replace(BRIDGE, name="OVS0")}, {"OVS1": other})}
    )
    with pytest.raises(Conflict, match="on OVS bridge 'OVS0'"):
        sentences({}, snapshot)
    with pytest.raises(Conflict, match="not a bridge"):
        sentences({"state": "absent"}, snapshot)
    veth = host(None)
    veth.put(None, Link("OVS1", "veth"))
    with pytest.raises(Conflict, match="a veth link"):
        sentences({}, veth)


def test_a_bridge_without_datapath_is_an_error_that_says_why() -> None:
    dead = host(dataclasses.replace(BRIDGE, datapath_type="", datapath_id=None))
    with pytest.raises(HostError, match="this kernel has none"):
        sentences({}, dead)
    assert sentences({"datapath_type": "netdev"}, dead) == ["set OVS bridge OVS1: datapath_type=netdev"]


def test_an_ovsdb_that_may_still_come() -> None:
    snapshot = Snapshot({None: Namespace(None)}, {TARGET: Ovs(unreachable="Cannot reach it.")})
    with pytest.raises(Unreachable, match=r"netloom\.linux\.prepare"):
        sentences({}, snapshot)
    assert sentences({}, snapshot, assume=True) == ["create OVS bridge OVS1 (netdev datapath)"]
    assert KIND.view(KIND.normalise(DEFAULTS, ""), snapshot) is None


def test_device_options_need_a_device_of_this_host() -> None:
    far = OvsTarget("tcp:192.0.2.1:6640")
    snapshot = dataclasses.replace(host(None), ovs={far: Ovs()})
    spec = KIND.normalise({**DEFAULTS, "ovsdb": far.ovsdb, "addresses": []}, "")
    with pytest.raises(BadInput, match="not of this host"):
        KIND.make(spec, Planner(snapshot, False))
    planner = Planner(snapshot, False)
    KIND.make(KIND.normalise({**DEFAULTS, "ovsdb": far.ovsdb}, ""), planner)
    assert len(planner.steps) == 1


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_fake_bridge_is_told_by_its_real_one(state: str) -> None:
    snapshot = host()
    snapshot.ovs[TARGET].ports["fake10"] = OvsPort(
        "fake10", "OVS1", type="internal", tag=10, interfaces=("fake10",), fake_bridge=True, uuid="f"
    )
    with pytest.raises(
        Conflict,
        match=(
            r"'fake10': it is a fake bridge, VLAN 10 of OVS bridge 'OVS1', and netloom does not manage fake"
            r" bridges.*tag: 10"
        ),
    ):
        sentences({"name": "fake10", "state": state}, snapshot)


def with_ports(**ports: OvsPort) -> Snapshot:
    """The bridge with these ports, and those of another one."""
    snapshot = host()
    found = {name: OvsPort(name, "OVS1", ofport=1, interfaces=(name,), uuid=name) for name in ("p1", "evil")}
    snapshot.ovs[TARGET].ports.update({**found, "p9": OvsPort("p9", "OVS9", interfaces=("p9",), uuid="p9"), **ports})
    return snapshot


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, []),
        ({"ports": ["p1", "evil"]}, []),
        ({"ports": ["p1"]}, ["delete OVS port evil"]),
        ({"ports": []}, ["delete OVS port p1", "delete OVS port evil"]),
        ({"clear": ["ports"]}, ["delete OVS port p1", "delete OVS port evil"]),
    ],
)
def test_exact_ports(params: dict[str, t.Any], expected: list[str]) -> None:
    snapshot = with_ports()
    assert sentences(params, snapshot) == expected
    view = KIND.view(KIND.normalise({**DEFAULTS, **params}, ""), snapshot)
    assert view is not None
    assert view.get("ports") == (["evil", "p1"] if params else None)


@pytest.mark.parametrize(
    ("port", "words"),
    [
        (
            OvsPort("bond0", "OVS1", interfaces=("w1", "w2"), uuid="b"),
            "Cannot take port 'bond0' off OVS bridge 'OVS1': it is a bond of w1, w2",
        ),
        (
            OvsPort("fake10", "OVS1", tag=10, interfaces=("fake10",), fake_bridge=True, uuid="f"),
            "Cannot take port 'fake10' .* it is a fake bridge, VLAN 10",
        ),
    ],
)
def test_ports_that_cannot_be_put_back_are_named(port: OvsPort, words: str) -> None:
    snapshot = with_ports(**{port.name: port})
    with pytest.raises(Conflict, match=words):
        sentences({"ports": ["p1"]}, snapshot)
    assert sentences({"ports": ["p1", port.name]}, snapshot) == ["delete OVS port evil"]


def test_what_goes_with_a_bridge_is_named() -> None:
    assert sentences({"state": "absent"}, with_ports()) == ["delete OVS bridge OVS1 with its ports evil, p1"]
    many = {
        f"x{number}": OvsPort(f"x{number}", "OVS1", interfaces=(f"x{number}",), uuid=str(number)) for number in range(5)
    }
    assert sentences({"state": "absent"}, with_ports(**many)) == [
        "delete OVS bridge OVS1 with its ports evil, p1, x0, x1, x2, and 2 more"
    ]


def test_ports_that_are_not_there() -> None:
    with pytest.raises(
        Missing, match=r"ports\[1\]: there is no port 'p2' on OVS bridge 'OVS1'. Add it with netloom.linux.ovs_port"
    ):
        sentences({"ports": ["p1", "p2"]}, with_ports())
    with pytest.raises(Conflict, match=r"ports\[0\]: 'p9' is a port of OVS bridge 'OVS9', and is left alone"):
        sentences({"ports": ["p9"]}, with_ports())
    for bad, words in (
        (["OVS1"], "own local port"),
        (["a", "a"], "twice"),
        ([""], "omit"),
        (["a b"], "not a link name"),
    ):
        with pytest.raises(BadInput, match=words):
            sentences({"ports": bad}, with_ports())


def test_ports_and_their_own_entries_agree() -> None:
    wish: dict[str, t.Any] = {
        "name": "t",
        "ovs_bridge": [{"name": "b", "ports": ["p1"]}],
        "ovs_port": [{"bridge": "b", "name": "p1", "type": "internal"}],
    }
    host_of_all = FakeHost()
    run_topology(host_of_all, wish)
    ovs = host_of_all.state.ovs[TARGET]
    ovs.ports["evil"] = OvsPort("evil", "b", type="internal", ofport=9, interfaces=("evil",), uuid="e")
    assert run_topology(host_of_all, wish).steps == ["delete OVS port evil"]
    with pytest.raises(
        BadInput, match=r"ovs_port\[1\]: 'p2' is a port of 'b', but ovs_bridge\[0\].ports, which is exact, lacks it"
    ):
        run_topology(
            host_of_all, {**wish, "ovs_port": [*wish["ovs_port"], {"bridge": "b", "name": "p2", "type": "internal"}]}
        )


def test_a_bridge_that_was_adopted_with_exact_ports_is_let_go() -> None:
    host_of_all = FakeHost()
    run_one(host_of_all, "ovs_bridge", {"name": "b"})
    ovs = host_of_all.state.ovs[TARGET]
    ovs.ports["evil"] = OvsPort("evil", "b", type="internal", ofport=9, interfaces=("evil",), uuid="e")
    run_topology(host_of_all, {"name": "t", "ovs_bridge": [{"name": "b", "ports": []}]})
    run_topology(host_of_all, {"name": "t", "state": "absent"})
    assert set(ovs.bridges) == {"b"}
    assert "evil" not in ovs.ports
