# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outcome of a fault that was caused on purpose."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _daemon_ops, _snapshot

Result = c.Mapping[str, t.Any]


def report(
    fault: str,
    *,
    before: Result,
    broken: Result,
    foretold: Result,
    done: Result,
    again: Result,
    healed: Result,
    unreached: c.Sequence[str] = (),
    harmless: bool = False,
) -> dict[str, t.Any]:
    """One row: whether check mode reported it, a run repaired it, a second run found nothing, and healthy objects
    stayed as they were.

    ``before``, ``broken`` and ``healed`` are results of netns_info, ``foretold``, ``done`` and ``again`` of topology.
    ``harmless``: it is no complaint that there was nothing to heal.
    """
    steps = list(foretold.get("steps", ()))
    by_itself = not steps and not foretold.get("failed", False) and _marks(before) != _marks(broken)
    complaints = [
        f"{what}: {result['msg']}"
        for what, result in (("check mode", foretold), ("the run", done), ("the second run", again))
        if result.get("failed")
    ]
    if not (steps or by_itself or complaints or harmless):
        complaints.append("check mode names nothing, and nothing has healed by itself")
    if not complaints and _without(_mended_meanwhile(steps, done, healed), steps) != list(done.get("steps", ())):
        complaints.append("the run did something else than check mode foretold")
    if again.get("changed"):
        complaints.append(f"the second run still had to {again['steps'][0]}")
    complaints += [f"{what} was healthy, and was not left alone" for what in touched(before, broken, healed)]
    complaints += [f"afterwards {sentence}" for sentence in unreached]
    return {
        "fault": fault,
        "named": _named(steps) or ("healed by itself" if by_itself else "nothing"),
        "healed": not complaints,
        "complaints": [f"{fault}: {sentence}" for sentence in complaints],
    }


def _named(steps: c.Sequence[str]) -> str:
    """The first step, and how many more there are."""
    return " ".join(steps[:1]) + (f", and {len(steps) - 1} more" if len(steps) > 1 else "")


def _mended_meanwhile(steps: c.Sequence[str], done: Result, healed: Result) -> set[str]:
    """The steps that the run no longer had to do: systemd restarts a daemon within a second, before check mode, after
    it or during it.
    """
    supervised = [
        _daemon_ops.called(_snapshot.Daemon(one["kind"], one["name"], one["netns"]))
        for one in healed["daemons"]
        if one["unit"]
    ]
    missing = set(steps) - set(done.get("steps", ()))
    return {step for step in missing if any(f" {name} " in f"{step} " for name in supervised)}


def _without(some: c.Set[str], steps: c.Iterable[str]) -> list[str]:
    return [step for step in steps if step not in some]


def touched(before: Result, broken: Result, healed: Result) -> list[str]:
    """The objects that the fault left unchanged and the repair changed. In a namespace that the fault touched nothing
    counts as healthy.
    """
    then, meanwhile, now = (_marks(result) for result in (before, broken, healed))
    changed = {place for place, mark in then.items() if meanwhile.get(place) != mark}
    spoiled = {place[0] for place in changed if place[0] is not None}
    healthy = {place: mark for place, mark in then.items() if place not in changed and place[0] not in spoiled}
    return [f"{what}{f' in {ns}' if ns else ''}" for (ns, what), mark in healthy.items() if now.get((ns, what)) != mark]


def _marks(result: Result) -> dict[tuple[str | None, str], t.Any]:
    """The values that distinguish each object from a recreated one."""
    spaces = {(name, "the namespace"): facts["inode"] for name, facts in result["namespaces"].items()}
    links = {
        (one["netns"], one["name"]): {key: value for key, value in one.items() if key != "netns"}
        for one in result["links"]
    }
    daemons = {(one["netns"], f"{one['kind']} {one['name']}"): (one["pid"], one["edited"]) for one in result["daemons"]}
    return {**spaces, **links, **daemons}
