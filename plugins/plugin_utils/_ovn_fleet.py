# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge what a whole fleet declares for OVN, once, and before a host is touched."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _entry,
    _fleet_ends,
    _fleet_views,
    _ovn,
    _ovn_hosts,
    _ovn_intent,
    _ovn_names,
    _ovn_network,
    _ovn_places,
)

Variables = c.Mapping[str, c.Mapping[str, t.Any]]
TOPOLOGY = f"{_ovn.ROLE}_topology"
SHARED = tuple(_ovn_intent.OPTIONS.values())


def judge(everybody: c.Sequence[str], variables: Variables, here: c.Mapping[str, t.Any]) -> None:
    """Judge the networks. ``everybody``: all hosts of the inventory; ``variables``: host -> its variables; ``here``:
    variables that only the play has. Raises BadInput.
    """
    known = {host: variables[host] for host in everybody}
    places = _ovn_places.places(everybody, known, here)
    names = (*SHARED, TOPOLOGY)
    given = {name: _entry.evaluated(here, name) for name in names if name in here}
    own = {
        host: {**given, **{name: _entry.evaluated(one, name) for name in names if name in one}}
        for host, one in known.items()
    }
    views = _fleet_views.of(own, names)
    _refuse_two(views, own)
    centrals = set(_ovn_hosts.members(_ovn_hosts.CENTRAL, known, here))
    for hosts in views:
        with _fleet_ends.naming(hosts if len(views) > 1 else ()):
            _judge_view(own[hosts[0]], hosts, places)
            _refuse_unwritten(hosts, centrals)


def _topology_of(own: c.Mapping[str, t.Any]) -> str:
    return str(own.get(TOPOLOGY) or _ovn.ROLE)


def _refuse_two(views: c.Sequence[c.Sequence[str]], own: Variables) -> None:
    """Refuse two declarations of one topology: what the one writes, the other would take away."""
    seen: dict[str, str] = {}
    for hosts in views:
        topology = _topology_of(own[hosts[0]])
        elsewhere = seen.setdefault(topology, hosts[0])
        if elsewhere != hosts[0]:
            raise _errors.BadInput(
                f"{_ovn_network.OPTION}: host '{hosts[0]}' has another declaration than host '{elsewhere}', and the"
                f" northbound database has one of topology '{topology}'; declare everything once, for a group that has"
                f" all hosts, or give one of them another {TOPOLOGY}."
            )


def _judge_view(own: c.Mapping[str, t.Any], hosts: c.Sequence[str], places: c.Mapping[str, _ovn_places.Place]) -> None:
    intent = _ovn_intent.read(_ovn_intent.declared(own), places, _ovn_names.names_of(_topology_of(own)))
    _ovn_intent.read_global(own.get(_ovn_intent.GLOBAL))
    for member in (one for network in intent.networks for one in network.present):
        if member.host not in hosts:
            raise _errors.BadInput(
                f"{member.entry.at('host')}: host '{member.host}' has not these {_ovn_network.OPTION}, as host"
                f" '{hosts[0]}' has, so it would not build the member; declare them for a group that has all hosts."
            )


def _refuse_unwritten(hosts: c.Sequence[str], centrals: c.Collection[str]) -> None:
    """Refuse a declaration that no central host knows. It is the central hosts that write the database."""
    if not set(hosts) & set(centrals):
        raise _errors.BadInput(
            f"{_ovn_network.OPTION}: no host of the group {_ovn_hosts.CENTRAL} has these networks, as host"
            f" '{hosts[0]}' has, so nobody would write them into the northbound database; declare them for a group that"
            f" has the central hosts, too (if that group has another name, write {_ovn_hosts.CENTRAL}_group)."
        )
