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
  by        a command line that changes the host before
  comes     with look of judges: exactly the lines that are new, and goes: those that are gone
  thorough  a last look in check mode too. (The plan is made before the two modes part: each target does that for one
  behaviour.)
or
  refusals  a list of args, which replace wish, and says (part of the sentence), and maybe planned: true for what check
            mode plans with a warning, because an earlier task may make it. Each is refused in check mode and in a run,
            and look of judges prints what it printed before.
Returns what the module returned when it did it; with judges, lines as they are now.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import typing as t

from ansible.module_utils import basic
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netloom.linux.plugins.module_utils._engine import _module, _ovn_module, _ovn_topology
from ansible_collections.netloom.linux.plugins.module_utils._engine._module import run_kind
from ansible_collections.netloom.linux.plugins.module_utils._engine._topology_module import run_topology
from ansible_collections.netloom.linux.plugins.module_utils._host.lasting import _confirmation
from ansible_collections.netloom.linux.plugins.module_utils._kinds._registry import KINDS

Result = dict[str, t.Any]
# The modules that are of no single kind.
MAINS = {
    "topology": run_topology,
    "ovn_topology": _ovn_topology.run_ovn_topology,
    "ovn_info": _ovn_topology.run_ovn_info,
}


class _Ended(Exception):
    """How a module ended."""

    def __init__(self, result: Result) -> None:
        super().__init__()
        self.result = result


class _ByHandError(Exception):
    """A command line of the test has failed."""


class Ours(AnsibleModule):
    """What a module of ours gets for AnsibleModule: its end is told, not printed."""

    warnings: t.ClassVar[list[str]] = []

    def warn(self, warning: str, **_more: t.Any) -> None:
        self.warnings.append(warning)

    def exit_json(self, **result: t.Any) -> t.NoReturn:
        raise _Ended({**result, **({"warnings": list(self.warnings)} if self.warnings else {})})

    def fail_json(self, msg: str, **result: t.Any) -> t.NoReturn:
        raise _Ended({**result, "msg": msg, "failed": True})


def refuse(error: Exception) -> t.NoReturn:
    """How a module ends that does not even read its options."""
    raise _Ended({"msg": str(error), "failed": True})


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
        start(tested)
    except _Ended as end:
        for move in end.result.pop("unconfirmed", ()):
            _confirmation.confirm(move["token"], move["seconds"])
        return end.result
    raise AssertionError("a module of ours ends by exit_json or fail_json")


def start(tested: str) -> None:
    """The module's main()."""
    if tested in MAINS:
        MAINS[tested]()
    elif KINDS[tested].connection:
        _ovn_module.run_ovn_kind(KINDS[tested])
    else:
        run_kind(KINDS[tested])


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


def behave(tested: str, wish: Result, wanted: Result, judges: Result) -> tuple[Result, list[str]]:
    """It is foretold, done, and stays."""
    by_hand(wanted.get("by") or "true")
    before = looked(judges)
    done, found = foretold_and_done(tested, wish, wanted)
    now = looked(judges)
    for word, lines in (("comes", sorted({*now} - {*before})), ("goes", sorted({*before} - {*now}))):
        if (judges.get("look") or wanted.get(word)) and sorted(wanted.get(word) or []) != lines:
            found.append(f"what {word} is {json.dumps(lines, indent=1)}, not what is wanted")
    found += left_to_do(run(tested, wish))
    if wanted["thorough"]:
        found += left_to_do(run(tested, wish, check=True))
    return {**done, **judges, "lines": now}, found


def refused(tested: str, refusals: list[Result], judges: Result) -> tuple[Result, list[str]]:
    """Each is refused with a sentence, in both modes, before anything is written."""
    before, found = looked(judges), []
    for one in refusals:
        for check in (True, False):
            done = run(tested, one["args"], check)
            failed = not (check and one.get("planned"))
            told = done["msg"] if done.get("failed") else " ".join(done.get("warnings", ()))
            if bool(done.get("failed")) != failed or one["says"] not in told or "Traceback" in told:
                mode = "check mode" if check else "a run"
                found.append(f"{one['args']} in {mode}: expected {one['says']!r}, it says {told!r}")
        changed = {*looked(judges)} ^ {*before}
        found += [f"{one['args']}: is refused, and has changed {sorted(changed)}"] if changed else []
    return judges, found


def drift(tested: str, wish: Result, drifts: list[Result], judges: Result) -> tuple[Result, list[str]]:
    """Each thing that somebody changes is named and mended."""
    done: Result = {}
    found: list[str] = []
    judges = judges if "lines" in judges else {**judges, "lines": looked(judges)}
    for one in drifts:
        try:
            by_hand(one["by"])
        except _ByHandError as error:  # what surprised before may be the reason
            return done, [*found, str(error)]
        done, surprising = foretold_and_done(tested, wish, one)
        if not surprising and done["diff"]["before"] == done["diff"]["after"] and not done["diff"].get("prepared"):
            surprising.append("its diff shows nothing")
        if one.get("renews"):
            surprising += left_to_do(run(tested, wish))
        found += [f"{one['by']}: {surprise}" for surprise in [*surprising, *judged(one, judges)]]
    return {**done, **judges}, found + left_to_do(run(tested, wish))


def by_hand(command: str) -> None:
    """What somebody else does. It may leave programs running, which keep what they write to."""
    with tempfile.TemporaryFile("w+") as told:
        done = subprocess.run(
            ["/bin/sh", "-ec", command], check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=told
        )
        told.seek(0)
        if done.returncode:
            raise _ByHandError(f"{command}: {told.read().strip()}")


def looked(judges: Result) -> list[str]:
    """What the usual tools say, as lines."""
    if not judges.get("look"):
        return []
    command = ["/usr/bin/python3", "-c", judges["look"]]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()


def judged(one: Result, judges: Result) -> list[str]:
    """What the usual tools say that is not as it should be, after a drift was mended."""
    found = []
    if judges.get("look"):
        lines = looked(judges)
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
            "wish": {"type": "dict"},
            "drifts": {"type": "list", "elements": "dict"},
            "refusals": {"type": "list", "elements": "dict"},
            "judges": {"type": "dict", "default": {}},
            "steps": {"type": "list", "elements": "str"},
            "does": {"type": "list", "elements": "str"},
            "only": {"type": "list", "elements": "str"},
            "by": {"type": "str"},
            "comes": {"type": "list", "elements": "str"},
            "goes": {"type": "list", "elements": "str"},
            "thorough": {"type": "bool", "default": False},
        },
        required_one_of=[("wish", "refusals")],
    )
    _module.AnsibleModule, _module._refuse = Ours, refuse
    tested, wish, drifts, refusals, judges = (
        module.params[key] for key in ("tested", "wish", "drifts", "refusals", "judges")
    )
    if refusals is not None:
        done, found = refused(tested, refusals, judges)
    elif drifts is not None:
        done, found = drift(tested, wish, drifts, judges)
    else:
        done, found = behave(tested, wish, module.params, judges)
    if found:
        module.fail_json(msg="; ".join(found), run=done)
    module.exit_json(**done)


if __name__ == "__main__":
    main()
