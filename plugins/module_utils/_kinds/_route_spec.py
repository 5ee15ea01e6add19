# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Convert the options of netns_route to a route in normal form."""

from __future__ import annotations

import dataclasses
import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _plan,
    _route,
    _rule,
    _snapshot,
    _stack_ops,
    _values,
)

IPV6_METRIC = 1024  # what the kernel takes when none is given (IP6_RT_PRIO_USER)
TYPES = ("unicast", "blackhole", "unreachable", "prohibit", "throw", "local", "multicast")
SCOPES = ("global", "site", "link", "host")
WAYS = ("gateway", "device", "nexthops")
MOST_TOS = 252  # the two lowest bits are those of ECN


@dataclasses.dataclass(frozen=True)
class RouteSpec(_plan.Spec):
    """A route; ``wanted`` holds what is declared, None where left alone.

    ``made``: a run of this topology made it where no other route had its key. So another one that has it now is this
    route, changed by hand.
    """

    ns: _snapshot.NsKey
    wanted: _route.Route
    onlink: bool | None = None  # None: leave alone
    made: bool = False
    again: _route.Route | None = None  # what it was when a topology adopted it, and is to be again


def options() -> dict[str, t.Any]:
    """The argument spec."""
    hop = {
        "gateway": {"type": "str", "aliases": ["via"]},
        "device": {"type": "str", "aliases": ["dev"]},
        "weight": {"type": "int", "default": 1},
    }
    return {
        "destination": {"type": "str", "required": True, "aliases": ["dst"]},
        "netns": {"type": "str"},
        "gateway": {"type": "str", "aliases": ["via"]},
        "device": {"type": "str", "aliases": ["dev"]},
        "source": {"type": "str", "aliases": ["src"]},
        "metric": {"type": "int"},
        "tos": {"type": "int"},
        "table": {"type": "str"},
        "scope": {"type": "str", "choices": list(SCOPES)},
        "type": {"type": "str", "choices": list(TYPES), "default": "unicast"},
        "onlink": {"type": "bool"},
        "mtu": {"type": "int"},
        "nexthops": {"type": "list", "elements": "dict", "options": hop},
    }


def table_of(kind: str) -> int:
    """The table that ip-route(8) uses when none is named."""
    return _rule.TABLES["local" if kind == "local" else "main"]


def route_of(params: _plan.Params, path: str) -> _route.Route:
    """The declared route. Raises BadInput."""
    gateway = _gateway(params.get("gateway"), f"{path}gateway")
    device = _device(params.get("device"), f"{path}device")
    hops = _nexthops(params.get("nexthops"), f"{path}nexthops")
    if len(hops) == 1:  # to the kernel, a single next hop is a plain route
        gateway, device, hops = hops[0].gateway, hops[0].device, ()
    source = params.get("source")
    if source == "" and "source" not in (params.get("clear") or ()):
        raise _errors.BadInput(
            f"{path}source: is empty; use `clear: [source]` to take it away, or leave the option out."
        )
    if source:
        source = str(_values.host_address(source, f"{path}source"))
    hints = [text for text in (gateway, *(hop.gateway for hop in hops), source) if text]
    destination = _destination(params["destination"], hints, path)
    six = ":" in destination
    _same_family(destination, params, source, path)
    kind, metric, mtu, table = params["type"], params.get("metric"), params.get("mtu"), params.get("table")
    route = _route.Route(
        destination=destination,
        table=table_of(kind) if table is None else _values.routing_table(table, f"{path}table"),
        metric=(
            (IPV6_METRIC if six else 0)
            if metric is None
            else _values.number(metric, f"{path}metric", 1 if six else 0, 2**32 - 1)
        ),
        type=kind,
        gateway=gateway,
        device=device,
        source=source,
        scope=params.get("scope"),
        onlink=bool(params.get("onlink")),
        mtu=mtu if not mtu else _values.mtu(mtu, f"{path}mtu"),
        nexthops=hops,
        tos=_tos(params.get("tos"), f"{path}tos"),
    )
    _refuse_impossible(route, path)
    return route


