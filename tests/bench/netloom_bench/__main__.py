# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure `topology` against others that build the same networks, on a fresh lab host.

tests/bench/run [--rounds 3] [--bridged 16 64 256 1000] [--ports 16 64 256] [--tenants 50] [--write]
tests/bench/run --crowded [--rounds 3] [--write]    small networks beside what others have on a host, and nothing else
tests/bench/run --fleet [--hosts 5 10 20] [--rounds 3] [--write]    networks over several hosts, and nothing else
tests/bench/run --ovn [--size 250 16] [--rounds 3] [--write]    OVN's northbound database, and nothing else
Rivals take turns inside of each round; shown are medians. --write renews docs/benchmark.md and its plot.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
import typing as t

from netloom_bench import crowded, fleet, networks, northbound, page, paths, report, rivals
from netloom_bench.host import HERE, LAB, ON_HOST, ROOT, Run, machine, payload, playbook, script, there, timed
from netloom_bench.networks import Wish
from netloom_bench.report import MODULE, PLAYBOOK
from netloom_bench.rivals import Rival

LOOP = "a loop of Ansible tasks"
LOOP_UP_TO = 16
PREPARE = """
mkdir -p /tmp/bench
systemctl start openvswitch-switch; for i in $(seq 100); do ovs-vsctl show >/dev/null && break; sleep 0.1; done
apt-get update >/tmp/bench/apt.log 2>&1 || true
apt-get install -y --no-install-recommends mininet bridge-utils containernetworking-plugins >>/tmp/bench/apt.log 2>&1
python3 -m venv /opt/bench/ifstate; /opt/bench/ifstate/bin/pip install -q ifstate >/tmp/bench/pip.log 2>&1
"""


@dataclasses.dataclass(frozen=True)
class Network:
    """A network of one size, the same with a change, and who else builds it."""

    case: str
    count: int
    wish: Wish
    changed: Wish
    others: list[Rival]


class Samples:
    """(network, size) -> who -> phase -> its runs."""

    def __init__(self) -> None:
        self.all: dict[str, dict[str, dict[str, list[Run]]]] = {}

    def add(self, case: str, who: str, phase: str, run: Run) -> None:
        """One more."""
        self.all.setdefault(case, {}).setdefault(who, {}).setdefault(phase, []).append(run)


def ours(network: Network, rounds: int, samples: Samples) -> t.Iterator[None]:
    """Our phases; a round at each step of the iterator."""
    case, wish = network.case, network.wish
    phases: list[tuple[str, Wish, list[str]]] = [
        ("check", wish, ["--check"]),
        ("build", wish, []),
        ("again", wish, []),
        ("change", network.changed, []),
        ("down", {"name": wish["name"], "state": "absent"}, []),
    ]
    commands = {phase: payload(phase, what, *options) for phase, what, options in phases}
    for _round in range(rounds):
        for phase, what, options in phases:
            samples.add(case, PLAYBOOK, phase, Run(playbook(what, *options), 0.0))
        for phase, _what, _options in phases:
            run = timed(*commands[phase])
            if bool(run.steps) != (phase != "again"):
                sys.exit(f"{case}, {phase}: {run.steps} steps.")
            samples.add(case, MODULE, phase, run)
        yield


def by_loop(case: str, wish: Wish, samples: Samples) -> None:
    """One round of the loop of tasks."""
    for phase, state in (("build", "present"), ("again", "present"), ("down", "absent")):
        samples.add(case, LOOP, phase, Run(playbook({**wish, "state": state}, name="loop"), 0.0))


def by_rival(case: str, rival: Rival, samples: Samples) -> None:
    """One round of a rival."""
    if rival.prepare:
        there(rival.prepare)
    for phase in ("build", "again", "check", "down"):
        if text := getattr(rival, phase):
            samples.add(case, rival.name, phase, script(text))


def measure(network: Network, rounds: int, samples: Samples) -> None:
    """All rounds of one network."""
    print(f"{network.case}: {rounds} rounds", flush=True)
    for _round in ours(network, rounds, samples):
        for rival in network.others:
            if network.count <= rival.only_up_to:
                by_rival(network.case, rival, samples)
        if "linux_bridge" in network.wish and network.count <= LOOP_UP_TO:
            by_loop(network.case, network.wish, samples)


def by_crowds(rounds: int, write: bool) -> None:
    """What others have, instead of rivals."""
    rows = crowded.rows(crowded.costs(rounds))
    for crowd, what, *figures in rows:
        print(f"{crowd:34}{what:34}" + "".join(f"{figure:>16}" for figure in figures))
    if write:
        page.write_crowded(machine(), rounds, rows, ROOT / "docs")


