# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a whole OVN, by key (ovn-nb(5), table NB_Global)."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import _fields, _ovn
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _northbound,
    _plan,
    _snapshot,
)

DECLARED = f"{_fields.OURS}options-"  # external_ids, with the name of a topology: the keys that it declares


class GlobalKind(_ovn.OvnKind):
    """netloom.linux.ovn_global"""

    name = "ovn_global"
    table, word, parted = "NB_Global", "OVN", True
    by_key = together = ("options",)
    options: t.ClassVar[t.Mapping[str, t.Any]] = {"options": {"type": "dict", "required": True}}

    def named(self, params: _plan.Params, path: str) -> str:
        return ""

    def read(self, params: _plan.Params, path: str) -> dict[str, t.Any]:
        given = {key: value for key, value in params["options"].items() if value is not None}
        keys = tuple(sorted(map(str, params["options"])))
        odd = next((key for key in keys if not key or re.search(r"[\s,]", key)), None)
        if odd is not None:  # our mark lists the keys, with commas between
            raise _errors.BadInput(f"{path}options: {odd!r} is no key of OVN; write one word, without commas.")
        return {"set": _fields.string_map(given, f"{path}options"), "keys": keys, "declared": keys}

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
        row = snapshot.nb.row(place)
        found = {key: row["options"][key] for key in spec.more["keys"] if key in row["options"]}
        declared = not _keys_of_others(row, "").isdisjoint(spec.more["keys"])  # maybe to be without a value
        return {"options": found} if found or declared else None

    def shown(self, place: _northbound.Place, nb: _northbound.Northbound) -> dict[str, t.Any]:
        return {"options": dict(nb.row(place)["options"])}

    def naming(self, place: _northbound.Place, nb: _northbound.Northbound, topology: str) -> dict[str, t.Any]:
        row = nb.row(place)
        keys = _keys(row, topology) - _keys_of_others(row, topology)
        return {"options": {key: row["options"].get(key) for key in sorted(keys)}}

    def marks(self, spec: _ovn.OvnSpec, topology: str) -> dict[str, str]:
        return {f"{DECLARED}{topology}": ",".join(spec.more["declared"])}

    def and_dropped(
        self, spec: _ovn.OvnSpec, nb: _northbound.Northbound, topology: str, before: _plan.Params
    ) -> _ovn.OvnSpec:
        place = self.find(spec, nb)
        if place is None:
            return spec
        row, more = nb.row(place), spec.more
        others = _keys_of_others(row, topology)
        for key in sorted(others & {*more["declared"]}):
            if row["options"].get(key) != more["set"].get(key):
                raise _errors.Conflict(
                    f"{spec.path}options.{key}: another topology declares it, too, and it is"
                    f" {row['options'].get(key)!r} there. Declare one value, or leave it out of one of the two."
                )
        dropped = _keys(row, topology) - others - {*more["declared"]}
        had = before.get("options") or {}
        back = {key: had[key] for key in dropped if had.get(key) is not None}
        keys = tuple(sorted({*more["keys"], *dropped}))
        return dataclasses.replace(spec, more={**more, "set": {**more["set"], **back}, "keys": keys})

    def told(self, place: _northbound.Place, nb: _northbound.Northbound) -> dict[str, t.Any] | None:
        return self.shown(place, nb) if nb.row(place)["options"] else None

    def whole(self, option: str, was: t.Any, params: t.Mapping[str, t.Any]) -> t.Any:
        return {**dict.fromkeys(params["options"]), **(was or {})}


def _keys(row: _northbound.Row, topology: str) -> set[str]:
    """The keys that a topology has declared."""
    return {key for key in row["external_ids"].get(f"{DECLARED}{topology}", "").split(",") if key}


def _keys_of_others(row: _northbound.Row, topology: str) -> set[str]:
    """The keys that other topologies have declared; all of them, if ``topology`` is empty."""
    names = (mark[len(DECLARED) :] for mark in row["external_ids"] if mark.startswith(DECLARED))
    return {key for name in names if name != topology for key in _keys(row, name)}