def require_ways(route: _route.Route, path: str) -> None:
    """Require a present route to say where packets go. Raises BadInput."""
    if route.type in ("unicast", "multicast") and not route.ways:
        raise _errors.BadInput(
            f"{path}gateway: a {route.type} route to '{_stack_ops.destination_of(route)}' needs a gateway, a device or"
            " nexthops."
        )
    if route.type == "local" and not route.device:
        raise _errors.BadInput(
            f"{path}device: a local route needs the link whose packets the host takes for its own; that is mostly 'lo'."
        )
    for option, way in (
        [("device", route)]
        if route.gateway
        else [(f"nexthops[{index}].device", hop) for index, hop in enumerate(route.nexthops)]
    ):
        if way.gateway and not way.device:
            if route.onlink:
                raise _errors.BadInput(
                    f"{path}{option}: onlink needs the device on whose link the gateway '{way.gateway}' is."
                )
            if ipaddress.ip_address(way.gateway).is_link_local and ":" in way.gateway:
                raise _errors.BadInput(
                    f"{path}{option}: '{way.gateway}' is link-local, so each link may have one; name the device."
                )


def _refuse_impossible(route: _route.Route, path: str) -> None:
    """Refuse routes that the kernel refuses without a reason."""
    if not route.forwards and route.ways:
        does = "ends the look-up" if route.type == "throw" else "drops packets"
        raise _errors.BadInput(f"{path}type: a {route.type} route {does}; it takes no gateway, device or nexthops.")
    if route.type == "local" and route.leans:
        raise _errors.BadInput(
            f"{path}type: a local route takes packets in; it has a device, and neither gateway nor nexthops."
        )
    if route.family == 4:
        if route.scope == "host" and route.leans:
            raise _errors.BadInput(
                f"{path}scope: 'host' is for what does not leave the host; with a gateway or nexthops leave it out."
            )
        return
    if route.scope:
        raise _errors.BadInput(f"{path}scope: IPv6 routes have no scope; leave it out.")
    if route.tos:
        raise _errors.BadInput(
            f"{path}tos: the kernel's IPv6 routes have none; use a policy rule (netloom.linux.netns_interface) or leave"
            " it out."
        )
    for index, hop in enumerate(route.nexthops):
        if not hop.gateway:
            raise _errors.BadInput(
                f"{path}nexthops[{index}].gateway: is missing; the kernel shares IPv6 packets between gateways only,"
                " not between links."
            )
        if any(
            hop.gateway == other.gateway and (hop.device == other.device or None in (hop.device, other.device))
            for other in route.nexthops[:index]
        ):
            raise _errors.BadInput(
                f"{path}nexthops[{index}].gateway: '{hop.gateway}' is there twice; IPv6 has each next hop once. Give it"
                " a weight."
            )


def _tos(value: int | None, option: str) -> int:
    found = 0 if value is None else _values.number(value, option, 0, MOST_TOS)
    if found % 4:
        raise _errors.BadInput(
            f"{option}: {found} has one of the two lowest bits set, which are those of ECN; did you mean"
            f" {found - found % 4}?"
        )
    return found


def _gateway(value: str | None, option: str) -> str | None:
    if value is None:
        return None
    if "%" in value:
        raise _errors.BadInput(
            f"{option}: {value!r} names a link; write '{value.split('%')[0]}' here and the link as device."
        )
    return str(_values.host_address(value, option))


def _device(value: str | None, option: str) -> str | None:
    return None if value is None else _values.link_name(value, option)


def _nexthops(values: list[_plan.Params] | None, option: str) -> tuple[_route.Nexthop, ...]:
    found = []
    for index, hop in enumerate(values or ()):
        here = f"{option}[{index}]."
        if not hop.get("gateway") and not hop.get("device"):
            raise _errors.BadInput(f"{here}gateway: a next hop needs a gateway or a device.")
        weight = _values.number(hop["weight"], f"{here}weight", 1, 256)
        found.append(
            _route.Nexthop(
                _gateway(hop.get("gateway"), f"{here}gateway"), _device(hop.get("device"), f"{here}device"), weight
            )
        )
    return tuple(found)


def _destination(value: str, hints: list[str], path: str) -> str:
    if value.strip() == "default":
        return "::/0" if any(":" in hint for hint in hints) else "0.0.0.0/0"
    return str(_values.network(value, f"{path}destination"))


def _same_family(destination: str, params: _plan.Params, source: str | None, path: str) -> None:
    """Refuse mixed IP versions. Only an IPv4 route through an IPv6 gateway is possible (RFC 5549)."""
    six = ":" in destination
    gateways = [
        ("gateway", params.get("gateway")),
        *((f"nexthops[{index}].gateway", hop.get("gateway")) for index, hop in enumerate(params.get("nexthops") or ())),
    ]
    for option, text in [("source", source or None), *(gateways if six else ())]:
        if text and (":" in text) != six:
            raise _errors.BadInput(
                f"{path}{option}: '{text}' is IPv{4 if six else 6}, but the destination '{destination}' is"
                f" IPv{6 if six else 4}; both must be of one family."
            )
