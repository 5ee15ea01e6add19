# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OVN's northbound database (ovn-nb(5)) as plain values: tables of rows, and the references between them.

A row is known by its UUID, or by '+1', '+2', ... as long as only a plan has made it. A row is never changed in place,
so a copy of a table shares its rows with the original.
"""

from __future__ import annotations

import dataclasses
import typing as t

WRITER = "netloom-writer"  # external_ids of NB_Global: the run that writes at this moment
PLAIN, OPTIONAL, SET, MAP = "plain", "optional", "set", "map"  # the forms of a column

Row = t.Mapping[str, t.Any]
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


@dataclasses.dataclass(frozen=True)
class Place:
    """A row, by its table and its id."""

    table: str
    id: str

    @property
    def is_new(self) -> bool:
        """Whether only the plan has made it."""
        return self.id.startswith("+")


@dataclasses.dataclass
class Northbound:
    """The database. ``unreachable`` says why there is nothing to read. ``roots``: the tables whose rows live without
    being named.
    """

    address: str = ""
    schema: Schema = dataclasses.field(default_factory=dict)
    roots: frozenset[str] = frozenset()
    tables: dict[str, dict[str, Row]] = dataclasses.field(default_factory=dict)
    unreachable: str | None = None
    made: int = 0  # rows that the plan has made

    def clone(self) -> Northbound:
        """A copy whose tables can be changed."""
        tables = {name: dict(rows) for name, rows in self.tables.items()}
        return dataclasses.replace(self, tables=tables)

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
        return [Place(table, key) for key, row in self.rows(table).items() if row.get("name") == name]

    def children(self, place: Place, column: str) -> list[Place]:
        """The rows that a column of a row names, in the order of their content."""
        table = self.schema[place.table][column].refers or ""
        found = [Place(table, key) for key in self.row(place).get(column, ()) if key in self.rows(table)]
        return sorted(found, key=lambda child: repr(sorted(self._content(child))))

    def _content(self, place: Place) -> list[tuple[str, str]]:
        return [(name, repr(value)) for name, value in self.row(place).items() if not self._refers(place.table, name)]

    def _refers(self, table: str, column: str) -> str | None:
        return self.schema[table][column].refers

    def next_id(self) -> str:
        """The id of the next row that the plan makes."""
        self.made += 1
        return f"+{self.made}"

    def put(self, place: Place, values: Row) -> None:
        """Change columns of a row, or make it. What is not set of a new row is empty."""
        rows = self.tables[place.table]
        empty = {name: column.empty for name, column in self.schema[place.table].items()}
        rows[place.id] = {**rows.get(place.id, empty), **values}

    def link(self, parent: Place, column: str, child: Place) -> None:
        """Let a column of ``parent`` name ``child``, too."""
        now = self.row(parent)[column]
        named = child.id if self.schema[parent.table][column].form == OPTIONAL else tuple(sorted({*now, child.id}))
        self.put(parent, {column: named})

    def referrers(self, gone: t.Collection[Place]) -> t.Iterator[tuple[Place, str, Place]]:
        """Who names one of these rows: the row, the column, and whom."""
        by_table: dict[str, set[str]] = {}
        for place in gone:
            by_table.setdefault(place.table, set()).add(place.id)
        for table, columns in self.schema.items():
            asked = [(name, by_table[to]) for name, column in columns.items() if (to := column.refers) in by_table]
            for key, row in self.rows(table).items() if asked else ():
                for name, ids in asked:
                    value = row[name]
                    named = (value,) if isinstance(value, str) else value or ()
                    for one in sorted(ids.intersection(named)):
                        yield Place(table, key), name, Place(self.schema[table][name].refers or "", one)

    def below(self, place: Place) -> list[Place]:
        """The row and all rows that live only as long as it does, the row first."""
        found, following = [place], [place]
        while following:
            parent = following.pop()
            for name, column in self.schema[parent.table].items():
                if column.refers and column.strong and column.refers not in self.roots:
                    value = self.row(parent)[name]
                    named = (value,) if isinstance(value, str) else value or ()
                    children = [Place(column.refers, key) for key in named if key in self.rows(column.refers)]
                    found += children
                    following += children
        return found

    def drop(self, place: Place) -> None:
        """Delete a row with all that lives only as long as it does, and everything that names one of them."""
        gone = self.below(place)
        for parent, column, child in list(self.referrers(gone)):
            if parent not in gone:
                self.unlink(parent, column, child)
        for one in gone:
            del self.tables[one.table][one.id]

    def unlink(self, parent: Place, column: str, child: Place) -> None:
        """Let a column of ``parent`` no longer name ``child``."""
        optional = self.schema[parent.table][column].form == OPTIONAL
        value = self.row(parent)[column]
        self.put(parent, {column: None if optional else tuple(key for key in value if key != child.id)})
