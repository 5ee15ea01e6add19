# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes on rows of OVN's northbound database. All writes of a plan are one transaction."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _northbound, _ops, _snapshot

Parent = tuple[_northbound.Place, str]  # a row and its column


@dataclasses.dataclass(frozen=True)
class RowOp(_ops.Op):
    """A write on one row. ``words``: its sentence. ``quiet``: it is about our own marks."""

    performer = _ops.NORTHBOUND
    place: _northbound.Place
    words: str

    def sentence(self) -> str:
        return self.words

    def joins(self, last: _ops.Op) -> bool:
        return isinstance(last, RowOp)

    def is_fresh(self, now: _snapshot.Snapshot) -> bool:
        return self.place.is_new


@dataclasses.dataclass(frozen=True)
class RowInsert(RowOp):
    """Insert a row, and name it in a column of ``parent``."""

    values: _northbound.Row
    parent: Parent | None = None

    def effect(self, now: _snapshot.Snapshot) -> None:
        now.nb.put(self.place, self.values)
        if self.parent is not None:
            now.nb.link(*self.parent, self.place)

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        return (RowDelete(self.place, f"take back: {self.words}"),)


@dataclasses.dataclass(frozen=True)
class RowChange(RowOp):
    """Change columns of a row. ``was``: their values before. Of sets and maps only the difference is written, so that
    what another program adds at the same moment stays.
    """

    values: _northbound.Row
    was: _northbound.Row
    quiet: bool = False
    brief: bool = False  # packets are lost for a moment

    @property
    def disturbs(self) -> str:  # type: ignore[override]
        """What it disturbs."""
        return _ops.BRIEF if self.brief else _ops.NOTHING

    def effect(self, now: _snapshot.Snapshot) -> None:
        now.nb.put(self.place, self.values)

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        words = f"take back: {self.words}"
        return (RowChange(self.place, words, self.was, self.values, quiet=self.quiet, brief=self.brief),)


@dataclasses.dataclass(frozen=True)
class RowDelete(RowOp):
    """Delete a row with all rows that live only as long as it does. ``part``: it is only a part of its parent, such as
    a rule.
    """

    part: bool = False

    @property
    def disturbs(self) -> str:  # type: ignore[override]
        """What it disturbs."""
        return _ops.BRIEF if self.part else _ops.RECREATION

    def check(self, now: _snapshot.Snapshot) -> None:
        """Refuse what the server would refuse: a row that others refer to by a column which cannot be empty."""
        gone = now.nb.below(self.place)
        for child in gone:
            for by, column in now.nb.naming(child):
                if now.nb.schema[by.table][column].form == _northbound.PLAIN and by not in gone:
                    raise _errors.Conflict(
                        f"Cannot {self.words}: '{now.nb.row(child).get('name', child.id)}' is {column} of {by.table}"
                        f" '{now.nb.row(by).get('name', by.id)}', which cannot be without one. Delete that first"
                        " (ovn-nbctl)."
                    )

    def effect(self, now: _snapshot.Snapshot) -> None:
        now.nb.drop(self.place)

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        gone = now.nb.below(self.place)
        naming = tuple((*one, child) for child in gone for one in now.nb.naming(child) if one[0] not in gone)
        rows = tuple((place, now.nb.row(place)) for place in gone)
        return (RowsRestore(self.place, f"take back: {self.words}", rows, naming),)


@dataclasses.dataclass(frozen=True)
class RowsRestore(RowOp):
    """Insert rows that were deleted, with the references between them and to them. Their UUIDs are new ones."""

    rows: tuple[tuple[_northbound.Place, _northbound.Row], ...]
    naming: tuple[tuple[_northbound.Place, str, _northbound.Place], ...]

    def effect(self, now: _snapshot.Snapshot) -> None:
        for place, values in self.rows:
            now.nb.put(place, values)
        for parent, column, child in self.naming:
            if parent.id in now.nb.rows(parent.table):
                now.nb.link(parent, column, child)

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        return (RowDelete(self.place, f"take back: {self.words}"),)


def changed(now: _snapshot.Snapshot, place: _northbound.Place, values: _northbound.Row) -> dict[str, t.Any]:
    """Those of the values that the row does not have."""
    row = now.nb.row(place)
    return {name: value for name, value in values.items() if row.get(name) != value}
