# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pure core of the flow: from entries and a snapshot to the steps, in order."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import _entry, _hooks, _order
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _kind,
    _plan,
    _snapshot,
    _ties,
    _tunnel_mtus,
    _words,
)


def plan(
    entries: t.Sequence[_entry.Entry],
    snapshot: _snapshot.Snapshot,
    assume: bool,
    hooks: _hooks.Hooks = _hooks.NOTHING_KNOWN,
) -> _plan.Planner:
    """Compute the steps, in order, that turn the snapshot into the declared state.

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
