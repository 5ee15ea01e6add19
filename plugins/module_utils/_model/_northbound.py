# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OVN's northbound database (ovn-nb(5)) as plain values: tables of rows, and the references between them.

A row is known by its UUID, or by '+1', '+2', ... as long as only a plan has made it. A row is never changed in place,
so a copy of a table shares its rows with the original.
"""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _row_index

WRITER = "netloom-writer"  # external_ids of NB_Global: the run that writes at this moment
TOPOLOGY = "netloom-topology"  # external_ids of a row: the topologies that declare it
BY_OVN = frozenset({"up", "dynamic_addresses", "status"})  # columns that ovn-northd fills in
PLAIN, OPTIONAL, SET, MAP = "plain", "optional", "set", "map"  # the forms of a column

Row = _row_index.Row
EMPTY: t.Mapping[str, t.Any] = {PLAIN: "", OPTIONAL: None, SET: (), MAP: {}}


@dataclasses.dataclass(frozen=True)
class Column:
    """A column of the server's schema.

    Values: a plain one as it is, of an optional one None if it is not set, a set as a sorted tuple, a map as a dict.
    ``refers``: the table whose rows it names, by their ids. ``strong``: such a row lives as long as it is named.
    ``empty``: the value of a new row.
    """

    form: str
    refers: str | None = None
    strong: bool = False
    empty: t.Any = None


Schema = t.Mapping[str, t.Mapping[str, Column]]


class Place(t.NamedTuple):
    """A row, by its table and its id."""

    table: str
    id: str

    @property
    def is_new(self) -> bool:
        """Whether only the plan has made it."""
        return self.id.startswith("+")


Naming = tuple[Place, str]  # a row, and its column that names another row


@dataclasses.dataclass
class Northbound:
    """The database. ``unreachable`` says why there is nothing to read, and ``silence`` is the type of that error.
    ``roots``: the tables whose rows live without being named.

    Who has a name or an address, and who names whom, is indexed: a plan asks once for each port.
    """

    address: str = ""
    schema: Schema = dataclasses.field(default_factory=dict)
    roots: frozenset[str] = frozenset()
    tables: dict[str, dict[str, Row]] = dataclasses.field(default_factory=dict)
    unreachable: str | None = None
    made: int = 0  # rows that the plan has made
    silence: type[_errors.Unreachable] = _errors.Unreachable
    _index: _row_index.RowIndex = dataclasses.field(
        default_factory=_row_index.RowIndex, init=False, compare=False, repr=False
    )

    def clone(self) -> Northbound:
        """A copy whose tables can be changed."""
        tables = {name: dict(rows) for name, rows in self.tables.items()}
        copy = Northbound(self.address, self.schema, self.roots, tables, self.unreachable, self.made, self.silence)
        copy._index = self._index.shared()
        return copy

    def rows(self, table: str) -> t.Mapping[str, Row]:
        """The rows of a table by their ids. Empty if the server's schema lacks it."""
        return self.tables.get(table, {})

    def row(self, place: Place) -> Row:
        """A row that is there."""
        return self.tables[place.table][place.id]

    def has(self, table: str, column: str | None = None) -> bool:
        """Whether the server's schema has it."""
        return table in self.schema and (column is None or column in self.schema[table])

    def named(self, table: str, name: str) -> list[Place]:
        """The rows with this name. Only ports, port groups and address sets have unique names."""
        return self.found(table, _name_of, name)

    def found(self, table: str, trait: _row_index.Trait, value: t.Any) -> list[Place]:
        """The rows that have this value of a trait: a function of the whole row tells it, or a column names it."""
        rows = self.tables.get(table)
        keys = self._index.found(rows, table, trait, value) if rows else ()
        return [Place(table, key) for key in keys] if keys else []

    def naming(self, place: Place) -> list[Naming]:
        """Who names the row."""
        return [
            (by, column)
            for table, column in self._referring.get(place.table, ())
            for by in self.found(table, column, place.id)
        ]

    @functools.cached_property
    def _referring(self) -> t.Mapping[str, t.Sequence[tuple[str, str]]]:
        """By tables: the tables and their columns that name rows of it."""
        found: dict[str, list[tuple[str, str]]] = {}
        for table, columns in self.schema.items():
            for name, column in columns.items():
                if column.refers:
                    found.setdefault(column.refers, []).append((table, name))
        return found

    @functools.cached_property
    def empty(self) -> t.Mapping[str, Row]:
        """By tables: a row in which nothing is set."""
        return {
            table: {name: column.empty for name, column in columns.items()} for table, columns in self.schema.items()
        }

    def parent(self, place: Place, table: str, column: str) -> Place | None:
        """The row of this table whose column names the row."""
        return next(iter(self.found(table, column, place.id)), None)

    def children(self, place: Place, column: str, are: t.Callable[[Row], bool] | None = None) -> list[Place]:
        """The rows that a column of a row names, in the order of their content. ``are``: only these."""
        table = self.schema[place.table][column].refers or ""
        rows = self.rows(table)
        named = (key for key in self.row(place).get(column, ()) if key in rows)
        found = [Place(table, key) for key in named if are is None or are(rows[key])]
        return sorted(found, key=self._content) if len(found) > 1 else found

    def _content(self, place: Place) -> list[tuple[str, str]]:
        columns = self.schema[place.table]
        return sorted((name, repr(value)) for name, value in self.row(place).items() if not columns[name].refers)

    def next_id(self) -> str:
        """The id of the next row that the plan makes."""
        self.made += 1
        return f"+{self.made}"

    def put(self, place: Place, values: Row) -> None:
        """Change columns of a row, or make it. What is not set of a new row is empty."""
        rows = self.tables[place.table]
        was = rows.get(place.id)
        rows[place.id] = {**(self.empty[place.table] if was is None else was), **values}
        self._index.follow(place.table, place.id, was, rows[place.id])

    def link(self, parent: Place, column: str, child: Place) -> None:
        """Let a column of ``parent`` name ``child``, too."""
        now = self.row(parent)[column]
        optional = self.schema[parent.table][column].form == OPTIONAL
        self.put(parent, {column: child.id if optional else tuple(sorted({*now, child.id}))})

    def unlink(self, parent: Place, column: str, child: Place) -> None:
        """Let a column of ``parent`` no longer name ``child``."""
        optional = self.schema[parent.table][column].form == OPTIONAL
        value = self.row(parent)[column]
        self.put(parent, {column: None if optional else tuple(key for key in value if key != child.id)})

    def is_as(self, planned: Northbound, ids: t.Mapping[str, str]) -> bool:
        """Whether a plan came out exactly, but for what OVN fills in. ``ids``: the UUIDs of the rows that it made."""
        return self.unreachable is None and all(
            len(rows) == len(self.rows(table)) and self._are_as(table, rows, ids)
            for table, rows in planned.tables.items()
        )

    def _are_as(self, table: str, planned: t.Mapping[str, Row], ids: t.Mapping[str, str]) -> bool:
        found, columns = self.rows(table), self.schema[table]
        names = [name for name in columns if name not in BY_OVN]
        naming = [name for name in names if columns[name].refers]
        for key, row in planned.items():
            now = found.get(ids.get(key, key))
            named = {name: _with_ids(row[name], ids) for name in naming if row[name]} if now is not row else {}
            if now is None or (now is not row and any(now[name] != named.get(name, row[name]) for name in names)):
                return False
        return True

    def below(self, place: Place) -> list[Place]:
        """The row and all rows that live only as long as it does, the row first."""
        found, following = [place], [place]
        while following:
            parent = following.pop()
            for name, column in self.schema[parent.table].items():
                if column.refers and column.strong and column.refers not in self.roots:
                    named = sorted(_row_index.ids_in(self.row(parent)[name]))
                    children = [Place(column.refers, key) for key in named if key in self.rows(column.refers)]
                    found += children
                    following += children
        return found

    def drop(self, place: Place) -> None:
        """Delete a row with all that lives only as long as it does, and everything that names one of them."""
        gone = self.below(place)
        for child in gone:
            for parent, column in self.naming(child):
                if parent not in gone:
                    self.unlink(parent, column, child)
        for one in gone:
            self._index.follow(one.table, one.id, self.tables[one.table].pop(one.id), None)


def owners_of(row: Row) -> list[str]:
    """The topologies that declare a row."""
    return [name for name in row.get("external_ids", {}).get(TOPOLOGY, "").split(",") if name]


def _with_ids(value: t.Any, ids: t.Mapping[str, str]) -> t.Any:
    """What a column names, with the UUIDs that the server gave."""
    return tuple(sorted(ids.get(one, one) for one in value)) if isinstance(value, tuple) else ids.get(value, value)


def _name_of(row: Row) -> tuple[t.Any, ...]:
    return (row.get("name", ""),)
