# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ovs_port: what a host has -> what is to be done, as tables."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._apply import Failed
from ansible_collections.netloom.linux.plugins.module_utils._kinds._ovs_port import OvsPortKind
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import BadInput, Conflict, Missing
from ansible_collections.netloom.linux.plugins.module_utils._model._link_ops import LinkDelete
from ansible_collections.netloom.linux.plugins.module_utils._model._ovs_ops import OvsPortAdd
from ansible_collections.netloom.linux.plugins.module_utils._model._paths import tx_checksum_record
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
from ansible_collections.netloom.linux.tests.unit.fake_host import (
    FakeHost,
    connected,
    picture,
    planned,
    run_one,
    run_topology,
)

KIND = OvsPortKind()
TARGET = OvsTarget()
DEFAULTS: dict[str, t.Any] = {"state": "present", "bridge": "OVS1", "name": "p0", "ovsdb": TARGET.ovsdb, "timeout": 10}
MAC = "02:00:00:00:00:01"
BRIDGES = {name: OvsBridge(name, datapath_type="netdev", datapath_id="1", uuid="u") for name in ("OVS1", "OVS2")}
SYSTEM = OvsPort("p0", "OVS1", ofport=1, interfaces=("p0",), uuid="p")
INTERNAL = dataclasses.replace(SYSTEM, type="internal", mac=MAC)
TAP = Link("p0", "tun", index=5, mac=MAC, mtu=1500, up=True, carrier=True, promiscuity=1, data={"persist": True})
VETH = Link("p0", "veth", index=6, mtu=1500, up=True, carrier=True, promiscuity=1, peer=("red", "eth0"))
FAR = Link("eth0", "veth", index=2, mtu=1500, up=True, carrier=True, peer=(None, "p0"), tx_checksum=False)
HOME = {"type": "internal", "netns": "green", "rename": "eth0"}


def host(
    port: OvsPort | None = None,
    links: t.Sequence[Link] = (),
    green: t.Sequence[Link] = (),
    red: t.Sequence[Link] = (),
    **more: t.Any,
) -> Snapshot:
    """A host with two bridges, two namespaces, and perhaps the port."""
    spaces = {
        None: Namespace(None, 1, links={link.name: link for link in (Link("lo"), *links)}),
        "green": Namespace("green", 2, links={link.name: link for link in green}),
        "red": Namespace("red", 3, links={link.name: link for link in red}),
    }
    ports = {name: OvsPort(name, name, type="internal", ofport=65534, uuid="l") for name in BRIDGES}
    return Snapshot(spaces, {TARGET: Ovs(dict(BRIDGES), {**ports, **({port.name: port} if port else {})})}, **more)


def plan(params: dict[str, t.Any], snapshot: Snapshot, assume: bool = False) -> Planner:
    """The plan; and it must be complete: planning again from what it foretells finds nothing to do."""
    planner = planned(KIND, {**DEFAULTS, **params}, snapshot, assume)
    again = planned(KIND, {**DEFAULTS, **params}, planner.now)
    assert [step.sentence for step in again.steps] == []
    return planner


def sentences(params: dict[str, t.Any], snapshot: Snapshot, assume: bool = False) -> list[str]:
    """What the plan does and shows."""
    return [step.sentence for step in plan(params, snapshot, assume).steps if not getattr(step.op, "quiet", False)]


ON_AGAIN = dataclasses.replace(FAR, tx_checksum=True)
ADD = "add port p0 to OVS bridge OVS1"
ADD_INTERNAL = "add port p0 (internal) to OVS bridge OVS1"
OFF = "switch transmit checksum offload of eth0 in red off"
ON = "switch transmit checksum offload of eth0 in red on"
IDLE_VETH = dataclasses.replace(VETH, promiscuity=0)


@pytest.mark.parametrize(
    ("params", "snapshot", "expected"),
    [
        ({}, host(links=[IDLE_VETH], red=[ON_AGAIN]), [ADD, OFF]),
        ({}, host(links=[IDLE_VETH], red=[FAR]), [ADD]),
        ({"tag": 100}, host(links=[dataclasses.replace(IDLE_VETH, kind="", peer=None)]), [f"{ADD} with tag 100"]),
        ({"type": "internal"}, host(), [ADD_INTERNAL, "set p0: up"]),
        ({"type": "internal", "up": False}, host(), [ADD_INTERNAL]),
        ({"type": "internal", "mtu": 1400}, host(), [ADD_INTERNAL, "set p0: mtu=1400", "set p0: up"]),
        (
            {**HOME, "addresses": ["10.0.0.1/24"], "mac": MAC, "mtu": 1400},
            host(),
            [
                ADD_INTERNAL,
                "move p0 to green as eth0",
                "set eth0 in green: mtu=1400",
                "set eth0 in green: up",
                "add address 10.0.0.1/24 to eth0 in green",
            ],
        ),
        ({"type": "patch", "options": {"peer": "p1"}}, host(), ["add port p0 (patch) to OVS bridge OVS1"]),
        (
            {"type": "vxlan", "options": {"remote_ip": "192.0.2.1", "key": 7}},
            host(),
            ["add port p0 (vxlan) to OVS bridge OVS1"],
        ),
    ],
)
def test_new(params: dict[str, t.Any], snapshot: Snapshot, expected: list[str]) -> None:
    assert sentences(params, snapshot) == expected


