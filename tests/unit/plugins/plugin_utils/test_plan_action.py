# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action plugins do around their modules: a task behaves as that of a module without an action plugin."""

from __future__ import annotations

import typing as t
from unittest import mock

import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase
from ansible_collections.netloom.linux.plugins.plugin_utils import _plan_action

MOVE = {"token": "0123456789abcdef", "seconds": 30, "uplink": "eth0"}
FAILED = {"failed": True, "finished": True, "ansible_job_id": "j1", "msg": "veth: no."}
JOB = {"ansible_job_id": "j1", "started": True, "finished": False, "changed": True}


class Host:
    """What a host answers to its modules, and which ones it ran."""

    def __init__(self, **answers: t.Any) -> None:
        self.answers = answers
        self.ran: list[str] = []

    def run(self, module_name: str = "its own", module_args: t.Any = None, **_more: t.Any) -> t.Any:
        name = module_name.rpartition(".")[2]
        self.ran.append(f"{name} {module_args['mode']}" if name == "async_status" else name)
        answer = self.answers[name]
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)


def action(
    host: Host, monkeypatch: pytest.MonkeyPatch, module: str = "topology", **task: t.Any
) -> _plan_action.PlanAction:
    """An action plugin whose task is of this module and has these attributes."""
    monkeypatch.setattr(ActionBase, "run", lambda *_arguments, **_options: {})
    args = {"name": "t"}
    given = mock.Mock(
        **{"action": f"netloom.linux.{module}", "args": args, "async_val": 0, "poll": 15, "_role": None, **task}
    )
    templar = mock.Mock(template=lambda value: value)
    made = _plan_action.PlanAction(given, mock.Mock(), mock.Mock(), mock.Mock(), templar, mock.Mock())
    monkeypatch.setattr(made, "_execute_module", host.run)
    monkeypatch.setattr(made, "get_shell_option", lambda _option, default: default)
    monkeypatch.setattr(made, "_renew", lambda: None)
    return made


@pytest.mark.parametrize(("module", "asks"), [("topology", ["async_status status"]), ("netns", [])])
def test_the_executor_fetches_the_result_of_a_job_also_if_its_module_failed(
    module: str, asks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise it neither removes the job's file nor tells the callbacks that a job failed. Only jobs that may move an
    uplink are asked for before.
    """
    host = Host(**{"its own": JOB, "async_status": FAILED})
    assert action(host, monkeypatch, module, async_val=30).run(None, {}) == JOB
    assert host.ran == ["its own", *asks]


@pytest.mark.parametrize("said", [{"msg": "It went back."}, AnsibleConnectionFailure("no route to host")], ids=str)
def test_what_a_job_leaves_is_removed_if_the_action_says_its_result(
    said: t.Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = {"finished": True, "changed": True, "unconfirmed": [{**MOVE, "seconds": -99}]}
    host = Host(**{"its own": JOB, "async_status": ended, "uplink_confirm": said})
    acting = action(host, monkeypatch, async_val=30)
    cleaned = mock.Mock()
    monkeypatch.setattr(acting, "cleanup", cleaned)
    told = acting.run(None, {})
    assert told["failed"] and "'eth0' was moved" in told["msg"]
    assert host.ran == ["its own", "async_status status", "uplink_confirm", "async_status cleanup"]
    cleaned.assert_called_once_with(force=True)


def test_an_uplink_in_a_string_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a command line: -m netloom.linux.topology -a "name=t linux_bridge='name=br0 uplink=eth0'"."""
    host = Host(**{"its own": JOB})
    args = {"name": "t", "linux_bridge": "name=br0 uplink=eth0"}
    assert "'eth0'" in action(host, monkeypatch, args=args, async_val=30, poll=0).run(None, {})["msg"]
    assert host.ran == []


@pytest.mark.parametrize("name", ["netloom_brief", "netloom_picture"])
def test_a_wrong_wish_for_what_is_told_is_refused_before_the_host_is_changed(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = Host(**{"its own": {"changed": True}})
    refused = {"failed": True, "reason": "input", "msg": f"{name}: 'maybe' is neither true nor false."}
    assert action(host, monkeypatch).run(None, {name: "maybe"}) == refused
    assert host.ran == []


@pytest.mark.parametrize(("brief", "keys"), [("false", 3), (False, 3), ("true", 2), (True, 2)], ids=str)
def test_a_truth_value_may_be_text(brief: t.Any, keys: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """-e netloom_brief=false gives a string."""
    host = Host(**{"its own": {"changed": True, "topology": {"name": "t", "state": "present", "netns": []}}})
    assert len(action(host, monkeypatch).run(None, {"netloom_brief": brief})["topology"]) == keys


@pytest.mark.parametrize(("msg", "looks"), [("veth[0]: no.", 1), ("The disk is full.", 0)])
def test_only_what_a_role_declares_is_evaluated_once_more_and_only_for_an_object(
    msg: str, looks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable that merely has such a name may be a lookup that costs, warns or has an effect."""
    host = Host(**{"its own": {"failed": True, "msg": msg}})
    args = {"name": "t", "veth": [{"name": "v-r", "peer": {"name": "eth0"}}]}
    acting = action(host, monkeypatch, _role="netloom.linux.router", args=args)
    evaluated: list[t.Any] = []

    def template(value: t.Any) -> t.Any:
        evaluated.append(value)
        return value

    monkeypatch.setattr(acting, "_templar", mock.Mock(template=template))
    acting.run(None, {"router__lists": "{{ it }}", "router_routers": [{"name": "r"}], "router_own": "{{ lookup() }}"})
    assert host.ran == ["its own"]
    assert "{{ lookup() }}" not in evaluated
    assert evaluated.count([{"name": "r"}]) == looks
