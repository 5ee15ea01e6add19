# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a network on a bridge reaches the outside: masqueraded, with published ports, or not at all."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values
from ansible_collections.netloom.linux.plugins.plugin_utils import _bridge, _entry, _members

if t.TYPE_CHECKING:
    from ansible_collections.netloom.linux.plugins.plugin_utils import _addresses

PUBLISH_KEYS = ("port", "to_port", "protocol", "address", "localhost")
PROTOCOLS = ("tcp", "udp")


def read_outside(entry: _entry.Entry, gateways: t.Sequence[str]) -> _bridge.Outside:
    """Read the keys of the network about the outside. A masqueraded network could reach every other one, so by default
    it stays apart from them.
    """
    masquerade = entry.flag("masquerade", False)
    found = _bridge.Outside(
        masquerade, entry.flag("internal", False), entry.flag("beside_docker", False), entry.flag("apart", masquerade)
    )
    if not gateways and not found.silent:
        key = "masquerade" if found.masquerade else "internal"
        raise _errors.BadInput(
            f"{entry.at(key)}: an isolated network has no gateway, so nothing of it gets out anyway; leave out one of"
            " both."
        )
    if found.masquerade and found.internal:
        raise _errors.BadInput(f"{entry.at('masquerade')}: an internal network has no way out; leave out one of both.")
    return found


def read_ports(
    member: _entry.Entry, subnets: _addresses.Subnets, gateways: t.Sequence[str], internal: bool
) -> tuple[_bridge.Port, ...]:
    """Read the published ports of a member."""
    found = member.entries("publish", PUBLISH_KEYS)
    if found and (not gateways or internal):
        raise _errors.BadInput(
            f"{member.at('publish')}: the network is {'internal' if internal else 'isolated'}, so no port of it can be"
            " published."
        )
    return tuple(_port(entry, subnets.versions) for entry in found)


def _port(entry: _entry.Entry, versions: set[int]) -> _bridge.Port:
    port, to_port = entry.whole("port"), entry.whole("to_port")
    if port is None:
        raise _errors.BadInput(f"{entry.path}: 'port' is missing; give the host's port, from 1 to 65535.")
    address = entry.text("address")
    version = _values.host_address(address, entry.at("address")).version if address else None
    if version is not None and version not in versions:
        raise _errors.BadInput(
            f"{entry.at('address')}: '{address}' is IPv{version}, and the network has no subnet of that family to lead"
            " it to."
        )
    return _bridge.Port(
        entry=entry,
        protocol=entry.choice("protocol", PROTOCOLS),
        address=str(_values.host_address(address, entry.at("address"))) if address else None,
        port=_values.number(port, entry.at("port"), 1, 65535),
        to_port=None if to_port is None else _values.number(to_port, entry.at("to_port"), 1, 65535),
        localhost=entry.flag("localhost", False),
    )


def refuse_ambiguity(networks: t.Sequence[_bridge.Network]) -> None:
    """Refuse two networks with common addresses, because the host could not route answers, and a port of the host that
    leads to two members.
    """
    once = _entry.Once()
    routed = [network for network in networks if network.gateways and not network.gone]
    for number, network in enumerate(routed):
        for other in routed[:number]:
            if (_translates(network) or _translates(other)) and (common := overlap(network.subnets, other.subnets)):
                raise _errors.BadInput(
                    f"{network.entry.at('subnet')}: {common[0]} overlaps with {common[1]} of network '{other.name}',"
                    " so the host would not know to which of them an answer from outside belongs; isolate one of them,"
                    " or give it another subnet."
                )
        for member in network.members:
            for port in member.publish if not member.gone else ():
                where = f"{port.protocol} port {port.port} of {port.address or 'the host'}"
                for version, _address in _targets(network, member, port):
                    once.take((port.protocol, port.address, port.port, version), port.entry.at("port"), where)


def _translates(network: _bridge.Network) -> bool:
    return network.outside.masquerade or any(member.publish for member in network.members if not member.gone)


