# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes (ip-route(8)) of a namespace.

The kernel knows a route by table, destination, metric and tos, but may have several of these: in IPv4 appended routes,
in IPv6 one for each next hop. So a route is in effect if one of them is as declared, and otherwise only a route of our
own is replaced.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds import _route_spec, _route_ways
from ansible_collections.netloom.linux.plugins.module_utils._kinds.link import _link, _link_addresses
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _kind,
    _plan,
    _route,
    _rule,
    _scope,
    _snapshot,
    _stack_ops,
)

# The protocols that a route of ours has after somebody changed it by hand: that of ip-route(8), or ours. The route of a
# daemon is another one in its place.
BY_HAND = ("boot", "static")
OUTLASTING = (_route.RTA_FLOW, _route.RTA_PREF)  # attributes of a route that are not about its way


class NetnsRouteKind(_kind.Kind[_route_spec.RouteSpec]):
    """netloom.linux.netns_route"""

    name = "netns_route"
    options: t.ClassVar[t.Mapping[str, t.Any]] = _route_spec.options()
    rules: t.ClassVar[t.Mapping[str, t.Any]] = {"mutually_exclusive": [("gateway", "nexthops"), ("device", "nexthops")]}
    clearable: t.ClassVar[t.Mapping[str, t.Any]] = {"source": "", "mtu": 0, "scope": "", "onlink": False}
    together: t.ClassVar[tuple[str, ...]] = _route_spec.WAYS

    def normalise(self, params: _plan.Params, path: str) -> _route_spec.RouteSpec:
        filled, clear = self.cleared(params, path)
        wanted = _route_spec.route_of(filled, path)
        if filled["state"] == "present":
            _route_spec.require_ways(wanted, path)
        return _route_spec.RouteSpec(
            path, filled["state"], clear, _link.netns_of(filled, path), wanted, filled.get("onlink")
        )

    def identity(self, spec: _route_spec.RouteSpec) -> tuple[t.Any, ...]:
        wanted = spec.wanted
        own = (f"tos {wanted.tos}",) if wanted.tos else ()
        # An IPv6 route by another link is another route.
        by = tuple(f"dev {device}" for device in sorted(wanted.devices)) if wanted.family == 6 else ()
        return (spec.ns, wanted.table, wanted.destination, wanted.metric, *own, *by)

    def lost(
        self,
        spec: _route_spec.RouteSpec,
        known: _plan.Params,
        options: _plan.Params,
        before: _snapshot.Snapshot,
        planner: _plan.Planner,
    ) -> _plan.Params:
        was, now = (
            [dataclasses.asdict(one) for one in _found(snapshot.namespaces[spec.ns], spec)[:1]]
            for snapshot in (before, planner.now)
        )
        return known or (was[0] if was and was != now else {})

    def again(
        self, spec: _route_spec.RouteSpec, lost: _plan.Params, restored: t.Callable[[], _route_spec.RouteSpec]
    ) -> _route_spec.RouteSpec:
        return dataclasses.replace(spec, again=_route.recorded(lost))

    def made(self, spec: _route_spec.RouteSpec) -> _route_spec.RouteSpec:
        return dataclasses.replace(spec, made=True)

    def shared(self, spec: _route_spec.RouteSpec, snapshot: _snapshot.Snapshot) -> bool:
        space = snapshot.namespaces.get(spec.ns)
        return space is not None and any(not route.passing for route in space.routes.of(spec.wanted.slot))

    def needs(self, spec: _route_spec.RouteSpec) -> tuple[_plan.Claim, ...]:
        return (*super().needs(spec), *(("link", spec.ns, device) for device in sorted(spec.wanted.devices)))

    def is_outdated(self, key: str, params: _plan.Params) -> bool:
        # Earlier releases recorded less of a route.
        return bool({"device", "nexthops"} & set(params)) and '"dev ' not in key

    def scope(self, spec: _route_spec.RouteSpec, scope: _scope.Scope) -> None:
        scope.namespaces.add(spec.ns)
        scope.routes.add((spec.ns, ("to", spec.wanted.destination, spec.wanted.table)))
        if spec.wanted.family == 6:
            for device in spec.wanted.devices:
                _link_addresses.scope_ipv6(scope, spec.ns, device)

    def make(self, spec: _route_spec.RouteSpec, planner: _plan.Planner) -> None:
        planner.namespace(spec.ns, f"route '{_stack_ops.destination_of(spec.wanted)}' in")

    def settle(self, spec: _route_spec.RouteSpec, planner: _plan.Planner) -> None:
        space = planner.now.namespaces[spec.ns]
        if spec.again is not None:
            _give_back(spec, spec.again, planner)
            return
        if _matching(space, spec):
            return
        old = _replaced(space, spec)
        _refuse_neighbours(spec, old, space.routes.of(spec.wanted.slot))
        route = _merged(spec, old, space)
        _route_ways.require_ways(spec, route, planner)
        if old is None:
            planner.do(_stack_ops.RouteSet(spec.ns, route, first=route.family == 4))
        else:
            for op in _stack_ops.replacement(space, old, route):
                planner.do(op)

    def remove(self, spec: _route_spec.RouteSpec, planner: _plan.Planner) -> None:
        space = planner.now.namespaces.get(spec.ns)
        found = _found(space, spec) if space else []
        mine = [route for route in found if route.protocol != "kernel"]
        if found and not mine:
            raise _errors.Conflict(
                f"Cannot delete the route '{_stack_ops.destination_of(found[0])}' dev '{found[0].device}': the kernel"
                " made it with an address; take the address away instead."
            )
        others = space.routes.of(spec.wanted.slot) if space and not found and spec.wanted.family == 4 else []
        if others:
            planner.warn(
                f"Left alone: {_stack_ops.words_of(others[0])}{f' in {spec.ns}' if spec.ns else ''}, which goes another"
                " way than the one to delete. Leave out gateway, device and nexthops to delete whatever is there."
            )
        for route in reversed(mine):
            planner.do(_stack_ops.RouteDelete(spec.ns, route))

    def view(self, spec: _route_spec.RouteSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any] | None:
        space = snapshot.namespaces.get(spec.ns)
        found = _found(space, spec) if space else []
        return view_route(spec.ns, found[0]) if found else None


