# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict on a lease."""

from __future__ import annotations

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _daemon_ops,
    _lease,
    _probe,
    _snapshot,
)


def judge_lease(outcome: _probe.Outcome, snapshot: _snapshot.Snapshot) -> None:
    """Judge a probe of dhcp: whether our client in the source has a lease as the probe wants it."""
    probe = outcome.probe
    clients = [
        one
        for one in snapshot.daemons.values()
        if one.kind != "dnsmasq" and one.netns == probe.source and probe.interface in (None, one.name)
    ]
    place = f"{probe.interface} of {probe.source}" if probe.interface else str(probe.source)
    if not clients:
        outcome.reason = f"no DHCP client of ours runs on {place}"
        return
    reasons = []
    for client in clients:
        if client.lease is None or not client.alive:
            reasons.append(f"the DHCP client on {client.name} {'has no lease' if client.alive else 'has ended'}")
            continue
        outcome.lease = (client.name, client.lease)
        wrong = _daemon_ops.lost_lease(client, snapshot.namespaces[probe.source]) or _wrong_lease(
            client.lease, probe, snapshot
        )
        if wrong is None:
            outcome.seen, outcome.reason = True, ""
            return
        reasons.append(wrong)
    outcome.reason = "; ".join(reasons)


def _wrong_lease(lease: _lease.Lease, probe: _probe.Probe, snapshot: _snapshot.Snapshot) -> str | None:
    servers = (
        {probe.address}
        if probe.target is None
        else {str(address.ip) for address in _probe.addresses_of(snapshot.namespaces[probe.target])}
    )
    if lease.server not in servers:
        return (
            f"its lease of {lease.address} is from {lease.server}, not from"
            f" {' or '.join(sorted(map(str, servers))) or probe.target}"
        )
    leased = _probe.interface(lease.address).ip
    if probe.range is not None and not int(probe.range[0]) <= int(leased) <= int(probe.range[1]):
        return f"its lease of {leased} is outside of {probe.range[0]} to {probe.range[1]}"
    return None