def overlap(one: _addresses.Subnets, other: _addresses.Subnets) -> tuple[str, str] | None:
    """The first subnets of both that have addresses in common."""
    for mine in one.all:
        for others in other.all:
            if mine.network.version == others.network.version and mine.network.overlaps(
                t.cast("t.Any", others.network)
            ):
                return str(mine.network), str(others.network)
    return None


def _targets(network: _bridge.Network, member: _bridge.Member, port: _bridge.Port) -> t.Iterator[tuple[int, str]]:
    """The addresses of a member to which a port leads, by IP version: that of the host's address, if one is given."""
    for subnet, address in zip(network.subnets.all, member.addresses):
        if port.address is None or (":" in port.address) == (subnet.network.version == 6):
            yield subnet.network.version, address


def _publications(network: _bridge.Network, member: _bridge.Member, port: _bridge.Port) -> t.Iterator[_members.Item]:
    """The entries for ``netns_nat.publish`` of a port, one for each IP version. Only that of IPv4 can also be on
    localhost.
    """
    targets = list(_targets(network, member, port))
    for version, address in targets:
        localhost = port.localhost and (version == 4 or len(targets) == 1)
        yield _members.item(
            protocol=port.protocol,
            address=port.address,
            port=port.port,
            to_address=address,
            to_port=port.to_port,
            localhost=localhost or None,
        )


def nat_item(network: _bridge.Network, networks: t.Sequence[_bridge.Network]) -> _members.Item:
    """The entry for topology's ``netns_nat`` on the host. An entry without any rules deletes those of an earlier
    run.
    """
    published = [
        item
        for member in network.members
        if not member.gone
        for port in member.publish
        for item in _publications(network, member, port)
    ]
    forward = [*_alone(network), *_apart(network, networks), *_named(network)]
    if network.gone or not (network.outside.masquerade or published or forward):
        return _members.item(name=network.name, state="absent")
    return _members.item(
        name=network.name,
        masquerade=(
            [_members.item(source=str(subnet.network)) for subnet in network.subnets.all]
            if network.outside.masquerade
            else []
        ),
        publish=published,
        hairpin=bool(published),
        forward=forward,
        ip_forward=True if network.outside.masquerade or published else None,
        beside_docker=network.outside.beside_docker,
    )


def _alone(network: _bridge.Network) -> list[_members.Item]:
    """Forward rules of an internal network: nothing is forwarded, except between its members, where br_netfilter lets
    the host see it.
    """
    if not network.outside.internal:
        return []
    bridge = network.bridge
    return [
        _members.item(**{"from": bridge, "to": bridge}),
        _members.item(**{"from": bridge, "allow": False}),
        _members.item(to=bridge, allow=False),
    ]


def _apart(network: _bridge.Network, networks: t.Sequence[_bridge.Network]) -> list[_members.Item]:
    """Forward rules that separate a network: its members may not connect to other networks, nor the others to it. The
    others have such rules too.
    """
    found = []
    for other in apart_from(network, networks):
        found.append(_members.item(**{"from": network.bridge, "to": other.bridge, "allow": False}))
        if not other.outside.apart:
            found.append(_members.item(**{"from": other.bridge, "to": network.bridge, "allow": False}))
    return found


def apart_from(network: _bridge.Network, networks: t.Sequence[_bridge.Network]) -> list[_bridge.Network]:
    """The networks from which this one stays apart: those to which the host would route. An uplink's bridge is the way
    out.
    """
    if not (network.outside.apart and _led(network)):
        return []
    return [other for other in networks if other is not network and _led(other)]


def _led(network: _bridge.Network) -> bool:
    return bool(network.gateways) and not (network.outside.internal or network.uplink or network.gone)


def _named(network: _bridge.Network) -> list[_members.Item]:
    """Forward rules that name the networks whose packets are accepted in dockerd's chain. Translations do that too."""
    if not network.outside.beside_docker or network.outside.masquerade:
        return []
    return [_members.item(**{"from": str(subnet.network), "to": str(subnet.network)}) for subnet in network.subnets.all]
