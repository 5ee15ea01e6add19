# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes that let a topology be restored at boot, as data."""

from __future__ import annotations

import dataclasses

from ansible_collections.netloom.linux.plugins.module_utils._model import _boot, _ops, _paths, _snapshot


@dataclasses.dataclass(frozen=True)
class BootSave(_ops.Op):
    """Save a topology and the code that applies it, and enable its unit."""

    performer = _ops.BOOTS
    atomic = False
    name: str
    boot: _boot.Boot
    reason: str = ""

    def sentence(self) -> str:
        return (
            f"save topology {self.name} for the next boot, as"
            f" {_paths.boot_unit(self.name)}{f' ({self.reason})' if self.reason else ''}"
        )

    def effect(self, now: _snapshot.Snapshot) -> None:
        now.boots[self.name] = self.boot

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        before = now.boots.get(self.name)
        return (BootSave(self.name, before),) if before is not None else (BootForget(self.name),)


@dataclasses.dataclass(frozen=True)
class BootForget(_ops.Op):
    """Delete everything that was saved of a topology, and its unit."""

    performer = _ops.BOOTS
    atomic = False
    name: str

    def sentence(self) -> str:
        return (
            f"forget topology {self.name} for the next boot: delete {_paths.boot_unit(self.name)} and what was saved"
            " with it"
        )

    def effect(self, now: _snapshot.Snapshot) -> None:
        now.boots.pop(self.name, None)

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        before = now.boots.get(self.name)
        return (BootSave(self.name, before),) if before is not None else ()
