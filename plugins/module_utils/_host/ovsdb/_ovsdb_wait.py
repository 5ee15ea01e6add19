# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait for what an OVSDB tells: limited in time, without a thread."""

from __future__ import annotations

import time
import typing as t

SECONDS_PER_ROW = 0.0005  # that a server may take to tell its rows, beside the timeout


def until(
    condition: t.Callable[[], t.Any], timeout: float, turn: t.Callable[[], t.Any], arm: t.Callable[[t.Any], None]
) -> bool:
    """Read until the condition holds; False when time is up. ``turn``: reads what has come, and says whether something
    has. ``arm``: tells a poller of the library what wakes it.
    """
    from ovs import poller

    deadline = time.monotonic() + timeout
    while True:
        changed = turn()
        if condition():
            return True
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        if not changed:
            wait = poller.Poller()
            arm(wait)
            wait.timer_wait(max(1, int(left * 1000)))
            wait.block()
