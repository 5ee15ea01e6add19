# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors, as types. Each message names object, wish, cause and remedy. ``reason`` is the type in one word, which
the result of a module has: a play that treats some errors differently must not look for words of a message.
"""

from __future__ import annotations

import errno
import traceback

# Of these a program is not to blame.
_HOSTS_OWN = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EIO,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
    errno.EACCES,
    errno.EPERM,
)


def quoted(words: object) -> str:
    """What the kernel or another program says, as a part of our sentence, which has its own full stop."""
    return str(words).strip().rstrip(".")


class NetloomError(Exception):
    """The base of all errors that the engine raises on purpose. The edge turns them into fail_json."""

    reason = "refused"


class BadInput(NetloomError):
    """An option has a value that no host could accept, in check mode and in a run alike."""

    reason = "input"


class Missing(NetloomError):
    """An object that an earlier task might have made does not exist."""

    reason = "missing"


class Conflict(NetloomError):
    """The wanted name belongs to another object, which is left alone."""

    reason = "conflict"


class TooDisruptive(NetloomError):
    """The plan disturbs more than `max_disruption` allows."""

    reason = "disruption"


class HostError(NetloomError):
    """The kernel, Open vSwitch or a daemon refused a step, or did not answer."""


class Locked(HostError):
    """Another run has the lock."""

    reason = "locked"


class Unreachable(HostError):
    """There is no database to talk to; the message says where and why."""

    reason = "unreachable"


class Follower(Unreachable):
    """The servers of a cluster answer, and none of them is the leader, who alone takes what is written."""

    reason = "follower"


class Untrusted(Unreachable):
    """A TLS file cannot be read, or the two sides do not trust each other."""

    reason = "certificate"


class NoLibrary(Unreachable):
    """A library is missing or too old."""

    reason = "library"


class Uncertain(HostError):
    """A step failed, and it is unknown whether the host did it all the same, or will."""

    reason = "uncertain"


class NotInEffect(NetloomError):
    """Every step succeeded, but reading again shows another state (or the object never became usable)."""

    reason = "not_in_effect"


class NoRights(NetloomError):
    """The task lacks rights that it needs: it is not root's, or root may not do all here."""

    reason = "rights"


class Surprise(NetloomError):
    """A probe of `reachability` did not end as expected."""

    reason = "surprise"


class Unexpected(NetloomError):
    """A bug of this collection: an unexpected exception. The message says what and where, and asks for a report."""

    reason = "unexpected"

    def __init__(self, error: BaseException) -> None:
        frames = traceback.extract_tb(error.__traceback__)
        where = f" ({frames[-1].filename.rpartition('/')[2]}, line {frames[-1].lineno})" if frames else ""
        if isinstance(error, OSError) and error.errno in _HOSTS_OWN:
            what = f" about {error.filename!r}" if error.filename else ""
            super().__init__(f"The host says '{error.strerror}'{what}, so netloom cannot go on{where}.")
            return
        words = quoted(error) or "without a word"
        super().__init__(
            f"netloom met something that it does not know: {type(error).__name__}: {words}{where}. Please report it,"
            " with what -vvv shows."
        )


def damaged(path: str, error: Exception, what: str) -> HostError:
    """The error for an unreadable record, which is not an empty one. ``what`` it says, in a sentence."""
    return HostError(
        f"Cannot read {path}: it is damaged ({quoted(error)}). {what} Mend or remove it, and see to that yourself."
    )
