# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The common parts of the members of both roles: a namespace with one interface in a network."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values
from ansible_collections.netloom.linux.plugins.plugin_utils import _entry, _link_names

Item = dict[str, t.Any]
Topology = dict[str, list[Item]]
NameCheck = t.Callable[[str, str], str]
LOOPBACK = "lo"
# The keys of any member, of one that a role makes, and of one whose cable ends at a Linux bridge.
COMMON_KEYS = ("name", "interface", "mac")
MEMBER_KEYS = (*COMMON_KEYS, "address", "default_route", "state")
BRIDGED_KEYS = (*MEMBER_KEYS, "pid", "container", "engine", "host_interface", "isolated", "publish")


def netns_of(entry: _entry.Entry, key: str, default: str | None = None) -> str:
    """A namespace's name."""
    written = entry.required(key) if default is None else entry.text(key) or default
    return _values.netns_name(written, entry.at(key))


def link_of(entry: _entry.Entry, key: str, default: str, check: NameCheck = _values.link_name) -> str:
    """The name of a link that somebody makes. Each namespace has its loopback from the beginning."""
    name = check(entry.text(key) or default, entry.at(key))
    if name == LOOPBACK:
        raise _errors.BadInput(f"{entry.at(key)}: '{name}' is the loopback, which is always there; take another name.")
    return name


def interface_of(entry: _entry.Entry) -> str:
    """The name of a member's interface inside its namespace."""
    return link_of(entry, "interface", _link_names.USUAL_INTERFACE)


def mac_of(entry: _entry.Entry) -> str | None:
    """A MAC address, if one is given."""
    written = entry.text("mac")
    return _values.mac(written, entry.at("mac")) if written else None


def mtu_of(entry: _entry.Entry) -> int | None:
    """An MTU, if one is given."""
    found = entry.whole("mtu")
    return None if found is None else _values.mtu(found, entry.at("mtu"))


def item(**options: t.Any) -> Item:
    """An entry of a topology. Options with the value None are left out, and so are left alone."""
    return {key: value for key, value in options.items() if value is not None}


def unless_present(entry: _entry.Entry, outer: str = _entry.STATES[0]) -> Item:
    """The state of what belongs to this entry, if the entry or its container is to be absent."""
    state = entry.choice("state", _entry.STATES)
    return {"state": _entry.STATES[1]} if _entry.STATES[1] in (state, outer) else {}


def refuse_twins(members: t.Iterable[_entry.Entry]) -> None:
    """Refuse the same interface of the same namespace twice. The message names the namespace, because the user wrote no
    names of links.
    """
    seen: dict[tuple[str, str], _entry.Entry] = {}
    for entry in members:
        name, interface = netns_of(entry, "name"), interface_of(entry)
        other = seen.setdefault((name, interface), entry)
        if other is not entry:
            raise _errors.BadInput(
                f"{entry.at('name')}: '{name}' is already {other.path}, with interface '{interface}'; give one of them"
                " another interface."
            )


class Namespaces:
    """The namespaces of a topology: one entry for each, however many networks it belongs to."""

    def __init__(self) -> None:
        self._found: dict[str, Item] = {}
        self._interfaces = _entry.Once()

    def join(
        self, entry: _entry.Entry, name: str, interface: str, gone: Item, source: t.Mapping[str, t.Any] | None = None
    ) -> None:
        """Add a member's namespace. It stays as long as one of its memberships does. ``source``: where it comes from,
        if it is attached.
        """
        self._interfaces.take((name, interface), entry.at("interface"), f"'{interface}' of namespace '{name}'")
        mine = item(name=name, **source or {}) | gone
        known = self._found.get(name)
        if known is None:
            self._found[name] = mine
            return
        for key in ("pid", "container", "engine"):
            if known.get(key) != mine.get(key):
                raise _errors.BadInput(
                    f"{entry.at(key)}: namespace '{name}' is also a member elsewhere, with another {key} or none; give"
                    f" the same {key} each time."
                )
        if not gone:
            known.pop("state", None)

    def items(self) -> list[Item]:
        """The entries for topology's ``netns``."""
        return list(self._found.values())
