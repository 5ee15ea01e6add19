# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has which MAC address and which addresses on each switch: its ports, the ports of routers that lead to it, and
floating addresses. OVN takes an address twice, and then answers for one of the two.
"""

from __future__ import annotations

import contextlib
import dataclasses
import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import _ovn, _router_ports
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _northbound, _plan

OF_ADDRESSES = ("addresses", "mac", "networks", "external_ip", "external_mac")  # the columns that have addresses
FLOATING = "dnat_and_snat"
Network = t.Union[ipaddress.IPv4Network, ipaddress.IPv6Network]


@dataclasses.dataclass(frozen=True)
class Resident:
    """A row with what it has on a switch."""

    place: _northbound.Place
    words: str
    mac: str
    addresses: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """The MAC address, if it has one, and the addresses."""
        return (self.mac, *self.addresses) if self.mac else self.addresses


# By the ids of switches, by MAC address or address
Residents = t.Mapping[str, t.Mapping[str, t.Sequence[Resident]]]


def of_port(row: _northbound.Row, place: _northbound.Place) -> list[Resident]:
    """What a port of a switch has: the words in its addresses that are addresses."""
    found = []
    for told in row["addresses"]:
        terms = told.split()
        mac = terms[0].lower() if terms and ":" in terms[0] else ""
        addresses = tuple(one for one in (_plain(term) for term in terms[1:]) if one)
        if mac or addresses:
            found.append(Resident(place, f"port '{row['name']}'", mac, addresses))
    return found


def of_switches(nb: _northbound.Northbound) -> Residents:
    """All that have an address on a switch."""
    found: dict[str, dict[str, list[Resident]]] = {}
    for key, switch in nb.rows(_ovn.SWITCHES).items():
        here = found.setdefault(key, {})
        for port in switch["ports"]:
            place = _northbound.Place(_ovn.PORTS, port)
            row = nb.row(place)
            for one in _through(nb, row) if row["type"] == "router" else of_port(row, place):
                for told in one.all:
                    here.setdefault(told, []).append(one)
    return found


def _through(nb: _northbound.Northbound, row: _northbound.Row) -> list[Resident]:
    """What a router has on the switch to which this port of the switch leads."""
    found = []
    for place in nb.named(_router_ports.TABLE, row["options"].get(_router_ports.ROUTER_PORT, "")):
        port = nb.row(place)
        owner = nb.parent(place, _ovn.ROUTERS, "ports")
        if owner is not None:
            router = nb.row(owner)
            of = f"of router '{router['name']}'"
            own = tuple(_plain(one.partition("/")[0]) for one in port["networks"])
            found.append(Resident(place, f"port '{port['name']}' {of}", port["mac"].lower(), own))
            networks = networks_in(port["networks"])
            rows = [(_northbound.Place("NAT", key), nb.rows("NAT").get(key)) for key in router["nat"]]
            found += [
                Resident(nat, f"router '{router['name']}' (a floating address)", told["external_mac"] or "", (outside,))
                for nat, told in rows
                if told and told["type"] == FLOATING and (outside := _plain(told["external_ip"])) not in own
                if any(ipaddress.ip_address(outside) in network for network in networks)
            ]
    return found


def _plain(value: str) -> str:
    """An address in normal form; '' if it is none."""
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        return ""


def networks_in(values: t.Iterable[str]) -> list[Network]:
    """The networks of values such as '10.0.0.1/24'. What is none is left out: the row may be another program's."""
    found: list[Network] = []
    for value in values:
        with contextlib.suppress(ValueError):
            found.append(ipaddress.ip_interface(value).network)
    return found


def of_routers(nb: _northbound.Northbound) -> t.Mapping[str, t.Sequence[Network]]:
    """By the ids of switches, the networks of the ports of routers that lead there."""
    found = {}
    for key, switch in nb.rows(_ovn.SWITCHES).items():
        rows = [nb.row(_northbound.Place(_ovn.PORTS, port)) for port in switch["ports"]]
        names = [row["options"].get(_router_ports.ROUTER_PORT, "") for row in rows if row["type"] == "router"]
        ports = [nb.row(place) for name in names for place in nb.named(_router_ports.TABLE, name)]
        found[key] = [network for port in ports for network in networks_in(port["networks"])]
    return found


def _age(place: _northbound.Place, planner: _plan.Planner) -> int:
    """When a plan gives a row its addresses: 0 of a row that has them already, 1 of another old one."""
    before = planner.before.nb.rows(place.table).get(place.id)
    if before is None:
        return 1 + int(place.id[1:])
    now = planner.now.nb.row(place)
    return int(any(before.get(name) != now.get(name) for name in OF_ADDRESSES))


def subnets_of(row: _northbound.Row) -> list[Network]:
    """The networks of which OVN allots addresses on a switch."""
    told = row["other_config"]
    prefix = told.get("ipv6_prefix")
    return networks_in([told.get("subnet", ""), f"{prefix}/64" if prefix else ""])


def refuse_taken(
    planner: _plan.Planner, switch: _northbound.Place, own: Resident, path_of: t.Callable[[str], str]
) -> None:
    """Refuse an address that somebody else has on the switch. ``path_of``: where the user wrote the address. Of two
    that a plan makes, the one that comes later is refused.
    """
    nb = planner.now.nb
    there = nb.derived(of_switches)[switch.id]
    for told in own.all:
        other = next((other for other in there.get(told, ()) if other.place != own.place), None)
        if other is not None and _age(other.place, planner) <= _age(own.place, planner):
            raise _errors.BadInput(
                f"{path_of(told)}: {told} belongs to {other.words} on switch '{nb.row(switch)['name']}', too, and"
                " OVN answers for one of the two only. Take another one."
            )


def refuse_outside(
    told: str,
    subnets: t.Sequence[Network],
    routed: t.Sequence[Network],
    switch: str,
    path: str,
) -> None:
    """Refuse an address outside of the switch's subnet, unless a router has a port in its network there."""
    address = ipaddress.ip_address(told)
    own = [one for one in subnets if one.version == address.version]
    if not own or address.is_link_local:
        return
    if not any(address in one for one in (*own, *routed)):
        raise _errors.BadInput(
            f"{path}: {told} is outside of {', '.join(map(str, own))}, the subnet of switch '{switch}'. Take an address"
            " in it, or change the subnet."
        )
    for one in own:
        if one.version == 4 and one.prefixlen < 31 and address in (one.network_address, one.broadcast_address):
            what = "network" if address == one.network_address else "broadcast"
            raise _errors.BadInput(f"{path}: {told} is the {what} address of {one}; take one that a host can have.")