@pytest.mark.parametrize(
    ("params", "has", "expected"),
    [
        ({}, {"tag": 100, "trunks": (1, 2), "external_ids": {"a": "b"}}, []),
        ({"tag": 100}, {"tag": 200}, ["set OVS port p0: tag=100"]),
        ({"clear": ["tag"]}, {"tag": 200}, ["set OVS port p0: tag=none"]),
        ({"clear": ["tag"]}, {}, []),
        ({"trunks": [2, 1, 2]}, {"trunks": (1, 2)}, []),
        ({"trunks": []}, {"trunks": (1, 2)}, ["set OVS port p0: trunks=none"]),
        ({"trunks": ["1-3", 7, "8 - 9", "5"]}, {"trunks": (1, 2, 3, 5, 7, 8, 9)}, []),
        ({"trunks": ["100-200", 7, 8, 150]}, {"trunks": (7,)}, ["set OVS port p0: trunks=7,8,100-200"]),
        ({"vlan_mode": "trunk"}, {}, ["set OVS port p0: vlan_mode=trunk"]),
        ({"clear": ["vlan_mode"]}, {"vlan_mode": "trunk"}, ["set OVS port p0: vlan_mode=none"]),
        ({"protected": True}, {}, ["set OVS port p0: protected=true"]),
        ({"protected": False}, {"protected": True}, ["set OVS port p0: protected=false"]),
        ({"clear": ["protected"]}, {"protected": True}, ["set OVS port p0: protected=false"]),
        ({}, {"protected": True}, []),
        ({"external_ids": {"a": 1}}, {"external_ids": {"a": "1", "x": "y"}}, ["set OVS port p0: external_ids=a=1"]),
        ({"other_config": {}}, {"other_config": {"x": "y"}}, ["set OVS port p0: other_config=none"]),
        ({"options": {"a": "b"}}, {}, ["set OVS port p0: options=a=b"]),
    ],
)
def test_each_column_is_mended_alone(params: dict[str, t.Any], has: dict[str, t.Any], expected: list[str]) -> None:
    assert sentences(params, host(dataclasses.replace(SYSTEM, **has), [VETH], red=[FAR])) == expected


TUNNEL = {
    "remote_ip": "192.0.2.2",
    "local_ip": "192.0.2.1",
    "key": "7",
    "dst_port": "4790",
    "ttl": "8",
    "tos": "inherit",
    "df_default": "false",
    "csum": "true",
}


@pytest.mark.parametrize("kind", ["vxlan", "geneve", "gre"])
def test_each_option_of_a_tunnel_is_mended_alone(kind: str) -> None:
    options = {name: value for name, value in TUNNEL.items() if kind != "gre" or name != "dst_port"}
    declared = {**options, "csum": True, "df_default": False, "key": 7}
    port = dataclasses.replace(SYSTEM, type=kind, options=options)
    said = ",".join(f"{name}={value}" for name, value in sorted(options.items()))
    assert sentences({"type": kind, "options": declared}, host(port)) == []
    for name in options:
        for other in ({**options, name: "5"}, {key: value for key, value in options.items() if key != name}):
            changed = host(dataclasses.replace(port, options=other))
            assert sentences({"type": kind, "options": declared}, changed) == [f"set OVS port p0: options={said}"]


def test_a_tunnel_is_protected_from_the_transaction_on_that_adds_it() -> None:
    """Before that, one broadcast is enough for a storm in a full mesh."""
    params = {"type": "vxlan", "options": {"remote_ip": "192.0.2.2"}, "protected": True}
    (step,) = plan(params, host()).steps
    assert isinstance(step.op, OvsPortAdd)
    assert step.op.port.protected


@pytest.mark.parametrize(
    ("options", "twin"),
    [
        ({"remote_ip": "192.0.2.2", "key": 7}, True),
        ({"remote_ip": "192.0.2.2", "in_key": 7, "out_key": 8}, True),
        ({"remote_ip": "192.0.2.2", "key": 7, "dst_port": 4789}, True),
        ({"remote_ip": "192.0.2.2", "key": "0x7"}, True),
        ({"remote_ip": "192.0.2.2", "key": 7, "dst_port": 4790}, False),
        ({"remote_ip": "192.0.2.2", "key": 8}, False),
        ({"remote_ip": "192.0.2.2"}, False),
        ({"remote_ip": "192.0.2.3", "key": 7}, False),
        ({"remote_ip": "192.0.2.2", "key": 7, "local_ip": "192.0.2.1"}, False),
    ],
)
def test_a_second_tunnel_for_the_same_packets_is_refused(options: dict[str, t.Any], twin: bool) -> None:
    known = {"remote_ip": "192.0.2.2", "key": "7"}
    other = dataclasses.replace(SYSTEM, name="tun9", interfaces=("tun9",), type="vxlan", options=known)
    wish = {"type": "vxlan", "options": options}
    if not twin:
        assert sentences(wish, host(other)) == ["add port p0 (vxlan) to OVS bridge OVS1"]
        return
    with pytest.raises(Conflict, match="'tun9' of OVS bridge 'OVS1' is a vxlan tunnel with the same ends and key"):
        plan(wish, host(other))


def receives(port: int, **data: t.Any) -> Link:
    """A vxlan of the kernel."""
    return Link("vx0", "vxlan", index=8, data={"id": 42, "port": port, "local": "192.0.2.1", **data})


@pytest.mark.parametrize(
    ("datapath", "kind", "options", "link", "refused"),
    [
        ("system", "vxlan", {}, receives(4789), True),
        ("system", "vxlan", {"local_ip": "192.0.2.7"}, receives(4789), True),
        ("system", "vxlan", {"dst_port": 8472}, receives(8472), True),
        ("system", "geneve", {"dst_port": 4789}, receives(4789), True),
        ("system", "vxlan", {}, receives(8472), False),
        ("system", "geneve", {}, receives(4789), False),
        ("system", "gre", {}, receives(4789), False),
        ("system", "vxlan", {}, receives(4789, external=True), False),  # as Open vSwitch makes it
        ("netdev", "vxlan", {"local_ip": "192.0.2.1"}, receives(4789), True),
        ("netdev", "vxlan", {"local_ip": "192.0.2.7"}, receives(4789), False),
        ("netdev", "vxlan", {}, receives(4789), False),
    ],
)
def test_a_port_at_which_a_vxlan_of_the_kernel_receives_is_refused(
    datapath: str, kind: str, options: dict[str, t.Any], link: Link, refused: bool
) -> None:
    """The kernel would say "Address already in use", or Open vSwitch would take the other's packets."""
    wish = {"type": kind, "options": {"remote_ip": "192.0.2.2", **options}}
    living = dataclasses.replace(SYSTEM, type=kind, options={"remote_ip": "192.0.2.3"})
    for ports, does in (((), f"add port p0 ({kind})"), ((living,), "set OVS port p0")):
        fake = host(*ports)
        fake.ovs[OvsTarget()].bridges["OVS1"] = OvsBridge("OVS1", datapath_type=datapath)
        fake.namespaces[None].links["vx0"] = link
        if refused:
            with pytest.raises(Conflict, match=r"the vxlan 'vx0' receives at UDP port .* Give another dst_port"):
                plan(wish, fake)
        else:
            assert [line for line in sentences(wish, fake) if line.startswith(does)]


