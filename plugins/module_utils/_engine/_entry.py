# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An entry of a run, and what the run tells."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import _apply
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _identity,
    _kind,
    _ops,
    _plan,
    _scope,
    _snapshot,
)


class HostLike(_apply.Performer, t.Protocol):
    """The host, or a fake in a test."""

    def lock(self) -> contextlib.AbstractContextManager[None]:
        """Allow one writer at a time."""

    def read(self, scope: _scope.Scope) -> _snapshot.Snapshot:
        """A snapshot of the scope."""

    def expect(self, snapshot: _snapshot.Snapshot, planned: _snapshot.Snapshot | None = None) -> _identity.Book:
        """Let names mean the objects of this snapshot from now on. The plan is made of it, and only these objects are
        written to. ``planned``: what the plan makes of it.
        """

    def note(self, path: str, text: str) -> None:
        """Append to a file of notes at once, whatever else is going on."""

    def tree(self, folder: str) -> t.Mapping[str, str]:
        """All files below a folder: path -> text."""

    def text(self, path: str) -> str | None:
        """The text of one file, or None if there is no such file."""


@dataclasses.dataclass(frozen=True)
class Entry:
    """One declared object: its kind and its spec."""

    kind: _kind.Kind[t.Any]
    spec: _plan.Spec
    params: t.Mapping[str, t.Any]

    @functools.cached_property
    def name(self) -> dict[str, t.Any]:
        """The options that identify the object, as they were given."""
        required = [option for option, spec in self.kind.options.items() if spec.get("required")]
        return {option: self.params[option] for option in (*required, "netns") if self.params.get(option) is not None}

    @functools.cached_property
    def key(self) -> str:
        """The key of the object among the records of a topology."""
        parts = (self.kind.name, *self.kind.identity(self.spec))
        return f"[{', '.join('null' if part is None else json.dumps(str(part)) for part in parts)}]"

    @property
    def absent(self) -> bool:
        """Whether the object is to be deleted."""
        return self.spec.state == "absent"

    @functools.cached_property
    def label(self) -> str:
        """The name of the entry in messages: 'veth[0]' in a topology, 'veth' alone."""
        return self.spec.path.rstrip(".") or self.kind.name


def scope_of(entries: t.Sequence[Entry]) -> _scope.Scope:
    """The parts of the host that these entries need to read."""
    scope = _scope.Scope()
    for entry in entries:
        entry.kind.scope(entry.spec, scope)
    return scope


@dataclasses.dataclass
class Outcome:
    """What a run did, or would do in check mode."""

    steps: list[str]
    disturbs: list[str]
    warnings: list[str]
    before: _snapshot.Snapshot
    planned: _snapshot.Snapshot
    now: _snapshot.Snapshot  # as read again after the run; in check mode as planned
    about: list[str]  # the key of the entry of each step; '' for a step of the run as a whole
    exact: bool = False  # after the run it is known that all is exactly as planned
    unusable: list[str] = dataclasses.field(default_factory=list)  # sentences about entries, see Kind.unusable

    def judge(self, entries: t.Iterable[Entry]) -> None:
        """Tell which entries are as declared, and of no use."""
        for entry in entries:
            reason = None if entry.absent else entry.kind.unusable(entry.spec, self.now)
            if reason is not None:
                self.unusable.append(f"{reason}.")
                if not any(reason in warning for warning in self.warnings):
                    self.warnings.append(f"{reason}.")

    @property
    def last(self) -> _snapshot.Snapshot:
        """What is there after the run. Where that is exactly as planned, the planned snapshot shows it."""
        return self.planned if self.exact else self.now

    @property
    def changed(self) -> bool:
        """Whether the plan has steps."""
        return bool(self.steps)

    @property
    def disruptions(self) -> list[dict[str, str]]:
        """The steps that disturb something, with what they disturb."""
        return [
            {"step": step, "disturbs": what} for step, what in zip(self.steps, self.disturbs) if what != _ops.NOTHING
        ]
