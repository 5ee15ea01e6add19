# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuse entries of a topology that contradict each other, before the host is asked."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import _entry, _planning
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _plan, _ties

Switches = t.Mapping[_plan.Claim, tuple[_entry.Entry, _ties.Switch]]


def refuse_duplicates(entries: t.Sequence[_entry.Entry]) -> None:
    """Refuse two entries for one object."""
    owners: dict[_plan.Claim, _entry.Entry] = {}
    for entry in entries:
        for claim in entry.kind.claims(entry.spec):
            other = owners.setdefault(claim, entry)
            if other is not entry:
                what = " ".join(str(part) for part in claim[1:] if part is not None)
                raise _errors.BadInput(
                    f"{entry.label}: speaks of the same {claim[0]} '{what}' as {other.label}; two entries for one"
                    " object contradict each other. Merge them."
                )


def refuse_fleeting(entries: t.Sequence[_entry.Entry]) -> None:
    """Refuse what cannot be restored at boot."""
    for entry in entries:
        fleeting = entry.kind.fleeting(entry.params)
        if fleeting is not None:
            raise _errors.BadInput(f"{entry.label}.{fleeting[0]}: {fleeting[1]}")


def refuse_quarrels(entries: t.Sequence[_entry.Entry]) -> None:
    """Refuse a link with two masters, a port that the exact list of its bridge lacks, and two entries that contradict
    each other about one link.
    """
    coming = [entry for entry in entries if not entry.absent]
    ports: dict[_plan.Place, str] = {}  # whose port a link is
    switches: dict[_plan.Claim, tuple[_entry.Entry, _ties.Switch]] = {}
    for entry in coming:
        switch = entry.kind.switch(entry.spec)
        if switch is not None:
            switches[switch.key] = (entry, switch)
            for port in switch.named:
                _own_port(ports, (switch.ns, port), switch.name, entry)
    links: dict[_plan.Place, tuple[_entry.Entry, t.Any]] = {}
    neighbours: dict[_plan.Place, tuple[_entry.Entry, t.Any]] = {}
    for entry in coming:
        with _planning.Located(entry):
            _check_attributes(entry, links)
            _check_neighbours(entry, neighbours)
            _check_memberships(entry, switches, ports)
            _check_uplinks(entry, switches)


def _own_port(ports: dict[_plan.Place, str], place: _plan.Place, bridge: str, entry: _entry.Entry) -> None:
    owner = ports.setdefault(place, bridge)
    if owner != bridge:
        raise _errors.BadInput(
            f"{entry.label}: '{place[1]}' is declared as a port of '{bridge}' and of '{owner}'; a link has one master."
        )


def _check_attributes(entry: _entry.Entry, links: dict[_plan.Place, tuple[_entry.Entry, t.Any]]) -> None:
    """Refuse a second entry that manages a link in place and sets attributes that the first entry sets too."""
    for link in entry.kind.links(entry.spec):
        other, known = links.setdefault(link.place, (entry, link.attributes))
        for option in vars(link.attributes):
            ours, theirs = getattr(link.attributes, option), getattr(known, option)
            if isinstance(ours, dict) and isinstance(theirs, dict):
                ours, theirs = ({key: one[key] for key in ours if key in theirs} for one in (ours, theirs))
            if None not in (ours, theirs) and ours != theirs:
                raise _errors.BadInput(
                    f"{entry.label}: contradicts {other.label} about {option} of the same link '{link.place[1]}'. Say"
                    " it in one of the two."
                )


def _check_neighbours(entry: _entry.Entry, lists: dict[_plan.Place, tuple[_entry.Entry, t.Any]]) -> None:
    """Refuse a second exact list of the neighbours of a link: a bridge has one, and who manages it in place another."""
    spec: t.Any = entry.spec
    found = getattr(spec, "neighbours", None)
    if found is not None:
        place = (spec.ns, spec.name)
        other, known = lists.setdefault(place, (entry, found))
        if set(known) != set(found):
            raise _errors.BadInput(
                f"{entry.label}: contradicts {other.label} about neighbours of the same link '{place[1]}'. Say it in"
                " one of the two."
            )


def _check_memberships(entry: _entry.Entry, switches: Switches, ports: dict[_plan.Place, str]) -> None:
    """Refuse a port that the exact list of its bridge lacks, or that belongs to two bridges."""
    for member in entry.kind.memberships(entry.spec):
        name, (bridge, switch) = member.place[1], switches.get(member.switch, (None, None))
        if (
            bridge is not None
            and switch is not None
            and switch.ports is not None
            and name not in (*switch.ports, switch.uplink)
        ):
            raise _errors.BadInput(
                f"{entry.label}: {member.words}, but {bridge.label}.ports, which is exact, lacks it. Add it there, or"
                " leave ports out."
            )
        _own_port(ports, member.place, member.bridge, entry)


def _check_uplinks(entry: _entry.Entry, switches: Switches) -> None:
    """Refuse entries that set or remove addresses of an uplink. They belong to its bridge."""
    uplinks = {(switch.ns, switch.uplink): bridge for bridge, switch in switches.values() if switch.uplink}
    for link in entry.kind.links(entry.spec):
        bridge = uplinks.get(link.place)
        if bridge is not None and link.attributes.addresses:
            owner = (
                f"'{link.place[1]}' is the uplink of {bridge.label} ('{bridge.name['name']}'), which owns its addresses"
            )
            raise _errors.BadInput(
                f"{entry.label}.addresses: {owner}. Declare them as {bridge.label}.addresses, or leave one of the two"
                " out."
            )
    taken = entry.kind.taken(entry.spec)
    if taken in uplinks:
        raise _errors.BadInput(
            f"{entry.label}.source: '{taken[1]}' is the uplink of {uplinks[taken].label}; a link is in one place. Leave"
            " one of the two out."
        )
