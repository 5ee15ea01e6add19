# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes that make a host a chassis of OVN: keys and TLS files in Open vSwitch's database, and stale rows in the
southbound one.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _ops, _ovn, _ovs_ops, _snapshot

# A change of these moves the chassis or its tunnels.
FELT = {_ovn.REMOTE, _ovn.ENCAP_TYPE, _ovn.ENCAP_IP, _ovn.MAPPINGS, _ovn.BRIDGE, _ovn.DATAPATH_TYPE, _ovn.SYSTEM_ID}


@dataclasses.dataclass(frozen=True)
class RootOp(_ovs_ops.OvsOp):
    """A write on the row of table Open_vSwitch."""

    @property
    def row(self) -> str:
        return _ovn.ROOT

    def is_fresh(self, now: _snapshot.Snapshot) -> bool:
        return not now.ovs[self.target].external_ids.get(_ovn.REMOTE)  # no ovn-controller can be at work


@dataclasses.dataclass(frozen=True)
class ExternalIdsSet(RootOp):
    """Change keys of Open_vSwitch.external_ids, and no others. None deletes a key."""

    keys: t.Mapping[str, str | None]

    @property
    def disturbs(self) -> str:  # type: ignore[override]
        """What the op disturbs: ovn-controller connects again, or makes its tunnels or patch ports again."""
        return _ops.BRIEF if FELT & set(self.keys) else _ops.NOTHING

    def sentence(self) -> str:
        told = ", ".join(f"{key}={'none' if value is None else value}" for key, value in self.keys.items())
        return f"set external_ids of Open vSwitch: {told}"

    def effect(self, now: _snapshot.Snapshot) -> None:
        ovs = now.ovs[self.target]
        merged = {**ovs.external_ids, **self.keys}
        ovs.external_ids = {key: value for key, value in merged.items() if value is not None}

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        was = now.ovs[self.target].external_ids
        return (ExternalIdsSet(self.target, {key: was.get(key) for key in self.keys}),)


@dataclasses.dataclass(frozen=True)
class SslSet(RootOp):
    """Write the only row of table SSL, or delete it (None)."""

    disturbs = _ops.BRIEF
    ssl: _ovn.Ssl | None

    def sentence(self) -> str:
        if self.ssl is None:
            return "delete the TLS files of Open vSwitch (table SSL)"
        files = f"{self.ssl.private_key}, {self.ssl.certificate}, {self.ssl.ca_cert}"
        return f"set the TLS files of Open vSwitch (table SSL): {files}"

    def effect(self, now: _snapshot.Snapshot) -> None:
        now.ovs[self.target].ssl = self.ssl

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        return (SslSet(self.target, now.ovs[self.target].ssl),)


@dataclasses.dataclass(frozen=True)
class SouthboundOp(_ops.Op):
    """A write on a southbound database. ``of``: the database of Open vSwitch to whose host it belongs."""

    performer = _ops.SOUTHBOUND
    of: _snapshot.OvsTarget
    access: _ovn.Access  # with the remote, and the TLS files if it takes any
    chassis: _ovn.Chassis

    def _rows(self, now: _snapshot.Snapshot) -> dict[str, _ovn.Chassis]:
        return now.southbound[self.of].chassis


@dataclasses.dataclass(frozen=True)
class ChassisDelete(SouthboundOp):
    """Delete a chassis that nobody serves any more: its rows of the tables Chassis, Chassis_Private and Encap."""

    repeatable = True  # an ovn-controller that has not yet seen its new configuration may write the rows once more

    def sentence(self) -> str:
        return f"delete chassis {self.chassis.name} from the southbound database"

    def effect(self, now: _snapshot.Snapshot) -> None:
        self._rows(now).pop(self.chassis.name, None)

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        return (ChassisAdd(self.of, self.access, self.chassis),)


@dataclasses.dataclass(frozen=True)
class ChassisAdd(SouthboundOp):
    """Restore the rows of a chassis, unless its ovn-controller has done so."""

    def sentence(self) -> str:
        return f"restore chassis {self.chassis.name} in the southbound database"

    def effect(self, now: _snapshot.Snapshot) -> None:
        self._rows(now)[self.chassis.name] = self.chassis
