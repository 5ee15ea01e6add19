# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the tunnels of each host end, as the inventory declares it.

From the inventory only: never from the hosts of a play, and never from facts. Otherwise ``--limit`` or a host that does
not answer would shorten the others' lists of peers.
"""

from __future__ import annotations

import collections.abc as c
import contextlib
import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _mtus, _values, _words
from ansible_collections.netloom.linux.plugins.plugin_utils import _entry

# What links have: from the least of IPv4 (RFC 791) to the largest IP packet.
LEAST_MTU, MOST_MTU = 68, 65_535

MOST_NAMED = 3
UNKNOWN = "unknown"  # no address, and so not the end of a tunnel
Variables = c.Mapping[str, c.Mapping[str, t.Any]]


class End(t.NamedTuple):
    """One host's end. ``local`` is None if the inventory tells no address. ``underlay_mtu`` is None if only the host
    knows it.
    """

    host: str
    local: str | None
    underlay_mtu: int | None


def ends(hosts: c.Iterable[str], variables: Variables, role: str) -> dict[str, End]:
    """The end of each host for a role: ``ROLE_local``, by default ``ansible_host`` (or the host's name) if that is an
    address, and ``ROLE_underlay_mtu``. ``variables``: host -> its variables, as ``hostvars``. Two hosts may have one
    address here: whether both are needed, only a network tells.
    """
    return {host: _end(host, variables[host], role) for host in hosts}


def table(
    hosts: c.Sequence[str],
    variables: Variables,
    role: str,
    underlay_mtu: t.Any = None,
) -> dict[str, dict[str, t.Any]]:
    """The ends as plain values, for a variable. ``underlay_mtu``: that of hosts that have none of their own."""
    given = {} if underlay_mtu is None else {f"{role}_underlay_mtu": underlay_mtu}
    found = ends(hosts, picked(hosts, variables, role, given), role)
    return {host: {"local": end.local, "underlay_mtu": end.underlay_mtu} for host, end in found.items()}


def picked(
    hosts: c.Iterable[str], variables: Variables, role: str, here: c.Mapping[str, t.Any], more: c.Iterable[str] = ()
) -> dict[str, dict[str, t.Any]]:
    """Of the variables of each host those that tell its end, and ``more``. ``here``: variables that only the play has.

    A template of the play means another address for each host, and only the hosts of the play can evaluate it. What
    they noted of it (``ROLE__local``) counts. The end of other hosts is unknown then, whatever ``ansible_host`` is.
    """
    local, noted, default = f"{role}_local", f"{role}__local", "ansible_host"
    names = (local, noted, f"{role}_underlay_mtu", *more)
    given = {name: _entry.evaluated(here, name) for name in names if name in here and name != local}
    found: dict[str, dict[str, t.Any]] = {}
    for host in hosts:
        own = variables[host]
        told = {name: _entry.evaluated(own, name, _of(host)) for name in names if name in own}
        found[host] = {default: address_of(own), **given, **told}
    if local in here and not any(noted in own for own in found.values()):
        raise _errors.BadInput(
            f"{local}: is a variable of the play, so the hosts cannot know it of each other; put it into the inventory,"
            " in host_vars or group_vars."
        )
    if any(noted in own for own in found.values()):
        found = {host: _as_noted(own, local, noted, default) for host, own in found.items()}
    return found


def address_of(own: c.Mapping[str, t.Any]) -> t.Any:
    """How Ansible reaches a host. If nobody can tell, this matters only for a host that has tunnels."""
    try:
        return _entry.evaluated(own, "ansible_host") if "ansible_host" in own else None
    except _errors.BadInput:
        return UNKNOWN


def _as_noted(own: dict[str, t.Any], local: str, noted: str, default: str) -> dict[str, t.Any]:
    if noted in own or local not in own:
        return {**own, local: own.get(noted), default: UNKNOWN}
    return own


def read_table(value: c.Mapping[str, c.Mapping[str, t.Any]]) -> dict[str, End]:
    """The ends from plain values."""
    return {host: End(host, one.get("local"), one.get("underlay_mtu")) for host, one in value.items()}


def check(own: c.Mapping[str, t.Any], role: str) -> None:
    """Check the variables of one host, whichever it is."""
    _end("", own, role)


def link_of(told: t.Any, end: End, role: str) -> c.Mapping[str, t.Any] | None:
    """The link that has the address of a host's end: interface, mtu, on_ovs. ``told``: the result of the module
    underlay_info; None if the host was not asked. Refuses an address that the host does not have, and a link whose MTU
    says nothing of the underlay if nobody wrote that.
    """
    if not isinstance(told, c.Mapping) or "underlay" not in told:
        return None
    link: c.Mapping[str, t.Any] | None = told["underlay"]
    if link is None:
        raise _errors.BadInput(
            f"{role}_local{_of(end.host)}: no link of the host has the address {end.local}; give an address that it"
            " has."
        )
    if link["interface"] == "lo" and end.underlay_mtu is None:
        raise _errors.BadInput(
            f"{role}_local{_of(end.host)}: {end.local} is on 'lo', whose MTU says nothing of the underlay; write the"
            f" MTU of the underlay in {role}_underlay_mtu."
        )
    return link


def refuse_differences(path: str, role: str, seen: c.Mapping[str, int]) -> None:
    """Refuse an automatic MTU that would be another one on each host. ``path``: of the number that nobody wrote;
    ``seen``: the MTU of the underlay with which each host reckons.
    """
    if len(set(seen.values())) > 1:
        least, most = (choose(seen, key=lambda host: seen[host]) for choose in (min, max))
        raise _errors.BadInput(
            f"{path}: the automatic MTU would be another one on each host: host '{most}' reckons with an underlay of"
            f" {seen[most]}, and host '{least}' with {seen[least]}. Write {role}_underlay_mtu: {seen[least]} for a"
            " group that has all hosts, or give a number here."
        )


def _of(host: str) -> str:
    return f" of host '{host}'" if host else ""


def _end(host: str, own: c.Mapping[str, t.Any], role: str) -> End:
    name, mtu_name = f"{role}_local", f"{role}_underlay_mtu"
    picked = _entry.Entry({key: own[key] for key in (name, mtu_name) if key in own}, "", None)
    local = _local(host, picked, name, own)
    return End(host, local, _mtu(host, picked, mtu_name, local))


def _local(host: str, picked: _entry.Entry, name: str, own: c.Mapping[str, t.Any]) -> str | None:
    written = picked.text(name)
    value = written or str(own.get("ansible_host") or host)
    try:
        found = ipaddress.ip_address(value)
    except ValueError:
        if written is None:  # a name, which only the control node's resolver could translate
            return None
        raise _errors.BadInput(
            f"{name}{_of(host)}: {_words.shown(written)} is not an address; give the address of the host to"
            " which the others send, as in '192.0.2.1'."
        ) from None
    try:
        if found.is_loopback or found.is_multicast or found.is_unspecified or found.is_link_local:
            raise _errors.BadInput(f"{name}{_of(host)}: other hosts cannot send to {found}; give another address.")
        return str(_values.host_address(value, f"{name}{_of(host)}"))
    except _errors.BadInput:
        if written is None:
            return None
        raise


def _mtu(host: str, picked: _entry.Entry, name: str, local: str | None) -> int | None:
    found, least = picked.whole(name), _mtus.LEAST_FOR_IPV6 if ":" in str(local) else LEAST_MTU
    if found is not None and not least <= found <= MOST_MTU:
        why = f" for the underlay of {local}" if least > LEAST_MTU else ""
        raise _errors.BadInput(f"{name}{_of(host)}: {found} is not possible{why}; give {least} to {MOST_MTU}.")
    return found


def of_table(value: t.Any) -> dict[str, End] | None:
    """The ends from plain values, or None if there are none. (ansible-core 2.18 makes '' of a none.)"""
    return read_table(value) if value else None


@contextlib.contextmanager
def naming(hosts: c.Sequence[str]) -> t.Iterator[None]:
    """Name the hosts whose declaration is wrong, if others have another one."""
    try:
        yield
    except _errors.BadInput as error:
        raise _errors.BadInput(f"{_words.some(hosts, MOST_NAMED)}: {error}") if hosts else error from None


def refuse_strangers(paths: c.Mapping[str, str], everybody: c.Collection[str]) -> None:
    """Refuse hosts that the inventory does not have. ``paths``: each host that is named, with the path that says so;
    ``everybody``: all hosts of the inventory.
    """
    for host, path in paths.items():
        if host not in everybody:
            near = _words.nearest(host, everybody)
            hint = f"did you mean '{near}'?" if near else "add it, or put this on another host."
            raise _errors.BadInput(f"{path}: host '{host}' is not in the inventory; {hint}")


def refuse_unusable(paths: c.Mapping[str, str], table: c.Mapping[str, End], role: str) -> None:
    """Refuse hosts that cannot have tunnels to each other: each needs an address of its own, all of one IP version.
    ``paths``: each host that has a tunnel, with the path that says so.
    """
    taken: dict[str, str] = {}
    for host, path in paths.items():
        local = table[host].local
        if local is None:
            raise _errors.BadInput(
                f"{path}: nobody knows where the tunnels of host '{host}' end; give it a {role}_local, the address to"
                " which the other hosts send."
            )
        other = taken.setdefault(local, host)
        if other != host:
            raise _errors.BadInput(
                f"{path}: the tunnels of host '{host}' end at {local}, as those of host '{other}' do; give one of them"
                f" another {role}_local."
            )
        first = next(iter(taken))
        if (":" in local) != (":" in first):
            raise _errors.BadInput(
                f"{path}: the tunnels of host '{host}' end at {local}, and those of host '{taken[first]}' at {first};"
                f" one network has ends of one family, so give all of them a {role}_local of that family."
            )
