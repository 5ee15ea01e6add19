# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network namespaces: enter, create, name and un-name them."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import stat
import threading
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.namespaces import _libc
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _snapshot

NETNS_DIR = "/run/netns"
NS_GET_NSTYPE = 0xB703  # linux/nsfs.h


def path_of(ns: _snapshot.NsKey) -> str:
    """The path of the namespace's file. A key that is a path is returned as it is."""
    if ns is None:
        return "/proc/self/ns/net"
    return ns if ns.startswith("/") else f"{NETNS_DIR}/{ns}"


def names() -> list[str]:
    """All names below /run/netns, dangling ones included."""
    try:
        return sorted(os.listdir(NETNS_DIR))
    except FileNotFoundError:
        return []


@functools.cache  # each namespace of the host is on it
def _nsfs() -> int:
    return os.stat("/proc/self/ns/net").st_dev


def inode_of(path: str) -> int | None:
    """The inode of the network namespace at a path, or None if no live one is there."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    # A dangling name is an empty file on the tmpfs of /run; a live one is on nsfs, whose device differs.
    return found.st_ino if found.st_dev == _nsfs() else None


def network_inode_of(path: str) -> int | None:
    """The inode of the network namespace at a path that a user wrote. /proc/PID/ns has namespaces of other types too
    (ioctl_ns(2)).
    """
    if inode_of(path) is None:
        return None  # nothing of nsfs: a device or a pipe is not even opened
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return os.fstat(descriptor).st_ino if fcntl.ioctl(descriptor, NS_GET_NSTYPE) == _libc.CLONE_NEWNET else None
    except OSError:  # no namespace at all
        return None
    finally:
        os.close(descriptor)


def exists(ns: _snapshot.NsKey) -> bool:
    """Whether the name is taken, by a live namespace or a dangling file."""
    return ns is None or os.path.lexists(path_of(ns))


def _here() -> str:
    """The path of this thread's namespace: setns() and unshare() move the calling thread only."""
    return f"/proc/self/task/{threading.get_native_id()}/ns/net"


@contextlib.contextmanager
def _and_home() -> t.Iterator[None]:
    """Return to the present namespace after the body."""
    home = os.open(_here(), os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield
    finally:
        try:
            _libc.setns(home, _libc.CLONE_NEWNET)
        finally:
            os.close(home)


@contextlib.contextmanager
def entered(ns: _snapshot.NsKey) -> t.Iterator[None]:
    """Run the body inside the namespace. This is the only place where the collection enters one.

    Everything opened inside (sockets, /proc/sys files) belongs to that namespace for good, so the body
    opens what it needs and the caller uses it afterwards (0.2 to 0.9 ms, and no process is started).
    """
    if ns is None:
        yield
        return
    with contextlib.ExitStack() as stack:
        try:
            opened = os.open(path_of(ns), os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise _errors.HostError(f"Cannot enter namespace '{ns}': {error.strerror}.") from error
        stack.callback(os.close, opened)
        with inside(opened, ns):
            yield


@contextlib.contextmanager
def inside(opened: int, ns: _snapshot.NsKey) -> t.Iterator[None]:
    """Run the body inside exactly this open namespace, whatever its name means now."""
    with _and_home():
        try:
            _libc.setns(opened, _libc.CLONE_NEWNET)
        except OSError as error:
            forbidden = "This process lacks the capability CAP_SYS_ADMIN, as in a container without privileges."
            why = (
                forbidden
                if isinstance(error, PermissionError)
                else f"Its file in {NETNS_DIR} may dangle; netloom.linux.netns heals it."
            )
            raise _errors.HostError(f"Cannot enter namespace '{ns}': {error.strerror}. {why}") from error
        yield


def mounts_are_private() -> bool:
    """Whether nobody else sees names that are made here: they are in a mount namespace of our own that propagates
    nothing (mount_namespaces(7)).
    """
    try:
        if os.stat("/proc/self/ns/mnt").st_ino == os.stat("/proc/1/ns/mnt").st_ino:
            return False
        ours, theirs = (_peer_group(f"/proc/{process}/mountinfo") for process in ("self", "1"))
    except OSError:
        return False  # nobody may look at process 1, so nobody knows
    return ours is None or ours != theirs


def _peer_group(mounts: str) -> str | None:
    """The peer group of the mount of /run/netns, in the form of proc_pid_mountinfo(5), shared:N. None if it has
    none.
    """
    best, group = "", None
    with open(mounts, encoding="utf-8", errors="surrogateescape") as handle:
        for line in handle:
            fields = line.split()
            point, options = fields[4], fields[6 : fields.index("-")]
            if len(point) >= len(best) and (f"{NETNS_DIR}/").startswith(point.rstrip("/") + "/"):
                best, group = point, next((option for option in options if option.startswith("shared:")), None)
    return group


def _prepare_directory() -> None:
    """Prepare /run/netns as ip-netns(8) does: it is a shared mount, so that names made here are seen in every mount
    namespace.
    """
    with contextlib.suppress(FileExistsError):
        os.mkdir(NETNS_DIR, 0o755)
    with contextlib.suppress(OSError):
        _libc.mount("", NETNS_DIR, "none", _libc.MS_SHARED | _libc.MS_REC)
        return
    _libc.mount(NETNS_DIR, NETNS_DIR, "none", _libc.MS_BIND | _libc.MS_REC)
    _libc.mount("", NETNS_DIR, "none", _libc.MS_SHARED | _libc.MS_REC)


def _require_dangling(path: str) -> None:
    """Require a dangling file: a lost mount leaves an empty file, and a lost process leaves a link. Anything else
    belongs to somebody.
    """
    found = os.lstat(path)
    if not stat.S_ISLNK(found.st_mode) and (not stat.S_ISREG(found.st_mode) or found.st_size):
        raise _errors.HostError(
            f"{path} is not a name of a namespace, but"
            f" {'a file with content' if stat.S_ISREG(found.st_mode) else 'no file'}. Remove it by hand."
        )


def bind(name: str, source: str) -> None:
    """Give the namespace at ``source`` a name. A dangling file of that name is replaced (field fact: it blocks ip netns
    add).
    """
    _prepare_directory()
    target = path_of(name)
    if os.path.lexists(target):
        if inode_of(target) is not None:
            raise _errors.HostError(
                f"Cannot create namespace '{name}': the name appeared meanwhile. Another program is at work; run again."
            )
        _require_dangling(target)
        os.unlink(target)
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW, 0o000))
    try:
        _libc.mount(source, target, "none", _libc.MS_BIND)
    except OSError as error:
        os.unlink(target)
        raise _errors.HostError(f"Cannot bind {source} to {target}: {error.strerror}.") from error


