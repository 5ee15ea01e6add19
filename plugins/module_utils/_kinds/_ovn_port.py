# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A port of a logical switch (ovn-nb(5), table Logical_Switch_Port)."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import (
    _fields,
    _ovn,
    _port_judge,
    _router_ports,
    _uses,
)
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _northbound,
    _northbound_ops,
    _plan,
    _snapshot,
    _values,
)

WORDS = ("dynamic", "unknown", "router")
TYPES = ("", "router", "localnet", "localport", "l2gateway", "vtep", "external", "virtual", "remote")
CHASSIS, ROUTER_PORT = "requested-chassis", _router_ports.ROUTER_PORT


def _addresses(values: t.Sequence[str], path: str) -> tuple[str, ...]:
    """What OVN takes as addresses: a word, or a MAC address with addresses behind it."""
    return tuple(sorted({_address(one, f"{path}[{index}]") for index, one in enumerate(_values.strings(values, path))}))


def _address(value: str, path: str) -> str:
    first, *rest = value.split()
    if first in WORDS:
        if first == "dynamic" and rest:
            return " ".join([first, *(str(_values.host_address(one, path)) for one in rest)])
        if rest:
            raise _errors.BadInput(f"{path}: nothing can stand behind '{first}'.")
        return first
    if rest == ["dynamic"]:
        return f"{_values.mac(first, path)} dynamic"
    return " ".join([_values.mac(first, path), *(str(_values.host_address(one, path)) for one in rest)])


def _security(values: t.Sequence[str], path: str) -> tuple[str, ...]:
    """MAC addresses with the addresses or networks that may stand behind them."""
    found = []
    for index, value in enumerate(_values.strings(values, path)):
        here = f"{path}[{index}]"
        first, *rest = value.split()
        found.append(" ".join([_values.mac(first, here), *(_allowed(one, here) for one in rest)]))
    return tuple(sorted(set(found)))


def _allowed(value: str, path: str) -> str:
    if "/" in value:
        return _values.interface(value, path)
    return str(_values.address(value, path))


def _number(low: int) -> t.Callable[[int, str], int]:
    return lambda value, path: _values.number(value, path, low, 4095)


