# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Leases as promised, and not."""

from __future__ import annotations

import pytest
from ansible_collections.netloom.linux.plugins.filter.ovs_vlan_dhcp_leases import FilterModule

compare = FilterModule().filters()["ovs_vlan_dhcp_leases"]
MEMBERS = [{"name": "r"}, {"name": "fixed", "address": "10.5.0.200"}, {"name": "gone", "state": "absent"}]
TENANTS = [{"name": "red", "tag": 1, "subnet": "10.5.0.0/24", "members": MEMBERS}]


def lease(**more):
    return {
        "netns": "r",
        "interface": "eth0",
        "address": "10.5.0.10/24",
        "server": "10.5.0.2",
        "expires": "2026-11-22T02:15:31Z",
        **more,
    }


def test_as_promised():
    probed = [
        {"from": "r", "to": "10.5.0.2", "protocol": "icmp"},
        {"from": "r", "to": "10.5.0.2", "protocol": "arp", "answered_by": ["dhcp-red"]},
    ]
    assert compare(TENANTS, [lease()], probed) == [
        {
            "member": "r",
            "tenant": "red",
            "address": "10.5.0.10/24",
            "server": "10.5.0.2",
            "expires": "2026-11-22T02:15:31Z",
            "answered_by": ["dhcp-red"],
            "as_promised": True,
            "surprise": None,
        }
    ]


@pytest.mark.parametrize(
    ("leases", "surprise"),
    [
        ([], "r of tenant red has no lease."),
        ([lease(interface="eth1")], "r of tenant red has no lease."),
        ([lease(server="10.5.0.3")], "r of tenant red has its lease from 10.5.0.3, not from 10.5.0.2."),
        (
            [lease(address="10.5.0.101/24")],
            "r of tenant red has a lease of 10.5.0.101, which is outside of 10.5.0.10 to 10.5.0.100.",
        ),
        ([lease(applied=False)], "r of tenant red has a lease of 10.5.0.10/24, but its eth0 has not that address."),
    ],
)
def test_not_as_promised(leases, surprise):
    assert [row["surprise"] for row in compare(TENANTS, leases)] == [surprise]
