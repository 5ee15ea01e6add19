# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flow, the same for every module: specs -> snapshot -> plan -> (check mode stops here) -> apply -> verify."""

from __future__ import annotations

import contextlib
import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import _apply, _entry, _look, _order
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _identity,
    _kind,
    _ops,
    _plan,
    _scope,
    _snapshot,
    _ties,
    _tunnel_mtus,
    _words,
)

FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.25  # seconds between two looks at what is not usable yet
LONGEST_WITHOUT_ALL = 2.0  # seconds without a look at the whole topology, which another program may change
MOST_REPEATED = 3  # times that a step is repeated which another program undid meanwhile


class Hooks:
    """The entries of a run, and its knowledge of earlier runs. For a single module, that is one entry and no knowledge;
    see Manifest.
    """

    def __init__(self, entries: t.Sequence[_entry.Entry]) -> None:
        self.entries = list(entries)

    def open(self, host: _entry.HostLike) -> t.Sequence[_entry.Entry]:
        """Return all entries that may matter, once no other run writes."""
        return self.entries

    def scope(self, scope: _scope.Scope) -> None:
        """Add to the scope what these entries need to read."""

    def ours(self, snapshot: _snapshot.Snapshot) -> t.Mapping[_plan.Place, _plan.Place]:
        """The places of our links that are not as declared (see Planner)."""
        return {}

    def orphans(self, snapshot: _snapshot.Snapshot) -> frozenset[_plan.Place]:
        """Our devices of Open vSwitch that it does not know any more (see Planner)."""
        return frozenset()

    def macs(self) -> t.Mapping[_plan.Place, str]:
        """The MAC addresses that our links had, by their wanted places."""
        return {}

    def at_boot(self) -> bool:
        """Whether the entries are made again at boot."""
        return False

    def choose(self, snapshot: _snapshot.Snapshot) -> t.Sequence[_entry.Entry]:
        """The entries to carry out, now that the snapshot is known."""
        return self.entries

    def extend(self, planner: _plan.Planner, before: _snapshot.Snapshot) -> None:
        """Add steps to those of the entries."""

    def notes(self, host: _entry.HostLike, book: _identity.Book) -> t.Callable[[t.Sequence[_plan.Step]], None] | None:
        """Return a function to be called with steps before they are performed, or None."""
        return None

    def finish(self, now: _snapshot.Snapshot) -> t.Sequence[_ops.Op]:
        """The ops that end a run which changed something, under the lock."""
        return ()

    def retreat(self) -> None:
        """Note that the run failed and is undone from now on."""

    def mend(
        self, now: _snapshot.Snapshot, book: _identity.Book, uncertain: t.Sequence[_ops.Op]
    ) -> t.Sequence[_ops.Op]:
        """The ops that end a run which was undone. Recreated objects are new ones to the kernel, and ``book`` knows
        them.

        ``uncertain``: ops that the host may do after all.
        """
        return ()


NOTHING_KNOWN = Hooks(())


def plan(
    entries: t.Sequence[_entry.Entry], snapshot: _snapshot.Snapshot, assume: bool, hooks: Hooks = NOTHING_KNOWN
) -> _plan.Planner:
    """The pure core: compute the steps, in order, that turn the snapshot into the declared state.

    What goes is unsettled and deleted, from the leaves to the roots. Our objects in a wrong place make way. What comes
    is made from the roots to the leaves, then settled (all that ports and routes refer to exists now), and completed.
    """
    depths = _depths(entries)
    going = sorted(
        (entry for entry in entries if entry.absent),
        key=lambda entry: (_order.MAKE_ORDER[entry.kind.name], depths.get(id(entry), 0)),
        reverse=True,
    )
    coming = sorted((entry for entry in entries if not entry.absent), key=lambda entry: depths.get(id(entry), 0))
    planner = _plan.Planner(snapshot, assume, hooks.ours(snapshot))
    planner.orphans, planner.macs, planner.at_boot = hooks.orphans(snapshot), hooks.macs(), hooks.at_boot()
    _announce(planner, coming, going)
    passes = [
        (coming if planner.leaving else [], "leave"),
        (going, "unsettle"),
        (going, "remove"),
        (sorted(coming, key=_rank(_order.MAKE_ORDER)), "vacate"),
        (sorted(coming, key=_rank(_order.MAKE_ORDER)), "make"),
        (sorted(coming, key=_rank(_order.SETTLE_ORDER)), "settle"),
        (coming, "complete"),
        (going, "let_go"),
    ]
    for ordered, stage in passes:
        nothing = getattr(_kind.Kind, stage)
        for entry in ordered:
            if getattr(type(entry.kind), stage) is not nothing:
                planner.entry, planner.about = entry.label, entry.key
                with Located(entry):
                    getattr(entry.kind, stage)(entry.spec, planner)
        if planner.refusals:
            raise _errors.Conflict(_words.some(planner.refusals, between=" "))
    planner.about = ""
    _tunnel_mtus.warn(planner, (key for entry in coming for key in _switches(entry)))
    return planner


