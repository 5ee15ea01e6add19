# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the leases that a host has with those that its tenants promise."""

from __future__ import annotations

import collections.abc as c
import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _members, _ovs_vlan_dhcp


def compare(
    tenants: t.Any,
    leases: c.Iterable[_members.Item],
    reports: c.Iterable[_members.Item] = (),
    host: str | None = None,
) -> list[_members.Item]:
    """A row for each member with DHCP. ``leases``: from ``netns_info``; ``reports``: from ``reachability``, to show who
    answers by ARP; ``host``: only of members on this host.
    """
    found = {(lease["netns"], lease["interface"]): lease for lease in leases if lease.get("family") != "ipv6"}
    answers = {(one["from"], one["to"]): one.get("answered_by") for one in reports if one["protocol"] == "arp"}
    rows = []
    for tenant in _ovs_vlan_dhcp.of_host(_ovs_vlan_dhcp.read(tenants), host):
        for member in tenant.members:
            if member.address is None and not member.gone:
                lease = found.get((member.name, member.device), {})
                row = {key: lease.get(key) for key in ("address", "server", "expires")}
                row |= {
                    "member": member.name,
                    "tenant": tenant.name,
                    "answered_by": answers.get((member.name, tenant.server.address)),
                }
                row["surprise"] = _surprise(tenant, row) or _lost(member, row, lease)
                row["as_promised"] = row["surprise"] is None
                rows.append(row)
    return rows


def _surprise(tenant: _ovs_vlan_dhcp.Tenant, row: _members.Item) -> str | None:
    """What is not as promised, as a sentence."""
    server, who = tenant.server, f"{row['member']} of tenant {tenant.name}"
    if row["address"] is None:
        return f"{who} has no lease."
    if row["server"] != server.address:
        return f"{who} has its lease from {row['server']}, not from {server.address}."
    (start, end, kept), address = server.leases, ipaddress.IPv4Interface(row["address"]).ip
    if int(address) not in kept:
        return f"{who} has a lease of {address}, which is outside of {start} to {end}."
    return None


def _lost(member: _ovs_vlan_dhcp.Member, row: _members.Item, lease: _members.Item) -> str | None:
    """Whether the address of a lease is lost: a client may keep a lease whose address somebody removed from the
    interface.
    """
    if lease.get("applied", True):
        return None
    return (
        f"{row['member']} of tenant {row['tenant']} has a lease of {row['address']}, but its {member.device} has not"
        " that address."
    )
