# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rights of this process (capabilities(7)). They are checked once, before anything else, so that all modules report
a forgotten become alike.
"""

from __future__ import annotations

import os
import typing as t

NET_ADMIN = 12  # linux/capability.h


def problem(status: str | None = None) -> str | None:
    """Why no module can work here, as a sentence; None: it can. ``status``: the text of /proc/self/status
    (proc_pid_status(5)).
    """
    if _effective(_own_status() if status is None else status) & 1 << NET_ADMIN:
        return None
    host = os.uname().nodename
    if os.geteuid():
        return f"netloom needs root on {host} (become: true)."
    return (
        f"netloom needs the capability CAP_NET_ADMIN on {host}; root lacks it there, as in a container without"
        " privileges."
    )


def _own_status() -> str:
    with open("/proc/self/status", encoding="utf-8", errors="replace") as file:
        return file.read()


def _effective(status: str) -> int:
    masks: t.Iterator[str] = (line.partition(":")[2] for line in status.splitlines() if line.startswith("CapEff:"))
    return int(next(masks, "0"), 16)
