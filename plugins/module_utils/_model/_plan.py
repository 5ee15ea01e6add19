# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps, the planner that collects them, and the contract of a kind."""

from __future__ import annotations

import abc
import dataclasses
import itertools
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _link_ops,
    _move_ops,
    _ops,
    _scope,
    _snapshot,
    _ties,
)

Params = dict[str, t.Any]
Place = _ties.Place
Claim = _ties.Claim


@dataclasses.dataclass(frozen=True)
class Step:
    """One op of a plan with everything that is known before it runs."""

    entry: str  # which declared thing wants it: 'veth[0] (veth-r)'
    op: _ops.Op
    inverse: tuple[_ops.Op, ...]
    fresh: bool = False  # about something that this plan makes itself, so that there is nothing yet to disturb
    falls: tuple[str, ...] = ()  # what else goes with it, in words (see _ops.Op.falls)

    @property
    def sentence(self) -> str:
        """What the step does, and what the kernel then does by itself."""
        return f"{self.op.sentence()} ({', '.join(self.falls)})" if self.falls else self.op.sentence()

    @property
    def disturbs(self) -> str:
        """What the step disturbs (see _ops.DISTURBANCES)."""
        own = _ops.NOTHING if self.fresh else self.op.disturbs
        return _ops.BRIEF if self.falls and own == _ops.NOTHING else own

    @property
    def quiet(self) -> bool:
        """Whether the step is only about our own records, which users are not told of."""
        return getattr(self.op, "quiet", False)


@dataclasses.dataclass(frozen=True)
class Spec:
    """One declared object in normal form. Each kind adds its options as fields. None means: leave alone."""

    path: str  # where the user wrote it: '' for a module's own options, 'veth[0].' in a topology
    state: str
    clear: tuple[str, ...]


