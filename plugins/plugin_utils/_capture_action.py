# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin of netns_capture: the module captures on the host, and the files are on the control node."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors
from ansible_collections.netloom.linux.plugins.plugin_utils import _capture_files

Result = dict[str, t.Any]


class CaptureAction(ActionBase):  # type: ignore[misc]  # ansible-core has no types
    """Runs the module of its own name, and puts the names of files in place of their contents."""

    _supports_async = True
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: Result | None = None) -> Result:
        """Return the module's result. It is failed if the files cannot be written."""
        super().run(tmp, task_vars)
        variables, dest = task_vars or {}, self._task.args.get("dest")
        host = str(variables.get("inventory_hostname", ""))
        try:
            # Before the capture: what was seen must not be lost because it cannot be written.
            files = _capture_files.Files(dest, host, self._task.args) if dest else None
            result: Result = self._execute_module(task_vars=variables, wrap_async=self._task.async_val)
            # In check mode, and while a job of async runs, there is nothing to write.
            return files.written(result) if files is not None and result.get("captures") else result
        except _errors.NetloomError as error:
            return {"failed": True, "reason": error.reason, "msg": str(error)}
