# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of an OVSDB as the fields of a snapshot. One table maps each field to its column, for reading and for
writing.
"""

from __future__ import annotations

import typing as t

LACKING = object()


class Column(t.NamedTuple):
    """A column of the schema. ``read``: converts the IDL's value to the field's. ``empty``: stands for a value that is
    not set.
    """

    name: str
    read: t.Callable[[t.Any], t.Any] = lambda value: value
    empty: t.Any = None
    key: str | None = None  # of a map that others write, too: the field is only this key


def first(values: t.Any) -> t.Any:
    """The value of an optional column, which the IDL gives as a list with at most one element."""
    return values[0] if values else None


def plain(name: str, empty: t.Any = None) -> Column:
    """A column that always has a value."""
    return Column(name, empty=empty)


def optional(name: str) -> Column:
    """A column with at most one value."""
    return Column(name, first)


def several(name: str) -> Column:
    """A column that is a set."""
    return Column(name, lambda values: tuple(sorted(values)))


def mapping(name: str) -> Column:
    """A column that is a map."""
    return Column(name, lambda values: dict(sorted(values.items())))


def entry(name: str, key: str) -> Column:
    """One key of a column that is a map."""
    return Column(name, lambda values: values.get(key), key=key)


def fields_of(row: t.Any, columns: t.Mapping[str, Column]) -> dict[str, t.Any]:
    """The fields of a row. A column that the server's schema lacks is not set."""
    found = ((field, column, getattr(row, column.name, LACKING)) for field, column in columns.items())
    return {field: column.read(value) for field, column, value in found if value is not LACKING}


def set_fields(row: t.Any, columns: t.Mapping[str, Column], values: t.Mapping[str, t.Any]) -> None:
    """Write these fields."""
    for field, value in values.items():
        column = columns[field]
        if column.key is not None:
            set_key(row, column.name, column.key, value)
            continue
        setattr(row, column.name, as_column(column.empty if value is None else value))


def set_key(row: t.Any, column: str, key: str, value: str | None) -> None:
    """Write one key of a map, or delete it (None). What others write into the map at the same time stays."""
    if value is None:
        row.delkey(column, key)
    else:
        row.setkey(column, key, value)


def as_column(value: t.Any) -> t.Any:
    """Convert a field's value for the IDL: the empty set for None, and copies of lists and dicts."""
    if value is None:
        return []
    if isinstance(value, t.Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value