@pytest.mark.parametrize("key", ["1_0", "0b1", "0o7", " 7", "\u0667"])
def test_a_key_that_open_vswitch_reads_as_another_number_is_refused(key: str) -> None:
    """strtoull(3) ends where the number ends for it: 1_0 would be 1, and 0b1 would be 0."""
    with pytest.raises(BadInput, match="is not a number from 0 to 16777215"):
        plan({"type": "vxlan", "options": {"remote_ip": "192.0.2.2", "key": key}}, host())


@pytest.mark.parametrize(("option", "value", "meant"), [("dst_port", "0x12b5", 4789), ("ttl", "0x40", 64)])
def test_what_open_vswitch_reads_by_atoi_is_decimal(option: str, value: str, meant: int) -> None:
    with pytest.raises(BadInput, match=f"options.{option}: Open vSwitch reads '{value}' as 0; write {meant}."):
        plan({"type": "vxlan", "options": {"remote_ip": "192.0.2.2", option: value}}, host())


AT_HOME = dataclasses.replace(TAP, name="eth0")


@pytest.mark.parametrize(
    ("params", "has", "expected"),
    [
        ({}, {}, []),
        ({"mtu": 1400}, {}, ["set eth0 in green: mtu=1400"]),
        ({}, {"up": False}, ["set eth0 in green: up"]),
        ({"mac": MAC}, {"mac": "02:00:00:00:00:99"}, [f"set eth0 in green: mac={MAC}"]),
        (
            {"addresses": []},
            {"addresses": (Address("10.0.0.1/24"),)},
            ["delete address 10.0.0.1/24 from eth0 in green"],
        ),
    ],
)
def test_each_attribute_of_the_device_is_mended_alone(
    params: dict[str, t.Any], has: dict[str, t.Any], expected: list[str]
) -> None:
    assert sentences({**HOME, **params}, host(INTERNAL, green=[dataclasses.replace(AT_HOME, **has)])) == expected


def test_a_port_on_the_host_asks_ovs_for_its_mtu() -> None:
    expected = ["set OVS port p0: mtu_request=1400", "set p0: mtu=1400"]
    assert sentences({"type": "internal", "mtu": 1400}, host(INTERNAL, [TAP])) == expected
    assert sentences({"type": "internal", "mtu": 1500}, host(INTERNAL, [TAP])) == []


DEAD = dataclasses.replace(AT_HOME, carrier=False)
ANEW = ["delete OVS port p0 (its device was lost)", ADD_INTERNAL]
BACK = ["move p0 to green as eth0", "set eth0 in green: up"]


@pytest.mark.parametrize(
    ("params", "snapshot", "expected"),
    [
        # After a restart of ovs-vswitchd: the old tap is dead at home, the new one is on the host.
        (HOME, host(INTERNAL, [dataclasses.replace(TAP, up=False)], [DEAD]), ["delete link eth0 in green", *BACK]),
        # The same, and somebody took the dead one down, so that no lack of a carrier tells.
        (
            HOME,
            host(INTERNAL, [dataclasses.replace(TAP, up=False)], [dataclasses.replace(DEAD, up=False)]),
            ["delete link eth0 in green", *BACK],
        ),
        # Dead at home, and no new one: made again by two transactions.
        (HOME, host(INTERNAL, green=[DEAD]), [*ANEW, "delete link eth0 in green", *BACK]),
        # The dead one has the name that is an alternative one now.
        (
            {"type": "internal", "netns": "green", "altnames": ["eth0"]},
            host(INTERNAL, [dataclasses.replace(TAP, up=False)], [DEAD]),
            ["delete link eth0 in green", "move p0 to green", "set p0 in green: altnames=eth0", "set p0 in green: up"],
        ),
        # Gone with its namespace.
        (HOME, host(INTERNAL), [*ANEW, *BACK]),
        # Gone from the host.
        ({"type": "internal"}, host(INTERNAL), [*ANEW, "set p0: up"]),
        # Moved or renamed by somebody: brought back, not made again.
        (HOME, host(INTERNAL, red=[TAP]), ["move p0 in red to green as eth0", "set eth0 in green: up"]),
        (HOME, host(INTERNAL, green=[TAP]), ["rename p0 in green to eth0", "set eth0 in green: up"]),
        (HOME, host(INTERNAL, [AT_HOME]), ["move eth0 to green", "set eth0 in green: up"]),
        # The same, and it gets another MAC: Open vSwitch cannot set it where the device is.
        (
            {**HOME, "mac": "02:00:00:00:00:02"},
            host(INTERNAL, red=[TAP]),
            [
                "set OVS port p0: mac=02:00:00:00:00:02",
                "move p0 in red to green as eth0",
                "set eth0 in green: mac=02:00:00:00:00:02",
                "set eth0 in green: up",
            ],
        ),
        # On the kernel's datapath devices outlive ovs-vswitchd, and a missing carrier tells nothing.
        (HOME, host(INTERNAL, green=[dataclasses.replace(DEAD, kind="openvswitch")]), []),
        # A veth that was deleted and made again under the port.
        ({}, host(SYSTEM, [IDLE_VETH], red=[ON_AGAIN]), ["delete OVS port p0 (its device was lost)", ADD, OFF]),
        # OVS could not open it when it was added.
        (
            {},
            host(dataclasses.replace(SYSTEM, ofport=-1, error="no"), [VETH], red=[FAR]),
            ["delete OVS port p0 (its device was lost)", ADD],
        ),
        # Another kind of port.
        (
            {"type": "internal"},
            host(dataclasses.replace(SYSTEM, type="vxlan", tag=7)),
            ["delete OVS port p0 (its type is to be internal)", f"{ADD_INTERNAL} with tag 7", "set p0: up"],
        ),
    ],
)
def test_healing(params: dict[str, t.Any], snapshot: Snapshot, expected: list[str]) -> None:
    assert sentences(params, snapshot) == expected


