# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes (ip-route(8)) of a namespace."""

from __future__ import annotations

import dataclasses
import ipaddress
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds import _link
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _plan, _scope, _snapshot, _stack_ops, _values

TABLES = {"main": 254, "default": 253}
TABLE_LOCAL = 255
IPV6_METRIC = 1024  # what the kernel takes when none is given (IP6_RT_PRIO_USER)
TYPES = ("unicast", "blackhole", "unreachable", "prohibit")
SCOPES = ("global", "site", "link", "host")


@dataclasses.dataclass(frozen=True)
class RouteSpec(_plan.Spec):
    """A route; ``wanted`` holds what is declared, None where left alone."""

    ns: _snapshot.NsKey
    wanted: _snapshot.Route
    onlink: bool | None = None  # None: leave alone

    @property
    def forwards(self) -> bool:
        """Whether it says how packets leave: then gateway, device and next hops are one declaration."""
        return bool(self.wanted.gateway or self.wanted.device or self.wanted.nexthops)


class NetnsRouteKind(_plan.Kind[RouteSpec]):
    """netloom.linux.netns_route"""

    name = "netns_route"
    options: t.ClassVar[t.Mapping[str, t.Any]] = {
        "destination": {"type": "str", "required": True, "aliases": ["dst"]},
        "netns": {"type": "str"},
        "gateway": {"type": "str", "aliases": ["via"]},
        "device": {"type": "str", "aliases": ["dev"]},
        "source": {"type": "str", "aliases": ["src"]},
        "metric": {"type": "int"},
        "table": {"type": "str"},
        "scope": {"type": "str", "choices": list(SCOPES)},
        "type": {"type": "str", "choices": list(TYPES), "default": "unicast"},
        "onlink": {"type": "bool"},
        "mtu": {"type": "int"},
        "nexthops": {
            "type": "list",
            "elements": "dict",
            "options": {
                "gateway": {"type": "str", "aliases": ["via"]},
                "device": {"type": "str", "aliases": ["dev"]},
                "weight": {"type": "int", "default": 1},
            },
        },
    }
    rules: t.ClassVar[t.Mapping[str, t.Any]] = {"mutually_exclusive": [("gateway", "nexthops"), ("device", "nexthops")]}
    clearable: t.ClassVar[t.Mapping[str, t.Any]] = {"source": "", "mtu": 0, "scope": "", "onlink": False}

    def normalise(self, params: _plan.Params, path: str) -> RouteSpec:
        filled, clear = self.cleared(params, path)
        wanted = _route(filled, path)
        if filled["state"] == "present" and wanted.type == "unicast" and not (wanted.gateway or wanted.device or wanted.nexthops):
            raise _errors.BadInput(f"{path}gateway: a unicast route to '{_stack_ops.destination_of(wanted)}' needs a gateway, a device or nexthops.")
        if filled["state"] == "present" and wanted.onlink:
            _require_devices(wanted, path)
        return RouteSpec(path, filled["state"], clear, _link.netns_of(filled, path), wanted, filled.get("onlink"))

    def identity(self, spec: RouteSpec) -> tuple[t.Any, ...]:
        return (spec.ns, *spec.wanted.slot)

    def needs(self, spec: RouteSpec) -> tuple[_plan.Claim, ...]:
        return (*super().needs(spec), *(("link", spec.ns, device) for device in sorted(spec.wanted.devices)))

    def scope(self, spec: RouteSpec, scope: _scope.Scope) -> None:
        scope.namespaces.add(spec.ns)

    def make(self, spec: RouteSpec, planner: _plan.Planner) -> None:
        planner.namespace(spec.ns, f"route '{_stack_ops.destination_of(spec.wanted)}' in")

    def settle(self, spec: RouteSpec, planner: _plan.Planner) -> None:
        found = _find(planner.now, spec)
        if found is not None and _agrees(spec, found):
            return
        if found is not None and found.protocol == "kernel":
            raise _errors.Conflict(
                f"Cannot change the route '{_stack_ops.destination_of(found)}' dev '{found.device}': the kernel made it with an address; give another metric."
            )
        route = _merged(spec, found, planner.now.namespaces[spec.ns])
        _require_ways(spec, route, planner)
        planner.do(_stack_ops.RouteSet(spec.ns, route))

    def remove(self, spec: RouteSpec, planner: _plan.Planner) -> None:
        found = _find(planner.now, spec)
        if found is None:
            return
        if found.protocol == "kernel":
            raise _errors.Conflict(
                f"Cannot delete the route '{_stack_ops.destination_of(found)}' dev '{found.device}': the kernel made it with an address;"
                " take the address away instead."
            )
        planner.do(_stack_ops.RouteDelete(spec.ns, found))

    def view(self, spec: RouteSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any] | None:
        found = _find(snapshot, spec)
        return view_route(spec.ns, found) if found else None


