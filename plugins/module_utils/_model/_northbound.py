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
T = t.TypeVar("T")
Trait = t.Callable[[Row], t.Any]
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


Naming = tuple[Place, str]  # a row, and its column that names another row


@dataclasses.dataclass
class Northbound:
    """The database. ``unreachable`` says why there is nothing to read. ``roots``: the tables whose rows live without
    being named.

    Names, and who names whom, are indexed when somebody first asks: a plan asks once for each port.
    """

    address: str = ""
    schema: Schema = dataclasses.field(default_factory=dict)
    roots: frozenset[str] = frozenset()
    tables: dict[str, dict[str, Row]] = dataclasses.field(default_factory=dict)
    unreachable: str | None = None
    made: int = 0  # rows that the plan has made
    # table and what is looked for -> its value -> ids
    _found: dict[tuple[str, Trait], dict[t.Any, dict[str, None]]] = dataclasses.field(
        default_factory=dict, compare=False, repr=False
    )
    # id -> who names it
    _naming: dict[str, dict[Naming, None]] | None = dataclasses.field(default=None, compare=False, repr=False)
    _derived: dict[t.Any, t.Any] = dataclasses.field(default_factory=dict, compare=False, repr=False)

    def clone(self) -> Northbound:
        """A copy whose tables can be changed."""
        tables = {name: dict(rows) for name, rows in self.tables.items()}
        return Northbound(self.address, self.schema, self.roots, tables, self.unreachable, self.made)

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

    def found(self, table: str, trait: Trait, value: t.Any) -> list[Place]:
        """The rows of which a function of the whole row tells this value."""
        index = self._found.get((table, trait))
        if index is None:
            index = self._found[(table, trait)] = {}
            for key, row in self.rows(table).items():
                index.setdefault(trait(row), {})[key] = None
        return [Place(table, key) for key in index.get(value, ())]

    def naming(self, place: Place) -> list[Naming]:
        """Who names the row."""
        if self._naming is None:
            self._naming = {}
            for table in self.schema:
                for key, row in self.rows(table).items():
                    self._note(Place(table, key), None, row, row)
        return list(self._naming.get(place.id, ()))

    def derived(self, of: t.Callable[[Northbound], T]) -> T:
        """What a function makes of the database. It is kept as long as nothing changes."""
        if of not in self._derived:
            self._derived[of] = of(self)
        found: T = self._derived[of]
        return found

    def parent(self, place: Place, table: str, column: str) -> Place | None:
        """The row of this table whose column names the row."""
        return next((by for by, how in self.naming(place) if (by.table, how) == (table, column)), None)

    def _note(self, place: Place, was: Row | None, now: Row | None, columns: t.Iterable[str]) -> None:
        """Keep the indexes. ``was``, ``now``: the row before and after, if it is there. ``columns``: that change."""
        self._derived.clear()
        for (table, trait), index in self._found.items():
            if table == place.table:
                if was is not None:
                    index[trait(was)].pop(place.id, None)
                if now is not None:
                    index.setdefault(trait(now), {})[place.id] = None
        if self._naming is None:
            return
        for column in columns:
            if self.schema[place.table][column].refers:
                before, after = _ids((was or {}).get(column)), _ids((now or {}).get(column))
                for key in before - after:
                    self._naming.get(key, {}).pop((place, column), None)
                for key in after - before:
                    self._naming.setdefault(key, {})[(place, column)] = None

    def children(self, place: Place, column: str) -> list[Place]:
        """The rows that a column of a row names, in the order of their content."""
        table = self.schema[place.table][column].refers or ""
        found = [Place(table, key) for key in self.row(place).get(column, ()) if key in self.rows(table)]
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
        if was is None:
            values = {**{name: column.empty for name, column in self.schema[place.table].items()}, **values}
        rows[place.id] = {**(was or {}), **values}
        self._note(place, was, rows[place.id], values)

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

    def below(self, place: Place) -> list[Place]:
        """The row and all rows that live only as long as it does, the row first."""
        found, following = [place], [place]
        while following:
            parent = following.pop()
            for name, column in self.schema[parent.table].items():
                if column.refers and column.strong and column.refers not in self.roots:
                    named = sorted(_ids(self.row(parent)[name]))
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
            self._note(one, self.row(one), None, self.row(one))
            del self.tables[one.table][one.id]


def _name_of(row: Row) -> t.Any:
    return row.get("name", "")


def _ids(value: t.Any) -> set[str]:
    """The rows that a value names."""
    return set() if not value else {value} if isinstance(value, str) else set(value)
