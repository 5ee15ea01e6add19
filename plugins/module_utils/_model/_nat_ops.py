# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes on nftables and on connection tracking, as data."""

from __future__ import annotations

import dataclasses

from ansible_collections.netloom.linux.plugins.module_utils._model._nft import Accepted, ForwardFilter, Nft, NftTable, table_of
from ansible_collections.netloom.linux.plugins.module_utils._model._ops import BRIEF, Op, where
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import NsKey, Snapshot


def nft_of(now: Snapshot, ns: NsKey) -> Nft:
    """nftables in a namespace; a new namespace has none of it."""
    space = now.namespaces[ns]
    if space.nft is None:
        space.nft = Nft()
    return space.nft


@dataclasses.dataclass(frozen=True)
class NatTableSet(Op):
    """Make a table of ours, or replace it, in one transaction: no packet meets a half of it. ``changes`` says what differs."""

    ns: NsKey
    name: str
    table: NftTable
    changes: tuple[str, ...] = ()

    def sentence(self) -> str:
        return f"set nftables table {table_of(self.name)}{where(self.ns)}{': ' if self.changes else ''}{', '.join(self.changes)}"

    def effect(self, now: Snapshot) -> None:
        nft_of(now, self.ns).tables[self.name] = self.table

    def inverse(self, now: Snapshot) -> tuple[Op, ...]:
        before = nft_of(now, self.ns).tables.get(self.name)
        return (NatTableDelete(self.ns, self.name),) if before is None else (NatTableSet(self.ns, self.name, before, ("as it was",)),)


@dataclasses.dataclass(frozen=True)
class NatTableDelete(Op):
    """Delete a table of ours with all that is in it."""

    disturbs = BRIEF
    ns: NsKey
    name: str

    def sentence(self) -> str:
        return f"delete nftables table {table_of(self.name)}{where(self.ns)}"

    def effect(self, now: Snapshot) -> None:
        nft_of(now, self.ns).tables.pop(self.name, None)

    def inverse(self, now: Snapshot) -> tuple[Op, ...]:
        before = nft_of(now, self.ns).tables.get(self.name)
        return () if before is None else (NatTableSet(self.ns, self.name, before, ("as it was",)),)


@dataclasses.dataclass(frozen=True)
class AcceptSet(Op):
    """Have exactly these accept rules under our mark in iptables' filter; none: take them away. Others' rules stay."""

    ns: NsKey
    family: str
    name: str
    accepted: tuple[Accepted, ...]
    what: str  # what is accepted, for the sentence

    def sentence(self) -> str:
        if not self.accepted:
            return f"take the accept rules for '{self.name}' out of iptables' filter ({self.family}){where(self.ns)}"
        return f"accept {self.what} in chain {self.accepted[0].chain} ({self.family}){where(self.ns)}"

    def effect(self, now: Snapshot) -> None:
        forward = nft_of(now, self.ns).forward
        found = forward.get(self.family, ForwardFilter())
        others = tuple(one for one in found.accepted if one.name != self.name)
        forward[self.family] = dataclasses.replace(found, accepted=self.accepted + others)

    def inverse(self, now: Snapshot) -> tuple[Op, ...]:
        found = nft_of(now, self.ns).forward.get(self.family, ForwardFilter())
        return (AcceptSet(self.ns, self.family, self.name, tuple(one for one in found.accepted if one.name == self.name), "what was accepted"),)


@dataclasses.dataclass(frozen=True)
class FlowsDrop(Op):
    """Forget the tracked connections to a published port that go elsewhere than ``new`` says.

    The kernel decides on NAT at the first packet of a connection and keeps to it; without this a UDP sender would never
    meet the new target. ``local`` are the host's own addresses, which a port without ``address`` is published on.
    Others set it up again by themselves: there is nothing to undo.
    """

    disturbs = BRIEF
    ns: NsKey
    protocol: str
    address: str | None
    port: int
    old: tuple[str, int] | None
    new: tuple[str, int] | None
    local: tuple[str, ...] = ()

    def sentence(self) -> str:
        return f"drop tracked connections to {self.protocol} port {self.port}{f' of {self.address}' if self.address else ''}{where(self.ns)}"

    def stale(self, destination: str, answers: tuple[str, int]) -> bool:
        """Whether a connection to ``destination`` on the port, answered from ``answers``, is to be forgotten."""
        if answers == self.new:
            return False
        if self.address is not None:
            return destination == self.address
        return answers == self.old or (destination in self.local and answers == (destination, self.port))