class PortKind(_ovn.OvnKind):
    """netloom.linux.ovn_port"""

    name = "ovn_port"
    table, word, claimed = _ovn.PORTS, "OVN port", True
    fields = (
        _fields.Field("type", "type", spec={"type": "str", "choices": list(TYPES)}),
        _fields.Field("addresses", "addresses", None, _addresses, tuple, list, _fields.STRINGS, []),
        _fields.Field("port_security", "port_security", None, _security, tuple, list, _fields.STRINGS, []),
        _fields.Field("chassis", "options", CHASSIS, _ovn.ovn_name),
        _fields.Field("parent", "parent_name", None, _ovn.ovn_name, optional=True),
        _fields.Field("tag", "tag_request", None, _number(0), spec={"type": "int"}, empty=None, instead="tag"),
        _fields.Field("enabled", "enabled", spec=_fields.BOOL, empty=True),
        _fields.rest("options", "options"),
        _fields.rest("external_ids", "external_ids"),
    )
    options: t.ClassVar[t.Mapping[str, t.Any]] = {
        "switch": {"type": "str", "required": True},
        "name": {"type": "str", "required": True},
        **_fields.options(fields),
        "dhcp_options": {"type": "str"},
    }
    clearable: t.ClassVar[t.Mapping[str, t.Any]] = {**_fields.clearable(fields), "dhcp_options": ""}

    def read(self, params: _plan.Params, path: str) -> dict[str, t.Any]:
        return {
            "switch": _ovn.ovn_name(params["switch"], f"{path}switch"),
            "dhcp_options": params.get("dhcp_options"),
        }

    def needs(self, spec: _ovn.OvnSpec) -> tuple[_plan.Claim, ...]:
        return (("ovn_switch", spec.more["switch"]),)

    def admit(self, spec: _ovn.OvnSpec, row: _northbound.Row) -> None:
        """Refuse a port that a switch or a router made: the end of a way to a router, or to a physical network."""
        kind = row["type"]
        if kind in ("router", "localnet") and spec.given.get("type") != kind:
            maker = "`ports` of ovn_router" if kind == "router" else "`localnet` of ovn_switch"
            raise _errors.Conflict(
                f"{spec.path}name: '{spec.name}' is a port of type {kind}, as {maker} makes it. Take another name; or"
                f" give type {kind}, if this one is meant."
            )

    def parent(self, spec: _ovn.OvnSpec, planner: _plan.Planner) -> _northbound_ops.Parent | None:
        return _ovn.the_switch(planner, spec.more["switch"], f"{spec.path}switch"), "ports"

    def fill(self, spec: _ovn.OvnSpec, planner: _plan.Planner, place: _northbound.Place) -> None:
        nb = planner.now.nb
        switch = nb.parent(place, _ovn.SWITCHES, "ports")
        here = "" if switch is None else nb.row(switch)["name"]
        if here != spec.more["switch"]:
            raise _errors.Conflict(
                f"{spec.path}switch: port '{spec.name}' is on switch '{here}', and a name can be on one only. Delete it"
                " there first, or take another name."
            )

    def settle(self, spec: _ovn.OvnSpec, planner: _plan.Planner) -> None:
        nb, name = planner.now.nb, spec.more["dhcp_options"]
        place = self.find(spec, nb)
        if place is None or name is None:
            return
        wanted: dict[str, t.Any] = {"dhcpv4_options": None, "dhcpv6_options": None}
        found = _ovn.keyed(nb, "DHCP_Options", name) if name else []
        if name and not found:
            planner.missing(
                f"{spec.path}dhcp_options: there are no DHCP options '{name}'. Declare them with"
                " netloom.linux.ovn_dhcp_options first."
            )
            return
        for one in found:
            wanted[f"dhcpv{6 if ':' in nb.row(one)['cidr'] else 4}_options"] = one.id
        words = f"DHCP options {name}" if name else "no DHCP options"
        _ovn.change(planner, place, wanted, f"give {self.what(spec)} {words}")

    def columns(self, spec: _ovn.OvnSpec, row: _northbound.Row) -> dict[str, t.Any]:
        found = super().columns(spec, row)
        if "tag" in spec.given and spec.given["tag"] is None:
            found["tag"] = None  # northd makes it of the request, and older ones do not take it back
        return found

    def sentence(self, spec: _ovn.OvnSpec, row: _northbound.Row) -> str:
        told = _fields.words(self.fields, spec.given, row) or "no tag"
        return f"set {told} of {self.what(spec)}"

    def judge(self, spec: _ovn.OvnSpec, planner: _plan.Planner, place: _northbound.Place) -> None:
        nb, path = planner.now.nb, spec.path
        row, switch = nb.row(place), nb.parent(place, _ovn.SWITCHES, "ports")
        if spec.given.keys() & {"type", "parent", "tag", "options", "addresses"}:
            _port_judge.refuse_combinations(row, path)
        if spec.given.get("parent"):
            _port_judge.refuse_parent(planner, row, path)
        _port_judge.refuse_two_names(nb, row, path)
        if spec.given.keys() & {"type", "options"}:
            _port_judge.judge_way(planner, place, path)
        if switch is not None and spec.given.get("addresses"):
            _port_judge.judge_addresses(planner, place, switch, path)
        if switch is not None and spec.more["dhcp_options"]:
            _port_judge.refuse_unserved(nb, place, switch, path)

    def shown(self, place: _northbound.Place, nb: _northbound.Northbound) -> dict[str, t.Any]:
        row = nb.row(place)
        named = (row[column] for column in ("dhcpv4_options", "dhcpv6_options"))
        rows = [nb.row(_northbound.Place("DHCP_Options", key)) for key in named if key]
        return {
            "switch": _switch_of(place, nb),
            **super().shown(place, nb),
            "dhcp_options": next(
                (one["external_ids"][_ovn.KEY] for one in rows if _ovn.KEY in one["external_ids"]), ""
            ),
        }

    def users(
        self, spec: _ovn.OvnSpec, nb: _northbound.Northbound, going: _uses.Names, declared: _uses.Declared
    ) -> list[str]:
        """Others that are behind it, and translations on its chassis, name it, too."""
        place = self.find(spec, nb)
        if place is None:
            return []
        behind = [(one, "parent_name") for one in nb.found(self.table, "parent_name", spec.name)]
        there = [(one, "logical_port") for one in nb.found("NAT", "logical_port", spec.name)]
        return _uses.by_others(nb, place, [*_uses.of(nb, place), *behind, *there], going, declared)

    def naming(self, place: _northbound.Place, nb: _northbound.Northbound, topology: str) -> dict[str, t.Any]:
        return {"switch": _switch_of(place, nb), "name": nb.row(place)["name"]}  # thousands of ports need no more

    def told(self, place: _northbound.Place, nb: _northbound.Northbound) -> dict[str, t.Any] | None:
        row = nb.row(place)
        of_router = row["type"] == "router" and _router_ports.routers_of(nb, row["options"].get(ROUTER_PORT, ""))
        if row["type"] == "localnet" or of_router:
            return None
        told = self.shown(place, nb)
        if not told["dhcp_options"] and (row["dhcpv4_options"] or row["dhcpv6_options"]):
            told["dhcp_options"] = None  # those of others have no name by which one could declare them
        return told

    def facts(self, spec: _ovn.OvnSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any]:
        found = super().facts(spec, snapshot)
        row = {} if not found["uuid"] else snapshot.nb.row(_northbound.Place(self.table, found["uuid"]))
        return {
            **found,
            "up": row.get("up"),
            "dynamic_addresses": row.get("dynamic_addresses"),
        }


def _switch_of(place: _northbound.Place, nb: _northbound.Northbound) -> str | None:
    """The name of the switch that a port is on."""
    switch = nb.parent(place, _ovn.SWITCHES, "ports")
    return None if switch is None else nb.row(switch)["name"]
