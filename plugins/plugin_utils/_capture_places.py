# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where members are, so that their packets can be captured: on which host, in which namespace, at which interface."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _capture, _errors, _values, _words
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _crossing_input,
    _picture_declared,
    _picture_ovn_declared,
)

OPTION = "netloom_capture"
FORMS = "write [HOST:]NAMESPACE[/INTERFACE], or HOST:/INTERFACE for an interface of the host itself"
Own = c.Mapping[str, t.Any]


class Place(t.NamedTuple):
    """An interface in a namespace (None: the host's). ``addresses``: those that the declaration tells."""

    host: str
    netns: str | None
    interface: str
    addresses: tuple[str, ...] = ()

    @property
    def reference(self) -> str:
        """As the option names it."""
        return f"{self.host}:{self.netns or ''}/{self.interface}"


class Reference(t.NamedTuple):
    """A member as somebody names it. ``netns``: empty for the host itself; None: nothing is said."""

    written: str
    host: str | None
    netns: str
    interface: str | None


def places(
    hosts: c.Sequence[str], variables: c.Mapping[str, Own], here: Own, everybody: c.Sequence[str]
) -> list[Place]:
    """The interfaces of all namespaces that are declared for these hosts. ``variables``: host -> its variables;
    ``here``: variables that only the play has. Raises BadInput.
    """
    ovn = _picture_ovn_declared.Fleet(everybody, variables, here)
    infos = _picture_declared.infos(hosts, variables, here, everybody, ovn)
    found: dict[tuple[str, str | None, str], Place] = {}
    for host in hosts:
        for place in _of_lists(host, infos[host]["netns_info"]):
            found.setdefault(place[:3], place)
    for segment in _crossing_input.of_fleet(list(everybody), variables, here):
        for one in segment.places:
            if one.host in hosts:
                found.setdefault(one[:3], Place(one.host, one.netns, one.interface, one.addresses))
    return list(found.values())


def _of_lists(host: str, lists: c.Mapping[str, c.Iterable[Own]]) -> c.Iterator[Place]:
    """The places of a topology: ends of cables, interfaces, and internal ports of Open vSwitch."""
    ends = [one["peer"] for one in lists.get("veth") or () if isinstance(one.get("peer"), c.Mapping)]
    for kind in ("veth", "netns_interface", "ovs_port"):
        ends += lists.get(kind) or ()
    for one in ends:
        if one.get("netns"):
            addresses = (str(text).partition("/")[0] for text in one.get("addresses") or ())
            yield Place(host, str(one["netns"]), str(one["name"]), tuple(addresses))


def references(value: t.Any) -> list[Reference]:
    """The members that somebody names: a list, or a text with commas. Raises BadInput."""
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, c.Sequence) or not given:
        raise _errors.BadInput(f"{OPTION}: {_words.shown(value)} names no member; {FORMS}.")
    found = [_reference(one) for one in given if not isinstance(one, str) or one.strip()]
    if not found:
        raise _errors.BadInput(f"{OPTION}: names no member; {FORMS}.")
    return found


def _reference(value: t.Any) -> Reference:
    if not isinstance(value, str):
        raise _errors.BadInput(f"{OPTION}: {_words.shown(value)} is not the name of a member; {FORMS}.")
    written = value.strip()
    host, colon, rest = written.rpartition(":")
    netns, slash, interface = rest.partition("/")
    if (slash and not interface) or (not netns and not (colon and interface)):
        raise _errors.BadInput(f"{OPTION}: '{written}' is not the name of a member; {FORMS}.")
    if netns:
        _values.netns_name(netns, OPTION)
    if slash:
        _values.link_name(interface, OPTION)
    return Reference(written, host if colon else None, netns, interface or None)


def chosen(
    wanted: c.Iterable[Reference], known: c.Sequence[Place], hosts: c.Sequence[str], everybody: c.Sequence[str]
) -> list[Place]:
    """The places that references mean, each once. ``known``: those that are declared for ``everybody``; ``hosts``:
    those of this run. Raises BadInput.
    """
    found: dict[tuple[str, str | None, str], Place] = {}
    for one in wanted:
        for place in _meant(one, known, hosts, everybody):
            if place.host not in hosts:
                raise _errors.BadInput(
                    f"{OPTION}: '{one.written}' is on {place.host}, which is not among the hosts of this run."
                )
            found.setdefault(place[:3], place)
    return list(found.values())


def _meant(
    one: Reference, known: c.Sequence[Place], hosts: c.Sequence[str], everybody: c.Sequence[str]
) -> c.Sequence[Place]:
    if one.host is not None and one.host not in everybody:
        near = _words.nearest(one.host, everybody)
        hint = f"; did you mean '{near}'?" if near else "."
        raise _errors.BadInput(f"{OPTION}: '{one.written}': there is no host '{one.host}' in the inventory{hint}")
    matching = [
        place
        for place in known
        if place.netns == (one.netns or None)
        and one.host in (None, place.host)
        and one.interface in (None, place.interface)
    ]
    if matching:
        return matching
    host = one.host or (hosts[0] if len(hosts) == 1 else None)
    if one.interface is not None and host is not None:  # nobody declared it, but it may be there
        return [Place(host, one.netns or None, one.interface)]
    names = dict.fromkeys(str(place.netns) for place in known if place.netns and one.host in (None, place.host))
    near = _words.nearest(one.netns, names)
    hint = f"did you mean '{near}'?" if near else f"for a namespace that is not declared, {FORMS}."
    where = f"declared for {one.host}" if one.host else "declared for a host of the inventory"
    raise _errors.BadInput(f"{OPTION}: no member '{one.netns}' is {where}; {hint}")


def points(found: c.Sequence[Place], ping: bool = False) -> dict[str, list[dict[str, t.Any]]]:
    """By the hosts, the points of netns_capture. ``ping``: each place sends echo requests to the others."""
    told: dict[str, list[dict[str, t.Any]]] = {}
    for place in found:
        others = dict.fromkeys(
            address
            for other in found
            if other[:3] != place[:3]
            for address in other.addresses
            if address not in place[3]
        )
        point: dict[str, t.Any] = {"netns": place.netns, "interface": place.interface}
        if ping and others:
            point["ping"] = list(others)[: _capture.MOST_PINGS]
        told.setdefault(place.host, []).append(point)
    return told
