# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a user of a role declared what a message of topology is about: 'bridge_network_networks[0].members[2]' instead
of 'veth[2]', which nobody wrote.

The filters that make the lists of topology keep no books about it. So the role's lists are made once more, from a part
of its variables: the entry that makes an object alone is the one that declared it.
"""

from __future__ import annotations

import collections.abc as c
import contextlib
import dataclasses
import functools
import re
import typing as t

# What tells the objects of one kind apart.
IDENTITY = ("name", "netns", "bridge", "switch", "interface", "destination", "table", "metric", "device")

Entry = c.Mapping[str, t.Any]
Lists = c.Mapping[str, c.Sequence[Entry]]
Build = t.Callable[[Entry], Lists]  # from variables of a role to the lists that it hands to topology
Makes = t.Callable[[Entry], "bool | None"]  # whether a part makes an object; None: it is refused


def told(result: dict[str, t.Any], variables: Entry, build: Build) -> dict[str, t.Any]:
    """The result of a module with the paths of the role's variables in its message and its warnings."""

    def put(words: str) -> str:
        return translated(words, variables, build)

    found = dict(result)
    for key in ("msg", "exception") if result.get("failed") else ():
        if key in result:
            found[key] = _reworded(result[key], put)
    if result.get("warnings"):
        found["warnings"] = [_reworded(one, put) for one in result["warnings"]]
    return found


def _reworded(message: t.Any, put: t.Callable[[str], str]) -> t.Any:
    """A message in other words. ansible-core 2.19 and later have an object of their own for an error or a warning, and
    print that.
    """
    if isinstance(message, str):
        return put(message)
    event = getattr(message, "event", None)
    if event is None:
        return message
    return dataclasses.replace(message, event=dataclasses.replace(event, msg=put(event.msg)))


def evaluated(variables: Entry, evaluate: t.Callable[[t.Any], t.Any]) -> dict[str, t.Any]:
    """Those variables that are lists of entries, without their templates."""
    found = {}
    for name, value in variables.items():
        with contextlib.suppress(Exception):  # nobody uses it: the role has run
            whole = evaluate(value)
            if _are_entries(whole):
                found[name] = whole
    return found


def translated(message: str, variables: Entry, build: Build) -> str:
    """The message with the paths of the role's variables. One of topology with more than the place of an entry is told
    beside them.
    """
    try:
        lists = build(variables)
    except Exception:  # noqa: BLE001 pylint: disable=broad-except  # whatever it is, the message is more important
        return message
    kinds = "|".join(sorted(lists))

    def put(found: re.Match[str]) -> str:
        where = _place(variables, build, lists, found["kind"], int(found["index"]))
        if where is None:
            return found[0]
        return f"{where} ({found[0]})" if found["more"] else where

    return re.sub(rf"(?<![\w.])(?P<kind>{kinds})\[(?P<index>\d+)\](?P<more>(\.\w+|\[\d+\])*)", put, message)


def _place(variables: Entry, build: Build, lists: Lists, kind: str, index: int) -> str | None:
    """The path of the entry that declares an object. None: nobody knows, or several make it together."""
    if index >= len(lists[kind]):
        return None
    wanted = _identity(lists[kind][index])

    def makes(some: Entry) -> bool | None:
        try:
            return wanted in [_identity(one) for one in build(some).get(kind, ())]
        except Exception:  # noqa: BLE001 pylint: disable=broad-except  # a part may refer to what is left out
            return None

    # Networks without the routers that join them, if the routers of others do not bear that these are left out.
    alone = ({name: inner if name == key else [] for name, inner in variables.items()} for key in variables)
    return next(filter(None, (_below(some, "", makes) for some in (variables, *alone))), None)


def _below(entry: Entry, path: str, makes: Makes) -> str | None:
    """The path of the innermost entry without which there is no such object."""
    for key, inner in entry.items():
        without = makes({**entry, key: []}) if _are_entries(inner) else True
        makers = [] if without else [index for index, one in enumerate(inner) if makes({**entry, key: [one]})]
        # Of those that share the object, the first. But of a list that must not be empty any will do, about all else.
        if makers and (without is False or len(makers) < len(inner)):
            there = f"{path}.{key}[{makers[0]}]" if path else f"{key}[{makers[0]}]"
            return _below(inner[makers[0]], there, functools.partial(_with, makes, entry, key))
    return path or None


def _with(makes: Makes, entry: Entry, key: str, inner: Entry) -> bool | None:
    return makes({**entry, key: [inner]})


def _are_entries(value: t.Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, c.Mapping) for one in value)


def _identity(item: Entry) -> list[t.Any]:
    return [item.get(name) for name in IDENTITY]
