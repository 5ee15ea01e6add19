# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes on a link's offloads, as data: transmit checksums, and the joining of what it receives."""

from __future__ import annotations

import dataclasses

from ansible_collections.netloom.linux.plugins.module_utils._model import _ops, _snapshot


@dataclasses.dataclass(frozen=True)
class TxChecksum(_ops.Op):
    """Switch a link's transmit checksum offload (ethtool -K LINK tx on|off)."""

    ns: _snapshot.NsKey
    name: str
    on: bool

    def sentence(self) -> str:
        return f"switch transmit checksum offload of {self.name}{_ops.where(self.ns)} {'on' if self.on else 'off'}"

    def effect(self, now: _snapshot.Snapshot) -> None:
        now.put(self.ns, dataclasses.replace(now.namespaces[self.ns].links[self.name], tx_checksum=self.on))

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        return (TxChecksum(self.ns, self.name, not self.on),)


@dataclasses.dataclass(frozen=True)
class ReceiveOffload(_ops.Op):
    """Switch a link's generic receive offload (ethtool -K LINK gro on|off)."""

    ns: _snapshot.NsKey
    name: str
    on: bool

    def sentence(self) -> str:
        return f"switch generic receive offload of {self.name}{_ops.where(self.ns)} {'on' if self.on else 'off'}"

    def effect(self, now: _snapshot.Snapshot) -> None:
        now.put(self.ns, dataclasses.replace(now.namespaces[self.ns].links[self.name], gro=self.on))

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        return (ReceiveOffload(self.ns, self.name, not self.on),)
