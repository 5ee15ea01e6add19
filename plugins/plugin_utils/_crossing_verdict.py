# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge proofs over several hosts: what was sent on one host is compared with what was heard on another one."""

from __future__ import annotations

import collections
import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _words
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _crossing_causes,
    _crossing_fleet,
    _crossing_promises,
    _crossing_refusals,
    _crossings,
    _segments,
)

Item = dict[str, t.Any]
Results = c.Mapping[str, t.Any]
MOST_TOLD = 10  # failures of a network between two hosts that its sentence quotes
MOST_CAUSES = 2
MOST_NAMED = 6  # members whose frames leak, or networks


class Verdict:
    """What is proven. Sentences are the surprises of the host that sent, or that heard what it must not hear.
    ``allow_inconclusive``: a probe that could not be made is counted, and is no surprise.
    """

    def __init__(self, fleet: _crossing_fleet.Fleet, allow_inconclusive: bool = False) -> None:
        self.fleet, self.allow_inconclusive = fleet, allow_inconclusive
        self.held: collections.Counter[str] = collections.Counter()
        self.inconclusive: collections.Counter[str] = collections.Counter()
        self.surprises: dict[str, list[str]] = {}
        self.unproven: list[str] = []
        self.senders: dict[str, set[str]] = {}  # host -> the frames that it really sent
        self.rows: dict[tuple[str, str, str, str], Item] = {}
        # Network, from host, to host -> what failed.
        self.failures: dict[tuple[_segments.Segment, str, str], list[_crossing_causes.Failure]] = {}
        # Host -> the ends of what it has surprises about, in their order, each once.
        self.ends: dict[str, dict[_segments.Place, None]] = {}

    def failed(self, segment: _segments.Segment, failure: _crossing_causes.Failure) -> None:
        """Note a failure, to be explained with others between the same hosts."""
        self.failures.setdefault((segment, failure.source.host, failure.target.host), []).append(failure)
        self.ends.setdefault(failure.source.host, {}).update({failure.source: None, failure.target: None})

    def surprise(self, host: str, sentence: str) -> None:
        """Note what is not as promised."""
        self.surprises.setdefault(host, []).append(sentence)

    def row(self, segment: _segments.Segment, source: str, target: str) -> Item:
        """The row of a network between two hosts."""
        key = (segment.role, segment.name, source, target)
        return self.rows.setdefault(
            key, {"network": segment.name, "from": source, "to": target, "checks": {}, "as_promised": True}
        )

    def check(self, row: Item, what: str, good: bool) -> None:
        """Note a result in a row. Of several of a kind the worst counts."""
        row["checks"][what] = row["checks"].get(what, True) and good
        row["as_promised"] = row["as_promised"] and good


def judge(
    segments: c.Sequence[_segments.Segment],
    reports: Results,
    sent: Results,
    collected: Results,
    most: int,
    *,
    allow_inconclusive: bool = False,
) -> Verdict:
    """The verdict. ``reports``, ``sent``, ``collected``: host -> what its three tasks returned."""
    fleet = _crossing_fleet.Fleet(segments, reports)
    verdict = Verdict(fleet, allow_inconclusive)
    verdict.unproven += [sentence for one in segments for sentence in one.unproven]
    _not_reached(verdict, reports)
    _places(verdict)
    answers = _answers(fleet, sent, most)
    evidence = _crossing_causes.Evidence(fleet, answers, collected)
    ways = _crossing_refusals.Ways(fleet, answers, evidence)
    for question, answer in answers:
        _answered(verdict, question, answer, ways)
    _frames(verdict, sent, collected, ways)
    _explain(verdict, evidence)
    return verdict


def _explain(verdict: Verdict, evidence: _crossing_causes.Evidence) -> None:
    """Tell what failed between two hosts, and why: once for all networks that fail for the same reason."""
    groups: dict[tuple[str, str, tuple[str, ...] | str], list[_segments.Segment]] = {}
    for segment, source, target in verdict.failures:
        causes = _crossing_causes.causes(segment, source, target, verdict.failures, evidence)[:MOST_CAUSES]
        groups.setdefault((source, target, tuple(causes) or segment.name), []).append(segment)
    for (source, target, why), segments in groups.items():
        found = [one for segment in segments for one in verdict.failures[segment, source, target]]
        told = _words.some([one.words for one in found], MOST_TOLD, "; ")
        names = _words.some([segment.name for segment in segments], MOST_NAMED)
        where = f"{names}, {source} -> {target}" if source != target else f"{names}, {source}"
        verdict.surprise(source, " ".join([f"{where}: {told}.", *(why if isinstance(why, tuple) else ())]))


