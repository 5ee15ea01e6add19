# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry point of the module netns_info."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netloom.linux.plugins.module_utils import _lazy  # noqa: F401 pylint: disable=unused-import
from ansible_collections.netloom.linux.plugins.module_utils._engine import _info, _module, _requirements
from ansible_collections.netloom.linux.plugins.module_utils._host import _host


def run_info() -> None:
    """main() of module netns_info."""
    spec = {
        "names": {"type": "list", "elements": "str"},
        "include_host": {"type": "bool", "default": False},
        "show_etc_files": {"type": "bool", "default": False},
    }

    def body(module: AnsibleModule, host: _host.Host) -> dict[str, t.Any]:
        names, include_host, shown = (module.params[name] for name in ("names", "include_host", "show_etc_files"))
        return _info.gather(host, names, include_host, assume=module.check_mode, show_etc_files=shown)

    _module.at_the_edge(spec, {}, _requirements.needed(()), body)
