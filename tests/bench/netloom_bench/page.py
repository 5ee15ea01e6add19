# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page docs/benchmark.md and its plot, made from results."""

from __future__ import annotations

import pathlib
import re
import typing as t

import matplotlib as mpl
from matplotlib import pyplot

from netloom_bench import crowded, fleet, northbound, paths, report
from netloom_bench.report import BASH, CNI, FLOOR, MININET, MODULE, PLAYBOOK, Results

LICENCE = """\
<!--
Copyright (c) 2026, The netloom authors
GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->"""
# Made by `make bench BENCH=--write`.
PAGE = """\
{licence}

# How fast it is

`make bench BENCH=--write` made this page: it builds the same networks by `topology` and by others, in turns, on one
fresh lab host. Shown are medians of {rounds} rounds, in seconds; in brackets how many times the bash script.

![Seconds to build namespaces on a Linux bridge, by their number](benchmark.svg)

Measured on {cpu}, {cores} cores, load {load} while it ran; {system}, Linux {kernel}, Open vSwitch {openvswitch}
(userspace datapath), Python {python}.

- **{playbook}** is all that a user waits for: `ansible-playbook` with one task, from start to end, over SSH.
- **{module}** is the payload that Ansible sends, run on the host without Ansible: one Python process, its imports
  included.
- **{floor}** makes the same objects and reads nothing, checks nothing and undoes nothing.
- *check* is `--check` on a clean host, *again* a run that changes nothing, *change* another value for one attribute of
  one link.

{tables}

## What we promise of it

{promises}

What the module takes for 16 namespaces is mostly the start of Python with the imports of Ansible and of ours. It is
part of every row, and most of *again*.

{others}

## What you should set

    # ansible.cfg
    [defaults]
    gathering = explicit

    [ssh_connection]
    pipelining = true

Pipelining saves a copy of the module for each task; facts cost more than most networks. One `topology` is one task: a
process for each object costs what the row *a loop of Ansible tasks* shows.
"""


PAGE_NAME = "benchmark.md"
LAST_PART = "## What you should set"
CROWDED = """\
## Beside what others have on the host

`make bench BENCH="--crowded --write"` made this part: small networks on an empty host, and then beside a crowd. Medians
of {rounds} rounds, in seconds, of the module's own work; *more* is what the crowd costs. We promise at most {seconds} s
and {megabytes} MB more; {routes}, less than {most:g} s. Measured on {cpu}, {cores} cores; {system}, Linux {kernel},
Python {python}.

{table}

Rules for addresses hold for connections that are there already, too. So the router must look through the table of
connections when they change. Telling it takes the kernel a microsecond for each; the rest of the time is the kernel's,
too, which looks at all of them when the first rule of a namespace comes.
"""
FLEET = """\
## Over several hosts

`make bench BENCH="--fleet --write"` made this part: {networks} networks of role `vxlan_network`, each with a member on
each host, so the largest fleet has {members} members; the hosts share the machine. Medians of {rounds} rounds of the
playbooks `site` and `teardown`, in seconds. *A host more* is what each further host adds: if it does not grow, neither
does the work for one host. Measured on {cpu}, {cores} cores, load {load} while it ran; {system}, Linux {kernel},
Open vSwitch {openvswitch}, Python {python}.

{table}

We promise that a host takes at most {most} times as much of the control node's processor in the largest fleet as in the
smallest one: {growth}.

What packets pay, between two hosts: one TCP connection for {seconds} s, and the median of {pings} pings of full size.
The ratios are to the cable of the same underlay, from host to host.

{packets}
"""
NORTHBOUND = """\
## In OVN's northbound database

`make bench BENCH="--ovn --write"` made this part: {switches} switches with a subnet and DHCP options each, and {ports}
ports with addresses and port security on each, by `ovn_topology` and by `ovn-nbctl` with commands for the same rows and
the same marks in them, in turns. Medians of {rounds} rounds, in seconds; of *a call for each object*, one round. The
server is an ovsdb-server without ovn-northd; the client is the module's payload, run without Ansible. Measured on
{cpu}, {cores} cores, load {load} while it ran; {system}, Linux {kernel}, Open vSwitch {openvswitch}, Python {python}.

{table}

{promises}

The module takes the lock, reads the whole database, writes one transaction, and reads again what came of it; a run
that changes nothing only reads.
"""
# Parts that are measured by themselves: option -> how each begins.
_PARTS = {
    "crowded": "Beside what others have",
    "fleet": "Over several hosts",
    "northbound": "In OVN's northbound database",
}


def _part(name: str) -> re.Pattern[str]:
    return re.compile(rf"## {_PARTS[name]}.*?(?=\n\n## )", re.DOTALL)


def write(results: Results, folder: pathlib.Path) -> None:
    """Write both into the folder."""
    facts, old = results["machine"], (folder / PAGE_NAME).read_text(encoding="utf-8")
    others = (_part(name).search(old) for name in _PARTS)
    (folder / PAGE_NAME).write_text(
        PAGE.format(
            **{**facts, "load": " to ".join(str(load) for load in facts["load"])},
            licence=LICENCE,
            playbook=PLAYBOOK,
            module=MODULE,
            floor=FLOOR[0].upper() + FLOOR[1:],
            tables="\n\n".join(_table(results, case) for case in results["seconds"]),
            promises=_promises(results),
            others="\n\n".join(found.group() for found in others if found),
        ),
        encoding="utf-8",
    )
    _plot(results, folder / "benchmark.svg")


