# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of OVN's northbound database as plain values, by the server's schema: from JSON, and back (RFC 7047, 5.1)."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _northbound, _row_index

ROOT = "NB_Global"  # the table of one row
# What is not followed: how the servers listen, and what they tell all the time.
NOT_FOLLOWED = frozenset({"Connection", "SSL"})
OF_ROOT = ("name", "nb_cfg", "sb_cfg", "hv_cfg", "options", "external_ids")  # all that is followed of NB_Global
COUNTERS = frozenset({"nb_cfg", "sb_cfg", "hv_cfg"})
Tables = dict[str, dict[str, _northbound.Row]]


def schema_of(told: t.Mapping[str, t.Any]) -> _northbound.Schema:
    """The part of the server's schema that is followed."""
    return {
        table: {
            name: _column(column["type"])
            for name, column in definition["columns"].items()
            if table != ROOT or name in OF_ROOT
        }
        for table, definition in told["tables"].items()
        if table not in NOT_FOLLOWED
    }


def _column(told: t.Any) -> _northbound.Column:
    """A column by its type (RFC 7047, 3.2)."""
    told = told if isinstance(told, dict) else {"key": told}
    key = told["key"] if isinstance(told["key"], dict) else {"type": told["key"]}
    least, most = told.get("min", 1), told.get("max", 1)
    if "value" in told:
        form = _northbound.MAP
    elif most != 1:
        form = _northbound.SET
    else:
        form = _northbound.PLAIN if least == 1 else _northbound.OPTIONAL
    plain = {"string": "", "integer": 0, "real": 0.0, "boolean": False}.get(key["type"], "")
    return _northbound.Column(
        form,
        key.get("refTable"),
        key.get("refType", "strong") == "strong" and "refTable" in key,
        plain if form == _northbound.PLAIN else _northbound.EMPTY[form],
    )


def without_counters(schema: _northbound.Schema) -> _northbound.Schema:
    """The schema without what every run changes."""
    return {
        table: {name: one for name, one in columns.items() if name not in COUNTERS} for table, columns in schema.items()
    }


class Reader:
    """Reads what the server tells of a table (ovsdb-server(7), update2). A row is never changed in place."""

    def __init__(self, columns: t.Mapping[str, _northbound.Column]) -> None:
        self._empty = {name: column.empty for name, column in columns.items()}
        self._values = {name: _value_of(column) for name, column in columns.items()}
        self._forms = {name: column.form for name, column in columns.items()}

    def take(self, rows: dict[str, _northbound.Row], updates: t.Mapping[str, t.Any]) -> None:
        """Take the news of some rows."""
        values = self._values
        for key, update in updates.items():
            ((what, told),) = update.items()
            if what == "delete":
                rows.pop(key, None)
            elif what == "modify":
                was = rows[key]
                rows[key] = {**was, **{name: self._changed(name, was[name], one) for name, one in told.items()}}
            else:  # what is not told is empty
                rows[key] = {**self._empty, **{name: values[name](one) for name, one in told.items()}}

    def _changed(self, name: str, was: t.Any, told: t.Any) -> t.Any:
        """The new value of a column. Of sets and maps the server tells what is not in both the old and the new one."""
        news = self._values[name](told)
        if self._forms[name] == _northbound.SET:
            return tuple(sorted(set(was) ^ set(news)))
        if self._forms[name] == _northbound.MAP:
            gone = {key for key, value in news.items() if was.get(key) == value}
            return {key: value for key, value in {**was, **news}.items() if key not in gone}
        return news


def readers_of(schema: _northbound.Schema) -> dict[str, Reader]:
    """The readers of all tables."""
    return {table: Reader(columns) for table, columns in schema.items()}


def _value_of(column: _northbound.Column) -> t.Callable[[t.Any], t.Any]:
    """Makes a plain value of what stands in JSON for a value of a column."""
    if column.form == _northbound.MAP:
        return lambda told: dict(told[1])
    if column.form == _northbound.PLAIN:
        return _id_of if column.refers else _as_it_is
    atom = _id_of if column.refers else _as_it_is
    if column.form == _northbound.SET:
        return lambda told: tuple(sorted(map(atom, _atoms(told))))
    return lambda told: next(map(atom, _atoms(told)), None)


def _as_it_is(told: t.Any) -> t.Any:
    return told


def _id_of(told: t.Sequence[str]) -> str:
    return told[1]


def _atoms(told: t.Any) -> t.Sequence[t.Any]:
    """The atoms of a set. One with a single atom stands as that."""
    return told[1] if isinstance(told, list) and told[0] == "set" else (told,)


def as_json(column: _northbound.Column, value: t.Any, reference: t.Callable[[str], t.Any]) -> t.Any:
    """What stands in JSON for a plain value. ``reference``: what stands for a row, by its id."""
    if column.form == _northbound.MAP:
        return ["map", list(value.items())]
    atom = reference if column.refers else _as_it_is
    if column.form == _northbound.PLAIN:
        return atom(value)
    if column.form == _northbound.SET:
        return ["set", list(map(atom, value))]
    return ["set", []] if value is None else atom(value)


def seen(rows: Tables, schema: _northbound.Schema) -> Tables:
    """The rows as a snapshot has them: without counters, and without references to rows that are not there. Those are
    not followed; or they are gone, and ovsdb-server 3.1 has left a weak reference to them.
    """
    found: Tables = {}
    for table, columns in schema.items():
        counters = COUNTERS & columns.keys()
        refers = {name: (one.refers, one.strong) for name, one in columns.items() if one.refers}
        weak = [(name, rows.get(to, {})) for name, (to, strong) in refers.items() if not strong or to not in rows]
        found[table] = dict(rows[table])
        for key, row in rows[table].items() if counters or weak else ():
            odd = {name: _left(row[name], there) for name, there in weak if row[name] and _lacks(row[name], there)}
            if odd or counters:
                kept = {name: value for name, value in row.items() if name not in counters}
                found[table][key] = {**kept, **odd}
    return found


def _lacks(value: t.Any, there: t.Container[str]) -> bool:
    return any(one not in there for one in _row_index.ids_in(value))


def _left(value: t.Any, there: t.Container[str]) -> t.Any:
    return tuple(one for one in value if one in there) if isinstance(value, tuple) else None
