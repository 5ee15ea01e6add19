# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of OVN's northbound database share: ovsdb-servers of their own, the engine on them, and a judge."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine import (
    _entry,
    _hooks,
    _ovn_told,
    _ovn_topology,
    _reading,
    _run,
)
from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _northbound
from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import _ovn_options
from ansible_collections.netloom.linux.plugins.module_utils._model import _scope

Params = dict[str, t.Any]
Tables = dict[str, dict[str, dict[str, t.Any]]]  # table -> UUID -> row
COUNTERS = ("nb_cfg", "sb_cfg", "hv_cfg", "nb_cfg_timestamp", "sb_cfg_timestamp", "hv_cfg_timestamp")
NAMELESS = (*COUNTERS, "_version", "_uuid")

needs_server = pytest.mark.skipif(shutil.which("ovsdb-server") is None, reason="needs ovsdb-server")


class Client:
    """Another client of a northbound database. ``remote``: one server, or several with commas between."""

    def __init__(self, remote: str) -> None:
        self.remote = remote

    def initialise(self) -> None:
        """Make the only row of the root table."""
        self.transact({"op": "insert", "table": "NB_Global", "row": {"nb_cfg": 1}})

    def transact(self, *operations: t.Mapping[str, t.Any]) -> t.Any:
        """What another client does. The answers, none of which is an error."""
        request = json.dumps(["OVN_Northbound", *operations])
        told = json.loads(run_tool("ovsdb-client", "--timeout=10", "transact", self.remote, request))
        assert all("error" not in (one or {}) for one in told), told
        return told

    def rows(self) -> Tables:
        """All rows of the database as ovsdb-client tells them."""
        found: Tables = {}
        for line in run_tool("ovsdb-client", "--format=json", "dump", self.remote, "OVN_Northbound").splitlines():
            table = json.loads(line)
            rows = [dict(zip(table["headings"], values)) for values in table["data"]]
            found[table["caption"].split()[0]] = {row["_uuid"][1]: row for row in rows}
        return found

    def picture(self) -> dict[str, list[str]]:
        """What the database holds, whichever UUIDs its rows have."""
        rows = self.rows()
        tables = {key: (table, row) for table, named in rows.items() for key, row in named.items()}
        return {
            table: sorted(json.dumps(_told(row, tables), sort_keys=True) for row in named.values())
            for table, named in rows.items()
            if named
        }

    def find(self, table: str, name: str) -> dict[str, t.Any]:
        """The row of this name."""
        (row,) = (row for row in self.rows()[table].values() if row["name"] == name)
        return row

    def update(self, table: str, name: str, **columns: t.Any) -> None:
        """What another client writes into a row. A dict is a map, a list is a set."""
        values = {key: stored(value) for key, value in columns.items()}
        (told,) = self.transact({"op": "update", "table": table, "where": [["name", "==", name]], "row": values})
        assert told == {"count": 1}


class Server(Client):
    """An ovsdb-server with a northbound database. ovn-northd never runs on it, so that no run waits for it."""

    def __init__(self, folder: pathlib.Path, schema: pathlib.Path, name: str = "nb") -> None:
        super().__init__(f"unix:{folder}/{name}.sock")
        self.folder, self.schema, self.name = folder, schema, name
        self._process: subprocess.Popen[bytes] | None = None
        self.create()
        self.start()

    def create(self) -> None:
        """Make the file of the database."""
        run_tool("ovsdb-tool", "create", f"{self.folder}/{self.name}.db", str(self.schema))

    def start(self) -> None:
        """Start it, and wait until it listens."""
        listens = [f"--remote=p{self.remote}", f"--unixctl={self.folder}/{self.name}.ctl"]
        command = ["ovsdb-server", *listens, "--no-chdir", f"{self.folder}/{self.name}.db"]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 10
        while True:
            with socket.socket(socket.AF_UNIX) as client, contextlib.suppress(OSError):  # it does not listen yet
                client.connect(f"{self.folder}/{self.name}.sock")
                return
            assert time.monotonic() < until
            time.sleep(0.01)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait()
            self._process = None

    @property
    def cpu(self) -> float:
        """The seconds of CPU that the server has taken."""
        assert self._process is not None
        fields = pathlib.Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _told(value: t.Any, rows: t.Mapping[str, t.Any]) -> t.Any:
    """A value in which the rows that it names stand instead of their UUIDs."""
    if isinstance(value, dict):
        return {key: _told(one, rows) for key, one in value.items() if key not in NAMELESS}
    if isinstance(value, list) and len(value) == 2 and value[0] == "uuid":
        table, row = rows.get(value[1], ("", {}))
        return [table, _told(row, rows)]
    if isinstance(value, list) and len(value) == 2 and value[0] in ("set", "map"):
        return [value[0], sorted((_told(one, rows) for one in value[1]), key=json.dumps)]
    return [_told(one, rows) for one in value] if isinstance(value, list) else value


