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
from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _ovsdb_request, _ovsdb_wait
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _snapshot


@dataclasses.dataclass(frozen=True)
class Database:
    """A database and what of it is followed. Tables and columns that the server's schema lacks are left out.

    ``root``: the table of one row. Its columns ``asked`` and ``reached`` are counters: whoever writes raises the first,
    and who acts on the database (ovs-vswitchd, ovn-northd, ovn-controller) sets the second to it when all of that is
    done.
    """

    name: str
    root: str
    asked: str
    reached: str
    tables: t.Mapping[str, tuple[str, ...]]


class Session:
    """A connection that follows a database. Raises Unreachable when it cannot be made."""

    def __init__(self, target: _snapshot.OvsTarget, database: Database) -> None:
        try:
            from ovs.db import idl

            (connection,) = _libraries.modules("ovsdbapp", "backend.ovs_idl.connection")
        except ImportError as error:
            raise _ovsdb_request.lacking(target, error) from error

        self.target, self.database = target, database
        self._transaction: t.Callable[[t.Any], t.Any] = idl.Transaction
        _ovsdb_request.trust(target)
        schema = _ovsdb_request.first_answer(target, "get_schema", [database.name])
        helper = idl.SchemaHelper(None, schema)
        for table, columns in database.tables.items():
            if table in schema["tables"]:
                known = schema["tables"][table]["columns"]
                helper.register_columns(table, [name for name in known if name in columns])
        self._idl = connection.OvsdbIdl(target.ovsdb, helper)
        self._idl.cooperative_yield = lambda: None  # ovsdbapp lets other threads run after each row; there are none
        if not self.until(self._idl.has_ever_connected, target.timeout):
            self.close()
            raise _ovsdb_request.silence(target, database.name)

    def close(self) -> None:
        """Close the socket."""
        self._idl.close()

    def has(self, table: str, column: str | None = None) -> bool:
        """Whether the server's schema has what is followed."""
        return table in self._idl.tables and (column is None or column in self._idl.tables[table].columns)

    def rows(self, table: str) -> list[t.Any]:
        """All rows of a table; none if the server's schema lacks it."""
        return list(self._idl.tables[table].rows.values()) if self.has(table) else []

    def insert(self, txn: t.Any, table: str) -> t.Any:
        """Insert a new row. Raises HostError if the server's schema lacks the table."""
        if not self.has(table):
            raise _errors.HostError(f"The OVSDB at {self.target.ovsdb} is of a release that has no table {table}.")
        return txn.insert(self._idl.tables[table])

    @property
    def root(self) -> t.Any:
        """The only row of the root table, or None in a database that nobody initialised."""
        return next(iter(self.rows(self.database.root)), None)

    @property
    def reached(self) -> int:
        """The number of the last request that is completely done."""
        return int(getattr(self.root, self.database.reached))

    @property
    def patience(self) -> float:
        """Seconds within which the server must answer. A large database takes longer."""
        return self.target.timeout + _ovsdb_wait.SECONDS_PER_ROW * sum(
            len(table.rows) for table in self._idl.tables.values()
        )

    def refresh(self) -> None:
        """Read what the server has sent meanwhile."""
        while self._idl.run():
            pass

    def until(self, condition: t.Callable[[], t.Any], timeout: float) -> bool:
        """Follow the database until the condition holds; False when time is up."""
        return _ovsdb_wait.until(condition, timeout, self._idl.run, self._idl.wait)

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
