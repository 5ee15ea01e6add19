# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why packets do not get from one host to another, from what both hosts told: the hop, and the remedy."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _crossing_fleet, _crossing_ovn, _segments

Item = dict[str, t.Any]
SMALL_ENOUGH = ("small", "udp")  # checks whose packets fit everywhere


class Failure(t.NamedTuple):
    """A check that failed, in words, with the answer of reachability."""

    by: str
    source: _segments.Place
    target: _segments.Place
    words: str
    answer: Item


class Evidence:
    """What is known of the way between two hosts."""

    def __init__(
        self,
        fleet: _crossing_fleet.Fleet,
        answers: c.Iterable[tuple[_crossing_fleet.Question, Item]],
        collected: c.Mapping[str, t.Any],
    ) -> None:
        self.fleet = fleet
        self._seen: dict[tuple[str, str, str, t.Any], Item] = {}
        self._passed: set[tuple[str, str, str]] = set()
        for question, answer in answers:
            hosts = (question.source.host, question.target.host)
            if question.by in (_crossing_fleet.UNDERLAY, _crossing_fleet.UNDERLAY_FULL):
                self._seen[(*hosts, question.probe["to"], question.probe.get("size"))] = answer
            elif question.by in SMALL_ENOUGH and answer.get("seen") == "reachable":
                self._passed.add((question.segment.role + question.segment.name, *hosts))
        self._arrivals = {
            host: list(one.get("underlay") or ()) for host, one in collected.items() if isinstance(one, c.Mapping)
        }

    def small_passes(self, segment: _segments.Segment, source: str, target: str) -> bool:
        """Whether small packets get there."""
        return (segment.role + segment.name, source, target) in self._passed

    def underlay(self, segment: _segments.Segment, source: str, target: str, size: int | None = None) -> Item | None:
        """The answer from host to host."""
        return self._seen.get((source, target, self.fleet.end(segment, target, source) or "", size))

    def arrivals(self, segment: _segments.Segment, source: str, target: str) -> list[Item]:
        """Frames of the network as they arrived at the target from tunnels."""
        names = {_crossing_fleet.frame_name(place) for place in segment.places if place.host == source}
        return [one for one in self._arrivals.get(target, ()) if one["name"] in names]

    def joined_on(
        self, segment: _segments.Segment, sources: c.Sequence[_segments.Place], target: _segments.Place
    ) -> list[str]:
        """The hosts on which frames may have passed from their network into that of the target."""
        names = {_crossing_fleet.frame_name(source) for source in sources}
        arrived = [one for one in self._arrivals.get(target.host, ()) if one["name"] in names]
        # They came from there with the number of the network in which they must not be.
        owners = [
            host
            for one in arrived
            if one["number"] == segment.number
            for host, report in self.fleet.reports.items()
            if one["sender"] in report.get("addresses", ())
        ]
        if owners or arrived:
            return list(dict.fromkeys(owners)) or [target.host]
        return list(dict.fromkeys((*(source.host for source in sources), target.host)))


def causes(
    segment: _segments.Segment,
    source: str,
    target: str,
    failures: c.Mapping[tuple[_segments.Segment, str, str], c.Sequence[Failure]],
    evidence: Evidence,
) -> list[str]:
    """The causes of what failed between two hosts, the most certain one first. Each has its remedy. ``failures``: of
    all networks and hosts.
    """
    there, back = failures[(segment, source, target)], failures.get((segment, target, source), ())
    seen_there = list(dict.fromkeys(cause for one in there for cause in one.answer.get("causes") or ()))
    if segment.carrier.chassis:
        return _of_ovn(segment, source, target, there, evidence) or seen_there
    if source == target:
        return seen_there[:1]
    broken = underlay_down(segment, source, target, evidence)
    if broken:
        return broken
    # An answer must find its way back, so the ends are looked at from both sides.
    ways = ((source, target), (target, source))
    found = [cause for host, _other in ways for cause in _end(segment, host, evidence)]
    found += _differences(segment, source, target, evidence)
    if not found:
        found = [cause for way in ways for cause in _entries(segment, *way, there, evidence)]
    found = list(dict.fromkeys([*found, *_too_large(segment, source, target, there, evidence)]))
    return (
        found
        or _on_the_way(segment, source, target, there, evidence)
        or _on_the_way(segment, target, source, back, evidence)
        or seen_there
    )


def _of_ovn(
    segment: _segments.Segment, source: str, target: str, failures: c.Sequence[Failure], evidence: Evidence
) -> list[str]:
    """The causes, if OVN makes the network."""
    fleet = evidence.fleet
    found = _crossing_ovn.causes(fleet, segment, (source, target), failures)
    if source == target:
        return found or _crossing_ovn.of_database(failures)
    return (
        underlay_down(segment, source, target, evidence)
        or found
        or _too_large(segment, source, target, failures, evidence)
        or _on_the_way(segment, source, target, failures, evidence)
        or _crossing_ovn.of_database(failures)
    )


