# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notes of what a run has made so far, one line each, written at the moment when it is made.

The records of a topology say before the first write what the run is going to make. If the run is killed, the notes say
how far it came. So an object that the run never made, and that somebody else made later under the same name, is not
taken for ours. The notes are deleted at the end of a run.
"""

from __future__ import annotations

import dataclasses
import json
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import _entry, _records
from ansible_collections.netloom.linux.plugins.module_utils._model import _identity, _paths, _plan, _snapshot, _ties


def path_of(name: str) -> str:
    """The path of the notes of a topology's run."""
    return f"{_paths.TOPOLOGIES}/{_paths.file_of(name)}.notes"


@dataclasses.dataclass
class Notes:
    """The notes: entries whose steps had begun, and links and namespaces with their numbers."""

    begun: set[str] = dataclasses.field(default_factory=set)
    links: dict[_plan.Place, int] = dataclasses.field(default_factory=dict)
    spaces: dict[str, _identity.Key] = dataclasses.field(default_factory=dict)
    failed: bool = False  # a step was refused while the run lived, so each link that it made is noted


def read(text: str) -> Notes:
    """Read the notes of a run that was killed. The last line may be incomplete."""
    found = Notes()
    for line in text.splitlines():
        try:
            kind, *rest = json.loads(line)
        except ValueError:
            continue
        if kind == "begun":
            found.begun.add(rest[0])
        elif kind == "link":
            found.links[(rest[0], rest[1])] = rest[2]
        elif kind == "failed":
            found.failed = True
        elif kind == "netns":
            found.spaces[rest[0]] = (rest[1], rest[2])
    return found


class Taker:
    """Takes the notes of a run. ``keys``: the keys of the entries that it makes, by the names that steps use."""

    def __init__(self, write: t.Callable[[str], None], keys: t.Mapping[str, str]) -> None:
        self._write_down, self._keys = write, dict(keys)
        self.took = False  # any

    def _write(self, text: str) -> None:
        self.took = True
        self._write_down(text)

    def begin(self, steps: t.Sequence[_plan.Step]) -> None:
        """Note that these steps begin now."""
        keys = [key for key in (self._keys.pop(step.entry, None) for step in steps) if key is not None]
        if keys:
            self._write("".join(f"{json.dumps(['begun', key])}\n" for key in keys))

    def failed(self) -> None:
        """Note that a step was refused: what was made by then belongs to the run, and the rest does not."""
        if self.took:
            self._write(f"{json.dumps(['failed'])}\n")

    def link(self, place: _plan.Place, index: int) -> None:
        """Note a link that was made or moved to this place."""
        self._write(f"{json.dumps(['link', *place, index])}\n")

    def space(self, name: str, key: _identity.Key) -> None:
        """Note a namespace that was made and gets this name now."""
        self._write(f"{json.dumps(['netns', name, *key])}\n")


def was_made(entry: _entry.Entry, snapshot: _snapshot.Snapshot, notes: Notes, *, known: bool) -> bool | None:
    """Whether the killed run made this object, which is there now; None: the notes do not tell, and what was known
    before it counts.

    Between the birth of a link and its note lies a moment. So a link whose making had begun counts as made, if it is as
    it was to be; a namespace is noted before it has its name.
    """
    claims = entry.kind.claims(entry.spec)
    spaces = [name for name in _ties.spaces_in(claims) if name in snapshot.namespaces]
    links = [place for place in _ties.links_in(claims) if snapshot.link(*place) is not None]
    noted = [_is_space(snapshot, name, notes) for name in spaces] + [
        _is_link(snapshot, place, notes) for place in links
    ]
    if any(one is False for one in noted):
        return None if known else False
    if any(noted):
        return True
    return None if known or (entry.key in notes.begun and not spaces and not (notes.failed and links)) else False


def _is_space(snapshot: _snapshot.Snapshot, name: str, notes: Notes) -> bool | None:
    found = snapshot.namespaces[name]
    return _identity.is_key((found.inode, found.cookie), notes.spaces[name]) if name in notes.spaces else None


def _is_link(snapshot: _snapshot.Snapshot, place: _plan.Place, notes: Notes) -> bool | None:
    if place not in notes.links:
        return None
    link = snapshot.link(*place)
    same = place[0] is None or place[0] not in notes.spaces or _is_space(snapshot, place[0], notes)
    return bool(same and link is not None and link.index == notes.links[place])


def apply(
    records: _records.Records, entries: t.Sequence[_entry.Entry], snapshot: _snapshot.Snapshot, notes: Notes
) -> list[_entry.Entry]:
    """Limit the records to what was really made. Return the entries whose records are dropped because somebody else
    made the object of that name.
    """
    others = []
    for entry in entries:
        record = records.get(entry.key)
        if record is None or not record.made:
            continue
        known = bool(record.mark)
        if entry.kind.view(entry.spec, snapshot) is None:
            # A link may have been renamed since. It is found by its number.
            if not known and entry.key not in notes.begun:
                del records[entry.key]
            continue
        made = was_made(entry, snapshot, notes, known=known)
        if made:
            record.mark = _records.mark_of(entry, snapshot)
        elif made is False:
            del records[entry.key]
            others.append(entry)
    return others
