# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes a router that OVN takes, and of which it then leaves a part out: northd logs that it finds no way for a
route, and nobody hears of an address that no neighbour asks for.
"""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import (
    _ovn,
    _residents,
    _router_ports,
    _router_rows,
    _uses,
)
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _northbound, _plan

Rows = t.Sequence[t.Mapping[str, t.Any]]


def networks_of(nb: _northbound.Northbound, router: _northbound.Place) -> list[_residents.Network]:
    """The networks of the router's ports."""
    ports = [nb.row(child) for child in nb.children(router, "ports")]
    return [network for port in ports for network in _residents.networks_in(port["networks"])]


def judge_ports(planner: _plan.Planner, ports: t.Sequence[_router_ports.RouterPort], path: str) -> None:
    """Refuse two ports in one network, and addresses and names that somebody else has."""
    nb = planner.now.nb
    _refuse_overlap(ports, path)
    for index, port in enumerate(ports):
        here = f"{path}[{index}]"
        if nb.named(_ovn.PORTS, port.name):
            raise _errors.Conflict(
                f"{here}.name: '{port.name}' is a port of a switch, too, and OVN drops one of two ports with one name."
                " Take another one."
            )
        place, switch = (
            nb.named(_router_ports.TABLE, port.name)[0],
            _ovn.the_switch(planner, port.switch, f"{here}.switch"),
        )
        own = tuple(one.partition("/")[0] for one in port.networks)
        resident = _residents.Resident(place, "", port.mac, own)
        _residents.refuse_taken(planner, switch, resident, _path_within(here, port.mac))
        _refuse_foreign(port.networks, nb.row(switch), f"{here}.networks")
        if port.gateways and not _has_localnet(nb, switch):
            planner.warn(
                f"{here}.gateway_chassis: switch '{port.switch}' has no localnet, so no chassis leads from it to a"
                " physical network. Declare `localnet` in netloom.linux.ovn_switch."
            )


def _path_within(port: str, mac: str) -> t.Callable[[str], str]:
    return lambda told: f"{port}.{'mac' if told == mac else 'networks'}"


def _refuse_overlap(ports: t.Sequence[_router_ports.RouterPort], path: str) -> None:
    seen: list[tuple[_router_ports.RouterPort, _residents.Network]] = []
    for index, port in enumerate(ports):
        mine = [one for one in _residents.networks_in(port.networks) if not _residents.is_of_every_link(one)]
        for network in mine:
            for other, known in seen:
                if known.version == network.version and known.overlaps(network):
                    raise _errors.BadInput(
                        f"{path}[{index}].networks: {network} and {known} of port '{other.name}' overlap, and the"
                        " router would find one of the two only. Take another network."
                    )
        seen += [(port, network) for network in mine]


def _refuse_foreign(told: t.Sequence[str], switch: _northbound.Row, path: str) -> None:
    """Refuse a port of which no address is in the subnet of its switch: no member would find the router."""
    networks = _residents.networks_in(told)
    for subnet in _residents.subnets_of(switch):
        own = [one for one in networks if one.version == subnet.version and not _residents.is_of_every_link(one)]
        if own and not any(subnet.overlaps(one) for one in own):
            raise _errors.BadInput(
                f"{path}: {', '.join(map(str, own))} is outside of {subnet}, the subnet of switch '{switch['name']}'."
                " Take an address in it, or change the subnet."
            )


def refuse_left_behind(
    planner: _plan.Planner, router: _northbound.Place, declared: t.Mapping[str, t.Any], path: str
) -> None:
    """Refuse new networks without those of which translations and next hops are that are there already. ``declared``:
    the router's lists; what is None is left alone.
    """
    now, before = planner.now.nb, planner.before.nb
    if router.id not in before.rows(router.table):
        return
    _refuse_without(planner, router, declared, path)
    had, have = networks_of(before, router), networks_of(now, router)
    for option, column, name, words in (
        ("nat", "nat", "external_ip", "a translation"),
        ("routes", "static_routes", "nexthop", "the next hop of a route"),
    ):
        old = {place.id for place in before.children(router, column)}
        for place in (place for place in now.children(router, column) if place.id in old):
            told = _residents.plain(now.row(place)[name])
            if told and _is_in(told, had) and not _is_in(told, have):
                raise _errors.BadInput(
                    f"{path}: with them {told} ({words} that is there already) is in no network of the router any more"
                    f" ({', '.join(map(str, have)) or 'it has none'}). Declare `{option}`, too."
                )