def stored(value: t.Any) -> t.Any:
    """A value as OVSDB writes it (RFC 7047, 5.1)."""
    if isinstance(value, dict):
        return ["map", [[key, one] for key, one in value.items()]]
    return ["set", value] if isinstance(value, list) else value


def run_tool(*command: str) -> str:
    """What a command prints. It must succeed."""
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout


def serving(folder: pathlib.Path, schema: pathlib.Path) -> t.ContextManager[Server]:
    """A server that ends with the block."""

    @contextlib.contextmanager
    def made() -> t.Iterator[Server]:
        folder.mkdir(exist_ok=True)
        server = Server(folder, schema)
        server.initialise()
        try:
            yield server
        finally:
            server.stop()

    return made()


Database = t.Callable[[Params], _northbound.Northbound]


def database_of(params: Params) -> _northbound.Northbound:
    """The database that the options mean."""
    return _northbound.Northbound(_ovn_options.target_of(params), 0)


def apply(
    remote: str, params: Params, check: bool = False, database: Database = database_of, **more: t.Any
) -> _entry.Outcome:
    """A run of ovn_topology, or what it would be."""
    given = {"state": "present", "purge": True, "timeout": 5, "ovn_nb": remote, **params, **more}
    with contextlib.closing(database(given)) as host:
        return _run.run(_ovn_topology.marks_of(given), host, check=check, alone=False, wait=0)


def module(remote: str, kind: str, params: Params, check: bool = False) -> _entry.Outcome:
    """A run of the module of a kind."""
    entry = _reading.EntryReader().read(kind, params, "")
    with contextlib.closing(database_of({"ovn_nb": remote, "timeout": 5})) as host:
        return _run.run(_hooks.Hooks([entry]), host, check=check, alone=True, wait=0)


def info(remote: str) -> Params:
    """What ovn_info tells."""
    with contextlib.closing(database_of({"ovn_nb": remote, "timeout": 5})) as host:
        return _ovn_told.lists_of(host.read(_scope.Scope()).nb)[0]


def view(remote: str, kind: str, entry: Params) -> Params | None:
    """An object in the shape of the options."""
    with contextlib.closing(database_of({"ovn_nb": remote, "timeout": 5})) as host:
        read = _reading.EntryReader().read(kind, entry, "")
        return read.kind.view(read.spec, host.read(_scope.Scope()))


class Failing(_northbound.Northbound):
    """The database, but for what is seen after the transaction: then something is in the way."""

    written = False

    def do(self, ops: t.Any) -> None:
        """Write."""
        super().do(ops)
        self.written = True

    def read(self, scope: _scope.Scope) -> t.Any:
        """Read, until something is written."""
        if self.written:
            self.written = False
            raise RuntimeError("the test is in the way")
        return super().read(scope)


def failing_after(params: Params) -> _northbound.Northbound:
    """A database with which a run fails after its transaction."""
    return Failing(_ovn_options.target_of(params), 0)
