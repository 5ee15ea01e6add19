# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ports of a router (table Logical_Router_Port). A port of a switch leads to each of them."""

from __future__ import annotations

import dataclasses
import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import _fields, _ovn
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _northbound,
    _northbound_ops,
    _plan,
    _values,
    _words,
)

TABLE, GATEWAYS = "Logical_Router_Port", "Gateway_Chassis"
ROUTER_PORT = "router-port"
HIGHEST_PRIORITY = 32767
RA_MODES = ("slaac", "dhcpv6_stateful", "dhcpv6_stateless")
RA_WORDS = (  # ovn-nb(5), Logical_Router_Port.ipv6_ra_configs
    "address_mode", "dnssl", "max_interval", "min_interval", "mtu", "prefix", "rdnss", "route_info",
    "router_preference", "send_periodic",
)  # fmt: skip
OPTION: dict[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "name": {"type": "str", "required": True},
        "switch": {"type": "str", "required": True},
        "mac": {"type": "str", "required": True},
        "networks": {"type": "list", "elements": "str", "required": True},
        "gateway_chassis": {"type": "dict"},
        "ra": {"type": "dict"},
    },
}


@dataclasses.dataclass(frozen=True)
class RouterPort:
    """A declared port. ``gateways``: chassis and priority."""

    name: str
    switch: str
    mac: str
    networks: tuple[str, ...]
    gateways: t.Mapping[str, int]
    ra: t.Mapping[str, str]


def read(values: t.Sequence[t.Mapping[str, t.Any]], path: str) -> list[RouterPort]:
    """The declared ports in normal form."""
    found: list[RouterPort] = []
    for index, value in enumerate(values):
        here = f"{path}[{index}]"
        gateways = value.get("gateway_chassis") or {}
        port = RouterPort(
            _ovn.ovn_name(value["name"], f"{here}.name"),
            _ovn.ovn_name(value["switch"], f"{here}.switch"),
            _values.mac(value["mac"], f"{here}.mac"),
            tuple(sorted(_values.interfaces(value["networks"], f"{here}.networks"))),
            {
                _ovn.ovn_name(str(name), f"{here}.gateway_chassis"): _priority(one, f"{here}.gateway_chassis.{name}")
                for name, one in gateways.items()
            },
            _advertised(_fields.string_map(value.get("ra") or {}, f"{here}.ra"), f"{here}.ra"),
        )
        if not port.networks:
            raise _errors.BadInput(f"{here}.networks: is empty; a port of a router has at least one address.")
        _refuse_whole_network(port.networks, f"{here}.networks")
        for other in found:
            if port.name == other.name:
                raise _errors.BadInput(f"{here}.name: '{port.name}' stands in the list twice; take another one.")
            if port.mac == other.mac and port.switch == other.switch:
                raise _errors.BadInput(f"{here}.mac: {port.mac} is that of '{other.name}', too; take another one.")
        found.append(port)
    return found


def _advertised(ra: dict[str, str], path: str) -> dict[str, str]:
    """What a port tells in advertisements. OVN passes over words that it does not know, and then tells nothing."""
    for key in ra:
        near = None if key in RA_WORDS else _words.nearest(key, RA_WORDS)
        if near is not None:
            raise _errors.BadInput(f"{path}.{key}: OVN has no such word; did you mean '{near}'?")
    mode = ra.get("address_mode")
    if mode is not None and mode not in RA_MODES:
        raise _errors.BadInput(f"{path}.address_mode: {_words.impossible(mode, RA_MODES)}")
    return ra


def _refuse_whole_network(networks: t.Sequence[str], path: str) -> None:
    """Refuse a network where the router's address in it is meant, and its broadcast address."""
    for one in map(ipaddress.ip_interface, networks):
        network = one.network
        of_nobody = [network.network_address, *([network.broadcast_address] if one.version == 4 else [])]
        if network.prefixlen < one.max_prefixlen - 1 and one.ip in of_nobody:
            first = f"{network.network_address + 1}/{network.prefixlen}"
            raise _errors.BadInput(
                f"{path}: {one} is no address of a router, but of the whole network; write the router's own, such as"
                f" '{first}'."
            )


