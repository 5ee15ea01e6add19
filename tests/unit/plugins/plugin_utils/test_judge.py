# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the control node judges of a task before it contacts a host."""

from __future__ import annotations

import datetime
import typing as t
from unittest import mock

import pytest
from ansible.plugins.action import ActionBase
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _registry
from ansible_collections.netloom.linux.plugins.plugin_utils import _confirm, _judge
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
    host = (
        "the host itself has a link",
        "it exists",
        "no such namespace",
        "no such bridge",
        "no such link",
        "a host that is no chassis of OVN yet",
        "has no row of table",
    )
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
    assert result == {"failed": True, "reason": "input", "msg": judged("topology", given)}
    assert result["msg"]
    execute.assert_not_called()
    task.args = {"name": "t", "netns": [{"name": "red"}]}
    assert action.run(None, {}) == {"changed": False}
    task.args = given  # which a playbook has judged for the whole fleet
    assert action.run(None, {_confirm.JUDGED: True}) == {"changed": False}
    task.args = {"name": "t", "netns": [{"name": "red"}]}
    task.args["_ansible_check_mode"] = False  # as Ansible leaves the arguments for the next attempt
    assert action.run(None, {}) == {"changed": False}


@pytest.mark.parametrize("kind", ["linux_bridge", "ovs_bridge"])
@pytest.mark.parametrize("in_a_topology", [True, False])
def test_nobody_would_confirm_an_uplink_that_is_moved_in_the_background(
    kind: str, in_a_topology: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ActionBase, "run", lambda *_arguments, **_options: {})
    bridge = {"name": "br0", "uplink": "eth0"}
    given: dict[str, t.Any] = {"name": "t", kind: [bridge]} if in_a_topology else bridge
    module = "topology" if in_a_topology else kind
    task = mock.Mock(action=f"netloom.linux.{module}", args=given, async_val=60, poll=0)
    nobody = mock.Mock()
    action = _confirm.ConfirmingAction(task, nobody, nobody, nobody, nobody, nobody)
    execute = mock.Mock()
    monkeypatch.setattr(action, "_execute_module", execute)
    assert "poll: 0 leaves nobody to confirm that the host is still there once 'eth0'" in action.run(None, {})["msg"]
    execute.assert_not_called()


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
    assert _judge.plain({1: {True: None}, "a": {None: 1, 1.5: 2}}) == {"1": {"true": None}, "a": {"null": 1, "1.5": 2}}


def test_other_modules_and_faults_of_ours_are_left_to_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    assert judged("reachability", {"probes": 1}) == ""
    monkeypatch.setattr(_judge._reading, "judge", mock.Mock(side_effect=KeyError("x")))
    assert judged("netns", {"nmae": 1}) == ""


@pytest.mark.parametrize(
    ("kind", "given", "says"),
    [
        ("linux_bridge", {"name": "br0", "port_flags": {1: {"isolated": True}}}, ""),
        ("netns", {"name": "red", "sysctl": {1: "a"}}, "sysctl: '1' is not a sysctl of a namespace"),
        ("netns", {"name": "red", "etc_files": {6: ["a"]}}, "etc_files.6: is a list, not text"),
    ],
    ids=str,
)
def test_a_key_that_is_no_text_is_judged_as_the_module_gets_it(kind: str, given: dict[str, t.Any], says: str) -> None:
    """Ansible sends a module its options as JSON: a link that is named 1 needs no quotes as a key."""
    assert judged(kind, given).startswith(says) and bool(judged(kind, given)) == bool(says)
