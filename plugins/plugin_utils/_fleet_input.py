# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge what is declared for all hosts of a play, before one of them is touched."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _words
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _entry,
    _fleet,
    _fleet_absent,
    _fleet_roles,
    _playbook_options,
    _role_options,
    _roles,
)

# The variables of verify that take over those of the other roles.
TAKEN_OVER = {
    "verify_networks": "bridge_network",
    "verify_vxlan_networks": "vxlan_network",
    "verify_tenants": "ovs_vlan_dhcp",
    "verify_routers": "router",
}
CHECKED = (*_fleet.ROLES, "diagram", "prepare", "verify")
MOST_TOLD = 5
OF_EACH_HOST = {
    name
    for role in _fleet_roles.ROLES.values()
    for names in (role.of_each_host, role.networks.of_each_host if role.networks else ())
    for name in names
}


def complaint(
    hosts: c.Sequence[str],
    variables: c.Mapping[str, c.Mapping[str, t.Any]],
    here: c.Mapping[str, t.Any],
    state: str | None = None,
    *,
    everybody: c.Sequence[str] | None = None,
    roles: c.Sequence[str] = CHECKED,
) -> str:
    """What is wrong on some of the hosts, each complaint once, with the names of its hosts. Empty if nothing is wrong.

    ``variables``: host -> its variables. ``here``: variables that only the play has. ``state``: the
    state that all roles are called with. ``everybody``: all hosts of the inventory, of which ``hosts`` are in the play.
    """
    judged: dict[str, str] = {}
    shared: dict[str, t.Any] = {}
    variables = {
        host: _entry.Evaluated(variables[host], shared) for host in dict.fromkeys([*hosts, *(everybody or ())])
    }
    told: dict[str, list[str]] = {}
    spanning: dict[str, None] = {}
    for host in hosts:
        try:
            own = {**_own(here, roles), **_own(variables[host], roles)}
        except _errors.BadInput as error:
            told.setdefault(_words.bounded(str(error)), []).append(host)
            continue
        spanning.update((name, None) for name, one in _fleet_roles.ROLES.items() if name in roles and one.spans(own))
        known = _entry.fingerprint(own)
        if known not in judged:
            judged[known] = _first(own, state, roles)
        if judged[known]:
            told.setdefault(judged[known], []).append(host)
    if not told:
        return _of_fleet(spanning, hosts if everybody is None else everybody, variables, here, alike=bool(state))
    if len(told) == 1 and len(hosts) == len(next(iter(told.values()))):
        return next(iter(told))
    sentences = [f"{_words.some(names, 3)}: {sentence}" for sentence, names in told.items()]
    return _words.some(sentences, MOST_TOLD, " ")


def _of_fleet(
    roles: c.Iterable[str],
    everybody: c.Sequence[str],
    variables: c.Mapping[str, c.Mapping[str, t.Any]],
    here: c.Mapping[str, t.Any],
    *,
    alike: bool,
) -> str:
    """What is wrong with what the hosts declare of each other. ``alike``: all are called with one state."""
    try:
        for role in roles:
            _fleet_roles.ROLES[role].judge(everybody, variables, here)
            if not alike:
                _fleet_absent.judge(role, everybody, variables, here)
    except _errors.NetloomError as error:
        return _words.bounded(str(error))
    except Exception as error:  # noqa: BLE001 pylint: disable=broad-except
        return str(_errors.Unexpected(error))  # a fault of ours: one sentence all the same
    return ""


def strange(hosts: c.Sequence[str], variables: c.Mapping[str, c.Mapping[str, t.Any]]) -> list[str]:
    """Warnings about variables that look like ours and are none."""
    names = {name for host in hosts for name in variables[host] if name.startswith(_prefixes(CHECKED))}
    return _role_options.look_at(names).strange


def _prefixes(roles: c.Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{role}_" for role in roles)


def _own(variables: c.Mapping[str, t.Any], roles: c.Sequence[str]) -> dict[str, t.Any]:
    """The variables of the roles that hosts may have in common."""
    prefixes = (*_prefixes(roles), *([_playbook_options.PREFIX] if roles == CHECKED else []))
    # What the roles themselves noted, and returned.
    inner = (*(f"{prefix}_" for prefix in prefixes), *map(_fleet.result_name, roles))
    return {
        name: _entry.evaluated(variables, name)
        for name in variables
        if name.startswith(prefixes) and not name.startswith(inner) and name not in OF_EACH_HOST
    }


def _first(own: c.Mapping[str, t.Any], state: str | None, roles: c.Sequence[str]) -> str:
    misspelt = _role_options.look_at(own).wrong
    wrong = misspelt[0] if misspelt else _playbook_options.complaint(own)
    if wrong:
        return wrong
    for role in roles:
        option = _fleet.OPTIONS.get(role)
        if option and option not in own:
            continue
        given = {name: value for name, value in own.items() if name.startswith(f"{role}_")}
        if role == "verify":
            taken = {name: own.get(_fleet.OPTIONS[other]) for name, other in TAKEN_OVER.items()}
            given = {**{name: value for name, value in taken.items() if value is not None}, **given}
        forced = {f"{role}_state": state} if state and option else {}
        found = _roles.complaint({**_role_options.defaults(role), **given, **forced}, role)
        if found:
            return found
    return ""
