# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of the flow: read again what the steps made, until it is as declared and usable."""

from __future__ import annotations

import contextlib
import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import _apply, _entry, _planning
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _plan, _scope, _snapshot, _words

FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.25  # seconds between two looks at what is not usable yet
LONGEST_WITHOUT_ALL = 2.0  # seconds without a look at the whole topology, which another program may change
MOST_REPEATED = 3  # times that a step is repeated which another program undid meanwhile


def verify(
    entries: t.Sequence[_entry.Entry], host: _entry.HostLike, journal: _apply.Journal, scope: _scope.Scope, wait: float
) -> _snapshot.Snapshot:
    """Read again until the plan is empty and everything is usable. All waits run at the same time.

    Raises NotInEffect, or Conflict if a name means another object now. A harmless step that another program undoes
    meanwhile is repeated, with a warning.
    """
    patience = max([wait] + [entry.kind.patience(entry.spec) for entry in entries if not entry.absent])
    until = time.monotonic() + patience
    pause = FIRST_PAUSE
    while True:
        try:
            snapshot = host.read(scope)
        except _errors.HostError:  # the host may be changing at this moment
            if time.monotonic() > until:
                raise
            time.sleep(pause)
            continue
        journal.book.recognise(snapshot)
        again = [] if journal.book.is_as_planned(snapshot) else _planning.plan(entries, snapshot, assume=False).steps
        waiting = [(entry, entry.kind.pending(entry.spec, snapshot)) for entry in entries if not entry.absent]
        missing = [f"{entry.label}: {reason}" if entry.spec.path else reason for entry, reason in waiting if reason]
        if not again and not missing:
            return snapshot
        lost = [step for step in again if step.op.repeatable and journal.repeated[step.sentence] < MOST_REPEATED]
        if lost:
            journal.repeat(lost)
            continue
        if time.monotonic() > until:
            raise _not_in_effect(again, missing, patience)
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)
        if not again:
            _let_come(
                [entry for entry, reason in waiting if reason], host, min(until, time.monotonic() + LONGEST_WITHOUT_ALL)
            )


def _not_in_effect(again: t.Sequence[_plan.Step], missing: t.Sequence[str], patience: float) -> _errors.NotInEffect:
    """The error for a run after which steps are still necessary, or something is missing."""
    left = [f"after the run it would still be necessary to {step.sentence}" for step in again[:1]]
    if not missing:
        return _errors.NotInEffect(f"Set, but not in effect: {left[0]}.")
    # A step that another program keeps undoing is the cause. Other steps only repeat what is missing.
    causes = left if again and again[0].op.repeatable else []
    told = "; ".join([*_words.listed(missing, _words.MOST_NAMED), *causes])
    return _errors.NotInEffect(f"Made, but not usable within {patience:g} s: {told}.")


def _let_come(entries: t.Sequence[_entry.Entry], host: _entry.HostLike, until: float) -> None:
    """Wait until these entries are usable. Only those are read that are not usable yet, because reading more of a large
    topology would take the time that they need.
    """
    left = list(entries)
    with contextlib.suppress(_errors.HostError):  # the host may be changing at this moment
        while time.monotonic() < until:
            snapshot = host.read(_entry.scope_of(left))
            left = [entry for entry in left if entry.kind.pending(entry.spec, snapshot)]
            if not left:
                return
            time.sleep(LONGEST_PAUSE)