def _priority(value: t.Any, path: str) -> int:
    try:
        if isinstance(value, (bool, float)):
            raise TypeError
        number = int(value)
    except (TypeError, ValueError):
        raise _errors.BadInput(f"{path}: {value!r} is not a priority; give a number.") from None
    return _values.number(number, path, 0, HIGHEST_PRIORITY)


def vacate(planner: _plan.Planner, router: _northbound.Place, wanted: t.Sequence[RouterPort], of: str) -> None:
    """Delete the other ports of the router. Another router may get a port of that name."""
    nb = planner.now.nb
    names = {port.name for port in wanted}
    for place in nb.children(router, "ports"):
        name = nb.row(place)["name"]
        if name not in names:
            for one in counterparts(nb, [name]):
                leave(planner, one)
            planner.do(_northbound_ops.RowDelete(place, f"delete port {name} of {of}"))


def plan(planner: _plan.Planner, router: _northbound.Place, wanted: t.Sequence[RouterPort], of: str, path: str) -> None:
    """Plan that the router has these ports."""
    for index, port in enumerate(wanted):
        _plan_port(planner, router, port, of, f"{path}ports[{index}].")


def _plan_port(planner: _plan.Planner, router: _northbound.Place, port: RouterPort, of: str, path: str) -> None:
    nb = planner.now.nb
    found = nb.named(TABLE, port.name)
    place = found[0] if found else None
    values: dict[str, t.Any] = {"mac": port.mac, "networks": port.networks, "ipv6_ra_configs": dict(port.ra)}
    if place is None:
        place = _northbound.Place(TABLE, nb.next_id())
        words = f"add port {port.name} ({', '.join(port.networks)}) to {of}"
        planner.do(_northbound_ops.RowInsert(place, words, {"name": port.name, **values}, (router, "ports")))
    else:
        owner = nb.parent(place, _ovn.ROUTERS, "ports")
        if owner != router:
            theirs = "" if owner is None else nb.row(owner)["name"]
            raise _errors.Conflict(f"{path}name: '{port.name}' is a port of router '{theirs}'; take another name.")
        # No option is about these, and they would lead packets elsewhere, or nowhere.
        values.update(enabled=nb.row(place)["enabled"] or None, peer=None)
        differing = _northbound_ops.changed(planner.now, place, values)
        told = ", ".join(f"{name} {_in_words(value)}" for name, value in differing.items())
        _ovn.change(planner, place, values, f"set {told} of port {port.name} of {of}")
    _plan_gateways(planner, place, port, of, path)
    _plan_counterpart(planner, port, path)


def _in_words(value: t.Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}={one}" for key, one in sorted(value.items())) or "(none)"
    return ", ".join(value) if isinstance(value, tuple) else str("(none)" if value is None else value)


def _plan_gateways(planner: _plan.Planner, place: _northbound.Place, port: RouterPort, of: str, path: str) -> None:
    """The chassis that may be the gateway, the one with the highest priority first."""
    nb = planner.now.nb
    left = dict(port.gateways)
    for child in nb.children(place, "gateway_chassis"):
        row = nb.row(child)
        name = row["chassis_name"]
        if name in left:
            words = f"set priority {left[name]} of gateway {name} of port {port.name} of {of}"
            _ovn.change(planner, child, {"priority": left.pop(name)}, words)
        else:
            words = f"delete gateway {name} of port {port.name} of {of}"
            planner.do(_northbound_ops.RowDelete(child, words, part=True))
    for name, priority in left.items():
        known_as = f"{port.name}-{name}"
        if nb.named(GATEWAYS, known_as):
            raise _errors.Conflict(
                f"{path}gateway_chassis.{name}: the row '{known_as}' of table {GATEWAYS} is there, for another port or"
                " chassis. Take another name for the port of the router."
            )
        new = _northbound.Place(GATEWAYS, nb.next_id())
        values = {"name": known_as, "chassis_name": name, "priority": priority}
        words = f"add gateway {name} ({priority}) to port {port.name} of {of}"
        planner.do(_northbound_ops.RowInsert(new, words, values, (place, "gateway_chassis")))


