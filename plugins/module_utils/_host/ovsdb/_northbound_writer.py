# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compose one transaction on OVN's northbound database of the ops of a plan (RFC 7047, 5.2)."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _northbound_rows
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _northbound,
    _northbound_ops,
    _ops,
)

Place = _northbound.Place
Operation = dict[str, t.Any]
Parts = dict[str, dict[t.Any, t.Any]]  # by columns: the keys of a map with their values, or the elements of a set


class Change:
    """What changes in a row that is there. Of sets and maps only elements are written, so that others' stay."""

    def __init__(self) -> None:
        self.values: dict[str, t.Any] = {}
        self.gone: Parts = {}
        self.come: Parts = {}

    def part(self, column: str, gone: t.Iterable[t.Any], come: t.Mapping[t.Any, t.Any]) -> None:
        """Take elements out of a column, and put others in."""
        went, came = self.gone.setdefault(column, {}), self.come.setdefault(column, {})
        for one in gone:
            came.pop(one, None)
            went[one] = None
        for one in come:
            went.pop(one, None)
        came.update(come)


class Writing:
    """One transaction on the rows of ``now``. ``ids``: the UUIDs of rows that this run has made, by the ids that the
    plan gave them.
    """

    def __init__(self, now: _northbound.Northbound, ids: dict[str, str]) -> None:
        self._now, self._ids = now, ids
        self._new: dict[str, tuple[str, dict[str, t.Any]]] = {}  # table and values, by the ids of the plan
        self._changes: dict[Place, Change] = {}
        self._deleted: dict[Place, None] = {}
        self.operations: list[Operation] = []

    def write(self, op: _northbound_ops.RowOp) -> None:
        """Write one op."""
        _ops.performed_by(PERFORM, op)(self, op)

    def learn(self, results: t.Sequence[t.Any]) -> None:
        """Note the UUIDs that the server gave to new rows, which stand first."""
        self._ids.update({key: told["uuid"][1] for key, told in zip(self._new, results)})

    def insert(self, op: _northbound_ops.RowInsert) -> None:
        """Insert a row."""
        self._new[op.place.id] = (op.place.table, dict(op.values))
        if op.parent is not None:
            self._name(*op.parent, op.place)

    def _there(self, place: Place) -> Place:
        """The row as the server knows it. Raises Conflict if it is gone."""
        found = Place(place.table, self._ids.get(place.id, place.id))
        if found.id not in self._now.rows(place.table):
            raise _errors.Conflict(
                f"A row of table {place.table} is gone from the northbound database: another program deleted it while"
                " this run was at work. Run again when nobody else changes it."
            )
        return found

    def _change(self, place: Place) -> Change:
        return self._changes.setdefault(self._there(place), Change())

    def _name(self, parent: Place, column: str, child: Place) -> None:
        optional = self._now.schema[parent.table][column].form == _northbound.OPTIONAL
        if parent.id in self._new:
            values = self._new[parent.id][1]
            values[column] = child.id if optional else (*values.get(column, ()), child.id)
        elif optional:
            self._change(parent).values[column] = child.id
        else:
            self._change(parent).part(column, (), {child.id: None})

    def change(self, op: _northbound_ops.RowChange) -> None:
        """Write the difference."""
        if op.place.id in self._new:
            self._new[op.place.id][1].update(op.values)
            return
        change = self._change(op.place)
        for name, value in op.values.items():
            form, was = self._now.schema[op.place.table][name].form, op.was.get(name)
            if form == _northbound.MAP:
                come = {key: one for key, one in value.items() if (was or {}).get(key) != one}
                change.part(name, [key for key in was or () if key not in value], come)
            elif form == _northbound.SET:
                come = dict.fromkeys(one for one in value if one not in (was or ()))
                change.part(name, [one for one in was or () if one not in value], come)
            else:
                change.values[name] = value

    def delete(self, op: _northbound_ops.RowDelete) -> None:
        """Delete the row. One that lives only as long as it is named goes when nobody names it any more. Weak
        references go, too: ovsdb-server 3.1 leaves some of them in a row whose strong ones the same transaction
        changes.
        """
        try:
            place = self._there(op.place)
        except _errors.Conflict:
            return  # it is gone, as it should be
        for parent, name in self._now.naming(place):
            if self._now.schema[parent.table][name].form == _northbound.SET:
                self._change(parent).part(name, [place.id], {})
            else:
                self._change(parent).values[name] = None
        self._deleted[place] = None

    def restore(self, op: _northbound_ops.RowsRestore) -> None:
        """Insert deleted rows again."""
        for place, values in op.rows:
            self._new[place.id] = (place.table, dict(values))
        for parent, column, child in op.naming:
            with contextlib.suppress(_errors.Conflict):  # who named it is gone, too
                self._name(parent, column, child)

    def end(self) -> Writing:
        """Compose the operations. The new rows stand first, in their order."""
        names = {key: f"row{number}" for number, key in enumerate(self._new)}

        def reference(table: str | None) -> t.Callable[[str], t.Any]:
            return lambda key: (
                ["named-uuid", names[key]] if key in names else ["uuid", self._there(Place(table or "", key)).id]
            )

        for key, (table, values) in self._new.items():
            columns = self._now.schema[table]
            row = {
                name: _northbound_rows.as_json(columns[name], value, reference(columns[name].refers))
                for name, value in values.items()
                if value != columns[name].empty
            }
            self.operations.append({"op": "insert", "table": table, "uuid-name": names[key], "row": row})
        for place, change in self._changes.items():
            if not self._goes(place):
                self._compose(place, change, reference)
        self.operations += [
            {"op": "delete", "table": place.table, "where": _is(place)}
            for place in self._deleted
            if place.table in self._now.roots  # else it goes when nobody names it
        ]
        return self

    def _goes(self, place: Place) -> bool:
        """Whether the row is deleted, or goes because nobody names it any more that stays."""
        if place in self._deleted or place.table in self._now.roots:
            return place in self._deleted
        keeping = [by for by, column in self._now.naming(place) if self._now.schema[by.table][column].strong]
        return all(map(self._goes, keeping))

    def _compose(
        self, place: Place, change: Change, reference: t.Callable[[str | None], t.Callable[[str], t.Any]]
    ) -> None:
        columns = self._now.schema[place.table]
        on = {"table": place.table, "where": _is(place)}
        if change.values:
            row = {
                name: _northbound_rows.as_json(columns[name], value, reference(columns[name].refers))
                for name, value in change.values.items()
            }
            self.operations.append({"op": "update", **on, "row": row})
        mutations: list[t.Any] = []
        for name in change.gone:
            column, gone, come = columns[name], change.gone[name], change.come[name]
            if column.form == _northbound.MAP:
                keys = ["set", [*gone, *(key for key in come if key not in gone)]]  # a key with a value takes no other
                mutations += [[name, "delete", keys]] if keys[1] else []
                mutations += [[name, "insert", ["map", list(come.items())]]] if come else []
                continue
            for what, ones in (("insert", come), ("delete", gone)):  # some sets must never be empty
                told = _northbound_rows.as_json(column, tuple(ones), reference(column.refers))
                mutations += [[name, what, told]] if ones else []
        if mutations:
            self.operations.append({"op": "mutate", **on, "mutations": mutations})


def _is(place: Place) -> list[t.Any]:
    return [["_uuid", "==", ["uuid", place.id]]]


PERFORM: dict[str, t.Callable[[Writing, t.Any], None]] = {
    "RowInsert": Writing.insert,
    "RowChange": Writing.change,
    "RowDelete": Writing.delete,
    "RowsRestore": Writing.restore,
}
