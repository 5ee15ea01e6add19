# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge the VXLAN networks of a whole fleet, once, and before a host is touched."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _entry,
    _fleet_ends,
    _fleet_views,
    _vxlan,
    _vxlan_mtu,
    _vxlan_network,
    _vxlan_share,
)

Variables = c.Mapping[str, c.Mapping[str, t.Any]]
LOCAL, UNDERLAY_MTU = f"{_vxlan.ROLE}_local", f"{_vxlan.ROLE}_underlay_mtu"
PORT = f"{_vxlan.ROLE}_port"
# Of each host its own, so that nothing can be said of them before all hosts are looked at.
OF_EACH_HOST = (LOCAL, UNDERLAY_MTU)
ANSWER = f"{_vxlan.ROLE}__underlay"  # what a host told of its underlay
UNDERLAY = (_vxlan_network.OPTION, ANSWER)


def judge(everybody: c.Sequence[str], variables: Variables, here: c.Mapping[str, t.Any]) -> None:
    """Judge the networks. ``everybody``: all hosts of the inventory; ``variables``: host -> its variables; ``here``:
    variables that only the play has. Raises BadInput.
    """
    own = _fleet_ends.picked(everybody, variables, _vxlan.ROLE, here, (_vxlan_network.OPTION, PORT))
    ends = _fleet_ends.ends(everybody, own, _vxlan.ROLE)
    views = _fleet_views.of(own, (_vxlan_network.OPTION,))
    read = []
    for hosts in views:
        with _fleet_ends.naming(hosts if len(views) > 1 else ()):
            read.append((_vxlan_network.read(own[hosts[0]][_vxlan_network.OPTION], ends), hosts))
    _compare(read)
    ports = {host: port_of(own[host]) for hosts in views for host in hosts}
    for network in (one for networks, _hosts in read for one in networks if one.stretched):
        _refuse_two_ports(network, ports)


def port_of(own: c.Mapping[str, t.Any]) -> int:
    """The UDP port of a host's networks, from its variables."""
    return _entry.Entry(own, "", None).whole(PORT) or _vxlan_share.PORT


def _refuse_two_ports(network: _vxlan.Network, ports: c.Mapping[str, int]) -> None:
    """A host sends to the port on which it listens itself."""
    first = network.hosts[0]
    for host in network.hosts:
        if ports[host] != ports[first]:
            raise _errors.BadInput(
                f"{PORT} of host '{host}': {ports[host]} is not that of host '{first}', {ports[first]}, and network"
                f" '{network.name}' joins both; give all hosts the same."
            )


def _compare(views: c.Sequence[tuple[list[_vxlan.Network], list[str]]]) -> None:
    """Refuse a network that its hosts see differently, or that one of them does not see."""
    seen: dict[str, tuple[_vxlan.Network, str]] = {}
    numbers: dict[int, tuple[_vxlan.Network, str]] = {}
    seeing: dict[str, set[str]] = {}
    for networks, hosts in views:
        for network in networks:
            seeing.setdefault(network.name, set()).update(hosts)
            other, elsewhere = seen.setdefault(network.name, (network, hosts[0]))
            if _entry.fingerprint(other.entry.values()) != _entry.fingerprint(network.entry.values()):
                raise _errors.BadInput(
                    f"{network.entry.path}: network '{network.name}' is another one for host '{hosts[0]}' than for host"
                    f" '{elsewhere}'; declare it once, for a group that has all of its hosts."
                )
            other, elsewhere = numbers.setdefault(network.vni, (network, hosts[0]))
            if other.name != network.name:
                raise _errors.BadInput(
                    f"{network.entry.at('vni')}: VNI {network.vni} is already used by network '{other.name}' of host"
                    f" '{elsewhere}'; each may be used once."
                )
    for network, elsewhere in seen.values():
        _refuse_blind(network, seeing[network.name], elsewhere)


def _refuse_blind(network: _vxlan.Network, seeing: set[str], elsewhere: str) -> None:
    parts = [part for part in (network.gateway, network.server, *network.present) if part is not None]
    for part in parts if not network.gone else ():
        if part.host not in seeing:
            raise _errors.BadInput(
                f"{part.entry.at('host')}: host '{part.host}' has no network '{network.name}' in its"
                f" {_vxlan_network.OPTION}, as host '{elsewhere}' has, so it would not build its part; declare the"
                " network for a group that has all of its hosts."
            )


def underlay_complaints(own: Variables, ends: _vxlan_network.Ends) -> c.Iterator[str]:
    """What is wrong with the underlay, now that hosts told of it. ``own``: their variables."""
    views: dict[str, t.Any] = {}
    written = ends
    for host, variables in own.items():
        try:
            ends = _vxlan_mtu.measured(ends, host, variables.get(ANSWER))
        except _errors.BadInput as error:
            yield str(error)
            continue
        networks = variables.get(_vxlan_network.OPTION)
        views.setdefault(_entry.fingerprint(networks), networks)
    for networks in views.values():
        try:
            for network in _vxlan_network.read(networks, ends):
                _vxlan_mtu.refuse_differences(network, written, ends)
        except _errors.BadInput as error:
            yield str(error)
