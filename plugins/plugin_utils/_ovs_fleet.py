# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge tenants over several hosts for the whole fleet, once, and before a host is touched."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _encapsulation, _errors
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _entry,
    _fleet_ends,
    _fleet_views,
    _ovs_tenant_lists,
    _ovs_tunnels,
    _ovs_vlan_dhcp,
    _vxlan_fleet,
    _vxlan_network,
)

Variables = c.Mapping[str, c.Mapping[str, t.Any]]
# Of each host its own, so that nothing can be said of them before all hosts are looked at.
OF_EACH_HOST = (_ovs_tunnels.LOCAL, f"{_ovs_vlan_dhcp.ROLE}_underlay_mtu")
DECLARED = (_ovs_vlan_dhcp.OPTION, _ovs_tunnels.OPTION, _ovs_tunnels.HOSTS)


def spans_hosts(variables: c.Mapping[str, t.Any]) -> bool:
    """Whether the variables of a host say something of other hosts."""
    if variables.get(_ovs_tunnels.OPTION) not in (None, ""):
        return True
    tenants = variables.get(_ovs_vlan_dhcp.OPTION)
    return tenants is not None and '"host":' in _entry.fingerprint(tenants)


def judge(everybody: c.Sequence[str], variables: Variables, here: c.Mapping[str, t.Any]) -> None:
    """Judge the tenants. ``everybody``: all hosts of the inventory; ``variables``: host -> its variables; ``here``:
    variables that only the play has. Raises BadInput.
    """
    # The other role takes UDP ports and numbers for VXLAN, too.
    names = (*DECLARED, _vxlan_network.OPTION, _vxlan_fleet.PORT)
    own = _fleet_ends.picked(everybody, variables, _ovs_vlan_dhcp.ROLE, here, names)
    ends = _fleet_ends.ends(everybody, own, _ovs_vlan_dhcp.ROLE)
    views = _fleet_views.of(own, DECLARED)
    for hosts in views:
        tenants, tunnels, joined = (own[hosts[0]].get(name) for name in DECLARED)
        with _fleet_ends.naming(hosts if len(views) > 1 else ()):
            mesh = _ovs_tenant_lists.fleet(tenants, "", tunnels, joined, ends).mesh
        if mesh is None:
            continue
        for host, path in mesh.hosts.items():
            if host not in hosts:
                raise _errors.BadInput(
                    f"{path}: host '{host}' has other tenants or tunnels in its variables than host '{hosts[0]}', or"
                    " none, so it would not build its part; give them to a group that has all hosts."
                )
            _refuse_taken_key(mesh, host, own[host])


def _refuse_taken_key(mesh: _ovs_tunnels.Mesh, host: str, own: c.Mapping[str, t.Any]) -> None:
    """Refuse what a host has once: a UDP port for one protocol, and a VNI at a port (vxlan_vni_in_use())."""
    if mesh.port != _vxlan_fleet.port_of(own):
        return
    for network in _entry.entries(own.get(_vxlan_network.OPTION), _vxlan_network.OPTION, None):
        if mesh.type != _encapsulation.VXLAN:
            raise _errors.BadInput(
                f"{_ovs_tunnels.OPTION}.port: {mesh.port} is also the UDP port of {network.path} of host '{host}',"
                f" which sends VXLAN; take another port for '{mesh.type}'."
            )
        if network.whole("vni") == mesh.key:
            raise _errors.BadInput(
                f"{_ovs_tunnels.OPTION}.key: {mesh.key} is also the VNI of {network.path} of host '{host}', at the"
                f" same UDP port {mesh.port}; take another key, or another port."
            )
