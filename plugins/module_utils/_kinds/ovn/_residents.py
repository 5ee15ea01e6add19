# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has which MAC address and which addresses on each switch: its ports, the ports of routers that lead to it, and
floating addresses. OVN takes an address twice, and then answers for one of the two.
"""

from __future__ import annotations

import functools
import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import _ovn, _router_ports
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _northbound, _plan

OF_ADDRESSES = (
    "addresses",
    "mac",
    "networks",
    "external_ip",
    "external_mac",
    "vips",
)  # columns that have some
FLOATING = "dnat_and_snat"
Network = t.Union[ipaddress.IPv4Network, ipaddress.IPv6Network]


class Resident(t.NamedTuple):
    """A row with what it has on a switch."""

    place: _northbound.Place
    words: str
    mac: str
    addresses: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """The MAC address, if it has one, and the addresses."""
        return (self.mac, *self.addresses) if self.mac else self.addresses


def of_port(row: _northbound.Row, place: _northbound.Place) -> list[Resident]:
    """What a port of a switch has: the words in its addresses that are addresses."""
    words = f"port '{row['name']}'"
    return [Resident(place, words, mac, addresses) for mac, addresses in map(_terms, row["addresses"])]


def addresses_in(line: str) -> tuple[str, ...]:
    """The addresses in a line of a port's addresses."""
    return _terms(line)[1]


@functools.cache  # a plan asks more than once for each
def _terms(told: str) -> tuple[str, tuple[str, ...]]:
    """The MAC address in a line of a port's addresses, and its addresses."""
    terms = told.split()
    mac = terms[0].lower() if terms and ":" in terms[0] else ""
    return mac, tuple(one for one in (plain(term) for term in terms[1:]) if one)


def on_switches(
    nb: _northbound.Northbound, told: str, but: _northbound.Place | None = None
) -> t.Iterator[tuple[_northbound.Place, Resident]]:
    """Who has a MAC address or an address, each with the switch where that is. ``but``: a row that is not meant."""
    for place in nb.found(_ovn.PORTS, _of_member, told):
        switch = None if place == but else nb.parent(place, _ovn.SWITCHES, "ports")
        if switch is not None:
            yield from ((switch, one) for one in of_port(nb.row(place), place) if told in one.all)
    for place in nb.found(_router_ports.TABLE, _of_router_port, told):
        port, owner = nb.row(place), nb.parent(place, _ovn.ROUTERS, "ports")
        if owner is not None:
            words = f"port '{port['name']}' of router '{nb.row(owner)['name']}'"
            one = Resident(place, words, port["mac"].lower(), own_of(port))
            yield from ((switch, one) for switch in _behind(nb, port))
    for place in nb.found("NAT", _of_floating, told):
        router = nb.parent(place, _ovn.ROUTERS, "nat")
        if router is not None:
            yield from ((switch, _floating(nb, place, router)) for switch in _announced_on(nb, place, router))


def _of_member(row: _northbound.Row) -> list[str]:
    """What a port has that is no way to a router."""
    ones = [] if row["type"] == "router" else map(_terms, row["addresses"])
    return [told for mac, addresses in ones for told in (mac, *addresses) if told]


def _of_router_port(row: _northbound.Row) -> list[str]:
    return [row["mac"].lower(), *own_of(row)]


def _of_floating(row: _northbound.Row) -> list[str]:
    return [(row["external_mac"] or "").lower(), plain(row["external_ip"])] if row["type"] == FLOATING else []


def own_of(port: _northbound.Row) -> tuple[str, ...]:
    """The addresses of a router's port."""
    return tuple(plain(one.partition("/")[0]) for one in port["networks"])


def _behind(nb: _northbound.Northbound, port: _northbound.Row) -> list[_northbound.Place]:
    """The switches that lead to a router's port."""
    ends = _router_ports.counterparts(nb, [port["name"]])
    found = (nb.parent(end, _ovn.SWITCHES, "ports") for end in ends)
    return [switch for switch in found if switch is not None]


