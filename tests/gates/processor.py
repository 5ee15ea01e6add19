# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much processor a check takes: a control group of its own counts all that it starts, and what ends by itself or is
killed. Lab hosts put themselves below it (tests/lab/labhost/keeper.py).

A parent is told the time of those children only that it waits for: a third is missing there, the daemons of lab hosts.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import tempfile

PREFIX = "netloom-check."


class Group:
    """Counts a command. Where it cannot (no root, no cgroup2), a command runs as without it."""

    def __init__(self, above: pathlib.Path | None) -> None:
        self._path: pathlib.Path | None = None
        with contextlib.suppress(OSError):
            self._path = above and pathlib.Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}.", dir=above))

    def counting(self, command: list[str]) -> list[str]:
        """The command, which first enters the group."""
        if not self._path:
            return command
        return ["sh", "-c", 'echo 0 >"$0"; exec "$@"', str(self._path / "cgroup.procs"), *command]

    def end(self) -> float | None:
        """The seconds of processor that it counted."""
        if not self._path:
            return None
        told = dict(line.split() for line in (self._path / "cpu.stat").read_text(encoding="ascii").splitlines())
        remove(self._path)
        return int(told["usage_usec"]) / 1e6


def hierarchy() -> pathlib.Path | None:
    """Where the control groups are, without what runs left there that have ended."""
    for line in pathlib.Path("/proc/mounts").read_text(encoding="utf-8").splitlines():
        _source, path, kind, *_more = line.split()
        if kind == "cgroup2":
            above = pathlib.Path(path)
            for group in sorted(above.glob(f"{PREFIX}*")):
                if not pathlib.Path("/proc", group.name.split(".")[1]).exists():
                    remove(group)
            return above
    return None


def remove(group: pathlib.Path) -> None:
    """Remove a group and those below it. Where something still runs, such as a connection that ssh keeps, it stays."""
    for path, _directories, _files in os.walk(group, topdown=False):
        with contextlib.suppress(OSError):
            os.rmdir(path)


def in_words(spent: list[float | None]) -> str:
    """What is printed of it."""
    known = [seconds for seconds in spent if seconds is not None]
    return f", {sum(known):.1f} s of processor" if known else ""