def test_healing_keeps_what_is_not_declared() -> None:
    port = dataclasses.replace(INTERNAL, tag=7, external_ids={"a": "b"}, other_config={"c": "d"})
    after = plan(HOME, host(port)).now.ovs[TARGET].ports["p0"]
    assert (after.tag, after.external_ids, after.other_config, after.mac) == (7, {"a": "b"}, {"c": "d"}, MAC)


# --- the checksum guard ---


def record(**known: t.Any) -> dict[str, str]:
    """Our record of having switched red's eth0."""
    return {tx_checksum_record("p0"): json.dumps({"netns": "red", "link": "eth0", **known})}


@pytest.mark.parametrize(
    ("params", "snapshot", "expected"),
    [
        ({}, host(SYSTEM, [VETH], red=[ON_AGAIN]), [OFF]),
        ({"peer_tx_checksum": True}, host(SYSTEM, [VETH], red=[ON_AGAIN]), []),
        ({"peer_tx_checksum": True}, host(SYSTEM, [VETH], red=[FAR]), [ON]),
        ({"state": "absent"}, host(SYSTEM, [VETH], red=[FAR], files=record()), [ON, "delete OVS port p0"]),
        (
            {"state": "absent"},
            host(SYSTEM, [VETH], red=[FAR], files=record(inode=3, index=2)),
            [ON, "delete OVS port p0"],
        ),
        # Not switched by us, or not that end any more.
        ({"state": "absent"}, host(SYSTEM, [VETH], red=[FAR]), ["delete OVS port p0"]),
        ({"state": "absent"}, host(SYSTEM, [VETH], red=[FAR], files=record(inode=9)), ["delete OVS port p0"]),
        ({"state": "absent"}, host(SYSTEM, [VETH], red=[FAR], files=record(index=9)), ["delete OVS port p0"]),
        (
            {"state": "absent"},
            host(SYSTEM, [VETH], red=[FAR], files={tx_checksum_record("p0"): "no JSON"}),
            ["delete OVS port p0"],
        ),
    ],
)
def test_checksums(params: dict[str, t.Any], snapshot: Snapshot, expected: list[str]) -> None:
    planner = plan(params, snapshot)
    assert [step.sentence for step in planner.steps if not getattr(step.op, "quiet", False)] == expected
    if params.get("state") == "absent":
        assert planner.now.files.get(tx_checksum_record("p0")) is None


def test_the_kernel_datapath_needs_no_guard() -> None:
    snapshot = host(SYSTEM, [VETH], red=[ON_AGAIN])
    snapshot.ovs[TARGET].bridges["OVS1"] = dataclasses.replace(BRIDGES["OVS1"], datapath_type="")
    assert sentences({}, snapshot) == []


def test_an_explicit_word_on_the_veth_wins() -> None:
    planner = Planner(host(SYSTEM, [VETH], red=[ON_AGAIN]), False)
    planner.pinned_checksums.add(("red", "eth0"))
    spec = KIND.normalise(DEFAULTS, "")
    KIND.make(spec, planner)
    KIND.settle(spec, planner)
    assert planner.steps == []
    assert "keeps its transmit checksum offload" in planner.warnings[0]


def test_a_far_end_that_cannot_be_found_is_a_warning() -> None:
    planner = plan({}, host(SYSTEM, [dataclasses.replace(VETH, peer=None)]))
    assert planner.steps == []
    assert "cannot be found" in planner.warnings[0]


def test_two_ports_that_are_one_veth_need_no_guard() -> None:
    other = Link("p1", "veth", index=8, up=True, carrier=True, promiscuity=1, peer=(None, "p0"), tx_checksum=True)
    snapshot = host(SYSTEM, [dataclasses.replace(VETH, peer=(None, "p1")), other])
    snapshot.ovs[TARGET].ports["p1"] = dataclasses.replace(SYSTEM, name="p1", bridge="OVS2", interfaces=("p1",))
    assert sentences({}, snapshot) == []


# --- what a port receives, joined by a card ---

CARD = Link("p0", "", index=6, mtu=1500, up=True, promiscuity=1, gro=True, permanent_mac=MAC)
JOINS = "switch generic receive offload of {} on"
NOT = "switch generic receive offload of {} off"


def vlan(name: str, parent: str) -> Link:
    """A VLAN. The kernel says of it, too, that it joins."""
    return Link(name, "vlan", index=9, mtu=1500, up=True, promiscuity=1, gro=True, data={"id": 7, "parent": parent})


def gro_of(snapshot: Snapshot) -> dict[str, bool | None]:
    """Which links join."""
    return {link.name: link.gro for link in snapshot.namespaces[None].links.values()}


def card(name: str, **more: t.Any) -> Link:
    """A card that is below the port."""
    return dataclasses.replace(CARD, name=name, index=ord(name[-1]), promiscuity=0, **more)


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ([CARD], [NOT.format("p0")]),
        ([dataclasses.replace(CARD, gro=False)], []),
        ([dataclasses.replace(CARD, gro=None)], []),  # a kernel that does not tell
        ([dataclasses.replace(VETH, gro=False)], []),
        ([dataclasses.replace(VETH, gro=True)], [NOT.format("p0")]),
        ([dataclasses.replace(CARD, kind="tun")], []),
        ([vlan("p0", "nic0"), card("nic0")], [NOT.format("nic0")]),
        ([dataclasses.replace(CARD, kind="bond"), *(card(name, master="p0") for name in ("nic0", "nic1"))],
         [NOT.format("nic0"), NOT.format("nic1")]),
        ([vlan("p0", "b"), Link("b", "bond", index=8, gro=True), card("nic0", master="b"), card("nic1", master="x")],
         [NOT.format("nic0")]),
        ([Link("p0", "vxlan", index=8, promiscuity=1, gro=True, data={"parent": "nic0"}), card("nic0")],
         [NOT.format("p0")]),
    ],
)  # fmt: skip
def test_what_joins_ceases_to_and_joins_again(links: list[Link], expected: list[str]) -> None:
    there = plan({}, host(SYSTEM, links, red=[FAR]))
    assert [step.sentence for step in there.steps if not getattr(step.op, "quiet", False)] == expected
    away = plan({"state": "absent"}, there.now)
    again = [JOINS.format(sentence.split()[5]) for sentence in expected]
    assert [step.sentence for step in away.steps if not getattr(step.op, "quiet", False)] == [
        *again,
        "delete OVS port p0",
    ]
    assert {link.name: link.gro for link in links}.items() <= gro_of(away.now).items()
    assert not any(away.now.files.values())


