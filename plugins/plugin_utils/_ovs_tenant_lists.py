# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The share of one host of declared tenants, as the lists of topology."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _fleet_ends,
    _members,
    _ovs_tunnels,
    _ovs_vlan_dhcp,
    _segments,
)

BRIDGE, DEFAULT_BRIDGE = f"{_ovs_vlan_dhcp.ROLE}_bridge", "OVS1"
KINDS = ("ovs_bridge", "veth", "ovs_port", "netns_route", "dnsmasq_in_ns", "netns_dhcp_client")
Ends = t.Optional[c.Mapping[str, _fleet_ends.End]]


class Fleet(t.NamedTuple):
    """The declared tenants, and the tunnels that join their hosts, if any."""

    tenants: list[_ovs_vlan_dhcp.Tenant]
    mesh: _ovs_tunnels.Mesh | None


def fleet(tenants: t.Any, seed: str = "", tunnels: t.Any = None, hosts: t.Any = None, ends: Ends = None) -> Fleet:
    """Read everything that is declared for all hosts. ``tunnels`` and ``hosts``: the variables of the role; ``ends``:
    where the tunnels of each host of the inventory end, None if that is unknown.
    """
    tunnels = None if tunnels == "" else tunnels  # ansible-core 2.18 makes it of a none
    read = _ovs_vlan_dhcp.read(tenants, seed, tunnels is not None)
    mesh = _ovs_tunnels.read(tunnels, _ovs_vlan_dhcp.named(read), hosts, ends)
    if mesh is not None:
        _check_mtu(read, mesh, mesh.mtu(None, None))
    return Fleet(read, mesh)


def _check_mtu(tenants: t.Iterable[_ovs_vlan_dhcp.Tenant], mesh: _ovs_tunnels.Mesh, most: int | None) -> None:
    if most is None:
        return
    if most < _fleet_ends.LEAST_MTU:
        raise _errors.BadInput(
            f"{_ovs_vlan_dhcp.ROLE}_underlay_mtu: {most + mesh.overhead} leaves {most} for members, because the tunnels"
            f" need {mesh.overhead}; give the MTU of the link between the hosts."
        )
    for tenant in tenants:
        if tenant.mtu is not None and tenant.mtu > most:
            raise _errors.BadInput(
                f"{tenant.entry.at('mtu')}: {tenant.mtu} does not fit; between the hosts {most + mesh.overhead} fit, of"
                f" which the tunnels need {mesh.overhead} with the VLAN tag. Give {most} or less, or leave it out."
            )


def on_host(
    tenants: t.Iterable[_ovs_vlan_dhcp.Tenant], mesh: _ovs_tunnels.Mesh, host: str, bridge: str, told: t.Any
) -> _ovs_tunnels.Underlay:
    """The underlay of a host. ``told``: the result of the module underlay_info. Refuses what it cannot carry."""
    found = _ovs_tunnels.underlay(told, mesh, host, bridge)
    _check_mtu(tenants, mesh, found.room)
    return found


def topology(
    declared: Fleet,
    bridge: str = DEFAULT_BRIDGE,
    host: str | None = None,
    underlay: t.Any = None,
    *,
    absent: bool = False,
) -> _members.Topology:
    """The lists of ``topology`` that build the share of ``host`` on this bridge; None: everything, without tunnels.
    ``underlay``: the result of the module underlay_info on the host. ``absent``: to take it down.
    """
    switch, mesh = _values.link_name(bridge, BRIDGE), declared.mesh
    share, namespaces = _ovs_vlan_dhcp.of_host(declared.tenants, host), _members.Namespaces()
    lists: _members.Topology = {kind: [] for kind in KINDS}
    if mesh is None or host is None or host in mesh.hosts:
        lists["ovs_bridge"].append(_members.item(name=switch))
    if mesh is not None and host is not None and host in mesh.ends:
        found = on_host(declared.tenants, mesh, host, switch, underlay)
        share = [tenant if tenant.mtu is not None else tenant._replace(mtu=found.room) for tenant in share]
        for kind, items in _ovs_tunnels.lists(mesh, host, switch, found, every=absent).items():
            lists[kind] = [*lists.get(kind, ()), *items]
    for tenant in share:
        served_here = _ovs_vlan_dhcp.is_on(tenant.server, host)
        if served_here:
            entry = tenant.entry.entry("server", _ovs_vlan_dhcp.SERVER_KEYS)
            namespaces.join(entry, tenant.server.netns, tenant.server.interface, tenant.gone)
            lists["ovs_port"].append(_server_port(switch, tenant) | tenant.gone)
            lists["dnsmasq_in_ns"].append(_dnsmasq(tenant) | tenant.gone)
        for member in tenant.members:
            namespaces.join(member.entry, member.name, member.interface, member.gone)
            _add_member(lists, switch, tenant, member, served_here)
    for port in (one for key in ("veth", "ovs_port") for one in lists[key]):
        if port["name"] == switch:
            raise _errors.BadInput(f"{BRIDGE}: '{switch}' is also the name of a port of it; rename one.")
    return {"netns": namespaces.items(), **lists}


