# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routers between networks of OVN, and to the outside, as a user declares them."""

from __future__ import annotations

import collections.abc as c
import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values
from ansible_collections.netloom.linux.plugins.plugin_utils import _addresses, _bridge_nat, _entry, _members, _ovn

OPTION = f"{_ovn.ROLE}_routers"
KEYS = ("name", "networks", "external", "snat", "routes", "floating", "state")
EXTERNAL_KEYS = ("network", "address", "gateway", "hosts")
ROUTE_KEYS = ("destination", "gateway")
FLOATING_KEYS = ("address", "member", "network", "distributed")

Networks = c.Mapping[str, _ovn.Network]


def read(value: t.Any, networks: Networks) -> list[_ovn.Router]:
    """Read the routers. Their addresses, and floating ones, are taken from the subnets of the external networks."""
    once = _entry.Once()
    found = [_router(entry, networks, once) for entry in _entry.entries(value, OPTION, KEYS)]
    for router in found:
        for index, name in enumerate(router.networks):
            path = f"{router.entry.at('networks')}[{index}]"
            once.take(("network", name), path, f"the router of network '{name}'")
    return found


def _router(entry: _entry.Entry, networks: Networks, once: _entry.Once) -> _ovn.Router:
    name = _values.object_name(entry.required("name"), entry.at("name"))
    once.take(("router", name), entry.at("name"), f"the name '{name}'")
    gone = _members.unless_present(entry)
    inside = tuple(_inside(value, path, networks, gone) for value, path in entry.texts("networks"))
    if not inside:
        raise _errors.BadInput(f"{entry.path}: 'networks' is missing; a router is the gateway of one or more of them.")
    external = _gateway(entry, name, networks, gone) if entry.has("external") else None
    _refuse_overlaps(entry, [*inside, *([external.network] if external else [])], networks)
    if entry.has("snat") and external is None and entry.flag("snat", False):
        raise _errors.BadInput(f"{entry.at('snat')}: leads to the outside; give the router an 'external'.")
    joined = [networks[one] for one in (*inside, *([external.network] if external else []))]
    routes = _routes(entry, joined, external)
    floating = tuple(_floating(one, inside, external, networks) for one in entry.entries("floating", FLOATING_KEYS))
    for one in floating:
        if one.address in {route.gateway for route in routes}:
            raise _errors.BadInput(
                f"{one.entry.at('address')}: {one.address} is the next hop of a route, so another router has it; take"
                " another address."
            )
    return _ovn.Router(
        entry=entry,
        name=name,
        networks=inside,
        external=external,
        snat=entry.flag("snat", True) and external is not None,
        routes=routes,
        floating=floating,
        gone=gone,
    )


def _inside(name: str, path: str, networks: Networks, gone: _members.Item) -> str:
    _ovn.refuse_unknown(name, path, "network", networks)
    network = networks[name]
    if network.external:
        raise _errors.BadInput(f"{path}: '{name}' is an external network; name it in 'external'.")
    _refuse_gone(network, path, gone)
    if not network.gateways:
        raise _errors.BadInput(
            f"{path}: network '{name}' has no gateway, whose address a router has; leave out 'gateway: none' there."
        )
    return name


def _refuse_gone(network: _ovn.Network, path: str, gone: _members.Item) -> None:
    if network.gone and not gone:
        raise _errors.BadInput(f"{path}: network '{network.name}' is to be absent; leave it out here, too.")


def _refuse_overlaps(entry: _entry.Entry, names: c.Sequence[str], networks: Networks) -> None:
    for index, name in enumerate(names):
        for other in names[:index]:
            if name == other:
                raise _errors.BadInput(f"{entry.at('networks')}: '{name}' is there twice; remove one.")
            common = _bridge_nat.overlap(networks[name].subnets, networks[other].subnets)
            if common:
                raise _errors.BadInput(
                    f"{entry.at('networks')}: {common[0]} of network '{name}' overlaps with {common[1]} of network"
                    f" '{other}', so the router could not tell them apart; give one of them another subnet, or a router"
                    " of its own."
                )


def _gateway(router: _entry.Entry, name: str, networks: Networks, gone: _members.Item) -> _ovn.Gateway:
    entry = router.entry("external", EXTERNAL_KEYS)
    outside, path = entry.required("network"), entry.at("network")
    _ovn.refuse_unknown(outside, path, "network", networks)
    network = networks[outside]
    if network.external is None:
        raise _errors.BadInput(f"{path}: '{outside}' is no external network; give it an 'external: {{bridge: ...}}'.")
    _refuse_gone(network, path, gone)
    written = entry.texts("address")
    if not written:
        raise _errors.BadInput(f"{entry.path}: 'address' is missing; only you know which address outside is free.")
    addresses = network.subnets.reserve(written, f"router '{name}' ({entry.path})")
    hosts = entry.texts("hosts")
    if not hosts:
        raise _errors.BadInput(f"{entry.path}: 'hosts' is missing; name the hosts that route, the first one first.")
    once = _entry.Once()
    for host, where in hosts:
        once.take(host, where, f"host '{host}'")
    return _ovn.Gateway(
        entry=entry,
        network=outside,
        addresses=tuple(addresses.values()),
        gateways=_next_hops(entry, network, addresses),
        hosts=tuple(host for host, _path in hosts),
    )