def create(name: str, seen: t.Callable[[str], None] = lambda _path: None) -> None:
    """Create a namespace under a name. ``seen`` is called with its path before it has the name. Raises HostError."""
    try:
        with _and_home():
            _libc.unshare(_libc.CLONE_NEWNET)
            seen(_here())
            bind(name, _here())
    except OSError as error:
        raise _errors.HostError(f"Cannot create namespace '{name}': {error}.") from error


def unname(name: str, require: t.Callable[[int | None], None] = lambda _found: None) -> int | None:
    """Remove the name. Return an open descriptor of the namespace, which keeps it alive until it is closed (for undo).
    Raises HostError.

    ``require`` is called with that descriptor, or with None for a dangling name, before anything is done. It raises if
    the name must stay.
    """
    target, keep, inode = path_of(name), None, None
    try:
        if inode_of(target) is not None:
            keep = os.open(target, os.O_RDONLY | os.O_CLOEXEC)
            inode = os.fstat(keep).st_ino
        else:
            _require_dangling(target)
        try:
            require(keep)
        except BaseException:
            if keep is not None:
                os.close(keep)
            raise
        if not stat.S_ISLNK(os.lstat(target).st_mode):
            # Names may have been bound more than once (field fact: concurrent tools multiply mounts).
            for _attempt in range(16):
                if inode_of(target) != inode:  # bare now, or somebody else was quick
                    break
                try:
                    _libc.umount(target)
                except OSError:
                    break
        if inode_of(target) not in (None, inode):
            raise _errors.HostError(
                f"Cannot delete namespace '{name}': another program gave the name to another namespace at that moment."
            )
        os.unlink(target)
    except OSError as error:
        raise _errors.HostError(f"Cannot delete namespace '{name}': {error.strerror}.") from error
    return keep


def pids() -> list[int]:
    """The ids of all processes, in order."""
    return sorted(int(entry) for entry in os.listdir("/proc") if entry.isdigit())


def processes(inodes: t.Container[int]) -> dict[int, dict[int, str]]:
    """The processes in these namespaces: inode -> pid -> command. One walk over /proc serves all of them."""
    found: dict[int, dict[int, str]] = {}
    for pid in pids():
        inode = inode_of(f"/proc/{pid}/ns/net")
        if inode is None or inode not in inodes:
            continue
        with contextlib.suppress(OSError), open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as handle:
            found.setdefault(inode, {})[pid] = handle.read().strip()
    return found


def holder_of(matches: t.Callable[[str], bool]) -> str | None:
    """A path to the first namespace (named ones first, then those of processes) for which ``matches(path)`` holds."""
    tried: set[int] = set()
    named = [path_of(name) for name in names()]
    for path in named + [f"/proc/{pid}/ns/net" for pid in pids()]:
        inode = inode_of(path)
        if inode is None or inode in tried:
            continue
        tried.add(inode)
        if matches(path):
            return path
    return None
