# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Load balancers of OVN, as a user declares them: an address and port that lead to members."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _entry,
    _members,
    _ovn,
    _ovn_groups,
    _ovn_network,
    _ovn_routers,
)

OPTION = f"{_ovn.ROLE}_load_balancers"
KEYS = ("name", "address", "protocol", "port", "to_port", "members", "network", "health_check", "state")
HEALTH_KEYS = ("interval", "timeout", "success_count", "failure_count")
# In OVN's words, and its defaults in seconds and answers (ovn-nb(5), table Load_Balancer_Health_Check).
HEALTH_DEFAULTS = {"interval": 5, "timeout": 20, "success_count": 3, "failure_count": 3}
MOST_HEALTH = 3600


def read(
    value: t.Any, networks: _ovn_routers.Networks, routers: c.Sequence[_ovn.Router], once: _entry.Once
) -> list[_ovn.Balancer]:
    """Read the load balancers. Their addresses are taken from the subnets in which they lie."""
    taken: dict[tuple[str, str], str] = {}
    found = []
    for entry in _entry.entries(value, OPTION, KEYS):
        balancer = _balancer(entry, networks, routers)
        once.take(("balancer", balancer.name), entry.at("name"), f"the name '{balancer.name}'")
        for network in balancer.networks:
            key = (network, balancer.address, balancer.protocol, balancer.port)
            what = f"{balancer.protocol} port {balancer.port} of {balancer.address} in network '{network}'"
            once.take(key, entry.at("port"), what)
        _reserve(balancer, networks, routers, taken)
        found.append(balancer)
    return found


def _balancer(entry: _entry.Entry, networks: _ovn_routers.Networks, routers: c.Sequence[_ovn.Router]) -> _ovn.Balancer:
    name = _values.object_name(entry.required("name"), entry.at("name"))
    address = str(_values.host_address(entry.required("address"), entry.at("address")))
    protocol = entry.choice("protocol", _ovn_groups.WITH_PORTS)
    port = _port(entry, "port")
    if port is None:
        raise _errors.BadInput(f"{entry.path}: 'port' is missing.")
    backends = _backends(entry, networks, _port(entry, "to_port") or port)
    _refuse_other_family(entry, address, backends, networks)
    behind = {one.network for one in backends}
    joining = [one for one in routers if behind & set(one.networks) and not one.gone]
    gone = _members.unless_present(entry)
    apart = behind - {network for router in joining for network in router.networks}
    if apart and not gone:
        raise _errors.BadInput(
            f"{entry.path}: network '{min(apart)}' has no router, and a router answers for {address}; give the network"
            " one."
        )
    clients = dict.fromkeys(network for router in joining for network in router.networks)
    return _ovn.Balancer(
        entry=entry,
        name=name,
        address=address,
        protocol=protocol,
        port=port,
        backends=backends,
        health=_health(entry, protocol, address),
        networks=tuple(clients),
        routers=tuple(router.name for router in joining),
        gone=gone,
    )


def _port(entry: _entry.Entry, key: str) -> int | None:
    found = entry.whole(key)
    return None if found is None else _values.number(found, entry.at(key), 1, _ovn_groups.MOST_PORT)


def _backends(entry: _entry.Entry, networks: _ovn_routers.Networks, port: int) -> tuple[_ovn.Backend, ...]:
    once = _entry.Once()
    found = []
    among = [name for name, network in networks.items() if not network.external]
    for name, path in entry.texts("members"):
        once.take(name, path, f"member '{name}'")
        network = _ovn_routers.network_of((name, path), entry, networks, among)
        found.append(_ovn.Backend(name, network, port))
    if not found:
        raise _errors.BadInput(f"{entry.path}: 'members' is missing; name those to which it leads.")
    return tuple(found)


def _refuse_other_family(
    entry: _entry.Entry, address: str, backends: c.Sequence[_ovn.Backend], networks: _ovn_routers.Networks
) -> None:
    version = _ovn.version_of(address)
    for one in backends:
        if version not in networks[one.network].subnets.versions:
            raise _errors.BadInput(
                f"{entry.at('address')}: {address} is of IPv{version}, and '{one.member}' has no such address in"
                f" network '{one.network}'."
            )


def _health(entry: _entry.Entry, protocol: str, address: str) -> _ovn.Health | None:
    options = _ovn_network.settings(entry, "health_check", HEALTH_KEYS, False)
    if options is None:
        return None
    if protocol == "sctp" or _ovn.version_of(address) == 6:
        raise _errors.BadInput(f"{options.path}: OVN checks TCP and UDP over IPv4 only; leave it out.")
    found = {}
    for key, default in HEALTH_DEFAULTS.items():
        value = options.whole(key)
        found[key] = default if value is None else _values.number(value, options.at(key), 1, MOST_HEALTH)
    return _ovn.Health(found, {})


def _reserve(
    balancer: _ovn.Balancer,
    networks: _ovn_routers.Networks,
    routers: c.Sequence[_ovn.Router],
    taken: dict[tuple[str, str], str],
) -> None:
    """Take the address from the subnets of the clients, so that no member is allotted it."""
    joining = [one for one in routers if one.name in balancer.routers]
    outside = [one.external.network for one in joining if one.external]
    for name in dict.fromkeys((*balancer.networks, *outside)):
        for subnet in networks[name].subnets.all:
            version = subnet.network.version
            if version != _ovn.version_of(balancer.address):
                continue
            if _values.address(balancer.address, "") in subnet.network and (name, balancer.address) not in taken:
                taken[(name, balancer.address)] = balancer.name
                subnet.reserve(balancer.address, balancer.entry.at("address"), f"load balancer '{balancer.name}'")


def with_sources(balancers: c.Sequence[_ovn.Balancer], networks: _ovn_routers.Networks) -> list[_ovn.Balancer]:
    """The load balancers with the addresses that ask whether backends live: in each network of theirs a free one."""
    sources: dict[str, str] = {}
    found = []
    for one in balancers:
        if one.health is not None:
            for backend in one.backends:
                if backend.network not in sources:
                    network = networks[backend.network]
                    subnet = next(subnet for subnet in network.subnets.all if subnet.network.version == 4)
                    what = f"the health checks in network '{network.name}'"
                    sources[backend.network] = subnet.allot_last(one.entry.at("health_check"), what)
            mine = {backend.network: sources[backend.network] for backend in one.backends}
            one = one._replace(health=one.health._replace(sources=mine))  # noqa: PLW2901
        found.append(one)
    return found