def _add_member(
    lists: _members.Topology,
    bridge: str,
    tenant: _ovs_vlan_dhcp.Tenant,
    member: _ovs_vlan_dhcp.Member,
    served_here: bool,
) -> None:
    if member.attach == "veth":
        lists["veth"].append(_member_veth(tenant, member) | member.gone)
    lists["ovs_port"].append(_member_port(bridge, tenant, member) | member.gone)
    if member.address is None:
        lists["netns_dhcp_client"].append(_client(member, served_here) | member.gone)
    elif tenant.gateway and member.default_route and not member.gone:  # nothing else sets the route
        lists["netns_route"].append(
            _members.item(netns=member.name, destination="default", gateway=tenant.gateway, device=member.device)
        )


def segments(declared: Fleet) -> list[_segments.Segment]:
    """The networks that the tunnels carry, and who is where. Without tunnels, no network spans hosts."""
    if declared.mesh is None:
        return []
    mtu = declared.mesh.mtu(None, None)
    carrier = _segments.Carrier(declared.mesh.type, shared=True, tagged=True)
    return [_segment(tenant, mtu, carrier) for tenant in declared.tenants if not tenant.gone]


def _segment(tenant: _ovs_vlan_dhcp.Tenant, mtu: int | None, carrier: _segments.Carrier) -> _segments.Segment:
    one = tenant.server
    server = _segments.Place(str(one.host), one.netns, one.interface, (one.address,), one.mac)
    places = [server]
    for member in tenant.members:
        if not member.gone:
            addresses = () if member.address is None else (member.address,)
            places.append(_segments.Place(str(member.host), member.name, member.device, addresses, member.mac))
    return _segments.Segment(
        role=_ovs_vlan_dhcp.ROLE,
        name=tenant.name,
        number=tenant.tag,
        mtu=tenant.mtu or mtu,
        places=tuple(places),
        server=server,
        carrier=carrier,
    )


def _server_port(bridge: str, tenant: _ovs_vlan_dhcp.Tenant) -> _members.Item:
    server = tenant.server
    addresses = [tenant.subnet.with_prefix(server.address)]
    return _members.item(
        bridge=bridge,
        name=server.interface,
        type="internal",
        tag=tenant.tag,
        netns=server.netns,
        addresses=addresses,
        mac=server.mac,
        mtu=tenant.mtu,
    )


def _member_port(bridge: str, tenant: _ovs_vlan_dhcp.Tenant, member: _ovs_vlan_dhcp.Member) -> _members.Item:
    if member.attach == "veth":
        return _members.item(bridge=bridge, name=member.port, tag=tenant.tag)
    # On the kernel's datapath a port is lost to Open vSwitch when its device is renamed. So it keeps its name, on both
    # datapaths.
    altnames = [member.interface] if member.interface != member.port else None
    addresses = [tenant.subnet.with_prefix(member.address)] if member.address else None
    return _members.item(
        bridge=bridge,
        name=member.port,
        type="internal",
        tag=tenant.tag,
        netns=member.name,
        altnames=altnames,
        addresses=addresses,
        mac=member.mac,
        mtu=tenant.mtu,
    )


def _member_veth(tenant: _ovs_vlan_dhcp.Tenant, member: _ovs_vlan_dhcp.Member) -> _members.Item:
    addresses = [tenant.subnet.with_prefix(member.address)] if member.address else None
    inside = _members.item(
        name=member.interface, netns=member.name, addresses=addresses, mac=member.mac, mtu=tenant.mtu
    )
    return _members.item(name=member.port, mtu=tenant.mtu, peer=inside)


def _dnsmasq(tenant: _ovs_vlan_dhcp.Tenant) -> _members.Item:
    server = tenant.server
    # dnsmasq names itself as the router unless told otherwise; without a value it names none.
    router = _members.item(option="router", value=tenant.gateway)
    addresses = _members.item(
        start=server.leases.start,
        end=server.leases.end,
        prefix=tenant.subnet.network.prefixlen,
        lease_time=server.lease_time,
    )
    return _members.item(
        name=_ovs_vlan_dhcp.server_name(tenant.name),
        netns=server.netns,
        interfaces=[server.interface],
        ranges=[addresses],
        options=[router],
    )


def _client(member: _ovs_vlan_dhcp.Member, served_here: bool) -> _members.Item:
    return _members.item(
        netns=member.name,
        interface=member.device,
        hostname=_ovs_vlan_dhcp.hostname_of(member.name),
        default_route=member.default_route,
        # The host of the server may be built later, or be down. No host waits for another.
        wait_for_lease=None if served_here else False,
    )