def _give_back(spec: _route_spec.RouteSpec, again: _route.Route, planner: _plan.Planner) -> None:
    """Restore the route that an adopted route replaced before a run changed it."""
    space = planner.now.namespaces[spec.ns]
    mine = _matching(space, spec)
    if again in space.routes.of(again.slot) or not mine:
        return
    if not again.devices <= set(space.links):
        planner.warn(
            f"The {_stack_ops.words_of(again)}{f' in {spec.ns}' if spec.ns else ''} does not come back: its link is"
            " gone."
        )
        planner.do(_stack_ops.RouteDelete(spec.ns, mine[0]))
        return
    for op in _stack_ops.replacement(space, mine[0], again):
        planner.do(op)


def view_route(ns: _snapshot.NsKey, route: _route.Route) -> dict[str, t.Any]:
    """A route in the shape of the options."""
    hints = {*route.gateways, *([route.source] if route.source else [])}
    told = not any((":" in hint) != (route.family == 6) for hint in hints) and bool(route.family == 4 or hints)
    return {
        "destination": _stack_ops.destination_of(route) if told else route.destination,
        "netns": ns,
        "gateway": route.gateway,
        "device": route.device if route.forwards else None,
        "source": route.source,
        "metric": route.metric or None,
        "tos": route.tos or None,
        "table": None if route.table == _route_spec.table_of(route.type) else _table_name(route.table),
        "scope": None if route.scope in (None, _default_scope(route)) else route.scope,
        "type": route.type,
        "onlink": route.onlink or None,
        "mtu": route.mtu,
        "nexthops": [_view_hop(hop) for hop in route.nexthops] or None,
    }


def _view_hop(hop: _route.Nexthop) -> dict[str, t.Any]:
    return {name: getattr(hop, name) for name in ("gateway", "device", "weight") if getattr(hop, name) is not None}


def _table_name(number: int) -> str:
    return next((name for name, other in _rule.TABLES.items() if other == number), str(number))


def _default_scope(route: _route.Route) -> str:
    if route.type in ("local", "multicast"):
        return "host" if route.type == "local" else "link"
    return "link" if route.type == "unicast" and not route.leans else "global"


def unsaid(route: _route.Route) -> str | None:
    """The attributes of a route that no option can describe, or None."""
    findings = {
        f"is of type {route.type}": route.type not in _route_spec.TYPES,
        f"is for packets from {route.only_from} only": bool(route.only_from),
        f"leaves by nexthop object {route.nexthop_object}": route.nexthop_object is not None,
        "has attributes that no option speaks of": bool(
            route.metrics or route.rest or any(hop.rest for hop in route.nexthops)
        ),
        "has onlink for some of its next hops": len({hop.onlink for hop in route.nexthops}) > 1,
    }
    return next((words for words, found in findings.items() if found), None)


# --- which route it is ---


def _found(space: _snapshot.Namespace, spec: _route_spec.RouteSpec) -> list[_route.Route]:
    """The routes that are as declared, else those that are to become so. For a route to delete, also what somebody
    changed it to by hand.
    """
    exact = _matching(space, spec)
    if exact or (spec.state == "absent" and not spec.made):
        return exact
    old = _replaced(space, spec, refusing=False)
    if old is None or (spec.state == "absent" and (old.type != spec.wanted.type or old.protocol not in BY_HAND)):
        return []
    return [old]


def _matching(space: _snapshot.Namespace, spec: _route_spec.RouteSpec) -> list[_route.Route]:
    """All routes that are as declared. Routes that appear and expire by themselves do not count."""
    return [route for route in space.routes.of(spec.wanted.slot) if not route.passing and _agrees(spec, route)]


