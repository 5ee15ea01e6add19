# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A group of logical ports with its rules (ovn-nb(5), table Port_Group): a security group."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import _acls, _fields, _match, _ovn
from ansible_collections.netloom.linux.plugins.module_utils._model import _northbound, _plan, _values


class PortGroupKind(_match.NamedInRules):
    """netloom.linux.ovn_port_group"""

    name = "ovn_port_group"
    table, word = "Port_Group", "OVN port group"
    fields = (_fields.rest("external_ids", "external_ids"),)
    options: t.ClassVar[t.Mapping[str, t.Any]] = {
        "name": {"type": "str", "required": True},
        "ports": dict(_fields.STRINGS),
        "acls": _acls.OPTION,
        **_fields.options(fields),
    }
    clearable: t.ClassVar[t.Mapping[str, t.Any]] = {"ports": [], "acls": [], **_fields.clearable(fields)}

    def read(self, params: _plan.Params, path: str) -> dict[str, t.Any]:
        ports = params.get("ports")
        return {
            "ports": None
            if ports is None
            else tuple(dict.fromkeys(_values.strings(ports, f"{path}ports") if ports else [])),
            "acls": _acls.read(params.get("acls"), f"{path}acls"),
        }

    def settle(self, spec: _ovn.OvnSpec, planner: _plan.Planner) -> None:
        nb = planner.now.nb
        place = self.find(spec, nb)
        if place is None:
            return
        ports = spec.more["ports"]
        if ports is not None:
            found = [_ovn.the_port(planner, name, f"{spec.path}ports[{index}]").id for index, name in enumerate(ports)]
            now = {key: nb.row(_northbound.Place(_ovn.PORTS, key))["name"] for key in nb.row(place)["ports"]}
            words = _ovn.came_and_went(sorted(now.values()), ports)
            _ovn.change(planner, place, {"ports": tuple(sorted(found))}, f"set ports of {self.what(spec)}: {words}")
        _acls.plan(spec.more["acls"], planner, place, group=spec.name, of=self.what(spec), path=spec.path)

    def shown(self, place: _northbound.Place, nb: _northbound.Northbound) -> dict[str, t.Any]:
        row = nb.row(place)
        ports = sorted(nb.row(_northbound.Place(_ovn.PORTS, key))["name"] for key in row["ports"])
        return {**super().shown(place, nb), "ports": ports, "acls": _acls.shown(place, nb, row["name"])}
