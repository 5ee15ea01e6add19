# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our records of links, as data: the identity of the link, and what was done to it."""

from __future__ import annotations

import dataclasses
import json
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _identity, _ops, _snapshot


@dataclasses.dataclass(frozen=True)
class LinkRecord(_ops.Op):
    """Record what was done to a link, by its ifindex, permanent MAC and the namespace's key, which are only known when
    it is done.

    ``at``: its present place, if it is recorded before it is moved.
    """

    ns: _snapshot.NsKey
    name: str
    path: str
    facts: t.Mapping[str, t.Any]
    at: tuple[_snapshot.NsKey, str] | None = None
    quiet: t.ClassVar[bool] = True

    def sentence(self) -> str:
        return f"record {self.name}{_ops.where(self.ns)}"

    def effect(self, now: _snapshot.Snapshot) -> None:
        key, name = self.at or (self.ns, self.name)
        link = dataclasses.replace(now.namespaces[key].links[name], name=self.name)
        now.files[self.path] = record_of(link, now.namespaces[self.ns], self.facts)

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        return (_ops.record(self.path, now.files.get(self.path)),)


@dataclasses.dataclass(frozen=True)
class LinkForget(_ops.Op):
    """Delete a link's record before the link is deleted. If this is undone after the link is restored, the record is
    about the new link.
    """

    ns: _snapshot.NsKey
    name: str
    path: str
    quiet: t.ClassVar[bool] = True

    def sentence(self) -> str:
        return f"forget {self.name}{_ops.where(self.ns)}"

    def effect(self, now: _snapshot.Snapshot) -> None:
        now.files[self.path] = None

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        return _recorded_again(now, self.ns, self.name, self.path)


@dataclasses.dataclass(frozen=True)
class LinkReturn(LinkRecord):
    """Record that a link is on its way home. If the run is killed, the next run restores the rest of what the link had
    there.
    """

    def sentence(self) -> str:
        return f"record that {self.name}{_ops.where(self.ns)} goes home"

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        return _recorded_again(now, self.ns, self.name, self.path)


def _recorded_again(now: _snapshot.Snapshot, ns: _snapshot.NsKey, name: str, path: str) -> tuple[_ops.Op, ...]:
    before = now.files.get(path)
    if before is None or now.link(ns, name) is None:
        return ()
    facts = {key: value for key, value in json.loads(before).items() if key in ("made", "home", "bridge")}
    return (LinkRecord(ns, name, path, facts),)


@dataclasses.dataclass(frozen=True)
class SpaceRecord(_ops.Op):
    """Record what was done in a namespace, by its key, which is only known when it is done."""

    ns: _snapshot.NsKey
    path: str
    facts: t.Mapping[str, t.Any]
    quiet: t.ClassVar[bool] = True

    def sentence(self) -> str:
        return f"record {self.path}"

    def effect(self, now: _snapshot.Snapshot) -> None:
        now.files[self.path] = space_record_of(now.namespaces[self.ns], self.facts)

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        return (_ops.record(self.path, now.files.get(self.path)),)


def space_record_of(space: _snapshot.Namespace, facts: t.Mapping[str, t.Any]) -> str:
    """A namespace's record as text."""
    return json.dumps({**_identity.mark_of(space), **facts}, sort_keys=True) + "\n"


def record_of(link: _snapshot.Link, space: _snapshot.Namespace, facts: t.Mapping[str, t.Any]) -> str:
    """A link's record as text: its identity, its namespace, and what was done to it."""
    return json.dumps({**_identity.link_mark(link), **_identity.mark_of(space), **facts}) + "\n"
