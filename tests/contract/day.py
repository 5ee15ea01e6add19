# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A day in the life of a host, for tests/soak/day: random changes, faults and runs. Each run is followed by one that
finds nothing to do.
"""

from __future__ import annotations

import collections
import copy
import os
import pathlib
import random
import time
import typing as t

from ansible_collections.netloom.linux.tests.contract import test_faults as faults
from ansible_collections.netloom.linux.tests.contract.judge import differences, host_picture, told

MINUTES, SEED = float(os.environ["MINUTES"]), int(os.environ["SEED"])
# After these somebody else's thing has the declared name, and would stay at the end: what is deleted and made again is
# the topology's own.
FOREIGN = {"link_remade": "link_deleted", "netns_replaced": "netns_deleted"}
Params = dict[str, t.Any]


def growth() -> dict[str, int]:
    """What may not grow while the same network is there."""
    switch = told("pidof ovs-vswitchd").split()
    return {
        "our descriptors": len(os.listdir("/proc/self/fd")),
        "descriptors of ovs-vswitchd": sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in switch) // len(switch) // 20,
        "mounts": len(pathlib.Path("/proc/self/mounts").read_text().splitlines()),
        "processes": int(
            told("ps -e --no-headers -o comm | grep -cE '^(dnsmasq|dhclient|ovs-vswitchd|ovsdb-server|python3?)$'")
        ),
        "files": int(
            told(
                "find /run/netloom /run/netns /var/lib/netloom /var/lib/dhcp /etc/netns /run/dhclient* ! -name lock |"
                " wc -l"
            )
        ),
    }


def changed(params: Params, dice: random.Random) -> Params:
    """The network with another MTU, an address more, or without its last member."""
    other = copy.deepcopy(params)
    pair = dice.choice(other["veth"])
    sort = dice.choice(["mtu", "address", "alias"])
    if sort == "mtu":
        pair["mtu"] = pair["peer"]["mtu"] = dice.choice([1300, 1350])
    elif sort == "address":
        pair["peer"]["addresses"] = [*pair["peer"].get("addresses", ()), f"10.99.0.{dice.randrange(1, 250)}/24"]
    else:
        pair["alias"] = f"changed {dice.randrange(1000)}"
    return other


def back(params: Params) -> Params:
    """The network as declared, with what a change may have set said in full."""
    whole = copy.deepcopy(params)
    for pair in whole["veth"]:
        pair.setdefault("alias", "")
        pair.setdefault("mtu", 1500)
        pair["peer"].setdefault("mtu", 1500)
        pair["peer"].setdefault("addresses", [])
    return whole


def run_whole(name: str) -> int:
    """Run it until nothing is left to do: once. How many steps that took."""
    steps = faults.run_of(name)
    again = faults.run_of(name)
    if again:
        raise AssertionError(f"{name}: the second run still had to {again[0]}")
    return len(steps)


def live(name: str, dice: random.Random) -> str:
    """One thing happens to a network, and a run mends it; in a word, what."""
    kind = dice.choice(["fault", "fault", "fault", "faults", "change", "absent"])
    if kind == "change":
        declared = faults.TABLE["topologies"][name]
        faults.TABLE["topologies"][name] = changed(declared, dice)
        run_whole(name)
        faults.TABLE["topologies"][name] = declared
    elif kind == "absent":
        faults.take_down(name)
    else:
        for _one in range(2 if kind == "faults" else 1):
            break_one(name, dice)
            run_whole(name)
    run_whole(name)
    return kind


def break_one(name: str, dice: random.Random) -> None:
    """One fault of the table, and where it leaves something foreign, its end."""
    row = dice.choice([row for row in faults.TABLE["faults"] if row["in"] == name])
    print(f"  {name}: {faults.told_of(row)}")
    faults.break_it(row)
    if row.get("fault") in FOREIGN:
        run_whole(name)
        faults.break_it({**row, "fault": FOREIGN[row["fault"]]})


def main() -> None:
    """The day."""
    dice, happened = random.Random(SEED), collections.Counter[str]()
    print(f"seed {SEED}, {MINUTES:g} minutes")
    told("systemctl start openvswitch-switch; ip netns add first; ip netns delete first")
    before = host_picture()
    names = sorted(faults.TABLE["topologies"])
    for name in names:
        faults.TABLE["topologies"][name] = back(faults.TABLE["topologies"][name])
        run_whole(name)
    morning, picture = growth(), host_picture()
    until = time.monotonic() + MINUTES * 60
    while time.monotonic() < until:
        name = dice.choice(names)
        happened[live(name, dice)] += 1
        faults.whole(name, forget=True)
    for name in names:
        run_whole(name)
    print(f"happened: {dict(happened)}")
    found = differences(morning, growth()) + [one for one in differences(picture, host_picture()) if "alias" not in one]
    for name in names:
        faults.take_down(name)
    found += differences(before, host_picture())
    if found:
        raise SystemExit("\n".join(["At the end it is not as before:", *found]))
    print("At the end it is as before, and nothing has grown.")


if __name__ == "__main__":
    main()
