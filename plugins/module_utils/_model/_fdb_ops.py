# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes on forwarding tables, as data. ``link`` is a vxlan, whose own table is meant, or the port of a bridge."""

from __future__ import annotations

import dataclasses

from ansible_collections.netloom.linux.plugins.module_utils._model import _fdb, _ops, _snapshot


@dataclasses.dataclass(frozen=True)
class FdbSet(_ops.Op):
    """Write an entry. It replaces the entry of its MAC address, wherever that leads; a default remote is added to the
    others.
    """

    ns: _snapshot.NsKey
    link: str
    entry: _fdb.Entry

    def sentence(self) -> str:
        entry, place = self.entry, f"{self.link}{_ops.where(self.ns)}"
        if isinstance(entry, _fdb.Static):
            vlan = "" if entry.vlan is None else f", vlan={entry.vlan}"
            return f"set fdb entry {entry.mac}{_ops.where(self.ns)}: port={self.link}{vlan}"
        return (
            f"add remote {_words(entry)} to {place}"
            if entry.is_default
            else f"set fdb entry {entry.mac} of {place}: remote={_words(entry)}"
        )

    def effect(self, now: _snapshot.Snapshot) -> None:
        entry = self.entry
        if isinstance(entry, _fdb.Static):
            made = _made(entry, now, (self.ns, self.link))
            for port in _ports(now, self.ns, self.link):
                stays = [one for one in _fdb.of_port(port) if not _is_same(one, made)]
                _put(now, self.ns, port, [*stays, *(made if port.name == self.link else ())], own=False)
            return
        link = now.namespaces[self.ns].links[self.link]
        others = [one for one in _fdb.of_vxlan(link) if one != entry and not _makes_way(one, entry)]
        _put(now, self.ns, link, [*others, entry], own=True)

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        entry, link = self.entry, now.namespaces[self.ns].links[self.link]
        if isinstance(entry, _fdb.Static):
            made = _made(entry, now, (self.ns, self.link))
            found = [
                FdbSet(self.ns, port.name, one)
                for port in _ports(now, self.ns, self.link)
                for one in _fdb.folded(other for other in _fdb.of_port(port) if _is_same(other, made))
            ]
            return (FdbDelete(self.ns, self.link, entry), *found)
        before = [one for one in _fdb.of_vxlan(link) if one == entry or _makes_way(one, entry)]
        return (FdbSet(self.ns, self.link, before[0]),) if before else (FdbDelete(self.ns, self.link, entry),)


@dataclasses.dataclass(frozen=True)
class FdbDelete(_ops.Op):
    """Delete an entry."""

    ns: _snapshot.NsKey
    link: str
    entry: _fdb.Entry

    def sentence(self) -> str:
        entry, place = self.entry, f"{self.link}{_ops.where(self.ns)}"
        if isinstance(entry, _fdb.Static):
            return f"delete fdb entry {entry} at {place}"
        return (
            f"delete remote {_words(entry)} from {place}"
            if entry.is_default
            else f"delete fdb entry {entry.mac} of {place}"
        )

    def effect(self, now: _snapshot.Snapshot) -> None:
        entry, link = self.entry, now.namespaces[self.ns].links[self.link]
        if isinstance(entry, _fdb.Static):
            made = _made(entry, now, (self.ns, self.link))
            _put(now, self.ns, link, [one for one in _fdb.of_port(link) if not _is_same(one, made)], own=False)
        else:
            _put(now, self.ns, link, [one for one in _fdb.of_vxlan(link) if one != entry], own=True)

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        return (FdbSet(self.ns, self.link, self.entry),)


def _words(entry: _fdb.Tunnel) -> str:
    """Where an entry of a vxlan leads."""
    return str(entry).partition(" to ")[2]


def _makes_way(one: _fdb.Tunnel, entry: _fdb.Tunnel) -> bool:
    """Whether an entry of a vxlan is replaced by another one."""
    return not entry.is_one_of_many and (one.mac, one.source_vni) == (entry.mac, entry.source_vni)


def _is_same(one: _fdb.Static, made: list[_fdb.Static]) -> bool:
    """Whether an entry of a bridge, wherever it leads, is of the same MAC address and VLAN as one of these."""
    return any((one.mac, one.vlan) == (other.mac, other.vlan) for other in made)


def _made(entry: _fdb.Static, now: _snapshot.Snapshot, place: tuple[_snapshot.NsKey, str]) -> list[_fdb.Static]:
    """The entries that the bridge of this port makes of one: one for each VLAN, if it looks at these."""
    port = now.namespaces[place[0]].links[place[1]]
    bridge = now.link(place[0], port.master) if port.master else None
    return [dataclasses.replace(entry, vlan=vlan) for vlan in _fdb.vids(entry, port, bridge)]


def _ports(now: _snapshot.Snapshot, ns: _snapshot.NsKey, port: str) -> list[_snapshot.Link]:
    """All ports of the bridge that has this port."""
    links = now.namespaces[ns].links
    master = links[port].master
    return [link for link in links.values() if link.master == master and master is not None]


def _put(
    now: _snapshot.Snapshot, ns: _snapshot.NsKey, link: _snapshot.Link, entries: list[_fdb.Entry], *, own: bool
) -> None:
    found = _fdb.with_entries(link, entries, own=own)
    if found != link:
        now.put(ns, found)
