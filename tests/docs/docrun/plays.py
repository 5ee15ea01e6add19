# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From tasks as documented to a playbook that tries them: in check mode, each twice, all once more; and one that takes them down."""

from __future__ import annotations

import typing as t

from pages import Tasks

OURS = "netloom.linux."
READ_ONLY = {f"{OURS}netns_info", f"{OURS}reachability"}
Task = t.Dict[str, t.Any]


def rehearsal(tasks: Tasks) -> list[dict[str, t.Any]]:
    """Plays that try the tasks.

    A task that is run again at once must have nothing to do. All together once more, they must have nothing to do unless one
    of them takes away what another one made.
    """
    plays = [
        _play("In check mode", tasks, check_mode=True),
        _play("Each twice", [step for number, task in enumerate(tasks) for step in _twice(task, f"docrun_{number}")]),
    ]
    takes_away = any(_options(task).get("state") in ("absent", "stopped") or "clear" in _options(task) for task in tasks)
    again = [step for number, task in enumerate(tasks) for step in (_quiet(task, f"docrun_{number}") if not takes_away else [task])]
    return [*plays, _play("All once more", again)]


def takedown(tasks: Tasks) -> list[dict[str, t.Any]]:
    """The play that takes down what the tasks made: the same, absent, the last one first."""
    gone = [_absent(task) for task in reversed(tasks) if _makes(task)]
    return [_play("Take it down", gone)] if gone else []


def _play(name: str, tasks: Tasks, **more: t.Any) -> dict[str, t.Any]:
    return {"name": name, "hosts": "all", "gather_facts": False, **more, "tasks": tasks}


def _action(task: Task) -> str | None:
    return next((key for key in task if key.startswith(OURS)), None)


def _options(task: Task) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", task.get(_action(task) or "") or {})


def _makes(task: Task) -> bool:
    action = _action(task)
    return action is not None and action not in READ_ONLY and _options(task).get("state") != "absent"


def _twice(task: Task, register: str) -> Tasks:
    return [task, *_quiet({**task, "name": f"Again: {task.get('name')}"}, register)] if _action(task) else [task]


def _quiet(task: Task, register: str) -> Tasks:
    """The task, and that it had nothing to do."""
    if not _action(task):
        return [task]
    result = task.get("register", register)
    claim = {
        "that": [f"{result} is not changed"],
        "quiet": True,
        "fail_msg": f"A second run of '{task.get('name')}' changed something: {{{{ {result}.steps | default({result}) }}}}",
    }
    return [{**task, "register": result}, {"name": f"{task.get('name')}: nothing to do", "ansible.builtin.assert": claim}]


def _absent(task: Task) -> Task:
    action = _action(task)
    assert action is not None
    options = {key: value for key, value in _options(task).items() if key != "clear"}
    kept = {key: value for key, value in task.items() if key in ("loop", "vars")}
    return {"name": f"Gone: {task.get('name')}", action: {**options, "state": "absent"}, **kept}
