# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes a load balancer that OVN takes, and that then takes traffic away from a member, or does not look after its
backends.
"""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import _ovn, _residents, _router_ports
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _northbound, _plan

BALANCERS = "Load_Balancer"


def judge_vips(
    nb: _northbound.Northbound, place: _northbound.Place, vips: t.Mapping[str, t.Sequence[str]], path: str
) -> None:
    """Refuse a vip that is an address of a member. ``vips``: the addresses of the backends of each vip."""
    acts = _acts_on(nb, place, sorted({one for backends in vips.values() for one in backends}))
    for vip, backends in vips.items():
        address = _ovn.address_of(vip)
        if address in backends:
            raise _errors.BadInput(
                f"{path}.{vip}: {address} is one of its own backends, which would then never be reached by itself. Take"
                " an address that nobody has."
            )
        member = _member(nb, address, acts)
        if member is not None:
            raise _errors.BadInput(
                f"{path}.{vip}: {address} is an address of {member.words}, which the load balancer would take the"
                " traffic from. Take an address that nobody has."
            )


def refuse_twin(planner: _plan.Planner, place: _northbound.Place, path: str) -> None:
    """Refuse a vip that another load balancer has in the same place: OVN obeys one of the two."""
    nb = planner.now.nb
    own, here, age = nb.row(place), _places_of(nb, place), _residents.age(place, planner)
    for vip in own["vips"]:
        others = (one for one in nb.found(place.table, _vips_of, vip) if one != place)
        for other in (one for one in others if _residents.age(one, planner) <= age):
            row = nb.row(other)
            common = here & _places_of(nb, other)
            if common and (row["protocol"] or "tcp") == (own["protocol"] or "tcp"):
                where = sorted((one.table, nb.row(one)["name"]) for one in common)[0]
                word = "switch" if where[0] == _ovn.SWITCHES else "router"
                raise _errors.BadInput(
                    f"{path}.{vip}: load balancer '{row['name']}' on {word} '{where[1]}' has it, too, and OVN obeys one"
                    " of the two. Take another one, or one load balancer with the backends of both."
                )


def refuse_vip(planner: _plan.Planner, switch: _northbound.Place, told: str, path: str) -> None:
    """Refuse the address of a member on a switch where a load balancer takes the traffic to it already. A vip that the
    plan makes is refused itself.
    """
    nb, before = planner.now.nb, planner.before.nb
    for place in before.found(BALANCERS, _addresses_of_vips, told):
        if place not in nb.found(BALANCERS, _addresses_of_vips, told):
            continue
        backends = [_ovn.address_of(one) for ones in nb.row(place)["vips"].values() for one in ones.split(",") if one]
        if switch in _acts_on(nb, place, sorted({*backends})):
            raise _errors.BadInput(
                f"{path}: {told} is a vip of load balancer '{nb.row(place)['name']}', which would take the traffic from"
                " the port. Take another one."
            )


def _addresses_of_vips(row: _northbound.Row) -> list[str]:
    return [_ovn.address_of(vip) for vip in row["vips"]]


def _vips_of(row: _northbound.Row) -> tuple[str, ...]:
    return tuple(row["vips"])


def _places_of(nb: _northbound.Northbound, place: _northbound.Place) -> set[_northbound.Place]:
    """The switches and routers that name a load balancer."""
    return {by for by, column in nb.naming(place) if column == "load_balancer"}


def _acts_on(
    nb: _northbound.Northbound, place: _northbound.Place, backends: t.Sequence[str]
) -> list[_northbound.Place]:
    """The switches where the load balancer acts; if it acts nowhere yet, those where its backends are."""
    switches = nb.found(_ovn.SWITCHES, "load_balancer", place.id)
    for router in nb.found(_ovn.ROUTERS, "load_balancer", place.id):
        names = [nb.row(port)["name"] for port in nb.children(router, "ports")]
        ends = (nb.parent(end, _ovn.SWITCHES, "ports") for end in _router_ports.counterparts(nb, names))
        switches += [switch for switch in ends if switch is not None]
    return switches or [switch for told in backends for switch, _who in _residents.on_switches(nb, told)]


def _member(
    nb: _northbound.Northbound, address: str, switches: t.Collection[_northbound.Place]
) -> _residents.Resident | None:
    """The port that has an address on one of the switches."""
    there = _residents.on_switches(nb, address)
    return next((one for switch, one in there if one.place.table == _ovn.PORTS and switch in switches), None)


def judge_sources(
    planner: _plan.Planner,
    sources: t.Mapping[str, tuple[str, str]],
    backends: t.Collection[str],
    path: str,
) -> None:
    """Refuse sources of health checks that OVN could not use, and warn of those that it lacks."""
    nb = planner.now.nb
    lacking = sorted({*backends} - {*sources})
    if lacking:
        planner.warn(
            f"{path}.sources: lack {', '.join(lacking)}; OVN does not check a backend of which it knows neither the"
            " port nor a free address to ask from."
        )
    for backend, (name, address) in sources.items():
        here = f"{path}.sources.{backend}"
        if backend not in backends:
            raise _errors.BadInput(f"{here}: is no backend of a vip; leave it out.")
        found = nb.named(_ovn.PORTS, name)
        if not found:
            planner.warn(f"{here}.port: there is no logical port '{name}'; OVN checks the backend when there is one.")
            continue
        port = found[0]
        had = [told for one in _residents.of_port(nb.row(port), port) for told in one.addresses]
        if had and backend not in had:
            raise _errors.BadInput(f"{here}.port: '{name}' has {', '.join(had)}, and not {backend}. Give its port.")
        switch = nb.parent(port, _ovn.SWITCHES, "ports")
        if switch is None:
            continue
        other = next((one for there, one in _residents.on_switches(nb, address) if there == switch), None)
        if other is not None:
            raise _errors.BadInput(
                f"{here}.address: {address} is an address of {other.words}; OVN asks from an address that nobody has."
            )
        _residents.refuse_outside(address, nb, switch, f"{here}.address")