def _next_hops(entry: _entry.Entry, network: _ovn.Network, addresses: c.Mapping[int, str]) -> tuple[str, ...]:
    """The next hops to the outside: those that are written, else the gateways of the external network."""
    written = network.subnets.sorted(entry.texts("gateway"))
    found = []
    for subnet in network.subnets.all:
        version = subnet.network.version
        if version in written:
            value, path = written[version]
            subnet.number(value, path)
            bare = str(ipaddress.ip_address(value.partition("/")[0]))
            if bare in addresses.values():
                raise _errors.BadInput(f"{path}: {bare} is the router's own address; take that of the next router.")
            found.append(bare)
        else:
            found += [one for one in network.gateways if _ovn.version_of(one) == version]
    return tuple(one for one in found if _ovn.version_of(one) in addresses)


def _routes(
    router: _entry.Entry, joined: c.Sequence[_ovn.Network], external: _ovn.Gateway | None
) -> tuple[_ovn.Route, ...]:
    once = _entry.Once()
    found = []
    own = [one for network in joined if network.external is None for one in network.gateways]
    for gateway in external.gateways if external else ():
        destination = "::/0" if ":" in gateway else "0.0.0.0/0"
        once.take(destination, router.at("external"), f"the route to {destination}")
        found.append(_ovn.Route(destination, gateway))
    for entry in router.entries("routes", ROUTE_KEYS):
        destination = str(_values.network(entry.required("destination"), entry.at("destination")))
        once.take(destination, entry.at("destination"), f"the route to {destination}")
        hop = _values.host_address(entry.required("gateway"), entry.at("gateway"))
        near = [subnet for network in joined for subnet in network.subnets.all if hop in subnet.network]
        if not near:
            raise _errors.BadInput(
                f"{entry.at('gateway')}: {hop} is in no network of this router; take the address of a neighbour."
            )
        near[0].number(str(hop), entry.at("gateway"))
        if str(hop) in {*own, *(external.addresses if external else ())}:
            raise _errors.BadInput(
                f"{entry.at('gateway')}: {hop} is the router's own address; take the address of a neighbour."
            )
        if hop.version != _ovn.version_of(destination):
            raise _errors.BadInput(f"{entry.at('gateway')}: {hop} is not of the family of {destination}.")
        found.append(_ovn.Route(destination, str(hop)))
    return tuple(found)


def _floating(
    entry: _entry.Entry, inside: c.Sequence[str], external: _ovn.Gateway | None, networks: Networks
) -> _ovn.Floating:
    if external is None:
        raise _errors.BadInput(
            f"{entry.path}: a floating address is one of the outside; give the router an 'external'."
        )
    member = entry.required("member")
    network = network_of((member, entry.at("member")), entry, networks, inside, "the router's")
    address = entry.required("address")
    found = networks[external.network].subnets.reserve(
        [(address, entry.at("address"))], f"the floating address of '{member}' ({entry.path})"
    )
    if 4 not in found:
        raise _errors.BadInput(f"{entry.at('address')}: '{address}' is not of IPv4, and only that is translated.")
    if 4 not in networks[network].subnets.versions:
        raise _errors.BadInput(f"{entry.at('member')}: '{member}' has no IPv4 address in network '{network}'.")
    return _ovn.Floating(entry, found[4], member, network, entry.flag("distributed", False))


def network_of(
    member: _addresses.Written, entry: _entry.Entry, networks: Networks, among: c.Sequence[str], whose: str = "the"
) -> str:
    """The network of a member: the one that is written beside it, or the only one that has the member."""
    name, path = member
    written = entry.text("network")
    if written is not None:
        _ovn.refuse_unknown(written, entry.at("network"), f"network among {whose} networks", among)
    names = {one: networks[one].names for one in ([written] if written else among)}
    having = [one for one, members in names.items() if name in members]
    if len(having) > 1:
        raise _errors.BadInput(
            f"{path}: '{name}' is a member of networks {' and '.join(having)}; say which with 'network'."
        )
    if not having:
        known = [one for members in names.values() for one in members]
        _ovn.refuse_unknown(name, path, f"member of {whose} networks", known)
    return having[0]
