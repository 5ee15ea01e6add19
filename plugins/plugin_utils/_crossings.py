# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions about networks over several hosts: what each host asks the others by packets, and where each one listens.

All is computed from the segments and from what the listeners reported, so the answers need no names: the same
questions are computed again when they are judged.
"""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _crossing_fleet,
    _crossing_promises,
    _crossing_rules,
    _promises,
    _segments,
)

Item = dict[str, t.Any]


def places_on(segments: c.Iterable[_segments.Segment], host: str) -> list[_segments.Place]:
    """The places on a host, each once."""
    return list(dict.fromkeys(place for one in segments for place in one.places if place.host == host))


def listeners(segments: c.Iterable[_segments.Segment], host: str) -> list[Item]:
    """Where a host listens, as reachability takes it."""
    found = []
    for place in places_on(segments, host):
        ports = _crossing_rules.ports_of(place)
        also = {f"{protocol}_ports": ports[protocol] for protocol in ports}
        found.append({"netns": place.netns, "interface": place.interface, **also})
    return found


def questions(fleet: _crossing_fleet.Fleet, host: str, most: int) -> list[_crossing_fleet.Question]:
    """What a host asks, in order."""
    found: list[_crossing_fleet.Question] = []
    for segment in fleet.segments:
        mine = [place for place in fleet.reached(segment) if place.host == host]
        if mine:
            for other in segment.hosts:
                theirs = [place for place in fleet.reached(segment) if place.host == other]
                if other != host and theirs:
                    found += _between(fleet, segment, mine[0], theirs[0])
            found += _members(fleet, segment, host, most)
            found += [*_gateways(fleet, segment, mine), *_leases(fleet, segment, mine)]
            found += _crossing_promises.of_routers(fleet, segment, mine, most)
            found += _crossing_promises.of_groups(fleet, segment, host)
            found += _crossing_promises.of_promises(fleet, segment, host)
    found = list({(*one.source[:2], one.by, repr(sorted(one.probe.items()))): one for one in found}.values())
    return [*found, *_underlay(fleet, host, found)]


def _between(
    fleet: _crossing_fleet.Fleet, segment: _segments.Segment, source: _segments.Place, target: _segments.Place
) -> c.Iterator[_crossing_fleet.Question]:
    """What one place of a host asks one place of another host: everything."""
    size = fleet.mtu(segment, source)
    room = {"size": min(max(size, _crossing_fleet.SMALLEST), _crossing_fleet.LARGEST)} if size else {}
    mac = fleet.mac(target)
    ports = fleet.row(target).get("ports") or {}
    asking: list[tuple[str, Item]] = [("icmp", room), ("arp", {"answered_by_mac": mac} if mac else {})]
    asking += [(protocol, {"port": ports[protocol]}) for protocol in ("tcp", "udp") if protocol in ports]
    asking.append((_crossing_fleet.SMALL, {"protocol": "icmp"}))
    for by, more in asking:
        found = _crossing_promises.asked(fleet, segment, (source, target), by, **more, host=target.host)
        if found is not None and not (by == _crossing_fleet.SMALL and found.by == _crossing_promises.REFUSED):
            yield found


def _members(
    fleet: _crossing_fleet.Fleet, segment: _segments.Segment, host: str, most: int
) -> c.Iterator[_crossing_fleet.Question]:
    """What the members ask each other, those on one host included."""
    firsts: dict[str, _segments.Place] = {}
    for place in fleet.reached(segment):
        firsts.setdefault(place.host, place)
    for source, target in _promises.pairs(fleet.reached(segment), most):
        asked = source.host != target.host and firsts[source.host] is source and firsts[target.host] is target
        apart = source.host == target.host and source.isolated and target.isolated
        if source.host == host and source[:2] != target[:2] and not asked and not apart:
            where = {"host": target.host} if target.host != host else {}
            found = _crossing_promises.asked(fleet, segment, (source, target), "icmp", **where)
            if found is not None:
                yield found


def _gateways(
    fleet: _crossing_fleet.Fleet, segment: _segments.Segment, mine: c.Iterable[_segments.Place]
) -> c.Iterator[_crossing_fleet.Question]:
    """Whether members reach the gateway, and whether only its MAC address answers ARP requests for it."""
    gateway = segment.gateway
    if gateway is None or gateway.host not in fleet.reports:
        return
    for place in mine:
        address = fleet.way(place, gateway)
        if address is None:
            continue
        where = {"from": place.netns, "to": address, **({"host": gateway.host} if gateway.host != place.host else {})}
        yield _crossing_fleet.Question(segment, place, gateway, "icmp", {**where, "protocol": "icmp"})
        if gateway.mac:
            probe = {**where, "protocol": "arp", "answered_by_mac": gateway.mac}
            yield _crossing_fleet.Question(segment, place, gateway, "arp", probe)


def _leases(
    fleet: _crossing_fleet.Fleet, segment: _segments.Segment, mine: c.Iterable[_segments.Place]
) -> c.Iterator[_crossing_fleet.Question]:
    """Whether members have their leases from the one server of the network, whichever host it is on."""
    server = segment.server
    if server is None:
        return
    mac = fleet.mac(server)
    for place in mine:
        if not place.addresses:
            probe = {"from": place.netns, "to": fleet.addresses(server)[0], "protocol": "dhcp"}
            probe |= {"interface": place.interface, **({"answered_by_mac": mac} if mac else {})}
            yield _crossing_fleet.Question(segment, place, server, "dhcp", probe)


def _underlay(
    fleet: _crossing_fleet.Fleet, host: str, asked: c.Iterable[_crossing_fleet.Question]
) -> c.Iterator[_crossing_fleet.Question]:
    """What the host asks the other hosts themselves, to tell a network from what carries it."""
    seen = set()
    for one in asked:
        address = None if one.target.host == host else fleet.end(one.segment, one.target.host, host)
        if address is None:
            continue
        size = (one.probe.get("size") or 0) + fleet.overhead(one.segment, host, address)
        probes: list[tuple[str, Item]] = [(_crossing_fleet.UNDERLAY, {})]
        if one.probe.get("size"):
            probes.append((_crossing_fleet.UNDERLAY_FULL, {"size": min(size, _crossing_fleet.LARGEST)}))
        for check, more in probes:
            key = (one.target.host, address, check, more.get("size"))
            if key not in seen:
                seen.add(key)
                probe = {"to": address, "host": one.target.host, "protocol": "icmp", **more}
                yield _crossing_fleet.Question(one.segment, one.source, one.target, check, probe)


def work(fleet: _crossing_fleet.Fleet, host: str, most: int) -> Item:
    """What a host sends, as reachability takes it."""
    frames = [found for place in places_on(fleet.segments, host) if fleet.usable(place) for found in _frames(place)]
    return {"probes": [one.probe for one in questions(fleet, host, most)], "frames": frames}


def _frames(place: _segments.Place) -> c.Iterator[Item]:
    """The frame of a place. Port security of OVN lets only frames of IP and ARP pass."""
    frame = {"from": place.netns, "interface": place.interface, "name": _crossing_fleet.frame_name(place)}
    address = next((one for one in place.addresses if ":" not in one), None)
    if place.port is None:
        yield frame
    elif address is not None:
        yield {**frame, "address": address}
