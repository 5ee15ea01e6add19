# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab host that is rebooted is found again, however soon its keeper has started it."""

from __future__ import annotations

import os
import pathlib
import signal
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
hosts = pytest.importorskip("labhost.hosts", reason="lab hosts are not in the tree that ansible-test copies")
rundir = pytest.importorskip("labhost.rundir")


def test_the_new_pid_stays_if_the_keeper_notes_it_at_once(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = rundir.Run(tmp_path, rundir.Settings())
    host = run.host(1)
    host.directory.mkdir(parents=True)
    host.record_pid(os.getpid())  # a process that lives
    run.record_keeper(os.getpid())

    def kill(_pid: int, number: int) -> None:
        if number == signal.SIGKILL:
            host.record_pid(os.getppid())

    monkeypatch.setattr(hosts.os, "kill", kill)
    monkeypatch.setattr(hosts, "_await_end_of_host", lambda _pid: None)
    monkeypatch.setattr(hosts, "wait_ready", lambda _host, other_than: None)
    hosts.reboot(host)
    assert host.pid == os.getppid()


def test_a_host_that_begins_between_two_questions_has_not_ended(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = rundir.Run(tmp_path, rundir.Settings(kernels={1: "7.2"}))
    host = run.host(1)
    host.directory.mkdir(parents=True)
    run.record_keeper(os.getpid())
    told: list[int | None] = []

    def pid(_host: object) -> int | None:
        told.append(os.getpid() if told else None)
        host.record_pid(os.getpid())
        return told[-1]

    monkeypatch.setattr(rundir.Host, "pid", property(pid))
    monkeypatch.setattr(hosts, "_system_state", lambda _host, _seconds: "running")
    hosts.wait_ready(host)
    assert told == [None, os.getpid()]
