# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks over several hosts as they are passed from filter to filter: every word of them, as plain data."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _crossing_input, _segments

Item = c.Mapping[str, t.Any]
KEYS = ("joined", "promises", "unproven", "chassis", "options", "more")  # what no user writes


def plain(segments: c.Iterable[_segments.Segment]) -> list[dict[str, t.Any]]:
    """Networks as plain data, in the shape of ``verify_segments``, and beside it what no user writes."""
    return [
        {
            "role": one.role,
            "name": one.name,
            "number": one.number,
            "mtu": one.mtu,
            "members": [_member(place, one) for place in one.places],
            "gateway": one.gateway and _plain(one.gateway),
            "carrier": {name: getattr(one.carrier, name) for name in _crossing_input.CARRIER_KEYS},
            "more": [_more(place) for place in one.places],
            "options": one.carrier.options,
            "chassis": [{**chassis._asdict(), "mappings": dict(chassis.mappings)} for chassis in one.carrier.chassis],
            "joined": list(one.joined),
            "promises": [promise._asdict() for promise in one.promises],
            "unproven": list(one.unproven),
        }
        for one in segments
    ]


def _member(place: _segments.Place, segment: _segments.Segment) -> dict[str, t.Any]:
    return {
        **_plain(place),
        "name": place.netns,
        "isolated": place.isolated,
        "serves": place == segment.server,
    }


def _plain(place: _segments.Place) -> dict[str, t.Any]:
    return {
        "host": place.host,
        "interface": place.interface or None,
        "addresses": list(place.addresses),
        "mac": place.mac,
    }


def _more(place: _segments.Place) -> dict[str, t.Any]:
    rules = None if place.rules is None else [one._asdict() for one in place.rules]
    return {
        "port": place.port,
        "rules": rules,
        "routed": place.routed,
        "serves": list(place.serves),
        "watched": list(place.watched),
    }


def read(value: t.Any) -> list[_segments.Segment]:
    """Networks from plain data. What a user may write is read as from a user."""
    written = [{key: found for key, found in one.items() if key not in KEYS} for one in value or ()]
    return [_whole(one, given) for one, given in zip(_crossing_input.read(written), value or ())]


def _whole(segment: _segments.Segment, given: Item) -> _segments.Segment:
    """The network with what no user writes."""
    places = segment.places
    if given.get("more"):
        places = tuple(_place(place, more) for place, more in zip(places, given["more"]))
    chassis = tuple(
        _segments.Chassis(**{**one, "mappings": tuple(one["mappings"].items())}) for one in given.get("chassis") or ()
    )
    number = segment.places.index(segment.server) if segment.server else None
    return segment._replace(
        places=places,
        server=None if number is None else places[number],
        carrier=segment.carrier._replace(options=given.get("options") or 0, chassis=chassis),
        joined=tuple(given.get("joined") or ()),
        promises=tuple(_promise(one) for one in given.get("promises") or ()),
        unproven=tuple(given.get("unproven") or ()),
    )


def _place(place: _segments.Place, more: Item) -> _segments.Place:
    rules = None if more["rules"] is None else tuple(_rule(one) for one in more["rules"])
    return place._replace(
        port=more["port"] or None,
        rules=rules,
        routed=more["routed"],
        serves=tuple(more["serves"]),
        watched=tuple(more["watched"]),
    )


def _promise(one: Item) -> _segments.Promise:
    return _segments.Promise(**{**one, "answers": tuple(one["answers"])})


def _rule(one: Item) -> _segments.Rule:
    remotes = None if one["remotes"] is None else tuple(one["remotes"])
    return _segments.Rule(**{**one, "ports": tuple(one["ports"]), "remotes": remotes})
