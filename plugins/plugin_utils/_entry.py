# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what a user typed into a role's variable: every value checked, every complaint with its path.

A role's argument spec checks types, but neither fills in defaults nor converts, and its messages name no index.
So the filters read the variables again, strictly. None and a missing key mean the same: the default.
"""

from __future__ import annotations

import collections.abc as c
import json
import re
import typing as t

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values, _words

STATES = ("present", "absent")


class Entry:
    """One mapping, at a path such as ``networks[0].members[2]``. ``known``: the keys that it may have; None: any."""

    def __init__(self, value: t.Any, path: str, known: c.Collection[str] | None) -> None:
        if not isinstance(value, c.Mapping):
            raise _errors.BadInput(
                f"{path}: {_words.shown(value)} is not a mapping; write it with keys such as '{_first(known)}: ...'."
            )
        for key in value:
            if known is not None and key not in known:
                raise _errors.BadInput(f"{path}: {_words.unknown(key, 'this entry', known)}")
        self.path = path
        self._value = value

    def at(self, key: str) -> str:
        """The path of one key, for messages."""
        return f"{self.path}.{key}" if self.path else key

    def value(self, key: str) -> t.Any:
        """The value of a key as it was written, of any type."""
        return self._value.get(key)

    def values(self) -> c.Mapping[str, t.Any]:
        """All values as they were written."""
        return self._value

    def has(self, key: str) -> bool:
        """Whether there is a value."""
        return self._value.get(key) is not None

    def text(self, key: str) -> str | None:
        """A string, or None. A value that YAML converted is refused, because its original form may be lost."""
        value = self._value.get(key)
        return None if value is None else _text(value, self.at(key))

    def texts(self, key: str) -> list[tuple[str, str]]:
        """Strings, each with its path: one string, or those of a list; without a value none."""
        value, here = self._value.get(key), self.at(key)
        if isinstance(value, (list, tuple)):
            return [(_text(one, f"{here}[{index}]"), f"{here}[{index}]") for index, one in enumerate(value)]
        return [] if value is None else [(_text(value, here), here)]

    def required(self, key: str) -> str:
        """A string that must be there."""
        value = self.text(key)
        if value is None:
            raise _errors.BadInput(f"{self.path}: '{key}' is missing." if self.path else f"'{key}' is missing.")
        return value

    def whole(self, key: str) -> int | None:
        """A whole number, or None; templates may hand it over as a string."""
        value = self._value.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, str)) or not _WHOLE.fullmatch(str(value)):
            raise _errors.BadInput(f"{self.at(key)}: {_words.shown(value)} is not a whole number.")
        return int(value)

    def flag(self, key: str, default: bool) -> bool:
        """A truth value."""
        value = self._value.get(key)
        if value is None:
            return default
        try:
            return bool(boolean(value))
        except TypeError:
            raise _errors.BadInput(f"{self.at(key)}: {_words.shown(value)} is neither true nor false.") from None

    def choice(self, key: str, choices: c.Sequence[str]) -> str:
        """One of several words; the first is the default."""
        value = self.text(key)
        if value is not None and value not in choices:
            raise _errors.BadInput(f"{self.at(key)}: {_words.impossible(value, choices)}")
        return value or choices[0]

    def entry(self, key: str, known: c.Collection[str] | None) -> Entry:
        """A mapping below this one; an empty one if it is left out."""
        value = self._value.get(key)
        return Entry({} if value is None else value, self.at(key), known)

    def entries(self, key: str, known: c.Collection[str]) -> list[Entry]:
        """The mappings in a list below this one."""
        return entries(self._value.get(key), self.at(key), known)


_WHOLE = re.compile(r"\s*[+-]?[0-9]+\s*")


def _first(known: c.Collection[str] | None) -> str:
    """A key that an entry may have, for an example."""
    return "key" if not known else "name" if "name" in known else next(iter(known))


def _text(value: t.Any, path: str) -> str:
    if value is None:
        raise _errors.BadInput(f"{path}: is null; give it a value, or leave it out.")
    _values.refuse_converted(value, path)
    _values.refuse_nested(value, path)
    if not isinstance(value, str):  # a date: one that a module is given is text again
        raise _errors.BadInput(
            f"{path}: YAML read this as {value}, which is no text; quote it, so that it stays the text that was"
            " written."
        )
    if not value:
        raise _errors.BadInput(f"{path}: is empty; leave it out, or in a template use `| default(none)`.")
    return str(value)


def entries(value: t.Any, path: str, known: c.Collection[str] | None) -> list[Entry]:
    """The mappings in a list; None is an empty list."""
    return [Entry(one, f"{path}[{index}]", known) for index, one in enumerate(listed(value, path, known))]


def listed(value: t.Any, path: str, known: c.Collection[str] | None) -> c.Sequence[t.Any]:
    """A list of mappings with these keys, still unchecked. None is an empty list."""
    if value is None:
        return []
    if isinstance(value, (str, c.Mapping)) or not isinstance(value, c.Sequence):
        one = isinstance(value, c.Mapping) and any(key in (known or ()) for key in value)
        hint = f"write [{value}]" if one else f"write one of mappings, each with keys such as '{_first(known)}: ...'"
        raise _errors.BadInput(f"{path}: {_words.shown(value)} is not a list; {hint}.")
    return value


def evaluated(own: c.Mapping[str, t.Any], name: str, whose: str = "") -> t.Any:
    """A variable as plain data. Ansible evaluates a template, and reads a secret, only when somebody looks at that
    very place, so each is looked at here. ``whose``: words about the host that has the variable.
    """
    return own.look(name, whose) if isinstance(own, Evaluated) else _looked_at(own, name, name, whose)


class Evaluated(c.Mapping[str, t.Any]):
    """The variables of a host as plain data, each evaluated once. ``shared``: values of all hosts by fingerprints.
    Equal ones are kept once, since each host has the whole declaration.
    """

    def __init__(self, own: c.Mapping[str, t.Any], shared: dict[str, t.Any]) -> None:
        self._own, self._shared = own, shared
        self._found: dict[str, t.Any] = {}

    def look(self, name: str, whose: str) -> t.Any:
        """One variable; ``whose``: as for evaluated()."""
        if name not in self._found:
            value = _looked_at(self._own, name, name, whose)
            self._found[name] = self._shared.setdefault(fingerprint(value), value)
        return self._found[name]

    def __getitem__(self, name: str) -> t.Any:
        return self.look(name, "")

    def __contains__(self, name: object) -> bool:
        return name in self._own

    def __iter__(self) -> t.Iterator[str]:
        return iter(self._own)

    def __len__(self) -> int:
        return len(self._own)


def _looked_at(outer: t.Any, key: t.Any, path: str, whose: str) -> t.Any:
    try:
        value = outer[key]
        if isinstance(value, c.Mapping):
            keys: t.Iterable[t.Any] = list(value)
        elif isinstance(value, (list, tuple)):
            keys = range(len(value))
        else:
            str(value)
            return value
    except Exception as error:  # noqa: BLE001 pylint: disable=broad-except
        # What stands in a template may go wrong in any way.
        reason = _errors.quoted(" ".join(str(error.__cause__ or error).split()))
        raise _errors.BadInput(
            f"{path}{whose}: cannot be evaluated, and it must be known before a host is asked: {reason}."
        ) from None
    if isinstance(value, c.Mapping):
        return {one: _looked_at(value, one, f"{path}.{one}", whose) for one in keys}
    return [_looked_at(value, one, f"{path}[{one}]", whose) for one in keys]


def fingerprint(value: t.Any) -> str:
    """A text that is equal for equal values, whatever somebody wrote: YAML has keys of any kind, and JSON sorts only
    keys of one kind.
    """
    try:
        return json.dumps(value, sort_keys=True, default=str)
    except TypeError:
        return json.dumps(_with_texts_as_keys(value), sort_keys=True, default=str)


def _with_texts_as_keys(value: t.Any) -> t.Any:
    if isinstance(value, c.Mapping):
        return {key if isinstance(key, str) else repr(key): _with_texts_as_keys(one) for key, one in value.items()}
    return [_with_texts_as_keys(one) for one in value] if isinstance(value, (list, tuple)) else value


class Once:
    """Refuses the second use of something that only one entry may have."""

    def __init__(self) -> None:
        self._seen: dict[t.Hashable, str] = {}

    def take(self, key: t.Hashable, path: str, what: str) -> None:
        """Note that ``path`` uses the key; ``what`` names it in the complaint."""
        if key in self._seen:
            raise _errors.BadInput(f"{path}: {what} is already used by {self._seen[key]}; each may be used once.")
        self._seen[key] = path
