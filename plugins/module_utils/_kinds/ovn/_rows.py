# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows without a name of their own: routes, translations, policies and rules."""

from __future__ import annotations

import abc
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import _fields
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _northbound,
    _northbound_ops,
    _plan,
)


class Rows(abc.ABC):
    """An exact list of rows that have no name, in a column of their parent. They are compared as whole rows."""

    option: t.ClassVar[str]
    table: t.ClassVar[str]
    column: t.ClassVar[str]
    given: t.ClassVar[frozenset[str]] = frozenset({"external_ids"})  # columns that are not compared

    @abc.abstractmethod
    def words(self, row: _northbound.Row) -> str:
        """A row in words: 'route 0.0.0.0/0 via 10.0.0.1'."""

    def plan(
        self, planner: _plan.Planner, parent: _northbound.Place, wanted: t.Sequence[t.Mapping[str, t.Any]], of: str
    ) -> None:
        """Plan that the column names exactly these rows."""
        nb = planner.now.nb
        for values in wanted:
            for name in values:
                if not nb.has(self.table, name):
                    raise _errors.Conflict(_fields.lacking(self.option, nb, self.table, name))
        empty = nb.empty[self.table]
        missing = [{**empty, **values} for values in wanted]
        for place in nb.children(parent, self.column):
            row = nb.row(place)
            same = next((one for one in missing if self._are_equal(row, one)), None)
            if same is not None:
                missing.remove(same)
                self._sign(planner, place, same.get("external_ids", {}))
            else:
                planner.do(_northbound_ops.RowDelete(place, f"delete {self.words(row)} of {of}", part=True))
        for values in missing:
            place = _northbound.Place(self.table, planner.now.nb.next_id())
            told = {name: value for name, value in values.items() if value != empty[name]}
            planner.do(
                _northbound_ops.RowInsert(place, f"add {self.words(values)} to {of}", told, (parent, self.column))
            )

    @staticmethod
    def _sign(planner: _plan.Planner, place: _northbound.Place, wanted: t.Mapping[str, str]) -> None:
        """Put our own keys back that a row lacks. Those of others stay."""
        now = planner.now.nb.row(place).get("external_ids", {})
        if any(now.get(key) != value for key, value in wanted.items()):
            signed = {"external_ids": {**now, **wanted}}
            planner.do(_northbound_ops.RowChange(place, "mark it", signed, {"external_ids": now}, quiet=True))

    def _are_equal(self, one: _northbound.Row, other: _northbound.Row) -> bool:
        return all(one[name] == other[name] for name in one if name not in self.given)
