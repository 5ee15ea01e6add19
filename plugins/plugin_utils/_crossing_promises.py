# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions about what OVN promises beside one Ethernet: routers, security groups, load balancers, leases."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _crossing_fleet, _crossing_rules, _segments

ROUTED, REFUSED, GATEWAY, NAMES = "routed", "refused", "gateway", "dns"
Item = _crossing_fleet.Item
Questions = c.Iterator[_crossing_fleet.Question]


def asked(
    fleet: _crossing_fleet.Fleet,
    segment: _segments.Segment,
    pair: tuple[_segments.Place, _segments.Place],
    check: str,
    **more: t.Any,
) -> _crossing_fleet.Question | None:
    """What one place asks another one by a protocol, if both have an address of one family. What the rules of one of
    them refuse must not arrive. ``check``: the name of what is proven; without ``protocol``, the protocol.
    """
    source, target = pair
    address = fleet.way(source, target)
    if address is None:
        return None
    protocol = more.setdefault("protocol", check)
    own = next(text for text in fleet.addresses(source) if (":" in text) == (":" in address))
    packet = _crossing_rules.Packet(protocol, own, address, more.get("port"))
    if protocol != "arp" and not _crossing_rules.passes(source, target, packet):
        check, more["expect"] = REFUSED, "unreachable"
        more.pop("size", None)
    probe = {"from": source.netns, "to": address, **more}
    return _crossing_fleet.Question(segment, source, target, check, probe)


def of_routers(
    fleet: _crossing_fleet.Fleet, segment: _segments.Segment, mine: c.Sequence[_segments.Place], most: int
) -> Questions:
    """Whether a network reaches those to which a router leads: its first place here, one place on each host there. If
    the network would ask more than ``most``, one place there, on another host for each host that asks.
    """
    source = next((one for one in mine if one.routed), None)
    if source is None:
        return
    joined = [one for one in fleet.segments if one.role == segment.role and one.name in segment.joined]
    others = [(one, _firsts(fleet, one)) for one in joined]
    asking = [one.host for one in _firsts(fleet, segment)]
    in_ring = len(asking) * sum(len(there) for _other, there in others) > most
    for turn, (other, there) in enumerate(others, asking.index(source.host) + 1):
        sizes = [one for one in (segment.mtu, other.mtu) if one]
        for target in [there[turn % len(there)]] if in_ring and there else there:
            size = {"size": min(sizes)} if sizes else {}
            one = asked(fleet, segment, (source, target), ROUTED, protocol="icmp", host=target.host, **size)
            if one is not None:
                yield one


def _firsts(fleet: _crossing_fleet.Fleet, segment: _segments.Segment) -> list[_segments.Place]:
    """The first place on each host that a router reaches."""
    firsts: dict[str, _segments.Place] = {}
    for one in fleet.reached(segment):
        if one.routed:
            firsts.setdefault(one.host, one)
    return list(firsts.values())


def of_groups(fleet: _crossing_fleet.Fleet, segment: _segments.Segment, host: str) -> Questions:
    """Whether what the rules of security groups allow passes, and nothing else: each place that has groups is asked by
    the one before it, and at its ports by one that may ask there.
    """
    places = fleet.reached(segment)
    for index, target in enumerate(places):
        before = places[index - 1]
        if before is not target and (before.rules is not None or target.rules is not None) and before.host == host:
            yield from _free_ports(fleet, segment, before, target)
        if target.rules is None:
            continue
        for protocol, ports in _crossing_rules.ports_of(target).items():
            for port in ports:
                sources = [one for one in places if one is not target]
                yield from _at_port(fleet, segment, (sources, target, before), (protocol, port), host)


def _free_ports(
    fleet: _crossing_fleet.Fleet, segment: _segments.Segment, source: _segments.Place, target: _segments.Place
) -> Questions:
    for protocol, port in (fleet.row(target).get("ports") or {}).items():
        found = asked(fleet, segment, (source, target), protocol, port=port, host=target.host)
        if found is not None and found.by == REFUSED:
            yield found


def _at_port(
    fleet: _crossing_fleet.Fleet,
    segment: _segments.Segment,
    who: tuple[list[_segments.Place], _segments.Place, _segments.Place],
    where: tuple[str, int],
    host: str,
) -> Questions:
    """Ask at one port: the first one that may, and the one before if it may not."""
    sources, target, before = who
    protocol, port = where
    row = fleet.row(target)
    if port in (row.get("served") or {}).get(protocol, ()):
        more: Item = {"port": port, "host": target.host}
    elif protocol == "tcp" and port in (row.get("taken") or {}).get(protocol, ()):
        more = {"port": port}  # a service is there: that it answers is enough
    else:
        return
    # One after the other: mostly the first one may, and a network has many members.
    found = (asked(fleet, segment, (one, target), protocol, **more) for one in sources)
    first = next((one for one in found if one is not None and one.by != REFUSED), None)
    if first is not None and first.source.host == host:
        yield first
    refused = None if before is target else asked(fleet, segment, (before, target), protocol, **more)
    if refused is not None and refused.by == REFUSED and before.host == host:
        yield refused


def of_promises(fleet: _crossing_fleet.Fleet, segment: _segments.Segment, host: str) -> Questions:
    """What is promised to the places on a host of what is no place."""
    for one in segment.promises:
        source = segment.places[one.source]
        if source.host != host or not fleet.usable(source):
            continue
        probe: Item = {"from": source.netns, "to": one.to, "protocol": one.protocol}
        if one.protocol == "dhcp":
            probe["interface"] = source.interface
        probe |= {
            key: value
            for key, value in (
                ("port", one.port),
                ("answered_by_mac", one.mac),
                ("range", one.range),
                ("name", one.name),
            )
            if value is not None
        }
        if one.answers:
            probe["answers"] = list(one.answers)
        target = _segments.Place(host, "", "", (one.to,), one.mac)
        yield _crossing_fleet.Question(segment, source, target, one.check, probe, one.who)