def tell(table: list[list[str]]) -> None:
    """Print a table."""
    for first, *figures in table:
        print(f"{first:48}" + "".join(f"{figure:>24}" for figure in figures), flush=True)


def by_hosts(sizes: list[int], rounds: int, write: bool) -> None:
    """Networks over several hosts: how a fleet grows, and what packets pay."""
    load = os.getloadavg()[0]
    packets = paths.costs(rounds)
    tell([paths.HEADING, *paths.rows(packets)])
    grown = list(fleet.costs(sizes, rounds))
    tell([fleet.heading(grown), *fleet.rows(grown)])
    for phase, times in fleet.growth(grown):
        print(f"{phase + ': the control node, a host of the largest fleet : of the smallest one':88}{times:8.2f}")
    if write:
        facts = {**machine(), "rounds": rounds, "load": f"{load:.1f} to {os.getloadavg()[0]:.1f}"}
        page.write_fleet(facts, grown, packets, ROOT / "docs")


def by_switches(size: list[int], rounds: int, write: bool) -> None:
    """Switches and ports in OVN's northbound database, beside ovn-nbctl."""
    load, (switches, ports) = os.getloadavg()[0], size
    samples = northbound.costs(switches, ports, rounds)
    tell([northbound.heading(), *northbound.rows(samples)])
    for what, value, most in northbound.promises(samples):
        print(f"{what:48}{value:24.2f}{f'at most {most}':>24}")
    if write:
        facts = {**machine(), "rounds": rounds, "load": f"{load:.1f} to {os.getloadavg()[0]:.1f}"}
        page.write_northbound({**facts, "switches": switches, "ports": ports}, samples, ROOT / "docs")


def main() -> None:
    """Everything, on a lab host; if there is none, on a fresh one."""
    parser = argparse.ArgumentParser(prog="tests/bench/run", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--bridged", type=int, nargs="*", default=[16, 64, 256, 1000], metavar="N", help="namespaces on a Linux bridge"
    )
    parser.add_argument(
        "--ports", type=int, nargs="*", default=[16, 64, 256], metavar="N", help="internal ports of Open vSwitch"
    )
    parser.add_argument(
        "--tenants",
        type=int,
        nargs="*",
        default=[50],
        metavar="N",
        help="tenants with DHCP server and client on Open vSwitch",
    )
    parser.add_argument(
        "--crowded", action="store_true", help="small networks beside what others have on a host, and nothing else"
    )
    parser.add_argument("--fleet", action="store_true", help="networks over several hosts, and nothing else")
    parser.add_argument("--ovn", action="store_true", help="OVN's northbound database, and nothing else")
    parser.add_argument(
        "--size", type=int, nargs=2, default=[250, 16], metavar="N", help="switches of OVN, and ports of each"
    )
    parser.add_argument("--hosts", type=int, nargs="+", default=[5, 10, 20], metavar="N", help="sizes of the fleet")
    parser.add_argument("--write", action="store_true", help="renew docs/benchmark.md and docs/benchmark.svg")
    options = parser.parse_args()
    if "NETLOOM_LAB_INVENTORY" not in os.environ:
        hosts = max(options.hosts) if options.fleet else 1
        os.execv(LAB, [LAB, "run", str(hosts), "--", str(HERE / "run"), *sys.argv[1:]])
    if options.crowded:
        by_crowds(options.rounds, options.write)
        return
    if options.fleet:
        by_hosts(options.hosts, options.rounds, options.write)
        return
    if options.ovn:
        by_switches(options.size, options.rounds, options.write)
        return
    there(PREPARE)
    samples, load = Samples(), os.getloadavg()[0]
    wanted = [
        *(
            Network(f"bridged {n}", n, networks.bridged(n), networks.bridged_changed(n), rivals.bridged(n, ON_HOST))
            for n in options.bridged
        ),
        *(
            Network(
                f"ports {n}",
                n,
                networks.internal_ports(n),
                networks.internal_ports_changed(n),
                rivals.internal_ports(n),
            )
            for n in options.ports
        ),
        *(
            Network(f"tenants {n}", n, networks.tenants(n), networks.tenants_changed(n), rivals.tenants(n))
            for n in options.tenants
        ),
    ]
    for network in wanted:
        measure(network, options.rounds, samples)
    facts = {**machine(), "rounds": options.rounds, "load": [round(load, 1), round(os.getloadavg()[0], 1)]}
    results = report.results_of(facts, samples.all)
    print(report.text(results))
    if options.write:
        page.write(results, ROOT / "docs")


if __name__ == "__main__":
    main()
