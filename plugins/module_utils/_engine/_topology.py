# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A topology: entries of all kinds, performed as one unit."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import (
    _changes,
    _entry,
    _manifest,
    _order,
    _persist,
    _reading,
    _records,
)
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _registry
from ansible_collections.netloom.linux.plugins.module_utils._model import _plan

EntryReader = _reading.EntryReader


def libraries_of(params: t.Mapping[str, t.Any]) -> set[str]:
    """The libraries that the declared kinds need."""
    return {library for name in _order.KIND_NAMES if params.get(name) for library in _registry.KINDS[name].libraries}


def manifest_of(params: _plan.Params) -> _manifest.Manifest:
    """The entries in the options of the module, with the records of earlier runs of the topology. Raises BadInput."""
    reader = EntryReader()
    absent = params["state"] == "absent"
    entries = _reading.entries_of(params, reader)
    wanted = params.get("persist")
    persist = _persist.Persist(params["name"], params, False if absent and wanted is not None else wanted)
    return _manifest.Manifest(
        params["name"], entries, reader.remembered, persist, absent=absent, purge=params.get("purge", True)
    )


class Managed(t.Protocol):
    """What a run knows of the objects of its topology: a manifest, or the marks in a northbound database."""

    name: str
    absent: bool
    entries: list[_entry.Entry]
    found: list[_entry.Entry]

    @property
    def every(self) -> list[_entry.Entry]:
        """All objects that the run may change."""

    @property
    def adopted(self) -> list[str]:
        """The objects that existed before the topology, in words."""


def result_of(
    manifest: Managed,
    outcome: _entry.Outcome,
    shown: t.Callable[[_entry.Entry, t.Any], _plan.Params],
    called: str = _reading.TOPOLOGY,
) -> _plan.Params:
    """Every object as it is, and the diff of those that change, as lists in the shape of the options. ``called``: the
    module.
    """
    now: _plan.Params = {}
    before: _plan.Params = {}
    after: _plan.Params = {}
    changes = _changes.Changes(outcome)
    adopted = {entry.key for entry in manifest.found}
    listed = {id(entry) for entry in (manifest.every if manifest.absent else manifest.entries)}
    for entry in manifest.every:
        called_kind, seen = entry.kind.name, _views(entry, outcome, shown)
        if id(entry) in listed:
            now.setdefault(called_kind, []).append(seen[id(outcome.last)])
        old, new = seen[id(outcome.before)], seen[id(outcome.planned)]
        changes.add(entry, old, new, adopted=entry.key in adopted)
        if old != new:
            before.setdefault(called_kind, []).append(old)
            after.setdefault(called_kind, []).append(new)
    changes.rest({"name": manifest.name})
    saved = [manifest.name in snapshot.boots for snapshot in (outcome.before, outcome.planned, outcome.now)]
    if outcome.before.boots != outcome.planned.boots:
        before["persist"], after["persist"] = saved[0], saved[1]
    if saved[2]:
        now["persist"] = True
    return {
        "changed": outcome.changed,
        "steps": outcome.steps,
        "warnings": outcome.warnings,
        "disruptions": outcome.disruptions,
        "plan": changes.told,
        "adopted": [] if manifest.absent else manifest.adopted,
        **({"unusable": outcome.unusable} if outcome.unusable else {}),
        called: {"name": manifest.name, "state": "absent" if manifest.absent else "present", **now},
        "diff": {
            "before": before,
            "after": after,
            **({"prepared": _plan_in_words(manifest, outcome)} if outcome.steps else {}),
        },
    }


def _views(
    entry: _entry.Entry, outcome: _entry.Outcome, shown: t.Callable[[_entry.Entry, t.Any], _plan.Params]
) -> dict[int, _plan.Params]:
    """An object in each snapshot of the outcome, by its id. They are all one where nothing changes."""
    snapshots = {id(one): one for one in (outcome.before, outcome.planned, outcome.last)}
    return {key: shown(entry, entry.kind.view(entry.spec, one)) for key, one in snapshots.items()}


def _plan_in_words(manifest: Managed, outcome: _entry.Outcome) -> str:
    """The plan as text: what each step disturbs, and which objects existed already. Ansible shows it below the diff."""
    lines = [f"plan of topology '{manifest.name}', and what each step disturbs:"]
    lines += _changes.steps_in_words(outcome)
    lines += [f"  adopted, as it was there before: {_records.words_of(entry)}" for entry in manifest.found]
    return "\n".join(lines) + "\n"
