# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-playbook and its modules on all hosts are killed at once, half-way: the next run does the rest."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import time

from declared import networks, proven
from fleet import Fleet

KILLS = int(os.environ.get("NETLOOM_KILLS", "6"))
STEP = 0.05  # seconds by which each kill comes later than the one before
MOST_STEPS = 8
# While a run is at work on a host.
AT_WORK = "until [ -e /run/netloom/lock ]; do sleep 0.01; done"
# All that came by SSH, but nothing that systemd runs by itself.
KILL = "systemctl kill --signal=KILL 'netloom-lab-ssh@*.service'"


def descendants(pid: int) -> list[int]:
    """A process and all below it."""
    try:
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:  # it has just ended
        return []
    return [pid, *(one for child in children for one in descendants(int(child)))]


def killed(fleet: Fleet, playbook: str, seconds: float) -> None:
    """Start a playbook, and kill everything so many seconds after the first host has begun. Each host kills by itself:
    an order from here would come when all is done.
    """
    killers = [subprocess.Popen(host.command(f"{AT_WORK}; sleep {seconds}; {KILL}")) for host in fleet.hosts]
    process = fleet.start(playbook)
    while all(killer.poll() is None for killer in killers) and process.poll() is None:
        time.sleep(0.01)
    for pid in descendants(process.pid):
        os.kill(pid, signal.SIGKILL)
    for host, killer in zip(fleet.hosts, killers):
        try:
            killer.wait(timeout=seconds + 1)
        except subprocess.TimeoutExpired:  # it had not begun
            killer.kill()
            killer.wait()
            host.does(KILL)
    process.wait()


def test_all_are_killed_at_once(fleet: Fleet) -> None:
    """While networks are made, become larger, become smaller, and go."""
    hosts, half_way = fleet.all[:4], 0
    turns = [("site", hosts[:3]), ("site", hosts), ("site", hosts[:3]), ("teardown", hosts[:3])]
    for number in range(KILLS):
        playbook, where = turns[number % len(turns)]
        fleet.declare(networks(where), hosts)
        killed(fleet, playbook, STEP * (number % MOST_STEPS))
        half_way += bool(fleet.run(playbook).good().changed)
        assert fleet.run(playbook).good().changed == []
        if playbook == "site":
            proven(where)
    assert half_way