def test_a_vlan_that_the_plan_makes_and_a_cable_too() -> None:
    """The kernel gives the VLAN's card no time to tell, and a new veth end joins nothing."""
    fresh = dataclasses.replace(vlan("p0", "nic0"), index=None, gro=None)
    assert sentences({}, host(links=[fresh, card("nic0")])) == [ADD, NOT.format("nic0")]
    tunnel = Link("p0", "vxlan")
    assert sentences({}, host(links=[tunnel])) == [ADD, NOT.format("p0")]
    assert sentences({}, host(links=[dataclasses.replace(VETH, index=None)], red=[FAR])) == [ADD]


def test_a_card_joins_again_when_the_last_port_that_receives_by_it_goes() -> None:
    snapshot = host(SYSTEM, [vlan("p0", "nic0"), vlan("p1", "nic0"), card("nic0")])
    snapshot.ovs[TARGET].ports["p1"] = dataclasses.replace(SYSTEM, name="p1", interfaces=("p1",), uuid="q")
    now = plan({"name": "p1"}, plan({}, snapshot).now).now
    first = plan({"state": "absent"}, now)
    assert [step.sentence for step in first.steps] == ["delete OVS port p0"]
    second = plan({"name": "p1", "state": "absent"}, first.now)
    assert JOINS.format("nic0") in [step.sentence for step in second.steps]


def test_a_card_joins_again_though_the_vlan_is_gone() -> None:
    now = plan({}, host(SYSTEM, [vlan("p0", "nic0"), card("nic0")])).now
    del now.namespaces[None].links["p0"]
    assert JOINS.format("nic0") in sentences({"state": "absent"}, now)


@pytest.mark.parametrize("what", [{"index": 99}, {"permanent_mac": "02:00:00:00:00:99"}])
def test_another_card_of_that_name_is_left_alone(what: dict[str, t.Any]) -> None:
    now = plan({}, host(SYSTEM, [CARD])).now
    now.put(None, dataclasses.replace(now.namespaces[None].links["p0"], **what))
    planner = plan({"state": "absent"}, now)
    assert [step.sentence for step in planner.steps if not getattr(step.op, "quiet", False)] == ["delete OVS port p0"]
    assert not any(planner.now.files.values())


def test_a_card_that_never_joined_does_not_do_so_afterwards() -> None:
    now = plan({}, host(SYSTEM, [dataclasses.replace(CARD, gro=False)])).now
    assert sentences({"state": "absent"}, now) == ["delete OVS port p0"]


@pytest.mark.parametrize(
    ("wish", "gro", "datapath", "expected"),
    [
        (True, True, "netdev", []),
        (True, False, "netdev", [JOINS.format("p0")]),
        (False, True, "", [NOT.format("p0")]),
        (None, True, "", []),
        (None, False, "", []),
    ],
)
def test_a_users_own_word_on_joining_wins(wish: bool | None, gro: bool, datapath: str, expected: list[str]) -> None:
    snapshot = host(SYSTEM, [dataclasses.replace(CARD, gro=gro)])
    snapshot.ovs[TARGET].bridges["OVS1"] = dataclasses.replace(BRIDGES["OVS1"], datapath_type=datapath)
    assert sentences({"receive_offload": wish}, snapshot) == expected


def test_a_bridge_that_moves_to_the_kernels_datapath_gives_back_what_it_bears() -> None:
    now = plan({}, host(SYSTEM, [dataclasses.replace(VETH, gro=True)], red=[ON_AGAIN])).now
    now.ovs[TARGET].bridges["OVS1"] = dataclasses.replace(BRIDGES["OVS1"], datapath_type="")
    planner = plan({}, now)
    assert [step.sentence for step in planner.steps if not getattr(step.op, "quiet", False)] == [
        ON,
        JOINS.format("p0"),
    ]
    assert not any(planner.now.files.values())


def test_joining_is_shown_where_it_was_switched_off_or_asked_for() -> None:
    def shown(snapshot: Snapshot, **wish: t.Any) -> t.Any:
        return (KIND.view(KIND.normalise({**DEFAULTS, **wish}, ""), snapshot) or {}).get("receive_offload")

    quiet = host(SYSTEM, [dataclasses.replace(VETH, gro=False)], red=[FAR])
    assert shown(quiet) is None
    assert shown(quiet, receive_offload=False) is False
    now = plan({}, host(SYSTEM, [CARD])).now
    assert shown(now) is False
    now.put(None, CARD)  # drift
    assert shown(now) is True
    assert sentences({}, now) == [NOT.format("p0")]


def test_a_cable_that_an_undo_makes_again_joins_as_before() -> None:
    snapshot = host(links=[dataclasses.replace(VETH, gro=True)], red=[FAR])
    again = [op.sentence() for op in LinkDelete(None, "p0").inverse(snapshot)]
    assert [sentence for sentence in again if "offload" in sentence] == [OFF, JOINS.format("p0")]


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_failure_with_a_card_is_undone(state: str, number: int) -> None:
    fake = FakeHost()
    fake.state.put(None, dataclasses.replace(CARD, promiscuity=0))
    run_one(fake, "ovs_bridge", {"name": "b0", "datapath_type": "netdev"})
    port = {"bridge": "b0", "name": "p0"}
    if state == "absent":
        run_one(fake, "ovs_port", port)
    assert gro_of(fake.state)["p0"] is (state == "present")
    before = picture(fake)
    fake.fail_at = len(fake.done) + number
    with contextlib.suppress(Failed):
        run_one(fake, "ovs_port", {**port, "state": state})
        assert gro_of(fake.state)["p0"] is (state == "absent")
        return
    assert picture(fake) == before


