# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the runs of a topology made in a northbound database, and what they found there. It stands in the rows
themselves (external_ids), for the database is shared: records on one host would be wrong on the next.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import (
    _adoption,
    _entry,
    _farewells,
    _order,
    _records,
    _run,
)
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _registry
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _northbound,
    _northbound_ops,
    _plan,
    _snapshot,
)

# Keys of external_ids: the topologies that declare the row, whether a run made it, and, of one that was there before,
# what it was.
TOPOLOGY, MADE, BEFORE = "netloom-topology", "netloom-made", "netloom-before"
MARKS = (TOPOLOGY, MADE, BEFORE)


class Marks(_run.Hooks):
    """The rows of one topology. ``purge``: marked rows that no entry declares any more are deleted."""

    def __init__(
        self,
        name: str,
        entries: t.Sequence[_entry.Entry],
        read: t.Callable[..., _entry.Entry],
        *,
        absent: bool,
        purge: bool,
    ) -> None:
        super().__init__(entries)
        self.name, self.absent, self.purge = name, absent, purge
        self.found: list[_entry.Entry] = []  # the objects that this run adopts
        self.undeclared: list[_entry.Entry] = []
        self._read = read
        self._records: _records.Records = {}
        self._owners: dict[str, list[str]] = {}  # of each marked row that this topology has: by the key of its entry
        self._leaving: list[_entry.Entry] = []
        self._warnings: list[str] = []

    @property
    def every(self) -> list[_entry.Entry]:
        """All objects that the run may change."""
        return [*self.entries, *self.undeclared]

    @property
    def adopted(self) -> list[str]:
        """The objects that existed before this topology, in words."""
        return [
            _records.words_of(entry)
            for entry in self.entries
            if (record := self._records.get(entry.key)) and not record.made
        ]

    def choose(self, snapshot: _snapshot.Snapshot) -> t.Sequence[_entry.Entry]:
        """Choose the entries: declared ones are made, marked ones that nobody declares any more are deleted, and
        adopted ones get back what they had.
        """
        marked = {} if snapshot.nb.unreachable else self._marked(snapshot)
        given = {entry.key for entry in self.entries}
        if self.absent or self.purge:
            self.undeclared = [entry for key, entry in marked.items() if key not in given]
        going = [entry for entry in self.entries if self.absent or entry.absent]
        if self.absent and snapshot.nb.unreachable:
            return going  # whose kinds say so
        staying = [entry for entry in self.entries if not (self.absent or entry.absent)]
        leaving = [*(one for one in going if one.key in marked or not self.absent), *self.undeclared]
        self._warn_of_strangers([one for one in going if self.absent and one.key not in marked], snapshot)
        names = {(one.kind.name, *one.kind.identity(one.spec)) for one in leaving}
        kept = [one for one in leaving if self._is_needed(one, snapshot, names)]
        gone = {one.key for one in leaving} - {one.key for one in kept}
        self._leaving = [one for one in leaving if one.key in gone or self._others(one)]
        leaving = [one for one in leaving if one.key in gone]
        farewells, left = _farewells.of(leaving, self._records, snapshot, self._read)
        self._warnings += [
            f"Left alone, because no run of topology '{self.name}' made it: {', '.join(left)}." for _once in left[:1]
        ]
        return [*staying, *farewells, *(one for one in leaving if one.key not in self._records)]

    def _warn_of_strangers(self, strangers: t.Sequence[_entry.Entry], snapshot: _snapshot.Snapshot) -> None:
        there = [_records.words_of(one) for one in strangers if one.kind.view(one.spec, snapshot) is not None]
        if there:
            self._warnings.append(f"Left alone, because no run of topology '{self.name}' made it: {', '.join(there)}.")

    def _marked(self, snapshot: _snapshot.Snapshot) -> dict[str, _entry.Entry]:
        """The entries of the rows that this topology has marked, by their keys."""
        found: dict[str, _entry.Entry] = {}
        declared = self._places(snapshot.nb)
        for kind_name in _order.NORTHBOUND_NAMES:
            kind: t.Any = _registry.KINDS[kind_name]
            for key, row in snapshot.nb.rows(kind.table).items():
                owners = owners_of(row)
                if self.name in owners:
                    params = kind.naming(_northbound.Place(kind.table, key), snapshot.nb)
                    where = "" if self.absent else f"purge of {kind_name} {params.get('name', '')}".rstrip() + "."
                    entry = declared.get(key) or self._read(kind_name, params, where, "absent")
                    found[entry.key] = entry
                    self._owners[entry.key] = owners
                    self._records[entry.key] = _record_of(kind_name, params, row)
        return found

    def _places(self, nb: _northbound.Northbound) -> dict[str, _entry.Entry]:
        """The declared entries by the rows that they are about, which then need not be read once more."""
        found = {}
        for entry in self.entries:
            kind: t.Any = entry.kind
            with contextlib.suppress(_errors.NetloomError):  # a name that is there twice: the plan says so
                place = kind.find(entry.spec, nb)
                if place is not None:
                    found[place.id] = entry
        return found

    def _others(self, entry: _entry.Entry) -> list[str]:
        """The other topologies that declare it."""
        return [owner for owner in self._owners.get(entry.key, ()) if owner != self.name]

    def _is_needed(
        self, entry: _entry.Entry, snapshot: _snapshot.Snapshot, leaving: t.Collection[tuple[t.Any, ...]]
    ) -> bool:
        """Whether it stays, because another topology declares it, or because rows of others are in it."""
        others = self._others(entry)
        if others:
            self._warnings.append(f"{_records.words_of(entry)} stays, because topology '{others[0]}' declares it, too.")
            return True
        if entry.key not in self._records:
            return False  # an entry with state absent, which means it
        kind: t.Any = entry.kind
        strangers = kind.strangers(entry.spec, snapshot.nb, leaving)
        if strangers:
            self._warnings.append(
                f"{_records.words_of(entry)} stays, because others have put into it: {', '.join(strangers)}. A later"
                " run deletes it when they are gone."
            )
        return bool(strangers)

    def extend(self, planner: _plan.Planner, before: _snapshot.Snapshot) -> None:
        """Mark the rows in the transaction that makes or changes them."""
        for sentence in self._warnings:
            planner.warn(sentence)
        if not self.absent:
            for entry in self.entries:
                if not entry.absent:
                    self._mark(entry, before, planner)
        for entry in self._leaving:
            self._unmark(entry, planner)

    def _mark(self, entry: _entry.Entry, before: _snapshot.Snapshot, planner: _plan.Planner) -> None:
        kind: t.Any = entry.kind
        place = kind.find(entry.spec, planner.now.nb)
        if place is None:
            return
        old, new = kind.view(entry.spec, before), kind.view(entry.spec, planner.now)
        record = self._records.get(entry.key)
        if record is None:
            row = planner.now.nb.row(place)
            record = _record_of(kind.name, dict(entry.params), row)
            record.made = old is None if MADE not in row["external_ids"] else record.made
            self._records[entry.key] = record
            if not record.made and not owners_of(row):
                self.found.append(entry)
        if not record.made:
            _adoption.remember(entry, record, old or {}, new or {})
        now = planner.now.nb.row(place)["external_ids"]
        marks = {TOPOLOGY: ",".join(sorted({*owners_of(planner.now.nb.row(place)), self.name}))}
        marks.update(kind.marks(entry.spec))
        marks[MADE] = "true" if record.made else "false"
        if not record.made:
            marks[BEFORE] = json.dumps({"before": record.before, "found": record.found}, sort_keys=True)
        self._write(planner, place, {**now, **marks}, entry)

    def _unmark(self, entry: _entry.Entry, planner: _plan.Planner) -> None:
        """Take the marks off a row that stays: of one that others declare only our name."""
        kind: t.Any = entry.kind
        place = kind.find(entry.spec, planner.now.nb)
        if place is None:
            return
        row = planner.now.nb.row(place)
        others = [owner for owner in owners_of(row) if owner != self.name]
        kept = {
            key: value for key, value in row["external_ids"].items() if key not in (*MARKS, *kind.marks(entry.spec))
        }
        if others:
            kept = {**row["external_ids"], TOPOLOGY: ",".join(others)}
        self._write(planner, place, kept, entry)

    @staticmethod
    def _write(
        planner: _plan.Planner, place: _northbound.Place, marked: t.Mapping[str, str], entry: _entry.Entry
    ) -> None:
        now = planner.now.nb.row(place)["external_ids"]
        if now != marked:
            planner.entry, planner.about = entry.label, entry.key
            words = f"mark {_records.words_of(entry)}"
            planner.do(
                _northbound_ops.RowChange(place, words, {"external_ids": marked}, {"external_ids": now}, quiet=True)
            )


def owners_of(row: _northbound.Row) -> list[str]:
    """The topologies that declare a row."""
    return [name for name in row["external_ids"].get(TOPOLOGY, "").split(",") if name]


def _record_of(kind: str, params: _plan.Params, row: _northbound.Row) -> _records.Record:
    """What the marks of a row say."""
    marks = row["external_ids"]
    record = _records.Record(kind, params, made=marks.get(MADE) == "true")
    if BEFORE in marks:
        try:
            told = json.loads(marks[BEFORE])
            return dataclasses.replace(record, before=told["before"], found=told["found"])
        except (ValueError, KeyError, TypeError) as error:
            raise _errors.Conflict(
                f"external_ids:{BEFORE} of a {kind} is damaged ({_errors.quoted(error)}). Remove it there (ovn-nbctl);"
                " what the row was before is then not restored."
            ) from error
    return record
