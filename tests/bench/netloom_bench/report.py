# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From samples to medians, ratios, tables and a plot."""

from __future__ import annotations

import statistics
import typing as t

from netloom_bench.host import Run

PLAYBOOK, MODULE = "netloom: ansible-playbook", "netloom: the module's own work"
BASH, FLOOR, CNI, MININET = (
    "bash: ip commands",
    "the kernel's floor: raw netlink, one process",
    "CNI's bridge plugin",
    "Mininet",
)
BY_ONE = "bash: ovs-vsctl, one by one"
PHASES = ("check", "build", "again", "change", "down")
TITLES = {
    "bridged": "namespaces on a Linux bridge",
    "ports": "internal ports of Open vSwitch",
    "tenants": "tenants with DHCP on Open vSwitch",
}
Results = dict[str, t.Any]


class Promise(t.NamedTuple):
    """A ratio of two medians that is to stay below a limit. each: divided by the size first."""

    words: str
    case: str
    ours: tuple[str, str]
    theirs: tuple[str, str]
    limit: float
    of_case: str = ""
    each: bool = False


PROMISES = [
    Promise("the whole ansible-playbook : bash", "bridged 256", (PLAYBOOK, "build"), (BASH, "build"), 0.8),
    Promise("the module's own work : CNI", "bridged 256", (MODULE, "build"), (CNI, "build"), 0.5),
    Promise("the module's own work : Mininet", "bridged 256", (MODULE, "build"), (MININET, "build"), 0.5),
    Promise("the module's own work : the kernel's floor", "bridged 256", (MODULE, "build"), (FLOOR, "build"), 2.5),
    Promise("the module's own work : the kernel's floor", "bridged 1000", (MODULE, "build"), (FLOOR, "build"), 2.5),
    Promise(
        "a namespace of 1000 : one of 64",
        "bridged 1000",
        (MODULE, "build"),
        (MODULE, "build"),
        1.2,
        of_case="bridged 64",
        each=True,
    ),
    Promise("no change : build, the module's own work", "bridged 256", (MODULE, "again"), (MODULE, "build"), 0.5),
    Promise("teardown, the module's own work : bash", "bridged 256", (MODULE, "down"), (BASH, "down"), 0.3),
    Promise("the module's own work : ovs-vsctl one by one", "ports 256", (MODULE, "build"), (BY_ONE, "build"), 0.3),
]
MEMORY = ("bridged 1000", 200)  # MB


def results_of(facts: Results, samples: t.Mapping[str, t.Mapping[str, t.Mapping[str, list[Run]]]]) -> Results:
    """Medians: case -> who -> phase -> seconds; and the peak memory of the module (MB)."""
    cases = {case: {who: _medians(phases) for who, phases in whose.items()} for case, whose in samples.items()}
    memory = {
        case: round(max(run.megabytes for runs in whose[MODULE].values() for run in runs))
        for case, whose in samples.items()
    }
    return {"machine": facts, "seconds": cases, "megabytes": memory}


def _medians(phases: t.Mapping[str, list[Run]]) -> dict[str, float]:
    return {phase: round(statistics.median(run.seconds for run in runs), 3) for phase, runs in phases.items()}


def _value(results: Results, case: str, which: tuple[str, str], each: bool) -> float | None:
    found: float | None = results["seconds"].get(case, {}).get(which[0], {}).get(which[1])
    return found / int(case.split()[1]) if found is not None and each else found


def promises(results: Results) -> list[tuple[str, str, float, float]]:
    """(case, what, ratio, limit) of what was measured."""
    found = []
    for promise in PROMISES:
        ours = _value(results, promise.case, promise.ours, promise.each)
        theirs = _value(results, promise.of_case or promise.case, promise.theirs, promise.each)
        if ours is not None and theirs:
            found.append((promise.case, promise.words, ours / theirs, promise.limit))
    return found


def rows(results: Results, case: str) -> list[tuple[str, list[str]]]:
    """Who, and a cell for each phase: seconds, and how many times the first script of commands."""
    whose = results["seconds"][case]
    base = next(phases for who, phases in whose.items() if who.startswith("bash"))
    return [(who, [_cell(phases.get(phase), base.get(phase)) for phase in PHASES]) for who, phases in whose.items()]


def _cell(seconds: float | None, base: float | None) -> str:
    if seconds is None:
        return "-"
    return f"{seconds:.2f} ({seconds / base:.2f})" if base else f"{seconds:.2f}"


def text(results: Results) -> str:
    """For a terminal."""
    facts = results["machine"]
    lines = [
        (
            f"{facts['cpu']}, {facts['cores']} cores, load {facts['load'][0]} to {facts['load'][1]}; {facts['system']},"
            f" Linux {facts['kernel']}."
        )
    ]
    lines.append(f"Medians of {facts['rounds']} rounds, in seconds; in brackets how many times the first script.")
    for case in results["seconds"]:
        kind, count = case.split()
        lines += ["", f"{count} {TITLES[kind]}", f"{'':46}" + "".join(f"{phase:>15}" for phase in PHASES)]
        lines += [f"{who:46}" + "".join(f"{cell:>15}" for cell in cells) for who, cells in rows(results, case)]
        lines.append(f"Peak memory of the module: {results['megabytes'][case]} MB")
    lines += ["", f"{'What is promised':64}{'ratio':>8}{'limit':>8}"]
    for case, words, ratio, limit in promises(results):
        lines.append(f"{case + ': ' + words:64}{ratio:8.2f}{limit:8.2f}{'' if ratio <= limit else '   missed'}")
    if MEMORY[0] in results["megabytes"]:
        lines.append(f"{MEMORY[0] + ': peak memory (MB)':64}{results['megabytes'][MEMORY[0]]:8}{MEMORY[1]:8}")
    return "\n".join(lines)
