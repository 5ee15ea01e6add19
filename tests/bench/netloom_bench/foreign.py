# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What other people's routes cost: the same runs on an empty host and beside a large routing table, and an uplink with few and with many routes."""

from __future__ import annotations

import statistics
import typing as t

from netloom_bench.host import Run, payload, there, timed
from netloom_bench.networks import Wish

DECLARED = 100  # routes of the host
OVER_THE_NIC = (1000, 4000)
NICS = """
for n in 0 1; do
    ip link add foreign$n type veth peer name far$n; ip link set foreign$n up; ip link set far$n up; ip address add 198.18.$((n + 10)).1/24 dev foreign$n
done
"""
TABLE = """python3 -c 'for i in range({count}): print(f"route add 10.{{64 + i // 65536}}.{{i // 256 % 256}}.{{i % 256}} via 198.18.10.2")' | ip -batch -"""
OVER = """python3 -c 'for i in range({count}): print(f"route replace 10.32.{{i // 256}}.{{i % 256}} via 198.18.11.2")' | ip -batch -"""
GONE = "ip link delete foreign0; ip link delete foreign1"


def small() -> Wish:
    """Two namespaces with a cable, and a default route."""
    ends = [{"name": "eth0", "netns": f"n{number}", "addresses": [f"10.0.0.{number + 1}/24"]} for number in range(2)]
    return {
        "name": "small",
        "netns": [{"name": "n0"}, {"name": "n1"}],
        "veth": [{**ends[0], "peer": ends[1]}],
        "netns_route": [{"netns": "n1", "destination": "default", "gateway": "10.0.0.1"}],
    }


def of_the_host() -> Wish:
    """Routes of the host itself."""
    return {"name": "routes", "netns_route": [{"destination": f"172.16.{number}.0/24", "gateway": "198.18.10.2"} for number in range(DECLARED)]}


def medians(wish: Wish, rounds: int) -> dict[str, Run]:
    """Phase -> the median of its runs."""
    phases = {"build": wish, "again": wish, "down": {"name": wish["name"], "state": "absent"}}
    commands = {phase: payload(f"foreign-{wish['name']}-{phase}", what) for phase, what in phases.items()}
    runs: dict[str, list[Run]] = {phase: [] for phase in phases}
    for _round in range(rounds):
        for phase, command in commands.items():
            runs[phase].append(timed(*command))
    return {phase: Run(statistics.median(run.seconds for run in found), max(run.megabytes for run in found)) for phase, found in runs.items()}


def report(count: int, rounds: int) -> t.Iterator[str]:
    """The lines of a table: seconds and megabytes on an empty host, beside so many routes, and how many times as much."""
    there(NICS)
    wishes = {"two namespaces": small(), f"{DECLARED} routes of the host": of_the_host()}
    alone = {words: medians(wish, rounds) for words, wish in wishes.items()}
    there(TABLE.format(count=count))
    yield f"{'beside ' + str(count) + ' foreign routes':40}{'alone':>16}{'beside them':>16}{'ratio':>8}"
    for words, wish in wishes.items():
        for phase, beside in medians(wish, rounds).items():
            was = alone[words][phase]
            cells = "".join(f"{run.seconds:7.2f} s{run.megabytes:4.0f} MB" for run in (was, beside))
            yield f"{words + ', ' + phase:40}{cells}{beside.seconds / was.seconds:8.2f}"
    found = []
    for number in OVER_THE_NIC:
        there(OVER.format(count=number))
        uplink = {"name": "uplink", "linux_bridge": [{"name": "brforeign", "uplink": "foreign1"}]}
        command = payload("foreign-uplink", uplink, "--check")
        found.append(statistics.median(timed(*command).seconds for _round in range(rounds)))
    few, many = OVER_THE_NIC
    yield f"uplink --check: {many} routes over the NIC, {found[1]:.2f} s; {few}, {found[0]:.2f} s; ratio {found[1] / found[0]:.2f} of {many / few:g}"
    there(GONE)
