# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of OVN's northbound database as plain values, by the server's schema."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _ovsdb_session
from ansible_collections.netloom.linux.plugins.module_utils._model import _northbound

COUNTERS = frozenset({"nb_cfg", "sb_cfg", "hv_cfg"})


def schema_of(session: _ovsdb_session.Session) -> _northbound.Schema:
    """The part of the server's schema that is followed."""
    tables = {table: definition for table, definition in session.schema["tables"].items() if session.has(table)}
    return {
        table: {
            name: _column(column["type"]) for name, column in definition["columns"].items() if session.has(table, name)
        }
        for table, definition in tables.items()
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
        needed=form == _northbound.SET and least > 0,
    )


def snapshot_of(session: _ovsdb_session.Session) -> _northbound.Northbound:
    """All rows that are followed, as plain values."""
    schema = schema_of(session)
    roots = frozenset(name for name, one in session.schema["tables"].items() if one.get("isRoot"))
    counted = {
        table: {name: one for name, one in columns.items() if name not in COUNTERS} for table, columns in schema.items()
    }
    found: dict[str, dict[str, _northbound.Row]] = {}
    for table, columns in counted.items():
        readers = [(name, _reader(session, column)) for name, column in columns.items()]
        # The attributes of a row would check and convert each value on the way, which is most of a read.
        rows = [(str(row.uuid), row._data) for row in session.rows(table)]  # pylint: disable=protected-access
        found[table] = {key: {name: read(told[name].values) for name, read in readers} for key, told in rows}
    return _northbound.Northbound(session.target.ovsdb, counted, roots, found)


Atoms = t.Mapping[t.Any, t.Any]  # of the library: of a map the values by their keys, else None by the values


def _reader(session: _ovsdb_session.Session, column: _northbound.Column) -> t.Callable[[Atoms], t.Any]:
    """Convert the values of a column, as the library has them."""
    if column.form == _northbound.MAP:
        return lambda atoms: {key.value: one.value for key, one in atoms.items()}
    if column.refers:
        refers, form = column.refers, column.form

        def ids(atoms: Atoms) -> t.Any:
            # A weak reference may be left of a row that is gone.
            told = [str(one.value) for one in atoms if session.row(refers, one.value) is not None]
            return tuple(sorted(told)) if form == _northbound.SET else (told[0] if told else None)

        return ids
    if column.form == _northbound.SET:
        return lambda atoms: tuple(sorted(one.value for one in atoms))
    return lambda atoms: next((one.value for one in atoms), None)
