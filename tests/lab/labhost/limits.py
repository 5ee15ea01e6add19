# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the machine allows a user, and many lab hosts together need more of: instances of inotify(7).

By default they are 128. systemd, dbus and logind of one host take seven, and all hosts of all runs are root's.
"""

from __future__ import annotations

import contextlib
import os
import pathlib

from labhost.rundir import LabError

LIMIT = pathlib.Path("/proc/sys/fs/inotify/max_user_instances")
_OF_A_HOST = 8
_TO_SPARE = 64  # for what is started in the hosts, and the machine's own programs
_LINK = "anon_inode:inotify"


def make_room(hosts: int) -> None:
    """Raise the limit if so many more hosts would meet it."""
    allowed, needed = int(LIMIT.read_text(encoding="ascii")), _used() + hosts * _OF_A_HOST + _TO_SPARE
    if needed <= allowed:
        return
    try:
        LIMIT.write_text(str(needed), encoding="ascii")
    except OSError as error:
        raise LabError(
            f"{hosts} lab hosts need {needed} instances of inotify, the machine allows {allowed}, and the limit cannot"
            f" be raised from here ({error.strerror}). Raise it with: sysctl fs.inotify.max_user_instances={needed}"
        ) from None


def _used() -> int:
    found = 0
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has just ended
            found += sum(os.readlink(entry.path) == _LINK for entry in os.scandir(process / "fd"))
    return found
