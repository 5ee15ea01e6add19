# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions about networks over several hosts: what each host asks the others by packets, and where each one listens.

All is computed from the segments and from what the listeners reported, so the answers need no names: the same
questions are computed again when they are judged.
"""

from __future__ import annotations

import collections.abc as c
import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _encapsulation
from ansible_collections.netloom.linux.plugins.plugin_utils import _promises, _segments

Item = dict[str, t.Any]
Reports = c.Mapping[str, t.Any]
# Checks that only explain others: a small packet, and packets from host to host.
SMALL, UNDERLAY, UNDERLAY_FULL = "small", "underlay", "underlay_full"
EXPLAINING = (SMALL, UNDERLAY, UNDERLAY_FULL)
SMALLEST, LARGEST = 68, 65_507  # of a packet that reachability sends


class Question(t.NamedTuple):
    """What one place asks another. ``by``: icmp, arp, tcp, udp, or one of EXPLAINING."""

    segment: _segments.Segment
    source: _segments.Place
    target: _segments.Place
    by: str
    probe: Item


def frame_name(place: _segments.Place) -> str:
    """The name that the frame of a place carries."""
    return f"{place.host}/{place.netns}/{place.interface}"


def places_on(segments: c.Iterable[_segments.Segment], host: str) -> list[_segments.Place]:
    """The places on a host, each once."""
    return list(dict.fromkeys(place for one in segments for place in one.places if place.host == host))


def listeners(segments: c.Iterable[_segments.Segment], host: str) -> list[Item]:
    """Where a host listens, as reachability takes it."""
    return [{"netns": place.netns, "interface": place.interface} for place in places_on(segments, host)]


class Fleet:
    """What the hosts that were reached reported of their places, tunnels and addresses."""

    def __init__(self, segments: c.Sequence[_segments.Segment], reports: Reports) -> None:
        self.segments = segments
        self.reports = {host: one for host, one in reports.items() if isinstance(one, c.Mapping) and "listening" in one}
        self._rows = {
            (host, row.get("netns"), row["interface"]): row
            for host, one in self.reports.items()
            for row in one["listening"]
        }

    def row(self, place: _segments.Place) -> Item:
        """What its host reported of a place."""
        return dict(self._rows.get(place[:3]) or {"problem": "its host was not reached"})

    def usable(self, place: _segments.Place) -> bool:
        """Whether packets can be sent from there."""
        return place.host in self.reports and not self.row(place).get("problem")

    def reached(self, segment: _segments.Segment) -> list[_segments.Place]:
        """The usable places of a network."""
        return [place for place in segment.places if self.usable(place)]

    def addresses(self, place: _segments.Place) -> list[str]:
        """The addresses of a place, IPv4 first: declared ones, else those that the interface has, as by DHCP."""
        found = list(place.addresses) or [text.split("/")[0] for text in self.row(place).get("addresses") or ()]
        return sorted((text.split("/")[0] for text in found), key=lambda text: ":" in text)

    def way(self, source: _segments.Place, target: _segments.Place) -> str | None:
        """The address by which a place asks another, of a version that both have."""
        own = {":" in text for text in self.addresses(source)}
        return next((text for text in self.addresses(target) if (":" in text) in own), None)

    def mac(self, place: _segments.Place) -> str | None:
        """Its MAC address."""
        return place.mac or self.row(place).get("mac")

    def mtu(self, segment: _segments.Segment, place: _segments.Place) -> int | None:
        """The largest packet of a network, as it leaves from a place."""
        return segment.mtu or self.row(place).get("mtu")

    def tunnels(self, host: str) -> list[Item]:
        """The tunnels that a host has."""
        return list((self.reports.get(host) or {}).get("tunnels") or ())

    def bridges(self, segment: _segments.Segment, host: str) -> list[str]:
        """The bridges that the network's members on a host are on."""
        found = (self.row(place).get("bridge") for place in segment.places if place.host == host)
        return list(dict.fromkeys(one for one in found if one))

    def carriers(self, segment: _segments.Segment, host: str) -> list[Item]:
        """The tunnels of a host that carry the network: those on the bridges of its members."""
        bridges = self.bridges(segment, host)
        return [one for one in self.tunnels(host) if one.get("bridge") in bridges]

    def overhead(self, segment: _segments.Segment, host: str, end: str) -> int:
        """The bytes that the network's tunnels on a host put around a packet to this end."""
        version, tag = 6 if ":" in end else 4, segment.carrier.tagged
        kinds = {one["type"] for one in self.carriers(segment, host)} or {segment.carrier.type}
        return max(_encapsulation.overhead(kind, version, key=True, tag=tag) for kind in kinds)

    def end(self, segment: _segments.Segment, host: str, seen_from: str) -> str | None:
        """The address to which others send what is for a host: its tunnels' own, else one that a peer sends to."""
        own = set((self.reports.get(host) or {}).get("addresses") or ())
        theirs, mine = (
            [*self.carriers(segment, one), *self.tunnels(one)] for one in (host, seen_from)
        )  # of the network first
        told = [one["local"] for one in theirs if one.get("local")]
        told += [to for one in mine for to in one.get("remotes") or () if to in own]
        return next((one for one in told if not ipaddress.ip_address(one).is_unspecified), None)


