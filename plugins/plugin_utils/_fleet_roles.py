# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles whose variables say something of several hosts. Whoever works on a fleet asks this table, and knows none of
them by its name: a further role is one more entry.
"""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _crossing_input,
    _fleet_ends,
    _fleet_views,
    _ovn,
    _ovn_fleet,
    _ovn_hosts,
    _ovn_network,
    _ovn_places,
    _ovn_segments,
    _ovs_fleet,
    _ovs_tenant_lists,
    _ovs_vlan_dhcp,
    _segments,
    _vxlan,
    _vxlan_fleet,
    _vxlan_network,
    _vxlan_share,
)

Own = c.Mapping[str, t.Any]
Ends = c.Mapping[str, _fleet_ends.End]
# Of all hosts, the variables of each, and those that only the play has. What it returns, nobody needs.
Judge = t.Callable[[c.Sequence[str], c.Mapping[str, Own], Own], t.Any]


class Networks(t.NamedTuple):
    """How the networks of a role are read. ``declared``: the variables that declare them; the first must be there.
    ``hosts``: what is known of the hosts beside where their tunnels end; None: nothing is needed.
    """

    declared: tuple[str, ...]
    segments: t.Callable[[Own, t.Any], list[_segments.Segment]]
    underlay: tuple[str, ...] = ()  # the variables that the next one reads
    underlay_complaints: t.Callable[[c.Mapping[str, Own], Ends], c.Iterable[str]] = lambda _own, _ends: ()
    of_each_host: tuple[str, ...] = ()  # variables that are another one for each host
    hosts: t.Callable[[c.Sequence[str], c.Mapping[str, Own], Own], t.Any] | None = None


class Role(t.NamedTuple):
    """One role. ``networks``: None if others make them."""

    spans: t.Callable[[Own], bool]  # whether the variables of one host speak of other hosts
    judge: Judge  # raises BadInput if something is wrong with those of all hosts
    networks: Networks | None = None
    of_each_host: tuple[str, ...] = ()  # variables that are another one for each host, beside those of its networks


def _vxlan_networks(own: Own, ends: Ends) -> list[_segments.Segment]:
    return _vxlan_share.segments(own[_vxlan_network.OPTION], ends)


def _tenants(own: Own, ends: Ends) -> list[_segments.Segment]:
    tenants, tunnels, hosts = (own.get(name) for name in _ovs_fleet.DECLARED)
    return _ovs_tenant_lists.segments(_ovs_tenant_lists.fleet(tenants, "", tunnels, hosts, ends))


ROLES: t.Mapping[str, Role] = {
    _vxlan.ROLE: Role(
        lambda own: _vxlan_network.OPTION in own,
        _vxlan_fleet.judge,
        Networks(
            declared=(_vxlan_network.OPTION,),
            segments=_vxlan_networks,
            underlay=_vxlan_fleet.UNDERLAY,
            underlay_complaints=_vxlan_fleet.underlay_complaints,
            of_each_host=_vxlan_fleet.OF_EACH_HOST,
        ),
    ),
    _ovs_vlan_dhcp.ROLE: Role(
        _ovs_fleet.spans_hosts,
        _ovs_fleet.judge,
        Networks(
            declared=_ovs_fleet.DECLARED,
            segments=_tenants,
            underlay=_ovs_fleet.UNDERLAY,
            underlay_complaints=_ovs_fleet.underlay_complaints,
            of_each_host=_ovs_fleet.OF_EACH_HOST,
        ),
    ),
    # Both groups are judged together.
    **dict.fromkeys(
        (_ovn_hosts.CENTRAL, _ovn_hosts.CHASSIS),
        Role(lambda _own: True, _ovn_hosts.judge, of_each_host=_ovn_hosts.OF_EACH_HOST),
    ),
    _ovn.ROLE: Role(
        lambda own: _ovn_network.OPTION in own,
        _ovn_fleet.judge,
        Networks(declared=_ovn_segments.DECLARED, segments=_ovn_segments.segments, hosts=_ovn_segments.hosts),
        of_each_host=_ovn_places.OF_EACH_HOST,
    ),
    _crossing_input.BY_HAND: Role(lambda own: bool(own.get(_crossing_input.OPTION)), _crossing_input.of_fleet),
}
NETWORKS: t.Mapping[str, Networks] = {name: role.networks for name, role in ROLES.items() if role.networks is not None}


def segments(
    role: str, everybody: c.Sequence[str], variables: c.Mapping[str, Own], here: Own
) -> c.Iterator[_segments.Segment]:
    """The networks of a role; those of each different declaration. ``everybody``: all hosts of the inventory; ``here``:
    variables that only the play has.
    """
    networks = NETWORKS[role]
    own = _fleet_ends.picked(everybody, variables, role, here, networks.declared)
    if networks.hosts is None:
        known: t.Any = _fleet_ends.ends(everybody, own, role)
    else:
        known = networks.hosts(everybody, variables, here)
    for view in _fleet_views.of(own, networks.declared):
        yield from networks.segments(own[view[0]], known)


def every_segment(
    everybody: c.Sequence[str], variables: c.Mapping[str, Own], here: Own
) -> c.Iterator[_segments.Segment]:
    """The networks of all roles that somebody has declared; as segments()."""
    for role, networks in NETWORKS.items():
        if any(networks.declared[0] in one for one in (here, *(variables[host] for host in everybody))):
            yield from segments(role, everybody, variables, here)