def _not_reached(verdict: Verdict, reports: Results) -> None:
    """Tell of hosts that are a part of a network and did not answer."""
    for host in dict.fromkeys(host for one in verdict.fleet.segments for host in one.hosts):
        if host in verdict.fleet.reports:
            continue
        mine = [one for one in verdict.fleet.segments if host in one.hosts]
        others = [other for other in dict.fromkeys(other for one in mine for other in one.hosts) if other in reports]
        others = [other for other in others if other != host]
        names = ", ".join(one.name for one in mine)
        told = reports.get(host)
        if isinstance(told, c.Mapping) and told.get("msg") and not told.get("unreachable"):
            verdict.surprise(host, f"Nothing was proven from {host}: {told['msg']}")
        why = "was not reached" if host in reports else "is not among the hosts of this run"
        if others:
            verdict.unproven.append(
                f"{host} {why}, so nothing between it and {_words.some(others, 5)} was proven ({names})."
            )


def _places(verdict: Verdict) -> None:
    """Tell of places from which nothing can be sent."""
    for segment in verdict.fleet.segments:
        for place in segment.places:
            problem = verdict.fleet.row(place).get("problem")
            if place.host in verdict.fleet.reports and problem:
                verdict.surprise(
                    place.host,
                    f"{segment.name}, {place.host}: {problem}. Nothing to and from it was proven; run"
                    " netloom.linux.site for this host.",
                )


def _answers(fleet: _crossing_fleet.Fleet, sent: Results, most: int) -> list[tuple[_crossing_fleet.Question, Item]]:
    """Each question with its answer, of the hosts that sent."""
    found = []
    for host in fleet.reports:
        reached = sent.get(host)
        told = reached.get("reachability") if isinstance(reached, c.Mapping) else None
        if told:
            found += list(zip(_crossings.questions(fleet, host, most), told))
    return found


def _answered(
    verdict: Verdict,
    question: _crossing_fleet.Question,
    answer: Item,
    ways: _crossing_refusals.Ways,
) -> None:
    if question.by in _crossing_fleet.EXPLAINING:
        return
    source, target = question.source, question.target
    by = question.by
    doubt = ways.doubt(question) if by == _crossing_promises.REFUSED and answer.get("as_expected") else None
    if doubt is not None:
        by, answer = doubt.hop, {**answer, "as_expected": False, "seen": "inconclusive", "reason": doubt.reason}
    good = bool(answer.get("as_expected"))
    if not good and answer.get("seen") == "inconclusive":
        verdict.inconclusive[source.host] += 1
        if verdict.allow_inconclusive:
            return
    verdict.check(verdict.row(question.segment, source.host, target.host), question.by, good)
    if good:
        verdict.held[source.host] += 1
        return
    verdict.failed(
        question.segment,
        _crossing_causes.Failure(by, source, target, _words_of(question, answer), answer),
    )


def _words_of(question: _crossing_fleet.Question, answer: Item) -> str:
    """A failure in words: 'red1 -> red2 (icmp, 1450 bytes): no answer'."""
    size = f", {question.probe['size']} bytes" if question.probe.get("size") else ""
    whom = question.who or question.target.netns or "the gateway"
    port = f" port {question.probe['port']}" if question.probe.get("port") and question.segment.carrier.chassis else ""
    where = f"{question.source.netns} -> {whom} ({question.probe['protocol']}{port}{size})"
    wanted, macs = question.probe.get("answered_by_mac"), answer.get("answered_by_macs")
    if macs and answer.get("seen") == "reachable":
        return f"{where}: answered by {', '.join(macs)}, not by {wanted} alone"
    if answer.get("seen") == "reachable" and question.probe.get("expect") == "unreachable":
        return f"{where}: it passes, though no rule of the security groups lets it"
    if answer.get("seen") == "reachable" and answer.get("answers"):
        told, should = (", ".join(one) for one in (answer["answers"], question.probe["answers"]))
        return f"{where}: the answer is {told}, though it should be {should}"
    return f"{where}: {answer.get('reason') or 'no answer'}"


