# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A check is a command that is to succeed. Checks run side by side; what they print is shown when they fail."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import os
import pathlib
import re
import subprocess
import sys
import threading
import time
import typing as t

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOGS = ROOT / ".build/logs"
SHOWN_LINES = 150
# A check that takes longer hangs: the longest takes minutes.
MOST_SECONDS = 1200
_terminal = threading.Lock()


class Tally(t.Protocol):
    """From what a command printed, and whether it succeeded, to how many tests passed and failed."""

    def __call__(self, output: str, good: bool) -> tuple[int, int]:
        """Count."""


def one(output: str, good: bool) -> tuple[int, int]:
    """The command is one test."""
    return (1, 0) if good else (0, 1)


@dataclasses.dataclass(frozen=True)
class Check:
    """A command to run in the repository's root.

    forbidden: what its output must not match, for programs whose exit status does not tell.
    """

    name: str
    command: list[str]
    environment: dict[str, str] = dataclasses.field(default_factory=dict)
    tally: Tally = one
    forbidden: str = ""
    directory: pathlib.Path = ROOT


@dataclasses.dataclass(frozen=True)
class Result:
    """How a check went."""

    layer: str
    name: str
    passed: int
    failed: int
    seconds: float
    output: str


def run_all(layer: str, checks: t.Iterable[Check], workers: int) -> list[Result]:
    """Run checks, so many at a time; each is reported when it ends."""
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        return list(pool.map(lambda check: _run(layer, check), checks))


def report(result: Result) -> None:
    """Print how a check went, and what it printed if it failed."""
    with _terminal:
        counts = f" ({result.passed} passed, {result.failed} failed)" if result.passed + result.failed > 1 else ""
        print(f"{'FAILED' if result.failed else 'ok':6} {result.layer}: {result.name} {result.seconds:.1f} s{counts}", flush=True)
        if result.failed:
            lines = result.output.rstrip().splitlines()
            print("\n".join(f"  | {line}" for line in lines[-SHOWN_LINES:]), flush=True)


def _run(layer: str, check: Check) -> Result:
    with _terminal:
        print(f"...    {layer}: {check.name}", flush=True)
    start = time.monotonic()
    log = LOGS / layer / f"{re.sub(r'[^A-Za-z0-9.]+', '-', check.name)}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as handle:
        good = _execute(check, handle)
    output = log.read_text(errors="replace")
    if check.forbidden and re.search(check.forbidden, output, re.MULTILINE):
        good = False
    passed, failed = check.tally(output, good)
    if not good and not failed:
        failed = 1
    result = Result(layer, check.name, passed, failed, time.monotonic() - start, output)
    report(result)
    return result


def _execute(check: Check, handle: t.TextIO) -> bool:
    # setpriv: a check ends when we do, even by kill -9, and a lab host with the command that it was made for.
    command = ["setpriv", "--pdeathsig", "TERM", *check.command]
    environment = {**os.environ, "PATH": f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}", **check.environment}
    try:
        done = subprocess.run(
            command, cwd=check.directory, env=environment, stdin=subprocess.DEVNULL, stdout=handle, stderr=subprocess.STDOUT, timeout=MOST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        handle.write(f"\nStopped after {MOST_SECONDS} s.\n")
        return False
    return done.returncode == 0
