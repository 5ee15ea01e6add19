# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ovs_port.iface_id: a port as a logical port of OVN."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine._apply import Failed
from ansible_collections.netloom.linux.plugins.module_utils._engine._boot import _as_at_boot
from ansible_collections.netloom.linux.plugins.module_utils._engine._info import view_of
from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovs._ovs_port_binding import RUNNING
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import BadInput, Conflict
from ansible_collections.netloom.linux.plugins.module_utils._model._ovn import Binding, Southbound
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import (
    OvsBridge,
    OvsPort,
    OvsTarget,
)
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost, picture, run_one, run_topology

TARGET = OvsTarget()
BRIDGE = OvsBridge("br-int", datapath_type="netdev", datapath_id="1", uuid="b")
PORT = OvsPort("p0", "br-int", type="vxlan", options={"remote_ip": "10.0.0.2"}, ofport=1, interfaces=("p0",), uuid="p")
WISH: dict[str, t.Any] = {
    "bridge": "br-int",
    "name": "p0",
    "type": "vxlan",
    "options": {"remote_ip": "10.0.0.2"},
    "iface_id": "red1",
}


def host(port: OvsPort | None = None, **external_ids: str) -> FakeHost:
    """A host with an integration bridge, and perhaps the port."""
    found = FakeHost()
    ovs = found.state.ovs[TARGET]
    ovs.bridges["br-int"] = BRIDGE
    ovs.external_ids = {name.replace("_", "-"): value for name, value in external_ids.items()}
    if port is not None:
        ovs.ports[port.name] = port
    return found


def port_of(found: FakeHost, name: str = "p0") -> OvsPort:
    """The port as it is now."""
    return found.state.ovs[TARGET].ports[name]


def test_a_whole_life() -> None:
    found = host(dataclasses.replace(PORT, interface_ids={"vm-id": "7"}))
    foretold = run_one(found, "ovs_port", WISH, check=True)
    assert foretold.steps == ["set OVS port p0: iface_id=red1"]
    assert foretold.disturbs == ["brief"]
    assert port_of(found).iface_id is None
    assert run_one(found, "ovs_port", WISH).steps == foretold.steps
    assert (port_of(found).iface_id, port_of(found).interface_ids) == ("red1", {"vm-id": "7"})
    assert not run_one(found, "ovs_port", WISH).changed
    found.state.ovs[TARGET].ports["p0"] = dataclasses.replace(port_of(found), iface_id="blue1")  # by hand
    assert run_one(found, "ovs_port", WISH).steps == ["set OVS port p0: iface_id=red1"]
    left = {name: value for name, value in WISH.items() if name != "iface_id"}
    assert not run_one(found, "ovs_port", left).changed
    assert run_one(found, "ovs_port", {**left, "clear": ["iface_id"]}).steps == ["set OVS port p0: iface_id=none"]
    assert port_of(found).iface_id is None


def test_a_new_port_has_it_at_once_and_it_is_told() -> None:
    found = host()
    assert run_one(found, "ovs_port", WISH).steps == ["add port p0 (vxlan) to OVS bridge br-int"]
    assert port_of(found).iface_id == "red1"
    assert view_of(found.state, "ovs_port", bridge="br-int", name="p0")["iface_id"] == "red1"


def test_an_adopted_port_gets_its_old_one_back() -> None:
    for was in ("old", None):
        found = host(dataclasses.replace(PORT, iface_id=was))
        run_topology(found, {"name": "t", "ovs_port": [WISH]})
        assert port_of(found).iface_id == "red1"
        run_topology(found, {"name": "t", "state": "absent"})
        assert port_of(found).iface_id == was


def test_a_failure_takes_it_back() -> None:
    found = host(dataclasses.replace(PORT, iface_id="old"), ovn_remote="tcp:192.0.2.1:6642")
    before = picture(found)
    with pytest.raises(Failed, match="OVN has not bound port 'p0' to its logical port 'red1'"):
        run_one(found, "ovs_port", WISH)
    assert picture(found) == before


def test_a_port_that_is_made_again_keeps_the_keys_of_its_interface() -> None:
    dead = dataclasses.replace(PORT, type="internal", options={}, iface_id="red1", interface_ids={"vm-id": "7"})
    found = host(dead)
    wish = {"bridge": "br-int", "name": "p0", "type": "internal", "iface_id": "red1"}
    assert "add port p0 (internal) to OVS bridge br-int" in run_one(found, "ovs_port", wish).steps
    assert (port_of(found).iface_id, port_of(found).interface_ids) == ("red1", {"vm-id": "7"})


