# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a NIC becomes a port of its bridge, and how it ceases to be one. This is all that kinds of bridges do differently
with an uplink.
"""

from __future__ import annotations

import abc
import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.link import _port_flags
from ansible_collections.netloom.linux.plugins.module_utils._model import _link_ops, _plan, _scope, _snapshot, _uplink


@dataclasses.dataclass(frozen=True)
class Plug(abc.ABC):
    """The place of an uplink in a bridge."""

    ns: _snapshot.NsKey
    bridge: str

    @property
    def database(self) -> _snapshot.OvsTarget | None:
        """The database of Open vSwitch that says which ports the bridge has; None: the kernel says so."""
        return None

    @abc.abstractmethod
    def scope(self, scope: _scope.Scope, uplink: str) -> None:
        """Add to the scope what is needed besides the links. ``uplink``: the declared one; '': none."""

    def is_here(self, now: _snapshot.Snapshot) -> bool:
        """Whether the bridge is on this host, as uplinks and their records are."""
        return True

    @abc.abstractmethod
    def holds(self, now: _snapshot.Snapshot, nic: _snapshot.Link) -> bool:
        """Whether the NIC is a port of the bridge."""

    @abc.abstractmethod
    def holder(self, now: _snapshot.Snapshot, nic: _snapshot.Link) -> str | None:
        """Whose port the NIC is, if that is not the bridge: "of 'br9'"."""

    @abc.abstractmethod
    def join(self, planner: _plan.Planner, nic: _snapshot.Link, wish: str) -> None:
        """Plan that the NIC is a port of the bridge, and up."""

    def reads_along(self, now: _snapshot.Snapshot) -> bool:
        """Whether the kernel's own stack goes on to read what the NIC receives when it is a port."""
        return False

    @abc.abstractmethod
    def warn_of_a_reboot(self, planner: _plan.Planner, uplink: str) -> None:
        """Warn if the next boot makes the NIC a port, and does not bring back what the bridge gets with it."""

    @abc.abstractmethod
    def silence(self, planner: _plan.Planner, uplink: str) -> None:
        """Plan that nobody but the bridge answers what the NIC receives, once its addresses are off it."""

    def kept(self, planner: _plan.Planner, uplink: str, known: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """What is recorded of the NIC and of the bridge besides belongings. ``known``: by earlier runs."""
        return dict(known)

    @abc.abstractmethod
    def leave(self, planner: _plan.Planner, home: _uplink.Home) -> None:
        """Plan that the NIC is no port of the bridge, with all else as it was before it became one."""


class LinuxPlug(Plug):
    """A port of a Linux bridge: its master says so."""

    def scope(self, scope: _scope.Scope, uplink: str) -> None:
        """The links tell all."""

    def holds(self, now: _snapshot.Snapshot, nic: _snapshot.Link) -> bool:
        return nic.master == self.bridge

    def holder(self, now: _snapshot.Snapshot, nic: _snapshot.Link) -> str | None:
        if nic.held_by is not None:
            return "of Open vSwitch"
        return None if nic.master in (None, self.bridge) else f"of '{nic.master}'"

    def warn_of_a_reboot(self, planner: _plan.Planner, uplink: str) -> None:
        """The bridge is gone then, and the NIC has its addresses."""

    def join(self, planner: _plan.Planner, nic: _snapshot.Link, wish: str) -> None:
        changes: dict[str, t.Any] = {}
        if nic.master != self.bridge:
            changes = {"master": self.bridge, **_port_flags.joining(planner, (self.ns, nic.name))}
        changes.update({} if nic.up else {"up": True})
        if changes:
            planner.do(_link_ops.LinkSet(self.ns, nic.name, changes))

    def silence(self, planner: _plan.Planner, uplink: str) -> None:
        """The bridge takes all frames of its ports."""

    def leave(self, planner: _plan.Planner, home: _uplink.Home) -> None:
        nic = planner.now.namespaces[self.ns].links[home.uplink]
        changes: dict[str, t.Any] = {"master": None} if nic.master == self.bridge else {}
        changes.update(home.face(nic))
        if changes:
            planner.do(_link_ops.LinkSet(self.ns, home.uplink, changes))