def _refuse_without(
    planner: _plan.Planner, router: _northbound.Place, declared: t.Mapping[str, t.Any], path: str
) -> None:
    """Refuse to take a port away that a row which is left alone names as its own way."""
    now, before = planner.now.nb, planner.before.nb
    for place in (one for one in before.children(router, "ports") if one.id not in now.rows(one.table)):
        name = before.row(place)["name"]
        routes = ((one, "output_port") for one in before.found(_router_rows.ROUTE_ROWS.table, "output_port", name))
        for by, column in (*_uses.of(before, place), *routes):
            option = _router_rows.OPTION_OF.get(by.table, by.table)
            if by.id in now.rows(by.table) and declared.get(option) is None:
                raise _errors.BadInput(
                    f"{path}: lack '{name}', which is {column} in `{option}` that are there already. Declare"
                    f" `{option}`, too."
                )


def _is_in(told: str, networks: t.Sequence[_residents.Network]) -> bool:
    return any(_residents.address(told) in network for network in networks)


def refuse_left_outside(nb: _northbound.Northbound, switch: _northbound.Place, path: str) -> None:
    """Refuse a new subnet of a switch that leaves a router outside which the members ask."""
    row = nb.row(switch)
    ways = [nb.row(_northbound.Place(_ovn.PORTS, key)) for key in row["ports"]]
    names = [way["options"].get(_router_ports.ROUTER_PORT, "") for way in ways if way["type"] == "router"]
    for place in (place for name in names for place in nb.named(_router_ports.TABLE, name)):
        port = nb.row(place)
        _refuse_foreign(port["networks"], row, f"{path}: port '{port['name']}' of the router")


def _has_localnet(nb: _northbound.Northbound, switch: _northbound.Place) -> bool:
    return any(nb.row(_northbound.Place(_ovn.PORTS, key))["type"] == "localnet" for key in nb.row(switch)["ports"])


def judge_nat(planner: _plan.Planner, router: _northbound.Place, nat: Rows, path: str) -> None:
    """Refuse an external address that no port is near to, or that somebody else has, and one translation twice."""
    nb = planner.now.nb
    networks = networks_of(nb, router)
    if nat and not _has_gateway(nb, router):
        planner.warn(
            f"{path}: OVN translates on gateways only, and no port of the router has one. Declare `gateway_chassis` of"
            " a port, or options.chassis of the router."
        )
    seen: dict[tuple[bool, str], int] = {}
    for index, one in enumerate(nat):
        here = f"{path}[{index}]"
        if not any(ipaddress.ip_address(one["external_ip"]) in network for network in networks):
            raise _errors.BadInput(
                f"{here}.external_ip: {one['external_ip']} is in no network of the router's ports"
                f" ({', '.join(map(str, networks)) or 'it has none'}); OVN would take it, and nobody would find it."
            )
        source = one["type"] == "snat"
        name = "logical_ip" if source else "external_ip"
        first = seen.setdefault((source, one[name]), index)
        if first != index:
            raise _errors.BadInput(
                f"{here}.{name}: {one[name]} stands in {path}[{first}], too, and OVN obeys one of the two. Remove one."
            )
        _refuse_misdirected(planner, router, one, networks, here)
    for index, one in enumerate(nat):
        if one["type"] == _residents.FLOATING:
            _refuse_taken(planner, router, one, f"{path}[{index}]")


