# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The few system calls that Python 3.9 does not offer, with errors that say what was tried.

Sources: mount(2), unshare(2), setns(2), pivot_root(2), prctl(2), proc(5).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pathlib
import resource
import signal
from typing import NoReturn

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 0x1
MS_NOSUID = 0x2
MS_NODEV = 0x4
MS_NOEXEC = 0x8
MS_REMOUNT = 0x20
MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 1 << 18
MNT_DETACH = 2

DEV_LINKS = {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2", "ptmx": "pts/ptmx"}

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4

_libc = ctypes.CDLL(None, use_errno=True)
# The fifth argument of prctl and the flags of mount are unsigned long: say so, or they are cut to int.
_libc.mount.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p]
_libc.prctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_ulong]


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount(source: str, target: str | os.PathLike[str], fstype: str = "", flags: int = 0, data: str = "") -> None:
    """Mount a file system; a mount point that does not exist is an error."""
    where = os.fspath(target)
    result = _libc.mount(source.encode(), where.encode(), fstype.encode(), flags, data.encode())
    _check(result, f"Cannot mount {fstype or source} on {where}")


def bind(source: str | os.PathLike[str], target: str | os.PathLike[str], recursive: bool = True) -> None:
    """Show source a second time at target (a file on a file, a directory on a directory). recursive: with what is
    mounted below it.
    """
    mount(os.fspath(source), target, flags=MS_BIND | (MS_REC if recursive else 0))


def bind_read_only(source: str | os.PathLike[str], target: str | os.PathLike[str], recursive: bool = True) -> None:
    """Show source at target, where nobody can change it; what is mounted below it stays writable."""
    bind(source, target, recursive)
    mount("none", target, flags=MS_BIND | MS_REMOUNT | MS_RDONLY)


def make_private() -> None:
    """Keep every later mount of this mount namespace from spreading to the machine."""
    mount("none", "/", flags=MS_REC | MS_PRIVATE)


def unshare(flags: int) -> None:
    """Leave the namespaces of these kinds for new ones."""
    _check(_libc.unshare(flags), f"Cannot make new namespaces (flags {flags:#x})")


def unshare_as_root(flags: int) -> None:
    """Leave the namespaces of these kinds, and be root in the new ones: for users, by a user namespace."""
    uid, gid = os.geteuid(), os.getegid()
    unshare(CLONE_NEWUSER)
    for name, text in {"setgroups": "deny", "uid_map": f"0 {uid} 1", "gid_map": f"0 {gid} 1"}.items():
        pathlib.Path("/proc/self", name).write_text(text, encoding="ascii")
    unshare(flags)


def setns(descriptor: int, kind: int) -> None:
    """Enter the namespace that an open file stands for."""
    _check(_libc.setns(descriptor, kind), f"Cannot enter a namespace (kind {kind:#x})")


def pivot_root(new_root: str | os.PathLike[str]) -> None:
    """Make new_root the root and take the old root out of sight.

    The old root is stacked on the new one ("." twice, see pivot_root(2)), so no directory is needed for it.
    """
    os.chdir(new_root)
    _check(_libc.pivot_root(b".", b"."), f"Cannot make {os.fspath(new_root)} the root")
    _check(_libc.umount2(b".", MNT_DETACH), "Cannot take the old root away")
    os.chdir("/")


def die_with_parent(sig: int = signal.SIGKILL) -> None:
    """Ask the kernel to send this process sig when its parent (the parent's thread) ends, even by kill -9."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, int(sig), 0, 0, 0), "Cannot bind this process to its parent")


def set_dumpable() -> None:
    """Let this process own its files below /proc, after a change of user."""
    _check(_libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0), "Cannot own /proc/self")


def allow_open_files(number: int) -> int:
    """Raise the limit of open files to a number, or as far as this process may; return how far that was."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # only who has CAP_SYS_RESOURCE may go beyond
        resource.setrlimit(resource.RLIMIT_NOFILE, (number, max(number, hard)))
        return number
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def start_time(pid: int) -> str | None:
    """The start time of a process (field 22 of /proc/PID/stat), which with the pid identifies it; None if it is
    gone.
    """
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    # The name, in brackets, may hold spaces and brackets itself: count from its end. Z: dead, not yet reaped.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] == "Z" else fields[19]


def exec_program(argv: list[str], env: dict[str, str]) -> NoReturn:
    """Become another program, looked up in env's PATH."""
    os.execvpe(argv[0], argv, env)