def view_route(ns: _snapshot.NsKey, route: _snapshot.Route) -> dict[str, t.Any]:
    """A route in the shape of the options."""
    default_scope = "link" if route.gateway is None and not route.nexthops and route.type == "unicast" else "global"
    return {
        "destination": _stack_ops.destination_of(route) if route.family == 4 or route.gateway or route.nexthops or route.source else route.destination,
        "netns": ns,
        "gateway": route.gateway,
        "device": None if route.type != "unicast" else route.device,
        "source": route.source,
        "metric": route.metric or None,
        "table": None if route.table == TABLES["main"] else str(route.table),
        "scope": None if route.scope in (None, default_scope) else route.scope,
        "type": route.type,
        "onlink": route.onlink or None,
        "mtu": route.mtu,
        "nexthops": [{key: value for key, value in dataclasses.asdict(hop).items() if value is not None} for hop in route.nexthops] or None,
    }


def _find(snapshot: _snapshot.Snapshot, spec: RouteSpec) -> _snapshot.Route | None:
    ns = snapshot.namespaces.get(spec.ns)
    return next((route for route in ns.routes if route.identity == spec.wanted.identity), None) if ns else None


def _agrees(spec: RouteSpec, found: _snapshot.Route) -> bool:
    wanted = spec.wanted
    if wanted.type == "unicast":
        if wanted.gateway != found.gateway or (wanted.device and wanted.device != found.device):
            return False
        if {_hop(hop) for hop in wanted.nexthops} != {_hop(hop, wanted.nexthops) for hop in found.nexthops}:
            return False
    if spec.onlink is not None and spec.onlink != found.onlink:
        return False
    for name, none in (("source", ""), ("mtu", 0), ("scope", "")):
        declared = getattr(wanted, name)
        # Clearing the scope means the one that belongs to the form of the route.
        natural = name == "scope" and declared == "" and view_route(None, found)["scope"] is None
        if declared is not None and declared != (getattr(found, name) or none) and not natural:
            return False
    return True


def _hop(hop: _snapshot.Nexthop, declared: t.Sequence[_snapshot.Nexthop] = ()) -> tuple[t.Any, ...]:
    """A next hop for comparing: the kernel names a device that was left out, which is no difference."""
    unnamed = any(one.device is None and one.gateway == hop.gateway for one in declared)
    return (hop.gateway, None if unnamed else hop.device, hop.weight)


def _merged(spec: RouteSpec, found: _snapshot.Route | None, ns: _snapshot.Namespace) -> _snapshot.Route:
    """What is declared over what is there; the way out is one declaration."""
    wanted = spec.wanted
    old = found or _snapshot.Route(wanted.destination)
    same_way = found is not None and wanted.gateway is not None and wanted.gateway == found.gateway
    device = wanted.device
    if device is None and wanted.gateway and old.device and (same_way or _on_link(_snapshot.Nexthop(wanted.gateway, old.device), ns.links.values(), ns.routes)):
        device = old.device  # left out, the kernel finds it, and would find that one again
    return dataclasses.replace(
        wanted,
        device=device,
        onlink=bool(old.onlink and same_way if spec.onlink is None else spec.onlink),
        source=(old.source if wanted.source is None else wanted.source) or None,
        mtu=(old.mtu if wanted.mtu is None else wanted.mtu) or None,
        # The old scope belonged to the old form.
        scope=wanted.scope or None,
        protocol="static",
    )


