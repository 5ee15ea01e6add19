# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two networks with one subnet over several hosts, and the proof that they work: red has a member on each host, blue on
all but the second one.
"""

from __future__ import annotations

import collections.abc as c
import json
import typing as t

from lab_host import LabHost

RED, BLUE = 4100, 4200
SUBNET = "10.50.50.0/24"
WITHOUT_BLUE = 2
PING_HEADERS = 28  # of IPv4 and ICMP
Where = dict[int, list[LabHost]]


def networks(hosts: c.Sequence[LabHost]) -> list[dict[str, t.Any]]:
    """The declaration, with members on these hosts."""
    return [
        {"name": name, "vni": vni, "subnet": SUBNET, "members": [_member(name, host) for host in where(hosts)[vni]]}
        for name, vni in (("red", RED), ("blue", BLUE))
    ]


def where(hosts: c.Sequence[LabHost]) -> Where:
    """VNI -> the hosts that have a member."""
    return {RED: [*hosts], BLUE: [host for host in hosts if host.number != WITHOUT_BLUE]}


def member(vni: int, host: LabHost) -> str:
    """The namespace of a network's member on a host."""
    return f"{'red' if vni == RED else 'blue'}{host.number}"


def _member(network: str, host: LabHost) -> dict[str, t.Any]:
    return {"name": f"{network}{host.number}", "host": host.name}


def link(vni: int, host: LabHost) -> dict[str, t.Any]:
    """The member's link and its address, as ip tells it."""
    told = host.does(f"ip -n {member(vni, host)} -json -4 address show dev eth0")
    found: dict[str, t.Any] = json.loads(told)[0]
    return {**found, "mac": json.loads(host.does(f"ip -n {member(vni, host)} -json link show dev eth0"))[0]["address"]}


def address(vni: int, host: LabHost) -> str:
    """The member's address."""
    return str(link(vni, host)["addr_info"][0]["local"])


def proven(hosts: c.Sequence[LabHost]) -> None:
    """Each member reaches each other one of its network by a packet of full size."""
    for vni, there in where(hosts).items():
        links = {host: link(vni, host) for host in there}
        for host in there:
            size = links[host]["mtu"] - PING_HEADERS
            others = " ".join(one["addr_info"][0]["local"] for other, one in links.items() if other != host)
            ping = f"ip netns exec {member(vni, host)} ping -q -c 2 -i 0.2 -W 2 -M do -s {size} $other"
            host.does(f"for other in {others}; do {ping}; done")
