# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry point of the module topology."""

from __future__ import annotations

import re
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netloom.linux.plugins.module_utils import _lazy  # noqa: F401 pylint: disable=unused-import
from ansible_collections.netloom.linux.plugins.module_utils._engine import (
    _module,
    _order,
    _reading,
    _records,
    _requirements,
    _run,
    _topology,
)
from ansible_collections.netloom.linux.plugins.module_utils._host import _host
from ansible_collections.netloom.linux.plugins.module_utils._host.daemons import _systemd
from ansible_collections.netloom.linux.plugins.module_utils._host.files import _files
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _registry
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _paths, _values

if t.TYPE_CHECKING:
    # The code that runs at boot is sent with the module, which saves it.
    from ansible_collections.netloom.linux.plugins.module_utils._engine import _boot  # noqa: F401


def _remembered(name: str) -> set[str]:
    """The libraries that are needed for objects which earlier runs declared and which may have to be deleted."""
    text = _files.read_tree(_paths.TOPOLOGIES).get(_records.path_of(name), "")
    kinds = set(re.findall(r'"kind": "(\w+)"', text)) & set(_order.KIND_NAMES)
    return {library for kind in kinds for library in _registry.KINDS[kind].libraries}


def run_topology() -> None:
    """main() of module topology."""

    def needed(params: t.Mapping[str, t.Any]) -> dict[str, str]:
        return _requirements.needed(_topology.libraries_of(params) | _remembered(params["name"]))

    def body(module: AnsibleModule, host: _host.Host) -> dict[str, t.Any]:
        _values.object_name(module.params["name"], "name")
        if module.params["persist"] and module.params["state"] == "present" and not _systemd.booted():
            raise _errors.BadInput(
                "persist: a topology is brought back at boot by systemd, which is not PID 1 on this host (there is no"
                " /run/systemd/system). Set persist to false, and run the play after each boot."
            )
        manifest = _topology.manifest_of(module.params)
        most = module.params["max_disruption"]
        outcome = _run.run(manifest, host, check=module.check_mode, alone=False, wait=module.params["wait"], most=most)
        result = _topology.result_of(manifest, outcome, _module.shown)
        if not module._diff:  # pylint: disable=protected-access  # the documented way to ask for --diff
            del result["diff"]
        return result

    _module.at_the_edge(_reading.SPEC, {}, needed, body)
