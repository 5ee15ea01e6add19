# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge on the control node what a task declares, with the code and the sentences of the modules. No host is asked."""

from __future__ import annotations

import collections.abc as c
import datetime
import json
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import _options, _reading
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _words


def task(module: str, arguments: c.Mapping[str, t.Any]) -> str:
    """What is wrong with the arguments of a module of this collection, or an empty string. The module's own first look
    at them would give the same sentence.
    """
    # At a second attempt (retries), the arguments have what Ansible added for the module at the first one.
    given = {name: value for name, value in arguments.items() if not str(name).startswith("_ansible_")}
    try:
        _reading.judge(module.rpartition(".")[2], plain(given))
    except _errors.NetloomError as error:
        return _words.bounded(_words.legible(str(error)))
    except Exception:  # noqa: BLE001 pylint: disable=broad-except
        return ""  # a fault of ours: the module tells it, with its traceback
    return ""


def entries(arguments: c.Mapping[str, t.Any], kinds: t.Sequence[str]) -> list[dict[str, t.Any]]:
    """The entries of these kinds in the arguments of a topology, also those that are written 'key=value'. The list is
    empty if the module refuses the arguments.
    """
    given = {kind: plain(arguments[kind]) for kind in kinds if kind in arguments}
    try:
        found = _options.converted({kind: _reading.LISTS[kind] for kind in kinds}, given)
    except _errors.BadInput:
        return []
    return [entry for kind in kinds for entry in found[kind] or ()]


def plain(value: t.Any) -> t.Any:
    """The value as a module gets it: without Ansible's own kinds of strings, lists and mappings."""
    if isinstance(value, c.Mapping):
        return {_key(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if value is None or isinstance(value, bool):
        return value
    for sort in (int, float):
        if isinstance(value, sort):
            return sort(value)
    return value.isoformat() if isinstance(value, (datetime.date, datetime.datetime)) else str(value)


def _key(key: t.Any) -> str:
    """A key of a mapping as it arrives by JSON, which has only text there: '1' for the number that YAML read."""
    found = plain(key)
    return found if isinstance(found, str) else json.dumps(found)
