# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof that a process is the one that we started: pid, start time, command line and network namespace together.

A pid alone proves nothing, because pids are reused. A zombie counts as dead. No process is signalled without the proof.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import select
import signal
import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.namespaces import _namespaces
from ansible_collections.netloom.linux.plugins.module_utils._host.processes import _spawn


@dataclasses.dataclass(frozen=True)
class Proof:
    """A living process. ``started``: clock ticks since boot (proc(5), field 22 of stat). Without a command: it renames
    itself, as dhcpcd does.
    """

    pid: int
    started: int
    inode: int
    command: tuple[str, ...]


def proof_of(pid: int) -> Proof | None:
    """The proof of the process that has this pid now. None if there is none or it is a zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as handle:
            # The command's name stands in brackets and may contain anything, so the fields are those after the last
            # one.
            fields = handle.read().rsplit(")", 1)[1].split()
        with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="surrogateescape") as handle:
            command = tuple(handle.read().split("\0")[:-1])
    except (OSError, IndexError):
        return None
    inode = _namespaces.inode_of(f"/proc/{pid}/ns/net")
    if fields[0] in "ZXx" or inode is None:
        return None
    return Proof(pid, int(fields[19]), inode, command)


def is_running(command: str) -> bool:
    """Whether a living process has this name (proc(5), comm), in a container or not."""
    for pid in sorted(int(entry) for entry in os.listdir("/proc") if entry.isdigit()):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as handle:
            if handle.read().rstrip("\n") == command and proof_of(pid) is not None:
                return True
    return False


def mounts_of(pid: int) -> int | None:
    """The inode of a process's mount namespace."""
    try:
        return os.stat(f"/proc/{pid}/ns/mnt").st_ino
    except OSError:
        return None


def relatives(proof: Proof, mounts: int | None) -> list[Proof]:
    """The living processes in both namespaces of one that we started. Its mount namespace was made for it alone, so
    they belong to it.
    """
    if mounts is None or mounts == mounts_of(os.getpid()):
        return []
    pids = (pid for pid in _namespaces.pids() if mounts_of(pid) == mounts)
    return [found for found in map(proof_of, pids) if found is not None and found.inode == proof.inode]


def encode(proof: Proof) -> dict[str, t.Any]:
    """Convert a proof for the record."""
    return {**dataclasses.asdict(proof), "command": list(proof.command)}


def decode(data: t.Any) -> Proof | None:
    """Read a proof from the record, or None if it has none."""
    try:
        return Proof(int(data["pid"]), int(data["started"]), int(data["inode"]), tuple(map(str, data["command"])))
    except (KeyError, TypeError, ValueError):
        return None


def alive(proof: Proof | None) -> bool:
    """Whether exactly this process still lives."""
    _spawn.reap()
    if proof is None:
        return False
    now = proof_of(proof.pid)
    return now is not None and proof == (now if proof.command else dataclasses.replace(now, command=()))


def family(pid: int) -> tuple[int, ...]:
    """The process and its descendants."""
    found = [pid]
    with contextlib.suppress(OSError):
        for thread in sorted(os.listdir(f"/proc/{pid}/task"), key=int):
            with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as handle:
                for child in handle.read().split():
                    found += family(int(child))
    return tuple(found)


@contextlib.contextmanager
def _held(proof: Proof) -> t.Iterator[int | None]:
    """A descriptor of the process (pidfd_open(2)), which cannot come to mean another. None before Linux 5.3 or if the
    process is gone.
    """
    try:
        descriptor = os.pidfd_open(proof.pid)
    except (OSError, AttributeError):
        yield None
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def send(proof: Proof, number: signal.Signals) -> bool:
    """Signal the process if it is still the same one. Return whether it was."""
    with _held(proof) as descriptor:
        # Looked at after the descriptor is open: from here on the pid cannot be reused under our hands.
        if not alive(proof):
            return False
        with contextlib.suppress(ProcessLookupError):
            if descriptor is not None and hasattr(signal, "pidfd_send_signal"):
                signal.pidfd_send_signal(descriptor, number)
            else:
                os.kill(proof.pid, number)
        return True


def gone(proof: Proof, seconds: float) -> bool:
    """Wait until the process has ended."""
    deadline = time.monotonic() + seconds
    with _held(proof) as descriptor:
        while alive(proof):
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            if descriptor is not None:
                select.select([descriptor], [], [], min(left, 0.2))
            else:
                time.sleep(0.02)
    return True


def end(proof: Proof, number: signal.Signals = signal.SIGTERM, seconds: float = 5) -> None:
    """End the process: with the given signal, then with SIGTERM, and finally with SIGKILL."""
    for one, patience in ((number, seconds), (signal.SIGTERM, 2.0), (signal.SIGKILL, 2.0)):
        if not send(proof, one) or gone(proof, patience):
            return
