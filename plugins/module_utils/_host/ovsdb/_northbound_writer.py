# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the ops of a plan into one transaction on OVN's northbound database."""

from __future__ import annotations

import collections
import contextlib
import typing as t
import uuid

from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import (
    _northbound_rows,
    _ovsdb_rows,
    _ovsdb_session,
)
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _northbound,
    _northbound_ops,
    _ops,
)


class Writing:
    """Fills one transaction. Rows that it inserts are found by the ids that the plan gave them."""

    def __init__(
        self, session: _ovsdb_session.Session, txn: t.Any, new: dict[str, t.Any], ids: t.Mapping[str, uuid.UUID]
    ) -> None:
        self._session, self._txn, self._new, self._ids = session, txn, new, ids
        self._schema = _northbound_rows.schema_of(session)
        self._keeping: dict[uuid.UUID, list[tuple[t.Any, str]]] | None = None  # who names which row
        self._deleted: set[uuid.UUID] = set()

    def write(self, op: _northbound_ops.RowOp) -> None:
        """Write one op."""
        _ops.performed_by(PERFORM, op)(self, op)

    def insert(self, op: _northbound_ops.RowInsert) -> None:
        """Insert a row."""
        row = self._insert(op.place, op.values)
        if op.parent is not None:
            self._name(op.parent[0], op.parent[1], row)

    def _insert(self, place: _northbound.Place, values: _northbound.Row) -> t.Any:
        row = self._new[place.id] = self._session.insert(self._txn, place.table)
        for name, value in values.items():
            if not self._schema[place.table][name].refers:
                setattr(row, name, _ovsdb_rows.as_column(value))
        for name, value in values.items():
            if self._schema[place.table][name].refers and value:
                setattr(row, name, self._rows(place.table, name, value))
        return row

    def _rows(self, table: str, column: str, value: t.Any) -> list[t.Any]:
        refers = self._schema[table][column].refers or ""
        return [self._row(_northbound.Place(refers, key)) for key in ((value,) if isinstance(value, str) else value)]

    def _row(self, place: _northbound.Place) -> t.Any:
        if place.id in self._new:
            return self._new[place.id]
        key = self._ids.get(place.id) or uuid.UUID(place.id)
        row = self._session.row(place.table, key)
        if row is None:
            raise _errors.Conflict(
                f"A row of table {place.table} is gone from the northbound database: another program deleted it while"
                " this run was at work. Run again when nobody else changes it."
            )
        return row

    def _name(self, parent: _northbound.Place, column: str, child: t.Any) -> None:
        if self._schema[parent.table][column].form == _northbound.OPTIONAL:
            setattr(self._row(parent), column, [child])
        else:
            self._row(parent).addvalue(column, child)

    def change(self, op: _northbound_ops.RowChange) -> None:
        """Write the difference."""
        row = self._row(op.place)
        for name, value in op.values.items():
            self._change(row, op.place.table, name, op.was.get(name), value)

    def _change(self, row: t.Any, table: str, name: str, was: t.Any, value: t.Any) -> None:
        column = self._schema[table][name]
        if column.form == _northbound.MAP:
            for key in sorted(set(was or ()) - set(value)):
                row.delkey(name, key)
            for key in sorted(value):
                if (was or {}).get(key) != value[key]:
                    row.setkey(name, key, value[key])
        elif column.form == _northbound.SET and not (column.needed and set(was or ()).isdisjoint(value)):
            # The server deletes before it adds, and refuses a set that may not be empty if it is so in between.
            gone, come = (sorted(set(one) - set(other)) for one, other in ((was or (), value), (value, was or ())))
            as_rows = (lambda keys: self._rows(table, name, keys)) if column.refers else list
            for one in as_rows(gone):
                row.delvalue(name, one)
            for one in as_rows(come):
                row.addvalue(name, one)
        elif column.refers:
            setattr(row, name, self._rows(table, name, value) if value else [])
        else:
            setattr(row, name, _ovsdb_rows.as_column(value))

    def delete(self, op: _northbound_ops.RowDelete) -> None:
        """Delete the row. One that lives only as long as it is named goes when nobody names it any more."""
        key = self._ids.get(op.place.id) or uuid.UUID(op.place.id)
        row = self._session.row(op.place.table, key)
        if row is None:
            return  # it is gone, as it should be
        for parent, name in self._keepers(row):
            if parent.uuid not in self._deleted and row in getattr(parent, name):
                parent.delvalue(name, row)
        self._deleted.add(row.uuid)
        row.delete()

    def _keepers(self, row: t.Any) -> list[tuple[t.Any, str]]:
        """The rows and their columns that name a row. They are indexed once: a transaction may delete thousands. Weak
        references, too: ovsdb-server 3.1 leaves some of them in a row whose strong ones the same transaction changes.
        """
        if self._keeping is None:
            self._keeping = collections.defaultdict(list)
            for table, columns in self._schema.items():
                for name in (name for name, column in columns.items() if column.refers):
                    for parent in self._session.rows(table):
                        for child in getattr(parent, name):
                            self._keeping[child.uuid].append((parent, name))
        return self._keeping.get(row.uuid, [])

    def restore(self, op: _northbound_ops.RowsRestore) -> None:
        """Insert deleted rows again, those first that others name."""
        for place, values in reversed(op.rows):
            self._insert(place, values)
        for parent, column, child in op.naming:
            with contextlib.suppress(_errors.Conflict):  # who named it is gone, too
                self._name(parent, column, self._row(child))


PERFORM: dict[str, t.Callable[[Writing, t.Any], None]] = {
    "RowInsert": Writing.insert,
    "RowChange": Writing.change,
    "RowDelete": Writing.delete,
    "RowsRestore": Writing.restore,
}
