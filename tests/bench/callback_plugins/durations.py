# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes how long each task took, and how many steps it had, to the file that BENCH_DURATIONS names."""

from __future__ import annotations

DOCUMENTATION = r"""
name: durations
type: aggregate
short_description: Durations of tasks, to a file
description: Appends a line for each task, its name, its seconds and the number of its steps, separated by tabs.
"""

import os
import time
import typing as t

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    """One host, one play."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "durations"

    _start = 0.0

    def v2_playbook_on_task_start(self, task: t.Any, is_conditional: bool) -> None:
        """A task begins."""
        self._start = time.monotonic()

    def v2_runner_on_ok(self, result: t.Any) -> None:
        """It has ended."""
        with open(os.environ["BENCH_DURATIONS"], "a", encoding="utf-8") as file:
            name = getattr(result, "task", None) or result._task  # pylint: disable=protected-access  # ansible-core 2.18 has no other
            found = getattr(result, "result", None) or result._result  # pylint: disable=protected-access
            file.write(f"{name.get_name()}\t{time.monotonic() - self._start:.3f}\t{len(found.get('steps', ()))}\n")
