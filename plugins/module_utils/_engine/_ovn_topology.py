# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry points of the modules ovn_topology and ovn_info."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netloom.linux.plugins.module_utils import _lazy  # noqa: F401 pylint: disable=unused-import
from ansible_collections.netloom.linux.plugins.module_utils._engine import (
    _module,
    _ovn_marks,
    _ovn_module,
    _ovn_told,
    _reading,
    _requirements,
    _run,
    _topology,
)
from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _northbound
from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import _ovn_options
from ansible_collections.netloom.linux.plugins.module_utils._model import _scope, _values


def marks_of(params: t.Mapping[str, t.Any]) -> _ovn_marks.Marks:
    """The entries in the options of the module, with the marks of earlier runs. Raises BadInput."""
    _values.object_name(params["name"], "name")
    reader = _reading.EntryReader()
    entries = _reading.entries_of(dict(params), reader)
    return _ovn_marks.Marks(
        params["name"], entries, reader.remembered, absent=params["state"] == "absent", purge=params["purge"]
    )


def run_ovn_topology() -> None:
    """main() of module ovn_topology."""

    def body(module: AnsibleModule, host: _northbound.Northbound) -> dict[str, t.Any]:
        marks, most = marks_of(module.params), module.params["max_disruption"]
        outcome = _run.run(marks, host, check=module.check_mode, alone=False, wait=module.params["wait"], most=most)
        outcome.warnings += host.warnings
        result = _topology.result_of(marks, outcome, _module.shown, _reading.OVN_TOPOLOGY)
        if not module._diff:  # pylint: disable=protected-access  # the documented way to ask for --diff
            del result["diff"]
        return result

    _module.at_the_edge(_reading.OVN_SPEC, {}, _requirements.OTHERS, body, host_of=_ovn_module.database_of)


def run_ovn_info() -> None:
    """main() of module ovn_info."""

    def body(module: AnsibleModule, host: _northbound.Northbound) -> dict[str, t.Any]:
        del module
        nb = host.read(_scope.Scope()).nb
        if nb.unreachable:
            raise nb.silence(nb.unreachable)
        return {"changed": False, **_ovn_told.result_of(nb)}

    spec = dict(_ovn_options.CONNECTION)
    _module.at_the_edge(spec, {}, _requirements.OTHERS, body, host_of=_ovn_module.database_of)