def _refuse_misdirected(
    planner: _plan.Planner,
    router: _northbound.Place,
    one: t.Mapping[str, t.Any],
    networks: t.Sequence[_residents.Network],
    path: str,
) -> None:
    """Refuse the address of a next router, or of no host, as external address, and an inner address that is nobody's
    behind the router, or not that of the port which is named.
    """
    nb, outside, inside = planner.now.nb, one["external_ip"], one["logical_ip"]
    _residents.refuse_of_no_host(outside, networks, f"{path}.external_ip")
    if outside in {nb.row(route)["nexthop"] for route in nb.children(router, "static_routes")}:
        raise _errors.BadInput(
            f"{path}.external_ip: {outside} is the next hop of a route, so another router has it. Take another address."
        )
    if one["type"] != "snat" and inside in (outside, *_own_of(nb, router)):
        whose = "the external address itself" if inside == outside else "the router's own address"
        raise _errors.BadInput(f"{path}.logical_ip: {inside} is {whose}; give that of a member.")
    if one["logical_port"]:
        port = _ovn.the_port(planner, one["logical_port"], f"{path}.logical_port")
        had = [told for line in nb.row(port)["addresses"] for told in _residents.addresses_in(line)]
        if had and inside not in had:
            raise _errors.BadInput(
                f"{path}.logical_port: '{one['logical_port']}' has {', '.join(had)}, and not {inside}. Give its port."
            )


def _has_gateway(nb: _northbound.Northbound, router: _northbound.Place) -> bool:
    ports = [nb.row(child) for child in nb.children(router, "ports")]
    return bool(nb.row(router)["options"].get("chassis")) or any(
        port["gateway_chassis"] or port.get("ha_chassis_group") for port in ports
    )


def _refuse_taken(planner: _plan.Planner, router: _northbound.Place, one: t.Mapping[str, t.Any], path: str) -> None:
    """Refuse the floating address of a member, of another router, or of another one's MAC address."""
    nb = planner.now.nb
    children = nb.children(router, "nat")
    own = next((child for child in children if nb.row(child)["external_ip"] == one["external_ip"]), None)
    ports = {nb.row(port)["name"]: nb.row(port) for port in nb.children(router, "ports")}
    for end in _router_ports.counterparts(nb, ports):
        networks = _residents.networks_in(ports[nb.row(end)["options"][_router_ports.ROUTER_PORT]]["networks"])
        switch = nb.parent(end, _ovn.SWITCHES, "ports")
        outside = ipaddress.ip_address(one["external_ip"])
        if switch is not None and own is not None and any(outside in network for network in networks):
            resident = _residents.Resident(own, "", one["external_mac"] or "", (str(outside),))
            _residents.refuse_taken(planner, switch, resident, _path_of_nat(path, one["external_mac"]))


def _path_of_nat(path: str, mac: str | None) -> t.Callable[[str], str]:
    return lambda told: f"{path}.{'external_mac' if told == mac else 'external_ip'}"


def judge_routes(nb: _northbound.Northbound, router: _northbound.Place, routes: Rows, path: str) -> None:
    """Refuse routes to which the router has no way. northd leaves them out."""
    ports = sorted(nb.row(child)["name"] for child in nb.children(router, "ports"))
    for index, one in enumerate(routes):
        here, port = f"{path}[{index}]", one["output_port"]
        if port and port not in ports:
            raise _errors.Missing(
                f"{here}.output_port: '{port}' is no port of the router; it has {', '.join(ports) or 'none'}."
            )
        if not port and one["nexthop"] != "discard":
            refuse_unreachable(nb, router, one["nexthop"], f"{here}.nexthop")


def refuse_unreachable(nb: _northbound.Northbound, router: _northbound.Place, hop: str, path: str) -> None:
    """Refuse a next hop that is in no network of the router's ports, or that no neighbour can have."""
    address, networks = ipaddress.ip_address(hop), networks_of(nb, router)
    if not _residents.is_of_every_link(address) and not any(address in network for network in networks):
        raise _errors.BadInput(
            f"{path}: {hop} is in no network of the router's ports ({', '.join(map(str, networks)) or 'it has none'});"
            " OVN would leave the route out. Take a neighbour's address."
        )
    if hop in _own_of(nb, router):
        raise _errors.BadInput(f"{path}: {hop} is the router's own address. Take a neighbour's address.")
    _residents.refuse_of_no_host(hop, networks, path)


def _own_of(nb: _northbound.Northbound, router: _northbound.Place) -> list[str]:
    """The addresses of the router's ports."""
    return [told for child in nb.children(router, "ports") for told in _residents.own_of(nb.row(child))]
