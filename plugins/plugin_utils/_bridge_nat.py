# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a network on a bridge meets the outside: masqueraded, with published ports, or not at all."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values
from ansible_collections.netloom.linux.plugins.plugin_utils import _entry, _members

if t.TYPE_CHECKING:
    from ansible_collections.netloom.linux.plugins.plugin_utils import _bridge_network

PUBLISH_KEYS = ("protocol", "address", "port", "to_port", "localhost")
PROTOCOLS = ("tcp", "udp")


class Outside(t.NamedTuple):
    """What a network says about the outside. ``internal``: nobody gets in or out, but by the host itself."""

    masquerade: bool
    internal: bool
    beside_docker: bool

    @property
    def silent(self) -> bool:
        """Whether it says nothing."""
        return not (self.masquerade or self.internal)


class Port(t.NamedTuple):
    """A port of the host that leads to a member's."""

    entry: _entry.Entry
    protocol: str
    address: str | None
    port: int
    to_port: int | None
    localhost: bool


def read_outside(entry: _entry.Entry, gateway: str | None) -> Outside:
    """The network's own keys."""
    found = Outside(entry.flag("masquerade", False), entry.flag("internal", False), entry.flag("beside_docker", False))
    if gateway is None and not found.silent:
        key = "masquerade" if found.masquerade else "internal"
        raise _errors.BadInput(f"{entry.at(key)}: an isolated network has no gateway, so nothing of it gets out anyway; leave out one of both.")
    if found.masquerade and found.internal:
        raise _errors.BadInput(f"{entry.at('masquerade')}: an internal network has no way out; leave out one of both.")
    return found


def read_ports(member: _entry.Entry, gateway: str | None, internal: bool) -> tuple[Port, ...]:
    """A member's published ports."""
    found = member.entries("publish", PUBLISH_KEYS)
    if found and (gateway is None or internal):
        raise _errors.BadInput(f"{member.at('publish')}: the network is {'internal' if internal else 'isolated'}, so no port of it can be published.")
    return tuple(_port(entry) for entry in found)


def _port(entry: _entry.Entry) -> Port:
    port, to_port = entry.whole("port"), entry.whole("to_port")
    if port is None:
        raise _errors.BadInput(f"{entry.path}: 'port' is missing; give the host's port, from 1 to 65535.")
    address = entry.text("address")
    return Port(
        entry=entry,
        protocol=entry.choice("protocol", PROTOCOLS),
        address=str(_values.host_address(address, entry.at("address"))) if address else None,
        port=_values.number(port, entry.at("port"), 1, 65535),
        to_port=None if to_port is None else _values.number(to_port, entry.at("to_port"), 1, 65535),
        localhost=entry.flag("localhost", False),
    )


def refuse_ambiguity(networks: t.Sequence[_bridge_network.Network]) -> None:
    """The host routes what comes back from outside: it must not know two ways. A port of the host leads to one member."""
    once = _entry.Once()
    routed = [network for network in networks if network.gateway and not network.gone]
    for number, network in enumerate(routed):
        for other in routed[:number]:
            if (_translates(network) or _translates(other)) and _overlap(network, other):
                raise _errors.BadInput(
                    f"{network.entry.at('subnet')}: {network.subnet.network} overlaps with {other.subnet.network} of network '{other.name}', so the host would "
                    "not know to which of them an answer from outside belongs; isolate one of them, or give it another subnet."
                )
        for member in network.members:
            for port in member.publish if not member.gone else ():
                where = f"{port.protocol} port {port.port} of {port.address or 'the host'}"
                once.take((port.protocol, port.address, port.port), port.entry.at("port"), where)


def _translates(network: _bridge_network.Network) -> bool:
    return network.outside.masquerade or any(member.publish for member in network.members if not member.gone)


def _overlap(one: _bridge_network.Network, other: _bridge_network.Network) -> bool:
    mine, others = (ipaddress.ip_network(str(network.subnet.network)) for network in (one, other))
    return mine.version == others.version and mine.overlaps(others)


def nat_item(network: _bridge_network.Network) -> _members.Item:
    """The entry for topology's ``netns_nat``, on the host. One that has nothing to say takes away what an earlier run said."""
    published = [
        _members.item(
            protocol=port.protocol,
            address=port.address,
            port=port.port,
            to_address=member.address,
            to_port=port.to_port,
            localhost=port.localhost or None,
        )
        for member in network.members
        if not member.gone
        for port in member.publish
    ]
    if network.gone or (network.outside.silent and not published):
        return _members.item(name=network.name, state="absent")
    bridge = network.bridge
    alone: list[_members.Item] = [
        _members.item(**{"from": bridge, "to": bridge}),
        _members.item(**{"from": bridge, "allow": False}),
        _members.item(to=bridge, allow=False),
    ]
    return _members.item(
        name=network.name,
        masquerade=[_members.item(source=str(network.subnet.network))] if network.outside.masquerade else [],
        publish=published,
        hairpin=bool(published),
        forward=alone if network.outside.internal else [],
        ip_forward=True if network.outside.masquerade or published else None,
        beside_docker=network.outside.beside_docker,
    )
