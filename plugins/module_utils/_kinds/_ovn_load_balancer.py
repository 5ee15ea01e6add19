# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A load balancer (ovn-nb(5), table Load_Balancer) with its health checks, and where it acts."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import _balancer_judge, _fields, _ovn
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _northbound,
    _northbound_ops,
    _plan,
    _values,
)

CHECK = "Load_Balancer_Health_Check"
TIMES = ("interval", "timeout", "success_count", "failure_count")
PLACES = (("switches", _ovn.SWITCHES), ("routers", _ovn.ROUTERS))
HEALTH: dict[str, t.Any] = {
    "type": "dict",
    "options": {
        **{name: {"type": "int"} for name in TIMES},
        "sources": {"type": "dict"},
    },
}


def endpoint(value: str, path: str) -> str:
    """An address, maybe with a port: '10.0.0.1:80', '[fd00::1]:80'."""
    found = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+)):(\d{1,5})", value.strip())
    if not found:
        bare = value.strip()
        bare = bare[1:-1] if bare.startswith("[") and bare.endswith("]") else bare
        return str(_values.host_address(bare, path))
    address = _values.host_address(found[1] or found[2], path)
    port = _values.number(int(found[3]), path, 1, 65535)
    return f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"


def _vips(value: t.Mapping[str, t.Any], path: str) -> dict[str, str]:
    found = {}
    for name, told in value.items():
        here = f"{path}.{name}"
        vip = endpoint(str(name), here)
        ones = told if isinstance(told, list) else [one for one in str(told).replace(",", " ").split() if one]
        backends = [endpoint(str(one), here) for one in ones]
        for one in backends:
            if (":" in _ovn.address_of(one)) != (":" in _ovn.address_of(vip)):
                raise _errors.BadInput(f"{here}: {one} is of another family of addresses than {vip}.")
            if _has_port(one) != _has_port(vip):
                raise _errors.BadInput(f"{here}: {vip} and {one}: either both have a port, or none.")
        if vip in found:
            raise _errors.BadInput(f"{here}: {vip} stands there twice; merge the two.")
        found[vip] = ",".join(dict.fromkeys(backends))
    return found


def _has_port(value: str) -> bool:
    return value != _ovn.address_of(value) and not (value.startswith("[") and value.endswith("]"))


