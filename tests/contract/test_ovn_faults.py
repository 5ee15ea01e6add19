# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong with a northbound database in the middle of a run: it refuses, the connection breaks, others write at
the same moment, the process is killed.

With more of it than in passing: NETLOOM_KILLS=50, NETLOOM_RACES=50, NETLOOM_STEPS=all (see run).
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import textwrap
import time
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _northbound, _northbound_writer
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import HostError, NetloomError
from ansible_collections.netloom.linux.tests.contract import northbound, schemas, test_ovsdb_lost
from ansible_collections.netloom.linux.tests.contract.judge import lab_host_only
from ansible_collections.netloom.linux.tests.contract.test_ovn_kinds import WHOLE

pytestmark = [lab_host_only, northbound.needs_server]
Params = dict[str, t.Any]
GONE = {"name": "tenants", "state": "absent"}
KILLS = int(os.environ.get("NETLOOM_KILLS") or 3)
STRIDE = 1 if os.environ.get("NETLOOM_STEPS") == "all" else 7
ROUNDS = int(os.environ.get("NETLOOM_RACES") or 10)  # of two controllers at once


@pytest.fixture(name="server")
def _server(tmp_path: pathlib.Path) -> t.Iterator[northbound.Server]:
    with northbound.serving(tmp_path / "nb", schemas.schema("23.03")) as server:
        yield server


class Refusing(northbound.Failing):
    """The database, but for the last op of a transaction, which it refuses; then all is as before."""

    def do(self, ops: t.Any) -> None:
        """Write a row whose name is taken."""
        clash = {"op": "insert", "table": "Address_Set", "row": {"name": "taken"}}
        session = self._session()
        commit = session.commit

        def commit_and_clash(compose: t.Callable[[], t.Any], is_done: t.Callable[[], bool]) -> int | None:
            def clashing() -> t.Any:
                writing = compose()
                writing.operations += [clash, clash]
                return writing

            return commit(clashing, is_done)

        session.commit = commit_and_clash  # type: ignore[method-assign]
        super(northbound.Failing, self).do(ops)


def of_params(kind: type[t.Any]) -> t.Callable[[Params], t.Any]:
    """Makes databases of a class."""

    def make(params: Params) -> t.Any:
        return kind(northbound.database_of(params).target, 0)

    return make


def test_a_database_that_nobody_has_used_is_initialised(tmp_path: pathlib.Path) -> None:
    server = northbound.Server(tmp_path, schemas.schema("23.03"))
    try:
        assert not server.rows()["NB_Global"]
        assert northbound.apply(server.remote, WHOLE, check=True).steps
        assert not server.rows()["NB_Global"]
        assert northbound.apply(server.remote, WHOLE).steps
        assert northbound.apply(server.remote, WHOLE).steps == []
        assert len(server.rows()["NB_Global"]) == 1
    finally:
        server.stop()


def test_a_transaction_that_is_refused_leaves_nothing(server: northbound.Server) -> None:
    before = server.picture()
    with pytest.raises(NetloomError, match=r"there is another Address_Set whose name is .*Nothing was changed"):
        northbound.apply(server.remote, WHOLE, database=of_params(Refusing))
    assert server.picture() == before


def test_what_fails_after_the_transaction_is_taken_back_whole(server: northbound.Server) -> None:
    empty = server.picture()
    with pytest.raises(NetloomError, match="Undone: "):
        northbound.apply(server.remote, WHOLE, database=northbound.failing_after)
    assert server.picture() == empty
    northbound.apply(server.remote, WHOLE)
    full = server.picture()
    for change in (GONE, {"name": "tenants", "ovn_switch": [{"name": "red", "acls": [], "dns": {}}]}):
        with pytest.raises(NetloomError, match="Undone: "):
            northbound.apply(server.remote, change, database=northbound.failing_after)
        assert server.picture() == full
    northbound.apply(server.remote, GONE)
    assert server.picture() == empty


class Stop:
    """Where the next transaction stops, and how."""

    at = 0
    error: BaseException = HostError("")


