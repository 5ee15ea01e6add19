# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the entries of a topology as their modules read them, and check them against each other. No host is asked, so
the control node does the same before it connects to one (plugin_utils/_judge.py).
"""

from __future__ import annotations

import typing as t
import zlib

from ansible_collections.netloom.linux.plugins.module_utils._engine import (
    _argspec,
    _entry,
    _options,
    _order,
    _quarrels,
)
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _rt_tables
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _registry
from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import _ovn_options
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _ops, _plan, _values

TOPOLOGY, OVN_TOPOLOGY = "topology", "ovn_topology"
# Entries take their kinds' options, which the validator checks; here they are only dictionaries.
LISTS: dict[str, dict[str, t.Any]] = {name: {"type": "list", "elements": "dict"} for name in _order.KIND_NAMES}
SPEC: dict[str, t.Any] = {
    "name": {"type": "str", "required": True},
    **LISTS,
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "purge": {"type": "bool", "default": True},
    "max_disruption": {"type": "str", "choices": list(_ops.DISTURBANCES), "default": _ops.DISTURBANCES[-1]},
    "persist": {"type": "bool", "default": False},
    "wait": _argspec.WAIT,
}

OVN_SPEC: dict[str, t.Any] = {
    "name": {"type": "str", "required": True},
    **{name: {"type": "list", "elements": "dict"} for name in _order.NORTHBOUND_NAMES},
    **{name: SPEC[name] for name in ("state", "purge", "max_disruption", "wait")},
    **_ovn_options.CONNECTION,
}
SPECS = {TOPOLOGY: SPEC, OVN_TOPOLOGY: OVN_SPEC}

NumberOf = t.Callable[[str], str]


class EntryReader:
    """Reads entries as their modules read their options. ``number_of``: the number of a routing table by the name that
    the host gives to it.
    """

    def __init__(self, number_of: NumberOf = _rt_tables.number_of) -> None:
        self._number_of = number_of
        self._specs: dict[str, _plan.Params] = {}

    def read(self, kind_name: str, params: t.Any, path: str, state: str | None = None) -> _entry.Entry:
        """Read one entry as a user typed it. ``state`` overrides its own state."""
        _options.judge(self._spec(kind_name), params, kind_name, path)
        return self.remembered(kind_name, params, path, state)

    def remembered(self, kind_name: str, params: _plan.Params, path: str, state: str | None = None) -> _entry.Entry:
        """Read one entry that a run, perhaps of an older release, recorded."""
        kind, spec = _registry.KINDS[kind_name], self._spec(kind_name)
        # Null means 'left out', which Ansible does not grant to options with choices.
        params = _rt_tables.numbered(params, self._number_of)
        given = {name: value for name, value in params.items() if value is not None}
        if state:
            given["state"] = state
        _options.refuse_rules(kind.rules, {"state": kind.states[0], **given}, path)
        return _entry.Entry(
            kind,
            kind.normalise(_options.converted(spec, given, path), path),
            {_options.own_name(spec, name): value for name, value in params.items()},
        )

    def _spec(self, kind_name: str) -> _plan.Params:
        if kind_name not in self._specs:
            self._specs[kind_name] = _argspec.argument_spec(_registry.KINDS[kind_name])
        return self._specs[kind_name]

    def read_all(self, params: _plan.Params, state: str | None = None) -> list[_entry.Entry]:
        """All entries of a topology, in the order of the kinds."""
        return [
            self.read(name, entry, f"{name}[{index}].", state)
            for name in (*_order.KIND_NAMES, *_order.NORTHBOUND_NAMES)
            for index, entry in enumerate(params.get(name) or ())
        ]


def entries_of(params: _plan.Params, reader: EntryReader) -> list[_entry.Entry]:
    """The entries in the options of a topology, which do not contradict each other. Raises BadInput."""
    absent = params["state"] == "absent"
    entries = reader.read_all(params, "absent" if absent else None)
    _quarrels.refuse_duplicates(entries)
    if not absent:
        _quarrels.refuse_quarrels(entries)
        if params.get("persist"):
            _quarrels.refuse_fleeting(entries)
    return entries


def judge(module: str, given: t.Mapping[str, t.Any]) -> None:
    """Refuse options of a module that no host could take. ``module``: a topology, or the module of a kind. Others are
    not judged. Raises BadInput, with the sentence that the module itself would fail with.
    """
    params = dict(given)
    if module not in SPECS and module not in _registry.KINDS:
        return
    spec = SPECS[module] if module in SPECS else _argspec.module_spec(_registry.KINDS[module])
    _options.refuse_undecodable(params)
    _options.judge(spec, params, module)
    _argspec.check_wait(params)
    reader = EntryReader(stand_in)
    if module not in SPECS:
        for name in ("wait", *_registry.KINDS[module].connection):
            params.pop(name, None)
        reader.read(module, params, "")
        return
    try:
        read = _options.converted(spec, params)
    except _errors.BadInput:
        return  # the module says it
    _values.object_name(read["name"], "name")
    entries_of(read, reader)


def stand_in(name: str) -> str:
    """A number for the name of a routing table. Only the host knows the right one."""
    return str(2**31 + zlib.crc32(name.encode()) % 2**31)
