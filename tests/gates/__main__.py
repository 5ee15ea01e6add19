# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run layers of tests and say how they went: ``tests/run`` gets the machine ready and starts this."""

from __future__ import annotations

import argparse
import concurrent.futures
import os
import pathlib
import signal
import sys
import time

import layers
import processor
from check import Result, report, run_all


def main() -> int:
    """What the command does; the exit status."""
    parser = argparse.ArgumentParser(
        prog="tests/run",
        description="Run the project's tests.",
        epilog=f"Layers of make test: {' '.join(layers.DEFAULT)}",
    )
    parser.add_argument("--list", action="store_true", help="say what the layers are")
    parser.add_argument("layers", nargs="*", metavar="LAYER", help="which layers (default: those of make test)")
    options = parser.parse_args()
    if options.list:
        for name, layer in layers.LAYERS.items():
            print(f"{name:12} {layer.purpose}")
        return 0
    unknown = [name for name in options.layers if name not in layers.LAYERS]
    if unknown:
        parser.error(f"no such layer: {', '.join(unknown)}. There are: {', '.join(layers.LAYERS)}")
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # the checks are in our process group, and end with us
    start, before, names = time.monotonic(), _processors(), options.layers or layers.DEFAULT
    with concurrent.futures.ThreadPoolExecutor(len(names)) as pool:
        results = [result for of_layer in pool.map(_run, names, range(len(names))) for result in of_layer]
    print(_of_the_processors(before, _processors()))
    _sum_up(results, time.monotonic() - start)
    return 1 if any(result.failed for result in results) else 0


def _run(name: str, rank: int) -> list[Result]:
    """One layer; all begin at once, and share the slots: those of a lower rank have them first."""
    layer, start, results = layers.LAYERS[name], time.monotonic(), list[Result]()
    if layer.root and os.geteuid() != 0:
        results = [
            Result(
                name, "as root", 0, 1, 0, "This layer makes lab hosts with systemd, which needs root: sudo make test"
            )
        ]
        report(results[0])
        return results
    for stage in layer.stages:
        results += run_all(name, rank, stage())
        if any(result.failed for result in results):
            break
    spent = processor.in_words([result.processor for result in results])
    print(f"== {name}: {layer.purpose}: {_count(results)} after {time.monotonic() - start:.0f} s{spent}", flush=True)
    return results


def _count(results: list[Result]) -> str:
    return f"{sum(result.passed for result in results)} passed, {sum(result.failed for result in results)} failed"


def _sum_up(results: list[Result], seconds: float) -> None:
    print()
    for result in results:
        if result.failed:
            print(f"failed: {result.layer}: {result.name}")
    print(f"{_count(results)} in {seconds:.0f} s", flush=True)


def _processors() -> list[int]:
    """What the machine's processors did so far, in ticks: proc_stat(5)."""
    return [int(word) for word in pathlib.Path("/proc/stat").read_text(encoding="ascii").split()[1:9]]


def _of_the_processors(before: list[int], after: list[int]) -> str:
    """Whether a run took long because of what it did, or of where it was: on a machine of others, or on a slow one."""
    spent = [one - other for one, other in zip(after, before)]
    idle, stolen, whole = spent[3] + spent[4], spent[7], max(sum(spent), 1)
    seconds = (whole - idle - stolen) / os.sysconf("SC_CLK_TCK")
    return (
        f"{seconds:.0f} s of processor on {os.cpu_count()} processors, which were idle {100 * idle // whole} % of the"
        f" time; {100 * stolen // whole} % was taken by other machines"
    )


if __name__ == "__main__":
    sys.exit(main())