class Planner:
    """Collects steps and predicts the host after each, so that later entries build on earlier ones.

    ``before`` is the snapshot that was read, ``now`` as the steps so far leave it.
    ``assume`` (check mode of a single module): a namespace or link that an earlier task might have made is
    taken to be there and empty, with a warning. Otherwise it is an error.
    """

    def __init__(self, snapshot: _snapshot.Snapshot, assume: bool, ours: t.Mapping[Place, Place] | None = None) -> None:
        self.before, self.now = snapshot, snapshot.clone()
        self.assume = assume
        # Links that are ours by their records, though not as declared: where each (of a veth the first end) is to be ->
        # where it is.
        self.ours = dict(ours or {})
        # Devices that a run of ours had Open vSwitch make, of rows that its database has lost: nobody holds them.
        self.orphans: frozenset[Place] = frozenset()
        self.macs: t.Mapping[Place, str] = {}  # that links of ours had, by the places where they are to be
        # Places that links of the plan are to be at: who is there without being declared there makes way.
        self.wanted: set[Claim] = set()
        self.leaving: set[_snapshot.NsKey] = set()  # namespaces that go with this plan
        self.entry = ""
        self.steps: list[Step] = []
        # veth ends whose tx_checksum a user wrote down: the guard of ovs_port leaves them alone.
        self.pinned_checksums: set[tuple[_snapshot.NsKey, str]] = set()
        self.pinned_mtus: set[Place] = set()  # links whose MTU a user wrote down: that of a lease is not watched there
        self.warnings: list[str] = []
        self.refusals: list[str] = []  # why the plan cannot be: all of one sort are told at once

    def do(self, op: _ops.Op) -> None:
        """Add a step. From here on the snapshot is as the step leaves it. Raises Conflict for a step that the host
        would refuse.
        """
        op.check(self.now)
        fresh = op.disturbs != _ops.NOTHING and op.is_fresh(self.now)
        self.steps.append(Step(self.entry, op, op.inverse(self.now), fresh, op.falls(self.now)))
        op.effect(self.now)

    def first(self, op: _ops.Op) -> None:
        """Add a step before all others, which must be done before anything is written and which the snapshot does not
        show.
        """
        if all(step.op != op for step in self.steps):
            self.steps.insert(0, Step(self.entry, op, op.inverse(self.now)))

    def mac_of(self, place: Place) -> str | None:
        """The MAC address that our link had before somebody deleted it. With this address, its neighbours reach the new
        link at once.
        """
        mac = self.macs.get(place)
        taken = mac is not None and any(
            link.mac == mac for ns in self.now.namespaces.values() for link in ns.links.values()
        )
        return None if taken else mac

    def spare(self, ns: _snapshot.NsKey) -> str:
        """A name that no link of the namespace has as its name or alternative name."""
        space = self.now.namespaces[ns]
        names = (f"netloom{number}" for number in itertools.count())
        return next(name for name in names if name not in space.links and space.by_altname(name) is None)

    def move(self, here: Place, there: Place, altnames: t.Sequence[str] | None = None) -> None:
        """Move or rename a link. ``altnames``: the alternative names that it is to have in another namespace; None: its
        own.

        What it may not take along is removed before: alternative names that it is not to have there, and the one that
        becomes its name.
        """
        has = self.now.namespaces[here[0]].links[here[1]].altnames
        kept = tuple(
            name for name in has if name != there[1] and (altnames is None or here[0] == there[0] or name in altnames)
        )
        if kept != has:
            self.do(_link_ops.LinkSet(*here, {"altnames": kept}))
        self.do(_move_ops.LinkMove(*here, *there))

    def make_way(self, place: Place, aside: Place | None = None) -> Place:
        """Rename a link whose place another link of the plan is to have, as when two exchange their names. Return its
        new place.

        ``aside``: the new place of a link that must keep its name.
        """
        if ("link", *place) not in self.wanted:
            return place
        way = aside or (place[0], self.spare(place[0]))
        self.move(place, way)
        return way

    def missing(self, sentence: str, *places: Place) -> None:
        """Report a missing object that an earlier task might make: warn in check mode of a single module, else fail.

        ``places``: for a link, where it was looked up. A link that has the name as an alternative name is named.
        """
        for ns, name in places:
            space = self.now.namespaces.get(ns)
            link = space.by_altname(name) if space is not None else None
            if link is not None:
                raise _errors.Conflict(
                    f"{sentence} '{name}' is an alternative name of '{link.name}'{_ops.where(ns)}: give '{link.name}'"
                    " instead."
                )
        if not self.assume:
            raise _errors.Missing(sentence)
        self.warn(f"{sentence} Planned as if it were there and empty.")

    def refuse(self, path: str, sentence: str) -> None:
        """Note why the plan cannot be performed, so that all such entries are named, and not only the first. ``path``:
        of the entry's spec.
        """
        where = path.rstrip(".")
        self.refusals.append(f"{where}: {sentence}" if where else sentence)

    def warn(self, sentence: str) -> None:
        """Warn once."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)

    def namespace(self, ns: _snapshot.NsKey, purpose: str) -> _snapshot.Namespace:
        r"""The namespace, which must exist. ``purpose`` begins the error: \"put 'veth0' into\"."""
        if not self.now.has(ns):
            self.missing(
                f"Cannot {purpose} namespace '{ns}': no such namespace. Create it with netloom.linux.netns first."
            )
            # A new namespace has its loopback link, and nothing else is known of it.
            self.now.namespaces[ns] = _snapshot.Namespace(
                ns, links={"lo": _snapshot.Link("lo", mtu=65536)}, processes={}
            )
        return self.now.namespaces[ns]


