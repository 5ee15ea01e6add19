# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts are central hosts and chassis of OVN, and under which addresses, as the inventory declares it.

From the inventory only, as the ends of tunnels: ``--limit`` must not shorten a list of remotes.
"""

from __future__ import annotations

import collections.abc as c
import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values, _words
from ansible_collections.netloom.linux.plugins.plugin_utils import _entry, _fleet_ends

CENTRAL, CHASSIS = "ovn_central", "ovn_chassis"
GROUPS = {role: f"{role}_group" for role in (CENTRAL, CHASSIS)}
ADDRESSES = {CENTRAL: f"{CENTRAL}_address", CHASSIS: f"{CHASSIS}_encap_address"}
OF_EACH_HOST = tuple(ADDRESSES.values())
TLS, OWN_KEY, AUTHORITY = f"{CENTRAL}_tls", f"{CENTRAL}_private_key", f"{CENTRAL}_ca_host"
PORTS = {"nb": 6641, "sb": 6642}
Variables = c.Mapping[str, c.Mapping[str, t.Any]]


class Central(t.NamedTuple):
    """A host that has the databases."""

    host: str
    address: str  # in brackets if it is one of IPv6, as OVSDB writes it
    tls: bool
    authority: str  # the host that signs certificates; empty without TLS, and if the user brings the files


def members(role: str, variables: Variables, here: c.Mapping[str, t.Any]) -> list[str]:
    """The hosts of the group of a role, in the order of the inventory. ``here``: variables that only the play has."""
    for own in (here, *variables.values()):
        if GROUPS[role] in own:
            name = _entry.Entry({GROUPS[role]: _entry.evaluated(own, GROUPS[role])}, "", None).required(GROUPS[role])
            break
    else:
        name = role
    groups: c.Mapping[str, t.Any] = next((own["groups"] for own in variables.values() if "groups" in own), {})
    return list(groups.get(name) or ())


def centrals(hosts: c.Sequence[str], variables: Variables, here: c.Mapping[str, t.Any]) -> list[Central]:
    """The central hosts. Refuses one whose address nobody knows, and hosts that do not fit together."""
    found = [_central(host, hosts[0], variables[host], here) for host in hosts]
    taken: dict[str, str] = {}
    for one in found:
        other = taken.setdefault(one.address, one.host)
        if other != one.host:
            raise _errors.BadInput(
                f"{ADDRESSES[CENTRAL]}: hosts '{other}' and '{one.host}' have the address {one.address}; give one of"
                " them another address."
            )
        for name, its, first in ((TLS, one.tls, found[0].tls), (AUTHORITY, one.authority, found[0].authority)):
            if its != first:
                raise _errors.BadInput(
                    f"{name}: host '{one.host}' has {_said(its)}, and host '{found[0].host}' has {_said(first)}; give"
                    " all central hosts the same value."
                )
    return found


def _said(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else f"'{value}'"


def _central(host: str, first: str, own: c.Mapping[str, t.Any], here: c.Mapping[str, t.Any]) -> Central:
    written = {name: here[name] for name in (TLS, OWN_KEY, AUTHORITY) if name in here}
    entry = _entry.Entry({**written, **_own(own, (TLS, OWN_KEY, AUTHORITY))}, "", None)
    tls = entry.flag(TLS, True)
    signs = tls and not entry.value(OWN_KEY)
    return Central(host, address(CENTRAL, host, own), tls, str(entry.value(AUTHORITY) or first) if signs else "")


def address(role: str, host: str, own: c.Mapping[str, t.Any]) -> str:
    """The address at which other hosts reach this one: that of the variable, by default ``ansible_host`` (or the
    host's name) if that is an address.
    """
    name = ADDRESSES[role]
    path = f"{name} of host '{host}'" if host else name
    written = _entry.Entry(_own(own, (name,)), "", None).text(name)
    value = written or str(_fleet_ends.address_of(own) or host)
    try:
        found = ipaddress.ip_address(value)
    except ValueError:
        what = f"{_words.shown(value)} is not an address" if written else "nobody knows it"
        raise _errors.BadInput(
            f"{path}: {what}; give the address at which the other hosts reach it, as in '192.0.2.1'."
        ) from None
    if found.is_loopback or found.is_multicast or found.is_unspecified or found.is_link_local:
        raise _errors.BadInput(f"{path}: other hosts cannot send to {found}; give another address.")
    _values.host_address(value, path)
    return f"[{found}]" if role == CENTRAL and found.version == 6 else str(found)


def check_address(role: str, entry: _entry.Entry) -> None:
    """Check the variable of one host, whichever it is."""
    if entry.has(ADDRESSES[role]):
        address(role, "", entry.values())


def _own(variables: c.Mapping[str, t.Any], names: c.Iterable[str]) -> dict[str, t.Any]:
    return {name: _entry.evaluated(variables, name) for name in names if name in variables}


def remotes(hosts: c.Iterable[Central], database: str) -> list[str]:
    """Where clients find a database, ``nb`` or ``sb``."""
    return [f"{'ssl' if one.tls else 'tcp'}:{one.address}:{PORTS[database]}" for one in hosts]


def judge(everybody: c.Sequence[str], variables: Variables, here: c.Mapping[str, t.Any]) -> None:
    """Judge who is what in the whole fleet. Raises BadInput."""
    known = {host: variables[host] for host in everybody}
    for name in OF_EACH_HOST:
        if name in here:
            raise _errors.BadInput(
                f"{name}: is a variable of the play, so the hosts cannot know it of each other; put it into the"
                " inventory, in host_vars or group_vars."
            )
    central, chassis = (members(role, known, here) for role in (CENTRAL, CHASSIS))
    centrals(central, known, here)
    if chassis and not central:
        raise _errors.BadInput(
            f"{GROUPS[CHASSIS]}: the inventory has chassis, such as '{chassis[0]}', and no central host; put a host"
            " into the group ovn_central, or name the group in ovn_central_group."
        )
    ends: dict[str, str] = {}
    for host in chassis:
        found = address(CHASSIS, host, known[host])
        other = ends.setdefault(found, host)
        if other != host:
            raise _errors.BadInput(
                f"{ADDRESSES[CHASSIS]}: hosts '{other}' and '{host}' have the address {found}; give one of them another"
                " address."
            )
