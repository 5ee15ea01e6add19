# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes that only an uplink needs, as data: the guard of its move."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _ops, _snapshot


@dataclasses.dataclass(frozen=True)
class GuardStart(_ops.Op):
    """Start a separate process that restores the uplink and its bridge, unless somebody confirms in time."""

    performer = _ops.GUARDS
    ns: _snapshot.NsKey
    uplink: str
    bridge: str
    seconds: int
    ovs: _snapshot.OvsTarget | None = None  # the database of a bridge of Open vSwitch

    def sentence(self) -> str:
        return f"guard {self.uplink}{_ops.where(self.ns)}: back as it was, unless confirmed within {self.seconds} s"

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        return (GuardBack(self.ns, self.uplink),)


@dataclasses.dataclass(frozen=True)
class GuardBack(_ops.Op):
    """Let the guard restore the rest after a failed run was undone, and end."""

    performer = _ops.GUARDS
    quiet: t.ClassVar[bool] = True
    ns: _snapshot.NsKey
    uplink: str

    def sentence(self) -> str:
        return f"let the guard of {self.uplink}{_ops.where(self.ns)} put it back"


@dataclasses.dataclass(frozen=True)
class DatapathRelease(_ops.Op):
    """Take a NIC out of Open vSwitch's datapath in the kernel by the kernel alone, because the database does not
    answer. What the database says stays.
    """

    disturbs = _ops.BRIEF
    ns: _snapshot.NsKey
    name: str

    def sentence(self) -> str:
        return f"take {self.name}{_ops.where(self.ns)} out of the kernel's datapath"

    def effect(self, now: _snapshot.Snapshot) -> None:
        now.put(self.ns, dataclasses.replace(now.namespaces[self.ns].links[self.name], held_by=None))
