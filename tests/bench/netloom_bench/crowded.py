# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure what the crowd of others costs: the same small networks on an empty host, and beside what others have
there.
"""

from __future__ import annotations

import dataclasses
import statistics
import typing as t

from netloom_bench.host import ON_HOST, Run, payload, there, timed
from netloom_bench.networks import Wish

# What a crowd may cost more than an empty host.
SECONDS, MEGABYTES = 0.3, 20
HOST_ROUTES = 100
MOST_FOR_HOST_ROUTES = 2.0  # seconds, beside a full table
PREPARE = """
mkdir -p /tmp/bench
ip link add foreign type veth peer name far; ip link set foreign up; ip link set far up
ip address add 198.18.10.1/24 dev foreign
ip netns add crowd; ip netns exec crowd nft 'add table ip t; add chain ip t c { type nat hook output priority 0; }'
"""
ROUTES = """
python3 -c 'for i in range(100_000):
    print(f"route add 10.{64 + i // 65536}.{i // 256 % 256}.{i % 256} via 198.18.10.2")' \\
    | ip -batch -
"""
LINKS = """
python3 -c 'for i in range(1500): print(f"link add crowd{i} group 77 type veth peer name other{i}")' | ip -batch -
(while sleep 0.05; do ip link set crowd7 mtu $((1400 + RANDOM % 100)); done) >/dev/null 2>&1 &
echo $! >/tmp/bench/changes.pid
"""
LINKS_GONE = """
kill "$(cat /tmp/bench/changes.pid)"
ip link delete group 77
"""


@dataclasses.dataclass(frozen=True)
class Crowd:
    """What others have: how it comes and goes, and which networks meet it."""

    words: str
    come: str
    gone: str
    networks: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Cost:
    """One phase of one network: on the empty host, and beside a crowd."""

    crowd: str
    network: str
    phase: str
    alone: Run
    beside: Run

    @property
    def kept(self) -> bool:
        """Whether it is what we promise."""
        if self.beside.megabytes - self.alone.megabytes > MEGABYTES:
            return False
        if self.network == ROUTES_OF_HOST:
            return self.beside.seconds < MOST_FOR_HOST_ROUTES
        return self.beside.seconds - self.alone.seconds <= SECONDS


SMALL, ROUTES_OF_HOST, ROUTER = "two namespaces", f"{HOST_ROUTES} routes of the host", "a router that translates"
BY_LINK = "a router that masquerades by link"
CROWDS = [
    Crowd("100,000 routes", ROUTES, "ip link delete foreign", (SMALL, ROUTES_OF_HOST)),
    Crowd("3,000 links, 20 changes a second", LINKS, LINKS_GONE, (SMALL,)),
    Crowd(
        "a set of 300,000 elements",
        f"/usr/bin/python3 {ON_HOST}/crowd.py elements 300000 crowd",
        "ip netns exec crowd nft delete table inet blocklist",
        (ROUTER,),
    ),
    Crowd(
        "262,144 tracked connections",
        f"/usr/bin/python3 {ON_HOST}/crowd.py connections 262144 crowd",
        "ip netns delete crowd",
        (ROUTER, BY_LINK),
    ),
]


def _phases(network: str) -> dict[str, Wish]:
    """Phase -> the wish."""
    if network == SMALL:
        ends = [
            {"name": "eth0", "netns": f"n{number}", "addresses": [f"10.0.0.{number + 1}/24"]} for number in range(2)
        ]
        small = {"netns": [{"name": "n0"}, {"name": "n1"}], "veth": [{**ends[0], "peer": ends[1]}]}
        made = {
            "name": "small",
            **small,
            "netns_route": [{"netns": "n1", "destination": "default", "gateway": "10.0.0.1"}],
        }
    elif network == ROUTES_OF_HOST:
        routes = [{"destination": f"172.16.{number}.0/24", "gateway": "198.18.10.2"} for number in range(HOST_ROUTES)]
        made = {"name": "routes", "netns_route": routes}
    elif network == BY_LINK:
        made = {
            "name": "out",
            "netns_nat": [{"name": "out", "netns": "crowd", "masquerade": [{"out_interface": "lo"}]}],
        }
    else:
        nat = {
            "name": "lan",
            "netns": "crowd",
            "masquerade": [{"source": "172.16.0.0/24"}],
            "publish": [{"port": 8080, "to_address": "172.16.0.2"}],
        }
        made = {"name": "router", "netns_nat": [nat]}
    return {"build": made, "again": made, "down": {"name": made["name"], "state": "absent"}}


def _measure(commands: t.Mapping[str, list[str]], rounds: int) -> dict[str, Run]:
    """Phase -> the median of its runs."""
    found: dict[str, list[Run]] = {phase: [] for phase in commands}
    for _round in range(rounds):
        for phase, command in commands.items():
            run = timed(*command)
            if bool(run.steps) != (phase != "again"):
                raise SystemExit(f"{phase}: {run.steps} steps.")
            found[phase].append(run)
    return {
        phase: Run(statistics.median(run.seconds for run in runs), max(run.megabytes for run in runs))
        for phase, runs in found.items()
    }


def costs(rounds: int) -> t.Iterator[Cost]:
    """Everything, one after the other."""
    there(PREPARE)
    commands = {
        network: {phase: payload(f"{number}-{phase}", wish) for phase, wish in _phases(network).items()}
        for number, network in enumerate((SMALL, ROUTES_OF_HOST, ROUTER, BY_LINK))
    }
    alone = {network: _measure(phases, rounds) for network, phases in commands.items()}
    for crowd in CROWDS:
        there(crowd.come)
        for network in crowd.networks:
            for phase, beside in _measure(commands[network], rounds).items():
                yield Cost(crowd.words, network, phase, alone[network][phase], beside)
        there(crowd.gone)


def rows(found: t.Iterable[Cost]) -> list[list[str]]:
    """A row for each: the crowd, the network and the phase, seconds alone and beside it, what that is more, and
    megabytes more.
    """
    return [
        [
            one.crowd,
            f"{one.network}, {one.phase}",
            f"{one.alone.seconds:.2f}",
            f"{one.beside.seconds:.2f}",
            f"{one.beside.seconds - one.alone.seconds:+.2f}{'' if one.kept else ' (missed)'}",
            f"{one.beside.megabytes - one.alone.megabytes:+.0f}",
        ]
        for one in found
    ]
