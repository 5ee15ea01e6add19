# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option persist of a topology: what has to be saved for the next boot, and what has changed since it was saved."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import _boot_unit, _entry, _order, _records
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _boot,
    _boot_ops,
    _errors,
    _ops,
    _paths,
    _plan,
    _scope,
    _snapshot,
)

KEPT = ("name", *_order.KIND_NAMES, "purge", "wait")


class Persist:
    """The saved parts of one topology. ``wanted`` None: leave the saved parts alone (the run at boot)."""

    def __init__(self, name: str, params: _plan.Params, wanted: bool | None) -> None:
        self.name, self.wanted = name, wanted
        self._params = {key: params[key] for key in KEPT if params.get(key) is not None}

    def scope(self, scope: _scope.Scope) -> None:
        """Add to the scope what is saved, and what would be saved."""
        if self.wanted is not None:
            scope.boots.add(self.name)
        if self.wanted:
            scope.questions |= {_scope.EngineHere(), _scope.PythonReplaceable()}

    def extend(self, planner: _plan.Planner, entries: t.Sequence[_entry.Entry]) -> None:
        """Save the topology at the end of the run. Forget it first of all, so that a host that stops half-way does not
        restore it.
        """
        found = planner.now.boots.get(self.name)
        if self.wanted is False and found is not None:
            planner.do(_boot_ops.BootForget(self.name))
            planner.steps.insert(0, planner.steps.pop())
        if self.wanted:
            engine, python = planner.now.answers[_scope.EngineHere()]
            how = planner.now.answers.get(_scope.PythonReplaceable())
            if how is not None:
                raise _errors.BadInput(
                    f"persist: the unit would run {python} as root at each boot, and {how}. Give"
                    " ansible_python_interpreter a Python that belongs to root alone, such as /usr/bin/python3, or set"
                    " persist to false."
                )
            boot = _boot.Boot(
                json.dumps(self._params, indent=1, sort_keys=True) + "\n",
                _boot_unit.text(self.name, entries, float(self._params.get("wait") or 0), python),
                engine,
            )
            if found != boot:
                planner.do(_boot_ops.BootSave(self.name, boot, _why(found, boot)))

    def finish(
        self, records: _records.Records, entries: t.Sequence[_entry.Entry], now: _snapshot.Snapshot
    ) -> t.Sequence[_ops.Op]:
        """Save what a boot has to restore although nobody declared it.

        The rows of OVSDB outlive a boot, and a later run must know that they are ours. The MAC addresses that the
        kernel chose do not outlive it, and leases are given to MAC addresses.
        """
        if self.name not in now.boots:
            return ()
        lasting = {key: record for key, record in records.items() if "uuid" in record.mark}
        macs = {
            entry.key: [
                link.mac if (link := now.link(*place)) else None for place in entry.kind.chosen_macs(entry.spec)
            ]
            for entry in entries
            if not entry.absent
        }
        texts = {
            _paths.RECORDS: _records.text_of(lasting),
            _paths.MACS: json.dumps({key: found for key, found in macs.items() if any(found)}) + "\n",
        }
        return [_ops.record(_paths.boot_file(self.name, file), text) for file, text in texts.items()]


def _why(found: _boot.Boot | None, boot: _boot.Boot) -> str:
    """What differs from the saved state, in words."""
    if found is None:
        return ""
    differ = {
        "the declaration changed": found.declaration != boot.declaration,
        "the code of the collection changed": found.engine != boot.engine,
        "the unit changed": found.unit != boot.unit,
        "the unit was disabled": not found.enabled,
        "the last move of its uplink was not confirmed": found.unconfirmed,
    }
    return ", ".join(words for words, holds in differ.items() if holds)
