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
CALLED = ("name", "destination", "interface", "cidr")  # what an object is called by, whichever it has
# An entry of a list, and more of it: 'veth[0].peer.mtu'
ENTRY = re.compile(r"(?<![\w.])(?P<kind>[a-z]+(?:_[a-z]+)*)\[(?P<index>\d+)\](?P<more>(?:\.\w+|\[\d+\])*)")
# Options of topology, at the beginning of a sentence or as advice. Each role has them under its own name.
OPTION = re.compile(r"(?<![\w.])(?=(?:persist|max_disruption): )")

Entry = c.Mapping[str, t.Any]
Lists = c.Mapping[str, c.Sequence[Entry]]
Build = t.Callable[[Entry], Lists]  # from variables of a role to the lists that it hands to topology
Makes = t.Callable[[Entry], "bool | None"]  # whether a part makes an object; None: it is refused


@dataclasses.dataclass(frozen=True)
class Whence:
    """Where the objects of a task of a role come from. ``lists``: the task's arguments; ``declared``: evaluates those
    variables of the role that are lists of entries, if a message is about an object.
    """

    role: str
    lists: Entry
    declared: t.Callable[[], Entry]
    build: Build

    @functools.cached_property
    def variables(self) -> Entry:
        """What the user of the role declared."""
        return self.declared()

    def translated(self, message: str) -> str:
        """The message in the words of who uses the role. An object that several entries make together, or none, is
        called by its name.
        """

        def put(found: re.Match[str]) -> str:
            kind, index, more = found["kind"], int(found["index"]), found["more"]
            entries: t.Any = self.lists.get(kind)
            if not _are_entries(entries) or index >= len(entries):
                return found[0]
            called, place = _called(kind, entries[index], more), self._place(kind, entries[index])
            if place is None:
                return called
            return f"{place} ({called})" if more else place

        return ENTRY.sub(put, OPTION.sub(f"{self.role}_", message))

    def _place(self, kind: str, entry: Entry) -> str | None:
        """The path of the entry that declares an object. None: nobody knows, or several make it together."""
        wanted = _identity(entry)

        def makes(some: Entry) -> bool | None:
            try:
                return wanted in [_identity(one) for one in self.build(some).get(kind, ())]
            except Exception:  # noqa: BLE001 pylint: disable=broad-except  # a part may refer to what is left out
                return None

        # Networks without the routers that join them, if the routers of others do not bear that these are left out.
        alone = (
            {name: inner if name == key else [] for name, inner in self.variables.items()} for key in self.variables
        )
        return next(filter(None, (_below(some, "", makes) for some in (self.variables, *alone))), None)


def told(result: dict[str, t.Any], whence: Whence) -> dict[str, t.Any]:
    """The result of a module with the paths of the role's variables in its message and its warnings."""
    found = dict(result)
    for key in ("msg", "exception") if result.get("failed") else ():
        if key in result:
            found[key] = _reworded(result[key], whence.translated)
    if result.get("warnings"):
        found["warnings"] = [_reworded(one, whence.translated) for one in result["warnings"]]
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


def _called(kind: str, entry: Entry, more: str) -> str:
    """An object by its name, and which of its options is meant: "peer.mtu of veth 'v-web1'"."""
    name = next((f" '{entry[key]}'" for key in CALLED if entry.get(key)), "")
    where = f" in '{entry['netns']}'" if entry.get("netns") else ""
    return f"{more.lstrip('.')} of {kind}{name}{where}" if more else f"{kind}{name}{where}"
