# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of OVN's northbound database as plain values, by the server's schema."""

from __future__ import annotations

import collections
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
    )


def snapshot_of(session: _ovsdb_session.Session) -> _northbound.Northbound:
    """All rows that are followed, as plain values."""
    schema = schema_of(session)
    roots = frozenset(name for name, one in session.schema["tables"].items() if one.get("isRoot"))
    found: dict[str, dict[str, _northbound.Row]] = collections.defaultdict(dict)
    for table, columns in schema.items():
        found[table] = {}
        readers = [(name, _reader(column)) for name, column in columns.items() if name not in COUNTERS]
        for row in session.rows(table):
            found[table][str(row.uuid)] = {name: read(getattr(row, name)) for name, read in readers}
    counted = {
        table: {name: one for name, one in columns.items() if name not in COUNTERS} for table, columns in schema.items()
    }
    return _northbound.Northbound(session.target.ovsdb, counted, roots, dict(found))


def _reader(column: _northbound.Column) -> t.Callable[[t.Any], t.Any]:
    """Convert the IDL's value."""
    if column.form == _northbound.MAP:
        return dict
    if column.form == _northbound.SET:
        return (lambda rows: tuple(sorted(str(row.uuid) for row in rows))) if column.refers else _sorted
    if column.form == _northbound.OPTIONAL:
        return (lambda rows: str(rows[0].uuid) if rows else None) if column.refers else _first
    return (lambda row: str(row.uuid)) if column.refers else (lambda value: value)


def _sorted(values: t.Any) -> tuple[t.Any, ...]:
    return tuple(sorted(values))


def _first(values: t.Any) -> t.Any:
    return values[0] if values else None
