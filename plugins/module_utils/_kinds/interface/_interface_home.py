# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The home of a link that netns_interface moved: what the link had there, and how it moves back."""

from __future__ import annotations

import dataclasses
import ipaddress
import json
import math
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.link import _link, _link_addresses
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _address,
    _address_ops,
    _bridge_port,
    _errors,
    _fallout,
    _fdb,
    _identity,
    _link_ops,
    _move_ops,
    _mtus,
    _ops,
    _parents,
    _plan,
    _record_ops,
    _route,
    _scope,
    _six_ops,
    _snapshot,
    _stack_ops,
)

# Besides addresses, routes and neighbours.
KEPT = (
    "mac",
    "mtu",
    "txqueuelen",
    "alias",
    "altnames",
    "master",
    "up",
    *_move_ops.LOST_BY_MOVING,
)
LISTS = ("altnames", "maddresses")  # which JSON gives back as such


def recorded(
    snapshot: _snapshot.Snapshot, ns: _snapshot.NsKey, path: str, link: _snapshot.Link | None
) -> dict[str, t.Any]:
    """Our record of a link, if it is about exactly this link. Another link may have the name now."""
    text = snapshot.files.get(path)
    if not text or link is None:
        return {}
    try:
        record: dict[str, t.Any] = json.loads(text)
        same = record.get("permanent_mac") == link.permanent_mac and _identity.is_marked(
            snapshot.namespaces[ns], record
        )
    except (ValueError, AttributeError) as error:
        raise _errors.damaged(
            path, error, f"It says where '{link.name}'{_in(ns)} came from, and what it had there."
        ) from error
    return (
        record
        if same and (record.get("ifindex") == link.index or (record.get("moving") and link.permanent_mac))
        else {}
    )


def _passable(routes: t.Iterable[_route.Route], ns: _snapshot.Namespace, name: str) -> list[_route.Route]:
    """The routes that the link can have with its addresses, in an order that works. Routes of a lease, which is not
    kept, return with the next one.
    """
    held = {ipaddress.ip_interface(address.cidr).ip for link in ns.links.values() for address in link.addresses}
    reached: list[t.Any] = [ipaddress.ip_network(address.network) for address in ns.links[name].addresses]
    found = []
    for route in sorted(routes, key=lambda route: route.leans):
        gateways = [
            ipaddress.ip_address(way.gateway)
            for way in route.ways
            if way.gateway and way.device == name and not (way.onlink or route.onlink)
        ]
        near = all(gateway.is_link_local or any(gateway in network for network in reached) for gateway in gateways)
        if (
            near
            and route.devices <= set(ns.links)
            and (route.source is None or ipaddress.ip_address(route.source) in held)
        ):
            found.append(route)
            reached += [] if route.leans else [ipaddress.ip_network(route.destination)]
    return found


def home_of(place: _plan.Place, planner: _plan.Planner) -> dict[str, t.Any]:
    """What a link gets back when it moves home from elsewhere."""
    ns, name = planner.now.namespaces[place[0]], place[1]
    link = ns.links[name]
    wish = f"move '{name}'{_in(ns.key)} and bring it home as it was"
    _refuse_what_goes(place, wish, planner)
    by_it = [
        *ns.routes.by(name),
        *(
            route
            for route in _stack_ops.preferring(ns, name, [one.cidr for one in link.addresses])
            if name not in route.devices
        ),
    ]
    _stack_ops.refuse_bound(ns.key, by_it, wish)
    had = {
        "addresses": [dataclasses.asdict(address) for address in link.addresses if address.lasting],
        "sysctl": {key: value for (of, key), value in ns.sysctl.items() if of == name and value is not None},
        "neighbours": [dataclasses.asdict(one) for one in ns.neighbours if one.device == name],
        "routes": [dataclasses.asdict(route) for route in by_it if route.kept],  # a router advertises its own again
        "uptime": planner.now.answers.get(_scope.Uptime()),  # when expiries were read
        "port": _fdb.to_record(_bridge_port.special_flags(link)) if link.master else {},
    }
    return {"netns": ns.key, "name": name, **{key: getattr(link, key) for key in KEPT}, **had}


