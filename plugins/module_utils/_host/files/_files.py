# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files: write them by a rename and never through a link, and delete them with those of our parent folders that are
then empty.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat

from ansible_collections.netloom.linux.plugins.module_utils._model import _access, _errors

# Folders that the last absent takes away when they are empty; what is above them is the system's.
OURS = ("/run/netloom", "/var/lib/netloom", "/etc/netloom", "/etc/netns")


def read(path: str) -> str | None:
    """A file's text. None if it does not exist or is no regular file: opening a FIFO would wait for its writer."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", opener=_at_once) as handle:
            return handle.read() if stat.S_ISREG(os.fstat(handle.fileno()).st_mode) else None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno == errno.ENXIO:  # a socket
            return None
        raise _errors.HostError(f"Cannot read {path}: {error.strerror}.") from error


def unreadable(path: str) -> str | None:
    """Why a file cannot be read, in words, or None. Its content is not read."""
    try:
        with open(path, "rb"):
            return None
    except OSError as error:
        return error.strerror or str(error)


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)


def read_tree(folder: str) -> dict[str, str]:
    """All files below a folder: path -> text."""
    found: dict[str, str] = {}
    for parent, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(parent, name)
            text = read(path)
            if text is not None:
                found[path] = text
    return found


def access_below(folder: str) -> dict[str, _access.Access]:
    """Modes and owners of all files below a folder, and which of them are no regular files."""
    found = {}
    for parent, folders, files in os.walk(folder):
        folders.sort()
        for path in (os.path.join(parent, name) for name in (*sorted(files), *folders)):
            with contextlib.suppress(FileNotFoundError):
                seen = os.lstat(path)
                if not stat.S_ISDIR(seen.st_mode):
                    found[path] = _access.Access(
                        stat.S_IMODE(seen.st_mode), seen.st_uid, seen.st_gid, _special(path, seen.st_mode)
                    )
    return found


def _special(path: str, mode: int) -> str:
    if stat.S_ISLNK(mode):
        return f"a symbolic link to {os.readlink(path)}"
    return (
        ""
        if stat.S_ISREG(mode)
        else "a FIFO"
        if stat.S_ISFIFO(mode)
        else "a socket"
        if stat.S_ISSOCK(mode)
        else "a device"
    )


def read_tree_of(folder: str, ending: str) -> dict[str, str]:
    """The files of one folder whose names have this ending: path -> text. Files that disappear meanwhile are
    skipped.
    """
    try:
        paths = sorted(entry.path for entry in os.scandir(folder) if entry.name.endswith(ending))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    texts = ((path, read(path)) for path in paths)
    return {path: text for path, text in texts if text is not None}


def _is_ours(path: str) -> bool:
    return any(path == root or path.startswith(root + "/") for root in OURS)


def _make(folder: str) -> None:
    """Create a folder with its parents, each with mode 0755 whatever the umask is (os.makedirs only sets the last)."""
    if not os.path.isdir(folder):
        _make(os.path.dirname(folder))
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder)
            os.chmod(folder, 0o755)


def make_parents(path: str) -> None:
    """Create the folders above a file with mode 0755. A symbolic link on the path below one of our roots is refused."""
    _refuse_links(path, "write")
    _make(os.path.dirname(path))
    _refuse_links(path, "write")


def _refuse_links(path: str, wish: str) -> None:
    """Refuse to create, write or delete anything behind somebody else's link. Only root can create one there, so none
    appears meanwhile.
    """
    folder = os.path.dirname(path)
    while _is_ours(folder):
        if os.path.islink(folder):
            raise _errors.HostError(
                f"Cannot {wish} {path}: {folder} is a symbolic link, which netloom does not follow. Remove it."
            )
        folder = os.path.dirname(folder)


def _temporary(path: str) -> str:
    """The name of a file while it is written. It is always the same, so that the rest of a killed run is found."""
    return os.path.join(os.path.dirname(path), f".netloom-{os.path.basename(path)}~")


def write(
    path: str, content: str | bytes, mode: int = 0o644, owner: tuple[int, int] | None = None, *, lasting: bool = False
) -> None:
    """Write a file completely or not at all. ``owner``: user and group ids; None: those of this process. ``lasting``:
    it survives a power cut.
    """
    try:
        make_parents(path)
        temporary = _temporary(path)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            with open(descriptor, "wb") as handle:
                handle.write(content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape"))
            if owner is not None:
                os.chown(temporary, *owner)
            os.chmod(temporary, mode)
            if lasting:
                _sync(temporary)
            os.replace(temporary, path)
            if lasting:
                _sync(os.path.dirname(path))
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
    except OSError as error:
        raise _errors.HostError(f"Cannot write {path}: {error.strerror}.") from error


def _sync(path: str) -> None:
    """Flush the content of a file, or the names in a folder, to the disk (fsync(2))."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def appending(path: str) -> int:
    """Open a file of our own for appending. The caller closes it."""
    try:
        make_parents(path)
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise _errors.HostError(f"Cannot write {path}: {error.strerror}.") from error


def link(path: str, target: str) -> None:
    """Create a symbolic link, or replace a file that is not this link."""
    try:
        _make(os.path.dirname(path))
        if not os.path.islink(path) or os.readlink(path) != target:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
            os.symlink(target, path)
            _sync(os.path.dirname(path))
    except OSError as error:
        raise _errors.HostError(f"Cannot write {path}: {error.strerror}.") from error


def delete(path: str) -> None:
    """Delete a file if it exists, and those of our parent folders that are then empty."""
    # A read-only file system says EROFS of one that is not there, too.
    names = [name for name in (path, _temporary(path)) if os.path.lexists(name)]
    if path in names:
        _refuse_links(path, "delete")
    try:
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)
    except OSError as error:
        raise _errors.HostError(f"Cannot delete {path}: {error.strerror}.") from error
    prune(os.path.dirname(path))


def prune(folder: str) -> None:
    """Remove a folder of ours and our parent folders, as long as they are empty."""
    while _is_ours(folder):
        try:
            os.rmdir(folder)
        except FileNotFoundError:
            pass
        except OSError:
            return
        folder = os.path.dirname(folder)
