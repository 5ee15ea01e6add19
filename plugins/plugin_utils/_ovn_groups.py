# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security groups, as a user declares them in the words of Neutron: what no rule allows is dropped."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values, _words
from ansible_collections.netloom.linux.plugins.plugin_utils import _entry, _members, _ovn, _ovn_names

OPTION = f"{_ovn.ROLE}_security_groups"
KEYS = ("name", "rules", "state")
REMOTES = ("remote", "remote_prefix", "remote_group")
RULE_KEYS = ("direction", "protocol", "ports", "icmp_type", *REMOTES)
DIRECTIONS = INGRESS, EGRESS = "ingress", "egress"
WITH_PORTS = ("tcp", "udp", "sctp")
ICMP = ("icmp", "icmp4", "icmp6")
PROTOCOLS = (*WITH_PORTS, *ICMP)
MOST_PORT, MOST_TYPE = 65_535, 255


def read(value: t.Any) -> list[_ovn.Group]:
    """Read the security groups."""
    entries = _entry.entries(value, OPTION, KEYS)
    names = [_ovn_names.group_name(entry.required("name"), entry.at("name")) for entry in entries]
    once = _entry.Once()
    for name, entry in zip(names, entries):
        once.take(name, entry.at("name"), f"the name '{name}'")
    gone = {name: bool(_members.unless_present(entry)) for name, entry in zip(names, entries)}
    return [
        _ovn.Group(entry, name, _rules(entry, gone), _members.unless_present(entry))
        for name, entry in zip(names, entries)
    ]


def refuse_unknown(name: str, path: str, gone: c.Mapping[str, bool]) -> None:
    """Refuse a group that nobody declares, or that is to be absent."""
    _ovn.refuse_unknown(name, path, "security group", gone)
    if gone[name]:
        raise _errors.BadInput(f"{path}: security group '{name}' is to be absent; leave it out here, too.")


def _rules(group: _entry.Entry, gone: c.Mapping[str, bool]) -> tuple[_ovn.Rule, ...]:
    found: list[_ovn.Rule] = []
    once = _entry.Once()
    for entry in group.entries("rules", RULE_KEYS):
        rule = _rule(entry, gone)
        once.take(rule[1:], entry.path, "what this rule says")
        found.append(rule)
    return tuple(found)


def _rule(entry: _entry.Entry, gone: c.Mapping[str, bool]) -> _ovn.Rule:
    if not entry.has("direction"):
        raise _errors.BadInput(f"{entry.path}: 'direction' is missing; it is {INGRESS} (to the member) or {EGRESS}.")
    protocol = entry.choice("protocol", PROTOCOLS) if entry.has("protocol") else None
    icmp_type = entry.whole("icmp_type")
    if icmp_type is not None and protocol not in ICMP:
        raise _errors.BadInput(f"{entry.at('icmp_type')}: is about {_words.either(ICMP)}; give that protocol.")
    remote, by_group = _remote(entry, protocol, gone)
    return _ovn.Rule(
        entry=entry,
        direction=entry.choice("direction", DIRECTIONS),
        protocol=protocol,
        ports=_ports(entry, protocol),
        icmp_type=None if icmp_type is None else _values.number(icmp_type, entry.at("icmp_type"), 0, MOST_TYPE),
        remote=remote,
        by_group=by_group,
    )


def _remote(entry: _entry.Entry, protocol: str | None, gone: c.Mapping[str, bool]) -> tuple[str | None, bool]:
    """The other side, and whether it is a group. No name of a group has a dot, a colon or a '/', as prefixes have."""
    given = [key for key in REMOTES if entry.has(key)]
    if not given:
        return None, False
    key, path = given[0], entry.at(given[0])
    if len(given) > 1:
        raise _errors.BadInput(f"{entry.at(given[1])}: a rule has one remote, and it is {path}; leave out one of both.")
    value = entry.required(key)
    if key == "remote_group" or (key == "remote" and not set(".:/") & set(value)):
        refuse_unknown(value, path, gone)
        return value, True
    found = _values.network(value, path)
    others = {
        4: ("icmp6",),
        6: ("icmp4", *(("icmp",) if entry.has("icmp_type") else ())),
    }  # 'icmp' with a type is IPv4's
    if protocol in others[found.version]:
        raise _errors.BadInput(f"{path}: {found} is not of the family of {protocol}.")
    return str(found), False


def _ports(entry: _entry.Entry, protocol: str | None) -> tuple[str, ...]:
    value, path = entry.value("ports"), entry.at("ports")
    if value is None:
        return ()
    if protocol not in WITH_PORTS:
        raise _errors.BadInput(f"{path}: only {_words.either(WITH_PORTS)} have ports; give that protocol.")
    listed = value if isinstance(value, (list, tuple)) else [value]
    if not listed:
        raise _errors.BadInput(f"{path}: is empty; leave it out for all ports.")
    once = _entry.Once()
    found = []
    for index, one in enumerate(listed):
        here = f"{path}[{index}]" if listed is value else path
        port = _span(one, here)
        once.take(port, here, f"port {port}")
        found.append(port)
    return tuple(sorted(found, key=lambda one: [int(end) for end in one.split("-")]))


def _span(value: t.Any, path: str) -> str:
    """A port, or a range of ports such as 8000-8100."""
    first, dash, last = str(value).replace(":", "-").partition("-")
    numbers = [one.strip() for one in ([first, last] if dash else [first])]
    if isinstance(value, bool) or not all(one.isascii() and one.isdigit() for one in numbers):
        raise _errors.BadInput(f"{path}: {_words.shown(value)} is not a port; write a number, or '8000-8100'.")
    ports = [_values.number(int(one), path, 1, MOST_PORT) for one in numbers]
    if ports[0] > ports[-1]:
        raise _errors.BadInput(f"{path}: the range {_words.shown(value)} is upside down.")
    return str(ports[0]) if ports[0] == ports[-1] else f"{ports[0]}-{ports[-1]}"
