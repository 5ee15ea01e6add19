# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether silence proves that something is refused: only where the way works on which it would have come."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _crossing_causes,
    _crossing_fleet,
    _crossing_ovn,
    _crossing_promises,
    _segments,
)

Item = dict[str, t.Any]
# Answers that prove no way between hosts: OVN answers who has an address on the host of the one who asks.
NOT_CROSSING = (_crossing_promises.REFUSED, "arp")


class Doubt(t.NamedTuple):
    """Why silence proves nothing. ``hop``: the check in whose terms the cause is told."""

    reason: str
    hop: str


class Ways:
    """What is known of the ways between places, from all answers."""

    def __init__(
        self,
        fleet: _crossing_fleet.Fleet,
        answers: c.Iterable[tuple[_crossing_fleet.Question, Item]],
        evidence: _crossing_causes.Evidence,
    ) -> None:
        self.fleet, self.evidence = fleet, evidence
        self.dead = frozenset(
            place for one in fleet.segments for place in one.places if _crossing_ovn.of_place(fleet, place)
        )
        self._routers: dict[_segments.Place, bool] = {}  # whether the router of a place answers it
        self._routed: dict[tuple[str, str], bool] = {}  # from network to network: whether anything passed
        self._passed: set[frozenset[str]] = set()  # hosts between which anything passed
        for question, answer in answers:
            if question.by not in _crossing_fleet.EXPLAINING and question.segment.carrier.chassis:
                self._learn(question, bool(answer.get("as_expected")))

    def _learn(self, question: _crossing_fleet.Question, good: bool) -> None:
        source, target = question.source, question.target
        if question.by == _crossing_promises.GATEWAY:
            self._routers[source] = self._routers.get(source, False) or good
        if question.by == _crossing_promises.ROUTED:
            for name in self._networks(target):
                key = (question.segment.name, name)
                self._routed[key] = self._routed.get(key, False) or good
        if good and question.by not in NOT_CROSSING:
            self._passed.add(frozenset((source.host, target.host)))

    def _networks(self, place: _segments.Place) -> list[str]:
        return [one.name for one in self.fleet.segments if place in one.places]

    def doubt(self, question: _crossing_fleet.Question) -> Doubt | None:
        """Why nothing would have arrived anyway; None if the way works as far as anybody can see."""
        ends = (question.source, question.target)
        if self.dead.intersection(ends):
            return Doubt("nobody is there to refuse it", _crossing_promises.REFUSED)
        if question.target not in question.segment.places:
            for place in ends:
                if not self._routers.get(place):
                    did = "does not answer" if place in self._routers else "was not asked by"
                    why = f"the router {did} {place.netns}, so nobody knows whether anything is refused"
                    return Doubt(why, _crossing_promises.GATEWAY)
            passed = [self._routed.get((question.segment.name, name)) for name in self._networks(question.target)]
            if False in passed and True not in passed:
                why = "the router lets nothing of these networks pass, so nobody knows whether this is refused"
                return Doubt(why, _crossing_promises.GATEWAY)
        if self._is_cut(question):
            return Doubt("the way between the hosts does not work", _crossing_promises.REFUSED)
        return None

    def _is_cut(self, question: _crossing_fleet.Question) -> bool:
        """Whether nothing passes between two hosts, and it is known why."""
        segment, source, target = question.segment, question.source.host, question.target.host
        if source == target or frozenset((source, target)) in self._passed:
            return False
        return bool(
            _crossing_causes.underlay_down(segment, source, target, self.evidence)
            or _crossing_ovn.of_tunnels(self.fleet, segment, source, target)
            or _crossing_ovn.of_tunnels(self.fleet, segment, target, source)
        )