# --- absent, views, errors ---


@pytest.mark.parametrize(
    ("params", "snapshot", "expected"),
    [
        ({}, host(), []),
        ({}, host(INTERNAL, [TAP]), ["delete OVS port p0"]),
        (HOME, host(INTERNAL, green=[AT_HOME]), ["delete OVS port p0"]),
        (HOME, host(INTERNAL, [TAP], [DEAD]), ["delete link eth0 in green", "delete OVS port p0"]),
        ({"bridge": "gone"}, host(), []),
    ],
)
def test_absent(params: dict[str, t.Any], snapshot: Snapshot, expected: list[str]) -> None:
    planner = plan({**params, "state": "absent"}, snapshot)
    assert [step.sentence for step in planner.steps] == expected
    assert not any(ns.links.get(name) for ns in planner.now.namespaces.values() for name in ("p0", "eth0"))


@pytest.mark.parametrize(
    "snapshot",
    [
        host(dataclasses.replace(SYSTEM, tag=7, trunks=(1,), external_ids={"a": "b"}), [VETH], red=[FAR]),
        host(INTERNAL, [TAP]),
        host(INTERNAL, green=[dataclasses.replace(AT_HOME, addresses=(Address("10.0.0.1/24"),))]),
        host(dataclasses.replace(SYSTEM, type="vxlan", options={"remote_ip": "192.0.2.1"})),
    ],
)
def test_the_view_pasted_changes_nothing(snapshot: Snapshot) -> None:
    view = KIND.view(KIND.normalise(DEFAULTS, ""), connected(snapshot))
    assert view is not None
    assert sentences({key: value for key, value in view.items() if value is not None}, snapshot) == []


def test_the_inverse_brings_a_moved_device_back() -> None:
    at_home = dataclasses.replace(AT_HOME, mtu=1400, addresses=(Address("10.0.0.1/24"),))
    step = plan({**HOME, "state": "absent"}, host(INTERNAL, green=[at_home])).steps[0]
    assert [op.sentence() for op in step.inverse] == [
        ADD_INTERNAL,
        "move p0 to green as eth0",
        f"set eth0 in green: mac={MAC}, mtu=1400, up",
        "add address 10.0.0.1/24 to eth0 in green",
    ]


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"name": "x" * 16, "type": "internal"}, "16 bytes"),
        ({"name": "x" * 16, "type": "gre", "options": {"remote_ip": "192.0.2.1"}}, "16 bytes"),
        ({"name": "x" * 256, "type": "patch", "options": {"peer": "a"}}, "256 bytes; Open vSwitch takes at most 255"),
        ({"trunks": ["200-100"]}, r"trunks\[0\]: '200-100' ends before it begins"),
        ({"trunks": [1, "4000-4095"]}, r"trunks\[1\]: 4095 is not a VLAN"),
        ({"trunks": ["1-2-3"]}, r"trunks\[0\]: '1-2-3' is neither a VLAN nor a range"),
        ({"trunks": [True]}, r"trunks\[0\]: True is neither"),
        ({"trunks": [-1]}, r"trunks\[0\]: -1 is neither"),
        ({"trunks": [""]}, "omit"),
        ({"name": "OVS1"}, "own local port"),
        ({"tag": 4096}, "4096 is not a VLAN"),
        ({"tag": -1}, "-1 is not a VLAN"),
        ({"trunks": [1, 4096]}, r"trunks\[1\]"),
        ({"vlan_mode": "trunk", "tag": 7}, "no VLAN of its own"),
        ({"vlan_mode": "access", "trunks": [7]}, "only the VLAN of its tag"),
        ({"type": "patch"}, "needs peer"),
        ({"type": "geneve", "options": {"key": 1}}, "needs remote_ip"),
        ({"type": "vxlan", "options": {"remote_ip": "10.0.0"}}, "options.remote_ip: '10.0.0' is not an IP address"),
        (
            {"type": "gre", "options": {"remote_ip": "flow", "local_ip": "tunnel.example.org"}},
            "options.local_ip: 'tunnel.example.org' is not an IP address",
        ),
        (
            {"type": "vxlan", "options": {"remote_ip": "192.0.2.1/24"}},
            "options.remote_ip: '192.0.2.1/24' is not an IP address",
        ),
        (
            {"type": "vxlan", "options": {"remote_ip": "192.0.2.1", "key": "seven"}},
            "options.key: 'seven' is not a number",
        ),
        ({"type": "geneve", "options": {"remote_ip": "192.0.2.1", "in_key": 2**24}}, "not a number from 0 to 16777215"),
        ({"type": "gre", "options": {"remote_ip": "192.0.2.1", "out_key": 2**32}}, "not a number from 0 to 4294967295"),
        ({"type": "vxlan", "options": {"remote_ip": "192.0.2.1", "dst_port": 0}}, "options.dst_port: '0'"),
        ({"type": "gre", "options": {"remote_ip": "192.0.2.1", "dst_port": 4789}}, "type gre has no port"),
        ({"type": "vxlan", "options": {"remote_ip": "192.0.2.1", "ttl": 256}}, "options.ttl: '256' .* not 'inherit'"),
        ({"type": "vxlan", "options": {"remote_ip": "192.0.2.1", "csum": "on"}}, "options.csum: 'on' is neither true"),
        ({"type": "vxlan", "options": {"remote_ip": "192.0.2.1", "df_default": 1}}, "options.df_default: '1'"),
        ({"type": "vxlan", "options": {"remote_ip": "192.0.2.1", "local_ip": "fd00::1"}}, "must be of one IP family"),
        ({"netns": "red"}, "type: internal"),
        ({"type": "vxlan", "options": {"remote_ip": "192.0.2.1"}, "mtu": 1400}, "no device of its own"),
        ({"type": "internal", "rename": "a/b"}, "rename"),
        ({"type": "internal", "netns": ".."}, "netns"),
        ({"type": "internal", "peer_tx_checksum": False}, "type system"),
        ({"type": "vxlan", "options": {"remote_ip": "192.0.2.1"}, "receive_offload": False}, "type system"),
        ({"external_ids": {"a": None}}, "external_ids.a"),
        ({"clear": ["type"]}, "cannot be cleared"),
    ],
)
def test_bad_input(params: dict[str, t.Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        KIND.normalise({**DEFAULTS, **params}, "")


@pytest.mark.parametrize(
    ("params", "snapshot", "words"),
    [
        ({}, host(dataclasses.replace(SYSTEM, bridge="OVS2")), "a port of OVS bridge 'OVS2'"),
        ({"state": "absent"}, host(dataclasses.replace(SYSTEM, bridge="OVS2")), "a port of OVS bridge 'OVS2'"),
        ({}, host(dataclasses.replace(SYSTEM, interfaces=("a", "b"))), "a bond of a, b"),
        (
            {},
            host(links=[dataclasses.replace(IDLE_VETH, master="br0"), Link("br0", "bridge")]),
            "port of the Linux bridge 'br0'",
        ),
        ({}, host(links=[Link("p0", "bridge")]), "which cannot be a port"),
        ({"type": "internal"}, host(links=[IDLE_VETH]), "a veth link"),
        (HOME, host(green=[dataclasses.replace(FAR)]), "in namespace 'green' is a veth link"),
    ],
)
def test_taken_names_are_left_alone(params: dict[str, t.Any], snapshot: Snapshot, words: str) -> None:
    with pytest.raises(Conflict, match=words):
        plan(params, snapshot)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({}, "no such link"),
        ({"bridge": "OVS9", "type": "internal"}, "no such bridge"),
        ({"type": "internal", "netns": "blue"}, "no such namespace"),
    ],
)
def test_what_may_still_come(params: dict[str, t.Any], words: str) -> None:
    with pytest.raises(Missing, match=words):
        plan(params, host())
    spec = KIND.normalise({**DEFAULTS, **params}, "")
    planner = Planner(host(), True)
    KIND.make(spec, planner)
    KIND.settle(spec, planner)
    assert words in planner.warnings[0]
    assert planner.steps


