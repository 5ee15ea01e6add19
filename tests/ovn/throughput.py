# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What TCP moves between members of OVN on two hosts: by the datapath of the kernel, by the one in user space, and
beside both between the hosts themselves. The hosts need a kernel with Open vSwitch's datapath.
"""

from __future__ import annotations

import statistics
import typing as t

import cloud
from cloud import says
from hosts import arrives, on, play, stream

CENTRAL, ONE, TWO = HOSTS = ["lab1", "lab2", "lab3"]
ROUNDS = 3
MEMBERS = [
    {"name": "red1", "host": ONE, "address": "10.50.50.11"},
    {"name": "red2", "host": TWO, "address": "10.50.50.12"},
]
IN_USER_SPACE = "ovs-vsctl --may-exist add-br br-ex -- set bridge br-ex datapath_type=netdev"


def declare(kind: str) -> None:
    """Two chassis with a member each. In user space, the address of the tunnels has to be on a bridge of the same
    datapath.
    """
    own = {} if kind == "netdev" else {"ovn_chassis_uplinks": {}, "ovn_chassis_bridge_mappings": {}}
    cloud.declare(
        CENTRAL,
        [ONE, TWO],
        ovn_chassis_datapath_type=kind,
        ovn_network_networks=[{"name": "red", "subnet": "10.50.50.0/24", "members": MEMBERS}],
        **own,
    )


def measured(what: str, target: str, netns: tuple[str, str] = ("", "")) -> float:
    """The median of some rounds, in Mbit/s."""
    found = [stream(TWO, ONE, target, netns) for _turn in range(ROUNDS)]
    print(f"{what}: {', '.join(f'{one:.0f}' for one in found)} Mbit/s", flush=True)
    return statistics.median(found)


def by(kind: str) -> float:
    """Build, measure, and take down."""
    says(f"OVN on datapath {kind}")
    declare(kind)
    play("site")
    assert on(ONE, "ovs-vsctl get bridge br-int datapath_type").strip('"') in (kind, "")
    cloud.within(lambda: arrives(ONE, "red1", "10.50.50.12", 1442), "red2")
    speed = measured(f"OVN, {kind}", "10.50.50.12", ("red2", "red1"))
    play("teardown")
    return speed


def main() -> None:
    """The cable, and both datapaths."""
    cloud.prepare(HOSTS)
    found: dict[str, float] = {"the cable": measured("the cable", "198.18.78.3")}
    found["OVN, the kernel's datapath"] = by("system")
    for host in (ONE, TWO):
        on(host, IN_USER_SPACE)
    found["OVN, the userspace datapath"] = by("netdev")
    table: t.Iterable[str] = (
        f"{what:30} {speed:8.0f} Mbit/s  {speed / found['the cable']:.2f} of the cable" for what, speed in found.items()
    )
    print("\n".join(table), flush=True)


main()
