# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry point of the modules of a single kind of OVN's northbound database. The flow is that of every module; what
it runs on is the database.
"""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netloom.linux.plugins.module_utils import _lazy  # noqa: F401 pylint: disable=unused-import
from ansible_collections.netloom.linux.plugins.module_utils._engine import (
    _argspec,
    _entry,
    _hooks,
    _module,
    _requirements,
    _run,
)
from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _northbound
from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import _ovn, _ovn_options


def database_of(module: AnsibleModule) -> _northbound.Northbound:
    """The database that the options of a module mean."""
    return _northbound.Northbound(
        _ovn_options.target_of(module.params), float(module.params.get("wait") or 0), _module.called(module)
    )


def run_ovn_kind(kind: _ovn.OvnKind) -> None:
    """main() of a kind's module."""

    def body(module: AnsibleModule, host: _northbound.Northbound) -> dict[str, t.Any]:
        _argspec.refuse_null(kind.options, module.params, "")
        params = {name: value for name, value in module.params.items() if name not in kind.connection}
        entry = _entry.Entry(kind, kind.normalise(params, ""), params)
        outcome = _run.run(_hooks.Hooks([entry]), host, check=module.check_mode, alone=True, wait=module.params["wait"])
        outcome.warnings += host.warnings
        # pylint: disable=protected-access  # the documented way to ask for --diff
        result = _module.result_of(entry, outcome, module._diff)
        if kind.claimed:
            result["chassis"] = host.claimant(params["name"]) if result["uuid"] else None
        return result

    _module.at_the_edge(_argspec.module_spec(kind), dict(kind.rules), _requirements.OTHERS, body, host_of=database_of)
