# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apply: the only place that writes. Step by step, and back again if one fails."""

from __future__ import annotations

import collections
import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _ops, _plan, _words


class Performer(t.Protocol):
    """What can perform ops: the host, or a test's fake."""

    def do(self, ops: t.Sequence[_ops.Op]) -> None:
        """Perform a batch. Raises HostError."""


class Failed(_errors.NetloomError):
    """A step failed and the run was taken back; says what failed, why, what was undone and what remains."""

    def __init__(self, cause: Exception, step: str | None, undone: list[str], remains: list[str]) -> None:
        self.cause, self.step, self.undone, self.remains = cause, step, undone, remains
        words = [str(cause)]
        if undone:
            words.append(f"Undone: {len(undone)} step{'s' if len(undone) > 1 else ''} of this run.")
        if remains:
            words.append(f"Could not be undone: {_words.some(remains, between='; ')}.")
        elif not undone:
            words.append("Nothing was changed.")
        super().__init__(" ".join(words))


@dataclasses.dataclass
class Journal:
    """The steps that were performed, for taking them back."""

    performer: Performer
    done: list[_plan.Step] = dataclasses.field(default_factory=list)
    begun: list[_plan.Step] = dataclasses.field(default_factory=list)  # what was under way when it failed
    repeated: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)  # sentences of what was done once more

    def apply(self, steps: t.Sequence[_plan.Step]) -> None:
        """Perform the steps in order. Raises what the host raises; the caller then undoes."""
        for batch in batches(steps):
            self.begun = batch
            self.performer.do([step.op for step in batch])
            self.done.extend(batch)
        self.begun = []

    def repeat(self, steps: t.Sequence[_plan.Step]) -> None:
        """Perform steps once more that another program took back. What undoes the run is in the journal already."""
        for step in steps:
            self.repeated[step.sentence] += 1
            self.performer.do([step.op])

    def undo(self, cause: BaseException) -> Failed:
        """Take back all that was done, newest first; what resists is named and the rest goes on."""
        undone: list[str] = []
        remains: list[str] = []
        for begun in self.begun:
            resisted = None if begun.op.atomic else self._take_back(begun)
            if isinstance(cause, _errors.Uncertain):
                remains.append(f"{begun.sentence} (nobody knows whether it is done; the next run looks)")
            elif resisted:
                remains.append(f"{begun.sentence}, as far as it was done ({resisted})")
        for done in reversed(self.done):
            resisted = self._take_back(done)
            if resisted:
                remains.append(f"{done.sentence} ({resisted})")
            elif not done.inverse and done.disturbs == _ops.RECREATION:
                remains.append(f"{done.sentence} (cannot be taken back)")
            elif not done.quiet:
                # What has no inverse and destroyed nothing was done to an object that this run made.
                undone.append(done.sentence)
        failed = _words.some([step.sentence for step in self.begun], between="; ") or None
        self.done, self.begun = [], []
        return Failed(cause if isinstance(cause, _errors.NetloomError) else _errors.Unexpected(cause), failed, undone, remains)

    def _take_back(self, step: _plan.Step) -> Exception | None:
        """Perform the inverse of a step; what it first resisted with."""
        first = None
        for op in step.inverse:
            try:
                self.performer.do([op])
            except Exception as error:  # noqa: BLE001 pylint: disable=broad-except  # one that resists must not keep the rest from being undone
                first = first or error
        return first


def batches(steps: t.Sequence[_plan.Step]) -> t.Iterator[list[_plan.Step]]:
    """Neighbours that join go together, all or nothing: writes on one OVSDB, daemons, which start side by side, and links that go. All else goes alone."""
    batch: list[_plan.Step] = []
    for step in steps:
        if batch and not step.op.joins(batch[-1].op):
            yield batch
            batch = []
        batch.append(step)
    if batch:
        yield batch
