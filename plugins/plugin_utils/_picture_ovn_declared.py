# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory declares of OVN: the northbound database, and the share of each host."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _entry,
    _fleet_views,
    _members,
    _ovn,
    _ovn_chassis,
    _ovn_fleet,
    _ovn_hosts,
    _ovn_intent,
    _ovn_names,
    _ovn_network,
    _ovn_northbound,
    _ovn_places,
    _ovn_share,
)

Own = c.Mapping[str, t.Any]
STATE, BRIDGE = f"{_ovn.ROLE}_state", f"{_ovn.ROLE}_bridge"
DECLARED = (*_ovn_fleet.SHARED, _ovn_fleet.TOPOLOGY)
CHASSIS = (
    *("state", "encap_type", "bridge_mappings", "uplinks", "gateway", "private_key", "certificate", "ca_cert"),
    *_ovn_chassis.HANDED_ON,
)
NAMES = (f"{_ovn_hosts.CENTRAL}_state", *DECLARED, STATE, BRIDGE, *(f"{_ovn_chassis.ROLE}_{name}" for name in CHASSIS))


class Fleet:
    """All hosts of the inventory. ``variables``: host -> its variables; ``here``: variables that only the play has.
    Raises BadInput.
    """

    def __init__(self, everybody: c.Iterable[str], variables: c.Mapping[str, Own], here: Own) -> None:
        self.known = {host: variables[host] for host in everybody if host in variables}
        self.here = here
        given = {name: _entry.evaluated(here, name) for name in NAMES if name in here}
        self.own = {
            host: {**given, **{name: _entry.evaluated(one, name) for name in NAMES if name in one}}
            for host, one in self.known.items()
        }
        self.places = _ovn_places.places(list(self.known), self.known, here)

    @property
    def hosts(self) -> dict[str, str]:
        """The host of each chassis."""
        return {place.chassis: host for host, place in self.places.items() if place.chassis is not None}

    def databases(self, host: str) -> tuple[str, ...]:
        """What a central host has, in words."""
        state = self.own.get(host, {}).get(f"{_ovn_hosts.CENTRAL}_state")
        central = host in _ovn_hosts.members(_ovn_hosts.CENTRAL, self.known, self.here)
        return ("OVN databases", "ovn-northd") if central and state != _entry.STATES[1] else ()

    def northbound(self) -> _members.Topology | None:
        """The lists of ovn_topology, or None if nobody declares a network of OVN."""
        views = [own for own in self.own.values() if _there(own)]
        groups = _fleet_views.of({str(index): own for index, own in enumerate(views)}, DECLARED)
        if not groups:
            return None
        lists: _members.Topology = {}
        for group in groups:
            own = views[int(group[0])]
            names = _ovn_names.names_of(own.get(_ovn_fleet.TOPOLOGY) or _ovn.ROLE)
            found = _ovn_northbound.topology(_ovn_intent.declared(own), self.places, names)
            for kind, entries in found.items():
                lists.setdefault(kind, []).extend(one for one in entries if one.get("state") != _entry.STATES[1])
        return lists

    def share(self, host: str) -> c.Iterator[_members.Topology]:
        """The lists of topology of one host: its bridges, and its members."""
        own = self.own.get(host, {})
        if host not in self.places or self.places[host].chassis is None:
            return
        if own.get(f"{_ovn_chassis.ROLE}_state") != _entry.STATES[1]:
            yield self._chassis(host, own)
        if _there(own):
            options = _ovn_share.options_of(own.get(_ovn_fleet.TOPOLOGY) or _ovn.ROLE, own.get(BRIDGE) or _ovn.BRIDGE)
            lists = _ovn_share.topology(_ovn_intent.declared(own), host, self.places, options)
            yield {kind: entries for kind, entries in lists.items() if kind != "ovs_bridge"}

    def _chassis(self, host: str, own: Own) -> _members.Topology:
        """The bridges of a chassis. The integration bridge is made by ovn-controller, or for the first member."""
        centrals = _ovn_hosts.centrals(
            _ovn_hosts.members(_ovn_hosts.CENTRAL, self.known, self.here), self.known, self.here
        )
        told = [{"sb": remote, "tls": False} for remote in _ovn_hosts.remotes(centrals, "sb")]
        system_id = {f"{_ovn_chassis.ROLE}_system_id": self.places[host].chassis}
        address = _ovn_hosts.address(_ovn_hosts.CHASSIS, host, self.known[host])
        lists = _ovn_chassis.lists({**own, **system_id}, told, address)
        bridge = own.get(f"{_ovn_chassis.ROLE}_bridge") or _ovn.BRIDGE
        return {**lists, "ovs_bridge": [*lists["ovs_bridge"], {"name": bridge}]}


def _there(own: Own) -> bool:
    return own.get(_ovn_network.OPTION) is not None and own.get(STATE) != _entry.STATES[1]
