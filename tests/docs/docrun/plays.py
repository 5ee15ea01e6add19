# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From tasks as documented to plays that try them, and one that takes down what they made."""

from __future__ import annotations

import typing as t

from docrun.pages import Tasks

OURS = "netloom.linux."
MAKES_NOTHING = {
    f"{OURS}{name}" for name in ("fault", "netns_capture", "netns_info", "ovn_info", "reachability", "underlay_info")
}  # look, or break
ONE_OF_A_KIND = (f"{OURS}ovn_global",)  # it needs no name
Task = dict[str, t.Any]


def rehearsal(tasks: Tasks, twice: bool) -> list[dict[str, t.Any]]:
    """Plays that try the tasks: for real, and ``twice``: once more, which must have nothing to do. (What check mode
    foretells, the modules' own tests show.)

    Where one task takes away or changes what another one made, each is run once more at once, and else all together.
    """
    if not twice:
        return [_play("For real", tasks)]
    objects = [(_action(task), _options(task).get("name", "")) for task in tasks if _makes(task)]
    one_twice = any(objects.count(one) > 1 for one in objects if one[1] or one[0] in ONE_OF_A_KIND)
    if one_twice or any(_takes_away(_options(task)) for task in tasks):
        return [_play("Each twice", [step for task in tasks for step in (task, *_again(task))])]
    return [_play("For real", tasks), _play("Once more", [step for task in tasks for step in _again(task)])]


def takedown(tasks: Tasks) -> list[dict[str, t.Any]]:
    """The play that takes down what the tasks made: the same, absent, the last one first."""
    gone = [_absent(task) for task in reversed(tasks) if _makes(task)]
    return [_play("Take it down", gone)] if gone else []


def refusals(wanted: list[tuple[Task, str]]) -> list[dict[str, t.Any]]:
    """The play in which every task fails, and with the sentence that is given with it."""
    differs = "docrun_refused is not failed or docrun_refused.msg != docrun_sentence"
    refused = [
        {
            **task,
            "name": sentence,
            "vars": {"docrun_sentence": sentence},
            "register": "docrun_refused",
            "failed_when": differs,
        }
        for task, sentence in wanted
    ]
    return [_play("Refused, with these sentences", refused)]


def _play(name: str, tasks: Tasks) -> dict[str, t.Any]:
    return {"name": name, "hosts": "all", "gather_facts": False, "tasks": tasks}


def _action(task: Task) -> str | None:
    return next((key for key in task if key.startswith(OURS)), None)


def _options(task: Task) -> dict[str, t.Any]:
    options = task.get(_action(task) or "")
    return options if isinstance(options, dict) else {}


def _takes_away(options: dict[str, t.Any]) -> bool:
    gone = options.get("state") in ("absent", "stopped") or "clear" in options
    inner = [value for value in options.values() if isinstance(value, dict)]
    return gone or "" in options.values() or [] in options.values() or any(map(_takes_away, inner))


def _makes(task: Task) -> bool:
    action = _action(task)
    return action is not None and action not in MAKES_NOTHING and _options(task).get("state") != "absent"


def _again(task: Task) -> Tasks:
    """The task as one that fails if it changes something; nothing if it is not ours, or makes nothing."""
    if _action(task) is None or _action(task) in MAKES_NOTHING:
        return []
    result = task.get("register", "docrun_again")
    name = f"Again, with nothing to do: {task.get('name', _action(task))}"
    return [{**task, "name": name, "register": result, "failed_when": f"{result} is failed or {result} is changed"}]


def _absent(task: Task) -> Task:
    action = _action(task)
    assert action is not None
    options = {key: value for key, value in _options(task).items() if key != "clear"}
    kept = {key: value for key, value in task.items() if key in ("loop", "vars")}
    return {"name": f"Gone: {task.get('name', action)}", action: {**options, "state": "absent"}, **kept}
