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

from netloom_bench import crowded, report
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

{crowded}

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
_SECTION = re.compile(r"## Beside what others have.*?(?=\n\n## )", re.DOTALL)


def write(results: Results, folder: pathlib.Path) -> None:
    """Write both into the folder."""
    facts, old = results["machine"], _SECTION.search((folder / PAGE_NAME).read_text(encoding="utf-8"))
    (folder / PAGE_NAME).write_text(
        PAGE.format(
            **{**facts, "load": " to ".join(str(load) for load in facts["load"])},
            licence=LICENCE,
            playbook=PLAYBOOK,
            module=MODULE,
            floor=FLOOR[0].upper() + FLOOR[1:],
            tables="\n\n".join(_table(results, case) for case in results["seconds"]),
            promises=_promises(results),
            crowded=old.group() if old else "",
        ),
        encoding="utf-8",
    )
    _plot(results, folder / "benchmark.svg")


def write_crowded(
    facts: t.Mapping[str, t.Any], rounds: int, rows: t.Iterable[t.Sequence[str]], folder: pathlib.Path
) -> None:
    """Renew the part of the page that is about others."""
    lines = [
        "| beside | what | alone | beside it | more | MB more |",
        "|---|---|---:|---:|---:|---:|",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
    part = CROWDED.format(
        **facts,
        rounds=rounds,
        seconds=crowded.SECONDS,
        megabytes=crowded.MEGABYTES,
        routes=crowded.ROUTES_OF_HOST,
        most=crowded.MOST_FOR_HOST_ROUTES,
        table="\n".join(lines),
    )
    page = folder / PAGE_NAME
    page.write_text(_SECTION.sub(lambda _old: part.rstrip(), page.read_text(encoding="utf-8")), encoding="utf-8")


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
