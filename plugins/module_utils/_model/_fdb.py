# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of forwarding tables (bridge-fdb(8)) that somebody wrote: those of a vxlan, and those of a bridge.

A vxlan has its own table: ``Link.data["fdb"]``. What a bridge knows of a port is in ``Link.port["fdb"]`` of that port,
because the kernel forgets it with the port. Entries that the kernel learned are in neither.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _snapshot

FDB = "fdb"
DEFAULT = "00:00:00:00:00:00"  # its remotes get the frames that no other entry leads to (vxlan_xmit())
NTF_EXT_LEARNED = 0x10  # linux/neighbour.h: a routing daemon wrote it
IFLA_BR_VLAN_FILTERING = 7  # linux/if_link.h


@dataclasses.dataclass(frozen=True)
class Tunnel:
    """An entry of a vxlan: who has this MAC address is behind ``remote``."""

    mac: str
    remote: str | None  # None: behind a nexthop object
    port: int | None = None  # of UDP; None: that of the link
    vni: int | None = None  # None: that of the link
    # No option speaks of these. They come back with the entry.
    source_vni: int | None = None  # of a vxlan that has several
    nexthop: int | None = None
    via: int | None = dataclasses.field(default=None, compare=False)  # the ifindex of the link to send through
    state: int | None = dataclasses.field(default=None, compare=False)  # NUD_*; None: permanent
    flags: int = dataclasses.field(default=0, compare=False)  # NTF_*

    def __str__(self) -> str:
        more = [f"port {self.port}"] if self.port is not None else []
        more += [f"vni {self.vni}"] if self.vni is not None else []
        return " ".join([f"{self.mac} to {self.remote or f'nexthop object {self.nexthop}'}", *more])

    @property
    def is_default(self) -> bool:
        """Whether the remote is one of those that get what no other entry leads to."""
        return self.mac == DEFAULT

    @property
    def is_one_of_many(self) -> bool:
        """Whether the MAC address may be behind several remotes at once (vxlan_fdb_update_existing())."""
        return self.is_default or bool(int(self.mac[:2], 16) & 1)

    @property
    def declared(self) -> bool:
        """Whether an exact list covers the entry: not if a routing daemon wrote it, or if no option can say it."""
        plain = self.remote is not None and self.source_vni is None and self.nexthop is None
        return plain and (self.is_default or not self.is_one_of_many) and not self.flags & NTF_EXT_LEARNED

    @property
    def order(self) -> tuple[t.Any, ...]:
        """The place among the entries of a table, which has no order of its own."""
        return (self.mac, self.remote or "", self.port or 0, self.vni or 0, self.source_vni or 0)


@dataclasses.dataclass(frozen=True)
class Static:
    """An entry of a bridge at a port: who has this MAC address is behind the port."""

    mac: str
    vlan: int | None = None
    # No option speaks of these.
    local: bool = False  # the bridge keeps such frames, as if the address were its own
    flags: int = dataclasses.field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.mac}{'' if self.vlan is None else f' vlan {self.vlan}'}"

    @property
    def declared(self) -> bool:
        """Whether an exact list covers the entry."""
        return not self.local and not self.flags & NTF_EXT_LEARNED

    @property
    def order(self) -> tuple[t.Any, ...]:
        """The place among the entries of a port."""
        return (self.mac, -1 if self.vlan is None else self.vlan)


Entry = t.Union[Tunnel, Static]


def of_vxlan(link: _snapshot.Link) -> tuple[Tunnel, ...]:
    """The entries of a vxlan, as far as they were read."""
    return tuple(link.data.get(FDB) or ())


def of_port(link: _snapshot.Link) -> tuple[Static, ...]:
    """The entries of a bridge at one of its ports, as far as they were read."""
    return tuple(link.port.get(FDB) or ())


def with_entries(link: _snapshot.Link, entries: t.Iterable[Entry], *, own: bool) -> _snapshot.Link:
    """The same link with exactly these entries. ``own``: of its own table; otherwise those of its bridge."""
    found = tuple(sorted(entries, key=lambda one: one.order))
    if own:
        return link.with_data(**{FDB: found})
    port = {flag: value for flag, value in link.port.items() if flag != FDB}
    return dataclasses.replace(link, port={**port, **({FDB: found} if found else {})})


def filters_by_vlan(bridge: _snapshot.Link) -> bool:
    """Whether a bridge looks at VLANs."""
    return any(number == IFLA_BR_VLAN_FILTERING for number, _value in bridge.rest)


def vlans_of(port: _snapshot.Link) -> tuple[int, ...]:
    """The VLANs of a port. For each of them the kernel makes an entry of its own if an entry names none (br_fdb_add()).
    A port has VLAN 1, unless it is known to have others.
    """
    words = port.port.get("vlans")
    return (1,) if words is None else tuple(int(one.split()[0]) for one in words.split(", ") if one)


def folded(entries: t.Iterable[Static]) -> list[Static]:
    """The entries as somebody wrote them: without those that the kernel made for single VLANs of an entry without
    one.
    """
    found = list(entries)
    whole = {one.mac for one in found if one.vlan is None}
    return [one for one in found if one.vlan is None or one.mac not in whole]


def vids(entry: Static, port: _snapshot.Link, bridge: _snapshot.Link | None) -> set[int | None]:
    """The VLANs, and None, under which the bridge finds the entry at this port."""
    if entry.vlan is not None:
        return {entry.vlan}
    return {None, *(vlans_of(port) if bridge is not None and filters_by_vlan(bridge) else ())}


def to_record(port: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The settings of a bridge's port in the form of a record."""
    return {flag: [dataclasses.asdict(one) for one in value] if flag == FDB else value for flag, value in port.items()}


def from_record(port: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The settings of a bridge's port from a record."""
    return {flag: tuple(Static(**one) for one in value) if flag == FDB else value for flag, value in port.items()}
