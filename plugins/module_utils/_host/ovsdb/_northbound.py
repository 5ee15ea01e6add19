# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OVN's northbound database, in the place of the host: it is locked, read and written by the same flow.

Rows of all kinds are read and written by the server's schema, so that what is deleted can be restored whole. One
transaction holds all writes of a plan, so a failure leaves nothing half done.
"""

from __future__ import annotations

import contextlib
import os
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import (
    _acted,
    _northbound_lost,
    _northbound_session,
    _northbound_writer,
    _southbound,
)
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _identity,
    _northbound,
    _northbound_ops,
    _ops,
    _scope,
    _snapshot,
)

LOCK = "netloom_linux"  # an identifier; one of another form is never granted
LONGEST_LOCK = 300.0  # seconds


class Northbound:
    """The database as the engine sees it (HostLike)."""

    def __init__(self, target: _snapshot.OvsTarget, wait: float, what: str = "a run of netloom.linux") -> None:
        self.target = target
        self._name = f"{what} on {os.uname().nodename}, pid {os.getpid()}"
        self._noted = False  # that we have the lock
        self.warnings: list[str] = []  # of what was written, and is not in effect
        self._wait = wait
        self._open: _northbound_session.Session | None = None
        self._chassis: _acted.Chassis | None = None  # until there is something to write
        self._ids: dict[str, str] = {}  # the UUIDs of the rows that this run made, by the ids that the plan gave them

    def close(self) -> None:
        """Close the connection, which frees the lock."""
        if self._open is not None:
            if self._noted:
                with contextlib.suppress(Exception):  # the connection may be broken; the next run writes its own note
                    self._open.note(_northbound.WRITER, None)
            self._open.close()
        if self._chassis is not None:
            self._chassis.close()

    @property
    def unconfirmed(self) -> list[dict[str, t.Any]]:
        """Nothing here waits to be confirmed."""
        return []

    def _session(self) -> _northbound_session.Session:
        self._open = self._open or _northbound_session.Session(self.target)
        return self._open

    @contextlib.contextmanager
    def lock(self) -> t.Iterator[None]:
        """Allow one writer at a time. The connection keeps the lock until it is closed."""
        patience = max(LONGEST_LOCK, self._wait)
        try:
            session = self._session()
        except _errors.Unreachable:
            yield  # the plan says it, with the object that needs the database
            return
        if not session.locked(LOCK, patience):
            raise _errors.Locked(
                f"Another run of netloom.linux has had the lock '{LOCK}' of the northbound database at"
                f" {self.target.ovsdb} for {patience:g} s{self._holder()}. Wait for it, or end it."
            )
        session.refresh()
        if session.root is None:
            session.make_root()
        self._noted = session.note(_northbound.WRITER, self._name)
        yield

    def _holder(self) -> str:
        told = self._session().noted(_northbound.WRITER)
        return f" (the last one to note its name there is {told}; it may have been killed since)" if told else ""

    def read(self, scope: _scope.Scope) -> _snapshot.Snapshot:
        """Read the whole database; an unreachable one is an answer, not an error."""
        del scope  # the server sends what is followed, in any case
        try:
            session = self._session()
        except _errors.Unreachable as error:
            return _seen(_northbound.Northbound(self.target.ovsdb, unreachable=str(error), silence=type(error)))
        session.refresh()
        return _seen(session.snapshot())

    def claimant(self, port: str) -> str | None:
        """The chassis that has a logical port. None if none has it, or if the southbound database does not tell."""
        target = _acted.beside(self.target)
        with contextlib.suppress(_errors.HostError):
            return None if target is None else _southbound.claimant(target, port)
        return None

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

    def expect(self, snapshot: _snapshot.Snapshot, planned: _snapshot.Snapshot | None = None) -> _identity.Book:
        """Rows are known by their UUIDs."""
        return _identity.RowBook(snapshot, planned, self._ids)

    def do(self, ops: t.Sequence[_ops.Op]) -> None:
        """Write the ops in one transaction, and let ovn-northd act on them. Raises HostError when the database refuses,
        and Conflict when a row is gone.
        """
        wanted = t.cast("t.Sequence[_northbound_ops.RowOp]", ops)
        session = self._session()

        def compose() -> _northbound_writer.Writing:
            writing = _northbound_writer.Writing(session.snapshot(), self._ids)
            for op in wanted:
                writing.write(op)
            return writing.end()

        self._chassis = self._chassis or _acted.Chassis(self.target)
        before = {key for rows in session.rows.values() for key in rows}
        asked = session.commit(compose, lambda: self._is_done(wanted, before))
        if asked is not None:
            self._let_act(session, asked)

    def _is_done(self, ops: t.Sequence[_northbound_ops.RowOp], before: t.Collection[str]) -> bool:
        """Whether a transaction whose answer was lost is in the database. Raises Uncertain when another run has written
        since: it had the lock, so the plan may no longer be right.
        """
        session = self._session()
        found = _northbound_lost.inserted(ops, session.snapshot(), before)
        self._ids.update(found or {})
        if found is None and self._noted and session.noted(_northbound.WRITER) != self._name:
            raise _errors.Uncertain(
                f"The connection to the northbound database at {self.target.ovsdb} broke, and another run of"
                " netloom.linux has had the lock since. Run again: what this run planned may no longer be right."
            )
        return found is not None

    def _let_act(self, session: _northbound_session.Session, asked: int) -> None:
        """Wait until ovn-northd and the chassis have acted on what was written. Slow ones are named."""
        patience = max(session.patience, self._wait)
        never = session.reached == 0 and asked > 1
        if never or not session.until(lambda: session.reached >= asked, patience):
            words = "has never run on it" if never else f"is behind ({session.reached} of {asked})"
            self._warn(
                f"What is written to the northbound database at {self.target.ovsdb} is not in effect yet: ovn-northd"
                f" {words}. It is translated when ovn-northd runs (systemctl status ovn-northd on the central host)."
            )
            return
        behind = self._chassis.behind(asked, patience) if self._chassis is not None else []
        if behind:
            self._warn(
                f"Not in effect yet on {len(behind)} chassis: {', '.join(behind)}. They act on it when ovn-controller"
                " runs there and reaches the southbound database."
            )

    def _warn(self, sentence: str) -> None:
        if sentence not in self.warnings:
            self.warnings.append(sentence)


def _seen(nb: _northbound.Northbound) -> _snapshot.Snapshot:
    """The database as a host that has no links."""
    return _snapshot.Snapshot({None: _snapshot.Namespace(None, links={})}, nb=nb)