def underlay_down(segment: _segments.Segment, source: str, target: str, evidence: Evidence) -> list[str]:
    """Whether a host does not reach another one itself."""
    answer = evidence.underlay(segment, source, target)
    if answer is None or answer.get("seen") == "reachable" or evidence.arrivals(segment, source, target):
        return []
    return [
        (
            f"{source} does not reach {target} itself at {answer['to']}, where its tunnels end"
            f" ({answer.get('reason') or 'no answer'}): mend the network between the hosts (cable, address, route,"
            " packet filter)."
        )
    ]


def _end(segment: _segments.Segment, host: str, evidence: Evidence) -> list[str]:
    """What is wrong with the tunnels of one host, without a look at the other."""
    bridges, tunnels = evidence.fleet.bridges(segment, host), evidence.fleet.carriers(segment, host)
    bridge = ", ".join(bridges)
    if not bridges:
        return [f"The members of {segment.name} on {host} are on no bridge: run netloom.linux.site for {host}."]
    if not tunnels:
        elsewhere = [
            one
            for one in evidence.fleet.tunnels(host)
            if not segment.carrier.shared and one["type"] == "vxlan" and one["number"] == segment.number
        ]
        if elsewhere:
            return [
                (
                    f"{elsewhere[0]['name']} of {host}, which has VNI {segment.number}, is not a port of {bridge}, the"
                    f" bridge of {segment.name}'s members: run netloom.linux.site for {host}."
                )
            ]
        return [f"No tunnel is a port of {bridge} on {host}: run netloom.linux.site for {host}."]
    found = [f"{one['name']} of {host} is down: set it up." for one in tunnels if not one["up"]]
    found += [it for one in tunnels for it in _crossing_fleet.stuck(one, host, "netloom.linux.ovs_bridge")]
    if not segment.carrier.shared and segment.number:
        found += [
            f"{one['name']} of {host} has VNI {one['number']}, though that of {segment.name} is {segment.number}: run"
            f" netloom.linux.site for {host}."
            for one in tunnels
            if one["type"] == "vxlan" and one["number"] != segment.number
        ]
    return found


def _differences(segment: _segments.Segment, source: str, target: str, evidence: Evidence) -> list[str]:
    """What the tunnels of both hosts must have in common, and have not."""
    found = []
    # A VNI is compared with the declared one.
    known = not segment.carrier.shared and bool(segment.number)
    for what, key in (("type", "type"), *([] if known else [("number (VNI or key)", "number")]), ("port", "port")):
        mine, theirs = (
            {one[key] for one in _towards(segment, host, other, evidence)}
            for host, other in ((source, target), (target, source))
        )
        if mine and theirs and not mine & theirs:
            found.append(
                f"The tunnels of {source} have the {what} {_shown(mine)}, those of {target} have {_shown(theirs)}: give"
                " both the same."
            )
    return found


def _shown(values: c.Iterable[t.Any]) -> str:
    return ", ".join(sorted("none" if one is None else str(one) for one in values))


def _towards(segment: _segments.Segment, host: str, other: str, evidence: Evidence) -> list[Item]:
    """The tunnels to that host, else all."""
    tunnels, end = evidence.fleet.carriers(segment, host), evidence.fleet.end(segment, other, host)
    return [one for one in tunnels if end in one["remotes"]] or tunnels


def _entries(
    segment: _segments.Segment, host: str, other: str, failures: c.Sequence[Failure], evidence: Evidence
) -> list[str]:
    """Whether the tunnels of a host send to the other one: to everybody there, and to each member that was asked."""
    tunnels, end = evidence.fleet.carriers(segment, host), evidence.fleet.end(segment, other, host)
    if end is None or any(one["group"] for one in tunnels):
        return []
    found = []
    if not any(end in one["remotes"] for one in tunnels):
        listed = _shown({to for one in tunnels for to in one["remotes"]}) or "none"
        who = f"{tunnels[0]['name']} of {host} does not send" if len(tunnels) == 1 else f"No tunnel of {host} leads"
        found.append(
            f"{who} to {end}, where the tunnels of {other} end (remotes: {listed}): run netloom.linux.site for {host}."
        )
    unicast = (place for one in failures if one.by != "frames" for place in (one.source, one.target))
    for place in dict.fromkeys(place for place in unicast if place.host == other):
        mac = evidence.fleet.mac(place)
        for one in (one for one in tunnels if one["type"] == "vxlan" and mac):
            wrong = _entry(one, str(mac), end)
            if wrong:
                found.append(
                    f"{wrong.format(of=f'of {host}', who=f'{mac} ({place.netns} on {other})')}: run netloom.linux.site"
                    f" for {host}."
                )
    return found


