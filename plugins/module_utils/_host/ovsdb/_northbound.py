# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OVN's northbound database, in the place of the host: it is locked, read and written by the same flow.

Rows of all kinds are read and written by the server's schema, so that what is deleted can be restored whole. One
transaction holds all writes of a plan, so a failure leaves nothing half done.
"""

from __future__ import annotations

import collections
import contextlib
import typing as t
import uuid

from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _ovsdb_session
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _identity,
    _northbound,
    _northbound_ops,
    _ops,
    _scope,
    _snapshot,
)

NAME = "OVN_Northbound"
TABLES = (
    "ACL", "Address_Set", "BFD", "Copp", "DHCP_Options", "DNS", "Forwarding_Group", "Gateway_Chassis", "HA_Chassis",
    "HA_Chassis_Group", "Load_Balancer", "Load_Balancer_Group", "Load_Balancer_Health_Check", "Logical_Router",
    "Logical_Router_Policy", "Logical_Router_Port", "Logical_Router_Static_Route", "Logical_Switch",
    "Logical_Switch_Port", "Meter", "Meter_Band", "Mirror", "NAT", "Port_Group", "QoS",
)  # fmt: skip
DATABASE = _ovsdb_session.Database(
    NAME,
    root="NB_Global",
    asked="nb_cfg",
    reached="sb_cfg",
    tables={
        **dict.fromkeys(TABLES, _ovsdb_session.ALL),
        "NB_Global": ("name", "nb_cfg", "sb_cfg", "hv_cfg", "options", "external_ids"),
    },
)
LOCK = "netloom_linux"  # an identifier; one of another form is never granted
COUNTERS = frozenset({"nb_cfg", "sb_cfg", "hv_cfg"})
LONGEST_LOCK = 300.0  # seconds


class Northbound:
    """The database as the engine sees it (HostLike)."""

    def __init__(self, target: _snapshot.OvsTarget, wait: float) -> None:
        self.target = target
        self.warnings: list[str] = []  # of what was written, and is not in effect
        self._wait = wait
        self._open: _ovsdb_session.Session | None = None
        self._ids: dict[str, uuid.UUID] = {}  # of the rows that this run made, by the ids that the plan gave them

    def close(self) -> None:
        """Close the connection, which frees the lock."""
        if self._open is not None:
            self._open.close()

    @property
    def unconfirmed(self) -> list[dict[str, t.Any]]:
        """Nothing here waits to be confirmed."""
        return []

    def _session(self) -> _ovsdb_session.Session:
        self._open = self._open or _ovsdb_session.Session(self.target, DATABASE)
        return self._open

    @contextlib.contextmanager
    def lock(self) -> t.Iterator[None]:
        """Allow one writer at a time. The connection keeps the lock until it is closed."""
        patience = max(LONGEST_LOCK, self._wait)
        try:
            session = self._session()
        except _ovsdb_session.Unreachable:
            yield  # the plan says it, with the object that needs the database
            return
        if not session.locked(LOCK, patience):
            raise _errors.HostError(
                f"Another run of netloom.linux has had the lock '{LOCK}' of the northbound database at"
                f" {self.target.ovsdb} for {patience:g} s{self._holder()}. Wait for it, or end it."
            )
        session.refresh()
        if session.root is None:
            session.make_root()
        yield

    def _holder(self) -> str:
        root = self._session().root
        told = dict(root.external_ids).get(_northbound.WRITER) if root is not None else None
        return f" ({told})" if told else ""

    def read(self, scope: _scope.Scope) -> _snapshot.Snapshot:
        """Read the whole database; an unreachable one is an answer, not an error."""
        del scope  # the server sends what is followed, in any case
        try:
            session = self._session()
        except _ovsdb_session.Unreachable as error:
            return _seen(_northbound.Northbound(self.target.ovsdb, unreachable=str(error)))
        session.refresh()
        return _seen(snapshot_of(session))

    def tree(self, folder: str) -> dict[str, str]:
        """No files: what a run must remember is in the rows."""
        del folder
        return {}

    def text(self, path: str) -> str | None:
        """No file either."""
        del path
        return None

    def note(self, path: str, text: str) -> None:
        """Nothing needs a note: what a transaction made is known by its marks."""

    def expect(self, snapshot: _snapshot.Snapshot) -> _identity.Book:
        """Rows are known by their UUIDs."""
        return _identity.Book(snapshot)

    def do(self, ops: t.Sequence[_ops.Op]) -> None:
        """Write the ops in one transaction, and let ovn-northd act on them. Raises HostError when the database refuses,
        and Conflict when a row is gone.
        """
        wanted = t.cast("t.Sequence[_northbound_ops.RowOp]", ops)
        session = self._session()
        new: dict[str, t.Any] = {}

        def fill(txn: t.Any) -> None:
            new.clear()
            writing = _Writing(session, txn, new, self._ids)
            for op in wanted:
                writing.write(op)

        before = {row.uuid for table in TABLES for row in session.rows(table)}
        asked = session.commit(fill, lambda: self._is_done(wanted, before))
        for name, row in new.items():
            made = session.inserted(row)
            if made is not None:
                self._ids[name] = made
        if asked is not None:
            self._let_northd(session, asked)

    def _is_done(self, ops: t.Sequence[_northbound_ops.RowOp], before: t.Collection[uuid.UUID]) -> bool:
        """Whether a transaction whose answer was lost is in the database: each row that it makes is there now."""
        session = self._session()
        now = snapshot_of(session)
        for op in ops:
            if isinstance(op, _northbound_ops.RowInsert):
                key = self._like(op, now, before)
                if key is None:
                    return False
                self._ids[op.place.id] = uuid.UUID(key)
            elif isinstance(op, _northbound_ops.RowDelete):
                if self._actual(op.place) in now.rows(op.place.table):
                    return False
            elif isinstance(op, _northbound_ops.RowChange):
                row = now.rows(op.place.table).get(self._actual(op.place))
                if row is None or any(row.get(name) != value for name, value in op.values.items()):
                    return False
        return True

    def _actual(self, place: _northbound.Place) -> str:
        return str(self._ids.get(place.id, place.id))

    @staticmethod
    def _like(
        op: _northbound_ops.RowInsert, now: _northbound.Northbound, before: t.Collection[uuid.UUID]
    ) -> str | None:
        """The new row that has what the op writes, but for references."""
        columns = now.schema[op.place.table]
        wanted = {name: value for name, value in op.values.items() if not columns[name].refers}
        for key, row in now.rows(op.place.table).items():
            if uuid.UUID(key) not in before and all(row[name] == value for name, value in wanted.items()):
                return key
        return None

    def _let_northd(self, session: _ovsdb_session.Session, asked: int) -> None:
        """Wait until ovn-northd has translated what was written. A slow one is told of, and does it later."""
        never = session.reached == 0 and asked > 1
        if never or not session.until(lambda: session.reached >= asked, max(session.patience, self._wait)):
            words = "has never run on it" if never else f"is behind ({session.reached} of {asked})"
            self._warn(
                f"What is written to the northbound database at {self.target.ovsdb} is not in effect yet: ovn-northd"
                f" {words}. It is translated when ovn-northd runs (systemctl status ovn-northd on the central host)."
            )

    def _warn(self, sentence: str) -> None:
        if sentence not in self.warnings:
            self.warnings.append(sentence)


def _seen(nb: _northbound.Northbound) -> _snapshot.Snapshot:
    """The database as a host that has no links."""
    return _snapshot.Snapshot({None: _snapshot.Namespace(None, links={})}, nb=nb)


class _Writing:
    """Fills one transaction. Rows that it inserts are found by the ids that the plan gave them."""

    def __init__(
        self, session: _ovsdb_session.Session, txn: t.Any, new: dict[str, t.Any], ids: t.Mapping[str, uuid.UUID]
    ) -> None:
        self._session, self._txn, self._new, self._ids = session, txn, new, ids
        self._schema = schema_of(session)

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
                setattr(row, name, _as_column(value))
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
            for key in set(was or ()) - set(value):
                row.delkey(name, key)
            for key in sorted(value):
                if (was or {}).get(key) != value[key]:
                    row.setkey(name, key, value[key])
        elif column.form == _northbound.SET:
            gone, come = (sorted(set(one) - set(other)) for one, other in ((was or (), value), (value, was or ())))
            as_rows = (lambda keys: self._rows(table, name, keys)) if column.refers else list
            for one in as_rows(gone):
                row.delvalue(name, one)
            for one in as_rows(come):
                row.addvalue(name, one)
        elif column.refers:
            setattr(row, name, self._rows(table, name, value) if value else [])
        else:
            setattr(row, name, _as_column(value))

    def delete(self, op: _northbound_ops.RowDelete) -> None:
        """Delete the row. One that lives only as long as it is named goes when nobody names it any more."""
        key = self._ids.get(op.place.id) or uuid.UUID(op.place.id)
        row = self._session.row(op.place.table, key)
        if row is None:
            return  # it is gone, as it should be
        for table, columns in self._schema.items():
            for name, column in columns.items():
                if column.refers != op.place.table or not column.strong:
                    continue
                for parent in self._session.rows(table):
                    if row in getattr(parent, name):
                        parent.delvalue(name, row)
        row.delete()

    def restore(self, op: _northbound_ops.RowsRestore) -> None:
        """Insert deleted rows again, those first that others name."""
        for place, values in reversed(op.rows):
            self._insert(place, values)
        for parent, column, child in op.naming:
            with contextlib.suppress(_errors.Conflict):  # who named it is gone, too
                self._name(parent, column, self._row(child))


PERFORM: dict[str, t.Callable[[_Writing, t.Any], None]] = {
    "RowInsert": _Writing.insert,
    "RowChange": _Writing.change,
    "RowDelete": _Writing.delete,
    "RowsRestore": _Writing.restore,
}


def _as_column(value: t.Any) -> t.Any:
    """A value of the snapshot for the IDL."""
    if value is None:
        return []
    if isinstance(value, t.Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


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
