# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The differences of a northbound database after an undone run. A row that was restored has a new UUID, so rows are
compared by their content.
"""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _northbound

GIVEN = frozenset({"up", "dynamic_addresses", "tag", "status"})  # columns that ovn-northd writes


def of_tables(
    before: _northbound.Northbound, after: _northbound.Northbound, tables: t.Collection[str]
) -> t.Iterator[str]:
    """What is gone from these tables, and what is there that was not before."""
    for table in sorted(tables):
        old, new = (collections.Counter(_contents(nb, table)) for nb in (before, after))
        for words, rows in (("gone or changed", old - new), ("there, which were not before", new - old)):
            if rows:
                yield f"{sum(rows.values())} of the rows of table {table} are {words}"


def _contents(nb: _northbound.Northbound, table: str) -> t.Iterator[str]:
    columns = nb.schema.get(table, {})
    told = [name for name, column in columns.items() if not column.refers and name not in GIVEN]
    for row in nb.rows(table).values():
        yield repr([(name, row.get(name)) for name in sorted(told)])