def _refuse_what_goes(place: _plan.Place, wish: str, planner: _plan.Planner) -> None:
    """Refuse a move that would lose something that cannot be restored, of the link or of a link on it that stays."""
    link = planner.now.namespaces[place[0]].links[place[1]]
    if link.queueing:
        # A queueing discipline cannot be recreated with all its classes and filters from what the kernel tells.
        had = f"it has the qdisc {' and '.join(link.queueing)} (tc(8)), which it loses when it moves"
        raise _errors.Conflict(f"Cannot {wish}: {had}. Delete that first, and set it up again there.")
    for fall in _fallout.of_vlans_down(planner.now, place):
        lost = fall.taken(planner.now)
        if lost:
            raise _errors.Conflict(
                f"Cannot {wish}: the VLAN '{fall.link}'{_in(fall.ns)} stands on it, and goes down and up when it moves,"
                f" which {', '.join(lost)}. Move or delete '{fall.link}' first."
            )
    idle = next((vlan for _ns, vlan in _parents.vlans_on(planner.now, place) if link.up and not vlan.up), None)
    if idle is not None:
        raise _errors.Conflict(
            f"Cannot {wish}: the VLAN '{idle.name}' on it is down, and would come up with it. Move or delete"
            f" '{idle.name}' first."
        )


def leave(here: _plan.Place, planner: _plan.Planner) -> None:
    """Plan that IPv4 routes by others which prefer its addresses are deleted first: the kernel takes some along, and
    forgets others (fib_del_ifaddr()).
    """
    space = planner.now.namespaces[here[0]]
    cidrs = [address.cidr for address in space.links[here[1]].addresses]
    for route in _stack_ops.preferring(space, here[1], cidrs):
        if route.family == 4 and here[1] not in route.devices:
            planner.do(_stack_ops.RouteDelete(here[0], route))


def send(here: _plan.Place, home: t.Mapping[str, t.Any], planner: _plan.Planner, record: str) -> None:
    """Plan that a link moves home and gets back what it had there. ``record``: the path of our record of it."""
    place = _home_place(home, planner.now)
    if planner.now.link(*place) is not None:
        raise _errors.Conflict(
            f"Cannot send '{here[1]}'{_in(here[0])} home: '{place[1]}'{_in(place[0])} is taken by another link. Rename"
            " that one first."
        )
    if planner.now.files.get(record) is not None:
        planner.do(_record_ops.LinkReturn(*here, record, {"home": home, "returning": True}))
    leave(here, planner)
    planner.move(here, place, home.get("altnames"))
    _settle(place, home, planner)
    if planner.now.files.get(record) is not None:
        planner.do(_ops.FileDelete(record, quiet=True))


def finish(planner: _plan.Planner, record: str, but: _plan.Place | None = None) -> None:
    """Plan the rest of a move home during which a run was killed. ``record``: of a link that is not where it was
    brought; ``but``: not of this one.
    """
    place, home = _unfinished(planner.now, record)
    if place is not None and place != but:
        _settle(place, home, planner)


def _unfinished(now: _snapshot.Snapshot, record: str) -> tuple[_plan.Place | None, dict[str, t.Any]]:
    """The place of a link that a killed run was moving, and what it is to have there."""
    try:
        found = json.loads(now.files.get(record) or "{}")
        home = found["home"]
        place = _home_place(home, now)
        link = now.link(*place)
        is_it = link is not None and (found["ifindex"], found["permanent_mac"]) == (link.index, link.permanent_mac)
    except (ValueError, KeyError, TypeError, AttributeError):  # no record, or one of an older release
        return None, {}
    return place if is_it and (found.get("returning") or found.get("moving")) else None, home


def vacate(here: _plan.Place, source: _plan.Place, planner: _plan.Planner, record: str) -> None:
    """Plan that a link which was brought here from another place than ``source`` moves home."""
    link = planner.now.link(*here)
    home = recorded(planner.now, here[0], record, link).get("home")
    if home is not None and source != (home["netns"], home["name"]):
        send(here, home, planner, record)
    elif link is None:
        finish(planner, record, but=source)


def _home_place(home: t.Mapping[str, t.Any], now: _snapshot.Snapshot) -> _plan.Place:
    return (home["netns"] if now.has(home["netns"]) else None, home["name"])


