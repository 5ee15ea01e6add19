# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a playbook told, as JSON: the results of each host, and the artifacts."""

from __future__ import annotations

import json
import os
import pathlib
import typing as t

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: told
type: notification
short_description: Results of a playbook, for the tests of fleets
description:
  - Writes the results of tasks with steps, the recap and the artifacts to the file NETLOOM_FLEET_TOLD.
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]  # ansible-core has no types
    """What Ansible loads."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "told"

    def __init__(self) -> None:
        super().__init__()
        self.runs: dict[str, list[dict[str, t.Any]]] = {}

    def v2_runner_on_ok(self, result: t.Any) -> None:
        """A task went well."""
        # ansible-core 2.19 gave the attributes public names.
        # pylint: disable=protected-access
        data = result.result if hasattr(result, "result") else result._result
        host = result.host if hasattr(result, "host") else result._host
        if "steps" in data:
            picked = {key: data.get(key) for key in ("steps", "plan", "before", "after", "warnings")}
            self.runs.setdefault(host.get_name(), []).append(picked)

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        """The end."""
        recap = {host: stats.summarize(host) for host in stats.processed}
        told = {"runs": self.runs, "recap": recap, "artifacts": stats.custom.get("_run", {})}
        pathlib.Path(os.environ["NETLOOM_FLEET_TOLD"]).write_text(json.dumps(told, default=str), encoding="utf-8")
