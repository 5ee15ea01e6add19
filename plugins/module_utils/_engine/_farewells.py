# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The farewell to objects that are not declared any more: those that a run made are deleted, adopted ones get their
attributes back.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import _adoption, _entry, _records
from ansible_collections.netloom.linux.plugins.module_utils._model import _plan, _snapshot


def of(
    leaving: t.Sequence[_entry.Entry],
    records: t.Mapping[str, _records.Record],
    snapshot: _snapshot.Snapshot,
    read: t.Callable[..., _entry.Entry],
) -> tuple[list[_entry.Entry], list[str]]:
    """The entries of these farewells, and in words the objects that are left alone because no run made them."""
    made = {key for key, record in records.items() if record.made}
    going = {claim for entry in leaving if entry.key in made for claim in entry.kind.claims(entry.spec)}
    found, left = [], []
    for entry in leaving:
        record, view = records.get(entry.key), entry.kind.view(entry.spec, snapshot)
        if record and record.made:
            found.append(entry)
        elif view is None:
            continue
        elif record is None:
            left.append(_records.words_of(entry))
        elif record.lost or record.before:
            whole = (_again if record.lost else _restored)(entry, record, view, read)
            spec = entry.kind.apart(whole.spec, going)
            found += [] if spec is None else [dataclasses.replace(whole, spec=spec)]
    return found, left


def _again(
    entry: _entry.Entry, record: _records.Record, view: _plan.Params, read: t.Callable[..., _entry.Entry]
) -> _entry.Entry:
    """The object with what the kernel took from it while it was as declared."""
    declared = read(record.kind, record.params, "", "present")
    spec = entry.kind.again(declared.spec, record.lost, lambda: _restored(entry, record, view, read).spec)
    return dataclasses.replace(declared, spec=spec)


def _restored(
    entry: _entry.Entry, record: _records.Record, view: _plan.Params, read: t.Callable[..., _entry.Entry]
) -> _entry.Entry:
    """The present object with its changed attributes restored. Undeclared options stay out, unless their default would
    change something.
    """
    options = entry.kind.options.items()
    acting = {name for name, option in options if option.get("required") or option.get("default") is not None}
    kept = acting | set(_adoption.spoken_of(entry.kind, record.params))
    present = {key: value for key, value in view.items() if value is not None and key in kept}
    params = {
        name: value
        for name, value in {**present, **record.before}.items()
        if record.before.get(name, value) is not None
    }
    cleared = [name for name, value in record.before.items() if value is None and name not in entry.kind.together]
    return read(record.kind, {**params, **({"clear": cleared} if cleared else {})}, "", "present")
