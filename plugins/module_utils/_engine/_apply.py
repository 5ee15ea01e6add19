# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apply a plan: the only place that writes. The steps are performed one by one, and undone if one fails."""

from __future__ import annotations

import collections
import dataclasses
import itertools
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _identity, _ops, _plan, _words

# The differences that these steps left to the state before the run, in words: empty if there are none, None if no
# snapshot shows what they did.
Look = t.Callable[[t.Sequence[_plan.Step]], t.Optional[list[str]]]


class Performer(t.Protocol):
    """An object that can perform ops: the host, or a fake in a test."""

    def do(self, ops: t.Sequence[_ops.Op]) -> None:
        """Perform a batch. Raises HostError."""


class Failed(_errors.NetloomError):
    """A step failed and the run was undone. The message says what failed, why, what was undone and what remains."""

    def __init__(self, cause: _errors.NetloomError, step: str | None, undone: list[str], remains: list[str]) -> None:
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
    """The steps that were performed, from which they can be undone."""

    performer: Performer
    book: _identity.Book  # the exact objects of the steps
    begins: t.Callable[[t.Sequence[_plan.Step]], None] | None = None  # called with steps before they are performed
    done: list[_plan.Step] = dataclasses.field(default_factory=list)
    # The steps that were being performed when the run failed.
    begun: list[_plan.Step] = dataclasses.field(default_factory=list)
    uncertain: list[_ops.Op] = dataclasses.field(default_factory=list)  # ops that the host may still do, or undo
    # Sentences of repeated steps.
    repeated: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)

    def apply(self, steps: t.Sequence[_plan.Step]) -> None:
        """Perform the steps in order. Raises what the host raises; the caller then undoes the run."""
        for batch in batches(steps):
            self.begun = batch
            if self.begins is not None:
                self.begins(batch)
            self.performer.do([step.op for step in batch])
            self.done.extend(batch)
        self.begun = []

    def repeat(self, steps: t.Sequence[_plan.Step]) -> None:
        """Perform again the steps that another program undid. The journal already has what undoes them."""
        for step in steps:
            self.repeated[step.sentence] += 1
            self.performer.do([step.op])

    def undo(self, cause: BaseException, look: Look) -> Failed:
        """Undo all steps, newest first, and skip those that fail. Then read the host: what differs from the state
        before the run remains.
        """
        failed = _words.some([step.sentence for step in self.begun], between="; ") or None
        halves = [step for step in self.begun if not step.op.atomic]
        self.uncertain = [step.op for step in self.begun] if isinstance(cause, _errors.Uncertain) else []
        resisted = self._take_all_back([*halves, *reversed(self.done)])
        kept: list[str] = []
        if isinstance(cause, _errors.Uncertain):
            kept = [f"{step.sentence} (nobody knows whether it is done; the next run looks)" for step in self.begun]
            halves = []
        left, undone = [], []
        known: set[str] = set()  # differences that are reported with their steps
        for step in (*halves, *reversed(self.done)):
            reason = resisted[id(step)]
            if isinstance(reason, _errors.Conflict):
                reason = None  # its object is gone, or belongs to somebody else now; the look at the host reports it
            for_good = not step.inverse and step.disturbs == _ops.RECREATION
            seen = look([step]) if reason or for_good else None
            if (reason or for_good) and seen != []:
                known.update(seen or ())
                part = ", as far as it was done" if step in halves else ""
                left.append(f"{step.sentence}{part} ({reason or 'cannot be taken back'})")
            elif not step.quiet and step not in halves:
                # A step without an inverse that destroyed nothing was done to an object that this run made.
                undone.append(step.sentence)
        further = [words for words in look([*self.begun, *self.done]) or () if words not in known] if not kept else []
        self.done, self.begun = [], []
        known_cause = cause if isinstance(cause, _errors.NetloomError) else _errors.Unexpected(cause)
        return Failed(known_cause, failed, undone, [*kept, *left, *further])

    def _take_all_back(self, steps: t.Sequence[_plan.Step]) -> dict[int, Exception | None]:
        """Perform the inverses of steps. Return the first error of each step, by its id.

        An inverse that fails may need what an earlier step removed, as a route needs the address that covers its
        gateway. It is tried again at the end.
        """
        inverses = [(step, op) for step in steps for op in step.inverse]
        left = [
            (step, op, error)
            for batch in _inverse_batches(inverses)
            if len(batch) == 1 or self._take_back(*(op for _step, op in batch)) is not None
            for step, op in batch
            if (error := self._take_back(op)) is not None
        ]
        before = 0
        while len(left) != before:  # while another one succeeds
            before = len(left)
            again = [(step, op, self._take_back(op) if _may_yet(op, error) else error) for step, op, error in left]
            left = [(step, op, error) for step, op, error in again if error is not None]
        self.uncertain += [op for _step, op, error in left if isinstance(error, _errors.Uncertain)]
        return {id(step): next((error for other, _op, error in left if other is step), None) for step in steps}

    def _take_back(self, *ops: _ops.Op) -> Exception | None:
        """Perform the inverses of ops, all or none. Return the error, or None."""
        try:
            self.performer.do(ops)
        except Exception as error:  # noqa: BLE001 pylint: disable=broad-except
            # One that resists must not keep the rest from being undone.
            return error
        return None


def _inverse_batches(
    inverses: t.Sequence[tuple[_plan.Step, _ops.Op]],
) -> t.Iterator[list[tuple[_plan.Step, _ops.Op]]]:
    """Group what the northbound database takes back in one transaction: of thousands of rows each would take its time.
    On a host each inverse is performed alone, so that one that fails keeps no other from being undone.
    """
    for on_northbound, group in itertools.groupby(inverses, lambda one: one[1].performer == _ops.NORTHBOUND):
        together = list(group)
        yield from [together] if on_northbound else [[one] for one in together]


def _may_yet(op: _ops.Op, error: Exception) -> bool:
    """Whether the kernel may accept an op that it refused, once more of the run is undone. An object that was replaced
    stays replaced.
    """
    return op.performer == _ops.KERNEL and not isinstance(error, _errors.Conflict)


def batches(steps: t.Sequence[_plan.Step]) -> t.Iterator[list[_plan.Step]]:
    """Group neighbouring steps that join into all-or-nothing batches: writes on one OVSDB, daemons that start together,
    and link deletions.
    """
    batch: list[_plan.Step] = []
    for step in steps:
        if batch and not step.op.joins(batch[-1].op):
            yield batch
            batch = []
        batch.append(step)
    if batch:
        yield batch
