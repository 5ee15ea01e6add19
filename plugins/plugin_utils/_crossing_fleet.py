# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the hosts of a fleet told before packets are sent between them, and the questions that packets answer."""

from __future__ import annotations

import collections.abc as c
import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _encapsulation
from ansible_collections.netloom.linux.plugins.plugin_utils import _segments

Item = dict[str, t.Any]
Reports = c.Mapping[str, t.Any]
# Checks that only explain others: a small packet, and packets from host to host.
SMALL, UNDERLAY, UNDERLAY_FULL = "small", "underlay", "underlay_full"
EXPLAINING = (SMALL, UNDERLAY, UNDERLAY_FULL)
SMALLEST, LARGEST = 68, 65_507  # of a packet that reachability sends


class Question(t.NamedTuple):
    """What one place asks another. ``by``: what is proven, such as icmp, or one of EXPLAINING; ``who``: what answers,
    if that is no place.
    """

    segment: _segments.Segment
    source: _segments.Place
    target: _segments.Place
    by: str
    probe: Item
    who: str = ""


def frame_name(place: _segments.Place) -> str:
    """The name that the frame of a place carries."""
    return f"{place.host}/{place.netns}/{place.interface}"


def stuck(tunnel: Item, host: str, how: str) -> list[str]:
    """Whether a tunnel cannot leave its host, because Open vSwitch knows no way for it. ``how``: what mends it."""
    return [
        (
            f"No tunnel can leave {host}: {address} is on {link}, and Open vSwitch's userspace datapath"
            f" ({tunnel['bridge']}) sends tunnels only by an Open vSwitch bridge: make {link} the uplink of one"
            f" ({how}), and run netloom.linux.site for {host}."
        )
        for address, link in (tunnel.get("stuck") or {}).items()
    ]


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
        found = max(_encapsulation.overhead(kind, version, key=True, tag=tag) for kind in kinds)
        return found + segment.carrier.options

    def end(self, segment: _segments.Segment, host: str, seen_from: str) -> str | None:
        """The address to which others send what is for a host: the one that is declared, its tunnels' own, else one
        that a peer sends to.
        """
        chassis = segment.carrier.chassis_of(host)
        if chassis is not None:
            return chassis.address
        own = set((self.reports.get(host) or {}).get("addresses") or ())
        theirs, mine = (
            [*self.carriers(segment, one), *self.tunnels(one)] for one in (host, seen_from)
        )  # of the network first
        told = [one["local"] for one in theirs if one.get("local")]
        told += [to for one in mine for to in one.get("remotes") or () if to in own]
        return next((one for one in told if not ipaddress.ip_address(one).is_unspecified), None)
