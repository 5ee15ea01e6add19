# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which process lives: real ones of this machine."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import time
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.processes import _proof

# A parent that never collects its child, as PID 1 of many a container does.
CARELESS = "import subprocess, time; print(subprocess.Popen(['sleep', '600']).pid, flush=True); time.sleep(600)"


@pytest.fixture
def child() -> t.Iterator[int]:
    """A process whose parent is careless."""
    parent = subprocess.Popen([sys.executable, "-c", CARELESS], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    yield pid
    os.kill(pid, signal.SIGKILL)
    parent.kill()
    parent.wait()
    parent.stdout.close()


def state_of(pid: int) -> str:
    with open(f"/proc/{pid}/stat", encoding="ascii") as handle:
        return handle.read().rsplit(")", 1)[1].split()[0]


def started(pid: int) -> _proof.Proof:
    """Its proof, once it has become what it was started for."""
    until = time.monotonic() + 10
    while (proof := _proof.proof_of(pid)) is None or proof.command[:1] != ("sleep",):
        assert time.monotonic() < until
        time.sleep(0.01)
    return proof


def test_a_zombie_is_dead(child: int) -> None:
    proof = started(child)
    assert _proof.alive(proof)
    os.kill(child, signal.SIGKILL)
    until = time.monotonic() + 10
    while state_of(child) != "Z" and time.monotonic() < until:
        time.sleep(0.01)
    assert state_of(child) == "Z"
    assert _proof.proof_of(child) is None
    assert not _proof.alive(proof)


@pytest.mark.parametrize("change", [{"started": 1}, {"inode": 1}, {"command": ("dnsmasq",)}])
def test_a_number_that_somebody_else_has_now_proves_nothing(child: int, change: dict[str, t.Any]) -> None:
    other = dataclasses.replace(started(child), **change)
    assert not _proof.alive(other)
    assert not _proof.send(other, signal.SIGKILL)
    assert state_of(child) in "SR"


def test_a_program_runs_or_not() -> None:
    with open("/proc/self/comm", encoding="utf-8") as handle:
        own = handle.read().rstrip("\n")
    assert _proof.is_running(own)
    assert not _proof.is_running("no-such-program")
