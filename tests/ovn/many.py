# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ten chassis with 200 members in five networks and a router: how long until every member answers."""

from __future__ import annotations

import time

import cloud
from cloud import says
from hosts import on, play

CENTRAL, *CHASSIS = HOSTS = [f"lab{number}" for number in range(1, 12)]
NETWORKS, MEMBERS = 5, 40  # members of each network, in turn on all chassis
PATIENCE = 300.0
ASK = "for to in {}; do (ping -c 1 -W 1 $to >/dev/null || echo $to) & done; wait"


def network(number: int) -> dict[str, object]:
    """One network, with its members spread over all chassis."""
    members = [
        {"name": f"n{number}m{one}", "host": CHASSIS[one % len(CHASSIS)], "address": f"10.{number}.0.{one + 10}"}
        for one in range(MEMBERS)
    ]
    return {"name": f"n{number}", "subnet": f"10.{number}.0.0/24", "members": members}


def silent() -> list[str]:
    """Who does not answer: the first member of each network asks those of the next network, through the router."""
    found: list[str] = []
    for number in range(1, NETWORKS + 1):
        targets = [f"10.{number % NETWORKS + 1}.0.{one + 10}" for one in range(MEMBERS)]
        found += on(CHASSIS[0], f"ip netns exec n{number}m0 sh -c '{ASK.format(' '.join(targets))}'").split()
    return found


def timed(what: str, *options: str) -> float:
    """Run the playbook, and tell how long it took."""
    began = time.monotonic()
    play("site", *options)
    print(f"{what}: {time.monotonic() - began:.1f} s", flush=True)
    return began


def main() -> None:
    """Build the hosts, then the networks; ask until nobody is silent; run again."""
    says(f"{len(CHASSIS)} chassis, {NETWORKS * MEMBERS} members")
    cloud.prepare(HOSTS)
    cloud.declare(CENTRAL, CHASSIS)
    timed("the hosts of OVN", "--forks", "11")
    networks = [network(number) for number in range(1, NETWORKS + 1)]
    router = {"name": "r1", "networks": [str(one["name"]) for one in networks]}
    cloud.declare(CENTRAL, CHASSIS, ovn_network_networks=networks, ovn_network_routers=[router])
    began = timed("networks, router and members", "--forks", "11")
    while left := silent():
        print(f"after {time.monotonic() - began:.1f} s {len(left)} do not answer", flush=True)
        if time.monotonic() - began > PATIENCE:
            raise SystemExit(f"not within {PATIENCE} s: {left}")
    print(f"all {NETWORKS * MEMBERS} members answered {time.monotonic() - began:.1f} s after the run began", flush=True)
    timed("the same run again", "--forks", "11")


main()