def _plan_counterpart(planner: _plan.Planner, port: RouterPort, path: str) -> None:
    """The port of the switch that leads to this one."""
    nb = planner.now.nb
    switch = _ovn.the_switch(planner, port.switch, f"{path}switch")
    there = counterparts(nb, [port.name])
    for one in there:
        if nb.parent(one, _ovn.SWITCHES, "ports") != switch:
            leave(planner, one)
    mine = counterparts(nb, [port.name])
    wanted: dict[str, t.Any] = {"type": "router", "addresses": ("router",)}
    if mine:
        row = nb.row(mine[0])
        kept = {"addresses": row["addresses"]} if _has_those_of(row, port) else {}
        _ovn.change(
            planner,
            mine[0],
            {**wanted, **kept, **_ovn.unhindered(row)},
            f"join port {port.name} to OVN switch {port.switch}",
        )
        return
    name = f"{port.switch}-{port.name}"
    if nb.named(_ovn.PORTS, name):
        raise _errors.Conflict(
            f"{path}switch: the port '{name}' that would lead from switch '{port.switch}' to it is there, and leads"
            " elsewhere. Delete it first, or take another name for the port of the router."
        )
    new = _northbound.Place(_ovn.PORTS, nb.next_id())
    values = {"name": name, **wanted, "options": {ROUTER_PORT: port.name}}
    words = f"join port {port.name} to OVN switch {port.switch}"
    planner.do(_northbound_ops.RowInsert(new, words, values, (switch, "ports")))


def _has_those_of(row: _northbound.Row, port: RouterPort) -> bool:
    """Whether a port of a switch has the addresses of the router's port written out, which means the same."""
    terms = row["addresses"][0].split() if len(row["addresses"]) == 1 else []
    return terms[:1] == [port.mac] and {*terms[1:]} == {one.partition("/")[0] for one in port.networks}


def counterparts(nb: _northbound.Northbound, names: t.Collection[str]) -> list[_northbound.Place]:
    """The ports of switches that lead to these ports of routers."""
    return [place for name in sorted(names) for place in nb.found(_ovn.PORTS, _leads_to, name)]


def _leads_to(row: _northbound.Row) -> tuple[str, ...]:
    """The port of a router to which a port of a switch leads."""
    return (row["options"].get(ROUTER_PORT, ""),) if row["type"] == "router" else ()


def routers_of(nb: _northbound.Northbound, name: str) -> list[str]:
    """The name of the router that has a port of this name; none if no router has one."""
    owners = [nb.parent(port, _ovn.ROUTERS, "ports") for port in nb.named(TABLE, name)]
    return [nb.row(owner)["name"] for owner in owners if owner is not None]


def leave(planner: _plan.Planner, port: _northbound.Place) -> None:
    """Plan that a switch no longer leads to a router."""
    nb = planner.now.nb
    switch = nb.parent(port, _ovn.SWITCHES, "ports")
    name = "" if switch is None else nb.row(switch)["name"]
    words = f"take port {nb.row(port)['options'].get(ROUTER_PORT)} off OVN switch {name}"
    planner.do(_northbound_ops.RowDelete(port, words))


def shown(nb: _northbound.Northbound, router: _northbound.Place) -> list[dict[str, t.Any]]:
    """The ports in the shape of the options."""
    found = []
    for place in nb.children(router, "ports"):
        row = nb.row(place)
        switches = [nb.parent(one, _ovn.SWITCHES, "ports") for one in counterparts(nb, [row["name"]])]
        gateways = [nb.row(child) for child in nb.children(place, "gateway_chassis")]
        one: dict[str, t.Any] = {
            "name": row["name"],
            "switch": next((nb.row(switch)["name"] for switch in switches if switch is not None), ""),
            "mac": row["mac"],
            "networks": list(row["networks"]),
            "gateway_chassis": {gateway["chassis_name"]: gateway["priority"] for gateway in gateways},
            "ra": dict(row["ipv6_ra_configs"]),
        }
        found.append(one)
    return sorted(found, key=lambda one: str(one["name"]))
