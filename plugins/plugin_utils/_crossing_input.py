# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks over several hosts as plain data: read from ``verify_segments``, and passed from filter to filter."""

from __future__ import annotations

import collections.abc as c
import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _encapsulation, _errors, _values, _words
from ansible_collections.netloom.linux.plugins.plugin_utils import _entry, _fleet_ends, _members, _segments

OPTION = "verify_segments"
KEYS = ("name", "number", "mtu", "members", "gateway", "role")
MEMBER_KEYS = ("name", "host", "interface", "addresses", "mac", "isolated")
GATEWAY_KEYS = ("host", "interface", "addresses", "mac")
BY_HAND = "verify"  # the role of segments that somebody wrote
MOST_NUMBER = _encapsulation.HIGHEST_NUMBER[_encapsulation.VXLAN]


def read(value: t.Any, path: str = OPTION) -> list[_segments.Segment]:
    """Read networks. Raises BadInput."""
    names = _entry.Once()
    found = []
    for entry in _entry.entries(value, path, KEYS):
        name, role = entry.required("name"), entry.text("role") or BY_HAND
        names.take((role, name), entry.at("name"), f"'{name}'")
        number = entry.whole("number") or 0
        if number:
            _values.number(number, entry.at("number"), 1, MOST_NUMBER)
        places = tuple(_place(member) for member in entry.entries("members", MEMBER_KEYS))
        if not places:
            raise _errors.BadInput(f"{entry.path}: has no members; name those of at least two hosts.")
        once = _entry.Once()
        for index, place in enumerate(places):
            here = f"{entry.path}.members[{index}]"
            once.take(place[:3], here, f"'{place.interface}' of '{place.netns}' on '{place.host}'")
        found.append(_segments.Segment(role, name, number, _members.mtu_of(entry), places, _gateway(entry)))
    return found


def _place(entry: _entry.Entry) -> _segments.Place:
    addresses = tuple(_address(text, path) for text, path in entry.texts("addresses"))
    return _segments.Place(
        entry.required("host"),
        _members.netns_of(entry, "name"),
        _members.interface_of(entry),
        addresses,
        _members.mac_of(entry),
        entry.flag("isolated", False),
    )


def _gateway(segment: _entry.Entry) -> _segments.Place | None:
    if not segment.has("gateway"):
        return None
    entry = segment.entry("gateway", GATEWAY_KEYS)
    addresses = tuple(_address(text, path) for text, path in entry.texts("addresses"))
    if not addresses:
        raise _errors.BadInput(f"{entry.path}: 'addresses' is missing.")
    return _segments.Place(entry.required("host"), "", entry.text("interface") or "", addresses, _members.mac_of(entry))


def _address(text: str, path: str) -> str:
    try:
        return str(ipaddress.ip_interface(text).ip)
    except ValueError:
        raise _errors.BadInput(
            f"{path}: {_words.shown(text)} is not an address; write it as '10.50.50.11' or '10.50.50.11/24'."
        ) from None


def plain(segments: c.Iterable[_segments.Segment]) -> list[dict[str, t.Any]]:
    """Networks in the shape that read() takes."""
    return [
        {
            "role": one.role,
            "name": one.name,
            "number": one.number,
            "mtu": one.mtu,
            "members": [{**_plain(place), "name": place.netns, "isolated": place.isolated} for place in one.places],
            "gateway": one.gateway and _plain(one.gateway),
        }
        for one in segments
    ]


def _plain(place: _segments.Place) -> dict[str, t.Any]:
    return {
        "host": place.host,
        "interface": place.interface or None,
        "addresses": list(place.addresses),
        "mac": place.mac,
    }


def of_fleet(
    hosts: c.Iterable[str], variables: c.Mapping[str, c.Mapping[str, t.Any]], here: c.Mapping[str, t.Any]
) -> list[_segments.Segment]:
    """The networks that some of the hosts declare. ``here``: variables that only the play has. Raises BadInput."""
    known = list(hosts)
    written: dict[str, t.Any] = {}
    for own in (here, *(variables[host] for host in known)):
        for one in _entry.listed(_entry.evaluated(own, OPTION) if OPTION in own else None, OPTION, KEYS):
            written.setdefault(_entry.fingerprint(one), one)
    found = read(list(written.values()))
    for number, segment in enumerate(found):
        parts = {f"members[{index}]": place for index, place in enumerate(segment.places)}
        parts |= {"gateway": segment.gateway} if segment.gateway else {}
        for part, place in parts.items():
            _fleet_ends.refuse_strangers({place.host: f"{OPTION}[{number}].{part}.host"}, known)
    return found
