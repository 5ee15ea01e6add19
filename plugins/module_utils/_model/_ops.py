# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an op is, and the writes on files.

An op describes itself in a sentence, predicts its effect on a snapshot, and knows the ops that undo it (computed from
the snapshot before it). _host performs it; a fake in a test only applies the effect. So a plan, its check-mode form,
its diff and its undo are all made from the same object.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _access, _snapshot

# What a step disturbs, from harmless to grave: nothing; some packets are lost, and then it goes on; something goes, or
# goes and comes back as another one, without its addresses, leases, connections or counters.
NOTHING = "none"
BRIEF = "brief"
RECREATION = "recreate"
DISTURBANCES = (NOTHING, BRIEF, RECREATION)
# Who performs a step: netlink and the file system, Open vSwitch's database, our daemons, the guards of uplinks, what
# saves for the next boot, OVN's databases.
KERNEL, OVSDB, DAEMONS, GUARDS, BOOTS = "kernel", "ovsdb", "daemons", "guards", "boots"
NORTHBOUND, SOUTHBOUND = "northbound", "southbound"
OF_RECORDS = 0o600  # the mode of our own records


F = t.TypeVar("F")


def performed_by(table: t.Mapping[str, F], op: Op) -> F:
    """The performer of an op, by the name of its type: a run imports only the ops that its kinds use. An op without a
    performer is a bug.
    """
    try:
        return table[type(op).__name__]
    except KeyError:
        raise AssertionError(f"nobody performs {type(op).__name__}") from None


def where(ns: _snapshot.NsKey) -> str:
    """' in red', or '' for the namespace the module runs in."""
    return f" in {ns}" if ns is not None else ""


@dataclasses.dataclass(frozen=True)
class Op:
    """One write. Subclasses are plain data.

    performer: the part of _host that does it. atomic: the host does it completely or not at all. An op that is not
    atomic may be partly done when it fails; its inverse is then safe to perform, and undoes that part. repeatable: if
    another program undoes it at the same moment, it may be done again.
    """

    performer: t.ClassVar[str] = KERNEL
    disturbs: t.ClassVar[str] = NOTHING
    atomic: t.ClassVar[bool] = True
    repeatable: t.ClassVar[bool] = False

    def sentence(self) -> str:
        """What the op does, in the imperative and without a full stop."""
        raise AssertionError("every op has its own sentence")

    def joins(self, last: Op) -> bool:
        """Whether the op shares a transaction with the op just before it."""
        return False

    def check(self, now: _snapshot.Snapshot) -> None:
        """Raise Conflict if the present state makes the host refuse the op, whoever plans it."""

    def effect(self, now: _snapshot.Snapshot) -> None:
        """Change the snapshot as the host will change."""

    def falls(self, now: _snapshot.Snapshot) -> tuple[str, ...]:
        """What else is lost by the kernel's own rules, in words: 'takes fd00::1/64 from eth0'; ``now`` is the snapshot
        before it.
        """
        return ()

    def inverse(self, now: _snapshot.Snapshot) -> tuple[Op, ...]:
        """The ops that undo it; ``now`` is the snapshot before it."""
        return ()

    def is_fresh(self, now: _snapshot.Snapshot) -> bool:
        """Whether its object is only predicted, so that it has no number yet: the plan itself makes it."""
        return False


@dataclasses.dataclass(frozen=True)
class FileWrite(Op):
    """Write a file with its parents, by a rename and without following links. ``quiet`` files are our own records.

    ``owner``: the user and group ids; None: those of this process.
    """

    path: str
    content: str
    mode: int = 0o644
    quiet: bool = False
    owner: tuple[int, int] | None = None

    def sentence(self) -> str:
        return f"write {self.path}{'' if self.quiet or self.mode == 0o644 else f' (mode {self.mode:04o})'}"

    def effect(self, now: _snapshot.Snapshot) -> None:
        now.files[self.path] = self.content
        now.access[self.path] = _access.Access(self.mode, *(self.owner or (0, 0)))

    def inverse(self, now: _snapshot.Snapshot) -> tuple[Op, ...]:
        return (FileDelete(self.path, self.quiet),) if now.files.get(self.path) is None else _as_it_is(self, now)


@dataclasses.dataclass(frozen=True)
class FileDelete(Op):
    """Delete a file, and those of our parent folders that are then empty (_host/files/_files.py names them)."""

    path: str
    quiet: bool = False

    def sentence(self) -> str:
        return f"delete {self.path}"

    def effect(self, now: _snapshot.Snapshot) -> None:
        now.files[self.path] = None
        now.access.pop(self.path, None)

    def inverse(self, now: _snapshot.Snapshot) -> tuple[Op, ...]:
        return () if now.files.get(self.path) is None else _as_it_is(self, now)


def record(path: str, text: str | None) -> FileWrite | FileDelete:
    """The op after which a record of ours has this text; None: after which there is no record."""
    return FileDelete(path, quiet=True) if text is None else FileWrite(path, text, OF_RECORDS, quiet=True)


def _as_it_is(op: FileWrite | FileDelete, now: _snapshot.Snapshot) -> tuple[Op, ...]:
    """The op that restores the present state of a file."""
    access = now.access.get(op.path)
    mode = access.mode if access else getattr(op, "mode", 0o644)
    return (
        FileWrite(op.path, now.files[op.path] or "", mode, op.quiet, (access.user, access.group) if access else None),
    )
