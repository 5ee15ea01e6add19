# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Published ports: who has them already, and who may reach them from inside the network."""

from __future__ import annotations

import dataclasses
import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.nat import _nat_entries, _nat_read, _nat_rules
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _nat_ops, _plan, _scope, _snapshot

# The sysctl that lets bridged frames pass the rules of IP (br_netfilter).
BRIDGE_CALLS = {4: "net.bridge.bridge-nf-call-iptables", 6: "net.bridge.bridge-nf-call-ip6tables"}


def refuse_taken(
    subject: _nat_entries.Subject,
    wanted: t.Sequence[_nat_entries.Publish],
    old: t.Sequence[_nat_entries.Publish],
    planner: _plan.Planner,
) -> None:
    """Refuse a port that another table publishes or on which somebody listens. It would be taken away."""
    ns = subject.ns
    for index, entry in enumerate(wanted):
        taken = f"{subject.path}publish[{index}]: {entry.what}{subject.place} is taken by"
        for other, table in sorted(_nat_ops.nft_of(planner.now, ns).tables.items()):
            for one in _nat_read.declared_in(table).publish if other != subject.name else ():
                if entry.collides(one):
                    raise _errors.Conflict(f"{taken} netns_nat '{other}' ({one.text()}); take another.")
        if any((entry.protocol, entry.address, entry.port) == (one.protocol, one.address, one.port) for one in old):
            continue  # a present listener came later, or is there on purpose
        for address, who in planner.now.answers.get(_scope.Listeners(ns, entry.protocol, entry.port or 0)) or ():
            if _meets(entry, address):
                raise _errors.Conflict(f"{taken} {who}, which listens on {address}; stop it, or take another port.")


def _meets(entry: _nat_entries.Publish, listening: str) -> bool:
    """Whether the entry would redirect a packet for the listener."""
    there = ipaddress.ip_address(listening)
    if there.is_unspecified:
        return there.version == 6 or entry.family == 4  # a socket of :: accepts IPv4 as well
    if there.is_loopback:
        return entry.localhost and there.version == 4
    if there.version != entry.family:
        return False
    return entry.address in (None, str(there))


def with_hairpins(
    subject: _nat_entries.Subject,
    wanted: _nat_rules.Declared,
    old: _nat_rules.Declared,
    asked: bool | None,
    planner: _plan.Planner,
) -> _nat_rules.Declared:
    """The entries with a hairpin for each published port and floating address, if wanted, or if it was so and nothing
    else is declared.
    """
    if not (bool(old.hairpins) if asked is None else asked):
        return wanted
    led: tuple[_nat_entries.Publish | _nat_entries.Floating, ...] = (*wanted.publish, *wanted.floating)
    found = [_nat_rules.Hairpin.to(entry, _network(subject, entry, wanted, old, planner)) for entry in led]
    return dataclasses.replace(wanted, hairpins=tuple(dict.fromkeys(found)))


def _network(
    subject: _nat_entries.Subject,
    entry: _nat_entries.Publish | _nat_entries.Floating,
    wanted: _nat_rules.Declared,
    old: _nat_rules.Declared,
    planner: _plan.Planner,
) -> str:
    """The network of the target's neighbours: the smallest declared one that contains it, else that of a link, else the
    earlier one.
    """
    target = ipaddress.ip_address(entry.to_address)
    sources = [one.source for one in wanted.translated]
    sources += [place for one in wanted.forward for place in (one.origin, one.to)]
    declared = [
        _nat_entries.network_of(one)
        for one in sources
        if one and _nat_entries.is_network(one) and one not in _nat_entries.EVERYTHING
    ]
    links = [
        ipaddress.ip_interface(address.cidr).network
        for link in planner.now.namespaces[subject.ns].links.values()
        for address in link.addresses
    ]
    for networks in (declared, links):
        around = [one for one in networks if target in one and one.num_addresses > 1]
        if around:
            return str(max(around, key=lambda one: one.prefixlen))
    known = [one.network for one in old.hairpins if one.to_address == entry.to_address]
    if known:
        return known[0]
    planner.missing(
        f"{subject.path}hairpin: no link has an address in the network of '{entry.to_address}', and no source names"
        " that network, so it is not known whose packets come back by the way they came. Give the link its address"
        " first, or name the network as the source of a masquerade."
    )
    return str(_nat_entries.network_of(entry.to_address))


def warn_of_bridges(
    subject: _nat_entries.Subject, hairpins: t.Sequence[_nat_rules.Hairpin], planner: _plan.Planner
) -> None:
    """Warn of br_netfilter: a bridge sends no frame back by the port by which it came, unless that port is in hairpin
    mode.
    """
    space = planner.now.namespaces[subject.ns]
    bridges = [
        (link.name, ipaddress.ip_interface(address.cidr).network)
        for link in space.links.values()
        if link.kind == "bridge"
        for address in link.addresses
    ]
    for one in hairpins:
        switch = BRIDGE_CALLS[6 if ":" in one.to_address else 4]
        for name, network in bridges:
            here = space.sysctl.get((None, switch)) == "1" and ipaddress.ip_address(one.to_address) in network
            if here and not _sends_back(planner, subject.ns, name, one.to_address):
                what = "floating address" if one.protocol is None else "published port"
                planner.warn(
                    f"{one.to_address} itself reaches its {what} by bridge '{name}'{subject.place} only if its port"
                    f" there is in hairpin mode, or if {switch} is 0; it is 1."
                )


def _sends_back(planner: _plan.Planner, ns: _snapshot.NsKey, bridge: str, address: str) -> bool:
    """Whether the port behind which the address is known is in hairpin mode."""
    ports = [
        link for link in planner.now.namespaces[ns].links.values() if link.master == bridge and link.port.get("hairpin")
    ]
    ends = [planner.now.link(*port.peer) for port in ports if port.peer]
    return any(own.cidr.split("/")[0] == address for end in ends if end for own in end.addresses)


def unlike_hairpins(declared: _nat_rules.Declared) -> tuple[str, ...]:
    """The ports and floating addresses for which a table with hairpins has too few or too many."""
    if not declared.hairpins:
        return ()
    led: tuple[_nat_entries.Publish | _nat_entries.Floating, ...] = (*declared.publish, *declared.floating)
    needed = {_nat_rules.Hairpin.to(entry, "").target for entry in led}
    there = {one.target for one in declared.hairpins}
    return (
        *(f"the missing hairpin to {one}" for one in sorted(needed - there)),
        *(f"the foreign hairpin to {one}" for one in sorted(there - needed)),
    )
