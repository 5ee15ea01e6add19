# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must not be in a declaration for OVN: twice the same, what OVN takes without effect, what a host cannot do."""

from __future__ import annotations

import collections.abc as c

from ansible_collections.netloom.linux.plugins.module_utils._kinds import _ovn_switch
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _words
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _entry,
    _fleet_ends,
    _members,
    _ovn,
    _ovn_groups,
    _ovn_hosts,
    _ovn_mtu,
    _ovn_names,
    _ovn_places,
)

MOST_NAMED = 3
Places = c.Mapping[str, _ovn_places.Place]


def check(intent: _ovn.Intent, names: _ovn_names.Names) -> None:
    """Refuse what is wrong wherever the hosts are."""
    once = _entry.Once()
    gone = {group.name: bool(group.gone) for group in intent.groups}
    for network in intent.networks:
        _take_mac(network, once, network.gateway_mac, network.entry.path)
        for member in network.members:
            _take_mac(network, once, member.mac, member.entry.at("mac"))
            _check_groups(member, gone)
            _check_ways(network, member, once)
            what = f"the link name '{member.host_interface}' on host '{member.host}'"
            once.take(("link", member.host, member.host_interface), member.entry.at("host_interface"), what)
    _check_ports(intent, names)
    _check_namespaces(intent)


def _take_mac(network: _ovn.Network, once: _entry.Once, mac: str, path: str) -> None:
    once.take(("mac", network.name, mac), path, f"the MAC address {mac} in network '{network.name}'")


def _check_groups(member: _ovn.Member, gone: c.Mapping[str, bool]) -> None:
    twice = _entry.Once()
    for name, path in member.entry.texts("security_groups"):
        twice.take(name, path, f"security group '{name}'")
        if not member.gone:
            _ovn_groups.refuse_unknown(name, path, gone)


def _check_ways(network: _ovn.Network, member: _ovn.Member, once: _entry.Once) -> None:
    if not member.default_route or member.gone:
        return
    for version in sorted({_ovn.version_of(one) for one in network.gateways}):
        what = (
            f"the default IPv{version} route of namespace '{member.name}' (switch one off with 'default_route: false')"
        )
        once.take(("default", member.host, member.name, version), member.entry.at("default_route"), what)


def _check_ports(intent: _ovn.Intent, names: _ovn_names.Names) -> None:
    """Ports of switches and of routers have one space of names in OVN: of two with one name it ignores one."""
    once = _entry.Once()
    for router in intent.routers:
        for name in (*router.networks, *([router.external.network] if router.external else [])):
            port = names.router_port(router.name, name)
            for one in (port, f"{names.of(name)}-{port}"):  # ovn_router makes both ends
                once.take(one, router.entry.at("name"), f"the port name '{one}'")
    for network in intent.networks:
        if network.external:
            port = f"{names.of(network.name)}-{_ovn_switch.LOCALNET}"
            once.take(port, network.entry.at("name"), f"the port name '{port}'")
        for member in network.members:
            port = names.port(network.name, member.name)
            once.take(port, member.entry.at("name"), f"the port name '{port}'")


def _check_namespaces(intent: _ovn.Intent) -> None:
    """One namespace has one source, and each of its interfaces is in one network."""
    spaces: dict[str, _members.Namespaces] = {}
    for network in intent.networks:
        for one in network.members:
            spaces.setdefault(one.host, _members.Namespaces()).join(
                one.entry, one.name, one.interface, one.gone, one.source
            )


def check_places(intent: _ovn.Intent, places: Places) -> None:
    """Refuse hosts that are no chassis, or that lack what their part needs."""
    paths: dict[str, str] = {}
    for network in intent.networks:
        for member in network.members:
            paths.setdefault(member.host, member.entry.at("host"))
    for router in intent.routers:
        for host, path in router.external.entry.texts("hosts") if router.external else ():
            paths.setdefault(host, path)
    _fleet_ends.refuse_strangers(paths, places)
    for host, path in paths.items():
        if places[host].chassis is None:
            raise _errors.BadInput(
                f"{path}: host '{host}' is no chassis of OVN; put it into the group {_ovn_hosts.CHASSIS} (or the"
                f" one that {_ovn_places.GROUP} names), or put this on another host."
            )
    for network in intent.networks:
        _ovn_mtu.of_network(network, places)
        if network.external and not network.gone:
            physical_network(network, network.external, intent, places)
    _check_distributed(intent, places)


def _check_distributed(intent: _ovn.Intent, places: Places) -> None:
    for router in (one for one in intent.routers if not one.gone):
        network = intent.network(router.external.network) if router.external else None
        for one in (one for one in router.floating if one.distributed):
            if network and network.external:
                where = (intent.member(one.network, one.member).host, one.entry.at("distributed"))
                _mapping(network.name, network.external, where, places)


def outside(network: _ovn.Network, intent: _ovn.Intent) -> dict[str, str]:
    """The hosts that must be connected with an external network, each with the path that says so first."""
    found: dict[str, str] = {}
    for router in intent.routers:
        if router.external and router.external.network == network.name and not router.gone:
            for host, path in router.external.entry.texts("hosts"):
                found.setdefault(host, path)
    for member in network.present:
        found.setdefault(member.host, member.entry.at("host"))
    return found


def physical_network(network: _ovn.Network, external: _ovn.External, intent: _ovn.Intent, places: Places) -> str:
    """The name of an external network in the bridge mappings, which all of its hosts have."""
    found: dict[str, str] = {}
    for where in outside(network, intent).items():
        found.setdefault(_mapping(network.name, external, where, places), where[0])
    if len(found) > 1:
        (one, first), (other, second) = list(found.items())[:2]
        raise _errors.BadInput(
            f"{external.entry.at('bridge')}: bridge '{external.bridge}' is connected with '{one}' on host '{first}',"
            f" and with '{other}' on host '{second}'; give it one name in {_ovn_places.MAPPINGS} of all hosts."
        )
    return next(iter(found), external.physical_network or external.bridge)


def _mapping(network: str, external: _ovn.External, where: tuple[str, str], places: Places) -> str:
    """The name in the bridge mappings of a host that leads to the bridge of an external network. ``where``: the host,
    and the path that says so.
    """
    host, path = where
    mappings = places[host].mappings
    wanted = external.physical_network
    names = [name for name, bridge in mappings.items() if bridge == external.bridge and wanted in (None, name)]
    if len(names) == 1:
        return names[0]
    example = f"{{{wanted or network}: {external.bridge}}}"
    if names:
        raise _errors.BadInput(
            f"{external.entry.at('bridge')}: bridge '{external.bridge}' of host '{host}' is connected with"
            f" {_words.some(names, MOST_NAMED)}; say which is meant with 'physical_network'."
        )
    raise _errors.BadInput(
        f"{path}: host '{host}' has no bridge mapping to '{external.bridge}', so it does not reach network"
        f" '{network}'; write {_ovn_places.MAPPINGS}: {example} for it."
    )
