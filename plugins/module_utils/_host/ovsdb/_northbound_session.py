# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One connection to OVN's northbound database: follow all of it, have its lock, commit (RFC 7047, ovsdb-server(7)).

Rows are plain values as soon as they arrive, and a transaction is sent as it is composed. The library's IDL has an
object for each row, each value and each part of a value: of thousands of ports, that was a third of a run. So of the
library only the connection is used, which reconnects and proves that it lives.
"""

from __future__ import annotations

import json
import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import (
    _northbound_rows,
    _ovsdb_request,
    _ovsdb_wait,
)
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _northbound, _snapshot

NAME = "OVN_Northbound"
# Its counters: whoever writes raises the first, and ovn-northd sets the second to it when all of that is translated.
ASKED, REACHED = "nb_cfg", "sb_cfg"
ROWS, SERVER = "rows", "server"  # the names of what is followed
OF_SERVER = ("name", "model", "connected", "leader")
AGAIN = frozenset({"timed out", "not owner"})  # errors of a transaction that is sent again (RFC 7047, 5.2)
Operation = dict[str, t.Any]


class Writing(t.Protocol):
    """What is to be written."""

    operations: list[Operation]

    def learn(self, results: t.Sequence[t.Any]) -> None:
        """Take the results of the operations."""


class Session:
    """A connection that follows the database. Raises Unreachable when it cannot be made."""

    def __init__(self, target: _snapshot.OvsTarget) -> None:
        try:
            from ovs import jsonrpc
        except ImportError as error:
            raise _ovsdb_request.lacking(target, error) from error
        self.target = target
        _ovsdb_request.trust(target)
        told = _ovsdb_request.first_answer(target, "get_schema", [NAME])
        self.schema = _northbound_rows.schema_of(told)
        self.roots = frozenset(name for name, one in told["tables"].items() if one.get("isRoot"))
        self.rows: dict[str, dict[str, _northbound.Row]] = {}
        self.has_lock = False
        self._readers = _northbound_rows.readers_of(self.schema)
        self._jsonrpc = jsonrpc
        self._link = jsonrpc.Session.open_multiple([remote.strip() for remote in target.ovsdb.split(",")])
        self._number: int | None = None  # of the connection; None: there is none
        self._follows = False
        self._lock: str | None = None
        self._changes = 0  # that were told
        self._hearers: dict[t.Any, t.Callable[[t.Any], None]] = {}  # of answers, by the ids of the requests
        if not self.until(lambda: self._follows, target.timeout):
            self.close()
            raise _ovsdb_request.silence(target, NAME)

    def close(self) -> None:
        """Close the socket."""
        self._link.close()

    def until(self, condition: t.Callable[[], t.Any], timeout: float) -> bool:
        """Follow the database until the condition holds; False when time is up."""
        return _ovsdb_wait.until(condition, timeout, self._turn, self._arm)

    def refresh(self) -> None:
        """Read what the server has sent meanwhile."""
        while self._turn():
            pass

    def _arm(self, poller: t.Any) -> None:
        self._link.wait(poller)
        self._link.recv_wait(poller)

    def _turn(self) -> bool:
        """Read what has come. Whether something has."""
        self._link.run()
        number = self._link.get_seqno() if self._link.is_connected() else None
        if number != self._number:
            self._number, self._follows, self.has_lock = number, False, False
            self._hearers.clear()  # the answers are lost
            if number is not None:
                self._ask("monitor", ["_Server", SERVER, {"Database": [{"columns": OF_SERVER}]}], self._greeted)
        came = False
        while (message := self._link.recv()) is not None:
            came = True
            hear = self._hearers.pop(message.id, None)
            if hear is not None:
                hear(message)
            elif message.method in self.NOTICES:
                self.NOTICES[message.method](self, *message.params)
        return came

    def _ask(self, method: str, params: t.Sequence[t.Any], hear: t.Callable[[t.Any], None]) -> None:
        request = self._jsonrpc.Message.create_request(method, params)
        self._hearers[request.id] = hear
        self._link.send(request)

    def _greeted(self, answer: t.Any) -> None:
        """Follow the database, on a server that leads its cluster: a lock holds on one server, and all must ask the
        same one. An old server knows of no clusters, and has no such table.
        """
        if answer.error is None and not (_states(answer.result) and all(map(_leads, _states(answer.result)))):
            self._link.force_reconnect()
            return
        wanted = {table: [{"columns": list(columns)}] for table, columns in self.schema.items()}
        self._ask("monitor_cond", [NAME, ROWS, wanted], self._begun)
        if self._lock is not None:
            self._ask("lock", [self._lock], self._hear_lock)

    def _begun(self, answer: t.Any) -> None:
        if answer.result is not None:  # else the schema is another one meanwhile
            self.rows = {table: {} for table in self.schema}
            self._updated(ROWS, answer.result)
            self._follows = True

    def _updated(self, what: str, told: t.Any) -> None:
        """Take news of rows (ovsdb-server(7), update2)."""
        del what
        self._changes += 1
        for table, updates in told.items():
            self._readers[table].take(self.rows[table], updates)

    def _server_updated(self, what: str, told: t.Any) -> None:
        del what
        if not all(map(_leads, _states(told))):
            self._link.reset_backoff()  # another one leads, and can be asked at once
            self._link.force_reconnect()

    def _hear_lock(self, answer: t.Any) -> None:
        self.has_lock = bool((answer.result or {}).get("locked"))

    def _locked(self, name: str) -> None:
        self.has_lock = name == self._lock

    def _stolen(self, name: str) -> None:
        del name
        self.has_lock = False

    NOTICES: t.ClassVar[t.Mapping[str, t.Callable[..., None]]] = {
        "update": _server_updated,
        "update2": _updated,
        "locked": _locked,
        "stolen": _stolen,
    }

    def locked(self, name: str, timeout: float) -> bool:
        """Wait for the lock of this name (RFC 7047, 4.1.8). The server frees it when the connection ends."""
        self._lock = name
        self._ask("lock", [name], self._hear_lock)
        return self.until(lambda: self._follows and self.has_lock, timeout)

    @property
    def root(self) -> _northbound.Row | None:
        """The only row of the root table, or None in a database that nobody initialised."""
        return next(iter(self.rows[_northbound_rows.ROOT].values()), None)

    def make_root(self) -> None:
        """Insert the only row of the root table, as ovn-nbctl's init does. Raises HostError if the server does not."""
        self._quietly({"op": "insert", "table": _northbound_rows.ROOT, "row": {}})
        if not self.until(lambda: self.root is not None, self.target.timeout):
            raise _errors.HostError(
                f"The OVSDB at {self.target.ovsdb} has no row of table {_northbound_rows.ROOT}, and did not take one"
                f" within {self.target.timeout:g} s. Initialise it there ('ovn-nbctl init'), and run again."
            )

    def note(self, key: str, value: str | None) -> bool:
        """Set a key of the root row's external_ids, or delete it. Nobody has to act on that. False if the server does
        not take it.
        """
        mutations: list[t.Any] = [["external_ids", "delete", ["set", [key]]]]
        if value is not None:
            mutations.append(["external_ids", "insert", ["map", [[key, value]]]])
        wanted = {"op": "mutate", "table": _northbound_rows.ROOT, "where": [], "mutations": mutations}
        return self.until(lambda: self._quietly(wanted), self.target.timeout)

    def noted(self, key: str) -> str | None:
        """A key of the root row's external_ids."""
        return None if self.root is None else self.root["external_ids"].get(key)

    def _quietly(self, *operations: Operation) -> bool:
        """Whether the server took this."""
        results = self._sent(operations, time.monotonic() + self.target.timeout)
        return results is not None and not _failures(results)

    @property
    def reached(self) -> int:
        """The number of the last request that is completely done."""
        return 0 if self.root is None else int(self.root[REACHED])

    @property
    def patience(self) -> float:
        """Seconds within which the server must answer. A large database takes longer."""
        return self.target.timeout + _ovsdb_wait.SECONDS_PER_ROW * sum(map(len, self.rows.values()))

    def snapshot(self) -> _northbound.Northbound:
        """All rows."""
        tables = _northbound_rows.seen(self.rows, self.schema)
        return _northbound.Northbound(
            self.target.ovsdb, _northbound_rows.without_counters(self.schema), self.roots, tables
        )

    def commit(self, compose: t.Callable[[], Writing], is_done: t.Callable[[], bool]) -> int | None:
        """Commit what ``compose`` composes of the rows as they are, and ask for a confirmation.

        Returns the value that ``reached`` will have once all is done (ovn-nb(5), NB_Global), or None if nothing had to
        change. A connection that breaks is no failure: it is tried again, unless ``is_done`` tells that only the answer
        was lost. What ``is_done`` saw must then still be so when the server writes: a transaction that was lost may
        come late, as a new leader of a cluster finds it.
        """
        deadline: float | None = None  # what a large transaction takes to be composed is no time of the server
        first: list[Operation] = []
        while True:
            seen, writing = self._changes, compose()
            if not writing.operations:
                return None
            deadline = deadline or time.monotonic() + self.patience
            results = self._sent([*first, *writing.operations, *_ASKING], deadline)
            if results is not None and not self._must_try_again(results):
                writing.learn(results[len(first) :])
                return int(results[-1]["rows"][0][ASKED])
            if time.monotonic() >= deadline:
                raise _errors.Uncertain(
                    f"The OVSDB at {self.target.ovsdb} did not answer within {self.target.timeout} s."
                )
            self.until(lambda: self._changes != seen, 0.1)  # noqa: B023
            if is_done():
                return int(self._of_root(ASKED))
            first = [self._unless_asked()]

    def _of_root(self, counter: str) -> t.Any:
        return 0 if self.root is None else self.root[counter]

    def _unless_asked(self) -> Operation:
        """What refuses the transaction if anybody has asked for anything since we read."""
        return {
            "op": "wait",
            "timeout": 0,
            "table": _northbound_rows.ROOT,
            "where": [],
            "columns": [ASKED],
            "until": "==",
            "rows": [{ASKED: self._of_root(ASKED)}],
        }

    def _must_try_again(self, results: t.Sequence[t.Any]) -> bool:
        """Whether the transaction is to be sent again. Raises HostError if the server refused it."""
        failures = _failures(results)
        refused = [one for one in failures if one["error"] not in AGAIN]
        if refused:
            why = _ovsdb_request.in_words(json.dumps(refused[0]))
            raise _errors.HostError(f"The OVSDB at {self.target.ovsdb} refused: {why}.")
        return bool(failures)

    def _sent(self, operations: t.Sequence[Operation], deadline: float) -> list[t.Any] | None:
        """Send a transaction, and return its results. None: nobody knows them, or the lock is not ours any more."""
        held: list[Operation] = [] if self._lock is None else [{"op": "assert", "lock": self._lock}]
        if not self._follows or (held and not self.has_lock):
            return None
        number, answers = self._number, list[t.Any]()
        self._ask("transact", [NAME, *held, *operations], answers.append)
        self.until(lambda: answers or self._number != number, max(0.0, deadline - time.monotonic()))
        if not answers:
            return None
        if answers[0].error is not None:
            error = answers[0].error
            return [error if isinstance(error, dict) else {"error": str(error)}]
        results: list[t.Any] = answers[0].result
        # What the server says of no operation stands at the end, and what it did not come to is null.
        return results[len(held) :] if not _failures(results[: len(held)]) else results


def _states(told: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """The rows of our database in what a server tells of its databases."""
    news = (update.get("new") or {} for update in told.get("Database", {}).values())
    return [one for one in news if one.get("name") == NAME]


def _leads(state: t.Mapping[str, t.Any]) -> bool:
    """Whether a server with this row leads the cluster of the database, if there is one (ovsdb-server(5))."""
    in_cluster = state["model"] == "clustered" and state["connected"] and state["leader"]
    return state["model"] == "standalone" or bool(in_cluster)


def _failures(results: t.Sequence[t.Any]) -> list[dict[str, t.Any]]:
    return [one for one in results if one and "error" in one]


_ASKING: tuple[Operation, ...] = (
    {"op": "mutate", "table": _northbound_rows.ROOT, "where": [], "mutations": [[ASKED, "+=", 1]]},
    {"op": "select", "table": _northbound_rows.ROOT, "where": [], "columns": [ASKED]},
)
