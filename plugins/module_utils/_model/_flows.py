# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tracked connections, and which of them continue with a source address that no rule gives them any more.

The outgoing link of a connection is not tracked. So an entry that names a link may or may not apply, and the
connections in question are kept.
"""

from __future__ import annotations

import dataclasses
import functools
import ipaddress
import typing as t

MOST_QUESTIONS = 4  # for each, the kernel looks at all connections


@dataclasses.dataclass(frozen=True)
class Flow:
    """A connection: its source, its destination, the source that the other side sees, the host that answers, and
    whether it ever answered.
    """

    source: str
    destination: str
    seen_as: str
    answers: str
    replied: bool = True
    protocol: str = "tcp"
    port: int = 0  # of the destination
    answers_from: int = 0  # the port of who answers


@dataclasses.dataclass(frozen=True)
class Question:
    """The connections to look at: those from these source addresses (a network) to those destinations, to a port. None:
    any.
    """

    source: str | None = None
    destination: str | None = None
    protocol: str | None = None
    port: int | None = None

    @property
    def family(self) -> int | None:
        """4, 6, or None for both."""
        named = self.source or self.destination
        return None if named is None else 6 if ":" in named else 4


ALL = Question()


@dataclasses.dataclass(frozen=True)
class Untouched:
    """Connections that nobody translates, and that are not stale for that reason alone: all but those from some
    addresses and to some.

    ``answered``: only those that somebody answered. Of a gateway's table these are most, so they are passed over
    without a closer look.
    """

    but_from: frozenset[str]
    but_to: frozenset[str]
    answered: bool


def untouched(gone: t.Sequence[Leaving], come: t.Sequence[Leaving], led: t.Iterable[str]) -> Untouched | None:
    """Those that ``stale`` would pass over, whatever else holds; None: it may mean any."""
    if any(entry.certain for entry in come):
        return None
    return Untouched(frozenset(address for entry in gone for address in entry.seen_as), frozenset(led), bool(come))


def fewest(questions: t.Iterable[Question]) -> tuple[Question, ...]:
    """Each question once. If there are many, one question for all connections."""
    found = tuple(dict.fromkeys(questions))
    return found if len(found) <= MOST_QUESTIONS and ALL not in found else (ALL,)


@dataclasses.dataclass(frozen=True)
class Leaving:
    """Packets from ``source`` (a network; None: any) leave as one of ``seen_as``. ``certain``: through any link."""

    source: str | None
    seen_as: tuple[str, ...]
    certain: bool
    among_themselves: bool = True  # also what goes to the same network

    def covers(self, flow: Flow) -> bool:
        """Whether the entry may apply to the connection."""
        if self.source is None:
            return True
        network = _network(self.source)
        return _within(flow.source, network) and (self.among_themselves or not _within(flow.destination, network))


_network = functools.lru_cache(maxsize=None)(ipaddress.ip_network)  # asked again for each connection


def _within(address: str, network: t.Any) -> bool:
    one = ipaddress.ip_address(address)
    return one.version == network.version and one in network


def stale(flow: Flow, gone: t.Sequence[Leaving], come: t.Sequence[Leaving], kept: t.Sequence[Leaving]) -> bool:
    """Whether the changed entries would give the connection another source (``kept``: all present entries, of which the
    first match counts).
    """
    if flow.answers != flow.destination:
        return False  # it was translated to the target of a published port or a floating address
    new = [entry for entry in come if entry.covers(flow)]
    old = [entry for entry in gone if entry.covers(flow) and flow.seen_as in entry.seen_as]
    allowed: set[str] = set()
    for entry in kept:
        if entry.covers(flow):
            allowed.update(entry.seen_as)
            if entry.certain:
                break
    else:
        allowed.add(flow.source)
    if flow.seen_as in allowed:
        # It continues untranslated as it began, which may be right. If it was never answered, a new start loses
        # nothing.
        return flow.seen_as == flow.source and not flow.replied and bool(new)
    return bool(old) or any(entry.certain for entry in new)