def _require_ways(spec: RouteSpec, route: _snapshot.Route, planner: _plan.Planner) -> None:
    """Each device must be there and up, and each gateway on a link (the kernel says only 'Network is unreachable')."""
    ns = planner.now.namespaces[spec.ns]
    place = f" in namespace '{spec.ns}'" if spec.ns else ""
    wish = f"Cannot route '{_stack_ops.destination_of(route)}'{place}"
    for device in sorted(route.devices):
        link = ns.links.get(device)
        if link is None:
            planner.missing(f"{wish} by '{device}': no such link. Create it first, with netloom.linux.veth, say.")
            planner.now.put(spec.ns, _snapshot.Link(device, up=True))
        elif not link.up:
            planner.missing(f"{wish} by '{device}': the link is down. Declare it with up: true first.")
    source = spec.wanted.source
    if source and not _is_local(source, ns.links.values()):
        planner.missing(f"{wish} with the source {source}: no link has that address. Give it to one first.")
    if route.onlink:
        return
    ways = route.nexthops or ((_snapshot.Nexthop(route.gateway, route.device),) if route.gateway else ())
    for way in ways:
        if way.gateway and not _on_link(way, ns.links.values(), ns.routes):
            of = f" of {way.device!r}" if way.device else ""
            planner.missing(
                f"{wish} via {way.gateway}: no address{of} covers that gateway."
                " Give the link an address in its network first (netloom.linux.veth, netns_interface), or set onlink."
            )


def _is_local(source: str, links: t.Iterable[_snapshot.Link]) -> bool:
    """Whether the host has the address; on lo it has the whole network."""
    address = ipaddress.ip_address(source)
    having = ((link.name, ipaddress.ip_interface(one.cidr)) for link in links for one in link.addresses)
    return any(address in one.network if name == "lo" else address == one.ip for name, one in having)


def _on_link(way: _snapshot.Nexthop, links: t.Iterable[_snapshot.Link], routes: t.Iterable[_snapshot.Route]) -> bool:
    if way.gateway is None:
        raise AssertionError
    gateway = ipaddress.ip_address(way.gateway)
    if gateway.version == 6 and gateway.is_link_local:
        return way.device is not None
    for link in links:
        if not link.up or (way.device and link.name != way.device):
            continue
        if any(gateway in ipaddress.ip_interface(address.cidr).network for address in link.addresses if (":" in address.cidr) == (gateway.version == 6)):
            return True
    # A device route covers it too (the default route does not count).
    direct = (route for route in routes if route.gateway is None and route.device and route.type == "unicast" and not route.destination.endswith("/0"))
    return any(
        (route.family == 6) == (gateway.version == 6) and gateway in ipaddress.ip_network(route.destination) and (not way.device or route.device == way.device)
        for route in direct
    )


def _table(value: str | None, path: str) -> int:
    if value is None:
        return TABLES["main"]
    if value in TABLES:
        return TABLES[value]
    if value == "local" or value == str(TABLE_LOCAL):
        raise _errors.BadInput(f"{path}table: the table 'local' is the kernel's own; name 'main', 'default' or a number.")
    if not re.fullmatch("[0-9]+", value):
        raise _errors.BadInput(f"{path}table: {value!r} is not a routing table; name 'main', 'default' or a number.")
    return _values.number(int(value), f"{path}table", 1, 2**32 - 1)


