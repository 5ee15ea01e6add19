# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The home of a link that netns_interface moved: what it had there, and how it goes back."""

from __future__ import annotations

import dataclasses
import ipaddress
import json
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds import _link, _link_addresses
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _address,
    _address_ops,
    _bridge_port,
    _errors,
    _fallout,
    _identity,
    _link_ops,
    _parents,
    _plan,
    _route,
    _six_ops,
    _snapshot,
    _stack_ops,
)

KEPT = ("mac", "mtu", "txqueuelen", "alias", "altnames", "master", "up")  # besides addresses, routes and neighbours


def recorded(snapshot: _snapshot.Snapshot, ns: _snapshot.NsKey, path: str, link: _snapshot.Link | None) -> dict[str, t.Any]:
    """Our record of a link, if it speaks of this very one: a name may have come back on another."""
    text = snapshot.files.get(path)
    if not text or link is None:
        return {}
    try:
        record: dict[str, t.Any] = json.loads(text)
        same = record.get("permanent_mac") == link.permanent_mac and _identity.is_marked(snapshot.namespaces[ns], record)
    except (ValueError, AttributeError) as error:
        raise _errors.damaged(path, error, f"It says where '{link.name}'{_in(ns)} came from, and what it had there.") from error
    return record if same and (record.get("ifindex") == link.index or (record.get("moving") and link.permanent_mac)) else {}


def _passable(routes: t.Iterable[_route.Route], ns: _snapshot.Namespace, name: str) -> list[_route.Route]:
    """Those that the link can have with its addresses, in an order that works: routes of a lease, which is not kept, come with the next one."""
    held = {ipaddress.ip_interface(address.cidr).ip for link in ns.links.values() for address in link.addresses}
    reached: list[t.Any] = [ipaddress.ip_network(address.network) for address in ns.links[name].addresses]
    found = []
    for route in sorted(routes, key=lambda route: route.leans):
        gateways = [ipaddress.ip_address(way.gateway) for way in route.ways if way.gateway and way.device == name and not (way.onlink or route.onlink)]
        near = all(gateway.is_link_local or any(gateway in network for network in reached) for gateway in gateways)
        if near and route.devices <= set(ns.links) and (route.source is None or ipaddress.ip_address(route.source) in held):
            found.append(route)
            reached += [] if route.leans else [ipaddress.ip_network(route.destination)]
    return found


def home_of(place: _plan.Place, planner: _plan.Planner) -> dict[str, t.Any]:
    """What a link is to get back when it goes home from elsewhere."""
    ns, name = planner.now.namespaces[place[0]], place[1]
    link = ns.links[name]
    wish = f"move '{name}'{_in(ns.key)} and bring it home as it was"
    _refuse_what_goes(place, wish, planner)
    by_it = [*ns.routes.by(name), *(route for route in _stack_ops.preferring(ns, name, [one.cidr for one in link.addresses]) if name not in route.devices)]
    _stack_ops.refuse_bound(ns.key, by_it, wish)
    routes = [dataclasses.asdict(route) for route in by_it if route.kept and not route.passing]
    for route in by_it:
        if route.kept and route.passing:  # a router tells of its own again
            planner.warn(f"The {_stack_ops.words_of(route)}{_in(ns.key)} expires in {route.expires} s; it does not come home with '{name}'.")
    had = {
        "addresses": [dataclasses.asdict(address) for address in link.addresses if address.lasting],
        "sysctl": {key: value for (of, key), value in ns.sysctl.items() if of == name and value is not None},
        "neighbours": [dataclasses.asdict(one) for one in ns.neighbours if one.device == name],
        "port": _bridge_port.special_flags(link) if link.master else {},
    }
    return {"netns": ns.key, "name": name, **{key: getattr(link, key) for key in KEPT}, "routes": routes, **had}


def _refuse_what_goes(place: _plan.Place, wish: str, planner: _plan.Planner) -> None:
    """What nobody could give back is not taken away: neither from the link, nor from what stands on it and stays."""
    link = planner.now.namespaces[place[0]].links[place[1]]
    if link.bound:
        raise _errors.Conflict(f"Cannot {wish}: it has {' and '.join(link.bound)}, which it loses when it moves. Delete that first, and set it up again there.")
    for fall in _fallout.of_vlans_down(planner.now, place):
        lost = fall.taken(planner.now)
        if lost:
            raise _errors.Conflict(
                f"Cannot {wish}: the VLAN '{fall.link}'{_in(fall.ns)} stands on it, and goes down and up when it moves, which {', '.join(lost)}."
                f" Move or delete '{fall.link}' first."
            )
    idle = next((vlan for _ns, vlan in _parents.vlans_on(planner.now, place) if link.up and not vlan.up), None)
    if idle is not None:
        raise _errors.Conflict(f"Cannot {wish}: the VLAN '{idle.name}' on it is down, and would come up with it. Move or delete '{idle.name}' first.")


