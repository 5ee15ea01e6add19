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
ANSWER = f"{_ovs_vlan_dhcp.ROLE}__underlay"  # what a host told of its underlay
DECLARED = (_ovs_vlan_dhcp.OPTION, _ovs_tunnels.OPTION, _ovs_tunnels.HOSTS)
# The other role takes UDP ports and numbers for VXLAN, too.
NEIGHBOUR = (_vxlan_network.OPTION, _vxlan_fleet.PORT)
UNDERLAY = (*DECLARED, _ovs_tenant_lists.BRIDGE, ANSWER, *NEIGHBOUR)


def spans_hosts(variables: c.Mapping[str, t.Any]) -> bool:
    """Whether the variables of a host say something of other hosts."""
    if variables.get(_ovs_tunnels.OPTION) not in (None, ""):
        return True
    return any("host" in part for part in _parts(variables.get(_ovs_vlan_dhcp.OPTION)))


def _parts(tenants: t.Any) -> c.Iterator[c.Mapping[str, t.Any]]:
    """The servers and members of tenants, as they were written. What has another form is refused elsewhere."""
    for tenant in tenants if isinstance(tenants, (list, tuple)) else ():
        if isinstance(tenant, c.Mapping):
            members = tenant.get("members")
            parts = (tenant.get("server"), *(members if isinstance(members, (list, tuple)) else ()))
            yield from (part for part in parts if isinstance(part, c.Mapping))


def judge(everybody: c.Sequence[str], variables: Variables, here: c.Mapping[str, t.Any]) -> None:
    """Judge the tenants. ``everybody``: all hosts of the inventory; ``variables``: host -> its variables; ``here``:
    variables that only the play has. Raises BadInput.
    """
    own = _fleet_ends.picked(everybody, variables, _ovs_vlan_dhcp.ROLE, here, (*DECLARED, *NEIGHBOUR))
    ends = _fleet_ends.ends(everybody, own, _ovs_vlan_dhcp.ROLE)
    views = _fleet_views.of(own, DECLARED)
    for hosts in views:
        with _fleet_ends.naming(hosts if len(views) > 1 else ()):
            mesh = _read(own[hosts[0]], ends).mesh
        if mesh is None:
            continue
        for host, path in mesh.hosts.items():
            if host not in hosts:
                raise _errors.BadInput(
                    f"{path}: host '{host}' has other tenants or tunnels in its variables than host '{hosts[0]}', or"
                    " none, so it would not build its part; give them to a group that has all hosts."
                )
            _refuse_taken_key(mesh, host, own[host])


def _read(own: c.Mapping[str, t.Any], ends: c.Mapping[str, _fleet_ends.End]) -> _ovs_tenant_lists.Fleet:
    tenants, tunnels, joined = (own.get(name) for name in DECLARED)
    return _ovs_tenant_lists.fleet(tenants, "", tunnels, joined, ends)


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


def underlay_complaints(own: Variables, ends: c.Mapping[str, _fleet_ends.End]) -> c.Iterator[str]:
    """What is wrong with the underlay, now that hosts told of it. ``own``: their variables."""
    for hosts in _fleet_views.of(own, DECLARED):
        declared = _read(own[hosts[0]], ends)
        if declared.mesh is None:
            continue
        seen: dict[str, int] = {}
        for host in declared.mesh.hosts:
            # What is declared, all know, also of a host that was not asked.
            if host in hosts or ends[host].underlay_mtu is not None:
                try:
                    seen[host] = _seen(declared, declared.mesh, host, own.get(host, {}))
                    _refuse_taken_port(declared.mesh, host, own.get(host, {}))
                except _errors.BadInput as error:
                    yield str(error)
        try:
            _refuse_differences(declared, seen)
        except _errors.BadInput as error:
            yield str(error)


def _seen(declared: _ovs_tenant_lists.Fleet, mesh: _ovs_tunnels.Mesh, host: str, own: c.Mapping[str, t.Any]) -> int:
    """The MTU of the underlay with which a host reckons."""
    bridge = own.get(_ovs_tenant_lists.BRIDGE) or _ovs_tenant_lists.DEFAULT_BRIDGE
    found = _ovs_tenant_lists.on_host(declared.tenants, mesh, host, bridge, own.get(ANSWER))
    return t.cast("int", found.room) + mesh.overhead


def _refuse_taken_port(mesh: _ovs_tunnels.Mesh, host: str, own: c.Mapping[str, t.Any]) -> None:
    """Refuse the port of the other role's links: in the kernel, Open vSwitch's tunnels have theirs alone."""
    told = own.get(ANSWER) or {}
    if not mesh.peers(host) or told.get("datapath_type") != "system" or mesh.port != _vxlan_fleet.port_of(own):
        return
    for network in _vxlan_network.read(own.get(_vxlan_network.OPTION)):
        if network.stretched and host in network.hosts:
            raise _errors.BadInput(
                f"{_ovs_tunnels.OPTION}.port: {mesh.port} is also the UDP port of {network.entry.path} of host"
                f" '{host}', and Open vSwitch's tunnels in the kernel share it with no other link; take another port"
                f" here, or another {_vxlan_fleet.PORT}."
            )


def _refuse_differences(declared: _ovs_tenant_lists.Fleet, seen: c.Mapping[str, int]) -> None:
    for tenant in declared.tenants:
        if tenant.mtu is None:
            of_tenant = {host: seen[host] for host in _ovs_vlan_dhcp.named([tenant]) if host in seen}
            _fleet_ends.refuse_differences(tenant.entry.at("mtu"), _ovs_vlan_dhcp.ROLE, of_tenant)
