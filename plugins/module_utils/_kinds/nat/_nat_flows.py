# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tracked connections that outlive a change of the rules: the entries with which they are to be compared."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.nat import _nat_entries, _nat_rules
from ansible_collections.netloom.linux.plugins.module_utils._model import _flows, _nat_ops, _ops, _snapshot

Leaver = t.Union[_nat_entries.Floating, _nat_entries.SourceNat, _nat_entries.Masquerade]


def stale_flows(
    ns: _snapshot.NsKey, old: _nat_rules.Declared, new: _nat_rules.Declared, space: _snapshot.Namespace
) -> t.Iterator[_ops.Op]:
    """The connections to forget when the old entries become the new ones."""
    yield from _published(ns, old.publish, new.publish, space)
    before, after = _leavers(old), _leavers(new)
    gone, come = [entry for entry in before if entry not in after], [entry for entry in after if entry not in before]
    led = _led(_leading(old), _leading(new))
    if gone or come or led:
        portless = [[entry for entry in one.publish if entry.port is None] for one in (old, new)]
        ended = [*gone, *(entry for entry in portless[0] if entry not in portless[1])]
        begun = [*come, *(entry for entry in portless[1] if entry not in portless[0])]
        yield _nat_ops.TranslatedDrop(
            ns,
            changes=(*(f"the end of {entry.text()}" for entry in ended), *(entry.text() for entry in begun)),
            gone=_leaving(gone, space),
            come=_leaving(come, space),
            kept=_leaving(after, space),
            led=led,
        )


def _published(
    ns: _snapshot.NsKey,
    old: t.Sequence[_nat_entries.Publish],
    new: t.Sequence[_nat_entries.Publish],
    space: _snapshot.Namespace,
) -> t.Iterator[_nat_ops.FlowsDrop]:
    """The connections that remain of a port which is added, changed or removed."""
    before = {(entry.protocol, entry.address, entry.port, entry.family): entry.target for entry in old if entry.port}
    after = {(entry.protocol, entry.address, entry.port, entry.family): entry.target for entry in new if entry.port}
    for key in dict.fromkeys([*before, *after]):
        if before.get(key) != after.get(key):
            protocol, address, port, family = key
            yield _nat_ops.FlowsDrop(
                ns, protocol, address, port, before.get(key), after.get(key), _local(space, family)
            )


def _leavers(declared: _nat_rules.Declared) -> tuple[Leaver, ...]:
    """The entries in the order of their rules."""
    return (*declared.floating, *declared.source_nat, *declared.masquerade)


def _leaving(entries: t.Iterable[Leaver], space: _snapshot.Namespace) -> tuple[_flows.Leaving, ...]:
    return tuple(_as_it_leaves(entry, space) for entry in entries)


def _as_it_leaves(entry: Leaver, space: _snapshot.Namespace) -> _flows.Leaving:
    if isinstance(entry, _nat_entries.Floating):
        return _flows.Leaving(entry.to_address, (entry.address,), True)
    if isinstance(entry, _nat_entries.SourceNat):
        seen_as: tuple[str, ...] = (entry.to,)
    else:
        links = (
            space.links.values()
            if entry.out_interface is None
            else [link for link in space.links.values() if link.name == entry.out_interface]
        )
        seen_as = tuple(one for link in links for one in _primary(link, entry.family))
    return _flows.Leaving(
        entry.source, seen_as, entry.out_interface is None, among_themselves=entry.out_interface is not None
    )


def _local(space: _snapshot.Namespace, family: int | None) -> tuple[str, ...]:
    """The host's own addresses."""
    return tuple(
        sorted(
            {
                own.cidr.split("/")[0]
                for link in space.links.values()
                for own in link.addresses
                if (6 if ":" in own.cidr else 4) == family
            }
        )
    )


def _primary(link: _snapshot.Link, family: int | None) -> t.Iterator[str]:
    """The addresses that masquerading may take: of IPv4 the first one in each network (inet_select_addr of the kernel's
    net/ipv4/devinet.c).
    """
    networks = set()
    for own in link.addresses:
        address = ipaddress.ip_interface(own.cidr)
        if family in (None, address.version) and address.network not in networks:
            yield str(address.ip)
        if address.version == 4:
            networks.add(address.network)


def _leading(declared: _nat_rules.Declared) -> dict[str, str]:
    """The floating addresses: address -> where everything that is sent to it leads."""
    portless = {str(entry.address): entry.to_address for entry in declared.publish if entry.port is None}
    return {**{entry.address: entry.to_address for entry in declared.floating}, **portless}


def _led(before: t.Mapping[str, str], after: t.Mapping[str, str]) -> tuple[tuple[str, str | None], ...]:
    return tuple(
        (address, after.get(address))
        for address in dict.fromkeys([*before, *after])
        if before.get(address) != after.get(address)
    )
