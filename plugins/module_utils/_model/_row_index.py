# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of a database by what they have: a name, an address, another row in a column."""

from __future__ import annotations

import typing as t

Row = t.Mapping[str, t.Any]
# What rows are looked for by: a function of the whole row that tells all values which it has, or a column that names
# other rows by their ids.
Trait = t.Union[str, t.Callable[[Row], t.Collection[t.Any]]]
_Index = dict[t.Any, dict[str, None]]  # value -> ids, in the order in which they came


class RowIndex:
    """The indexes of one database. Each is made when somebody first asks, and then follows what changes."""

    def __init__(self) -> None:
        self._made: dict[str, dict[Trait, _Index]] = {}  # by tables
        self._is_shared = False

    def shared(self) -> RowIndex:
        """The indexes of a copy. As long as neither database changes, they are the same ones."""
        copy = RowIndex()
        copy._made, copy._is_shared, self._is_shared = self._made, True, True
        return copy

    def found(self, rows: t.Mapping[str, Row], table: str, trait: Trait, value: t.Any) -> t.Collection[str]:
        """The ids of the rows of a table that have this value."""
        try:
            index = self._made[table][trait]
        except KeyError:
            index = self._made.setdefault(table, {})[trait] = {}
            for key, row in rows.items():
                for one in _values(trait, row):
                    index.setdefault(one, {})[key] = None
        return index.get(value, ())

    def follow(self, table: str, key: str, was: Row | None, now: Row | None) -> None:
        """A row changes. ``was``, ``now``: as it is before and after, if it is there."""
        if self._is_shared:
            self._made = {
                of: {trait: {value: dict(ids) for value, ids in index.items()} for trait, index in made.items()}
                for of, made in self._made.items()
            }
            self._is_shared = False
        for trait, index in self._made.get(table, {}).items():
            if was is None or now is None or _may_differ(trait, was, now):
                before, after = dict.fromkeys(_values(trait, was)), dict.fromkeys(_values(trait, now))
                for value in before:
                    if value not in after:
                        index[value].pop(key, None)
                for value in after:
                    if value not in before:
                        index.setdefault(value, {})[key] = None


def _may_differ(trait: Trait, was: Row, now: Row) -> bool:
    return not isinstance(trait, str) or was.get(trait) != now.get(trait)


def _values(trait: Trait, row: Row | None) -> t.Collection[t.Any]:
    if row is None:
        return ()
    return ids_in(row.get(trait)) if isinstance(trait, str) else trait(row)


def ids_in(value: t.Any) -> tuple[str, ...]:
    """The rows that the value of a column names."""
    return () if not value else (value,) if isinstance(value, str) else tuple(value)
