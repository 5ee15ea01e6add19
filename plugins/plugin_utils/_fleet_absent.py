# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts whose own share of the networks is to be absent, though members of other hosts need what is there."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _words
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _entry,
    _fleet_ends,
    _fleet_roles,
    _segments,
)

MOST_NAMED = 3


def judge(role: str, everybody: c.Sequence[str], variables: _fleet_ends.Variables, here: _fleet_roles.Own) -> None:
    """Refuse that a host takes away the gateway or the DHCP server of members that stay on other hosts. To take all
    hosts down, or one for a while with ``--limit``, is another wish. Raises BadInput.
    """
    state = f"{role}_state"
    if role not in _fleet_roles.NETWORKS or not any(state in variables[host] for host in everybody):
        return  # it is the same for all hosts
    own = _fleet_ends.picked(everybody, variables, role, here, (state,))
    gone = {host for host in everybody if own[host].get(state) == _entry.STATES[1]}
    for segment in _fleet_roles.segments(role, everybody, variables, here) if gone else ():
        _refuse(state, segment, gone)


def _refuse(state: str, segment: _segments.Segment, gone: c.Set[str]) -> None:
    staying = [place for place in segment.places if place.host not in gone]
    leased = [place for place in staying if not place.addresses]
    needed: t.Sequence[tuple[str, _segments.Place | None, c.Sequence[_segments.Place]]] = (
        ("gateway", segment.gateway, staying),
        ("DHCP server", segment.server, leased),
    )
    for what, place, users in needed:
        if place is not None and place.host in gone and users:
            hosts = list(dict.fromkeys(one.host for one in users))
            raise _errors.BadInput(
                f"{state} of host '{place.host}': 'absent' takes away the {what} of network '{segment.name}', which"
                f" members on {_words.some(hosts, MOST_NAMED)} need; declare it on another host first, or give all of"
                " these hosts this state."
            )