def test_only_where_ovn_is_at_work_somebody_waits() -> None:
    away = {"ovn_remote": "tcp:192.0.2.1:6642", "ovn_bridge": "br-other"}
    for external_ids in ({}, away):
        assert run_one(host(**external_ids), "ovs_port", WISH).changed
    at_work = host(ovn_remote="tcp:192.0.2.1:6642")
    assert run_one(at_work, "ovs_port", {**WISH, "wait_for_installed": False}).changed
    boot = _as_at_boot({"name": "t", "ovs_port": [WISH], "netns": [{"name": "red"}]})
    assert run_topology(host(ovn_remote="tcp:192.0.2.1:6642"), boot).changed


CAUSES: dict[str, tuple[bool, Southbound | None]] = {
    "ovn-controller does not run on this host": (False, None),
    "the southbound database cannot be asked (no route)": (True, Southbound(unreachable="no route")),
    "the northbound database has no logical port of this name": (True, Southbound(bindings={"red1": None})),
    "options:requested-chassis of the logical port is 'node2', and this host is 'node1'": (
        True,
        Southbound(bindings={"red1": Binding(None, "node2")}),
    ),
    "chassis 'node3' has it": (True, Southbound(bindings={"red1": Binding("node3")})),
    "ovn-controller has not put its flows in effect on chassis 'node1'": (
        True,
        Southbound(bindings={"red1": Binding("node1", "node1")}),
    ),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_the_cause_is_told(cause: str) -> None:
    found = host(ovn_remote="tcp:192.0.2.1:6642", system_id="node1")
    running, southbound = CAUSES[cause]
    found.state.answers[RUNNING] = running
    if southbound is not None:
        found.state.southbound[TARGET] = southbound
    with pytest.raises(Failed) as failed:
        run_one(found, "ovs_port", WISH)
    assert f"logical port 'red1': {cause}" in str(failed.value)
    assert "p0" not in found.state.ovs[TARGET].ports


@pytest.mark.parametrize("cause", CAUSES)
def test_a_port_that_is_as_declared_and_not_in_effect_is_told(cause: str) -> None:
    found = host(dataclasses.replace(PORT, iface_id="red1"), ovn_remote="tcp:192.0.2.1:6642", system_id="node1")
    running, southbound = CAUSES[cause]
    found.state.answers[RUNNING] = running
    if southbound is not None:
        found.state.southbound[TARGET] = southbound
    told = run_topology(found, {"name": "t", "ovs_port": [WISH]}, check=True)
    assert len(told.unusable) == 1 and f"logical port 'red1': {cause}" in told.unusable[0]
    assert run_topology(found, {"name": "t", "ovs_port": [{**WISH, "wait_for_installed": False}]}).unusable == []
    found.state.ovs[TARGET].ports["p0"] = dataclasses.replace(port_of(found), ovn_installed=True)
    assert run_topology(found, {"name": "t", "ovs_port": [WISH]}).unusable == []


def test_one_logical_port_is_not_two_ports() -> None:
    other = {**WISH, "name": "p1", "options": {"remote_ip": "10.0.0.3"}}
    found = host(dataclasses.replace(PORT, iface_id="red1"))
    with pytest.raises(Conflict, match="port 'p0' is that one"):
        run_one(found, "ovs_port", other)
    # Two that exchange theirs are no contradiction.
    two = dataclasses.replace(PORT, name="p1", options={"remote_ip": "10.0.0.3"}, iface_id="red2", interfaces=("p1",))
    found.state.ovs[TARGET].ports["p1"] = two
    run_topology(found, {"name": "t", "ovs_port": [{**WISH, "iface_id": "red2"}, other]})
    assert (port_of(found).iface_id, port_of(found, "p1").iface_id) == ("red2", "red1")


@pytest.mark.parametrize("name", ["", " red1", "red1\n", "re\x00d"])
def test_bad_names_are_refused(name: str) -> None:
    with pytest.raises(BadInput, match="iface_id"):
        run_one(host(), "ovs_port", {**WISH, "iface_id": name})


def test_who_writes_it_into_the_wrong_map_is_told() -> None:
    wish = {**WISH, "iface_id": None, "external_ids": {"iface-id": "red1"}}
    assert any("give the option iface_id" in one for one in run_one(host(), "ovs_port", wish).warnings)
