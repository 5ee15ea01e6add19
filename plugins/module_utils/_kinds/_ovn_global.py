# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a whole OVN, by key (ovn-nb(5), table NB_Global)."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import _fields, _ovn
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _northbound,
    _plan,
    _snapshot,
)

DECLARED = f"{_fields.OURS}options"  # external_ids: the keys that a topology declares


class GlobalKind(_ovn.OvnKind):
    """netloom.linux.ovn_global"""

    name = "ovn_global"
    table, word = "NB_Global", "OVN"
    options: t.ClassVar[t.Mapping[str, t.Any]] = {"options": {"type": "dict", "required": True}}

    def named(self, params: _plan.Params, path: str) -> str:
        return ""

    def read(self, params: _plan.Params, path: str) -> dict[str, t.Any]:
        given = {key: value for key, value in params["options"].items() if value is not None}
        return {"set": _fields.string_map(given, f"{path}options"), "keys": sorted(map(str, params["options"]))}

    def find(self, spec: _ovn.OvnSpec, nb: _northbound.Northbound) -> _northbound.Place | None:
        return next((_northbound.Place(self.table, key) for key in nb.rows(self.table)), None)

    def make(self, spec: _ovn.OvnSpec, planner: _plan.Planner) -> None:
        self._set(spec, planner, spec.more["set"])

    def remove(self, spec: _ovn.OvnSpec, planner: _plan.Planner) -> None:
        self._set(spec, planner, {})

    def _set(self, spec: _ovn.OvnSpec, planner: _plan.Planner, wanted: t.Mapping[str, str]) -> None:
        nb = self.database(spec, planner)
        place = self.find(spec, nb)
        if place is None:
            if not wanted:
                return
            place = _northbound.Place(self.table, "+0")  # a database that nobody has used; a run makes the row first
            nb.put(place, {})
        now = nb.row(place)["options"]
        kept = {key: value for key, value in now.items() if key not in spec.more["keys"]}
        told = [f"{key}={value}" for key, value in sorted(wanted.items()) if now.get(key) != value]
        told += [f"no {key}" for key in spec.more["keys"] if key in now and key not in wanted]
        _ovn.change(planner, place, {"options": {**kept, **wanted}}, f"set options of OVN: {', '.join(told)}")

    def view(self, spec: _ovn.OvnSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any] | None:
        place = None if snapshot.nb.unreachable else self.find(spec, snapshot.nb)
        if place is None:
            return None
        now = snapshot.nb.row(place)["options"]
        found = {key: now[key] for key in spec.more["keys"] if key in now}
        return {"options": found} if found else None

    def shown(self, place: _northbound.Place, nb: _northbound.Northbound) -> dict[str, t.Any]:
        return {"options": dict(nb.row(place)["options"])}

    def naming(self, place: _northbound.Place, nb: _northbound.Northbound) -> dict[str, t.Any]:
        row = nb.row(place)
        keys = row["external_ids"].get(DECLARED, "").split(",")
        return {"options": {key: row["options"].get(key) for key in keys if key}}

    def marks(self, spec: _ovn.OvnSpec) -> dict[str, str]:
        return {DECLARED: ",".join(spec.more["keys"])}

    def told(self, place: _northbound.Place, nb: _northbound.Northbound) -> dict[str, t.Any] | None:
        return self.shown(place, nb) if nb.row(place)["options"] else None

    def whole(self, option: str, was: t.Any, params: t.Mapping[str, t.Any]) -> t.Any:
        return {**dict.fromkeys(params["options"]), **(was or {})}
