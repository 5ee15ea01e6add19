# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flow, the same for every module: specs -> snapshot -> plan -> (check mode stops here) -> apply -> verify."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import (
    _apply,
    _entry,
    _hooks,
    _look,
    _planning,
    _verify,
)
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _ops,
    _plan,
    _scope,
    _snapshot,
    _ties,
    _words,
)


def run(
    hooks: _hooks.Hooks,
    host: _entry.HostLike,
    *,
    check: bool,
    alone: bool,
    wait: float,
    most: str = _ops.DISTURBANCES[-1],
) -> _entry.Outcome:
    """Perform the entries. This is the only place in the collection that knows check mode. ``most``: what a step may
    disturb.
    """
    with contextlib.nullcontext() if check else host.lock():
        scope = _entry.scope_of(hooks.open(host))
        hooks.scope(scope)
        before = host.read(scope)
        entries = hooks.choose(before)
        planner = _planning.plan(entries, before, check and alone, hooks)
        _refuse_disruption(planner.steps, most)
        hooks.extend(planner, before)
        outcome = _foretold(planner, before)
        if not check and planner.steps:
            staying = [entry for entry in entries if not _has_strayed(entry, planner)]
            _perform(hooks, host, planner.steps, entries=staying, scope=scope, outcome=outcome, wait=wait)
        # Nobody can know it yet of what check mode would change.
        outcome.judge([entry for entry in entries if not check or entry.key not in outcome.about])
        return outcome


def _foretold(planner: _plan.Planner, before: _snapshot.Snapshot) -> _entry.Outcome:
    """What check mode tells, and what a run tells if all goes well."""
    told = [step for step in planner.steps if not step.quiet]
    return _entry.Outcome(
        steps=[step.sentence for step in told],
        disturbs=[step.disturbs for step in told],
        warnings=planner.warnings,
        before=before,
        planned=planner.now if planner.steps else before,
        now=planner.now if planner.steps else before,
        about=[step.about for step in told],
    )


def _perform(
    hooks: _hooks.Hooks,
    host: _entry.HostLike,
    steps: t.Sequence[_plan.Step],
    *,
    entries: t.Sequence[_entry.Entry],
    scope: _scope.Scope,
    outcome: _entry.Outcome,
    wait: float,
) -> None:
    """Do the steps, and see that the entries are in effect; or undo everything."""
    book = host.expect(outcome.before, outcome.planned)
    journal = _apply.Journal(host, book, hooks.notes(host, book))
    try:
        journal.apply(steps)
        outcome.now = _verify.verify(entries, host, journal, scope, wait)
        outcome.exact = book.is_as_planned(outcome.now)
        outcome.warnings.extend(
            f"Had to {sentence} once more: another program took it back." for sentence in journal.repeated
        )
        for op in hooks.finish(outcome.now):
            host.do([op])
    except BaseException as error:  # includes Ctrl-C and bugs, so that nothing stays half-built
        book.retreating = True
        with contextlib.suppress(Exception):  # for example a full disk; everything is still undone
            hooks.retreat()
        failed = journal.undo(error, _look.Look(host, scope, outcome.before, book, wait))
        with contextlib.suppress(Exception):
            for op in hooks.mend(host.read(scope), book, journal.uncertain):
                host.do([op])
        if isinstance(error, Exception):
            raise failed from error
        raise


def _has_strayed(entry: _entry.Entry, planner: _plan.Planner) -> bool:
    """Whether the object was removed from another place than its own, where the link of somebody else is and stays."""
    places = _ties.links_in(entry.kind.claims(entry.spec)) if entry.absent and planner.ours else []
    return any(planner.ours.get(place, place) != place and planner.before.link(*place) is not None for place in places)


def _refuse_disruption(steps: t.Sequence[_plan.Step], most: str) -> None:
    """Refuse the whole plan if a step disturbs more than is allowed."""
    steps = [step for step in steps if not step.quiet]
    beyond = [step for step in steps if _ops.DISTURBANCES.index(step.disturbs) > _ops.DISTURBANCES.index(most)]
    if beyond:
        named = _words.some([f"{step.sentence} ({step.disturbs})" for step in beyond], between="; ")
        raise _errors.TooDisruptive(
            f"max_disruption: '{most}' does not allow {len(beyond)} of the {len(steps)} steps of the plan: {named}."
            " Nothing was changed. Allow more, or declare what is there."
        )
