# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A logical router (ovn-nb(5), table Logical_Router) with its ports, which join switches, its routes and its NAT."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import (
    _fields,
    _ovn,
    _router_judge,
    _router_ports,
    _router_rows,
)
from ansible_collections.netloom.linux.plugins.module_utils._model import _northbound, _plan


class RouterKind(_ovn.OvnKind):
    """netloom.linux.ovn_router"""

    name = "ovn_router"
    table, word = _ovn.ROUTERS, "OVN router"
    carries = True
    fields = (
        _fields.rest("options", "options"),
        _fields.Field("enabled", "enabled", spec=_fields.BOOL, empty=True),
        _fields.rest("external_ids", "external_ids"),
    )
    options: t.ClassVar[t.Mapping[str, t.Any]] = {
        "name": {"type": "str", "required": True},
        "ports": _router_ports.OPTION,
        "routes": _router_rows.ROUTES,
        "nat": _router_rows.NAT,
        "policies": _router_rows.RULES,
        **_fields.options(fields),
    }
    clearable: t.ClassVar[t.Mapping[str, t.Any]] = {
        "ports": [],
        "routes": [],
        "nat": [],
        "policies": [],
        **_fields.clearable(fields),
    }

    def read(self, params: _plan.Params, path: str) -> dict[str, t.Any]:
        readers: dict[str, t.Callable[[t.Any, str], t.Any]] = {
            "ports": _router_ports.read,
            "routes": _router_rows.ROUTE_ROWS.read,
            "nat": _router_rows.NAT_ROWS.read,
            "policies": _router_rows.POLICY_ROWS.read,
        }
        return {
            name: None if params.get(name) is None else read(params[name], f"{path}{name}")
            for name, read in readers.items()
        }

    def vacate(self, spec: _ovn.OvnSpec, planner: _plan.Planner) -> None:
        nb = planner.now.nb
        place = None if nb.unreachable or spec.more["ports"] is None else self.find(spec, nb)
        if place is not None:
            _router_ports.vacate(planner, place, spec.more["ports"], self.what(spec))

    def settle(self, spec: _ovn.OvnSpec, planner: _plan.Planner) -> None:
        place = self.find(spec, planner.now.nb)
        if place is None:
            return
        of = self.what(spec)
        if spec.more["ports"] is not None:
            _router_ports.plan(planner, place, spec.more["ports"], of, spec.path)
        if spec.more["routes"] is not None:
            _router_rows.ROUTE_ROWS.plan(planner, place, spec.more["routes"], of)
        if spec.more["nat"] is not None:
            _router_rows.NAT_ROWS.plan(planner, place, spec.more["nat"], of)
        if spec.more["policies"] is not None:
            policies = _router_rows.POLICY_ROWS
            wanted = policies.rows(spec.more["policies"], planner, place, spec.path)
            policies.plan(planner, place, wanted, of)

    def judge(self, spec: _ovn.OvnSpec, planner: _plan.Planner, place: _northbound.Place) -> None:
        nb, more = planner.now.nb, spec.more
        _router_judge.judge_ports(planner, more["ports"] or (), f"{spec.path}ports")
        if more["ports"] is not None:
            _router_judge.refuse_left_behind(planner, place, more, f"{spec.path}ports")
        _router_judge.judge_routes(nb, place, more["routes"] or (), f"{spec.path}routes")
        _router_judge.judge_nat(planner, place, more["nat"] or (), f"{spec.path}nat")
        for index, policy in enumerate(more["policies"] or ()):
            for hop in policy["nexthops"]:
                _router_judge.refuse_unreachable(nb, place, hop, f"{spec.path}policies[{index}].nexthops")

    def bury(self, spec: _ovn.OvnSpec, planner: _plan.Planner, place: _northbound.Place) -> None:
        """Its ports have a counterpart on each switch."""
        nb = planner.now.nb
        names = {nb.row(child)["name"] for child in nb.children(place, "ports")}
        for port in _router_ports.counterparts(nb, names):
            _router_ports.leave(planner, port)

    def shown(self, place: _northbound.Place, nb: _northbound.Northbound) -> dict[str, t.Any]:
        routes = [_router_rows.ROUTE_ROWS.shown(nb.row(one)) for one in nb.children(place, "static_routes")]
        nat = [_router_rows.NAT_ROWS.shown(nb.row(one)) for one in nb.children(place, "nat")]
        policies = [_router_rows.POLICY_ROWS.shown(nb.row(one), nb) for one in nb.children(place, "policies")]
        return {
            **super().shown(place, nb),
            "ports": _router_ports.shown(nb, place),
            "routes": sorted(routes, key=lambda one: (one["ip_prefix"], one["nexthop"])),
            "nat": sorted(nat, key=lambda one: (one["type"], one["external_ip"], one["logical_ip"])),
            "policies": sorted(policies, key=lambda one: -one["priority"]),
        }