LARGE: Params = {
    **WHOLE,
    "ovn_switch": [*WHOLE["ovn_switch"], *({"name": f"more{number}"} for number in range(5))],
    "ovn_port": [*WHOLE["ovn_port"], *({"switch": f"more{number}", "name": f"m{number}"} for number in range(5))],
}


@pytest.mark.parametrize("way", ["build", "take down"])
def test_a_failure_at_any_step_leaves_the_database_as_before(
    server: northbound.Server, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All steps are one transaction: one that cannot be written keeps all from being sent."""
    if way == "take down":
        northbound.apply(server.remote, LARGE)
    params = {"build": LARGE, "take down": GONE}[way]
    before = server.picture()
    assert way != "build" or len(northbound.apply(server.remote, params, check=True).steps) >= 40
    write = _northbound_writer.Writing.write
    written: list[t.Any] = []

    def stopped(self: t.Any, op: t.Any) -> None:
        if len(written) == Stop.at:
            raise Stop.error
        written.append(op)
        write(self, op)

    monkeypatch.setattr(_northbound_writer.Writing, "write", stopped)
    for error in (HostError("the test is in the way."), KeyboardInterrupt()):
        Stop.at, Stop.error = 0, error
        while True:
            written.clear()
            try:
                done = northbound.apply(server.remote, params)
            except (NetloomError, KeyboardInterrupt) as told:
                assert type(told) is type(error) or "the test is in the way. Nothing was changed." in str(told)
                assert len(written) == Stop.at
                assert server.picture() == before
                Stop.at += STRIDE
                continue
            assert done.steps  # with all of them written
            break
        Stop.at = -1
        northbound.apply(server.remote, GONE if way == "build" else LARGE)
        assert server.picture() == before


class Robbed(northbound.Failing):
    """The database, of which somebody takes something away as soon as it is written."""

    table = name = ""
    server: t.ClassVar[northbound.Server]

    def do(self, ops: t.Any) -> None:
        """Write, and lose."""
        first, self.written = not self.written, True
        super(northbound.Failing, self).do(ops)
        if first:
            self.server.update("Logical_Switch", "red", acls=[], other_config={})
            self.server.update("Port_Group", "web", ports=[])

    def read(self, scope: t.Any) -> t.Any:
        """Read."""
        return super(northbound.Failing, self).read(scope)


def test_what_another_program_takes_away_at_once_is_told_and_the_rest_is_undone(server: northbound.Server) -> None:
    empty = server.picture()
    Robbed.server = server
    with pytest.raises(NetloomError, match="it would still be necessary to"):
        northbound.apply(server.remote, WHOLE, database=of_params(Robbed))
    assert server.picture() == empty


class Joined(northbound.Failing):
    """The database, into whose rows somebody else writes between our read and our write."""

    server: t.ClassVar[northbound.Server]

    def do(self, ops: t.Any) -> None:
        """Let the other one be first."""
        if not self.written:
            self.written = True
            port = {"op": "insert", "table": "Logical_Switch_Port", "uuid-name": "p", "row": {"name": "theirs"}}
            switch = {"op": "mutate", "table": "Logical_Switch", "where": [["name", "==", "red"]]}
            ids = ["map", [["neutron:mtu", "1442"]]]
            self.server.transact(
                port,
                {
                    **switch,
                    "mutations": [
                        ["ports", "insert", ["named-uuid", "p"]],
                        ["external_ids", "insert", ids],
                        ["other_config", "insert", ["map", [["vlan-passthru", "true"]]]],
                    ],
                },
            )
        super(northbound.Failing, self).do(ops)

    def read(self, scope: t.Any) -> t.Any:
        """Read."""
        return super(northbound.Failing, self).read(scope)


def test_what_others_write_between_our_read_and_our_write_stays(server: northbound.Server) -> None:
    northbound.apply(server.remote, {"name": "tenants", "ovn_switch": [{"name": "red"}]})
    Joined.server = server
    more = {
        "name": "tenants",
        "ovn_switch": [{"name": "red", "subnet": "10.5.0.0/24"}],
        "ovn_port": [{"switch": "red", "name": "mine"}],
    }
    assert northbound.apply(server.remote, more, database=of_params(Joined)).steps
    row = server.find("Logical_Switch", "red")
    assert len(row["ports"][1]) == 2
    assert dict(row["other_config"][1]) == {"subnet": "10.5.0.0/24", "vlan-passthru": "true"}
    assert dict(row["external_ids"][1])["neutron:mtu"] == "1442"
    assert northbound.apply(server.remote, GONE).warnings[0].endswith("A later run deletes it when they are gone.")
    assert server.find("Logical_Switch_Port", "theirs")


def test_who_waits_in_vain_is_told_who_has_the_lock(server: northbound.Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_northbound, "LONGEST_LOCK", 0.5)
    target = northbound.database_of({"ovn_nb": server.remote, "timeout": 5}).target
    with (
        contextlib.closing(_northbound.Northbound(target, 0, "a run of tenants")) as one,
        one.lock(),
        contextlib.closing(_northbound.Northbound(target, 0)) as other,
        pytest.raises(
            HostError, match=f"has had the lock .* for 0.5 s .* is a run of tenants on .* pid {os.getpid()};"
        ),
        other.lock(),
    ):
        raise AssertionError("two have it")
    assert next(iter(server.rows()["NB_Global"].values()))["external_ids"] == ["map", []]


@pytest.mark.parametrize("turn", [0, 1])  # 0: the note of who has the lock
@pytest.mark.parametrize("loses", ["request", "answer"])
def test_a_connection_that_breaks_in_a_transaction(
    server: northbound.Server, loses: str, turn: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is done twice, and nothing is forgotten."""
    monkeypatch.setattr(test_ovsdb_lost, "SERVER", server.remote[len("unix:") :])
    empty = server.picture()
    northbound.apply(server.remote, WHOLE)
    full = server.picture()
    northbound.apply(server.remote, GONE)
    path = server.folder / "breaker.sock"
    for params, wanted in ((WHOLE, full), (GONE, empty)):
        breaker = test_ovsdb_lost.Breaker(str(path), loses, turn)
        assert northbound.apply(f"unix:{path}", params, timeout=15).steps
        breaker.close()
        path.unlink()
        assert (breaker.broken, server.picture()) == (1, wanted)


class Overtaken(northbound.Failing):
    """The database, in whose server a lost request arrives only after this run has looked for it in vain."""

    breaker: t.ClassVar[test_ovsdb_lost.Breaker]
    server: t.ClassVar[northbound.Server]
    arrived = 0

    def _is_done(self, ops: t.Any, before: t.Any) -> bool:
        done = super()._is_done(ops, before)
        again = self._session().has_lock  # connected, and about to send it again
        if not done and again and not Overtaken.arrived:
            Overtaken.arrived += 1
            request = json.loads(self.breaker.kept)["params"][1:]
            self.server.transact(*(one for one in request if one["op"] != "assert"))
        return done

    def do(self, ops: t.Any) -> None:
        """Write."""
        super(northbound.Failing, self).do(ops)

    def read(self, scope: t.Any) -> t.Any:
        """Read."""
        return super(northbound.Failing, self).read(scope)


def test_a_request_that_comes_late_is_not_done_twice(
    server: northbound.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a new leader of a cluster finds it in its log. Nothing in a switch keeps it from being there twice."""
    monkeypatch.setattr(test_ovsdb_lost, "SERVER", server.remote[len("unix:") :])
    path = server.folder / "breaker.sock"
    breaker = test_ovsdb_lost.Breaker(str(path), "request", 1)
    monkeypatch.setattr(Overtaken, "breaker", breaker, raising=False)
    monkeypatch.setattr(Overtaken, "server", server, raising=False)
    monkeypatch.setattr(Overtaken, "arrived", 0)
    switches = {"name": "tenants", "ovn_switch": [{"name": "red"}, {"name": "blue"}]}
    assert northbound.apply(f"unix:{path}", switches, database=of_params(Overtaken), timeout=15).steps
    breaker.close()
    assert (breaker.broken, Overtaken.arrived) == (1, 1)
    assert sorted(row["name"] for row in server.rows()["Logical_Switch"].values()) == ["blue", "red"]


def test_who_lost_the_lock_to_another_run_does_not_go_on(
    server: northbound.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it planned may no longer be right."""
    monkeypatch.setattr(test_ovsdb_lost, "SERVER", server.remote[len("unix:") :])
    path = server.folder / "breaker.sock"
    breaker = test_ovsdb_lost.Breaker(str(path), "request", 1)
    broke = breaker.break_off

    def overtake() -> None:
        broke()
        northbound.apply(server.remote, {"name": "other", "ovn_switch": [{"name": "red"}]})

    monkeypatch.setattr(breaker, "break_off", overtake)
    params = {"name": "tenants", "ovn_switch": [{"name": "red"}], "ovn_port": [{"switch": "red", "name": "mine"}]}
    with pytest.raises(NetloomError, match=r"another run of netloom.linux has had the lock since. Run again"):
        northbound.apply(f"unix:{path}", params, timeout=15)
    breaker.close()
    assert len(server.rows()["Logical_Switch"]) == 1
    assert northbound.apply(server.remote, params).steps
    assert northbound.apply(server.remote, params).steps == []


RUN = """
    import json, sys
    from ansible_collections.netloom.linux.tests.contract import northbound
    for params in json.loads(sys.argv[2]):
        northbound.apply(sys.argv[1], params, timeout=60)
"""


def started(remote: str, *params: Params) -> subprocess.Popen[bytes]:
    """A process that performs topologies."""
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(RUN), remote, json.dumps(params)])