def _floating(nb: _northbound.Northbound, place: _northbound.Place, router: _northbound.Place) -> Resident:
    row = nb.row(place)
    words = f"router '{nb.row(router)['name']}' (a floating address)"
    return Resident(place, words, (row["external_mac"] or "").lower(), (plain(row["external_ip"]),))


def _announced_on(
    nb: _northbound.Northbound, nat: _northbound.Place, router: _northbound.Place
) -> t.Iterator[_northbound.Place]:
    """The switches on which a router answers for a floating address that no port of it has."""
    outside = plain(nb.row(nat)["external_ip"])
    for port in () if not outside else (nb.row(child) for child in nb.children(router, "ports")):
        networks = networks_in(port["networks"])
        if outside not in own_of(port) and any(address(outside) in network for network in networks):
            yield from _behind(nb, port)


def plain(value: str) -> str:
    """An address in normal form; '' if it is none."""
    try:
        return str(address(value))
    except ValueError:
        return ""


address = functools.cache(ipaddress.ip_address)  # a plan looks at each more than once


def networks_in(values: t.Iterable[str]) -> list[Network]:
    """The networks of values such as '10.0.0.1/24'. What is none is left out: the row may be another program's."""
    return [network for network in map(_network, values) if network is not None]


@functools.cache  # a plan asks for that of a switch with each of its ports
def _network(value: str) -> Network | None:
    try:
        return ipaddress.ip_interface(value).network
    except ValueError:
        return None


def _routed(nb: _northbound.Northbound, switch: _northbound.Place) -> list[Network]:
    """The networks of the ports of routers that lead to a switch."""
    rows = [nb.row(_northbound.Place(_ovn.PORTS, port)) for port in nb.row(switch)["ports"]]
    names = [row["options"].get(_router_ports.ROUTER_PORT, "") for row in rows if row["type"] == "router"]
    ports = [nb.row(place) for name in names for place in nb.named(_router_ports.TABLE, name)]
    return [network for port in ports for network in networks_in(port["networks"])]


def age(place: _northbound.Place, planner: _plan.Planner) -> int:
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
    for told in own.all:
        others = (one for there, one in on_switches(nb, told, own.place) if there == switch and one.place != own.place)
        other = next((one for one in others if age(one.place, planner) <= age(own.place, planner)), None)
        if other is not None:
            raise _errors.BadInput(
                f"{path_of(told)}: {told} belongs to {other.words} on switch '{nb.row(switch)['name']}', too, and"
                " OVN answers for one of the two only. Take another one."
            )


def refuse_outside(told: str, nb: _northbound.Northbound, place: _northbound.Place, path: str) -> None:
    """Refuse an address outside of the subnet of a switch, unless a router has a port in its network there."""
    found, switch = address(told), nb.row(place)
    own = [one for one in subnets_of(switch) if one.version == found.version]
    if not own or is_of_every_link(found):
        return
    if not any(found in one for one in own) and not any(found in one for one in _routed(nb, place)):
        raise _errors.BadInput(
            f"{path}: {told} is outside of {', '.join(map(str, own))}, the subnet of switch '{switch['name']}'. Take an"
            " address in it, or change the subnet."
        )
    refuse_of_no_host(told, own, path)


def is_of_every_link(one: t.Any) -> bool:
    """Whether an address or network is link-local in IPv6, where each link has it. In IPv4 it is a network like any."""
    return bool(one.version == 6 and one.is_link_local)


def refuse_of_no_host(told: str, networks: t.Iterable[Network], path: str) -> None:
    """Refuse the address of a whole network, and of all its hosts."""
    found = address(told)
    for one in networks:
        if one.version == 4 and one.prefixlen < 31 and found in (one.network_address, one.broadcast_address):
            what = "network" if found == one.network_address else "broadcast"
            raise _errors.BadInput(f"{path}: {told} is the {what} address of {one}; take one that a host can have.")