def send(here: _plan.Place, home: t.Mapping[str, t.Any], planner: _plan.Planner) -> None:
    """Plan that a link goes home from where it is, and gets back what it had there."""
    place = (home["netns"] if planner.now.has(home["netns"]) else None, home["name"])
    if planner.now.link(*place) is not None:
        raise _errors.Conflict(f"Cannot send '{here[1]}'{_in(here[0])} home: '{place[1]}'{_in(place[0])} is taken by another link. Rename that one first.")
    planner.move(here, place, home.get("altnames"))
    link = planner.now.namespaces[place[0]].links[place[1]]
    kept = {**home, "altnames": tuple(home.get("altnames", link.altnames))}  # (which an older record lacks)
    state = {key: kept[key] for key in KEPT if kept.get(key) is not None and kept[key] != getattr(link, key)}
    master = planner.now.link(place[0], state["master"]) if state.get("master") else None
    if master is None:
        state.pop("master", None)
    elif home.get("port"):
        state["port"] = home["port"]
    if master is not None and master.kind == "bond":
        state.pop("mac", None)  # which gives its ports one MAC address, and keeps their own for later
    # Before the link is up: accept_ra and its kind act when a link comes up.
    for key, value in home.get("sysctl", {}).items():
        planner.do(_six_ops.sysctl_set(*place, key, value))
    if state:
        planner.do(_link_ops.LinkSet(*place, state))
    # (An older record has bare addresses.)
    addresses = [_address.Address(one) if isinstance(one, str) else _address.Address(**one) for one in home.get("addresses", ())]
    for op in _address_ops.addresses_back(*place, addresses):
        planner.do(op)
    _give_routes([_route.recorded(one) for one in home.get("routes", ())], place, planner)
    for neighbour in home.get("neighbours", ()):
        planner.do(_stack_ops.NeighbourSet(place[0], _snapshot.Neighbour(**neighbour)))


def _give_routes(routes: t.Sequence[_route.Route], place: _plan.Place, planner: _plan.Planner) -> None:
    space = planner.now.namespaces[place[0]]
    space.routes.expect(routes)
    passable = _passable(routes, space, place[1])
    for route in passable:
        bare = dataclasses.replace(route, source=None)  # what an IPv6 route by another link was meanwhile
        for op in _stack_ops.replacement(space, bare, route) if route.source and bare in space.routes else (_stack_ops.RouteSet(place[0], route),):
            planner.do(op)
    for route in routes:
        if route.leans and route.nexthops and route not in passable:
            planner.warn(f"{_stack_ops.words_of(route).capitalize()}{_in(place[0])} does not come back with '{place[1]}': one of its ways is gone.")


def lost(here: _plan.Place, source: _plan.Place | None, planner: _plan.Planner) -> dict[str, t.Any]:
    """A home for a link without a record of its own."""
    name = source[1] if source else here[1]
    planner.warn(f"The record of where '{here[1]}'{_in(here[0])} came from is lost; it goes to '{name}'{_in(None)} without addresses.")
    return {"netns": None, "name": name}


def strip(here: _plan.Place, spec: _link.LinkSpec, link: _snapshot.Link, planner: _plan.Planner) -> None:
    """Managed in place: only the declared addresses, alternative names and master go."""
    for address in link.addresses:
        if address.cidr in (spec.addresses or ()):
            planner.do(_link_addresses.deletion(*here, address))
    kept = tuple(name for name in link.altnames if name not in (spec.altnames or ()))
    if kept != link.altnames:
        planner.do(_link_ops.LinkSet(*here, {"altnames": kept}))
    if spec.master and link.master == spec.master:
        planner.do(_link_ops.LinkSet(*here, {"master": None}))


def _in(ns: _snapshot.NsKey) -> str:
    return f" in namespace '{ns}'" if ns else " on the host"
