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
    _hooks,
    _order,
    _records,
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
TOPOLOGY, MADE, BEFORE = _northbound.TOPOLOGY, "netloom-made", "netloom-before"


class Marks(_hooks.Hooks):
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
        self._by_word = set[str]()  # the keys of entries with state absent, which mean the object, whoever made it
        self._new: set[str] = set()  # the keys of objects that no topology had before this run
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
            if (record := self._records.get(entry.key)) and _existed(entry.kind, record)
        ]

    def choose(self, snapshot: _snapshot.Snapshot) -> t.Sequence[_entry.Entry]:
        """Choose the entries: declared ones are made, marked ones that nobody declares any more are deleted, and
        adopted ones get back what they had. Raises Unreachable if nobody knows which, and no declared entry says so.
        """
        if snapshot.nb.unreachable and not self.entries:
            raise snapshot.nb.silence(snapshot.nb.unreachable)
        given = {entry.key for entry in self.entries}
        marked = {} if snapshot.nb.unreachable else self._marked(snapshot, given)
        if self.absent or self.purge:
            self.undeclared = [entry for key, entry in marked.items() if key not in given]
        going = [entry for entry in self.entries if self.absent or entry.absent]
        self._by_word = set() if self.absent else {entry.key for entry in going}
        if self.absent and snapshot.nb.unreachable:
            return going  # whose kinds say so
        staying = [self._and_dropped(one, snapshot) for one in self.entries if not (self.absent or one.absent)]
        leaving = [*(one for one in going if one.key in marked or not self.absent), *self.undeclared]
        self._warn_of_strangers([one for one in going if self.absent and one.key not in marked], snapshot)
        gone = self._gone(leaving, staying, snapshot)
        self._leaving = [one for one in leaving if one.key in gone or self._others(one)]
        leaving = [one for one in leaving if one.key in gone]
        parting = [one for one in leaving if one.key not in self._by_word]
        farewells, left = _farewells.of(parting, self._records, snapshot, self._read)
        farewells += [one for one in leaving if one.key in self._by_word]
        # What they had may be odd; the user asks only that it comes back. And who used what goes is told already.
        farewells = [dataclasses.replace(one, spec=dataclasses.replace(one.spec, judged=False)) for one in farewells]  # type: ignore[call-arg]
        self._warnings += [
            f"Left alone, because no run of topology '{self.name}' made it: {', '.join(left)}." for _once in left[:1]
        ]
        return [*staying, *farewells]

    def _and_dropped(self, entry: _entry.Entry, snapshot: _snapshot.Snapshot) -> _entry.Entry:
        kind: t.Any = entry.kind
        if not kind.parted or snapshot.nb.unreachable or not self.purge:
            return entry
        record = self._records.get(entry.key)
        before = {} if record is None else {**record.found, **record.before}
        if record is not None:
            _forget_others(kind, record, entry.params)
        return dataclasses.replace(entry, spec=kind.and_dropped(entry.spec, snapshot.nb, self.name, before))

    def _warn_of_strangers(self, strangers: t.Sequence[_entry.Entry], snapshot: _snapshot.Snapshot) -> None:
        there = [_records.words_of(one) for one in strangers if one.kind.view(one.spec, snapshot) is not None]
        if there:
            self._warnings.append(f"Left alone, because no run of topology '{self.name}' made it: {', '.join(there)}.")

    def _marked(self, snapshot: _snapshot.Snapshot, given: t.Collection[str]) -> dict[str, _entry.Entry]:
        """The entries of the rows that this topology has marked, by their keys."""
        found: dict[str, _entry.Entry] = {}
        declared = self._places(snapshot.nb)
        for kind_name in _order.NORTHBOUND_NAMES:
            kind: t.Any = _registry.KINDS[kind_name]
            for key, row in snapshot.nb.rows(kind.table).items():
                owners = _northbound.owners_of(row)
                if self.name in owners:
                    params = kind.naming(_northbound.Place(kind.table, key), snapshot.nb, self.name)
                    where = "" if self.absent else f"purge of {kind_name} {params.get('name', '')}".rstrip() + "."
                    entry = declared.get(key) or self._read(kind_name, params, where, "absent")
                    found[entry.key] = entry
                    self._owners[entry.key] = owners
                    self._records[entry.key] = record = self._record_of(kind, params, row)
                    if kind.parted and (self.absent or entry.key not in given):
                        _forget_others(kind, record, params)
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

    def _gone(
        self, leaving: t.Sequence[_entry.Entry], staying: t.Sequence[_entry.Entry], snapshot: _snapshot.Snapshot
    ) -> set[str]:
        """The keys of those that go. One that is kept may need another one."""
        declared = {_name_of(one): one.spec for one in staying}
        gone, before, names = list(leaving), -1, set[t.Any]()
        while len(gone) != before:
            before, names = len(gone), {_name_of(one) for one in gone}
            gone = [one for one in gone if not self._is_needed(one, snapshot, names, declared)]
        for one in gone:
            kind: t.Any = one.kind
            if one.key in self._by_word and not snapshot.nb.unreachable:
                self._warnings += kind.parting(one.spec, snapshot.nb, names, declared)
        return {one.key for one in gone}

    def _is_needed(
        self,
        entry: _entry.Entry,
        snapshot: _snapshot.Snapshot,
        leaving: t.Collection[tuple[t.Any, ...]],
        declared: t.Mapping[tuple[t.Any, ...], t.Any],
    ) -> bool:
        """Whether it stays, because another topology declares it, or because others need it."""
        kind: t.Any = entry.kind
        others = self._others(entry)
        if others and not kind.parted:
            self._warnings.append(f"{_records.words_of(entry)} stays, because topology '{others[0]}' declares it, too.")
            return True
        if entry.key in self._by_word or not self._records[entry.key].made:
            return False  # what was there before gets back what it had, and is not deleted
        strangers = kind.strangers(entry.spec, snapshot.nb, leaving, declared)
        if strangers:
            self._warnings.append(
                f"{_records.words_of(entry)} stays, because others use it: {', '.join(strangers)}. A later"
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
        record = self._records.get(entry.key)
        if record is None:
            row = planner.now.nb.row(place)
            record = self._record_of(kind, dict(entry.params), row)
            if self._of_us(kind, MADE) not in row["external_ids"]:
                record.made = kind.view(entry.spec, before) is None and not kind.parted
            self._records[entry.key] = record
            self._new |= set() if _northbound.owners_of(row) and not kind.parted else {entry.key}
        if not record.made:
            old, new = (kind.view(entry.spec, snapshot) or {} for snapshot in (before, planner.now))
            _adoption.remember(entry, record, old, new)
        if entry.key in self._new and _existed(kind, record):
            self.found.append(entry)
        now = planner.now.nb.row(place)["external_ids"]
        marks = {TOPOLOGY: ",".join(sorted({*_northbound.owners_of(planner.now.nb.row(place)), self.name}))}
        marks.update(kind.marks(entry.spec, self.name))
        marks[self._of_us(kind, MADE)] = "true" if record.made else "false"
        if not record.made:
            marks[self._of_us(kind, BEFORE)] = json.dumps(
                {"before": record.before, "found": record.found}, sort_keys=True
            )
        self._write(planner, place, {**now, **marks}, entry)

    def _unmark(self, entry: _entry.Entry, planner: _plan.Planner) -> None:
        """Take the marks off a row that stays: of one that others declare only our name."""
        kind: t.Any = entry.kind
        place = kind.find(entry.spec, planner.now.nb)
        if place is None:
            return
        row = planner.now.nb.row(place)
        others = [owner for owner in _northbound.owners_of(row) if owner != self.name]
        ours = {self._of_us(kind, MADE), self._of_us(kind, BEFORE), *kind.marks(entry.spec, self.name)}
        gone = ours if kind.parted or not others else set()
        kept = {key: value for key, value in row["external_ids"].items() if key not in (TOPOLOGY, *gone)}
        kept.update({TOPOLOGY: ",".join(others)} if others else {})
        self._write(planner, place, kept, entry)

    def _of_us(self, kind: t.Any, mark: str) -> str:
        """The key of a mark. Of a parted row each topology has marks of its own."""
        return f"{mark}-{self.name}" if kind.parted else mark

    def _record_of(self, kind: t.Any, params: _plan.Params, row: _northbound.Row) -> _records.Record:
        """What the marks of a row say."""
        marks, key = row["external_ids"], self._of_us(kind, BEFORE)
        record = _records.Record(kind.name, params, made=marks.get(self._of_us(kind, MADE)) == "true")
        if key in marks:
            try:
                told = json.loads(marks[key])
                return dataclasses.replace(record, before=told["before"], found=told["found"])
            except (ValueError, KeyError, TypeError) as error:
                raise _errors.Conflict(
                    f"external_ids:{key} of a {kind.name} is damaged ({_errors.quoted(error)}). Remove it there"
                    " (ovn-nbctl); what the row was before is then not restored."
                ) from error
        return record

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


def _name_of(entry: _entry.Entry) -> tuple[t.Any, ...]:
    return (entry.kind.name, *entry.kind.identity(entry.spec))


def _existed(kind: t.Any, record: _records.Record) -> bool:
    """Whether the object was there before its topology: of a parted row, whether a declared key had a value."""
    if not kind.parted:
        return not record.made
    told = {**record.found, **record.before}
    return any(value is not None for name in kind.by_key for value in (told.get(name) or {}).values())


def _forget_others(kind: t.Any, record: _records.Record, params: t.Mapping[str, t.Any]) -> None:
    """Forget what was before of keys that are not among these."""
    for told in (record.found, record.before):
        for name in kind.by_key:
            if told.get(name):
                told[name] = {key: value for key, value in told[name].items() if key in params[name]}
