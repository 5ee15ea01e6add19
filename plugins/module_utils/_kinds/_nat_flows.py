# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tracked connections that outlive a change of the rules: which entries they are to be compared with."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds._nat_entries import Floating, Masquerade, Publish, SourceNat
from ansible_collections.netloom.linux.plugins.module_utils._kinds._nat_rules import Declared
from ansible_collections.netloom.linux.plugins.module_utils._model._flows import Leaving
from ansible_collections.netloom.linux.plugins.module_utils._model._nat_ops import FlowsDrop, TranslatedDrop
from ansible_collections.netloom.linux.plugins.module_utils._model._ops import Op
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Link, Namespace, NsKey

Leaver = t.Union[Floating, SourceNat, Masquerade]


def stale_flows(ns: NsKey, old: Declared, new: Declared, space: Namespace) -> t.Iterator[Op]:
    """What is to be forgotten when the one becomes the other."""
    yield from _published(ns, old.publish, new.publish, space)
    before, after = _leavers(old), _leavers(new)
    gone, come = [entry for entry in before if entry not in after], [entry for entry in after if entry not in before]
    if gone or come:
        yield TranslatedDrop(
            ns,
            changes=(*(f"the end of {entry.text()}" for entry in gone), *(entry.text() for entry in come)),
            gone=_leaving(gone, space),
            come=_leaving(come, space),
            kept=_leaving(after, space),
            led=_led(old.floating, new.floating),
        )


def _published(ns: NsKey, old: t.Sequence[Publish], new: t.Sequence[Publish], space: Namespace) -> t.Iterator[FlowsDrop]:
    """The connections that a port which comes, moves or goes leaves behind."""
    before = {(entry.protocol, entry.address, entry.port, entry.family): entry.target for entry in old}
    after = {(entry.protocol, entry.address, entry.port, entry.family): entry.target for entry in new}
    for key in dict.fromkeys([*before, *after]):
        if before.get(key) != after.get(key):
            protocol, address, port, family = key
            yield FlowsDrop(ns, protocol, address, port, before.get(key), after.get(key), _local(space, family))


def _leavers(declared: Declared) -> tuple[Leaver, ...]:
    """In the order of their rules."""
    return (*declared.floating, *declared.source_nat, *declared.masquerade)


def _leaving(entries: t.Iterable[Leaver], space: Namespace) -> tuple[Leaving, ...]:
    return tuple(_as_it_leaves(entry, space) for entry in entries)


def _as_it_leaves(entry: Leaver, space: Namespace) -> Leaving:
    if isinstance(entry, Floating):
        return Leaving(entry.to_address, (entry.address,), True)
    if isinstance(entry, SourceNat):
        seen_as: tuple[str, ...] = (entry.to,)
    else:
        links = space.links.values() if entry.out_interface is None else [link for link in space.links.values() if link.name == entry.out_interface]
        seen_as = tuple(one for link in links for one in _primary(link, entry.family))
    return Leaving(entry.source, seen_as, entry.out_interface is None, among_themselves=entry.out_interface is not None)


def _local(space: Namespace, family: int | None) -> tuple[str, ...]:
    """The host's own addresses."""
    return tuple(sorted({own.cidr.split("/")[0] for link in space.links.values() for own in link.addresses if (6 if ":" in own.cidr else 4) == family}))


def _primary(link: Link, family: int | None) -> t.Iterator[str]:
    """The addresses that masquerading may take: of IPv4 the first one in each network (inet_select_addr of the kernel's net/ipv4/devinet.c)."""
    networks = set()
    for own in link.addresses:
        address = ipaddress.ip_interface(own.cidr)
        if family in (None, address.version) and address.network not in networks:
            yield str(address.ip)
        if address.version == 4:
            networks.add(address.network)


def _led(old: t.Sequence[Floating], new: t.Sequence[Floating]) -> tuple[tuple[str, str | None], ...]:
    before, after = ({entry.address: entry.to_address for entry in entries} for entries in (old, new))
    return tuple((address, after.get(address)) for address in dict.fromkeys([*before, *after]) if before.get(address) != after.get(address))
