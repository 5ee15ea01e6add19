# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a transaction whose answer was lost is in the database. Only rows that it inserts would be there twice if it
were sent again; everything else may be written once more.
"""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _northbound, _northbound_ops

Written = dict[_northbound.Place, dict[str, t.Any]]  # the rows of a transaction, and what it leaves in them


def inserted(
    ops: t.Sequence[_northbound_ops.RowOp], now: _northbound.Northbound, before: t.Collection[str]
) -> dict[str, str] | None:
    """The UUIDs of the inserted rows by the ids that the plan gave them; None if not all of them are there. ``before``:
    the UUIDs of all rows that were there before.
    """
    written = _written(ops)
    if not written:
        return None  # sent again, it does what it did
    new: dict[tuple[str, t.Any], list[str]] = collections.defaultdict(list)
    for table in sorted({place.table for place in written}):
        for one, row in now.rows(table).items():
            if one not in before:
                new[(table, row.get("name"))].append(one)
    found: dict[str, str] = {}
    for place, values in written.items():
        columns = now.schema[place.table]
        plain = {name: value for name, value in values.items() if not columns[name].refers}
        alike = new[(place.table, {"name": columns["name"].empty, **values}["name"] if "name" in columns else None)]
        key: str | None = next((one for one in alike if _has(now.rows(place.table)[one], plain)), None)
        if key is None:
            return None
        alike.remove(key)
        found[place.id] = key
    return found


def _has(row: _northbound.Row, values: _northbound.Row) -> bool:
    return all(row[name] == value for name, value in values.items())


def _written(ops: t.Sequence[_northbound_ops.RowOp]) -> Written:
    """The rows that the ops insert and leave, with the values that they have in the end."""
    found: Written = {}
    for op in ops:
        if isinstance(op, _northbound_ops.RowInsert):
            found[op.place] = dict(op.values)
        elif isinstance(op, _northbound_ops.RowsRestore):
            found.update({place: dict(values) for place, values in op.rows})
        elif isinstance(op, _northbound_ops.RowChange) and op.place in found:
            found[op.place].update(op.values)
        elif isinstance(op, _northbound_ops.RowDelete):
            found.pop(op.place, None)
    return found
