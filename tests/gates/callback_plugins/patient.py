# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playbook that waits for a task asks a hundred times a second whether it is done, not a thousand times.

Each second of waiting takes the control node 0.035 s of its processor otherwise, and a test run waits for hours in all:
for leases, pings, and for other checks that have the processor.
"""

from __future__ import annotations

from ansible import constants
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: patient
type: aggregate
short_description: Waiting is cheap, for the tests
description:
  - Sets C(internal_poll_interval), which no environment variable sets.
"""

SECONDS = 0.01


class CallbackModule(CallbackBase):  # type: ignore[misc]  # ansible-core has no types
    """What Ansible loads."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "patient"

    def __init__(self) -> None:
        super().__init__()
        constants.DEFAULT_INTERNAL_POLL_INTERVAL = SECONDS
