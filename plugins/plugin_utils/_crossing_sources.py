# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which networks are on several hosts, as the roles' variables declare them for the whole fleet."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _crossing_input,
    _entry,
    _fleet_ends,
    _ovs_fleet,
    _ovs_tenant_lists,
    _ovs_vlan_dhcp,
    _segments,
    _vxlan,
    _vxlan_network,
    _vxlan_share,
)

Own = c.Mapping[str, t.Any]
Ends = t.Mapping[str, _fleet_ends.End]


def segments(hosts: c.Iterable[str], variables: c.Mapping[str, Own], here: Own) -> list[_segments.Segment]:
    """The networks, each once. ``hosts``: all hosts of the inventory; ``variables``: host -> its variables;
    ``here``: variables that only the play has. Raises BadInput.
    """
    known = list(hosts)
    found: dict[tuple[str, str], _segments.Segment] = {}
    for role, names, read in SOURCES:
        asked = (*names, f"{role}_local", f"{role}_underlay_mtu")
        own = {host: _picked(asked, here, variables[host]) for host in known}
        views = {_entry.fingerprint([one.get(name) for name in names]): one for one in own.values() if names[0] in one}
        if views:
            ends = _fleet_ends.ends(known, own, role)
            for one in (segment for view in views.values() for segment in read(view, ends)):
                found.setdefault((one.role, one.name), one)
    return [*found.values(), *_crossing_input.of_fleet(known, variables, here)]


def _picked(names: c.Iterable[str], here: Own, own: Own) -> dict[str, t.Any]:
    there = [name for name in names if name in own or name in here]
    found = {name: _entry.evaluated(own if name in own else here, name) for name in there}
    return {**found, "ansible_host": _fleet_ends.address_of(own)}


def _vxlan_networks(own: Own, ends: Ends) -> list[_segments.Segment]:
    return _vxlan_share.segments(own[_vxlan_network.OPTION], ends)


def _tenants(own: Own, ends: Ends) -> list[_segments.Segment]:
    tenants, tunnels, hosts = (own.get(name) for name in _ovs_fleet.DECLARED)
    return _ovs_tenant_lists.segments(_ovs_tenant_lists.fleet(tenants, "", tunnels, hosts, ends))


# Role, the variables that declare its networks (the first one must be there), and how they are read.
SOURCES: tuple[tuple[str, tuple[str, ...], t.Callable[[Own, Ends], list[_segments.Segment]]], ...] = (
    (_vxlan.ROLE, (_vxlan_network.OPTION,), _vxlan_networks),
    (_ovs_vlan_dhcp.ROLE, _ovs_fleet.DECLARED, _tenants),
)
