# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes on namespaces and their processes, as data."""

from __future__ import annotations

import dataclasses

from ansible_collections.netloom.linux.plugins.module_utils._model import _fallout, _ops, _snapshot


@dataclasses.dataclass(frozen=True)
class NetnsCreate(_ops.Op):
    """Create a new, empty namespace under a name. A dangling file of that name is replaced."""

    name: str

    def sentence(self) -> str:
        return f"create namespace {self.name}"

    def effect(self, now: _snapshot.Snapshot) -> None:
        # A new namespace has a loopback link, down, and nothing else.
        now.namespaces[self.name] = _snapshot.Namespace(
            self.name, links={"lo": _snapshot.Link("lo", mtu=65536)}, processes={}
        )

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        return (NetnsDelete(self.name),)


@dataclasses.dataclass(frozen=True)
class NetnsAttach(_ops.Op):
    """Give somebody's namespace (a path such as /proc/PID/ns/net) a name, by a bind mount.

    ``words``: its name in sentences. ``process``: the pid and the start time of the process whose namespace it must be.
    """

    name: str
    path: str
    inode: int | None = None
    words: str = ""
    process: tuple[int, int] | None = None

    def sentence(self) -> str:
        return f"attach {self.words or self.path} as namespace {self.name}"

    def effect(self, now: _snapshot.Snapshot) -> None:
        known = now.namespaces.get(self.path)
        lost = now.namespaces.get(self.name)
        for link in lost.links.values() if lost else ():
            far = now.link(*link.peer) if link.peer and link.peer[0] != self.name else None
            if link.peer and far:  # the earlier namespace of the name is not visible any more
                now.put(link.peer[0], dataclasses.replace(far, peer=None))
        now.namespaces[self.name] = dataclasses.replace(
            known.clone() if known else _snapshot.Namespace(self.name),
            key=self.name,
            inode=self.inode,
            attached=True,
            dangling=False,
        )

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        before = now.namespaces.get(self.name)
        if before is None or before.dangling:
            return (NetnsDelete(self.name),)
        # The executor keeps the old attachment open until the run ends.
        return (NetnsRestore(self.name),)


@dataclasses.dataclass(frozen=True)
class NetnsDelete(_ops.Op):
    """Remove a name. Without processes or other references the namespace dies with its links."""

    disturbs = _ops.RECREATION
    name: str

    def sentence(self) -> str:
        return f"delete namespace {self.name}"

    def effect(self, now: _snapshot.Snapshot) -> None:
        gone = now.namespaces.pop(self.name, None)
        if gone is None or gone.attached or gone.processes:
            return  # the namespace lives on without its name
        for link in gone.links.values():
            _fallout.forget_peer(now, link)

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        return (NetnsRestore(self.name),)


@dataclasses.dataclass(frozen=True)
class NetnsRestore(_ops.Op):
    """Undo only: give the name back to the namespace from which this run took it, even if another namespace has it
    now.
    """

    name: str

    def sentence(self) -> str:
        return f"restore namespace {self.name}"


@dataclasses.dataclass(frozen=True)
class ProcessKill(_ops.Op):
    """End one process: SIGTERM, and SIGKILL if it stays. It cannot be undone."""

    disturbs = _ops.RECREATION
    ns: _snapshot.NsKey
    pid: int
    command: str

    def sentence(self) -> str:
        return f"kill process {self.pid} ({self.command}){_ops.where(self.ns)}"

    def effect(self, now: _snapshot.Snapshot) -> None:
        processes = now.namespaces[self.ns].processes
        if processes is not None:
            processes.pop(self.pid, None)
