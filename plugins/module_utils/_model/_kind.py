# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a kind of object is to the engine. A kind overrides what it needs."""

from __future__ import annotations

import abc
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _plan,
    _scope,
    _snapshot,
    _ties,
)

S = t.TypeVar("S", bound=_plan.Spec)


class Kind(abc.ABC, t.Generic[S]):
    """What a user can declare. Everything here is pure: values in, values and steps out.

    ``options`` is the argument spec without what all kinds share (state, clear, wait).
    ``rules`` are AnsibleModule's required_if, mutually_exclusive, ... for it.
    ``clearable`` maps each option that ``clear`` may name to the value that means its default.
    ``forgotten`` are options that an adopted object does not get back: what they took away cannot be made again by
    them.
    """

    name: t.ClassVar[str]
    states: t.ClassVar[tuple[str, ...]] = ("present", "absent")
    options: t.ClassVar[t.Mapping[str, t.Any]]
    rules: t.ClassVar[t.Mapping[str, t.Any]] = {}
    clearable: t.ClassVar[t.Mapping[str, t.Any]] = {}
    forgotten: t.ClassVar[tuple[str, ...]] = ()
    by_key: t.ClassVar[tuple[str, ...]] = ("sysctl",)  # maps of which only the declared keys are shown
    together: t.ClassVar[tuple[str, ...]] = ()  # options that are one declaration: who gives one of them gives all
    moving: t.ClassVar[tuple[str, ...]] = ()  # options that say where its links are: whoever changes one moves them
    # Options of its module and of a whole topology, not of an entry: they say where the objects are.
    connection: t.ClassVar[t.Mapping[str, t.Any]] = {}
    libraries: t.ClassVar[tuple[str, ...]] = ()  # Python libraries that its runs import beside pyroute2
    at_boot: t.ClassVar[t.Mapping[str, t.Any]] = {}  # options that have other values when a boot makes the object again
    carries: t.ClassVar[bool] = False  # others stand on it
    stacked: t.ClassVar[bool] = False  # its links may stand on one another

    @abc.abstractmethod
    def normalise(self, params: _plan.Params, path: str) -> S:
        """Options as the argument spec left them -> spec. Raises BadInput."""

    @abc.abstractmethod
    def identity(self, spec: S) -> tuple[t.Any, ...]:
        """The identity of the object. Two specs with equal identities are about one object."""

    def claims(self, spec: S) -> tuple[_plan.Claim, ...]:
        """What the object occupies on the host. Two entries of a topology must not claim the same. Links: ('link',
        netns, name).
        """
        return ((self.name, *self.identity(spec)),)

    def lost(
        self, spec: S, known: _plan.Params, options: _plan.Params, before: _snapshot.Snapshot, planner: _plan.Planner
    ) -> _plan.Params:
        """For a record, what an adopted object is or loses beyond its options. ``known``: by earlier runs; ``options``:
        changed ones, as they were.
        """
        return known

    def again(self, spec: S, lost: _plan.Params, restored: t.Callable[[], S]) -> S:
        """The spec that restores an object which is as ``spec`` declares; ``restored``: the spec with its options as
        they were.
        """
        raise AssertionError(f"{self.name} records nothing that is lost")

    def apart(self, spec: S, going: t.Collection[_plan.Claim]) -> S | None:
        """The spec of an adopted object that gets its attributes back while objects with these claims are deleted: it
        does not name them. None: the object is deleted with one of them, so there is nothing to restore.
        """
        return None if any(("netns", ns) in going for ns in self.spaces(spec)) else spec

    def made(self, spec: S) -> S:
        """The spec of an object that this topology made. If the host does not distinguish such objects, it may be found
        changed by hand.
        """
        return spec

    def shared(self, spec: S, snapshot: _snapshot.Snapshot) -> bool:
        """Whether other objects exist that only the declared values distinguish from this one."""
        return False

    def spaces(self, spec: S) -> set[_snapshot.NsKey]:
        """The named namespaces that contain the object."""
        return {ns for ns in (getattr(spec, "ns", None), getattr(spec, "netns", None)) if ns is not None}

    def needs(self, spec: S) -> tuple[_plan.Claim, ...]:
        """What the object needs, as claims: without it the object would be deleted too, or be cut off."""
        return tuple(("netns", ns) for ns in sorted(self.spaces(spec), key=str))

    def carriers(self, spec: S) -> tuple[_plan.Claim, ...]:
        """The objects with which this object is deleted."""
        return self.needs(spec)

    def links(self, spec: S) -> tuple[_ties.DeclaredLink, ...]:
        """The links that it declares."""
        return ()

    def places(self, spec: S) -> tuple[_plan.Place, ...]:
        """The place of the link that a run makes or moves, and that of its other end if it has one."""
        return ()

    def devices(self, spec: S) -> tuple[_plan.Place, ...]:
        """The places of devices that another program makes for the object."""
        return ()

    def own_macs(self, spec: S) -> tuple[_plan.Place, ...]:
        """The links that it makes with MAC addresses of their own."""
        return self.places(spec)

    def chosen_macs(self, spec: S) -> tuple[_plan.Place, ...]:
        """The links whose MAC addresses the kernel chooses. Others have that of their parent or hardware, or another
        program keeps it.
        """
        return ()

    def with_macs(self, params: t.Mapping[str, t.Any], macs: t.Sequence[str | None]) -> _plan.Params:
        """The options, with these MAC addresses of ``chosen_macs`` where none is declared."""
        return {**params, "mac": params.get("mac") or next(iter(macs), None)}

    def switch(self, spec: S) -> _ties.Switch | None:
        """What the entry says as a bridge, or None."""
        return None

    def memberships(self, spec: S) -> tuple[_ties.Membership, ...]:
        """The links that it makes ports of bridges."""
        masters = ((link.place, link.attributes.master) for link in self.links(spec))
        return tuple(
            _ties.Membership(place, ("link", place[0], master), master, f"'{place[1]}' has master '{master}'")
            for place, master in masters
            if master
        )

    def taken(self, spec: S) -> _plan.Place | None:
        """The link that the entry takes from another place."""
        return None

    def is_late(self, params: t.Mapping[str, t.Any]) -> bool:
        """Whether the entry waits at boot for the host's own network and for container engines. All other entries are
        applied before them.
        """
        return False

    def fleeting(self, params: t.Mapping[str, t.Any]) -> tuple[str, str] | None:
        """The option that means something which no boot restores, and the reason as a sentence."""
        return None

    def is_outdated(self, key: str, params: _plan.Params) -> bool:
        """Whether an earlier release recorded the entry under a key that is no longer used."""
        return False

    def whole(self, option: str, was: t.Any, params: t.Mapping[str, t.Any]) -> t.Any:
        """The value of ``option`` that restores what existed before. If an option cannot be cleared, it says that
        something was empty.
        """
        return was

    @abc.abstractmethod
    def scope(self, spec: S, scope: _scope.Scope) -> None:
        """Add to the scope what has to be read of the host."""

    def leave(self, spec: S, planner: _plan.Planner) -> None:
        """Plan, before anything is deleted, that an object which stays elsewhere leaves a namespace that is deleted."""

    def vacate(self, spec: S, planner: _plan.Planner) -> None:
        """Plan, before anything is made, that our object in a wrong place makes way."""

    @abc.abstractmethod
    def make(self, spec: S, planner: _plan.Planner) -> None:
        """Plan that the object exists (state present)."""

    def settle(self, spec: S, planner: _plan.Planner) -> None:
        """Plan what needs objects of other kinds: ports, addresses, attributes."""

    def let_go(self, spec: S, planner: _plan.Planner) -> None:
        """Tell who still needs what goes. The snapshot is as the whole plan leaves it."""

    def complete(self, spec: S, planner: _plan.Planner) -> None:
        """Plan what settling another object may undo, or what must follow it: neighbours, which are lost with a MAC,
        and rules, which lead to routes.
        """

    def unsettle(self, spec: S, planner: _plan.Planner) -> None:
        """Plan what has to be undone before any object is deleted, so that the writes of `remove` are neighbours."""

    @abc.abstractmethod
    def remove(self, spec: S, planner: _plan.Planner) -> None:
        """Plan that the object is gone (state absent)."""

    def disown(self, spec: S, planner: _plan.Planner) -> None:
        """Plan that our records about an object are deleted, because another object has its name now."""

    @abc.abstractmethod
    def view(self, spec: S, snapshot: _snapshot.Snapshot) -> dict[str, t.Any] | None:
        """The object in the shape of the options, or None if it does not exist."""

    def facts(self, spec: S, snapshot: _snapshot.Snapshot) -> dict[str, t.Any]:
        """Read-only facts that stand beside the object in the result."""
        return {}

    def pending(self, spec: S, snapshot: _snapshot.Snapshot) -> str | None:
        r"""Why the object, though made, cannot be used yet: a sentence's end, such as \"'eth0' has no carrier\"."""
        return None

    def unusable(self, spec: S, snapshot: _snapshot.Snapshot) -> str | None:
        """Why the object is of no use although it is as declared, if that depends on more than this host: a sentence
        without its end. A run that changes nothing waits for nobody, and tells this.
        """
        return None

    def patience(self, spec: S) -> float:
        """Seconds that it may take to become usable, if that is more than `wait`."""
        return 0.0

    def cleared(self, params: _plan.Params, path: str) -> tuple[_plan.Params, tuple[str, ...]]:
        """Put the defaults of ``clear`` into the options; refuse names it cannot clear, and contradictions."""
        names = tuple(params.get("clear") or ())
        filled = dict(params)
        for index, name in enumerate(names):
            if name not in self.clearable:
                raise _errors.BadInput(
                    f"{path}clear[{index}]: {name!r} cannot be cleared; {self.name} clears"
                    f" {', '.join(sorted(self.clearable)) or 'nothing'}."
                )
            if filled.get(name) is not None:
                raise _errors.BadInput(
                    f"{path}clear[{index}]: '{name}' is also given a value; either set it or clear it."
                )
            filled[name] = self.clearable[name]
        return filled, names