def _route(params: _plan.Params, path: str) -> _snapshot.Route:
    gateway = _gateway(params.get("gateway"), f"{path}gateway")
    hops = _nexthops(params.get("nexthops"), f"{path}nexthops")
    source = params.get("source")
    if source == "" and "source" not in (params.get("clear") or ()):
        raise _errors.BadInput(f"{path}source: is empty; use `clear: [source]` to take it away, or leave the option out.")
    if source:
        source = str(_values.host_address(source, f"{path}source"))
    hints = [text for text in (gateway, *(hop.gateway for hop in hops), source) if text]
    destination = _destination(params["destination"], hints, path)
    six = ":" in destination
    _same_family(destination, gateway, hops, source, path)
    kind = params["type"]
    if kind != "unicast" and (gateway or params.get("device") or hops):
        raise _errors.BadInput(f"{path}type: a {kind} route drops packets; it takes no gateway, device or nexthops.")
    if six and params.get("scope"):
        raise _errors.BadInput(f"{path}scope: IPv6 routes have no scope; leave it out.")
    metric = params.get("metric")
    mtu = params.get("mtu")
    return _snapshot.Route(
        destination=destination,
        table=_table(params.get("table"), path),
        metric=(IPV6_METRIC if six else 0) if metric is None else _values.number(metric, f"{path}metric", 1 if six else 0, 2**32 - 1),
        type=kind,
        gateway=gateway,
        device=None if params.get("device") is None else _values.link_name(params["device"], f"{path}device"),
        source=source,
        scope=params.get("scope"),
        onlink=bool(params.get("onlink")),
        mtu=mtu if not mtu else _values.mtu(mtu, f"{path}mtu"),
        nexthops=hops,
    )


def _gateway(value: str | None, option: str) -> str | None:
    if value is None:
        return None
    if "%" in value:
        raise _errors.BadInput(f"{option}: {value!r} names a link; write '{value.split('%')[0]}' here and the link as device.")
    return str(_values.host_address(value, option))


def _require_devices(route: _snapshot.Route, path: str) -> None:
    """A gateway that no address covers says nothing of the link."""
    for option, way in [("device", route)] if route.gateway else [(f"nexthops[{index}].device", hop) for index, hop in enumerate(route.nexthops)]:
        if way.gateway and not way.device:
            raise _errors.BadInput(f"{path}{option}: onlink needs the device on whose link the gateway '{way.gateway}' is.")


def _nexthops(values: list[_plan.Params] | None, option: str) -> tuple[_snapshot.Nexthop, ...]:
    found = []
    for index, hop in enumerate(values or ()):
        here = f"{option}[{index}]."
        if not hop.get("gateway") and not hop.get("device"):
            raise _errors.BadInput(f"{here}gateway: a next hop needs a gateway or a device.")
        device = hop.get("device")
        found.append(
            _snapshot.Nexthop(
                _gateway(hop.get("gateway"), f"{here}gateway"),
                None if device is None else _values.link_name(device, f"{here}device"),
                _values.number(hop["weight"], f"{here}weight", 1, 256),
            )
        )
    return tuple(found)


def _destination(value: str, hints: list[str], path: str) -> str:
    if value.strip() == "default":
        return "::/0" if any(":" in hint for hint in hints) else "0.0.0.0/0"
    return str(_values.network(value, f"{path}destination"))


def _same_family(destination: str, gateway: str | None, hops: tuple[_snapshot.Nexthop, ...], source: str | None, path: str) -> None:
    six = ":" in destination
    others = [("gateway", gateway), ("source", source or None)] + [(f"nexthops[{index}].gateway", hop.gateway) for index, hop in enumerate(hops)]
    for option, text in others:
        if text and (":" in text) != six:
            raise _errors.BadInput(
                f"{path}{option}: '{text}' is IPv{4 if six else 6}, but the destination '{destination}' is IPv{6 if six else 4}; both must be of one family."
            )
