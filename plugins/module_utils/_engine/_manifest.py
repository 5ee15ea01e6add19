# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the runs of a topology made, and what they changed on objects that were there before.

The record lives below /run, as the objects do: after a reboot neither is there. An entry holds for one very
object (its inode, ifindex or row), so that a namesake which somebody else made later is never taken for ours.
"""

from __future__ import annotations

import copy
import dataclasses
import json
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine._run import Entry, Hooks
from ansible_collections.netloom.linux.plugins.module_utils._model import _paths
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import HostError
from ansible_collections.netloom.linux.plugins.module_utils._model._ops import FileDelete, FileWrite, Op
from ansible_collections.netloom.linux.plugins.module_utils._model._plan import Params, Planner, Step
from ansible_collections.netloom.linux.plugins.module_utils._model._scope import Scope
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Snapshot

MARKS = ("inode", "ifindex")


@dataclasses.dataclass
class Record:
    """One object of the topology."""

    kind: str
    params: Params  # the entry as it was declared last
    made: bool  # by a run of this topology; else it was adopted
    mark: Params = dataclasses.field(default_factory=dict)  # which very object; empty: not known yet
    before: Params = dataclasses.field(default_factory=dict)  # of an adopted one: the attributes that we changed, as they were


class Manifest(Hooks):
    """The records of one topology, and what follows from them for a run."""

    def __init__(self, name: str, entries: t.Sequence[Entry], absent: bool, read: t.Callable[..., Entry]) -> None:
        self.name = name
        self.path = f"{_paths.RUN}/topologies/{name}.json"
        self.entries = list(entries)
        self.absent = absent
        self._read = read
        self.records: dict[str, Record] = {}
        self._loaded: dict[str, Record] = {}
        self._left: list[str] = []

    def load(self, content: str | None) -> None:
        """Read the records; known ones extend what an absent topology speaks of."""
        try:
            self.records = {key: Record(**record) for key, record in json.loads(content or "{}").items()}
        except (ValueError, TypeError) as error:
            raise HostError(f"Cannot read {self.path}: it is damaged ({error}). Remove it; what the topology made is then left alone.") from error
        if self.absent:
            given = {key_of(entry) for entry in self.entries}
            self.entries += [self._read(record.kind, record.params, "", "absent") for key, record in self.records.items() if key not in given]

    def scope(self, scope: Scope) -> None:
        """What the manifest itself needs to be read."""
        scope.files.add(self.path)

    def choose(self, snapshot: Snapshot) -> t.Sequence[Entry]:
        """Present: all entries. Absent: those that runs of this topology made go, adopted ones get their attributes back."""
        self._forget_namesakes(snapshot)
        self._loaded = copy.deepcopy(self.records)
        return self._farewells(snapshot) if self.absent else list(self.entries)

    def _farewells(self, snapshot: Snapshot) -> list[Entry]:
        # What was adopted in a namespace that goes, goes with it: there is nothing to give attributes back to.
        made = {key for key, record in self.records.items() if record.made}
        going = {str(entry.name["name"]) for entry in self.entries if entry.kind.name == "netns" and key_of(entry) in made}
        return [entry for entry in (self._farewell(entry, snapshot, going) for entry in self.entries) if entry]

    def _forget_namesakes(self, snapshot: Snapshot) -> None:
        for entry in self.entries:
            record = self.records.get(key_of(entry))
            if record and record.mark and mark_of(entry, snapshot) != record.mark and entry.kind.view(entry.spec, snapshot) is not None:
                del self.records[key_of(entry)]

    def _farewell(self, entry: Entry, snapshot: Snapshot, going: set[str]) -> Entry | None:
        record = self.records.get(key_of(entry))
        view = entry.kind.view(entry.spec, snapshot)
        if record and record.made:
            return entry
        if view is None:
            return None
        if record and record.before and not going & _namespaces_of(entry):
            # All as it is, but for what we changed: a view is what the options take. What was not declared, and has no default
            # that would act, stays out: the loopback link shows a MAC that no option takes, say.
            acting = {name for name, option in entry.kind.options.items() if option.get("required") or option.get("default") is not None}
            kept = {key: value for key, value in view.items() if value is not None and key in acting | set(record.params)}
            params = {name: value for name, value in {**kept, **record.before}.items() if record.before.get(name, value) is not None}
            cleared = [name for name, value in record.before.items() if value is None]
            return self._read(record.kind, {**params, **({"clear": cleared} if cleared else {})}, "", "present")
        if not record:
            self._left.append(" ".join([entry.kind.name, *map(str, entry.name.values())]))
        return None

    def extend(self, planner: Planner, before: Snapshot) -> None:
        """Record what the run will have made before it makes anything: a crash must not orphan it."""
        if self._left:
            planner.warn(f"Left alone, because no run of topology '{self.name}' made it: {', '.join(self._left)}.")
        if self.absent:
            if before.files.get(self.path) is not None:
                planner.do(FileDelete(self.path, quiet=True))
            return
        for entry in self.entries:
            self._record(entry, before, planner.now)
        written = self._text()
        if written != before.files.get(self.path):
            op = FileWrite(self.path, written, 0o600, quiet=True)
            planner.steps.insert(0, Step("manifest", op, op.inverse(before)))

    def _record(self, entry: Entry, before: Snapshot, planned: Snapshot) -> None:
        key = key_of(entry)
        if entry.absent:
            self.records.pop(key, None)
            return
        old, new = entry.kind.view(entry.spec, before), entry.kind.view(entry.spec, planned)
        params = dict(entry.params)
        record = self.records.get(key)
        if old is None:
            self.records[key] = Record(entry.kind.name, params, made=True)
        elif record is None:
            # An uplink had none before: it is cleared in the end, or the NIC would not come home.
            had = {name: value for name, value in old.items() if value is not None or name == "uplink"}
            changed = {name: value for name, value in had.items() if value != (new or {}).get(name) and name in params}
            self.records[key] = Record(entry.kind.name, params, made=False, mark=mark_of(entry, before), before=changed)
        else:
            record.params = params

    def finish(self, now: Snapshot) -> t.Sequence[Op]:
        """Note which very objects they became."""
        if self.absent:
            return ()
        for entry in self.entries:
            record = self.records.get(key_of(entry))
            if record:
                record.mark = mark_of(entry, now)
        return (FileWrite(self.path, self._text(), 0o600),)

    def mend(self, now: Snapshot) -> t.Sequence[Op]:
        """After an undo: what was deleted and made again has another index, and is ours all the same."""
        if not self._loaded:
            return ()
        self.records = self._loaded
        for entry in self.entries:
            record = self.records.get(key_of(entry))
            if record and entry.kind.view(entry.spec, now) is not None:
                record.mark = mark_of(entry, now)
        return (FileWrite(self.path, self._text(), 0o600),)

    def _text(self) -> str:
        records = {key: dataclasses.asdict(record) for key, record in sorted(self.records.items())}
        return json.dumps(records, indent=1, sort_keys=True) + "\n"


def _namespaces_of(entry: Entry) -> set[str]:
    """The namespaces that an entry's object is in."""
    spec = entry.spec
    found = {getattr(spec, "ns", None), getattr(spec, "netns", None), *(end.ns for end in getattr(spec, "ends", ()))}
    return {ns for ns in found if ns is not None}


def key_of(entry: Entry) -> str:
    """An object's key in the manifest."""
    return json.dumps([entry.kind.name, *(str(part) if part is not None else None for part in entry.kind.identity(entry.spec))])


def mark_of(entry: Entry, snapshot: Snapshot) -> Params:
    """What tells this very object from a namesake: its index or row, and the inode of the namespace it is in."""
    facts = entry.kind.facts(entry.spec, snapshot)
    if facts.get("uuid"):
        # A row of OVSDB outlives its devices, which ovs-vswitchd makes anew at each start.
        return {"uuid": facts["uuid"]}
    mark = {name: facts[name] for name in MARKS if facts.get(name) is not None}
    ns = getattr(entry.spec, "ns", None)
    if ns is not None and snapshot.has(ns):
        mark["netns"] = snapshot.namespaces[ns].inode
    return mark
