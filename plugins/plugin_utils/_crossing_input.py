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
KEYS = ("name", "number", "mtu", "members", "gateway", "carrier", "role")
MEMBER_KEYS = (*_members.COMMON_KEYS, "host", "addresses", "isolated", "serves")
CARRIER_KEYS = ("type", "shared", "tagged")
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
        members = entry.entries("members", MEMBER_KEYS)
        places = tuple(_place(member) for member in members)
        if not places:
            raise _errors.BadInput(f"{entry.path}: has no members; name those of at least two hosts.")
        once = _entry.Once()
        for index, place in enumerate(places):
            here = f"{entry.path}.members[{index}]"
            once.take(place[:3], here, f"'{place.interface}' of '{place.netns}' on '{place.host}'")
        mtu, server = _members.mtu_of(entry), _server(members, places)
        found.append(_segments.Segment(role, name, number, mtu, places, _gateway(entry), server, _carrier(entry)))
    return found


def _server(members: c.Sequence[_entry.Entry], places: c.Sequence[_segments.Place]) -> _segments.Place | None:
    """The DHCP server. A network has one: two would lease the same address twice."""
    found = [(member, place) for member, place in zip(members, places) if member.flag("serves", False)]
    for member, _place_of_it in found[1:]:
        raise _errors.BadInput(
            f"{member.at('serves')}: '{found[0][1].netns}' is the DHCP server of the network, which has only"
            " one; leave the key out here, or there."
        )
    for member, place in found:
        if not place.addresses:
            raise _errors.BadInput(f"{member.path}: 'addresses' is missing; leases must name the server's address.")
    return found[0][1] if found else None


def _carrier(segment: _entry.Entry) -> _segments.Carrier:
    entry = segment.entry("carrier", CARRIER_KEYS)
    kind = entry.choice("type", _encapsulation.TYPES)
    return _segments.Carrier(kind, entry.flag("shared", False), entry.flag("tagged", False))


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