def _entry(tunnel: Item, mac: str, end: str) -> str:
    """What is wrong with the entries for a MAC address: in the table of the tunnel, and in that of its bridge."""
    leads = tunnel["fdb"].get(mac)
    if leads not in (None, end):
        return f"{tunnel['name']} {{of}} sends what is for {{who}} to {leads}, not to {end}"
    if leads is None and not tunnel["learning"] and end not in tunnel["remotes"]:
        return f"{tunnel['name']} {{of}} has no forwarding entry for {{who}}, and does not learn"
    if not tunnel.get("flood", True) and mac not in tunnel.get("bridge_fdb", ()):
        where = f"at {tunnel['name']}, and floods nothing there"
        return f"{tunnel['bridge']} {{of}} has no forwarding entry for {{who}} {where}"
    return ""


def _too_large(
    segment: _segments.Segment, source: str, target: str, failures: c.Sequence[Failure], evidence: Evidence
) -> list[str]:
    """Whether small packets pass, and those of full size do not; and where the room is missing."""
    # What is routed may fail beyond the network whose small packets pass.
    first = next((one for one in failures if one.by == "icmp"), None)
    if first is None or not evidence.small_passes(segment, source, target):
        return []
    size = evidence.fleet.mtu(segment, first.source)
    if not size:
        return []
    end = evidence.fleet.end(segment, target, source) or ""
    headers = evidence.fleet.overhead(segment, source, end)
    full = evidence.underlay(segment, source, target, size + headers)
    head = f"Small packets pass, those of {size} bytes do not"
    if full is not None and full.get("seen") != "reachable":
        return [
            (
                f"{head}: with the {headers} bytes of the tunnel they need an MTU of {size + headers} all the way from"
                f" {source} to {end}, which it has not ({full.get('reason') or 'no answer'}): raise the underlay's MTU,"
                f" or lower that of {segment.name}."
            )
        ]
    narrow = [
        f"{one['name']} of {host} has an MTU of {one['mtu']}"
        for host in (source, target)
        for one in evidence.fleet.carriers(segment, host)
        if one["mtu"] and one["mtu"] < size
    ]
    narrow += [
        f"{place.interface} of {place.netns} on {place.host} has an MTU of {mtu}"
        for place in dict.fromkeys((first.source, first.target))
        if (mtu := evidence.fleet.row(place).get("mtu")) and mtu < size
    ]
    where = f" ({'; '.join(narrow)})" if narrow else ""
    return [f"{head}{where}: give all links of {segment.name} the same MTU, on both hosts."]


def _on_the_way(
    segment: _segments.Segment, source: str, target: str, failures: c.Sequence[Failure], evidence: Evidence
) -> list[str]:
    """Where frames were last seen."""
    if not any(one.by == "frames" for one in failures):
        return []
    arrived = evidence.arrivals(segment, source, target)
    if arrived:
        one = arrived[0]
        port = f" on port {one['port']}" if one["port"] else ""
        return [
            (
                f"Frames of {source} arrive at {target}{port} with the number {one['number']}, and no member hears"
                f" them: a packet filter of {target} drops them, or its tunnel expects another number, port or sender."
            )
        ]
    ports = _shown({one["port"] for one in _towards(segment, source, target, evidence)})
    return [
        (
            f"Nothing that {source} sends into its tunnel arrives at {target}, though the hosts reach each other: let"
            f" packet filters between them pass the tunnel (UDP port {ports})."
        )
    ]


def why_leaked(
    evidence: Evidence,
    segment: _segments.Segment,
    network: str,
    sources: c.Sequence[_segments.Place],
    target: _segments.Place,
) -> str:
    """What joins two networks, as far as it can be seen."""
    fleet, hosts = evidence.fleet, evidence.joined_on(segment, sources, target)
    for host in hosts:
        bridges = _bridges(fleet, host)
        shared = next((one for one in bridges if {segment.name, network} <= bridges[one]), None)
        if shared is not None:
            return f"On {host} both have members on the bridge {shared}: move those of one of them."
        for one in fleet.tunnels(host):
            owner = next((it for it in fleet.segments if it.number and it.number == one["number"]), None)
            here = bridges.get(one.get("bridge") or "", set())
            if (
                one["type"] == "vxlan"
                and owner is not None
                and here & {segment.name, network}
                and (owner.name in (segment.name, network) and owner.name not in here)
            ):
                return (
                    f"On {host}, {one['name']} has VNI {one['number']}, that of {owner.name}, and is a port of"
                    f" {one['bridge']}, the bridge of {_shown(here)}: run netloom.linux.site for {host}."
                )
    return f"Look on {', '.join(hosts)} for a link, a patch port or a tunnel that joins their bridges."


def _bridges(fleet: _crossing_fleet.Fleet, host: str) -> dict[str, set[str]]:
    """The bridges of a host that networks have for themselves, each with the networks that have members on it."""
    found: dict[str, set[str]] = {}
    for one in fleet.segments:
        for place in one.places:
            bridge = fleet.row(place).get("bridge") if place.host == host else None
            if bridge and not one.carrier.shared:
                found.setdefault(bridge, set()).add(one.name)
    return found