def write_crowded(
    facts: t.Mapping[str, t.Any], rounds: int, rows: t.Iterable[t.Sequence[str]], folder: pathlib.Path
) -> None:
    """Renew the part of the page that is about others."""
    part = CROWDED.format(
        **facts,
        rounds=rounds,
        seconds=crowded.SECONDS,
        megabytes=crowded.MEGABYTES,
        routes=crowded.ROUTES_OF_HOST,
        most=crowded.MOST_FOR_HOST_ROUTES,
        table=_as_table(["beside", "what", "alone", "beside it", "more", "MB more"], rows, words=2),
    )
    _renew("crowded", part, folder / PAGE_NAME)


def write_fleet(
    facts: t.Mapping[str, t.Any],
    grown: t.Sequence[fleet.Samples],
    packets: t.Sequence[paths.Samples],
    folder: pathlib.Path,
) -> None:
    """Renew the part of the page that is about several hosts."""
    growth = (f"{phase} {times:.2f}" for phase, times in fleet.growth(grown))
    part = FLEET.format(
        **facts,
        networks=fleet.NETWORKS,
        members=fleet.NETWORKS * max(one.size for one in grown),
        most=fleet.MOST_GROWTH,
        growth=", ".join(growth),
        table=_as_table(fleet.heading(grown), fleet.rows(grown)),
        seconds=paths.SECONDS,
        pings=paths.PINGS,
        packets=_as_table(paths.HEADING, paths.rows(packets)),
    )
    _renew("fleet", part, folder / PAGE_NAME)


def write_northbound(
    facts: t.Mapping[str, t.Any], samples: t.Sequence[northbound.Samples], folder: pathlib.Path
) -> None:
    """Renew the part of the page that is about OVN's northbound database."""
    promised = [
        [what, f"{value:.2f}{'' if value <= most else ' (missed)'}", str(most)]
        for what, value, most in northbound.promises(samples)
    ]
    part = NORTHBOUND.format(
        **facts,
        table=_as_table(northbound.heading(), northbound.rows(samples)),
        promises=_as_table(["the client's processor", "", "at most"], promised),
    )
    _renew("northbound", part, folder / PAGE_NAME)


def _as_table(heading: t.Sequence[str], rows: t.Iterable[t.Sequence[str]], words: int = 1) -> str:
    """words: how many columns are not figures."""
    rule = f"|{'---|' * words}{'---:|' * (len(heading) - words)}"
    return "\n".join([_line(heading), rule, *(_line(row) for row in rows)])


def _line(cells: t.Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _renew(name: str, part: str, page: pathlib.Path) -> None:
    """Put a part in the place of the old one; a new one, before the last part."""
    text, part = page.read_text(encoding="utf-8"), part.rstrip()
    if not _part(name).search(text):
        text = text.replace(LAST_PART, f"{part}\n\n{LAST_PART}")
    page.write_text(_part(name).sub(lambda _old: part, text), encoding="utf-8")


def _table(results: Results, case: str) -> str:
    kind, count = case.split()
    lines = [
        f"## {count} {report.TITLES[kind]}",
        "",
        f"| | {' | '.join(report.PHASES)} |",
        f"|---|{'---:|' * len(report.PHASES)}",
    ]
    lines += [f"| {who} | {' | '.join(cells)} |" for who, cells in report.rows(results, case)]
    return "\n".join([*lines, "", f"Peak memory of the module: {results['megabytes'][case]} MB."])


def _promises(results: Results) -> str:
    lines = ["| | | ratio | at most |", "|---|---|---:|---:|"]
    lines += [
        f"| {case} | {words} | {ratio:.2f}{'' if ratio <= limit else ' (missed)'} | {limit} |"
        for case, words, ratio, limit in report.promises(results)
    ]
    return "\n".join(lines)


def _plot(results: Results, path: pathlib.Path) -> None:
    """Seconds to build the bridged network, by the number of namespaces."""
    mpl.rcParams["svg.hashsalt"] = "netloom"  # the same results make the same file
    figure, axes = pyplot.subplots(figsize=(8, 5))
    bridged = {int(case.split()[1]): whose for case, whose in results["seconds"].items() if case.startswith("bridged")}
    for who, style in ((BASH, ":"), (CNI, ":"), (MININET, ":"), (PLAYBOOK, "-"), (MODULE, "-"), (FLOOR, "--")):
        points = [(count, whose[who]["build"]) for count, whose in sorted(bridged.items()) if who in whose]
        axes.plot(*zip(*points), style, marker="o", label=who)
    axes.set(xscale="log", yscale="log", xlabel="namespaces on a Linux bridge", ylabel="seconds to build")
    axes.set_xticks(sorted(bridged), [str(count) for count in sorted(bridged)])
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None})