def _settle(place: _plan.Place, home: t.Mapping[str, t.Any], planner: _plan.Planner) -> None:
    """Plan that a link at home gets everything that it had there."""
    link = planner.now.namespaces[place[0]].links[place[1]]
    kept = {**home, **{key: tuple(home[key]) for key in LISTS if home.get(key) is not None}}
    state = {key: kept[key] for key in KEPT if kept.get(key) is not None and kept[key] != getattr(link, key)}
    master = planner.now.link(place[0], state["master"]) if state.get("master") else None
    if master is None:
        state.pop("master", None)
    elif home.get("port"):
        state["port"] = _fdb.from_record(home["port"])
    if master is not None and master.kind == "bond":
        state.pop("mac", None)  # which gives its ports one MAC address, and keeps their own for later
    if (link.mtu or _mtus.LEAST_FOR_IPV6) < _mtus.LEAST_FOR_IPV6 <= state.get("mtu", 0):
        # Otherwise it has no IPv6 and none of its sysctls.
        planner.do(_link_ops.LinkSet(*place, {"mtu": state.pop("mtu")}))
    # Before the link is up: accept_ra and its kind act when a link comes up.
    for key, value in home.get("sysctl", {}).items():
        planner.do(_six_ops.sysctl_set(*place, key, value))
    if state:
        planner.do(_link_ops.LinkSet(*place, state))
    # (An older record has bare addresses.)
    addresses = [
        _address.Address(one) if isinstance(one, str) else _address.Address(**one) for one in home.get("addresses", ())
    ]
    having = [_known(address) for address in link.addresses]
    for op in _address_ops.addresses_back(*place, [address for address in addresses if _known(address) not in having]):
        planner.do(op)
    _give_routes(
        _unexpired([_route.recorded(one) for one in home.get("routes", ())], home.get("uptime"), planner),
        place,
        planner,
    )
    for neighbour in home.get("neighbours", ()):
        planner.do(_stack_ops.NeighbourSet(place[0], _snapshot.Neighbour(**neighbour)))


def _known(address: _address.Address) -> tuple[str, str]:
    """An address with its detail from a record, in which tuples are lists."""
    return address.key, json.dumps(address.detail, sort_keys=True)


def _unexpired(routes: t.Iterable[_route.Route], then: float | None, planner: _plan.Planner) -> list[_route.Route]:
    """The routes that are still valid, with the rest of their lifetimes. ``then``: how long the host was up when they
    were read.
    """
    now = planner.now.answers.get(_scope.Uptime())
    away = now - then if now is not None and then is not None else math.inf
    found = (
        route if route.expires is None else dataclasses.replace(route, expires=round(max(0, route.expires - away)))
        for route in routes
    )
    return [route for route in found if route.expires != 0]


def _give_routes(routes: t.Sequence[_route.Route], place: _plan.Place, planner: _plan.Planner) -> None:
    space = planner.now.namespaces[place[0]]
    space.routes.expect(routes)
    passable = _passable(routes, space, place[1])
    for route in (route for route in passable if route not in space.routes):
        for rest in _what_is_left_of(route, space):
            planner.do(_stack_ops.RouteDelete(place[0], rest))
        bare = dataclasses.replace(route, source=None)  # what an IPv6 route by another link was meanwhile
        for op in (
            _stack_ops.replacement(space, bare, route)
            if route.source and bare in space.routes
            else (_stack_ops.RouteSet(place[0], route),)
        ):
            planner.do(op)
    for route in routes:
        if route.leans and route.nexthops and route not in passable:
            planner.warn(
                f"{_stack_ops.words_of(route).capitalize()}{_in(place[0])} does not come back with '{place[1]}': one of"
                " its ways is gone."
            )


def _what_is_left_of(route: _route.Route, ns: _snapshot.Namespace) -> list[_route.Route]:
    """The rest of an IPv6 route. The kernel keeps the ways by other links, and takes the whole route for an existing
    one.
    """
    ways = {(way.gateway, way.device) for way in route.ways}
    there = ns.routes.of(route.slot) if route.family == 6 and route.nexthops else []
    return [one for one in there if not one.passing and {(way.gateway, way.device) for way in one.ways} < ways]


def lost(here: _plan.Place, source: _plan.Place | None, planner: _plan.Planner) -> dict[str, t.Any]:
    """A home for a link without a record of its own."""
    name = source[1] if source else here[1]
    planner.warn(
        f"The record of where '{here[1]}'{_in(here[0])} came from is lost; it goes to '{name}'{_in(None)} without"
        " addresses."
    )
    return {"netns": None, "name": name}


def strip(here: _plan.Place, spec: _link.LinkSpec, link: _snapshot.Link, planner: _plan.Planner) -> None:
    """Remove the declared addresses, alternative names and master of a link that is managed in place."""
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
