# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A topology: entries of all kinds, read as their modules read them, checked against each other, and performed as one
unit.
"""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.netloom.linux.plugins.module_utils._engine import (
    _argspec,
    _changes,
    _entry,
    _manifest,
    _options,
    _order,
    _persist,
    _quarrels,
    _records,
)
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _rt_tables
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _registry
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _plan

# Entries take their kinds' options, which the validator checks; here they are only dictionaries.
LISTS: dict[str, dict[str, t.Any]] = {name: {"type": "list", "elements": "dict"} for name in _order.KIND_NAMES}


class EntryReader:
    """Reads entries as their modules read their options. One validator serves all entries of a kind."""

    def __init__(self) -> None:
        self._specs: dict[str, _plan.Params] = {}
        self._validators: dict[str, ArgumentSpecValidator] = {}

    def read(self, kind_name: str, params: t.Any, path: str, state: str | None = None) -> _entry.Entry:
        """Read one entry as a user typed it. ``state`` overrides its own state."""
        kind, spec = _registry.KINDS[kind_name], self._spec(kind_name)
        _options.judge(spec, params, kind_name, path)
        _options.refuse_rules(
            kind.rules, {"state": kind.states[0], **params, **({"state": state} if state else {})}, path
        )
        return self.remembered(kind_name, params, path, state)

    def remembered(self, kind_name: str, params: _plan.Params, path: str, state: str | None = None) -> _entry.Entry:
        """Read one entry that a run, perhaps of an older release, recorded."""
        kind, spec = _registry.KINDS[kind_name], self._spec(kind_name)
        # Null means 'left out', which Ansible does not grant to options with choices.
        params = _rt_tables.numbered(params)
        given = {
            name: value
            for name, value in {**params, **({"state": state} if state else {})}.items()
            if value is not None
        }
        result = self._validators[kind_name].validate(given)
        if result.error_messages:
            raise _errors.BadInput(f"{path.rstrip('.')}: {result.error_messages[0]}")
        _argspec.refuse_null(kind.options, result.validated_parameters, path)
        return _entry.Entry(
            kind,
            kind.normalise(result.validated_parameters, path),
            {_options.own_name(spec, name): value for name, value in params.items()},
        )

    def _spec(self, kind_name: str) -> _plan.Params:
        if kind_name not in self._specs:
            kind = _registry.KINDS[kind_name]
            self._specs[kind_name] = _argspec.argument_spec(kind)
            self._validators[kind_name] = ArgumentSpecValidator(self._specs[kind_name], **kind.rules)
        return self._specs[kind_name]

    def read_all(self, params: _plan.Params, state: str | None = None) -> list[_entry.Entry]:
        """All entries of a topology, in the order of the kinds."""
        return [
            self.read(name, entry, f"{name}[{index}].", state)
            for name in _order.KIND_NAMES
            for index, entry in enumerate(params.get(name) or ())
        ]


def libraries_of(params: t.Mapping[str, t.Any]) -> set[str]:
    """The libraries that the declared kinds need."""
    return {library for name in _order.KIND_NAMES if params.get(name) for library in _registry.KINDS[name].libraries}


def manifest_of(params: _plan.Params) -> _manifest.Manifest:
    """The entries in the options of the module, with the records of earlier runs of the topology. Raises BadInput."""
    reader = EntryReader()
    absent = params["state"] == "absent"
    entries = reader.read_all(params, "absent" if absent else None)
    _quarrels.refuse_duplicates(entries)
    if not absent:
        _quarrels.refuse_quarrels(entries)
    wanted = params.get("persist")
    persist = _persist.Persist(params["name"], params, False if absent and wanted is not None else wanted)
    persist.check(entries)
    return _manifest.Manifest(
        params["name"], entries, reader.remembered, persist, absent=absent, purge=params.get("purge", True)
    )


def result_of(
    manifest: _manifest.Manifest, outcome: _entry.Outcome, shown: t.Callable[[_entry.Entry, t.Any], _plan.Params]
) -> _plan.Params:
    """Every object as it is, and the diff of those that change, as lists in the shape of the options."""
    now: _plan.Params = {}
    before: _plan.Params = {}
    after: _plan.Params = {}
    changes = _changes.Changes(outcome)
    adopted = {entry.key for entry in manifest.found}
    for entry in manifest.every if manifest.absent else manifest.entries:
        now.setdefault(entry.kind.name, []).append(shown(entry, entry.kind.view(entry.spec, outcome.now)))
    for entry in manifest.every:
        kind = entry.kind
        old, new = (shown(entry, kind.view(entry.spec, snapshot)) for snapshot in (outcome.before, outcome.planned))
        changes.add(entry, old, new, adopted=entry.key in adopted)
        if old != new:
            before.setdefault(kind.name, []).append(old)
            after.setdefault(kind.name, []).append(new)
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
        "topology": {"name": manifest.name, "state": "absent" if manifest.absent else "present", **now},
        "diff": {
            "before": before,
            "after": after,
            **({"prepared": _plan_in_words(manifest, outcome)} if outcome.steps else {}),
        },
    }


def _plan_in_words(manifest: _manifest.Manifest, outcome: _entry.Outcome) -> str:
    """The plan as text: what each step disturbs, and which objects existed already. Ansible shows it below the diff."""
    lines = [f"plan of topology '{manifest.name}', and what each step disturbs:"]
    lines += _changes.steps_in_words(outcome)
    lines += [f"  adopted, as it was there before: {_records.words_of(entry)}" for entry in manifest.found]
    return "\n".join(lines) + "\n"
