# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A northbound database on a cluster of three servers, whose leader dies in the middle of a run: the run ends well, or
it says that nothing was changed or that nobody knows; and never is there a half of it.

With more deaths than in passing: NETLOOM_LEADERS=20 (see run).
"""

from __future__ import annotations

import collections
import os
import pathlib
import signal
import threading
import time
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _northbound
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import Follower, NetloomError
from ansible_collections.netloom.linux.tests.contract import cluster, northbound, schemas
from ansible_collections.netloom.linux.tests.contract.judge import lab_host_only
from ansible_collections.netloom.linux.tests.contract.test_ovn_kinds import WHOLE

pytestmark = [lab_host_only, northbound.needs_server]
GONE = {"name": "tenants", "state": "absent"}
LEADERS = int(os.environ.get("NETLOOM_LEADERS") or 3)
TIMEOUT = 20  # seconds, in which the two that are left elect a leader


class Watched(_northbound.Northbound):
    """The database. It notes how long the run takes, and how long the server takes for a transaction.

    ``dies``: who is killed, once ``after`` seconds of the run, or of the transaction, are over.
    """

    dies: t.ClassVar[cluster.Member | None] = None
    after: t.ClassVar[float] = 0.0
    in_transaction: t.ClassVar[bool] = False
    took: t.ClassVar[dict[bool, float]] = {}  # by whether it is the transaction

    def __init__(self, target: t.Any, wait: float) -> None:
        super().__init__(target, wait)
        self._began = time.monotonic()
        if not self.in_transaction:
            self._let_die()

    def _let_die(self) -> None:
        if self.dies is not None:
            threading.Timer(self.after, self.dies.stop, [signal.SIGKILL]).start()

    def do(self, ops: t.Any) -> None:
        """Write."""
        session = self._session()
        send = session._sent  # pylint: disable=protected-access

        def sent(operations: t.Any, deadline: float) -> t.Any:
            session._sent = send  # type: ignore[method-assign]  # pylint: disable=protected-access
            begun = time.monotonic()
            if self.in_transaction:
                self._let_die()
            results = send(operations, deadline)
            self.took.setdefault(True, time.monotonic() - begun)
            return results

        session._sent = sent  # type: ignore[method-assign]  # pylint: disable=protected-access
        super().do(ops)

    def close(self) -> None:
        """Close it."""
        super().close()
        self.took.setdefault(False, time.monotonic() - self._began)


def watched(params: northbound.Params) -> Watched:
    """The database that the options mean."""
    return Watched(northbound.database_of(params).target, 0)


@pytest.fixture(name="servers")
def _servers(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[cluster.Cluster]:
    monkeypatch.setattr(Watched, "took", {})
    with cluster.serving(tmp_path, schemas.schema("23.03")) as servers:
        yield servers
        Watched.dies = None


def test_a_leader_that_dies_in_a_run_leaves_all_of_it_or_nothing(servers: cluster.Cluster) -> None:
    empty = servers.picture()
    northbound.apply(servers.remote, WHOLE, database=watched, timeout=TIMEOUT)
    full = servers.picture()
    before, ends = full, collections.Counter[str]()
    for turn in range(LEADERS):
        params, wanted = (WHOLE, full) if before == empty else (GONE, empty)
        Watched.dies, Watched.in_transaction = servers.leader, turn % 2 == 0
        Watched.after = Watched.took[Watched.in_transaction] * (turn + 0.5) / LEADERS
        told = ""
        try:
            northbound.apply(servers.remote, params, database=watched, timeout=TIMEOUT)
        except NetloomError as error:
            told = str(error)
        Watched.dies.stop(signal.SIGKILL)  # if the run was faster
        servers.settle()
        after = servers.picture()
        if not told:
            assert after == wanted
        elif "nobody knows whether it is done" in told:
            assert after in (before, wanted), told
        else:
            assert "Nothing was changed" in told or "Undone" in told
            assert after == before, told
        ends[told] += 1
        Watched.dies.start()
        Watched.dies = None
        servers.settle()
        northbound.apply(servers.remote, params, timeout=TIMEOUT)
        assert northbound.apply(servers.remote, params, timeout=TIMEOUT).steps == []
        assert servers.picture() == wanted
        before = wanted
    print(f"{ends.pop('', 0)} of {LEADERS} runs ended well;", *ends.items())


def test_a_cluster_without_a_leader_is_told(servers: cluster.Cluster) -> None:
    followers = [member for member in servers.members if member.status("Role") != "leader"]
    for member in (servers.leader, followers[0]):
        member.stop(signal.SIGKILL)
    for check in (True, False):
        with pytest.raises(Follower, match=r"None of the servers at .* was the leader of its cluster within 2 s"):
            northbound.apply(servers.remote, WHOLE, check=check, timeout=2)
    with pytest.raises(Follower, match=r"is a follower in its cluster, .* Name all servers of the cluster in ovn_nb"):
        northbound.apply(followers[1].remote, WHOLE, check=True, timeout=2)