def _announce(planner: _plan.Planner, coming: t.Sequence[_entry.Entry], going: t.Sequence[_entry.Entry]) -> None:
    """Tell the planner what each entry may want to know of the others."""
    planner.wanted = {claim for entry in coming for claim in entry.kind.claims(entry.spec)}
    switches = [switch for entry in coming if (switch := entry.kind.switch(entry.spec))]
    planner.port_flags = {(switch.ns, port): flags for switch in switches for port, flags in switch.flags.items()}
    planner.leaving = {name for entry in going for name in _ties.spaces_in(entry.kind.claims(entry.spec))}


def _switches(entry: _entry.Entry) -> t.Iterator[_plan.Claim]:
    """The bridges of which an entry speaks: it is one, or makes a link a port of one."""
    switch = entry.kind.switch(entry.spec)
    if switch is not None:
        yield switch.key
    yield from (member.switch for member in entry.kind.memberships(entry.spec))


def _depths(entries: t.Sequence[_entry.Entry]) -> dict[int, int]:
    """By id, on how many links of its kind each link stands, one above the other. The list of the user may have any
    order.
    """
    needs = {id(entry): _ties.links_in(entry.kind.needs(entry.spec)) for entry in entries if entry.kind.stacked}
    stacked = [entry for entry in entries if id(entry) in needs]
    places = {
        place: id(entry) for entry in stacked for place in _ties.links_in(entry.kind.claims(entry.spec), in_place=True)
    }

    def depth(one: int, above: frozenset[int]) -> int:
        below = {places[need] for need in needs[one] if need in places} - above - {one}
        return max((depth(other, above | {one}) + 1 for other in below), default=0)

    return {one: depth(one, frozenset()) for one in needs}


def _rank(order: t.Mapping[str, int]) -> t.Callable[[_entry.Entry], int]:
    return lambda entry: order[entry.kind.name]


class Located:
    """Adds the entry to the errors of the body, in a topology."""

    __slots__ = ("_entry",)

    def __init__(self, entry: _entry.Entry) -> None:
        self._entry = entry

    def __enter__(self) -> None:
        """Nothing is to be done before."""

    def __exit__(self, kind: t.Any, error: BaseException | None, trace: t.Any) -> None:
        if isinstance(error, _errors.NetloomError):
            where = self._entry.spec.path.rstrip(".")
            if where and not str(error).startswith(where):
                raise type(error)(f"{where}: {error}") from error


def scope_of(entries: t.Sequence[_entry.Entry]) -> _scope.Scope:
    """The parts of the host that these entries need to read."""
    scope = _scope.Scope()
    for entry in entries:
        entry.kind.scope(entry.spec, scope)
    return scope


def run(
    hooks: Hooks, host: _entry.HostLike, *, check: bool, alone: bool, wait: float, most: str = _ops.DISTURBANCES[-1]
) -> _entry.Outcome:
    """Perform the entries. This is the only place in the collection that knows check mode. ``most``: what a step may
    disturb.
    """
    with contextlib.nullcontext() if check else host.lock():
        scope = scope_of(hooks.open(host))
        hooks.scope(scope)
        before = host.read(scope)
        entries = hooks.choose(before)
        planner = plan(entries, before, check and alone, hooks)
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
    hooks: Hooks,
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
        outcome.now = verify(entries, host, journal, scope, wait)
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
        again = [] if journal.book.is_as_planned(snapshot) else plan(entries, snapshot, assume=False).steps
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
            snapshot = host.read(scope_of(left))
            left = [entry for entry in left if entry.kind.pending(entry.spec, snapshot)]
            if not left:
                return
            time.sleep(LONGEST_PAUSE)
