# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run asks of who started it: which entries there are, and what earlier runs knew."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import _entry
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _identity,
    _ops,
    _plan,
    _scope,
    _snapshot,
)


class Hooks:
    """The entries of a run, and its knowledge of earlier runs. For a single module, that is one entry and no knowledge;
    see Manifest.
    """

    def __init__(self, entries: t.Sequence[_entry.Entry]) -> None:
        self.entries = list(entries)

    def open(self, host: _entry.HostLike) -> t.Sequence[_entry.Entry]:
        """Return all entries that may matter, once no other run writes."""
        return self.entries

    def scope(self, scope: _scope.Scope) -> None:
        """Add to the scope what these entries need to read."""

    def ours(self, snapshot: _snapshot.Snapshot) -> t.Mapping[_plan.Place, _plan.Place]:
        """The places of our links that are not as declared (see Planner)."""
        return {}

    def orphans(self, snapshot: _snapshot.Snapshot) -> frozenset[_plan.Place]:
        """Our devices of Open vSwitch that it does not know any more (see Planner)."""
        return frozenset()

    def macs(self) -> t.Mapping[_plan.Place, str]:
        """The MAC addresses that our links had, by their wanted places."""
        return {}

    def at_boot(self) -> bool:
        """Whether the entries are made again at boot."""
        return False

    def choose(self, snapshot: _snapshot.Snapshot) -> t.Sequence[_entry.Entry]:
        """The entries to carry out, now that the snapshot is known."""
        return self.entries

    def extend(self, planner: _plan.Planner, before: _snapshot.Snapshot) -> None:
        """Add steps to those of the entries."""

    def notes(self, host: _entry.HostLike, book: _identity.Book) -> t.Callable[[t.Sequence[_plan.Step]], None] | None:
        """Return a function to be called with steps before they are performed, or None."""
        return None

    def finish(self, now: _snapshot.Snapshot) -> t.Sequence[_ops.Op]:
        """The ops that end a run which changed something, under the lock."""
        return ()

    def retreat(self) -> None:
        """Note that the run failed and is undone from now on."""

    def mend(
        self, now: _snapshot.Snapshot, book: _identity.Book, uncertain: t.Sequence[_ops.Op]
    ) -> t.Sequence[_ops.Op]:
        """The ops that end a run which was undone. Recreated objects are new ones to the kernel, and ``book`` knows
        them.

        ``uncertain``: ops that the host may do after all.
        """
        return ()


NOTHING_KNOWN = Hooks(())
