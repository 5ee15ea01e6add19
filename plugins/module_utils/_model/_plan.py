# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps, the planner that collects them, and the contract of a kind."""

from __future__ import annotations

import dataclasses
import itertools
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _link_ops,
    _move_ops,
    _ops,
    _snapshot,
    _ties,
    _words,
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
    about: str = ""  # the key of the entry; '' for a step of the run as a whole

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
        self.at_boot = False  # what is declared is made again at boot
        # What bridges of the plan declare for their ports, by the ports.
        self.port_flags: t.Mapping[Place, t.Mapping[str, t.Any]] = {}
        self.leaving: set[_snapshot.NsKey] = set()  # namespaces that go with this plan
        self.entry = self.about = ""  # the label and the key of the entry whose steps are planned
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
        self.steps.append(Step(self.entry, op, op.inverse(self.now), fresh, op.falls(self.now), self.about))
        op.effect(self.now)

    def first(self, op: _ops.Op) -> None:
        """Add a step before all others, which must be done before anything is written and which the snapshot does not
        show.
        """
        if all(step.op != op for step in self.steps):
            self.steps.insert(0, Step(self.entry, op, op.inverse(self.now), about=self.about))

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

    def missing(
        self,
        sentence: str,
        *places: Place,
        named: tuple[str, t.Iterable[str]] | None = None,
        error: type[_errors.NetloomError] = _errors.Missing,
    ) -> None:
        """Report a missing object that an earlier task might make: warn in check mode of a single module, else fail.

        ``places``: for a link, where it was looked up. A link that has the name as an alternative name is named.
        ``named``: its name, and the names of its sort that there are, of which the error proposes the nearest; for a
        link they are those of its places. The warning proposes none: an earlier task makes what it is about.
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
            if places and named is None:
                named = places[0][1], [link for ns, _name in places for link in self._links(ns)]
            raise error(f"{sentence}{_words.meant(*named) if named else ''}")
        self.warn(f"{sentence} Planned as if it were there and empty.")

    def _links(self, ns: _snapshot.NsKey) -> list[str]:
        """The links of a namespace that somebody may mean by another name."""
        space = self.now.namespaces.get(ns)
        return [] if space is None else [name for name in space.links if name != "lo"]

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
                f"Cannot {purpose} namespace '{ns}': no such namespace. Create it with netloom.linux.netns first.",
                named=(str(ns), self.now.spaces()),
            )
            # A new namespace has its loopback link, and nothing else is known of it.
            self.now.namespaces[ns] = _snapshot.Namespace(
                ns, links={"lo": _snapshot.Link("lo", mtu=65536)}, processes={}
            )
        return self.now.namespaces[ns]
