# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of netns_interface and their normal form."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.interface import (
    _interface_forms,
    _interface_rules,
    _interface_vxlan,
)
from ansible_collections.netloom.linux.plugins.module_utils._kinds.link import _link, _neighbours
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _paths,
    _plan,
    _rule,
    _snapshot,
    _values,
)

SHARED = ("netns", "addresses", "mac", "mtu", "up", "master", "txqueuelen", "alias", "altnames", "sysctl")
OPTIONS: t.Mapping[str, t.Any] = {
    "name": {"type": "str", "required": True},
    **_link.options(*SHARED),
    "up": {"type": "bool"},
    "source": {"type": "dict", "options": {"name": {"type": "str", "required": True}, "netns": {"type": "str"}}},
    "kind": {"type": "str", "choices": list(_interface_forms.FORMS)},
    "parent": {"type": "str"},
    "mode": {"type": "str"},
    "id": {"type": "int"},
    "remote": {"type": "str"},
    "local": {"type": "str"},
    "port": {"type": "int"},
    **_interface_vxlan.OPTIONS,
    "owner": {"type": "str"},
    "owner_group": {"type": "str"},
    "neighbours": _neighbours.OPTION,
    "rules": _interface_rules.OPTION,
}
CLEARABLE: t.Mapping[str, t.Any] = {
    **_link.clearable(*SHARED),
    "owner": "",
    "owner_group": "",
    **_interface_vxlan.CLEARABLE,
    "neighbours": [],
    "rules": [],
}


@dataclasses.dataclass(frozen=True)
class InterfaceSpec(_plan.Spec):
    """An interface. ``kind``: created; ``source``: moved from that place; neither: managed in place."""

    ns: _snapshot.NsKey
    name: str
    kind: str | None
    source: tuple[_snapshot.NsKey, str] | None
    own: t.Mapping[str, t.Any]
    link: _link.LinkSpec
    neighbours: tuple[_snapshot.Neighbour, ...] | None
    rules: tuple[_rule.Rule, ...] | None

    @property
    def place(self) -> _plan.Place:
        """Namespace and name of the interface."""
        return (self.ns, self.name)

    @property
    def record(self) -> str:
        """The path of our record of what was done to the interface."""
        return _paths.link_record(self.ns, self.name)


def normalise(filled: _plan.Params, clear: tuple[str, ...], path: str) -> InterfaceSpec:
    """Read the options, to which ``clear`` has added its defaults."""
    name = _values.link_name(filled["name"], f"{path}name")
    ns = _link.netns_of(filled, path)
    source = filled.get("source")
    kind = filled.get("kind")
    if filled.get("up") is None and (source or kind):
        filled["up"] = True
    place = (
        None
        if source is None
        else (_link.netns_of(source, f"{path}source."), _values.link_name(source["name"], f"{path}source.name"))
    )
    if place == (ns, name):
        raise _errors.BadInput(
            f"{path}source: is where the interface is to be; leave it out to manage the interface in place."
        )
    own = _interface_forms.normalise(kind, filled, path, filled["state"] == "present")
    neighbours = _neighbours.normalise(
        filled.get("neighbours"), name, f"{path}neighbours", filled["state"] == "present"
    )
    rules = _interface_rules.normalise(filled.get("rules"), name, f"{path}rules")
    return InterfaceSpec(
        path, filled["state"], clear, ns, name, kind, place, own, _link.normalise_link(filled, path), neighbours, rules
    )
