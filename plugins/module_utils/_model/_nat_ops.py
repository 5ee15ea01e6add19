# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes on nftables and on connection tracking, as data."""

from __future__ import annotations

import dataclasses

from ansible_collections.netloom.linux.plugins.module_utils._model import _flows, _nft, _ops, _snapshot


def nft_of(now: _snapshot.Snapshot, ns: _snapshot.NsKey) -> _nft.Nft:
    """The nftables of a namespace. A new namespace has none."""
    space = now.namespaces[ns]
    if space.nft is None:
        space.nft = _nft.Nft()
    return space.nft


@dataclasses.dataclass(frozen=True)
class NatTableSet(_ops.Op):
    """Create or replace our table in one transaction: no packet meets a half of it. ``changes`` says what differs."""

    ns: _snapshot.NsKey
    name: str
    table: _nft.NftTable
    changes: tuple[str, ...] = ()

    def sentence(self) -> str:
        return (
            "set nftables table"
            f" {_nft.table_of(self.name)}{_ops.where(self.ns)}{': ' if self.changes else ''}{', '.join(self.changes)}"
        )

    def effect(self, now: _snapshot.Snapshot) -> None:
        nft_of(now, self.ns).tables[self.name] = self.table

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        before = nft_of(now, self.ns).tables.get(self.name)
        return (
            (NatTableDelete(self.ns, self.name),)
            if before is None
            else (NatTableSet(self.ns, self.name, before, ("as it was",)),)
        )


@dataclasses.dataclass(frozen=True)
class NatTableDelete(_ops.Op):
    """Delete our table with all its content."""

    disturbs = _ops.BRIEF
    ns: _snapshot.NsKey
    name: str

    def sentence(self) -> str:
        return f"delete nftables table {_nft.table_of(self.name)}{_ops.where(self.ns)}"

    def effect(self, now: _snapshot.Snapshot) -> None:
        nft_of(now, self.ns).tables.pop(self.name, None)

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        before = nft_of(now, self.ns).tables.get(self.name)
        return () if before is None else (NatTableSet(self.ns, self.name, before, ("as it was",)),)


@dataclasses.dataclass(frozen=True)
class AcceptSet(_ops.Op):
    """Set exactly these accept rules under our mark in iptables' filter. An empty list deletes them. Rules of others
    stay.
    """

    ns: _snapshot.NsKey
    family: str
    name: str
    accepted: tuple[_nft.Accepted, ...]
    what: str  # what is accepted, for the sentence

    def sentence(self) -> str:
        if not self.accepted:
            return (
                f"take the accept rules for '{self.name}' out of iptables' filter ({self.family}){_ops.where(self.ns)}"
            )
        return f"accept {self.what} in chain {self.accepted[0].chain} ({self.family}){_ops.where(self.ns)}"

    def effect(self, now: _snapshot.Snapshot) -> None:
        forward = nft_of(now, self.ns).forward
        found = forward.get(self.family, _nft.ForwardFilter())
        others = tuple(one for one in found.accepted if one.name != self.name)
        forward[self.family] = dataclasses.replace(found, accepted=self.accepted + others)

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        found = nft_of(now, self.ns).forward.get(self.family, _nft.ForwardFilter())
        return (
            AcceptSet(
                self.ns,
                self.family,
                self.name,
                tuple(one for one in found.accepted if one.name == self.name),
                "what was accepted",
            ),
        )


@dataclasses.dataclass(frozen=True)
class FlowsDrop(_ops.Op):
    """Forget the tracked connections to a published port that lead to another target than ``new``.

    The kernel decides on NAT at the first packet of a connection and keeps to it; without this a UDP sender would never
    meet the new target. ``local`` are the host's own addresses, which a port without ``address`` is published on.
    Others set it up again by themselves: there is nothing to undo.
    """

    disturbs = _ops.BRIEF
    ns: _snapshot.NsKey
    protocol: str
    address: str | None
    port: int
    old: tuple[str, int] | None
    new: tuple[str, int] | None
    local: tuple[str, ...] = ()

    def sentence(self) -> str:
        return (
            f"drop tracked connections to {self.protocol} port"
            f" {self.port}{f' of {self.address}' if self.address else ''}{_ops.where(self.ns)}"
        )

    @property
    def families(self) -> tuple[int, ...]:
        """4 or 6."""
        return (6 if ":" in (self.new or self.old or ("", 0))[0] else 4,)

    def questions(self, version: int) -> tuple[_flows.Question, ...]:
        """The questions for connections that may be stale."""
        return (_flows.Question(destination=self.address, protocol=self.protocol, port=self.port),)

    @property
    def untouched(self) -> _flows.Untouched | None:
        """Connections that are certainly not stale, by what is quickly seen of them: the kernel compares more."""
        return None

    def stale(self, flow: _flows.Flow) -> bool:
        """Whether a connection is to be forgotten."""
        answers = (flow.answers, flow.answers_from)
        if (flow.protocol, flow.port) != (self.protocol, self.port) or answers == self.new:
            return False
        if self.address is not None:
            return flow.destination == self.address
        return answers == self.old or (flow.destination in self.local and answers == (flow.destination, self.port))


@dataclasses.dataclass(frozen=True)
class TranslatedDrop(_ops.Op):
    """Forget the tracked connections that the entries of a table would now translate in another way, for the reason of
    FlowsDrop.

    ``gone`` and ``come`` are the entries that changed, ``kept`` all that hold now, in the order of their rules. ``led``
    says of each floating address that changed where it leads now, None: nowhere. ``changes`` are the changed entries'
    texts.
    """

    disturbs = _ops.BRIEF
    ns: _snapshot.NsKey
    changes: tuple[str, ...]
    gone: tuple[_flows.Leaving, ...] = ()
    come: tuple[_flows.Leaving, ...] = ()
    kept: tuple[_flows.Leaving, ...] = ()
    led: tuple[tuple[str, str | None], ...] = ()

    def sentence(self) -> str:
        return f"drop tracked connections that contradict {', '.join(self.changes)}{_ops.where(self.ns)}"

    @property
    def families(self) -> tuple[int, ...]:
        """The IP versions 4 and 6, as far as the changed entries are about them."""
        about = [entry.source for entry in (*self.gone, *self.come)] + [address for address, _target in self.led]
        return tuple(
            version for version in (4, 6) if any(one is None or (":" in one) == (version == 6) for one in about)
        )

    def questions(self, version: int) -> tuple[_flows.Question, ...]:
        """The questions for connections that may be stale."""
        sources = [_flows.Question(source=entry.source) for entry in (*self.gone, *self.come)]
        targets = [_flows.Question(destination=address) for address, _target in self.led]
        return _flows.fewest(one for one in (*sources, *targets) if one.family in (None, version))

    @property
    def untouched(self) -> _flows.Untouched | None:
        """Connections that are certainly not stale, by what is quickly seen of them."""
        return _flows.untouched(self.gone, self.come, [address for address, _target in self.led])

    def stale(self, flow: _flows.Flow) -> bool:
        """Whether a connection is to be forgotten."""
        for address, target in self.led:
            if flow.destination == address:
                return flow.answers != (target or address)
        return _flows.stale(flow, self.gone, self.come, self.kept)