def test_pending() -> None:
    spec = KIND.normalise({**DEFAULTS, **HOME}, "")
    assert KIND.pending(spec, host(INTERNAL, green=[AT_HOME])) is None
    assert "no carrier" in (KIND.pending(spec, host(INTERNAL, green=[DEAD])) or "")
    assert "OpenFlow port number" in (KIND.pending(spec, host(dataclasses.replace(INTERNAL, ofport=None))) or "")
    assert "not there" in (KIND.pending(spec, host()) or "")


# --- the kernel's datapath ---


def on_kernel(port: OvsPort | None = None, links: t.Sequence[Link] = (), **more: t.Any) -> Snapshot:
    """The same host, and its bridges are on the kernel's datapath."""
    snapshot = host(port, links, **more)
    bridges = snapshot.ovs[TARGET].bridges
    bridges.update({name: dataclasses.replace(bridge, datapath_type="") for name, bridge in bridges.items()})
    return snapshot


KERNEL = dataclasses.replace(TAP, kind="openvswitch", data={})
NO_RENAME = r"rename: cannot .*by its device's name.*'altnames: \[eth0\]'.*'datapath_type: netdev'"


@pytest.mark.parametrize(
    "snapshot",
    [on_kernel(), on_kernel(INTERNAL, [KERNEL]), on_kernel(INTERNAL, green=[dataclasses.replace(KERNEL, name="eth0")])],
)
def test_no_rename_on_the_kernel_datapath(snapshot: Snapshot) -> None:
    with pytest.raises(Conflict, match=NO_RENAME):
        plan(HOME, snapshot)


def test_no_rename_where_the_bridge_is_assumed_on_the_kernel_datapath() -> None:
    spec = KIND.normalise({**DEFAULTS, **HOME, "bridge": "OVS9"}, "")
    with pytest.raises(Conflict, match=NO_RENAME):
        KIND.make(spec, Planner(host(system_datapath=True), True))


@pytest.mark.parametrize(
    ("params", "snapshot", "expected"),
    [
        # The device's own name is none that would be lost.
        ({**HOME, "rename": "p0"}, on_kernel(), [ADD_INTERNAL, "move p0 to green", "set p0 in green: up"]),
        # Renamed by hand, or by an earlier version: it gets its port's name again.
        (
            {"type": "internal", "netns": "green"},
            on_kernel(INTERNAL, green=[dataclasses.replace(KERNEL, name="eth0")]),
            ["rename eth0 in green to p0", "set p0 in green: up"],
        ),
        (
            {**HOME, "state": "absent"},
            on_kernel(INTERNAL, green=[dataclasses.replace(KERNEL, name="eth0")]),
            ["delete OVS port p0"],
        ),
    ],
)
def test_on_the_kernel_datapath(params: dict[str, t.Any], snapshot: Snapshot, expected: list[str]) -> None:
    assert sentences(params, snapshot) == expected


def test_a_device_of_the_kernel_datapath_is_never_deleted_by_itself() -> None:
    with pytest.raises(Conflict, match=r"Cannot delete 'p0' in green: .* goes with its OVS port only"):
        plan({"type": "internal", "netns": "green"}, on_kernel(INTERNAL, [KERNEL], green=[KERNEL]))


def test_a_device_of_the_kernel_datapath_makes_way_under_its_own_name() -> None:
    planner = Planner(on_kernel(INTERNAL, red=[KERNEL]), False)
    planner.wanted = {("link", "red", "p0")}
    spec = KIND.normalise({**DEFAULTS, "type": "internal", "netns": "green"}, "")
    for stage in (KIND.vacate, KIND.make, KIND.settle):
        stage(spec, planner)
    assert [step.sentence for step in planner.steps] == [
        "move p0 in red to the host",
        "move p0 to green",
        "set p0 in green: up",
    ]