S = t.TypeVar("S", bound=Spec)


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
    together: t.ClassVar[tuple[str, ...]] = ()  # options that are one declaration: who gives one of them gives all
    moving: t.ClassVar[tuple[str, ...]] = ()  # options that say where its links are: whoever changes one moves them
    libraries: t.ClassVar[tuple[str, ...]] = ()  # Python libraries that its runs import beside pyroute2
    carries: t.ClassVar[bool] = False  # others stand on it
    stacked: t.ClassVar[bool] = False  # its links may stand on one another

    @abc.abstractmethod
    def normalise(self, params: Params, path: str) -> S:
        """Options as the argument spec left them -> spec. Raises BadInput."""

    @abc.abstractmethod
    def identity(self, spec: S) -> tuple[t.Any, ...]:
        """The identity of the object. Two specs with equal identities are about one object."""

    def claims(self, spec: S) -> tuple[Claim, ...]:
        """What the object occupies on the host. Two entries of a topology must not claim the same. Links: ('link',
        netns, name).
        """
        return ((self.name, *self.identity(spec)),)

    def lost(self, spec: S, known: Params, options: Params, before: _snapshot.Snapshot, planner: Planner) -> Params:
        """For a record, what an adopted object is or loses beyond its options. ``known``: by earlier runs; ``options``:
        changed ones, as they were.
        """
        return known

    def again(self, spec: S, lost: Params, restored: t.Callable[[], S]) -> S:
        """The spec that restores an object which is as ``spec`` declares; ``restored``: the spec with its options as
        they were.
        """
        raise AssertionError(f"{self.name} records nothing that is lost")

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

    def needs(self, spec: S) -> tuple[Claim, ...]:
        """What the object needs, as claims: without it the object would be deleted too, or be cut off."""
        return tuple(("netns", ns) for ns in sorted(self.spaces(spec), key=str))

    def carriers(self, spec: S) -> tuple[Claim, ...]:
        """The objects with which this object is deleted."""
        return self.needs(spec)

    def links(self, spec: S) -> tuple[_ties.DeclaredLink, ...]:
        """The links that it declares."""
        return ()

    def places(self, spec: S) -> tuple[Place, ...]:
        """The place of the link that a run makes or moves, and that of its other end if it has one."""
        return ()

    def devices(self, spec: S) -> tuple[Place, ...]:
        """The places of devices that another program makes for the object."""
        return ()

    def own_macs(self, spec: S) -> tuple[Place, ...]:
        """The links that it makes with MAC addresses of their own."""
        return self.places(spec)

    def chosen_macs(self, spec: S) -> tuple[Place, ...]:
        """The links whose MAC addresses the kernel chooses. Others have that of their parent or hardware, or another
        program keeps it.
        """
        return ()

    def with_macs(self, params: t.Mapping[str, t.Any], macs: t.Sequence[str | None]) -> Params:
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

    def taken(self, spec: S) -> Place | None:
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

    def is_outdated(self, key: str, params: Params) -> bool:
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

    def leave(self, spec: S, planner: Planner) -> None:
        """Plan, before anything is deleted, that an object which stays elsewhere leaves a namespace that is deleted."""

    def vacate(self, spec: S, planner: Planner) -> None:
        """Plan, before anything is made, that our object in a wrong place makes way."""

    @abc.abstractmethod
    def make(self, spec: S, planner: Planner) -> None:
        """Plan that the object exists (state present)."""

    def settle(self, spec: S, planner: Planner) -> None:
        """Plan what needs objects of other kinds: ports, addresses, attributes."""

    def complete(self, spec: S, planner: Planner) -> None:
        """Plan what settling another object may undo, or what must follow it: neighbours, which are lost with a MAC,
        and rules, which lead to routes.
        """

    def unsettle(self, spec: S, planner: Planner) -> None:
        """Plan what has to be undone before any object is deleted, so that the writes of `remove` are neighbours."""

    @abc.abstractmethod
    def remove(self, spec: S, planner: Planner) -> None:
        """Plan that the object is gone (state absent)."""

    def disown(self, spec: S, planner: Planner) -> None:
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

    def patience(self, spec: S) -> float:
        """Seconds that it may take to become usable, if that is more than `wait`."""
        return 0.0

    def cleared(self, params: Params, path: str) -> tuple[Params, tuple[str, ...]]:
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