def questions(fleet: Fleet, host: str, most: int) -> list[Question]:
    """What a host asks, in order."""
    found: list[Question] = []
    for segment in fleet.segments:
        mine = [place for place in fleet.reached(segment) if place.host == host]
        if mine:
            for other in segment.hosts:
                theirs = [place for place in fleet.reached(segment) if place.host == other]
                if other != host and theirs:
                    found += _between(fleet, segment, mine[0], theirs[0])
            found += _members(fleet, segment, host, most)
            found += [*_gateways(fleet, segment, mine), *_leases(fleet, segment, mine)]
    return [*found, *_underlay(fleet, host, found)]


def _between(
    fleet: Fleet, segment: _segments.Segment, source: _segments.Place, target: _segments.Place
) -> c.Iterator[Question]:
    """What one place of a host asks one place of another host: everything."""
    address = fleet.way(source, target)
    if address is None:
        return
    where = {"from": source.netns, "to": address, "host": target.host}

    def ask(check: str, **more: t.Any) -> Question:
        return Question(segment, source, target, check, {**where, "protocol": check, **more})

    size = fleet.mtu(segment, source)
    yield ask("icmp", **({"size": min(max(size, SMALLEST), LARGEST)} if size else {}))
    mac = fleet.mac(target)
    yield ask("arp", **({"answered_by_mac": mac} if mac else {}))
    ports = fleet.row(target).get("ports") or {}
    for protocol in ("tcp", "udp"):
        if protocol in ports:
            yield ask(protocol, port=ports[protocol])
    yield Question(segment, source, target, SMALL, {**where, "protocol": "icmp"})


def _members(fleet: Fleet, segment: _segments.Segment, host: str, most: int) -> c.Iterator[Question]:
    """What the members ask each other, those on one host included."""
    firsts: dict[str, _segments.Place] = {}
    for place in fleet.reached(segment):
        firsts.setdefault(place.host, place)
    for source, target in _promises.pairs(fleet.reached(segment), most):
        asked = source.host != target.host and firsts[source.host] is source and firsts[target.host] is target
        address = fleet.way(source, target)
        apart = source.host == target.host and source.isolated and target.isolated
        if source.host == host and source[:2] != target[:2] and not asked and not apart and address is not None:
            where = {"host": target.host} if target.host != host else {}
            yield Question(
                segment, source, target, "icmp", {"from": source.netns, "to": address, "protocol": "icmp", **where}
            )


def _gateways(fleet: Fleet, segment: _segments.Segment, mine: c.Iterable[_segments.Place]) -> c.Iterator[Question]:
    """Whether members reach the gateway, and whether only its MAC address answers ARP requests for it."""
    gateway = segment.gateway
    if gateway is None or gateway.host not in fleet.reports:
        return
    for place in mine:
        address = fleet.way(place, gateway)
        if address is None:
            continue
        where = {"from": place.netns, "to": address, **({"host": gateway.host} if gateway.host != place.host else {})}
        yield Question(segment, place, gateway, "icmp", {**where, "protocol": "icmp"})
        if gateway.mac:
            probe = {**where, "protocol": "arp", "answered_by_mac": gateway.mac}
            yield Question(segment, place, gateway, "arp", probe)


def _leases(fleet: Fleet, segment: _segments.Segment, mine: c.Iterable[_segments.Place]) -> c.Iterator[Question]:
    """Whether members have their leases from the one server of the network, whichever host it is on."""
    server = segment.server
    if server is None:
        return
    mac = fleet.mac(server)
    for place in mine:
        if not place.addresses:
            probe = {"from": place.netns, "to": fleet.addresses(server)[0], "protocol": "dhcp"}
            probe |= {"interface": place.interface, **({"answered_by_mac": mac} if mac else {})}
            yield Question(segment, place, server, "dhcp", probe)


def _underlay(fleet: Fleet, host: str, asked: c.Iterable[Question]) -> c.Iterator[Question]:
    """What the host asks the other hosts themselves, to tell a network from what carries it."""
    seen = set()
    for one in asked:
        address = None if one.target.host == host else fleet.end(one.segment, one.target.host, host)
        if address is None:
            continue
        size = (one.probe.get("size") or 0) + fleet.overhead(one.segment, host, address)
        probes: list[tuple[str, Item]] = [(UNDERLAY, {})]
        if one.probe.get("size"):
            probes.append((UNDERLAY_FULL, {"size": min(size, LARGEST)}))
        for check, more in probes:
            key = (one.target.host, address, check, more.get("size"))
            if key not in seen:
                seen.add(key)
                probe = {"to": address, "host": one.target.host, "protocol": "icmp", **more}
                yield Question(one.segment, one.source, one.target, check, probe)


def work(fleet: Fleet, host: str, most: int) -> Item:
    """What a host sends, as reachability takes it."""
    frames = [
        {"from": place.netns, "interface": place.interface, "name": frame_name(place)}
        for place in places_on(fleet.segments, host)
        if fleet.usable(place)
    ]
    return {"probes": [one.probe for one in questions(fleet, host, most)], "frames": frames}
