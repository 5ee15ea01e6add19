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
import errno
import json
import os
import re
import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host import _libraries
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


class Unreachable(_errors.HostError):
    """There is no OVSDB to talk to; the message says where and why."""


def _ask(remote: str, request: t.Mapping[str, t.Any], timeout: float) -> t.Any:
    """One JSON-RPC request (RFC 7047) on a stream of its own.

    ovsdbapp's fetch_schema_json waits for ever for a server that accepts and says nothing, and parses
    the schema in pure Python where the C extension is not built.
    """
    from ovs import poller, stream

    deadline = time.monotonic() + timeout
    error, link = stream.Stream.open_block(stream.Stream.open(remote), int(timeout * 1000))
    if error:
        raise OSError(error, os.strerror(error))
    try:
        link.send(json.dumps(request).encode())
        text, decoder = b"", json.JSONDecoder()
        while True:
            error, piece = link.recv(1 << 16)
            if piece:
                text += piece.encode() if isinstance(piece, str) else piece
                try:
                    return decoder.raw_decode(text.decode())[0]
                except ValueError:
                    continue  # not all of it yet
            if error not in (errno.EAGAIN, errno.EWOULDBLOCK):
                raise OSError(error, os.strerror(error) if error else "the server closed the connection")
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("the server does not answer")
            wait = poller.Poller()
            link.recv_wait(wait)
            wait.timer_wait(left * 1000)
            wait.block()
    finally:
        link.close()


def _in_words(error: str) -> str:
    """An error of the database (RFC 7047, section 3.1), as a part of a sentence."""
    try:
        told = json.loads(error)
        name, details = told["error"], told.get("details", "")
    except (ValueError, TypeError, KeyError, AttributeError):
        return _errors.quoted(error)
    same = re.search(r'rows in "(\w+)" table to have identical values \((.*?)\) for index on column "(\w+)"', details)
    if same:
        return f"there is another {same[1]} whose {same[3]} is {same[2]} already"
    return _errors.quoted(f"{name}: {details}" if details else name)


def _require_readable(target: _snapshot.OvsTarget, option: str, path: str) -> None:
    """Check that a TLS file can be read. The library only says that a file is missing, and not which."""
    try:
        with open(path, "rb"):
            return
    except OSError as error:
        raise Unreachable(
            f"Cannot speak to the OVSDB at {target.ovsdb}: {option} {path!r}: {error.strerror}. Name a file on the"
            " managed node."
        ) from error


def _trust(target: _snapshot.OvsTarget) -> None:
    """Give the TLS files to the library. It keeps them for the whole process, so this is done before each
    connection.
    """
    from ovs import stream

    if any(remote.strip().startswith("ssl:") for remote in target.ovsdb.split(",")):
        for name in ("private_key", "certificate", "ca_cert"):
            _require_readable(target, f"{target.option}_{name}", getattr(target, name) or "")
        stream.Stream.ssl_set_private_key_file(target.private_key)
        stream.Stream.ssl_set_certificate_file(target.certificate)
        stream.Stream.ssl_set_ca_cert_file(target.ca_cert)


def _schema(target: _snapshot.OvsTarget, database: str) -> t.Any:
    """The server's schema of a database, from the first remote that answers."""
    troubles: list[str] = []
    for remote in [one.strip() for one in target.ovsdb.split(",")]:
        try:
            answer = _ask(remote, {"method": "get_schema", "params": [database], "id": 0}, target.timeout)
        except Exception as error:  # noqa: BLE001  # sockets, TLS and the library's own
            why = getattr(error, "strerror", None) or str(error)
            if remote.startswith("ssl:") and getattr(error, "errno", None) == errno.EPERM:
                why = "the TLS handshake failed"  # all that newer versions of the library tell
            hint = (
                f" (does {target.option}_ca_cert sign the server's certificate, and does the server trust"
                f" {target.option}_certificate?)"
                if remote.startswith("ssl:")
                else ""
            )
            troubles.append(f"{remote}: {why}{hint}")
            continue
        if answer.get("error"):
            troubles.append(f"{remote}: it has no database {database}")
            continue
        return answer["result"]
    raise Unreachable(f"Cannot reach the OVSDB at {'; '.join(troubles)}.")


