# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what the inventory declares to what netns_info would report if it were built."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import _order, _reading
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _bridge_network,
    _declared,
    _entry,
    _fleet_ends,
    _namespaces,
    _ovs_fleet,
    _ovs_tenant_lists,
    _ovs_vlan_dhcp,
    _picture_ovn_declared,
    _router,
    _vxlan,
    _vxlan_network,
)

Own = c.Mapping[str, t.Any]
OPTIONS = (_bridge_network.OPTION, _vxlan_network.OPTION, _ovs_vlan_dhcp.OPTION, _router.OPTION)
NAMES = (
    *OPTIONS,
    *(f"{option.rpartition('_')[0]}_state" for option in OPTIONS),
    *_ovs_fleet.DECLARED[1:],
    _ovs_tenant_lists.BRIDGE,
    "router_bridge",
    _namespaces.TOPOLOGY,
)
JOINED = ((_vxlan.ROLE, (_vxlan_network.OPTION,)), (_ovs_vlan_dhcp.ROLE, _ovs_fleet.DECLARED))


def infos(
    hosts: c.Iterable[str],
    variables: c.Mapping[str, Own],
    here: Own,
    everybody: c.Iterable[str],
    ovn: _picture_ovn_declared.Fleet,
) -> dict[str, dict[str, t.Any]]:
    """By the hosts, what is declared for them, as a result of netns_info. ``variables``: host -> its variables;
    ``here``: variables that only the play has; ``everybody``: all hosts of the inventory; ``ovn``: the same hosts.
    Raises BadInput.
    """
    known = [host for host in everybody if host in variables]
    ends: dict[str, dict[str, _fleet_ends.End]] = {}
    for role, names in JOINED:
        if any(names[0] in one for one in (here, *(variables[host] for host in known))):
            ends[role] = _fleet_ends.ends(known, _fleet_ends.picked(known, variables, role, here, names), role)
    return {host: {"netns_info": _of_host(host, variables[host], here, ends, ovn)} for host in hosts}


def _of_host(
    host: str, variables: Own, here: Own, ends: _declared.Ends, ovn: _picture_ovn_declared.Fleet
) -> dict[str, list[t.Any]]:
    own = {name: _entry.evaluated(source, name) for source in (here, variables) for name in NAMES if name in source}
    lists: dict[str, list[t.Any]] = {}
    woven = (topology for _option, topology in _declared.topologies(own, host, ends))
    for topology in (*woven, *ovn.share(host)):
        for kind, entries in topology.items():
            lists.setdefault(kind, []).extend(entries)
    for kind, entries in _written(own.get(_namespaces.TOPOLOGY) or {}).items():
        lists.setdefault(kind, []).extend(entries)
    return {kind: [one for one in entries if one.get("state") != "absent"] for kind, entries in lists.items()}


def _written(topology: t.Any) -> dict[str, list[t.Any]]:
    """The lists that somebody wrote for the module topology, with the own names of options."""
    if not isinstance(topology, c.Mapping):
        raise _errors.BadInput(f"{_namespaces.TOPOLOGY}: it is not a mapping of lists for netloom.linux.topology.")
    if topology.get("state") == "absent":
        return {}
    reader = _reading.EntryReader(_reading.stand_in)
    return {
        kind: [
            reader.read(kind, one, f"{_namespaces.TOPOLOGY}.{kind}[{index}].").params
            for index, one in enumerate(topology.get(kind) or ())
        ]
        for kind in _order.KIND_NAMES
    }
