# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The attributes of an object as short text: what a new object has, and what differs between two states of one."""

from __future__ import annotations

import collections.abc as c
import functools
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds import _registry
from ansible_collections.netloom.linux.plugins.module_utils._model import _words
from ansible_collections.netloom.linux.plugins.plugin_utils import _plan_rows

NOTHING = "(none)"
# The sign of the line says the state. The MAC address of a new link differs from host to host, and disturbs nobody.
HIDDEN = {"mac", "state"}
# What a new object has if nobody asks for anything else, where its kind names no default.
BY_THE_SYSTEM: t.Mapping[str, t.Mapping[str, t.Any]] = {
    "netns_interface": {"up": True},
    "ovs_bridge": {"fail_mode": "standalone", "up": True},
    "ovs_port": {"type": "system", "up": True},
}
# Tables with a row for each member elsewhere: of a new object their size is told. What changes later is told in full.
TABLES = {"fdb", "neighbours"}
Object = c.Mapping[str, t.Any]


def text(value: t.Any) -> str:
    """A value as people write it, on one line and of a readable length."""
    if value is None or value in ("", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, c.Mapping):
        row = _plan_rows.words(value)
        if row is not None:
            return f"{{{printable(row)}}}"
        return f"{{{', '.join(f'{text(key)}: {text(inner)}' for key, inner in value.items() if inner is not None)}}}"
    if isinstance(value, c.Sequence) and not isinstance(value, str):
        return _words.some([text(one) for one in value])
    plain = printable(str(value))
    return plain if len(plain) <= _words.MOST_LETTERS else f"{plain[: _words.MOST_LETTERS]}..."


def printable(words: str) -> str:
    r"""Text of which each letter can be printed. Another one stands as \n, \x1b or \u202e."""
    return words if words.isprintable() else "".join(one if one.isprintable() else repr(one)[1:-1] for one in words)


def of_new(kind: str, after: Object, identity: Object, declared: c.Container[str] | None = None) -> list[str]:
    """The attributes of a new object, as 'name=value'. What is usual is left out, and what its name says already.

    ``declared``: the options that somebody wrote down, of an option with suboptions also these ('peer.name'). Only
    they are shown. None: all.
    """
    usual = usual_of(kind)
    found: list[str] = []
    for key, value in after.items():
        named = key in identity and not isinstance(identity[key], c.Mapping)  # of a map, a name has only the keys
        if not named and (declared is None or key in declared):
            found += _new(key, _told(key, value, declared), usual)
    return found


@functools.cache
def usual_of(kind: str) -> dict[str, t.Any]:
    """What a new object of a kind has if nobody asks for anything else: option -> value, of suboptions, too."""
    told = _registry.KINDS[kind]
    return {**told.clearable, **_defaults(told.options), **BY_THE_SYSTEM.get(kind, {})}


def _defaults(options: c.Mapping[str, t.Any]) -> dict[str, t.Any]:
    inner = [_defaults(option.get("options") or {}) for option in options.values()]
    own = {name: option["default"] for name, option in options.items() if option.get("default") is not None}
    return {name: value for one in [*inner, own] for name, value in one.items()}


def _told(path: str, value: t.Any, declared: c.Container[str] | None) -> t.Any:
    """Of an option with suboptions only those that somebody wrote down."""
    if declared is None or not isinstance(value, c.Mapping):
        return value
    return {key: inner for key, inner in value.items() if f"{path}.{key}" in declared}


def _new(path: str, value: t.Any, usual: c.Mapping[str, t.Any]) -> list[str]:
    leaf = path.rpartition(".")[2]
    if leaf in HIDDEN:
        return []
    if isinstance(value, bool):
        return [] if value is (usual.get(leaf) is True) else [f"{path}={text(value)}"]
    if value is None or value in ("", [], {}) or usual.get(leaf) == value:
        return []
    if isinstance(value, c.Mapping):
        place = [f"{path}={link_at(value)}"] if "name" in value else []
        inner = {key: one for key, one in value.items() if not place or key not in ("name", "netns")}
        return place + [words for key, one in inner.items() for words in _new(f"{path}.{key}", one, usual)]
    if leaf in TABLES and len(value) > 1:
        return [f"{path}={len(value)} entries"]
    return [f"{path}={text(value)}"]


def link_at(end: Object) -> str:
    """The place of the end of a cable: 'eth0@red', or 'eth0' on the host."""
    return text(end["name"]) + (f"@{text(end['netns'])}" if end.get("netns") else "")


def of_changed(before: Object, after: Object) -> list[str]:
    """What differs, as 'name: before -> after', of lists as 'name: -gone +new'."""
    keys = list(dict.fromkeys([*before, *after]))
    return [words for key in keys for words in _changed(key, before.get(key), after.get(key))]


def _changed(path: str, old: t.Any, new: t.Any) -> list[str]:
    if old == new:
        return []
    if isinstance(old, c.Mapping) or isinstance(new, c.Mapping):
        parts = [one if isinstance(one, c.Mapping) else {} for one in (old, new)]
        if all(isinstance(one, c.Mapping) or one is None for one in (old, new)):
            keys = list(dict.fromkeys([*parts[0], *parts[1]]))
            inner = [
                words
                for key in keys
                for words in _changed(f"{path}.{printable(str(key))}", parts[0].get(key), parts[1].get(key))
            ]
            return inner or [f"{path}: {text(old)} -> {text(new)}"]
    if _is_list(old) and _is_list(new):
        return [f"{path}: {_moved(old, new)}"]
    return [f"{path}: {text(old)} -> {text(new)}"]


def _is_list(value: t.Any) -> bool:
    return isinstance(value, c.Sequence) and not isinstance(value, str)


def _moved(old: c.Sequence[t.Any], new: c.Sequence[t.Any]) -> str:
    """What left a list and what came to it, or that only the order differs."""
    left, came = list(old), []
    for one in new:
        if one in left:
            left.remove(one)
        else:
            came.append(one)
    if not left and not came:
        return f"the order, {text(old)} -> {text(new)}"
    signed = [*(f"-{text(one)}" for one in left), *(f"+{text(one)}" for one in came)]
    return _words.some(signed, most=2 * _words.MOST_NAMED, between=" ")
