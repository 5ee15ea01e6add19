# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that is declared for OVN: networks, routers, security groups and load balancers, with every address.

The result depends on the declaration only, so it is the same on every host.
"""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import _fields
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _entry,
    _ovn,
    _ovn_balancers,
    _ovn_checks,
    _ovn_groups,
    _ovn_names,
    _ovn_network,
    _ovn_places,
    _ovn_routers,
)

if t.TYPE_CHECKING:
    import collections.abc as c

GLOBAL = f"{_ovn.ROLE}_options"


class Declared(t.NamedTuple):
    """What a user wrote, unchecked. ``options``: those of the whole database."""

    networks: t.Any = None
    routers: t.Any = None
    security_groups: t.Any = None
    load_balancers: t.Any = None
    options: t.Any = None


OPTIONS = {
    "networks": _ovn_network.OPTION,
    "routers": _ovn_routers.OPTION,
    "security_groups": _ovn_groups.OPTION,
    "load_balancers": _ovn_balancers.OPTION,
    "options": GLOBAL,
}


def declared(variables: c.Mapping[str, t.Any]) -> Declared:
    """What the variables of a host declare."""
    return Declared(**{key: variables.get(name) for key, name in OPTIONS.items()})


def read(
    given: Declared,
    places: c.Mapping[str, _ovn_places.Place] | None = None,
    names: _ovn_names.Names = _ovn_names.Names(),  # noqa: B008
) -> _ovn.Intent:
    """Read the declaration, and check every value. ``places``: all hosts of the inventory; None: not judged.

    What is written is taken from the subnets first, then members are allotted addresses in their order.
    """
    once = _entry.Once()
    networks: dict[str, _ovn.Network] = {}
    for entry in _entry.entries(given.networks, _ovn_network.OPTION, _ovn_network.KEYS):
        network = _ovn_network.draft(entry, names.topology)
        once.take(("network", network.name), entry.at("name"), f"the name '{network.name}'")
        networks[network.name] = network
    groups = _ovn_groups.read(given.security_groups)
    routers = _ovn_routers.read(given.routers, networks)
    balancers = _ovn_balancers.read(given.load_balancers, networks, routers, once)
    routed = {name for router in routers if not router.gone for name in router.networks}
    networks = {name: _ovn_network.finish(network, name in routed) for name, network in networks.items()}
    balancers = _ovn_balancers.with_sources(balancers, networks)
    intent = _ovn.Intent(tuple(networks.values()), tuple(routers), tuple(groups), tuple(balancers))
    _ovn_checks.check(intent, names)
    if places is not None:
        _ovn_checks.check_places(intent, places)
    return intent


def read_global(value: t.Any) -> dict[str, str]:
    """The options of the whole database, in OVN's words."""
    if value is None:
        return {}
    entry = _entry.Entry(value, GLOBAL, None)
    found = {}
    for key in entry.values():
        one = entry.value(key)
        if isinstance(one, (bool, dict, list)) or one in (None, ""):
            raise _errors.BadInput(f"{entry.at(str(key))}: write a text or a number, in OVN's words ('true', '200').")
        found[str(key)] = str(one)
    return _fields.string_map(found, GLOBAL)
