#!/usr/bin/python
# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module of ours several times in one process, and judge what it says. A task for each run would take ten times
as long.

Takes tested (the module's name) and wish (its options), and either
  drifts    a list of by (a command line that changes the host), and where they matter steps and only (the options that
  differ in the
            diff): each is named, in check mode too, and mended; after the last one nothing is left to do
  judges    of drifts, maybe: look (a program that prints the host as lines), lines (those that it is to print after
  each) and prove (a program
            that proves, with proofs, what is to hold, after a drift with prove). After a drift with renews (a random
            MAC, a lease) what is new counts
or, of one behaviour that is foretold in check mode, done, and then stays,
  steps     the exact sentences, or does: the first word of each
  only      the options that may differ in the diff
  thorough  a last look in check mode too. (The plan is made before the two modes part: each target does that for one
  behaviour.)
Returns what the module returned when it did it; with judges, lines as they are now.
"""

from __future__ import annotations

import json
import subprocess
import typing as t

from ansible.module_utils import basic
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netloom.linux.plugins.module_utils._engine import _module
from ansible_collections.netloom.linux.plugins.module_utils._engine._module import run_kind
from ansible_collections.netloom.linux.plugins.module_utils._engine._topology_module import run_topology
from ansible_collections.netloom.linux.plugins.module_utils._host.lasting import _confirmation
from ansible_collections.netloom.linux.plugins.module_utils._kinds._registry import KINDS

Result = dict[str, t.Any]


class _Ended(Exception):
    """How a module ended."""

    def __init__(self, result: Result) -> None:
        super().__init__()
        self.result = result


class Ours(AnsibleModule):
    """What a module of ours gets for AnsibleModule: its end is told, not printed."""

    warnings: t.ClassVar[list[str]] = []

    def warn(self, warning: str, **_more: t.Any) -> None:
        self.warnings.append(warning)

    def exit_json(self, **result: t.Any) -> t.NoReturn:
        raise _Ended({**result, **({"warnings": list(self.warnings)} if self.warnings else {})})

    def fail_json(self, msg: str, **result: t.Any) -> t.NoReturn:
        raise _Ended({**result, "msg": msg, "failed": True})


def run(tested: str, wish: Result, check: bool = False) -> Result:
    """One run of the module's main(). A move of an uplink is confirmed, as its action plugin does it (target uplink
    sees that).
    """
    given = {
        **wish,
        "_ansible_check_mode": check,
        "_ansible_diff": True,
        "_ansible_module_name": f"netloom.linux.{tested}",
    }
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": given}).encode()
    Ours.warnings.clear()
    try:
        run_topology() if tested == "topology" else run_kind(KINDS[tested])
    except _Ended as end:
        for move in end.result.pop("unconfirmed", ()):
            _confirmation.confirm(move["token"], move["seconds"])
        return end.result
    raise AssertionError("a module of ours ends by exit_json or fail_json")


def differing(result: Result) -> list[str]:
    """The options that differ in the diff."""
    before, after = result["diff"]["before"], result["diff"]["after"]
    return sorted(
        key for key in {*before, *after} if before.get(key) != after.get(key) or (key in before) != (key in after)
    )


def surprises(done: Result, wanted: Result) -> list[str]:
    """What is not as it should be of a run that changes something."""
    if done.get("failed"):
        return [f"it failed: {done['msg']}"]
    found = [] if done["changed"] else ["it changed nothing"]
    if wanted.get("steps") is not None and done["steps"] != wanted["steps"]:
        found.append(f"its steps are {done['steps']}, not {wanted['steps']}")
    if wanted.get("does") is not None and [step.split()[0] for step in done["steps"]] != wanted["does"]:
        found.append(f"its steps are {done['steps']}, not {wanted['does']}")
    if wanted.get("only") is not None and differing(done) != sorted(wanted["only"]):
        found.append(f"its diff is about {differing(done)}, not {wanted['only']}: {done['diff']}")
    return found


def left_to_do(result: Result) -> list[str]:
    """What is not as it should be of a run that changes nothing."""
    if result.get("failed"):
        return [f"the next run failed: {result['msg']}"]
    return [f"the next run still did: {result['steps']}"] if result["changed"] else []


def foretold_and_done(tested: str, wish: Result, wanted: Result) -> tuple[Result, list[str]]:
    """A run after its check mode, and what surprises."""
    foretold, done = run(tested, wish, check=True), run(tested, wish)
    if foretold.get("failed"):
        return done, [f"check mode failed: {foretold['msg']}"]
    found = surprises(done, wanted)
    if not found:
        found = [
            f"check mode foretold {key} {foretold[key]}, the run says {done[key]}"
            for key in ("changed", "steps", "diff")
            if foretold[key] != done[key]
        ]
    return done, found


def behave(tested: str, wish: Result, wanted: Result) -> tuple[Result, list[str]]:
    """It is foretold, done, and stays."""
    done, found = foretold_and_done(tested, wish, wanted)
    found += left_to_do(run(tested, wish))
    if wanted["thorough"]:
        found += left_to_do(run(tested, wish, check=True))
    return done, found


def drift(tested: str, wish: Result, drifts: list[Result], judges: Result) -> tuple[Result, list[str]]:
    """Each thing that somebody changes is named and mended."""
    done: Result = {}
    found: list[str] = []
    for one in drifts:
        subprocess.run(["/bin/sh", "-ec", one["by"]], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        done, surprising = foretold_and_done(tested, wish, one)
        if not surprising and done["diff"]["before"] == done["diff"]["after"] and not done["diff"].get("prepared"):
            surprising.append("its diff shows nothing")
        if one.get("renews"):
            surprising += left_to_do(run(tested, wish))
        found += [f"{one['by']}: {surprise}" for surprise in [*surprising, *judged(one, judges)]]
    return {**done, **judges}, found + left_to_do(run(tested, wish))


def judged(one: Result, judges: Result) -> list[str]:
    """What the usual tools say that is not as it should be, after a drift was mended."""
    found = []
    if judges.get("look"):
        lines = subprocess.run(
            ["/usr/bin/python3", "-c", judges["look"]], check=True, stdout=subprocess.PIPE, text=True
        ).stdout.splitlines()
        if one.get("renews"):
            judges["lines"] = lines
        elif {*lines} != {*judges["lines"]}:
            found.append(f"these lines are not as before: {sorted({*lines} ^ {*judges['lines']})}")
    if judges.get("prove") and (one.get("prove") or one.get("renews")):
        proven = subprocess.run(
            ["/usr/bin/python3", "-c", judges["prove"]],
            input=json.dumps(judges["proofs"]),
            capture_output=True,
            text=True,
            check=False,
        )
        found += [f"not proven: {proven.stdout}{proven.stderr}"] if proven.returncode else []
    return found


def main() -> None:
    """Run it."""
    module = AnsibleModule(
        {
            "tested": {"type": "str", "required": True},
            "wish": {"type": "dict", "required": True},
            "drifts": {"type": "list", "elements": "dict"},
            "judges": {"type": "dict", "default": {}},
            "steps": {"type": "list", "elements": "str"},
            "does": {"type": "list", "elements": "str"},
            "only": {"type": "list", "elements": "str"},
            "thorough": {"type": "bool", "default": False},
        }
    )
    _module.AnsibleModule = Ours
    tested, wish, drifts = (module.params[key] for key in ("tested", "wish", "drifts"))
    done, found = (
        behave(tested, wish, module.params) if drifts is None else drift(tested, wish, drifts, module.params["judges"])
    )
    if found:
        module.fail_json(msg="; ".join(found), run=done)
    module.exit_json(**done)


if __name__ == "__main__":
    main()
