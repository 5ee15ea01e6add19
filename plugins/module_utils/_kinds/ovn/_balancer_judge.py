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


def judge_vips(
    nb: _northbound.Northbound, place: _northbound.Place, vips: t.Mapping[str, t.Sequence[str]], path: str
) -> None:
    """Refuse a vip that is an address of a member. ``vips``: the addresses of the backends of each vip."""
    members = _members(nb, place, {one for backends in vips.values() for one in backends})
    for vip, backends in vips.items():
        address = _ovn.address_of(vip)
        if address in backends:
            raise _errors.BadInput(
                f"{path}.{vip}: {address} is one of its own backends, which would then never be reached by itself. Take"
                " an address that nobody has."
            )
        if address in members:
            raise _errors.BadInput(
                f"{path}.{vip}: {address} is an address of {members[address]}, which the load balancer would take the"
                " traffic from. Take an address that nobody has."
            )


def _members(nb: _northbound.Northbound, place: _northbound.Place, backends: t.Collection[str]) -> dict[str, str]:
    """The addresses of the ports where the load balancer acts, and where its backends are: whose each is."""
    switches = [key for key, row in nb.rows(_ovn.SWITCHES).items() if place.id in row["load_balancer"]]
    for key, row in nb.rows(_ovn.ROUTERS).items():
        if place.id in row["load_balancer"]:
            router = _northbound.Place(_ovn.ROUTERS, key)
            names = [nb.row(port)["name"] for port in nb.children(router, "ports")]
            ends = (nb.parent(end, _ovn.SWITCHES, "ports") for end in _router_ports.counterparts(nb, names))
            switches += [switch.id for switch in ends if switch is not None]
    residents = nb.derived(_residents.of_switches)
    acts = switches or [key for key, there in residents.items() if not there.keys().isdisjoint(backends)]
    return {
        address: one.words
        for switch in acts
        for address, ones in residents[switch].items()
        for one in ones
        if one.place.table == _ovn.PORTS
    }


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
        there = {} if switch is None else nb.derived(_residents.of_switches)[switch.id]
        other = next((one for one in there.get(address, ()) if one.place.table == _ovn.PORTS), None)
        if other is not None:
            raise _errors.BadInput(
                f"{here}.address: {address} is an address of {other.words}; OVN asks from an address that no member"
                " has."
            )