def test_two_controllers_that_write_at_once_lose_nothing(server: northbound.Server) -> None:
    empty = server.picture()
    runs = {}
    for name in ("one", "two"):
        runs[name] = [
            {
                "name": name,
                "ovn_switch": [{"name": name}, {"name": "shared"}],
                "ovn_port": [{"switch": "shared", "name": f"{name}-{number}"} for number in range(turn + 1)],
            }
            for turn in range(ROUNDS)
        ]
    processes = [started(server.remote, *params) for params in runs.values()]
    assert [process.wait(300) for process in processes] == [0, 0]
    names = {row["name"] for row in server.rows()["Logical_Switch_Port"].values()}
    assert names == {f"{name}-{number}" for name in runs for number in range(ROUNDS)}
    for params in runs.values():
        assert northbound.apply(server.remote, params[-1]).steps == []
    for name in runs:
        northbound.apply(server.remote, {"name": name, "state": "absent"})
    assert server.picture() == empty


def test_a_run_that_is_killed_is_ended_by_the_next(server: northbound.Server) -> None:
    empty = server.picture()
    before = time.monotonic()
    started(server.remote, WHOLE, GONE).wait(60)
    whole = time.monotonic() - before
    for turn in range(KILLS):
        process = started(server.remote, WHOLE, GONE)
        time.sleep(whole * (0.3 + 0.7 * turn / KILLS))
        process.send_signal(signal.SIGKILL)
        process.wait()
        northbound.apply(server.remote, WHOLE)
        assert northbound.apply(server.remote, WHOLE).steps == []
        northbound.apply(server.remote, GONE)
        assert server.picture() == empty


def test_a_database_that_is_not_there_is_told(server: northbound.Server, tmp_path: pathlib.Path) -> None:
    with pytest.raises(NetloomError, match="Cannot declare OVN switch red: Cannot reach the OVSDB at unix:/nowhere"):
        northbound.apply("unix:/nowhere", {"name": "tenants", "ovn_switch": [{"name": "red"}]}, check=True)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent"))
        silent.listen()
        with pytest.raises(NetloomError, match="does not answer"):
            northbound.apply(f"unix:{tmp_path}/silent", {**WHOLE, "timeout": 1})
    assert issubclass(HostError, NetloomError)
    assert server.rows()["NB_Global"]