def _frames(
    verdict: Verdict,
    sent: Results,
    collected: Results,
    ways: _crossing_refusals.Ways,
) -> None:
    """Judge frames to everybody: who of the same network, and of others, heard them."""
    fleet = verdict.fleet
    senders = verdict.senders = _senders(fleet, sent)
    heard = {
        (host, row["netns"], row["interface"]): set(row["frames"])
        for host, one in collected.items()
        if isinstance(one, c.Mapping)
        for row in one.get("heard") or ()
    }
    able = {place.host for one in fleet.segments for place in fleet.reached(one)}
    for host in (one for one in fleet.reports if one in able):
        if senders.get(host) is None or not any(key[0] == host for key in heard):
            _not_collected(verdict, host, sent, collected)
    for segment in fleet.segments:
        for target in (place for place in fleet.reached(segment) if place[:3] in heard):
            names = heard[target[:3]]
            for source in (place for place in fleet.reached(segment) if place.host != target.host):
                if _crossing_fleet.frame_name(source) in senders.get(source.host, ()):
                    _same(verdict, segment, source, target, _crossing_fleet.frame_name(source) in names)
            _others(verdict, segment, target, names, ways)


def _senders(fleet: _crossing_fleet.Fleet, sent: Results) -> dict[str, set[str]]:
    """The frames that each host really sent."""
    found = {}
    for host in fleet.reports:
        one = sent.get(host)
        if isinstance(one, c.Mapping) and "frames" in one:
            found[host] = {frame["name"] for frame in one["frames"] if not frame.get("problem")}
    return found


def _not_collected(verdict: Verdict, host: str, sent: Results, collected: Results) -> None:
    """Tell of a host that began, and was lost then, or whose tasks failed."""
    for one in (sent.get(host), collected.get(host)):
        if isinstance(one, c.Mapping) and one.get("msg") and (one.get("failed") or one.get("unreachable")):
            verdict.unproven.append(f"{host}: not everything was proven: {str(one['msg'])[:300]}")
            return
    verdict.unproven.append(f"{host} was lost while packets were sent, so not everything was proven.")


def _same(
    verdict: Verdict,
    segment: _segments.Segment,
    source: _segments.Place,
    target: _segments.Place,
    good: bool,
) -> None:
    verdict.check(verdict.row(segment, source.host, target.host), "frames", good)
    if good:
        verdict.held[source.host] += 1
        return
    words = f"{source.netns} -> {target.netns} (broadcast frame): not seen there"
    verdict.failed(segment, _crossing_causes.Failure("frames", source, target, words, {}))


def _others(
    verdict: Verdict,
    segment: _segments.Segment,
    target: _segments.Place,
    names: set[str],
    ways: _crossing_refusals.Ways,
) -> None:
    """Judge the frames of other networks of the same role, which must not arrive. Where none was sent, or somebody is
    not connected, nothing is proven.
    """
    own = {
        _crossing_fleet.frame_name(place)
        for one in verdict.fleet.segments
        if target in one.places
        for place in one.places
    }
    sent = False
    leaks: dict[str, list[_segments.Place]] = {}
    for other in (one for one in verdict.fleet.segments if one.role == segment.role and one is not segment):
        for source in other.places:
            name = _crossing_fleet.frame_name(source)
            went = source not in ways.dead and name in verdict.senders.get(source.host, ())
            sent = sent or (name not in own and went)
            if name in names and name not in own:
                leaks.setdefault(other.name, []).append(source)
    for network, sources in leaks.items():
        for host in dict.fromkeys(source.host for source in sources):
            verdict.check(verdict.row(segment, host, target.host), "isolation", False)
        verdict.ends.setdefault(target.host, {}).update({sources[0]: None, target: None})
        why = _crossing_causes.why_leaked(ways.evidence, segment, network, sources, target)
        who = _words.some([f"{one.netns} on {one.host}" for one in sources], MOST_NAMED)
        verdict.surprise(
            target.host,
            f"{segment.name}, {target.netns} on {target.host}: frames of {who} arrive, which are of"
            f" {network}, though the two networks must be isolated. {why}",
        )
    if sent and not leaks and target not in ways.dead:
        verdict.held[target.host] += 1
