# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records of a topology's objects, as data and as a file.

The records are below /run and last as long as the objects: after a reboot both are gone. A record holds for one exact
object (its inode and cookie, ifindex or row), so that another object that somebody later made under the same name is
never taken for ours.
"""

from __future__ import annotations

import dataclasses
import json
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import _entry
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _paths, _plan, _snapshot

MARKS = ("inode", "cookie", "ifindex")


@dataclasses.dataclass
class Record:
    """One object of a topology."""

    kind: str
    params: _plan.Params  # the entry as it was declared last
    made: bool  # made by a run of this topology; otherwise it was adopted
    mark: _plan.Params = dataclasses.field(default_factory=dict)  # the identity of the object; empty: not known yet
    # Of an adopted one: the attributes that we changed, as they were.
    before: _plan.Params = dataclasses.field(default_factory=dict)
    found: _plan.Params = dataclasses.field(default_factory=dict)  # the declared attributes that were so already
    # Of an adopted one that we changed: what it was, or lost, where options do not say it.
    lost: _plan.Params = dataclasses.field(default_factory=dict)
    shared: bool = (
        False  # of an object that a run made: others existed that are hard to distinguish from it (see Kind.shared)
    )
    # [namespace, name, MAC address] of the links that it made
    macs: list[list[str | None]] = dataclasses.field(default_factory=list)

    def with_sysctls(self) -> list[_plan.Params]:
        """The entry with the sysctls that an adopted object gets back, declared or not. Empty if it gets none back."""
        had = {key: value for key, value in (self.before.get("sysctl") or {}).items() if value is not None}
        return [{**self.params, "clear": [], "sysctl": had}] if had else []


Records = dict[str, Record]


def path_of(name: str) -> str:
    """The path of the records of a topology."""
    return f"{_paths.TOPOLOGIES}/{_paths.file_of(name)}.json"


def name_of(path: str) -> str:
    """The name of the topology whose records have this path."""
    return path[len(_paths.TOPOLOGIES) + 1 : -len(".json")]


def records_in(path: str, content: str | None) -> Records:
    """Parse the records in the text of a file."""
    try:
        return {key: Record(**record) for key, record in json.loads(content or "{}").items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise _damaged(path, error) from error


def entry_of(record: Record, path: str, where: str, read: t.Callable[..., _entry.Entry]) -> _entry.Entry:
    """The entry of a record in the file at ``path``; ``where``: its name in messages. Raises HostError for a record
    from which no entry can be made.
    """
    try:
        return read(record.kind, record.params, where, "absent")
    except Exception as error:
        raise _damaged(path, error) from error


def _damaged(path: str, error: Exception) -> _errors.HostError:
    words = f"there is no kind {error}" if isinstance(error, KeyError) else _errors.quoted(error)
    return _errors.HostError(
        f"Cannot read {path}: it is damaged ({words}). Remove it; what the topology made is then left alone."
    )


def text_of(records: Records) -> str:
    """The text of a file of records, one line each. With an indent, json takes ten times as long."""
    lines = (
        f"{json.dumps(key)}: {json.dumps(vars(record), sort_keys=True)}" for key, record in sorted(records.items())
    )
    return "{\n" + ",\n".join(lines) + "\n}\n"


def words_of(entry: _entry.Entry) -> str:
    """An object in words: 'veth eth0 red'."""
    return " ".join([entry.kind.name, *map(str, entry.name.values())])


def mark_of(entry: _entry.Entry, snapshot: _snapshot.Snapshot) -> _plan.Params:
    """What distinguishes this exact object from another one of the same name: its index or row, and the identity of its
    namespace.
    """
    facts = entry.kind.facts(entry.spec, snapshot)
    if facts.get("uuid"):
        # A row of OVSDB outlives its devices, which ovs-vswitchd recreates at each start.
        return {"uuid": facts["uuid"]}
    mark = {name: facts[name] for name in MARKS if facts.get(name) is not None}
    ns = getattr(entry.spec, "ns", None)
    if ns is not None and snapshot.has(ns):
        space = snapshot.namespaces[ns]
        mark["netns"] = space.inode
        if space.cookie is not None:
            mark["cookie"] = space.cookie
    return mark


def is_same(now: _plan.Params, then: _plan.Params) -> bool:
    """Whether two marks are of one object. A record of an older release has no cookie of the namespace, so its inode
    must do.
    """
    known = {*now, *then} - ({"cookie"} if "cookie" not in now or "cookie" not in then else set())
    return all(now.get(name) == then.get(name) for name in known)


def macs_of(entry: _entry.Entry, snapshot: _snapshot.Snapshot) -> list[list[str | None]]:
    """The MAC addresses of the links that a run made of an entry, without those that are not their own: a VLAN has the
    address of its parent.
    """
    links = ((ns, snapshot.link(ns, name)) for ns, name in entry.kind.own_macs(entry.spec))
    return [[ns, link.name, link.mac] for ns, link in links if link is not None and link.has_mac]


def link_at(mark: _plan.Params, snapshot: _snapshot.Snapshot) -> tuple[_snapshot.NsKey, str] | None:
    """The present place of the link with this mark, under any name."""
    for key, ns in snapshot.namespaces.items():
        if mark.get("ifindex") and (_is_in(mark, ns) if "netns" in mark else key is None):
            found = ns.by_index(mark["ifindex"])
            return (key, found.name) if found else None
    return None


def _is_in(mark: _plan.Params, ns: _snapshot.Namespace) -> bool:
    return bool(ns.inode == mark["netns"] and mark.get("cookie", ns.cookie) == ns.cookie)


def follow_renamed(
    records: Records,
    declared: t.Sequence[_entry.Entry],
    undeclared: t.Sequence[_entry.Entry],
    snapshot: _snapshot.Snapshot,
) -> list[_entry.Entry]:
    """Recognise a veth that is declared from its other end, or whose first end was renamed, as the same veth.

    Its record moves to the new key. Returns the entries that are still undeclared.
    """
    ends = {place: entry for entry in declared if not entry.absent for place in _ends_of(entry)}
    left = []
    for old in undeclared:
        now = next((ends[place] for place in _ends_of(old) if place in ends), None)
        if old.key not in records or now is None or now.kind is not old.kind or now.key in records:
            left.append(old)
            continue
        record = records[now.key] = records.pop(old.key)
        if now.kind.view(now.spec, snapshot) is not None:
            record.mark = mark_of(now, snapshot)
    return left


def _ends_of(entry: _entry.Entry) -> tuple[tuple[_snapshot.NsKey, str], ...]:
    """The places of both ends of a pair. Empty for other kinds."""
    places = entry.kind.places(entry.spec)
    return places if len(places) > 1 else ()