def test_a_device_that_the_kernel_datapath_lost_is_made_harmless() -> None:
    """Somebody renamed it, and Open vSwitch made another one on the host."""
    wish = {"type": "internal", "netns": "green", "altnames": ["eth0"]}
    odd = dataclasses.replace(KERNEL, name="odd", altnames=("eth0",))
    rest = ["move p0 to green", "set p0 in green: altnames=eth0", "set p0 in green: up"]
    planner = plan(wish, on_kernel(INTERNAL, [dataclasses.replace(KERNEL, up=False)], green=[odd]))
    assert [step.sentence for step in planner.steps] == ["set odd in green: down, altnames=none", *rest]
    assert "'odd' in namespace 'green' was a device of port 'p0', which Open vSwitch lost" in planner.warnings[0]
    old = dataclasses.replace(KERNEL, name="eth0")
    steps = sentences(wish, on_kernel(INTERNAL, [dataclasses.replace(KERNEL, up=False)], green=[old]))
    assert steps == ["set eth0 in green: down", "rename eth0 in green to netloom0", *rest]


@pytest.mark.parametrize("number", range(8))
def test_another_datapath_is_undone_with_all_devices(number: int) -> None:
    def wish(datapath: str) -> dict[str, t.Any]:
        bridge = {
            "name": "br",
            "datapath_type": datapath,
            "mac": "02:00:00:00:00:03",
            "addresses": ["10.3.0.1/24"],
            "mtu": 1400,
        }
        port = {
            "bridge": "br",
            "name": "p1",
            "type": "internal",
            "netns": "red",
            "mac": "02:00:00:00:00:04",
            "addresses": ["10.2.0.1/24"],
            "altnames": ["x"],
        }
        return {"name": "o", "ovs_bridge": [bridge], "ovs_port": [port]}

    fake = FakeHost("red")
    run_topology(fake, wish("netdev"))
    before, fake.done, fake.fail_at = picture(fake), [], number
    steps = run_topology(fake, wish("system"), check=True).steps
    assert steps[0] == "set OVS bridge br: datapath_type=system"
    assert number < len(steps)
    with pytest.raises(Failed) as failed:
        run_topology(fake, wish("system"))
    assert (picture(fake)[:3], failed.value.remains) == (before[:3], [])


@pytest.mark.parametrize(("datapath", "refused"), [("system", True), ("netdev", False)])
def test_a_parent_of_a_macvlan_is_no_port_of_the_kernel_datapath(datapath: str, refused: bool) -> None:
    fake = FakeHost()
    links = [{"name": "d", "kind": "dummy"}, {"name": "m", "kind": "macvlan", "parent": "d"}]
    wish = {
        "name": "o",
        "netns_interface": links,
        "ovs_bridge": [{"name": "br", "datapath_type": datapath}],
        "ovs_port": [{"bridge": "br", "name": "d"}],
    }
    if not refused:
        assert "add port d to OVS bridge br" in run_topology(fake, wish).steps
        return
    with pytest.raises(Conflict, match="Cannot put port 'd' on OVS bridge 'br': it has the macvlan 'm' on it"):
        run_topology(fake, wish)


def test_a_patch_port_is_no_link() -> None:
    """Open vSwitch's own tests name one longer than a link."""
    name = "long_patch_port_to_the_other_side"
    snapshot = host()
    assert sentences({"name": name, "type": "patch", "options": {"peer": "p9"}}, snapshot) == [
        f"add port {name} (patch) to OVS bridge OVS1"
    ]
    with pytest.raises(BadInput, match="has 33 bytes; the kernel takes at most 15"):
        sentences({"name": name}, snapshot)
    snapshot.ovs[TARGET].ports[name] = OvsPort(
        name, "OVS1", type="patch", options={"peer": "p9"}, ofport=3, interfaces=(name,), uuid="q"
    )
    assert sentences({"name": name, "state": "absent"}, snapshot) == [f"delete OVS port {name}"]
    assert sentences({"name": name, "tag": 7}, snapshot) == [f"set OVS port {name}: tag=7"]


def test_trunks_are_shown_as_ranges() -> None:
    spec = KIND.normalise({**DEFAULTS, "trunks": ["100-200", 1, 3, 4]}, "")
    snapshot = host(dataclasses.replace(SYSTEM, trunks=spec.columns["trunks"]), [VETH], red=[FAR])
    view = KIND.view(spec, snapshot)
    assert view is not None
    assert view["trunks"] == [1, 3, 4, "100-200"]
    assert KIND.normalise({**DEFAULTS, "trunks": view["trunks"]}, "").columns == spec.columns


FAKE = OvsPort("fake10", "OVS1", type="internal", tag=10, ofport=4, interfaces=("fake10",), fake_bridge=True, uuid="f")


@pytest.mark.parametrize(
    ("params", "words"),
    [
        (
            {"bridge": "fake10"},
            (
                "'fake10' is no bridge of its own; it is a fake bridge, VLAN 10 of OVS bridge 'OVS1'.*bridge: OVS1,"
                " tag: 10"
            ),
        ),
        (
            {"name": "fake10"},
            (
                "it is a fake bridge, VLAN 10 of OVS bridge 'OVS1', and netloom does not manage fake bridges, and is"
                " left alone"
            ),
        ),
        ({"name": "fake10", "state": "absent"}, "it is a fake bridge"),
        ({"name": "w1"}, "'w1' is a member of bond 'bond0' of OVS bridge 'OVS2', and is left alone"),
        ({"bridge": "p7"}, "'p7' is a port of OVS bridge 'OVS1', not a bridge"),
    ],
)
@pytest.mark.parametrize("assume", [False, True])
def test_what_is_a_port_is_no_bridge(params: dict[str, t.Any], words: str, assume: bool) -> None:
    snapshot = host(None, [VETH], red=[FAR])
    snapshot.ovs[TARGET].ports.update(
        {
            "fake10": FAKE,
            "p7": OvsPort("p7", "OVS1", uuid="x"),
            "bond0": OvsPort("bond0", "OVS2", interfaces=("w1", "w2"), uuid="y"),
        }
    )
    with pytest.raises(Conflict, match=words):
        sentences(params, snapshot, assume)
