# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records after an undo. Recreated objects have new numbers, and others may have taken the names of ours."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import _entry, _records
from ansible_collections.netloom.linux.plugins.module_utils._model import _identity, _ops, _snapshot, _ties


def records_after(
    entries: t.Sequence[_entry.Entry],
    before: _records.Records,
    planned: _records.Records,
    now: _snapshot.Snapshot,
    book: _identity.Book,
    *,
    uncertain: t.Sequence[_ops.Op],
) -> tuple[_records.Records, list[_entry.Entry]]:
    """The records, and the entries whose names others have now.

    ``before``: the records before the run, which are changed. ``planned``: those that the run was to leave.
    ``uncertain``: ops that the host may do after all.
    """
    records, others = before, []
    coming = {(op.target, op.row) for op in _rows(uncertain)}
    for entry in entries:
        key = entry.key
        is_there = entry.kind.view(entry.spec, now) is not None
        ours = is_there and _means(entry, now, book)
        if not is_there and (getattr(entry.spec, "target", None), getattr(entry.spec, "name", None)) in coming:
            known = records.get(key) or planned.get(key)
            if known is not None and known.made:
                records[key] = dataclasses.replace(known, mark={})  # the row is not known yet
        elif key in records and is_there:
            mark = _records.mark_of(entry, now)
            if ours or _records.is_same(mark, records[key].mark):
                records[key].mark = mark
            elif records[key].mark:
                del records[key]
                others.append(entry)
        elif key in planned and planned[key].made and ours:
            records[key] = dataclasses.replace(planned[key], mark=_records.mark_of(entry, now))
    return records, others


def _rows(uncertain: t.Sequence[_ops.Op]) -> list[t.Any]:
    """The ops that make or change rows of OVSDB."""
    return [op for op in uncertain if op.performer == _ops.OVSDB and (hasattr(op, "bridge") or hasattr(op, "port"))]


def _means(entry: _entry.Entry, now: _snapshot.Snapshot, book: _identity.Book) -> bool:
    """Whether the entry is the exact object that the run meant: all its links and namespaces are."""
    uuid = _records.mark_of(entry, now).get("uuid")
    if uuid is not None:
        return not book.is_other_row(str(getattr(entry.spec, "name", "")), uuid)
    claims = entry.kind.claims(entry.spec)
    spaces = {*entry.kind.spaces(entry.spec), *_ties.spaces_in(claims)}
    links = _ties.links_in(claims, in_place=True)
    return not any(book.is_other(now, place) for place in links) and all(book.is_space(now, ns) for ns in spaces)
