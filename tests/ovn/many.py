# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ten chassis with 200 members: how long each run takes, until all proofs hold. Each network has members on each
chassis; half of the networks are joined by a router that leads outside, and some have security groups.
"""

from __future__ import annotations

import dataclasses
import resource
import time
import typing as t

import cloud
from cloud import says
from hosts import on, play

CENTRAL, *CHASSIS = HOSTS = [f"lab{number}" for number in range(1, 12)]
NETWORKS, ON_EACH = 10, 2  # networks, and members of each on each chassis
JOINED = NETWORKS // 2  # the first ones have the router
GUARDED = range(3, 7)  # these have a security group: with a router, and without
USED = "awk '/^usage_usec/ { print $2 / 1e6 }' /sys/fs/cgroup/cpu.stat"
LEFT = "ovs-vsctl list-br; ip netns list; ip -o link | sed 's/^[0-9]*: //; s/[:@].*//' | sort"


@dataclasses.dataclass(frozen=True)
class Cost:
    """What a run takes: what a user waits, and seconds of processor of the control node (Ansible and its ssh), of the
    central host, and of all chassis together.
    """

    seconds: float
    control: float
    central: float
    chassis: float


def networks(more: int = 0) -> list[dict[str, t.Any]]:
    """The networks; the last one has some members more, at its end."""
    found = [
        {
            "name": f"n{number}",
            "subnet": f"10.50.{number}.0/24",
            "members": [
                {"name": f"n{number}m{index}", "host": CHASSIS[index % len(CHASSIS)], **groups(number)}
                for index in range(len(CHASSIS) * ON_EACH + (more if number == NETWORKS - 1 else 0))
            ],
        }
        for number in range(NETWORKS)
    ]
    outside = {"bridge": "br-ex", "subnet": "198.51.100.0/24", "gateway": cloud.OUTSIDE}
    return [*found, {"name": "out", "external": outside}]


def groups(number: int) -> dict[str, list[str]]:
    """The security groups of the members of a network."""
    return {"security_groups": ["web"]} if number in GUARDED else {}


def declare(**more: t.Any) -> None:
    """The hosts, and what is declared beside them."""
    cloud.declare(CENTRAL, CHASSIS, ovn_chassis_wait=120, ovn_network_wait=120, **more)


def declare_networks(more: int = 0) -> None:
    """The hosts with the networks."""
    declare(
        ovn_network_networks=networks(more),
        ovn_network_routers=[
            {
                "name": "r1",
                "networks": [f"n{number}" for number in range(JOINED)],
                "external": {"network": "out", "address": "198.51.100.10", "hosts": CHASSIS[:2]},
            }
        ],
        ovn_network_security_groups=[
            {
                "name": "web",
                "rules": [
                    {"direction": "ingress", "protocol": "tcp", "ports": [80]},
                    {"direction": "ingress", "protocol": "icmp"},
                    {"direction": "egress"},
                ],
            }
        ],
    )


class Table:
    """What each run took."""

    def __init__(self) -> None:
        self.rows: dict[str, Cost] = {}

    def run(self, what: str, playbook: str, *options: str) -> tuple[dict[str, t.Any], str]:
        """Run a playbook, and note what it took."""
        before, began = used(), time.monotonic()
        found = play(playbook, *options)
        seconds, after = time.monotonic() - began, used()
        self.rows[what] = Cost(seconds, *(now - then for now, then in zip(after, before)))
        print(f"{what}: {self.rows[what]}", flush=True)
        return found

    def show(self) -> None:
        """A table for docs/guide-ovn.md."""
        print("\n| run | seconds | the control node's processor | the central host's | a chassis's |")
        print("|---|---|---|---|---|")
        for what, cost in self.rows.items():
            each = cost.chassis / len(CHASSIS)
            print(f"| {what} | {cost.seconds:.0f} | {cost.control:.0f} | {cost.central:.1f} | {each:.1f} |", flush=True)


def used() -> tuple[float, float, float]:
    """Seconds of processor that were used up to now: by what this program started, the central host, the chassis."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    central, *others = (float(on(host, USED)) for host in HOSTS)
    return children.ru_utime + children.ru_stime, central, sum(others)


def builds(table: Table) -> None:
    """The hosts, then the networks; a second run changes nothing, in earnest and in check mode."""
    says("hosts, then networks")
    declare()
    made, _text = table.run("the hosts of OVN", "site")
    assert sorted(made["changed"]) == sorted(HOSTS), made
    declare_networks()
    made, _text = table.run("the networks", "site")
    assert sorted(made["changed"]) == sorted(HOSTS), made
    again, _text = table.run("a second run", "site")
    assert sorted(again["ok"]) == sorted(HOSTS), again
    checked, _text = table.run("check mode", "site", "--check", "--diff")
    assert sorted(checked["ok"]) == sorted(HOSTS), checked


def proves(table: Table) -> None:
    """Every proof holds at once: the run that built all waited for it."""
    says("proofs")
    found, text = table.run("`verify`, until all proofs hold", "verify")
    assert sorted(found["ok"]) == sorted(CHASSIS), found
    held = found["held"]
    assert sorted(held) == sorted(CHASSIS) and not found["inconclusive"], text
    print(f"{sum(held.values())} proofs held on {len(held)} hosts", flush=True)


def grows(table: Table) -> None:
    """One member more changes the database, and one chassis."""
    says("one member more")
    declare_networks(more=1)
    made, _text = table.run("one member more", "site")
    assert sorted(made["changed"]) == sorted(HOSTS[:2]), made


def goes(table: Table, before: dict[str, str]) -> None:
    """Nothing is left."""
    says("teardown")
    table.run("`teardown`", "teardown")
    on(CENTRAL, f"ip address delete {cloud.OUTSIDE}/24 dev eth0")
    left = {host: on(host, LEFT) for host in HOSTS}
    assert left == before, {host: (left[host], before[host]) for host in HOSTS if left[host] != before[host]}


def main() -> None:
    """Build, prove, add one, and take down."""
    table = Table()
    cloud.prepare(HOSTS)
    before = {host: on(host, LEFT) for host in HOSTS}
    on(CENTRAL, f"ip address replace {cloud.OUTSIDE}/24 dev eth0")
    try:
        builds(table)
        proves(table)
        grows(table)
        goes(table, before)
    finally:
        table.show()


main()
