# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a VXLAN network reaches the outside: through the host of its gateway, as a network on a bridge of that host."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _bridge, _bridge_nat

if t.TYPE_CHECKING:
    import collections.abc as c

    from ansible_collections.netloom.linux.plugins.plugin_utils import _members, _vxlan


def as_bridge_network(network: _vxlan.Network) -> _bridge.Network:
    """The network as its gateway sees it: a bridge with all members, wherever they are. No other network is reached."""
    gateway = network.gateway
    return _bridge.Network(
        entry=network.entry,
        name=f"vx-{network.name}",  # beside a network of that name of the role bridge_network
        bridge=network.bridge,
        subnets=network.subnets,
        gateways=gateway.addresses if gateway else (),
        outside=_bridge.Outside(
            masquerade=gateway.masquerade if gateway else False, internal=False, beside_docker=False, apart=True
        ),
        stp=False,
        mtu=None,
        mac=None,
        sysctl=None,
        uplink=None,
        confirm_timeout=None,
        members=tuple(_member(one) for one in network.members if not one.leased),
        gone=network.gone,
    )


def on_host(network: _vxlan.Network, host: str) -> _bridge.Network:
    """The network as one host sees it: a bridge with the members there. A host without the gateway leads no ports."""
    here = network.gateway is not None and network.gateway.host == host
    members = tuple(_member(one) for one in network.members if one.host == host)
    return as_bridge_network(network)._replace(
        gateways=network.gateway.addresses if network.gateway and here else (),
        members=members if here else tuple(one._replace(publish=()) for one in members),
    )


def _member(member: _vxlan.Member) -> _bridge.Member:
    return _bridge.Member(
        entry=member.entry,
        name=member.name,
        interface=member.interface,
        host_interface=member.host_interface,
        addresses=member.addresses,
        mac=member.mac,
        source=member.source,
        default_route=member.default_route,
        isolated=member.isolated,
        publish=member.publish,
        gone=member.gone,
    )


def items(networks: c.Sequence[_vxlan.Network], host: str) -> list[_members.Item]:
    """The entries for topology's ``netns_nat`` on a host: one for each network whose gateway it is."""
    here = [as_bridge_network(one) for one in networks if one.gateway and one.gateway.host == host]
    return [_bridge_nat.nat_item(one, here) for one in here]
