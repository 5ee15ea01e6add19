# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure networks over several hosts: how the run of a whole fleet grows with its hosts.

Each host has one member of each network. So a host has the same work in each fleet, except that it knows more peers,
and what grows faster than the fleet is seen.
"""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import typing as t

from netloom_bench import networks
from netloom_bench.host import HERE, ROOT, there
from netloom_bench.networks import Wish

NETWORKS = 10
PHASES = ("check", "first run", "no change", "one member more", "teardown")
MOST_GROWTH = 1.2


@dataclasses.dataclass(frozen=True)
class Cost:
    """What a run of a fleet takes: what a user waits, and seconds of processor of the control node (Ansible and its
    ssh) and of all hosts together.
    """

    seconds: float
    control: float
    hosts: float


class Samples(t.NamedTuple):
    """The medians of one phase in one fleet."""

    size: int
    phase: str
    cost: Cost


class Fleet:
    """The first hosts of the lab, with what is declared for them."""

    def __init__(self, size: int, variables: Wish) -> None:
        listed = subprocess.run(
            [ROOT / ".venv/bin/ansible-inventory", "-i", os.environ["NETLOOM_LAB_INVENTORY"], "--list"],
            stdout=subprocess.PIPE, check=True, text=True,
        )  # fmt: skip
        found = json.loads(listed.stdout)
        self.names: list[str] = found["lab_hosts"]["hosts"][:size]
        self._hosts = {name: found["_meta"]["hostvars"][name] for name in self.names}
        self._variables = variables

    def play(self, playbook: str, wish: Wish, *options: str) -> Cost:
        """Run a playbook of the collection for these hosts, and no others: a peer is who is in the inventory."""
        before = self._used()
        with tempfile.TemporaryDirectory() as folder:
            inventory = pathlib.Path(folder, "inventory.json")
            everything = {**self._variables, **wish}
            inventory.write_text(json.dumps({"all": {"hosts": self._hosts, "vars": everything}}), encoding="utf-8")
            seconds, control = _ansible("-i", str(inventory), f"netloom.linux.{playbook}", *options)
        return Cost(seconds, control, self._used() - before)

    def _used(self) -> float:
        """Seconds of processor that these hosts have used."""
        script = "awk '/^usage_usec/ { print $2 / 1e6 }' /sys/fs/cgroup/cpu.stat"
        return sum(float(there(script, number)) for number in range(1, len(self.names) + 1))


def _ansible(*words: str) -> tuple[float, float]:
    """Run ansible-playbook. Return the seconds from start to end, and those of processor."""
    settings = {
        **os.environ,
        "ANSIBLE_CONFIG": str(HERE / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build/links"),
    }
    with tempfile.TemporaryFile("w+") as output:
        start = time.monotonic()
        process = subprocess.Popen(
            [ROOT / ".venv/bin/ansible-playbook", *words], stdout=output, stderr=output, env=settings
        )
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)  # or it would be waited for once more
        if status:
            output.seek(0)
            sys.exit(f"ansible-playbook {' '.join(words)} failed: {output.read()[-4000:]}")
    return seconds, usage.ru_utime + usage.ru_stime


def costs(sizes: t.Sequence[int], rounds: int) -> t.Iterator[Samples]:
    """Each fleet, from the smallest."""
    for size in sorted(sizes):
        fleet = Fleet(size, {"vxlan_network_local": "{{ lab_address }}"})
        wish = {"vxlan_network_networks": networks.spread(fleet.names, NETWORKS)}
        more = {"vxlan_network_networks": networks.spread_changed(fleet.names, NETWORKS)}
        calls: list[tuple[str, Wish, list[str]]] = [
            ("site", wish, ["--check"]),
            ("site", wish, []),
            ("site", wish, []),
            ("site", more, []),
            ("teardown", more, []),
        ]
        found: dict[str, list[Cost]] = {phase: [] for phase in PHASES}
        for number in range(rounds):
            print(f"{size} hosts, round {number + 1} of {rounds}", flush=True)
            for phase, (playbook, what, options) in zip(PHASES, calls):
                cost = fleet.play(playbook, what, *options)
                print(f"  {phase}: {cost.seconds:.1f} s, {cost.control:.1f} s, {cost.hosts:.1f} s", flush=True)
                found[phase].append(cost)
        for phase, seen in found.items():
            yield Samples(size, phase, _median(seen))


def _median(seen: t.Sequence[Cost]) -> Cost:
    return Cost(*(statistics.median(values) for values in zip(*(dataclasses.astuple(one) for one in seen))))


def _sizes(samples: t.Iterable[Samples]) -> list[int]:
    return sorted({one.size for one in samples})


def heading(samples: t.Iterable[Samples]) -> list[str]:
    """The columns of the table."""
    sizes = _sizes(samples)
    between = [f"a host more, {a} to {b}" for a, b in zip(sizes, sizes[1:])]
    return ["", *(f"{size} hosts" for size in sizes), *between]


def rows(samples: t.Sequence[Samples]) -> t.Iterator[list[str]]:
    """A row for each phase and each kind of seconds: of each fleet, and how much each further host adds."""
    found, sizes = {(one.phase, one.size): one.cost for one in samples}, _sizes(samples)
    words = {"seconds": "until it ends", "control": "the control node's processor", "hosts": "the hosts' processors"}
    for phase in PHASES:
        for field, called in words.items():
            values = [getattr(found[phase, size], field) for size in sizes]
            points = list(zip(sizes, values))
            more = [(after - before) / (large - small) for (small, before), (large, after) in zip(points, points[1:])]
            yield [f"{phase}: {called}", *(f"{value:.1f}" for value in values), *(f"{value:.2f}" for value in more)]


def growth(samples: t.Sequence[Samples]) -> t.Iterator[tuple[str, float]]:
    """(phase, how many times the processor of the control node that a host of the smallest fleet takes a host of the
    largest one takes).
    """
    found, sizes = {(one.phase, one.size): one.cost.control / one.size for one in samples}, _sizes(samples)
    for phase in PHASES:
        yield phase, found[phase, sizes[-1]] / found[phase, sizes[0]]
