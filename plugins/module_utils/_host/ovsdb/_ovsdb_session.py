# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One connection to one OVSDB: connect, follow the monitored tables, commit. Limited in time, without a thread.

ovsdbapp's own Connection runs the IDL in a daemon thread that outlives a failure. Here the calling thread turns
ovsdbapp's IDL itself, so nothing is left behind, and every wait has an end. Sockets that Python opens are closed
on exec (PEP 446): no daemon that we start inherits them.
"""

from __future__ import annotations

import dataclasses
import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host import _libraries
from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _ovsdb_request
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _snapshot

ALL = ("*",)
SECONDS_PER_ROW = 0.0005  # that a server may take to tell its rows, beside the timeout


@dataclasses.dataclass(frozen=True)
class Database:
    """A database and what of it is followed. Tables and columns that the server's schema lacks are left out. ALL: each
    column of a table.

    ``root``: the table of one row. Its columns ``asked`` and ``reached`` are counters: whoever writes raises the first,
    and who acts on the database (ovs-vswitchd, ovn-northd, ovn-controller) sets the second to it when all of that is
    done.
    """

    name: str
    root: str
    asked: str
    reached: str
    tables: t.Mapping[str, tuple[str, ...]]
    but: frozenset[str] | None = None  # all tables that are not named are followed whole, but these; None: they are not

    def followed(self, schema: t.Any) -> list[tuple[str, tuple[str, ...]]]:
        """The tables that are followed, as far as the server may have them, and their columns."""
        rest = [] if self.but is None else sorted(set(schema["tables"]) - set(self.tables) - self.but)
        return [*self.tables.items(), *((table, ALL) for table in rest)]


class Session:
    """A connection that follows a database. Raises Unreachable when it cannot be made."""

    def __init__(self, target: _snapshot.OvsTarget, database: Database) -> None:
        try:
            from ovs.db import idl

            (connection,) = _libraries.modules("ovsdbapp", "backend.ovs_idl.connection")
        except ImportError as error:
            raise _errors.NoLibrary(
                f"Cannot speak to the OVSDB at {target.ovsdb}: {_errors.quoted(error)}. Install the Python library"
                " ovsdbapp."
            ) from error

        self.target, self.database = target, database
        self._transaction: t.Callable[[t.Any], t.Any] = idl.Transaction
        self._done: t.Any = None  # the last transaction that succeeded
        _ovsdb_request.trust(target)
        schema = _ovsdb_request.first_answer(target, "get_schema", [database.name])
        helper = idl.SchemaHelper(None, schema)
        for table, columns in database.followed(schema):
            if table in schema["tables"]:
                known = schema["tables"][table]["columns"]
                helper.register_columns(table, [name for name in known if columns == ALL or name in columns])
        self._idl = connection.OvsdbIdl(target.ovsdb, helper)
        self._idl.cooperative_yield = lambda: None  # ovsdbapp lets other threads run after each row; there are none
        if not self.until(self._idl.has_ever_connected, target.timeout):
            self.close()
            raise _ovsdb_request.silence(target, database.name)
        self.schema: t.Mapping[str, t.Any] = schema

    def close(self) -> None:
        """Close the socket."""
        self._idl.close()

    def has(self, table: str, column: str | None = None) -> bool:
        """Whether the server's schema has what is followed."""
        return table in self._idl.tables and (column is None or column in self._idl.tables[table].columns)

    def locked(self, name: str, timeout: float) -> bool:
        """Wait for the lock of this name (RFC 7047, 4.1.8). The server frees it when the connection ends."""
        self._idl.set_lock(name)
        return self.until(lambda: self._idl.has_lock, timeout)

    def rows(self, table: str) -> list[t.Any]:
        """All rows of a table; none if the server's schema lacks it."""
        return list(self._idl.tables[table].rows.values()) if self.has(table) else []

    def row(self, table: str, key: t.Any) -> t.Any:
        """The row with this UUID, or None."""
        return self._idl.tables[table].rows.get(key) if self.has(table) else None

    def insert(self, txn: t.Any, table: str) -> t.Any:
        """Insert a new row. Raises HostError if the server's schema lacks the table."""
        if not self.has(table):
            raise _errors.HostError(f"The OVSDB at {self.target.ovsdb} is of a release that has no table {table}.")
        return txn.insert(self._idl.tables[table])

    def inserted(self, row: t.Any) -> t.Any:
        """The UUID that the server gave to a row of the last transaction. None if that did not insert it."""
        return self._done.get_insert_uuid(row.uuid) if self._done is not None else None

    @property
    def tables(self) -> list[str]:
        """The tables that are followed."""
        return list(self._idl.tables)

    @property
    def root(self) -> t.Any:
        """The only row of the root table, or None in a database that nobody initialised."""
        return next(iter(self.rows(self.database.root)), None)

    def make_root(self) -> None:
        """Insert the only row of the root table, as ovn-nbctl's init does. The library sends no row without a column
        that is set. Raises HostError if the server does not take it.
        """
        self._quietly(lambda txn: setattr(self.insert(txn, self.database.root), self.database.asked, 0))
        if not self.until(lambda: self.root is not None, self.target.timeout):
            raise _errors.HostError(
                f"The OVSDB at {self.target.ovsdb} has no row of table {self.database.root}, and did not take one"
                f" within {self.target.timeout:g} s. Initialise it there ('ovn-nbctl init'), and run again."
            )

    def note(self, key: str, value: str | None) -> bool:
        """Set a key of the root row's external_ids, or delete it. Nobody has to act on that. False if the server does
        not take it.
        """

        def fill(_txn: t.Any) -> None:
            if value is None:
                self.root.delkey("external_ids", key)
            else:
                self.root.setkey("external_ids", key, value)

        return self.until(lambda: self._quietly(fill), self.target.timeout)

    def noted(self, key: str) -> str | None:
        """A key of the root row's external_ids."""
        told: str | None = dict(self.root.external_ids).get(key) if self.root is not None else None
        return told

    def _quietly(self, fill: t.Callable[[t.Any], None]) -> bool:
        """Commit what ``fill`` writes, without asking for a confirmation. False if the server did not take it."""
        txn = self._transaction(self._idl)
        fill(txn)
        return self._sent(txn, time.monotonic() + self.target.timeout) in (txn.SUCCESS, txn.UNCHANGED)

    @property
    def reached(self) -> int:
        """The number of the last request that is completely done."""
        return int(getattr(self.root, self.database.reached))

    @property
    def patience(self) -> float:
        """Seconds within which the server must answer. A large database takes longer."""
        return self.target.timeout + SECONDS_PER_ROW * sum(len(table.rows) for table in self._idl.tables.values())

    def refresh(self) -> None:
        """Read what the server has sent meanwhile."""
        while self._idl.run():
            pass

    def until(self, condition: t.Callable[[], t.Any], timeout: float) -> bool:
        """Follow the database until the condition holds; False when time is up."""
        from ovs import poller

        deadline = time.monotonic() + timeout
        while True:
            changed = self._idl.run()
            if condition():
                return True
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            if not changed:
                wait = poller.Poller()
                self._idl.wait(wait)
                wait.timer_wait(max(1, int(left * 1000)))
                wait.block()

    def commit(self, fill: t.Callable[[t.Any], None], is_done: t.Callable[[], bool]) -> int | None:
        """Commit what ``fill`` writes into a transaction, and ask for a confirmation.

        Returns the value that ``reached`` will have once all is done (ovs-vswitchd.conf.db(5), cur_cfg), or None if
        nothing had to change. Neither somebody else's write between ours nor a connection that breaks is a failure: it
        is tried again, unless ``is_done`` tells that only the answer was lost. What ``is_done`` saw must then still be
        so when the server writes: a transaction that was lost may come late, as a new leader of a cluster finds it.
        """
        deadline: float | None = None  # what a large transaction takes to be written is no time of the server
        again = False
        while True:
            seen = self._idl.change_seqno
            txn = self._filled(fill, again)
            deadline = deadline or time.monotonic() + self.patience
            status = self._sent(txn, deadline)
            if status == txn.SUCCESS:
                self._done = txn
                return int(txn.get_increment_new_value())
            if status == txn.UNCHANGED:
                return None
            if status == txn.ERROR:
                why = _ovsdb_request.in_words(txn.get_error())
                raise _errors.HostError(f"The OVSDB at {self.target.ovsdb} refused: {why}.")
            if time.monotonic() >= deadline:
                txn.abort()
                raise _errors.Uncertain(
                    f"The OVSDB at {self.target.ovsdb} did not answer within {self.target.timeout} s."
                )
            self._changed_since(seen, 0.1)
            if is_done():
                return int(getattr(self.root, self.database.asked))
            again = True

    def _filled(self, fill: t.Callable[[t.Any], None], again: bool) -> t.Any:
        """A transaction with what ``fill`` writes. ``again``: only if nobody has asked for anything since we read."""
        txn, asked = self._transaction(self._idl), self.database.asked
        try:
            fill(txn)
            if again:
                self.root.verify(asked)
                setattr(self.root, asked, getattr(self.root, asked))  # the library verifies only rows that are written
            self.root.increment(asked)
        except BaseException:
            txn.abort()
            raise
        return txn

    def _sent(self, txn: t.Any, deadline: float) -> t.Any:
        """Send a transaction, and return the status in its answer."""
        # The IDL must not be turned before the first call.
        if txn.commit() == txn.INCOMPLETE:
            self.until(lambda: txn.commit() != txn.INCOMPLETE, max(0.0, deadline - time.monotonic()))
        return txn.commit()

    def _changed_since(self, seqno: int, timeout: float) -> None:
        self.until(lambda: self._idl.change_seqno != seqno, timeout)
