# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry point of the module fault. It breaks what it is told to, and plans nothing."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netloom.linux.plugins.module_utils import _lazy  # noqa: F401 pylint: disable=unused-import
from ansible_collections.netloom.linux.plugins.module_utils._engine import _module, _requirements
from ansible_collections.netloom.linux.plugins.module_utils._host import _faults, _host
from ansible_collections.netloom.linux.plugins.module_utils._model import _fault


def run_fault() -> None:
    """main() of module fault. It has no check mode: a fault that is only foretold proves nothing."""

    def needed(params: t.Mapping[str, t.Any]) -> dict[str, str]:
        return _requirements.needed(_fault.SORTS[params["fault"]].libraries)

    def body(module: AnsibleModule, host: _host.Host) -> dict[str, t.Any]:
        fault = _fault.fault_of(module.params)
        with host.lock():
            _faults.Breaker(host).make(fault)
        return {"changed": True, "fault": fault.sentence}

    _module.at_the_edge(_fault.OPTIONS, {}, needed, body, check_mode=False)
