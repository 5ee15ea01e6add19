# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure what the crowd of others costs: `topology` with a translation in an empty namespace, and beside what others have there.

tests/bench/crowded [--rounds 3] [--elements 300000] [--connections 262144]
Printed are medians, what the crowd costs in times of the empty namespace, and the peak memory. It fails if a promise is broken.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import typing as t

from netloom_bench.host import HERE, LAB, ON_HOST, Run, payload, there, timed
from netloom_bench.networks import Wish

# What a crowd may cost, in times of the empty namespace; and megabytes more.
LIMITS = {"elements": (1.5, 10), "connections": (12.0, 20)}
PHASES = ("build", "again", "change", "down")


def wishes() -> dict[str, Wish]:
    """A router; its translation; other entries; nothing of it."""
    nat = {"name": "lan", "netns": "crowd", "masquerade": [{"source": "172.16.0.0/24"}], "publish": [{"port": 8080, "to_address": "172.16.0.2"}]}
    other = {**nat, "masquerade": [{"source": "172.16.1.0/24"}], "floating": [{"address": "192.0.2.9", "to_address": "172.16.1.9"}]}
    made = {"name": "crowd", "netns_nat": [nat]}
    return {"build": made, "again": made, "change": {**made, "netns_nat": [other]}, "down": {"name": "crowd", "state": "absent"}}


def measure(rounds: int, commands: t.Mapping[str, list[str]]) -> dict[str, list[Run]]:
    """Phase -> its runs."""
    found: dict[str, list[Run]] = {phase: [] for phase in PHASES}
    for _round in range(rounds):
        for phase in PHASES:
            run = timed(*commands[phase])
            if bool(run.steps) != (phase != "again"):
                sys.exit(f"{phase}: {run.steps} steps.")
            found[phase].append(run)
    return found


def main() -> None:
    """On a lab host; if there is none, on a fresh one."""
    parser = argparse.ArgumentParser(prog="tests/bench/crowded", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--elements", type=int, default=300_000, help="of somebody's set in nftables")
    parser.add_argument("--connections", type=int, default=262_144, help="that are tracked")
    options = parser.parse_args()
    if "NETLOOM_LAB_INVENTORY" not in os.environ:
        os.execv(LAB, [LAB, "run", "--", str(HERE / "crowded"), *sys.argv[1:]])
    there("mkdir -p /tmp/bench; ip netns add crowd; ip netns exec crowd nft 'add table ip t; add chain ip t c { type nat hook output priority 0; }'")
    commands = {phase: payload(phase, wish) for phase, wish in wishes().items()}
    empty = measure(options.rounds, commands)
    broken = []
    for crowd, (times, megabytes) in LIMITS.items():
        there(f"/usr/bin/python3 {ON_HOST}/crowd.py {crowd} {getattr(options, crowd)} crowd")
        print(f"{getattr(options, crowd)} {crowd}:")
        for phase, runs in measure(options.rounds, commands).items():
            seconds, base = (statistics.median(run.seconds for run in some) for some in (runs, empty[phase]))
            memory, least = (max(run.megabytes for run in some) for some in (runs, empty[phase]))
            good = seconds <= base * times and memory <= least + megabytes
            print(f"  {phase:8} {seconds:7.2f} s  {seconds / base:6.2f} times  {memory:5.0f} MB  {memory - least:+5.0f} MB{'' if good else '  too much'}")
            broken += [] if good else [f"{crowd}, {phase}"]
        there("ip netns exec crowd nft delete table inet blocklist 2>/dev/null || true")
    if broken:
        sys.exit(f"More than promised: {'; '.join(broken)}.")


if __name__ == "__main__":
    main()
