# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection to a real ovsdb-server that breaks in the middle of a transaction: before the server has it, or before
we have its answer.
"""

from __future__ import annotations

import contextlib
import pathlib
import selectors
import socket
import threading
import time
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host._host import Host
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import NetloomError
from ansible_collections.netloom.linux.tests.contract.judge import (
    differences,
    host_picture,
    lab_host_only,
    outcome_of,
    told,
)

pytestmark = lab_host_only

SERVER = "/run/openvswitch/db.sock"
PATIENCE = 5  # seconds that the client waits for an answer


class Breaker:
    """Stands between a client and the server, and breaks one transaction: its ``request`` is lost, its ``answer`` is
    lost, or the server gets it ``late``.
    """

    def __init__(self, path: str, loses: str, turn: int) -> None:
        self.loses = loses
        self.before = turn  # transactions that pass first
        self.broken = 0
        self.kept = b""  # the request that was lost
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(path)
        self._socket.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def break_off(self) -> None:
        """What happens when the server has lost a client that does not know it yet."""

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                client, _address = self._socket.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        server.connect(SERVER)
        mine = False
        with contextlib.suppress(OSError), client, server, selectors.DefaultSelector() as both:  # one of them is gone
            both.register(client, selectors.EVENT_READ, server)
            both.register(server, selectors.EVENT_READ, client)
            while True:
                for key, _events in both.select():
                    data = t.cast("socket.socket", key.fileobj).recv(1 << 20)
                    if not data:
                        return
                    if key.fileobj is client and b'"transact"' in data and not self.broken:
                        self.before -= 1
                        mine = self.before < 0
                        self.broken += mine
                        if mine and self.loses == "request":
                            self.kept = data
                            server.close()
                            self.break_off()
                            return
                        if mine and self.loses == "late":
                            time.sleep(PATIENCE + 2)
                    if mine and key.fileobj is server and self.loses == "answer":
                        return
                    key.data.sendall(data)


@pytest.fixture
def breaks(tmp_path: pathlib.Path) -> t.Iterator[t.Callable[[str, int], tuple[Breaker, str]]]:
    """Makes a breaker, and tells its address as an OVSDB."""
    told("systemctl start openvswitch-switch")
    made = []

    def make(loses: str, turn: int) -> tuple[Breaker, str]:
        made.append(Breaker(str(tmp_path / "db.sock"), loses, turn))
        return made[0], f"unix:{tmp_path}/db.sock"

    yield make
    for one in made:
        one.close()


def wish(ovsdb: str) -> dict[str, t.Any]:
    """A bridge with two ports, and what Open vSwitch is told of them."""
    ports = [
        {"name": f"lost{tag}", "bridge": "lost0", "type": "internal", "tag": tag, "ovsdb": ovsdb, "timeout": PATIENCE}
        for tag in (10, 20)
    ]
    return {"name": "lost", "ovs_bridge": [{"name": "lost0", "ovsdb": ovsdb, "timeout": PATIENCE}], "ovs_port": ports}


@pytest.mark.parametrize("loses", ["request", "answer"])
def test_what_is_lost_is_sent_again_and_what_is_done_is_not_done_twice(
    breaks: t.Callable[[str, int], tuple[Breaker, str]], loses: str
) -> None:
    before = host_picture()
    for state in ("present", "absent"):
        breaker, ovsdb = breaks(loses, 0)
        with contextlib.closing(Host(10)) as host:
            assert outcome_of({**wish(ovsdb), "state": state}, host).changed
            assert breaker.broken == 1
            assert not outcome_of({**wish(ovsdb), "state": state}, host).changed
        breaker.close()
        pathlib.Path(ovsdb[len("unix:") :]).unlink()
        assert told("ovs-vsctl list-br").split() == (["lost0"] if state == "present" else [])
    assert not differences(before, host_picture())


@pytest.mark.parametrize("turn", [0, 1])
def test_what_was_done_without_an_answer_is_taken_back(
    breaks: t.Callable[[str, int], tuple[Breaker, str]], turn: int
) -> None:
    """Open vSwitch takes no loopback device for a port. turn 1: it is the taking back whose answer is lost."""
    before = host_picture()
    breaker, ovsdb = breaks("answer", turn)
    refused = wish(ovsdb)
    refused["ovs_port"].append({"name": "lo", "bridge": "lost0", "ovsdb": ovsdb, "timeout": PATIENCE})
    with contextlib.closing(Host(10)) as host, pytest.raises(NetloomError, match="could not make port 'lo'"):
        outcome_of(refused, host)
    assert breaker.broken == 1
    assert not differences(before, host_picture())


def test_what_the_server_does_when_nobody_waits_any_more_is_remembered(
    breaks: t.Callable[[str, int], tuple[Breaker, str]],
) -> None:
    before = host_picture()
    _breaker, ovsdb = breaks("late", 0)
    with contextlib.closing(Host(10)) as host, pytest.raises(NetloomError) as failed:
        outcome_of(wish(ovsdb), host)
    assert "did not answer within 5 s. Could not be undone: create OVS bridge lost0 " in str(failed.value)
    until = time.monotonic() + 10
    while not told("ovs-vsctl list-br").split():
        assert time.monotonic() < until
        time.sleep(0.1)
    with contextlib.closing(Host(10)) as host:
        assert outcome_of({"name": "lost", "state": "absent"}, host).changed
    assert not differences(before, host_picture())
