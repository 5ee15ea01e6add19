# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the control node judges before it contacts a host: tasks, and the variables of a fleet."""

from __future__ import annotations

import datetime
import typing as t
from unittest import mock

import pytest
from ansible.errors import AnsibleUndefinedVariable
from ansible.plugins.action import ActionBase
from ansible_collections.netloom.linux.plugins.filter import fleet_complaints
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _registry
from ansible_collections.netloom.linux.plugins.plugin_utils import _confirm, _judge, _judge_fleet
from ansible_collections.netloom.linux.tests.unit.messages.test_messages import CASES, case_id

OURS = [case for case in CASES if case["of"] == "topology" or case["of"] in _registry.KINDS]
WEB: dict[str, t.Any] = {"name": "web", "subnet": "172.20.0.0/24", "members": [{"name": "web1"}]}
WRONG = {**WEB, "members": ["web1"]}
NOT_A_MAPPING = (
    "bridge_network_networks[0].members[0]: 'web1' is not a mapping; write it with keys such as 'name: ...'."
)


def judged(of: str, given: dict[str, t.Any]) -> str:
    return _judge.task(f"netloom.linux.{of}", given)


@pytest.mark.parametrize("case", OURS, ids=case_id)
def test_the_control_node_says_what_the_module_says_or_nothing(case: dict[str, t.Any]) -> None:
    assert judged(case["of"], case["given"] or {}) in ("", case["says"])


def test_the_control_node_finds_nearly_all() -> None:
    """What it does not find depends on the host."""
    silent = [case["says"] for case in OURS if not judged(case["of"], case["given"] or {})]
    assert len(silent) * 10 < len(OURS)
    host = ("the host itself has a link", "it exists", "no such namespace")
    assert not [said for said in silent if not any(words in said for words in host)]


@pytest.mark.parametrize(
    "given",
    [
        {"name": "t", "veth": [{"name": "a", "address": ["10.0.0.1/24"], "peer": {"name": "b"}}]},
        {"name": "t", "vethh": []},
        {"name": "t", "netns": [{"name": "red", "pid": 1}], "persist": True},
        {"name": "t", "netns": [{"name": "red"}, {"name": "red"}]},
        {"name": "t", "wait": -1},
        {"name": "t", "purge": "perhaps"},
        {"name": "a/b"},
    ],
    ids=str,
)
def test_an_action_contacts_no_host_for_a_mistake(given: dict[str, t.Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ActionBase, "run", lambda *_arguments, **_options: {})
    task = mock.Mock(action="netloom.linux.topology", args=given, async_val=0)
    nobody = mock.Mock()
    action = _confirm.ConfirmingAction(task, nobody, nobody, nobody, nobody, nobody)
    execute = mock.Mock(return_value={"changed": False})
    monkeypatch.setattr(action, "_execute_module", execute)
    result = action.run(None, {})
    assert result == {"failed": True, "msg": judged("topology", given)}
    assert result["msg"]
    execute.assert_not_called()
    task.args = {"name": "t", "netns": [{"name": "red"}]}
    assert action.run(None, {}) == {"changed": False}


def test_names_of_routing_tables_are_the_host_s_own() -> None:
    def routes(*tables: str) -> str:
        return judged(
            "topology",
            {
                "name": "t",
                "netns_route": [{"destination": "10.9.0.0/16", "gateway": "10.0.0.1", "table": one} for one in tables],
            },
        )

    assert "two entries for one object" in routes("uplink", "uplink")
    assert "two entries for one object" not in routes("uplink", "backup")


def test_a_date_is_judged_as_a_module_gets_it() -> None:
    assert _judge.plain({"a": (datetime.date(2026, 1, 2),)}) == {"a": ["2026-01-02"]}


def test_other_modules_and_faults_of_ours_are_left_to_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    assert judged("reachability", {"probes": 1}) == ""
    monkeypatch.setattr(_judge._reading, "judge", mock.Mock(side_effect=KeyError("x")))
    assert judged("netns", {"nmae": 1}) == ""


def test_a_fleet_s_mistake_is_told_once_with_its_hosts() -> None:
    hosts = {f"lab{number}": {"bridge_network_networks": [WRONG], "other": number} for number in range(10)}
    hosts["lab3"] = {"bridge_network_networks": [WEB]}
    found = _judge_fleet.complaints(hosts)
    assert [one.sentence for one in found] == [NOT_A_MAPPING]
    assert found[0].hosts == [host for host in hosts if host != "lab3"]


def test_equal_variables_are_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sentence = mock.Mock(return_value="")
    monkeypatch.setattr(_judge_fleet, "_sentence", sentence)
    assert _judge_fleet.complaints({str(number): {"bridge_network_networks": [WEB]} for number in range(50)}) == []
    sentence.assert_called_once()


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({}, ""),
        ({"bridge_network_networks": [WEB], "router_id": "10.0.0.1", "verify_ssl": True}, ""),
        ({"bridge_network_network": [WEB]}, "did you mean 'bridge_network_networks'?"),
        ({"bridge_network_networks": [WEB], "bridge_network_persit": True}, "did you mean 'bridge_network_persist'?"),
        ({"bridge_network_networks": [WEB], "bridge_network_state": "presnt"}, "bridge_network_state: 'presnt'"),
        ({"ovs_vlan_dhcp_tenants": {}}, "ovs_vlan_dhcp_tenants: {} is not a list"),
        ({"router_routers": [{"name": "r", "interface": []}]}, "router_routers[0]: 'interface' is not an option"),
        ({"verify_probes": [{"form": "red", "to": "10.0.0.1"}]}, "verify_probes[0]: 'form' is not an option"),
        ({"prepare_python": "vnev"}, "prepare_python: 'vnev' is not possible"),
        ({"netloom_topology": {"netns": [{"nam": "red"}]}}, "netloom_topology.netns[0]: 'nam' is not an option"),
        ({"netloom_topology": {"nets": []}}, "netloom_topology: 'nets' is not an option of topology"),
        ({"netloom_topology": ["red"]}, "netloom_topology: ['red'] is not a mapping"),
        ({"netloom_topology": {"netns": [{"name": "red"}]}}, ""),
    ],
    ids=str,
)
def test_a_host_s_variables(variables: dict[str, t.Any], says: str) -> None:
    found = [one.sentence for one in _judge_fleet.complaints({"lab1": variables})]
    assert [says in one for one in found] == ([True] if says else [])


def test_a_template_that_fails_is_told_for_its_host() -> None:
    class Undefined(dict[str, t.Any]):
        def __getitem__(self, key: str) -> t.Any:
            raise AnsibleUndefinedVariable("'subnets' is undefined")

    found = _judge_fleet.complaints({"lab1": Undefined(bridge_network_networks=1), "lab2": {}})
    assert [(one.sentence, one.hosts) for one in found] == [("'subnets' is undefined", ["lab1"])]


def test_the_filter_names_the_hosts() -> None:
    filtered = fleet_complaints.FilterModule().filters()["fleet_complaints"]
    wrong, right = {"bridge_network_networks": [WRONG]}, {"bridge_network_networks": [WEB]}
    assert filtered({"lab1": wrong, "lab2": wrong}) == [f"all 2 hosts: {NOT_A_MAPPING}"]
    assert filtered({"lab1": wrong, "lab2": wrong, "lab3": right}) == [f"lab1, lab2: {NOT_A_MAPPING}"]
    assert filtered({"lab1": wrong, "lab2": right}, ["lab1"]) == [f"lab1: {NOT_A_MAPPING}"]
    assert filtered({"lab1": wrong, "lab2": right}, ["lab2"]) == []
