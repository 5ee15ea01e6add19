# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The border between the pure functions and Ansible: complaints become filter errors, values become plain ones."""

from __future__ import annotations

import functools
import json
import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors

F = t.TypeVar("F", bound=t.Callable[..., t.Any])


def complaining(function: F) -> F:
    """The same function with NetloomError turned into an error that Ansible prints without a traceback."""

    @functools.wraps(function)
    def wrapped(*args: t.Any, **kwargs: t.Any) -> t.Any:
        try:
            return function(*args, **kwargs)
        except _errors.NetloomError as error:
            raise AnsibleFilterError(str(error)) from error
        except Exception as error:  # a bug of ours: one sentence, and the traceback at -vvv
            raise AnsibleFilterError(str(_errors.Unexpected(error))) from error

    return t.cast(F, wrapped)


def remembering(function: F) -> F:
    """The same function, with its last result. A task asks for each list of a result by itself, and all of them are
    computed for each.
    """
    last: tuple[str, t.Any] = ("", None)

    @functools.wraps(function)
    def wrapped(*args: t.Any, **kwargs: t.Any) -> t.Any:
        nonlocal last
        key = json.dumps((args, kwargs), default=repr)
        if key != last[0]:
            last = (key, function(*args, **kwargs))
        return last[1]

    return t.cast(F, wrapped)
