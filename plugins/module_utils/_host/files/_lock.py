# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One writer at a time: a lock on a file below /run/netloom, which the last holder deletes.

The kernel releases the lock when its holder ends in any way. Only a file remains then, which blocks nobody.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
import types

from ansible_collections.netloom.linux.plugins.module_utils._host.files import _files
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _paths

PATIENCE = 300.0  # seconds: another run may apply a large topology
PAUSE = 0.05


class Lock(contextlib.AbstractContextManager[None]):
    """flock(2) with a time-out. The file names its holder, for the message; it is closed on exec. ``what``: what the
    holder does, in words.
    """

    def __init__(self, wait: float, what: str, patience: float = PATIENCE) -> None:
        self._patience = max(wait, patience)
        self._what = what
        self._descriptor = -1

    def __enter__(self) -> None:
        until = time.monotonic() + self._patience
        while not self._try():
            if time.monotonic() > until:
                raise _errors.Locked(
                    f"Cannot get the lock {_paths.LOCK} within {self._patience:.0f} s: {_holder()}. Nothing was"
                    " changed. Wait for that run, or end it: the lock goes with its process."
                )
            time.sleep(PAUSE)

    def _try(self) -> bool:
        try:
            _files.make_parents(_paths.LOCK)
            descriptor = os.open(_paths.LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except FileNotFoundError:
            return False  # the last holder has just deleted its folder
        except OSError as error:
            raise _errors.HostError(f"Cannot open the lock {_paths.LOCK}: {error.strerror}.") from error
        try:
            os.fchmod(descriptor, 0o600)  # a user who can open the file can lock it and block everybody
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The holder before us may have deleted the file that we hold. Then it blocks nobody.
            if os.fstat(descriptor).st_ino == os.stat(_paths.LOCK).st_ino:
                self._sign(descriptor)
                self._descriptor = descriptor
                return True
        except (BlockingIOError, FileNotFoundError):
            pass  # another process holds it, or has just deleted it
        except OSError as error:
            os.close(descriptor)
            raise _errors.HostError(f"Cannot get the lock {_paths.LOCK}: {error.strerror}.") from error
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        return False

    def _sign(self, descriptor: int) -> None:
        """Write into the file who holds the lock. A run whose records would have no room on the disk fails here."""
        try:
            os.ftruncate(descriptor, 0)
            os.write(
                descriptor, json.dumps({"pid": os.getpid(), "what": self._what, "since": int(time.time())}).encode()
            )
        except OSError as error:
            raise _errors.HostError(
                f"Cannot write {_paths.LOCK}: {error.strerror}. Nothing was changed. Every run notes below {_paths.RUN}"
                " what it makes: make room there first."
            ) from error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: types.TracebackType | None
    ) -> None:
        _files.delete(_paths.LOCK)  # while we hold it
        os.close(self._descriptor)


def _holder() -> str:
    """The holder of the lock, as its file says."""
    try:
        told = json.loads(_files.read(_paths.LOCK) or "")
        seconds = max(0, int(time.time()) - told["since"])
        return f"process {told['pid']} ({told['what']}) has held it for {seconds} s"
    except (ValueError, TypeError, KeyError):
        return "another run holds it"
