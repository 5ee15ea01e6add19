# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an adopted link loses by the declarations of a topology, and gets back with its attributes: addresses with
details, routes, neighbours.
"""

from __future__ import annotations

import dataclasses
import json
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.link import _link_addresses
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _address,
    _fallout,
    _link_ops,
    _mtus,
    _plan,
    _route,
    _snapshot,
    _stack_ops,
    _uplink,
)


@dataclasses.dataclass(frozen=True)
class Again:
    """What the link is to have again, and which addresses it got meanwhile."""

    had: _uplink.Belongings
    got: tuple[str, ...]
    sysctl: tuple[tuple[str, str], ...] = ()
    above: tuple[tuple[_plan.Place, _uplink.Belongings], ...] = ()  # what VLANs on it are to have


def lost(
    place: _plan.Place,
    known: _plan.Params,
    was: t.Sequence[str] | None,
    before: _snapshot.Snapshot,
    planner: _plan.Planner,
) -> _plan.Params:
    """What a plan takes from the link, in addition to what the record ``known`` has already.

    ``was``: the addresses that it had when it was adopted, if the topology has changed them since: others are the
    topology's own. Routes and neighbours that the plan deletes by name are those of other entries, or of an option that
    is remembered.
    """
    old, new = before.namespaces.get(place[0]), planner.now.namespaces.get(place[0])
    if old is None or new is None or place[1] not in old.links or place[1] not in new.links:
        return known
    has = {address.key: address for address in new.links[place[1]].addresses}
    addresses = [
        one
        for one in old.links[place[1]].addresses
        if one.lasting and not is_same(has.get(one.key), one) and (was is None or one.cidr in was)
    ]
    # Else nothing is lost, and it is not asked for: a host may have a million routes.
    falling = any(step.falls for step in planner.steps)
    found: dict[str, t.Sequence[t.Any]] = {
        "addresses": addresses,
        "neighbours": _neighbours_lost(old, new, place[1], planner),
        "routes": _routes_lost(old, new, place[1], planner) if falling else [],
    }
    gone = {name: _data(lost) for name, lost in found.items()}
    gone["sysctl"] = _sysctls_lost(old, new, place[1])
    gone["above"] = _above(place, before, planner) if falling else []
    return {
        name: [*known.get(name, ()), *(data for data in gone[name] if data not in known.get(name, ()))]
        for name in gone
        if gone[name] or known.get(name)
    }


def _neighbours_lost(
    old: _snapshot.Namespace, new: _snapshot.Namespace, name: str, planner: _plan.Planner
) -> list[t.Any]:
    named = {
        step.op.neighbour
        for step in planner.steps
        if isinstance(step.op, (_stack_ops.NeighbourSet, _stack_ops.NeighbourDelete))
    }
    return [one for one in old.neighbours if one.device == name and one not in new.neighbours and one not in named]


def _sysctls_lost(old: _snapshot.Namespace, new: _snapshot.Namespace, name: str) -> list[t.Any]:
    return [
        [key, value]
        for (of, key), value in old.sysctl.items()
        if of == name and value is not None and (of, key) not in new.sysctl
    ]


def _data(found: t.Iterable[t.Any]) -> list[t.Any]:
    """Objects in the form in which a record returns them."""
    return t.cast("list[t.Any]", json.loads(json.dumps([dataclasses.asdict(one) for one in found])))


def _above(place: _plan.Place, before: _snapshot.Snapshot, planner: _plan.Planner) -> list[t.Any]:
    """What VLANs lose that go down with the link."""
    now = planner.now.link(*place)
    if now is None or now.up or not before.namespaces[place[0]].links[place[1]].up:
        return []
    found = []
    for fall in _fallout.of_vlans_down(before, place):
        lost = {
            "addresses": _data(one for one in fall.addresses if one.lasting),
            "routes": _data(one for one in fall.routes if one.kept and not one.passing),
            "neighbours": _data(fall.neighbours),
        }
        found += [[fall.ns, fall.link, lost]] if any(lost.values()) else []
    return found


def _routes_lost(
    old: _snapshot.Namespace, new: _snapshot.Namespace, name: str, planner: _plan.Planner
) -> list[_route.Route]:
    ops = [step.op for step in planner.steps]
    named = {op.route for op in ops if isinstance(op, _stack_ops.RouteDelete)} | {
        op.instead_of for op in ops if isinstance(op, _stack_ops.RouteSet)
    }
    has = set(_uplink.belongings(new, name).routes)
    return [
        one
        for one in _uplink.belongings(old, name).routes
        if one not in has and one not in named and one.kept and not one.passing
    ]


def is_same(one: _address.Address | None, other: _address.Address) -> bool:
    """Whether two addresses of one key have the same attributes; lifetimes run down."""
    if one is None or one.preferred != other.preferred:
        return False
    return all(one.detail.get(name) == other.detail.get(name) for name in {*one.detail, *other.detail} - {"lifetimes"})


def again(whole: _plan.Params, was: t.Sequence[str] | None, declared: t.Sequence[str] | None) -> Again:
    """The wish to restore a link. ``was``: the addresses that it had, if the topology changed them to the ``declared``
    ones.
    """
    sysctl = tuple((str(key), str(value)) for key, value in whole.get("sysctl", ()))
    above = tuple(((ns, name), _belongings(data)) for ns, name, data in whole.get("above", ()))
    return Again(
        _belongings(whole), tuple(cidr for cidr in declared or () if was is not None and cidr not in was), sysctl, above
    )


def _belongings(data: _plan.Params) -> _uplink.Belongings:
    return _uplink.Belongings(
        tuple(_address.Address(**one) for one in data.get("addresses", ())),
        tuple(_route.recorded(one) for one in data.get("routes", ())),
        tuple(_snapshot.Neighbour(**one) for one in data.get("neighbours", ())),
    )


def give(wish: Again, place: _plan.Place, planner: _plan.Planner) -> None:
    """Plan the restoration. What the topology gave is removed last: with its last IPv4 address a link loses its
    routes.
    """
    space = planner.now.namespaces[place[0]]
    link = space.links[place[1]]
    if _mtus.mtu_of(planner.before, place) < _mtus.LEAST_FOR_IPV6:  # which removed them
        for key, value in wish.sysctl:
            planner.do(_stack_ops.SysctlSet(*place, key, value))
    had = {one.cidr: one for one in wish.had.addresses}
    changed = [one for one in link.addresses if one.cidr in had and not is_same(one, had[one.cidr])]
    here = _uplink.belongings(space, place[1]) if changed else _uplink.Belongings()
    for address in changed:
        planner.do(_link_addresses.deletion(*place, address))
    _uplink.give(
        planner,
        dataclasses.replace(
            wish.had, routes=tuple(route for route in wish.had.routes if route.devices <= set(space.links))
        ),
        *place,
    )
    _uplink.give(planner, dataclasses.replace(here, addresses=()), *place)  # what was lost with the replaced addresses
    for address in [one for one in link.addresses if one.cidr in wish.got and one.cidr not in had]:
        planner.do(_link_addresses.deletion(*place, address))
    for vlan, belongings in wish.above:
        was, there = planner.before.link(*vlan), planner.now.link(*vlan)
        if was is not None and there is not None and there.up:
            if not was.up:  # it comes up with its parent, but some moments later (Linux 7.2)
                planner.do(_link_ops.LinkSet(*vlan, {"up": True}))
            _uplink.give(planner, belongings, *vlan)
