# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run did not build of the networks over several hosts, because hosts failed or did not answer. Who reads that a
host is lost, wants to know who is missed in which network.
"""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _words
from ansible_collections.netloom.linux.plugins.plugin_utils import _entry, _fleet, _fleet_roles, _segments

MOST_NAMED = 5  # members of a network on a host, and hosts
LOST = ("failed", "unreachable", "not_reached")


def sentences(
    outcomes: c.Mapping[str, t.Any], hosts: c.Iterable[str], variables: c.Mapping[str, _fleet.Variables], here: t.Any
) -> list[str]:
    """One for each network that lacks something. ``outcomes``: those of the fleet; ``hosts``: all of the inventory;
    ``here``: variables that only the play has. Raises BadInput.
    """
    lost = [host for word in LOST for host in outcomes[word]]
    if not lost:
        return []  # the usual case, and to read the networks of a fleet takes time
    missing = {
        role: {host for host in lost if not _built(variables[host], here, role)} for role in _fleet_roles.NETWORKS
    }
    found = [
        (one, _words_about(one, missing[one.role])) for one in _fleet_roles.every_segment(list(hosts), variables, here)
    ]
    return list(dict.fromkeys(f"{one.name} ({one.role}): {words}" for one, words in found if words))


def _built(own: _fleet.Variables, here: _fleet.Variables, role: str) -> bool:
    """Whether the role has done its work on a host, or has none there. A host may fail in a later role."""
    state = f"{role}_state"
    wanted = _entry.evaluated(own, state) if state in own else here.get(state)
    result = own.get(_fleet.result_name(role))
    done = isinstance(result, c.Mapping) and not any(result.get(no) for no in ("failed", "unreachable", "skipped"))
    return done or wanted == _entry.STATES[1]


def _words_about(segment: _segments.Segment, missing: c.Set[str]) -> str:
    """What a network lacks; empty if nothing."""
    if segment.hosts and missing >= set(segment.hosts):
        return "all of it"
    members: dict[str, list[str]] = {}
    for place in segment.places:
        if place.host in missing and place != segment.server:
            members.setdefault(place.host, []).append(place.netns)
    parts = [f"{_words.some(names, MOST_NAMED)} on {host}" for host, names in members.items()]
    for what, one in (("DHCP server", segment.server), ("gateway", segment.gateway)):
        if one is not None and one.host in missing:
            parts.append(f"its {what} on {one.host}")
    return _words.some(parts, MOST_NAMED, "; ")
