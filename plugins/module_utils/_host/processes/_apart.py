# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process of our own that outlives the module: a fork of the module's process, without a parent and a session.

So it has all code in memory when Ansible deletes the module's files, and needs no systemd.
"""

from __future__ import annotations

import contextlib
import os
import signal
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils import _lazy


def fork(body: t.Callable[[], None]) -> None:
    """Run the body in such a process, and return at once. It begins with all descriptors: see detach()."""
    _lazy.read_all()
    first = os.fork()
    if first == 0:
        with contextlib.suppress(BaseException):
            os.setsid()
            if os.fork() == 0:
                body()
        os._exit(0)  # never return to the module's code
    os.waitpid(first, 0)


def detach(kept: t.Collection[int], name: str) -> None:
    """Close all descriptors but these. They stay occupied by /dev/null, so that a later close() of them does not hit
    ours. ``name``: how the process is called from now on.
    """
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGPIPE, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)
    os.chdir("/")
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in sorted({0, 1, 2, *(int(one) for one in os.listdir("/proc/self/fd"))} - {*kept, null}):
        with contextlib.suppress(OSError):
            os.fstat(descriptor)
            os.dup2(null, descriptor, inheritable=False)
    with contextlib.suppress(OSError), open("/proc/self/comm", "w", encoding="ascii") as handle:
        handle.write(name)
