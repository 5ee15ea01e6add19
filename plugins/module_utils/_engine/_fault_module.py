# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The edge of module fault: it breaks what it is told to, and plans nothing."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netloom.linux.plugins.module_utils._engine import _requirements
from ansible_collections.netloom.linux.plugins.module_utils._engine._module import at_the_edge
from ansible_collections.netloom.linux.plugins.module_utils._host._faults import Breaker
from ansible_collections.netloom.linux.plugins.module_utils._host._host import Host
from ansible_collections.netloom.linux.plugins.module_utils._model._fault import SORTS, fault_of

SPEC: dict[str, t.Any] = {
    "fault": {"type": "str", "required": True, "choices": list(SORTS)},
    "name": {"type": "str"},
    "netns": {"type": "str"},
    "value": {"type": "str"},
    "neighbour": {"type": "dict", "options": {"name": {"type": "str", "required": True}, "netns": {"type": "str"}}},
}


def run_fault() -> None:
    """main() of module fault. It has no check mode: a fault that is only foretold proves nothing."""

    def needed(params: t.Mapping[str, t.Any]) -> dict[str, str]:
        return _requirements.needed(ovs=params["fault"].startswith("ovs_"))

    def body(module: AnsibleModule, host: Host) -> dict[str, t.Any]:
        fault = fault_of(module.params)
        with host.lock():
            Breaker(host).make(fault)
        return {"changed": True, "fault": fault.sentence}

    at_the_edge(SPEC, {}, needed, body, check_mode=False)
