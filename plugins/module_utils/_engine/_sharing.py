# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several topologies on one host: objects that another topology declares or needs are not deleted with this one."""

from __future__ import annotations

import dataclasses
import json
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import _entry, _records
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _plan


@dataclasses.dataclass(frozen=True)
class Kept:
    """Why an object stays: the topology that has it, and whether that topology declares the object or only needs it.

    ``damaged``: this is unknown, because its records cannot be read, and they name the object.
    """

    path: str
    declared: bool
    damaged: bool = False


class Others:
    """The records of the other topologies of this host. They count by name: a recorded name is a declared name."""

    def __init__(self, files: t.Mapping[str, str], read: t.Callable[..., _entry.Entry]) -> None:
        self._files = files
        self._records: dict[str, _records.Records] = {}
        self._damaged: dict[str, str] = {}  # an unreadable file is not empty
        self._needed: dict[_plan.Claim, str] = {}
        for path, text in sorted(files.items()):
            try:
                records = _records.records_in(path, text)
                entries = [
                    _records.entry_of(record, path, f"topology '{_records.name_of(path)}': ", read)
                    for record in records.values()
                ]
            except _errors.HostError:
                self._damaged[path] = text
                continue
            self._records[path] = records
            for entry in entries:
                for claim in (*entry.kind.claims(entry.spec), *entry.kind.needs(entry.spec)):
                    self._needed.setdefault(claim, path)

    @property
    def paths(self) -> set[str]:
        """The paths of their records."""
        return set(self._files)

    @property
    def warnings(self) -> list[str]:
        """Warnings about records that cannot be read."""
        return [
            f"The records of topology '{_records.name_of(path)}' in {path} are damaged, so nobody knows what it stands"
            " on: namespaces and bridges are kept, and what the file still names. Remove the file, run that topology"
            " once more, and then this one."
            for path in self._damaged
        ]

    def keep(self, going: t.Sequence[_entry.Entry]) -> dict[str, Kept]:
        """The objects that stay, by key. An object that stays keeps the objects that it needs."""
        kept: dict[str, Kept] = {}
        needed = dict(self._needed)
        waiting = list(going)
        while True:
            found = {entry.key: (entry, path) for entry in waiting for path in [self._claimant(entry, needed)] if path}
            if not found:
                return kept
            waiting = [entry for entry in waiting if entry.key not in found]
            for key, (entry, path) in found.items():
                kept[key] = Kept(path, path in self._records and key in self._records[path], path in self._damaged)
                if not kept[key].declared:  # else what it stands on there counts, which is known
                    needed.update({claim: path for claim in entry.kind.carriers(entry.spec) if claim not in needed})

    def _claimant(self, entry: _entry.Entry, needed: t.Mapping[_plan.Claim, str]) -> str | None:
        """The topology for which this object stays. One that declares it is preferred to one that only needs it."""
        declaring = (path for path, records in self._records.items() if entry.key in records)
        standing = (needed[claim] for claim in entry.kind.claims(entry.spec) if claim in needed)
        named = (
            path
            for path, text in self._damaged.items()
            if entry.kind.carries or any(json.dumps(name) in text for name in _names_of(entry))
        )
        return next(declaring, None) or next(standing, None) or next(named, None)

    def hand_over(self, path: str, key: str, ours: _records.Record, mark: _plan.Params) -> None:
        """Make the topology that also declares the object its owner, and pass on what the object was before."""
        theirs = self._records[path][key]
        theirs.made = theirs.made or ours.made
        theirs.mark = mark
        theirs.lost = theirs.lost or ours.lost
        for name, value in ours.before.items():
            # They found what we had set, so what we found is older.
            if name not in theirs.before or theirs.before[name] == ours.params.get(name):
                theirs.before[name] = value

    def changes(self) -> dict[str, str]:
        """The record files that have to be rewritten."""
        texts = {path: _records.text_of(records) for path, records in self._records.items()}
        return {path: text for path, text in texts.items() if text != self._files[path]}


def _names_of(entry: _entry.Entry) -> set[str]:
    """The names by which other records would mean its objects."""
    return {part for claim in entry.kind.claims(entry.spec) for part in claim[1:] if isinstance(part, str)} - {
        entry.spec.path
    }


def said_of(kept: t.Mapping[str, Kept], entries: t.Sequence[_entry.Entry]) -> list[str]:
    """Warnings that say what stays, and for which topology."""
    sentences = []
    for reason in sorted(set(kept.values()), key=lambda one: (one.path, not one.declared)):
        words = ", ".join(_records.words_of(entry) for entry in entries if kept.get(entry.key) == reason)
        other = f"topology '{_records.name_of(reason.path)}'"
        if reason.damaged:
            sentences.append(f"Kept, because {other}, whose records are damaged, may stand on it: {words}.")
        elif reason.declared:
            sentences.append(f"Kept for {other}, which declares it too and owns it from now on: {words}.")
        else:
            sentences.append(f"Kept, because {other} stands on it: {words}. Take that down first, then run this again.")
    return sentences