def _is_follower(target: _snapshot.OvsTarget, remote: str, database: str) -> bool:
    """Whether the server has the database as a member of a cluster that another one leads (ovsdb-server(7))."""
    wanted = {"op": "select", "table": "Database", "where": [["name", "==", database]], "columns": ["leader"]}
    try:
        answer = _ask(remote.strip(), {"method": "transact", "params": ["_Server", wanted], "id": 0}, target.timeout)
        return any(row["leader"] is False for row in answer["result"][0]["rows"])
    except Exception:  # noqa: BLE001  # sockets, TLS, the library's own, and servers without this table
        return False


class Session:
    """A connection that follows a database. Raises Unreachable when it cannot be made."""

    def __init__(self, target: _snapshot.OvsTarget, database: Database) -> None:
        try:
            from ovs.db import idl

            (connection,) = _libraries.modules("ovsdbapp", "backend.ovs_idl.connection")
        except ImportError as error:
            raise Unreachable(
                f"Cannot speak to the OVSDB at {target.ovsdb}: {_errors.quoted(error)}. Install the Python library"
                " ovsdbapp."
            ) from error

        self.target, self.database = target, database
        self._transaction: t.Callable[[t.Any], t.Any] = idl.Transaction
        self._done: t.Any = None  # the last transaction that succeeded
        _trust(target)
        schema = _schema(target, database.name)
        helper = idl.SchemaHelper(None, schema)
        for table, columns in database.followed(schema):
            if table in schema["tables"]:
                known = schema["tables"][table]["columns"]
                helper.register_columns(table, [name for name in known if columns == ALL or name in columns])
        self._idl = connection.OvsdbIdl(target.ovsdb, helper)
        self._idl.cooperative_yield = lambda: None  # ovsdbapp lets other threads run after each row; there are none
        if not self.until(self._idl.has_ever_connected, target.timeout):
            self.close()
            if any(_is_follower(target, remote, database.name) for remote in target.ovsdb.split(",")):
                raise Unreachable(
                    f"The OVSDB at {target.ovsdb} is a follower in its cluster, and only the leader takes what is"
                    f" written. Name all servers of the cluster in {target.option}, separated by commas."
                )
            raise Unreachable(f"The OVSDB at {target.ovsdb} did not answer within {target.timeout} s.")
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
        """Insert the only row of the root table, as ovn-nbctl's init does."""
        txn = self._transaction(self._idl)
        self.insert(txn, self.database.root)
        if txn.commit() == txn.INCOMPLETE:
            self.until(lambda: txn.commit() != txn.INCOMPLETE, self.target.timeout)
        self.until(lambda: self.root is not None, self.target.timeout)

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
        is tried again, unless ``is_done`` tells that only the answer was lost.
        """
        deadline: float | None = None  # what a large transaction takes to be written is no time of the server
        while True:
            seen = self._idl.change_seqno
            txn = self._filled(fill)
            deadline = deadline or time.monotonic() + self.patience
            status = self._sent(txn, deadline)
            if status == txn.SUCCESS:
                self._done = txn
                return int(txn.get_increment_new_value())
            if status == txn.UNCHANGED:
                return None
            if status == txn.ERROR:
                raise _errors.HostError(f"The OVSDB at {self.target.ovsdb} refused: {_in_words(txn.get_error())}.")
            if time.monotonic() >= deadline:
                txn.abort()
                raise _errors.Uncertain(
                    f"The OVSDB at {self.target.ovsdb} did not answer within {self.target.timeout} s."
                )
            self._changed_since(seen, 0.1)
            if is_done():
                return int(getattr(self.root, self.database.asked))

    def _filled(self, fill: t.Callable[[t.Any], None]) -> t.Any:
        """A transaction with what ``fill`` writes."""
        txn = self._transaction(self._idl)
        try:
            fill(txn)
            self.root.increment(self.database.asked)
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
