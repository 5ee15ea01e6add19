# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What breaks a network over several hosts: caused, named by check mode, healed by one run. All other faults are made
on a real host (tests/faults/table.yml).
"""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host._faults import Breaker
from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _ovsdb_request
from ansible_collections.netloom.linux.plugins.module_utils._model import _ovn
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import BadInput, HostError
from ansible_collections.netloom.linux.plugins.module_utils._model._fault import SORTS, fault_of
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import OvsTarget
from ansible_collections.netloom.linux.tests.unit.fake_host import FakeHost, run_topology

OVERLAY: dict[str, t.Any] = {
    "name": "overlay",
    "netns": [{"name": "red"}],
    "linux_bridge": [{"name": "br0", "ports": ["v-red", "vx"], "port_flags": {"v-red": {"neigh_suppress": True}}}],
    "netns_interface": [
        {
            "name": "vx",
            "kind": "vxlan",
            "id": 4100,
            "local": "192.0.2.1",
            "remotes": ["192.0.2.2", "192.0.2.3"],
            "fdb": [{"mac": "02:00:00:00:00:02", "remote": "192.0.2.2"}],
            "learning": False,
        }
    ],
    "veth": [{"name": "v-red", "master": "br0", "peer": {"name": "eth0", "netns": "red"}}],
    "ovs_bridge": [{"name": "OVS1"}],
    "ovs_port": [
        {
            "bridge": "OVS1",
            "name": "t-far",
            "type": "vxlan",
            "protected": True,
            "options": {"remote_ip": "192.0.2.2", "key": "7"},
        },
        {"bridge": "OVS1", "name": "lp", "type": "internal", "iface_id": "red-red1", "wait_for_installed": False},
    ],
}


def test_each_sort_can_be_made() -> None:
    assert [sort for sort in SORTS if not hasattr(Breaker, f"_{sort}")] == []


@pytest.mark.parametrize(
    ("options", "words", "named"),
    [
        (
            {"fault": "port_flags_lost", "name": "v-red"},
            "the bridge port v-red has the flags of a new port",
            "set v-red: neigh_suppress=True",
        ),
        (
            {"fault": "vxlan_remote_lost", "name": "vx", "value": "192.0.2.3"},
            "the vxlan vx no longer sends to 192.0.2.3",
            "add remote 192.0.2.3 to vx",
        ),
        (
            {"fault": "vxlan_fdb_lost", "name": "vx", "value": "02-00-00-00-00-02"},
            "the vxlan vx has no entry for 02:00:00:00:00:02 any more",
            "set fdb entry 02:00:00:00:00:02 of vx: remote=192.0.2.2",
        ),
        (
            {"fault": "vxlan_learning", "name": "vx"},
            "learning of the vxlan vx is switched over",
            "set vx: learning=False",
        ),
        ({"fault": "link_deleted", "name": "vx"}, "the link vx is deleted", "create vxlan vx"),
        (
            {"fault": "ovs_port_unprotected", "name": "t-far"},
            "the OVS port t-far is no longer protected",
            "set OVS port t-far: protected=true",
        ),
        (
            {"fault": "ovs_port_iface_id_lost", "name": "lp"},
            "the OVS port lp has no iface-id any more",
            "set OVS port lp: iface_id=red-red1",
        ),
        ({"fault": "ovs_port_deleted", "name": "t-far"}, "the OVS port t-far is deleted", "add port t-far"),
    ],
    ids=lambda value: value["fault"] if isinstance(value, dict) else "",
)
def test_a_run_heals_it(options: dict[str, t.Any], words: str, named: str) -> None:
    host = FakeHost()
    run_topology(host, OVERLAY)
    fault = fault_of(options)
    assert fault.sentence == words
    Breaker(t.cast(t.Any, host)).make(fault)
    foretold = run_topology(host, OVERLAY, check=True).steps
    assert any(named in step for step in foretold), foretold
    assert run_topology(host, OVERLAY).steps == foretold
    assert run_topology(host, OVERLAY).steps == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"fault": "port_flags_lost", "name": "eth9"}, "Cannot break 'eth9': there is no such link in the host."),
        (
            {"fault": "port_flags_lost", "name": "eth0", "netns": "red"},
            "Cannot break 'eth0': it has no flags that a new port of a bridge lacks.",
        ),
        (
            {"fault": "vxlan_remote_lost", "name": "vx", "value": "192.0.2.9"},
            "Cannot break 'vx': 192.0.2.9 is none of its remotes.",
        ),
        (
            {"fault": "vxlan_fdb_lost", "name": "v-red", "value": "02:00:00:00:00:02"},
            "Cannot break 'v-red': it has no entry for 02:00:00:00:00:02.",
        ),
        ({"fault": "vxlan_learning", "name": "v-red"}, "Cannot break 'v-red': it is no vxlan."),
        ({"fault": "ovs_port_unprotected", "name": "t9"}, "Cannot break OVS port 't9': there is no such port."),
        ({"fault": "ovs_port_iface_id_lost", "name": "t-far"}, "Cannot break OVS port 't-far': it has no iface-id."),
        ({"fault": "ovn_encap_changed"}, "Cannot break OVN on this host: nothing says where its tunnels end."),
    ],
)
def test_what_is_not_there_cannot_break(options: dict[str, t.Any], says: str) -> None:
    host = FakeHost()
    run_topology(host, OVERLAY)
    with pytest.raises(HostError) as refused:
        Breaker(t.cast(t.Any, host)).make(fault_of(options))
    assert str(refused.value) == says


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"fault": "vxlan_remote_lost", "name": "vx"}, "value: is missing; the fault 'vxlan_remote_lost' needs"),
        ({"fault": "vxlan_remote_lost", "name": "vx", "value": "node2"}, "value: 'node2' is not an IP address"),
        ({"fault": "vxlan_fdb_lost", "name": "vx", "value": "10.0.0.1"}, "value: '10.0.0.1' is not a MAC address"),
        ({"fault": "ovs_port_unprotected", "name": "t", "netns": "red"}, "netns: says nothing about the fault"),
        ({"fault": "ovn_encap_changed", "value": "node2"}, "value: 'node2' is not an IP address"),
        ({"fault": "ovn_row_deleted", "name": "red"}, "value: is missing; the fault 'ovn_row_deleted' needs"),
        (
            {"fault": "ovn_row_deleted", "name": "red", "value": "Logical_Swich"},
            "value: 'Logical_Swich' is not possible; did you mean 'Logical_Switch'?",
        ),
    ],
)
def test_bad_input(options: dict[str, t.Any], says: str) -> None:
    with pytest.raises(BadInput) as refused:
        fault_of(options)
    assert says in str(refused.value)


def test_the_address_of_tunnels_is_changed() -> None:
    host = FakeHost()
    host.state.ovs[OvsTarget()].external_ids = {_ovn.ENCAP_IP: "192.0.2.1", "other": "stays"}
    fault = fault_of({"fault": "ovn_encap_changed"})
    Breaker(t.cast(t.Any, host)).make(fault)
    assert host.state.ovs[OvsTarget()].external_ids == {_ovn.ENCAP_IP: "192.0.2.254", "other": "stays"}
    assert fault.sentence == "the host tells OVN that its tunnels end elsewhere"


def test_a_row_is_deleted_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[t.Any] = []
    monkeypatch.setattr(
        _ovsdb_request, "transact", lambda _target, _database, given: asked.append(given) or [{"count": len(asked) - 1}]
    )
    fault = fault_of({"fault": "ovn_row_deleted", "name": "www", "value": "Load_Balancer"})
    with pytest.raises(HostError, match="Cannot delete 'www' from table Load_Balancer of the northbound database"):
        Breaker(t.cast(t.Any, FakeHost())).make(fault)
    Breaker(t.cast(t.Any, FakeHost())).make(fault)
    assert asked[0] == [{"op": "delete", "table": "Load_Balancer", "where": [["name", "==", "www"]]}]
    assert fault.sentence == "www is deleted from table Load_Balancer"
