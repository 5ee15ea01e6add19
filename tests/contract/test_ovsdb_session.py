# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The session follows any database: here OVN's northbound one, on an ovsdb-server of its own, with the schema that
Debian ships.
"""

from __future__ import annotations

import contextlib
import json
import pathlib
import subprocess
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _ovsdb_rows, _ovsdb_session
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import HostError, Unreachable
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import OvsTarget
from ansible_collections.netloom.linux.tests.contract.judge import lab_host_only, told

pytestmark = lab_host_only

PORT = {
    "addresses": _ovsdb_rows.several("addresses"),
    "options": _ovsdb_rows.mapping("options"),
    "tag": _ovsdb_rows.optional("tag"),
    "type": _ovsdb_rows.plain("type", empty=""),
    "colour": _ovsdb_rows.optional("colour"),  # of no release
}
NORTHBOUND = _ovsdb_session.Database(
    "OVN_Northbound",
    root="NB_Global",
    asked="nb_cfg",
    reached="sb_cfg",
    tables={
        "NB_Global": ("nb_cfg", "sb_cfg"),
        "Logical_Switch": ("name", "ports", "external_ids"),
        "Logical_Switch_Port": ("name", *(column.name for column in PORT.values())),
        "Rainbow": ("colour",),  # of no release
    },
)


@pytest.fixture(name="schema", scope="module")
def _schema(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The schema out of Debian's package, which is not installed: its services are not wanted."""
    folder = tmp_path_factory.mktemp("ovn")
    told(
        f"cd {folder}; chmod 777 .; apt-get download ovn-central || (apt-get update && apt-get download ovn-central);"
        " dpkg -x ovn-central_*.deb ."
    )
    return folder / "usr/share/ovn/ovn-nb.ovsschema"


@pytest.fixture(name="target")
def _target(schema: pathlib.Path, tmp_path: pathlib.Path) -> t.Iterator[OvsTarget]:
    """A server that has the database, and whose root row is there."""
    told(f"ovsdb-tool create {tmp_path}/nb.db {schema}")
    command = [
        "ovsdb-server",
        f"--remote=punix:{tmp_path}/nb.sock",
        f"--unixctl={tmp_path}/ctl",
        "--no-chdir",
        f"{tmp_path}/nb.db",
    ]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        try:
            told(f"for try in $(seq 100); do test -S {tmp_path}/nb.sock && break; sleep 0.05; done")
            transact(tmp_path, {"op": "insert", "table": "NB_Global", "row": {}})
            yield OvsTarget(ovsdb=f"unix:{tmp_path}/nb.sock", timeout=5)
        finally:
            server.terminate()


def transact(folder: pathlib.Path, *operations: t.Mapping[str, t.Any]) -> t.Any:
    """What another client does."""
    request = json.dumps(["OVN_Northbound", *operations])
    return json.loads(told(f"ovsdb-client --timeout=10 transact unix:{folder}/nb.sock '{request}'"))


def add_switch(session: _ovsdb_session.Session, name: str, **port: t.Any) -> t.Callable[[t.Any], None]:
    """Fill a transaction with a switch and its port."""

    def fill(txn: t.Any) -> None:
        switch, row = session.insert(txn, "Logical_Switch"), session.insert(txn, "Logical_Switch_Port")
        switch.name, row.name = name, f"{name}-port"
        _ovsdb_rows.set_fields(row, PORT, port)
        switch.ports = [row]

    return fill


def test_rows_are_written_and_read_by_field(target: OvsTarget, tmp_path: pathlib.Path) -> None:
    with contextlib.closing(_ovsdb_session.Session(target, NORTHBOUND)) as session:
        fields = {
            "addresses": ("0a:00:00:00:00:02 10.0.0.2", "dynamic"),
            "options": {"requested-chassis": "one"},
            "tag": 7,
            "type": "",
        }
        assert session.commit(add_switch(session, "blue", **fields), lambda: False) == 1
        (port,) = session.rows("Logical_Switch_Port")
        assert _ovsdb_rows.fields_of(port, PORT) == fields  # and no colour
        assert (session.root.nb_cfg, session.reached) == (1, 0)
        assert not session.until(lambda: session.reached >= 1, 0.2)
        # As ovn-northd does.
        transact(tmp_path, {"op": "update", "table": "NB_Global", "where": [], "row": {"sb_cfg": 1}})
        assert session.until(lambda: session.reached >= 1, 5)
        assert (
            session.commit(lambda _txn: _ovsdb_rows.set_fields(port, PORT, {"tag": None, "options": {}}), lambda: False)
            == 2
        )
        assert _ovsdb_rows.fields_of(port, PORT) == {**fields, "tag": None, "options": {}}


def test_what_the_schema_lacks_is_not_followed_and_not_written(target: OvsTarget) -> None:
    with contextlib.closing(_ovsdb_session.Session(target, NORTHBOUND)) as session:
        assert (
            session.has("Logical_Switch"),
            session.has("Rainbow"),
            session.has("Logical_Switch_Port", "colour"),
        ) == (True, False, False)
        assert session.rows("Rainbow") == []
        with pytest.raises(HostError, match="is of a release that has no table Rainbow"):
            session.commit(lambda txn: session.insert(txn, "Rainbow"), lambda: False)
        assert session.root.nb_cfg == 0


def test_patience_grows_with_the_rows(target: OvsTarget, tmp_path: pathlib.Path) -> None:
    with contextlib.closing(_ovsdb_session.Session(target, NORTHBOUND)) as session:
        before = session.patience
        transact(
            tmp_path,
            *({"op": "insert", "table": "Logical_Switch", "row": {"name": f"s{number}"}} for number in range(200)),
        )
        assert session.until(lambda: len(session.rows("Logical_Switch")) == 200, 5)
        assert session.patience > before


def test_a_server_without_the_database_says_so(target: OvsTarget) -> None:
    other = _ovsdb_session.Database(
        "Open_vSwitch", root="Open_vSwitch", asked="next_cfg", reached="cur_cfg", tables={"Bridge": ("name",)}
    )
    with pytest.raises(Unreachable, match="it has no database Open_vSwitch"):
        _ovsdb_session.Session(target, other)