class LoadBalancerKind(_ovn.OvnKind):
    """netloom.linux.ovn_load_balancer"""

    name = "ovn_load_balancer"
    table, word = "Load_Balancer", "OVN load balancer"
    fields = (
        _fields.Field("protocol", "protocol", spec={"type": "str", "choices": ["tcp", "udp", "sctp"]}, optional=True),
        _fields.Field(
            "vips",
            "vips",
            None,
            _vips,
            dict,
            lambda vips: {vip: [one for one in told.split(",") if one] for vip, told in sorted(vips.items())},
            _fields.DICT,
            {},
        ),
        _fields.rest("options", "options"),
        _fields.rest("external_ids", "external_ids"),
    )
    options: t.ClassVar[t.Mapping[str, t.Any]] = {
        "name": {"type": "str", "required": True},
        **_fields.options(fields),
        "health_check": HEALTH,
        "switches": dict(_fields.STRINGS),
        "routers": dict(_fields.STRINGS),
    }
    clearable: t.ClassVar[t.Mapping[str, t.Any]] = {
        **_fields.clearable(fields),
        "health_check": {},
        "switches": [],
        "routers": [],
    }

    def read(self, params: _plan.Params, path: str) -> dict[str, t.Any]:
        found: dict[str, t.Any] = {}
        for name, _table in PLACES:
            value = params.get(name)
            found[name] = (
                None
                if value is None
                else tuple(dict.fromkeys(_values.strings(value, f"{path}{name}") if value else []))
            )
        health = params.get("health_check")
        found["health_check"] = None if health is None else _health(health, f"{path}health_check")
        return found

    def settle(self, spec: _ovn.OvnSpec, planner: _plan.Planner) -> None:
        nb = planner.now.nb
        place = self.find(spec, nb)
        if place is None:
            return
        for name, table in PLACES:
            if spec.more[name] is not None:
                self._attach(spec, planner, place, name, table)
        if spec.more["health_check"] is not None:
            self._check(spec, planner, place)

    def _attach(
        self, spec: _ovn.OvnSpec, planner: _plan.Planner, place: _northbound.Place, option: str, table: str
    ) -> None:
        """Let exactly these switches or routers name the load balancer."""
        nb = planner.now.nb
        the = _ovn.the_switch if table == _ovn.SWITCHES else _ovn.the_router
        wanted = [the(planner, name, f"{spec.path}{option}[{index}]") for index, name in enumerate(spec.more[option])]
        for key, row in list(nb.rows(table).items()):
            one = _northbound.Place(table, key)
            has, wants = place.id in row["load_balancer"], one in wanted
            if has == wants:
                continue
            named = {*row["load_balancer"], place.id} if wants else {*row["load_balancer"]} - {place.id}
            verb = "put {} on" if wants else "take {} off"
            words = (
                f"{verb.format(self.what(spec))} {option[:-2] if option == 'switches' else option[:-1]} {row['name']}"
            )
            _ovn.change(planner, one, {"load_balancer": tuple(sorted(named))}, words)

    def _check(self, spec: _ovn.OvnSpec, planner: _plan.Planner, place: _northbound.Place) -> None:
        """Check each vip so, or none. OVN needs to know behind which port each backend is, and a free address there."""
        nb, wanted = planner.now.nb, spec.more["health_check"]
        if not nb.has(self.table, "health_check"):
            raise _errors.Conflict(_fields.lacking("health_check", nb, self.table, "health_check"))
        times = {name: str(value) for name, value in wanted.items() if name in TIMES}
        vips = sorted(nb.row(place)["vips"]) if wanted else []
        mappings = wanted.get("sources", {})
        for child in nb.children(place, "health_check"):
            row = nb.row(child)
            if row["vip"] in vips:
                vips.remove(row["vip"])
                words = f"set the health check of {row['vip']} of {self.what(spec)}"
                _ovn.change(planner, child, {"options": times}, words)
            else:
                words = f"delete the health check of {row['vip']} of {self.what(spec)}"
                planner.do(_northbound_ops.RowDelete(child, words, part=True))
        for vip in vips:
            new = _northbound.Place(CHECK, nb.next_id())
            words = f"add a health check of {vip} to {self.what(spec)}"
            planner.do(_northbound_ops.RowInsert(new, words, {"vip": vip, "options": times}, (place, "health_check")))
        _ovn.change(
            planner, place, {"ip_port_mappings": mappings}, f"set the sources of health checks of {self.what(spec)}"
        )

    def judge(self, spec: _ovn.OvnSpec, planner: _plan.Planner, place: _northbound.Place) -> None:
        nb, path = planner.now.nb, spec.path
        row = nb.row(place)
        vips = {vip: [_ovn.address_of(one) for one in told.split(",") if one] for vip, told in row["vips"].items()}
        if spec.given.get("protocol") and row["vips"] and not any(map(_has_port, row["vips"])):
            raise _errors.BadInput(f"{path}protocol: needs a vip with a port, such as '10.0.0.100:80'.")
        if spec.given.get("vips") or spec.more["switches"] or spec.more["routers"]:
            _balancer_judge.judge_vips(nb, place, vips, f"{path}vips")
            _balancer_judge.refuse_twin(planner, place, f"{path}vips")
        health = spec.more["health_check"]
        if health:
            if row["protocol"] == "sctp":
                raise _errors.BadInput(f"{path}health_check: OVN checks tcp and udp only, and the protocol is sctp.")
            bare = next((vip for vip in sorted(row["vips"]) if not _has_port(vip)), None)
            if bare is not None:
                raise _errors.BadInput(f"{path}health_check: OVN checks vips with a port only, and {bare} has none.")
            sources = {name: (one["port"], one["address"]) for name, one in _sources(health["sources"]).items()}
            backends = {one for ones in vips.values() for one in ones}
            _balancer_judge.judge_sources(planner, sources, backends, f"{path}health_check")

    def shown(self, place: _northbound.Place, nb: _northbound.Northbound) -> dict[str, t.Any]:
        found = super().shown(place, nb)
        checks = [nb.row(child) for child in nb.children(place, "health_check")] if nb.has(CHECK) else []
        health: dict[str, t.Any] = {}
        if checks:
            health = {name: int(value) for name, value in sorted(checks[0]["options"].items()) if value.isdigit()}
            health["sources"] = _sources(nb.row(place)["ip_port_mappings"])
        found["health_check"] = health
        for name, table in PLACES:
            naming = [by for by, column in nb.naming(place) if (by.table, column) == (table, "load_balancer")]
            found[name] = sorted(nb.row(by)["name"] for by in naming)
        return found


def _health(value: t.Mapping[str, t.Any], path: str) -> dict[str, t.Any]:
    """The times in seconds, the counts, and for each backend the port and the address from which it is asked."""
    found: dict[str, t.Any] = {
        name: _values.number(value[name], f"{path}.{name}", 1, 3600) for name in TIMES if value.get(name) is not None
    }
    sources = {}
    for backend, told in (value.get("sources") or {}).items():
        here = f"{path}.sources.{backend}"
        if not isinstance(told, dict) or set(told) != {"port", "address"}:
            raise _errors.BadInput(
                f"{here}: needs `port` (the logical port of the backend) and `address` (a free one in its subnet)."
            )
        key = str(ipaddress.ip_address(str(_values.host_address(str(backend), here))))
        name = _ovn.ovn_name(str(told["port"]), f"{here}.port")
        source = str(_values.host_address(str(told["address"]), f"{here}.address"))
        six = ":" in key
        if ":" in name:
            raise _errors.BadInput(f"{here}.port: '{name}' has a ':', which OVN takes as the end of the name.")
        if (":" in source) != six:
            raise _errors.BadInput(f"{here}.address: {source} is of another family of addresses than {key}.")
        sources[f"[{key}]" if six else key] = f"{name}:[{source}]" if six else f"{name}:{source}"
    if any(one is not None for one in value.values()):
        found["sources"] = sources
    return found


def _sources(mappings: t.Mapping[str, str]) -> dict[str, dict[str, str]]:
    found = {}
    for backend, told in sorted(mappings.items()):
        port, _colon, address = told.partition(":")
        found[backend.strip("[]")] = {"port": port, "address": address.strip("[]")}
    return found
