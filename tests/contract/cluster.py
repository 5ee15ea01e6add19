# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A northbound database on a cluster of three ovsdb-servers (ovsdb(7), Clustered Database Service Model)."""

from __future__ import annotations

import contextlib
import pathlib
import re
import signal
import subprocess
import time
import typing as t

from ansible_collections.netloom.linux.tests.contract import northbound

LONGEST = 30.0  # seconds until the servers agree


class Member(northbound.Server):
    """One of the servers. The first one founds the cluster, the others join it."""

    def __init__(self, folder: pathlib.Path, schema: pathlib.Path, number: int) -> None:
        self.number = number
        super().__init__(folder, schema, f"nb{number}")

    def create(self) -> None:
        """Make the file of the database."""
        path, raft, first = (f"{self.folder}/{name}" for name in (f"{self.name}.db", f"raft{self.number}", "raft1"))
        if self.number == 1:
            northbound.run_tool("ovsdb-tool", "create-cluster", path, str(self.schema), f"unix:{raft}")
        else:
            northbound.run_tool("ovsdb-tool", "join-cluster", path, "OVN_Northbound", f"unix:{raft}", f"unix:{first}")

    def status(self, word: str) -> str:
        """A word of its status; empty if it does not run."""
        command = ["ovs-appctl", "-t", f"{self.folder}/{self.name}.ctl", "cluster/status", "OVN_Northbound"]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        found = re.search(f"^{word}: (.*)$", done.stdout, re.MULTILINE)
        return found[1] if found else ""


class Cluster(northbound.Client):
    """Three servers."""

    def __init__(self, folder: pathlib.Path, schema: pathlib.Path) -> None:
        self.members: list[Member] = []
        for number in (1, 2, 3):
            self.members.append(Member(folder, schema, number))
            self.settle()
        super().__init__(",".join(member.remote for member in self.members))

    def settle(self) -> None:
        """Wait until all that run agree."""
        until = time.monotonic() + LONGEST
        while True:
            told = [(one.status("Status"), one.status("Role"), one.status("Leader")) for one in self.members]
            running = [one for one in told if one[0]]
            agreed = all(status == "cluster member" and leader != "unknown" for status, _role, leader in running)
            if agreed and [role for _status, role, _leader in running].count("leader") == 1:
                return
            assert time.monotonic() < until, told
            time.sleep(0.05)

    @property
    def leader(self) -> Member:
        """The leader."""
        (found,) = (member for member in self.members if member.status("Role") == "leader")
        return found

    def stop(self) -> None:
        """End all of them."""
        for member in self.members:
            member.stop(signal.SIGKILL)


@contextlib.contextmanager
def serving(folder: pathlib.Path, schema: pathlib.Path) -> t.Iterator[Cluster]:
    """A cluster that ends with the block."""
    cluster = Cluster(folder, schema)
    try:
        cluster.initialise()
        yield cluster
    finally:
        cluster.stop()
