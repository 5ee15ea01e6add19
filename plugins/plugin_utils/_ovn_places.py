# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory tells of the chassis of OVN: their names, their bridge mappings and their underlay.

From the inventory only, as the ends of tunnels: ``--limit`` must change nothing for the others.
"""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values, _words
from ansible_collections.netloom.linux.plugins.plugin_utils import _entry, _fleet_ends, _ovn, _ovn_hosts

GROUP = f"{_ovn_hosts.CHASSIS}_group"
SYSTEM_ID = f"{_ovn_hosts.CHASSIS}_system_id"
MAPPINGS = f"{_ovn_hosts.CHASSIS}_bridge_mappings"
ADDRESS = f"{_ovn_hosts.CHASSIS}_encap_address"
UNDERLAY_MTU = f"{_ovn.ROLE}_underlay_mtu"
DEFAULT_MTU = 1500
OF_EACH_HOST = (UNDERLAY_MTU,)
NAMES = (SYSTEM_ID, MAPPINGS, ADDRESS, UNDERLAY_MTU)
Variables = c.Mapping[str, c.Mapping[str, t.Any]]


class Place(t.NamedTuple):
    """A host of the inventory. ``chassis``: its name in OVN; None if the host is no chassis. ``mappings``: the name
    of a physical network -> the bridge that is connected with it.
    """

    host: str
    chassis: str | None
    version: int  # of the underlay's IP
    underlay_mtu: int
    mappings: c.Mapping[str, str]


def table(
    hosts: c.Sequence[str], variables: Variables, here: c.Mapping[str, t.Any] | None = None
) -> dict[str, dict[str, t.Any]]:
    """The hosts as plain values, for a variable. ``variables``: host -> its variables; ``here``: variables that only
    the play has.
    """
    return {host: place._asdict() for host, place in places(hosts, variables, here or {}).items()}


def read_table(value: c.Mapping[str, c.Mapping[str, t.Any]]) -> dict[str, Place]:
    """The hosts from plain values."""
    return {host: Place(**{name: one[name] for name in Place._fields}) for host, one in value.items()}


def places(hosts: c.Sequence[str], variables: Variables, here: c.Mapping[str, t.Any]) -> dict[str, Place]:
    """All hosts of the inventory. Refuses two chassis of one name."""
    chassis = set(_ovn_hosts.members(_ovn_hosts.CHASSIS, variables, here))
    found: dict[str, Place] = {}
    once = _entry.Once()
    for host in hosts:
        own = {name: _entry.evaluated(here, name) for name in NAMES if name in here}
        own |= {name: _entry.evaluated(variables[host], name) for name in NAMES if name in variables[host]}
        found[host] = _place(host, own, _fleet_ends.address_of(variables[host]), host in chassis)
        name = found[host].chassis
        if name is not None:
            once.take(name, f"{SYSTEM_ID} of host '{host}'", f"the chassis name '{name}'")
    return found


def _place(host: str, own: c.Mapping[str, t.Any], default: t.Any, is_chassis: bool) -> Place:
    entry = _entry.Entry(own, "", None)
    of = f" of host '{host}'"
    mtu = entry.whole(UNDERLAY_MTU)
    if mtu is not None:
        _values.number(mtu, f"{UNDERLAY_MTU}{of}", _fleet_ends.LEAST_MTU, _fleet_ends.MOST_MTU)
    return Place(
        host=host,
        chassis=(entry.text(SYSTEM_ID) or host) if is_chassis else None,
        version=_ovn.version_of(str(entry.value(ADDRESS) or default or "")),
        underlay_mtu=DEFAULT_MTU if mtu is None else mtu,
        mappings=_mappings(entry, of) if is_chassis else {},
    )


def _mappings(entry: _entry.Entry, of: str) -> dict[str, str]:
    """Bridge mappings as the role ovn_chassis takes them."""
    value = entry.value(MAPPINGS)
    if value is None:
        return {}
    if not isinstance(value, c.Mapping):
        raise _errors.BadInput(
            f"{MAPPINGS}{of}: {_words.shown(value)} is not a mapping; write the name of a physical network and its"
            " bridge, as in {physnet1: br-ex}."
        )
    return {str(name): str(bridge) for name, bridge in value.items()}


def of_table(value: t.Any) -> dict[str, Place] | None:
    """The hosts from plain values, or None if there are none. (ansible-core 2.18 makes '' of a none.)"""
    return read_table(value) if value else None
