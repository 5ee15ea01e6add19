# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects that the runs of a topology made, and their changes to objects that existed before. This decides what a
run deletes and restores.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import (
    _adoption,
    _entry,
    _farewells,
    _hooks,
    _mended,
    _notes,
    _persist,
    _records,
    _sharing,
)
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _registry
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _identity,
    _ops,
    _paths,
    _plan,
    _scope,
    _snapshot,
    _ties,
)


class Manifest(_hooks.Hooks):
    """The records of one topology. ``purge``: recorded objects that no entry declares any more are deleted."""

    def __init__(
        self,
        name: str,
        entries: t.Sequence[_entry.Entry],
        read: t.Callable[..., _entry.Entry],
        persist: _persist.Persist,
        *,
        absent: bool,
        purge: bool,
    ) -> None:
        super().__init__(entries)
        self.name = name
        self.path = _records.path_of(name)
        self.absent, self.purge, self.persist = absent, purge, persist
        # Recorded objects that are to be deleted, though no entry declares them.
        self.undeclared: list[_entry.Entry] = []
        self.records: _records.Records = {}
        self.found: list[_entry.Entry] = []  # the objects that this run adopts
        self._read = read
        self._loaded: _records.Records = {}
        self._left: list[str] = []
        self._namesakes: list[_entry.Entry] = []  # entries whose names other objects have now
        self._notes: str | None = None  # the notes of a run that was killed
        self._taker: _notes.Taker | None = None
        self._leaving: set[str] = set()  # keys of records that are deleted at the end of the run
        self._others = _sharing.Others({}, read)
        self._kept: dict[str, _sharing.Kept] = {}
        self._ours: dict[_plan.Place, _plan.Place] = {}

    @property
    def adopted(self) -> list[str]:
        """The objects that existed before this topology, in words."""
        return [
            _records.words_of(entry)
            for entry in self.entries
            if (record := self.records.get(entry.key)) and not record.made
        ]

    @property
    def every(self) -> list[_entry.Entry]:
        """All objects that the run may change."""
        return [*self.entries, *self.undeclared]

    def open(self, host: _entry.HostLike) -> t.Sequence[_entry.Entry]:
        """Read the records, under the lock. The recorded objects are added to those of the run."""
        files = {path: text for path, text in host.tree(_paths.TOPOLOGIES).items() if path.endswith(".json")}
        # A boot removed the records below /run, and left the saved records of the objects that outlive it.
        self.records = _records.records_in(
            self.path, files.pop(self.path, None) or host.text(_paths.boot_file(self.name, _paths.RECORDS))
        )
        for key, record in list(self.records.items()):
            if record.kind in _registry.KINDS and _registry.KINDS[record.kind].is_outdated(key, record.params):
                del self.records[key]
                self.records[self._recorded(record).key] = record
        self._notes = host.text(_notes.path_of(self.name))
        given = {entry.key for entry in self.entries}
        if self.absent or self.purge:
            self.undeclared = [self._going(record) for key, record in self.records.items() if key not in given]
        if self.undeclared or any(entry.absent for entry in self.entries):
            self._others = _sharing.Others(files, self._read)
        return [*self.every, *self._elsewhere()]

    def _elsewhere(self) -> list[_entry.Entry]:
        """Links as they were last declared, if that was in another form. They may still exist."""
        found = []
        for entry in self.entries:
            record = self.records.get(entry.key)
            if record and any(record.params.get(option) != entry.params.get(option) for option in entry.kind.moving):
                found.append(self._recorded(record))
        return found

    def _recorded(self, record: _records.Record) -> _entry.Entry:
        return _records.entry_of(record, self.path, "", self._read)

    def _going(self, record: _records.Record) -> _entry.Entry:
        entry = self._recorded(record)
        return dataclasses.replace(
            entry,
            spec=dataclasses.replace(entry.spec, path="" if self.absent else f"purge of {_records.words_of(entry)}."),
        )

    def scope(self, scope: _scope.Scope) -> None:
        """Add what the manifest itself needs to be read."""
        scope.files |= {self.path, *self._others.paths}
        for entry in (
            self._read(record.kind, params, "", "absent")
            for record in self.records.values()
            for params in record.with_sysctls()
        ):
            entry.kind.scope(entry.spec, scope)
        self.persist.scope(scope)

    def choose(self, snapshot: _snapshot.Snapshot) -> t.Sequence[_entry.Entry]:
        """Choose the entries: declared ones are created, undeclared ones that this topology made are deleted, and
        adopted ones get their attributes back.
        """
        if self._notes is not None:
            self._namesakes += _notes.apply(self.records, self.every, snapshot, _notes.read(self._notes))
            self.undeclared = [entry for entry in self.undeclared if entry.key in self.records]
        self._forget_namesakes(snapshot)
        self._loaded = {key: dataclasses.replace(record) for key, record in self.records.items()}
        self.undeclared = _records.follow_renamed(self.records, self.entries, self.undeclared, snapshot)
        self.entries, self.undeclared = (
            [self._known(entry) for entry in self.entries],
            [self._known(entry) for entry in self.undeclared],
        )
        going = [entry for entry in self.every if self.absent or entry.absent]
        self._kept = self._others.keep(going)
        self._leaving = {one.key for one in going if one.key not in self._kept or self._kept[one.key].declared}
        staying = [entry for entry in self.entries if not (self.absent or entry.key in self._kept)]
        leaving = [entry for entry in (going if self.absent else self.undeclared) if entry.key not in self._kept]
        farewells, self._left = _farewells.of(leaving, self.records, snapshot, self._read)
        return [*staying, *farewells]

    def _known(self, entry: _entry.Entry) -> _entry.Entry:
        """Tell the entry that a run made its object, if only that distinguishes the object from others."""
        record = self.records.get(entry.key)
        return (
            dataclasses.replace(entry, spec=entry.kind.made(entry.spec))
            if record and record.made and not record.shared
            else entry
        )

    def ours(self, snapshot: _snapshot.Snapshot) -> t.Mapping[_plan.Place, _plan.Place]:
        """The links that this topology made and that are not as declared: wanted place -> present place."""
        for entry in self.every:
            record = self.records.get(entry.key)
            if record and record.made and (places := entry.kind.places(entry.spec)):
                first, *peers = places
                link = snapshot.link(*first)
                other = link is None or record.mark.get("ifindex", link.index) != link.index
                astray = other or (bool(peers) and link is not None and [link.peer] != peers)
                place = _records.link_at(record.mark, snapshot) if astray else None
                if place is not None:
                    self._ours[first] = place
        return self._ours

    def orphans(self, snapshot: _snapshot.Snapshot) -> frozenset[_plan.Place]:
        """The taps of OVSDB rows that this topology made, if OVSDB was replaced and lacks these rows. They have no
        process, and so no carrier.
        """
        made = [one for one in self.every if (record := self.records.get(one.key)) and record.made]
        devices = {id(one): one.kind.devices(one.spec) for one in made}
        lost = [one for one in made if devices[id(one)] and one.kind.view(one.spec, snapshot) is None]
        links = {place: snapshot.link(*place) for one in lost for place in devices[id(one)]}
        return frozenset(
            place
            for place, link in links.items()
            if link is not None and link.data.get("mode") == "tap" and link.carrier is not True
        )

    def at_boot(self) -> bool:
        return self.persist.wanted is not False  # None: it is the boot

    def macs(self) -> t.Mapping[_plan.Place, str]:
        """The MAC addresses that the links of this topology had."""
        return {
            (ns, str(name)): str(mac)
            for record in self.records.values()
            if record.made
            for ns, name, mac in record.macs
        }

    def _forget_namesakes(self, snapshot: _snapshot.Snapshot) -> None:
        """Drop records whose name now belongs to another object. The recorded object is gone, or is renamed and not
        followed.
        """
        for entry in self.every:
            record = self.records.get(entry.key)
            if not record or not record.mark or _records.is_same(_records.mark_of(entry, snapshot), record.mark):
                continue
            links = _ties.links_in(entry.kind.claims(entry.spec)) if "ifindex" in record.mark else []
            taken = entry.kind.view(entry.spec, snapshot) is not None or any(snapshot.link(*place) for place in links)
            is_followed = record.made and entry.kind.places(entry.spec) and _records.link_at(record.mark, snapshot)
            if taken and not is_followed:
                del self.records[entry.key]
                self._namesakes.append(entry)

    def extend(self, planner: _plan.Planner, before: _snapshot.Snapshot) -> None:
        """Record what the run will make before it makes anything, so that a crash leaves no unknown object."""
        if self._left:
            planner.warn(f"Left alone, because no run of topology '{self.name}' made it: {', '.join(self._left)}.")
        for sentence in (*self._others.warnings, *_sharing.said_of(self._kept, self.every)):
            planner.warn(sentence)
        for entry in self._namesakes:
            entry.kind.disown(entry.spec, planner)
        acts = any(not step.quiet for step in planner.steps)
        self._hand_over(planner, before)
        for entry in self.entries if not self.absent else ():
            self._record(entry, before, planner)
        if not acts:
            self._drop(self._leaving)
        self.persist.extend(planner, self.entries)
        if self._notes is not None:
            planner.steps.insert(0, _plan.Step("manifest", _ops.FileDelete(_notes.path_of(self.name), quiet=True), ()))
        if self.absent and set(self.records) <= self._leaving:
            if before.files.get(self.path) is not None:
                planner.do(_ops.FileDelete(self.path, quiet=True))
        else:
            self._first(planner, self._write(), before)

    def _hand_over(self, planner: _plan.Planner, before: _snapshot.Snapshot) -> None:
        for entry in self.every:
            kept, record = self._kept.get(entry.key), self.records.get(entry.key)
            if kept and kept.declared and record:
                self._others.hand_over(kept.path, entry.key, record, _records.mark_of(entry, before))
        for path, text in self._others.changes().items():
            self._first(planner, _ops.record(path, text), before)

    @staticmethod
    def _first(planner: _plan.Planner, op: _ops.FileWrite | _ops.FileDelete, before: _snapshot.Snapshot) -> None:
        """Make the write of a record the first step of the plan."""
        if (op.content if isinstance(op, _ops.FileWrite) else None) != before.files.get(op.path):
            planner.steps.insert(0, _plan.Step("manifest", op, op.inverse(before)))

    def _write(self) -> _ops.FileWrite | _ops.FileDelete:
        return _ops.record(self.path, _records.text_of(self.records) if self.records else None)

    def _end_of_notes(self) -> tuple[_ops.FileDelete, ...]:
        return (_ops.FileDelete(_notes.path_of(self.name), quiet=True),) if self._taker and self._taker.took else ()

    def notes(self, host: _entry.HostLike, book: _identity.Book) -> t.Callable[[t.Sequence[_plan.Step]], None]:
        """Return a function that notes what the run makes, at the moment when it makes it."""
        path = _notes.path_of(self.name)
        keys = {
            entry.label: entry.key
            for entry in self.entries
            if not entry.absent and (record := self.records.get(entry.key)) and record.made
        }
        self._taker = taker = _notes.Taker(lambda text: host.note(path, text), {} if self.absent else keys)
        book.on_link, book.on_space = taker.link, taker.space
        return taker.begin

    def _drop(self, keys: t.Iterable[str]) -> None:
        for key in keys:
            self.records.pop(key, None)

    def _record(self, entry: _entry.Entry, before: _snapshot.Snapshot, planner: _plan.Planner) -> None:
        key = entry.key
        if entry.absent:
            return
        old, new = entry.kind.view(entry.spec, before), entry.kind.view(entry.spec, planner.now)
        params = dict(entry.params)
        record = self.records.get(key)
        if record is not None and (old is not None or self._is_renamed(entry)):
            record.params = params
        elif old is None:
            record = self.records[key] = _records.Record(
                entry.kind.name, params, made=True, shared=entry.kind.shared(entry.spec, before)
            )
        else:
            record = self.records[key] = _records.Record(
                entry.kind.name, params, made=False, mark=_records.mark_of(entry, before)
            )
            self.found.append(entry)
        if not record.made:
            _adoption.remember(entry, record, old or {}, new or {})
            record.lost = entry.kind.lost(entry.spec, record.lost, {**record.found, **record.before}, before, planner)

    def _is_renamed(self, entry: _entry.Entry) -> bool:
        return any(place in self._ours for place in entry.kind.places(entry.spec)[:1])

    def finish(self, now: _snapshot.Snapshot) -> t.Sequence[_ops.Op]:
        """Record the identities of the objects, and forget those that are gone."""
        self._drop(self._leaving)
        if self.absent and not self.records:
            return self._end_of_notes()
        return (
            *self._marked(self.entries, now),
            *self._end_of_notes(),
            *self.persist.finish(self.records, self.entries, now),
        )

    def retreat(self) -> None:
        """Note that the run failed, because it may still be killed."""
        if self._taker is not None:
            self._taker.failed()

    def mend(
        self, now: _snapshot.Snapshot, book: _identity.Book, uncertain: t.Sequence[_ops.Op]
    ) -> t.Sequence[_ops.Op]:
        """Correct the records after an undo. Recreated objects have new numbers, and are still ours, like those that
        the undo had to leave.

        An object of the same name that somebody else made meanwhile is not ours. Of the objects that the run was to
        make, only those are recorded that it made and that still exist, and a row of OVSDB whose transaction has no
        answer yet.
        """
        before = {key: dataclasses.replace(record) for key, record in self._loaded.items()}
        planned = {} if self.absent else self.records
        self.records, others = _mended.records_after(self.every, before, planned, now, book, uncertain=uncertain)
        planner = _plan.Planner(now, assume=False)
        for entry in (*others, *self._namesakes):  # the undo has restored what the namesakes were to lose
            entry.kind.disown(entry.spec, planner)
        return (*(step.op for step in planner.steps), self._write(), *self._end_of_notes())

    def _marked(self, entries: t.Sequence[_entry.Entry], now: _snapshot.Snapshot) -> t.Sequence[_ops.Op]:
        for entry in entries:
            record = self.records.get(entry.key)
            if record and entry.kind.view(entry.spec, now) is not None:
                record.mark = _records.mark_of(entry, now)
                record.macs = _records.macs_of(entry, now) if record.made else []
        return (self._write(),)