def _agrees(spec: _route_spec.RouteSpec, found: _route.Route) -> bool:
    wanted = spec.wanted
    if wanted.type != found.type or not _same_way(spec, found):
        return False
    if spec.onlink is not None and spec.onlink != (
        found.onlink or bool(found.nexthops and all(hop.onlink for hop in found.nexthops))
    ):
        return False
    for name, none in (("source", ""), ("mtu", 0), ("scope", "")):
        declared = getattr(wanted, name)
        # A cleared scope means the one that belongs to the form of the route.
        natural = name == "scope" and declared == "" and view_route(None, found)["scope"] is None
        if declared is not None and declared != (getattr(found, name) or none) and not natural:
            return False
    return True


def _same_way(spec: _route_spec.RouteSpec, found: _route.Route) -> bool:
    """Whether gateway, device and next hops agree. They are one declaration. For a route to delete, a value that was
    left out matches anything.
    """
    wanted = spec.wanted
    if not wanted.forwards or (spec.state == "absent" and not wanted.ways):
        return True
    if wanted.device and wanted.device != found.device:
        return False
    if wanted.gateway != found.gateway and not (
        spec.state == "absent" and wanted.gateway is None and not found.nexthops
    ):
        return False
    return {_hop(hop) for hop in wanted.nexthops} == {_hop(hop, wanted.nexthops) for hop in found.nexthops}


def _hop(hop: _route.Nexthop, declared: t.Sequence[_route.Nexthop] = ()) -> tuple[t.Any, ...]:
    """A next hop for comparing. The kernel names a device that was left out, which is no difference."""
    unnamed = any(one.device is None and one.gateway == hop.gateway for one in declared)
    return (hop.gateway, None if unnamed else hop.device, hop.weight)


def _replaced(space: _snapshot.Namespace, spec: _route_spec.RouteSpec, refusing: bool = True) -> _route.Route | None:
    """The route that this one replaces. Raises Conflict if it is one of the kernel itself."""
    there = [route for route in space.routes.of(spec.wanted.slot) if not route.passing]
    alone = spec.made and len(there) == 1
    old = next((route for route in there if alone or not _is_elsewhere(route, spec.wanted, space)), None)
    if refusing and old is not None and old.protocol == "kernel":
        raise _errors.Conflict(
            f"Cannot change the route '{_stack_ops.destination_of(old)}' dev '{old.device}': the kernel made it with an"
            " address; give another metric."
        )
    return old


def _is_elsewhere(found: _route.Route, wanted: _route.Route, space: _snapshot.Namespace) -> bool:
    """Whether it is an IPv6 route through another link, which is another route, whoever made it."""
    if wanted.family == 4 or not (found.forwards and wanted.forwards):
        return False
    near = {
        link.name
        for way in wanted.ways
        if not way.device
        for link in space.links.values()
        if _route_ways.covers(link, str(way.gateway))
    }
    devices = wanted.devices | near
    return bool(devices) and not devices & found.devices


def _refuse_neighbours(spec: _route_spec.RouteSpec, old: _route.Route | None, there: t.Sequence[_route.Route]) -> None:
    """Refuse an IPv6 route that the kernel would join with others of its key."""
    wanted = spec.wanted
    wish = f"Cannot set {_stack_ops.words_of(wanted)}{f' in {spec.ns}' if spec.ns else ''}"
    for route in there if wanted.family == 6 and wanted.forwards else ():
        if route == old:
            continue
        if (
            route.passing
            and wanted.gateways & route.gateways
            and (not wanted.devices or wanted.devices & route.devices)
        ):
            raise _errors.Conflict(
                f"{wish}: a route that comes and goes by itself (from a router's advertisement, say) leads there the"
                " same way, and the kernel keeps one of both. Give another metric, or leave it to the router."
            )
        if not route.passing and wanted.gateways and route.gateways:
            raise _errors.Conflict(
                f"{wish}: there is {_stack_ops.words_of(route)} with the same metric, which is somebody else's, and the"
                " kernel would share the packets between both. Give another metric, declare both as nexthops, or"
                " delete that one first."
            )


def _merged(spec: _route_spec.RouteSpec, found: _route.Route | None, ns: _snapshot.Namespace) -> _route.Route:
    """The declared values, with the present ones where nothing is declared. The way out is one declaration."""
    wanted = spec.wanted
    old = found or _route.Route(wanted.destination)
    same_way = found is not None and wanted.gateway is not None and wanted.gateway == found.gateway
    device = wanted.device
    if (
        device is None
        and wanted.gateway
        and old.device
        and (same_way or _route_ways.on_link(_route.Nexthop(wanted.gateway, old.device), ns, wanted.table))
    ):
        device = old.device  # if it was left out, the kernel finds the same one again
    keeps = old.type == wanted.type
    return dataclasses.replace(
        wanted,
        device=device,
        onlink=bool(old.onlink and same_way if spec.onlink is None else spec.onlink),
        source=(old.source if wanted.source is None else wanted.source) or None,
        mtu=(old.mtu if wanted.mtu is None else wanted.mtu) or None,
        # The old scope belonged to the old form of the route.
        scope=wanted.scope or None,
        metrics=old.metrics if keeps else (),
        rest=tuple((number, value) for number, value in old.rest if keeps and number in OUTLASTING),
        protocol="static",
    )


# --- what must be there ---
