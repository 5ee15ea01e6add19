# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A check is a command that is to succeed. Checks run side by side, so many at a time; what they print is shown when
they fail.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import os
import pathlib
import re
import subprocess
import sys
import threading
import time
import typing as t

import processor

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOGS = ROOT / ".build/logs"
SHOWN_LINES = 150
# A check that takes longer hangs: the longest takes minutes, on a busy machine several times as many.
MOST_SECONDS = 2400
AT_A_TIME = 3  # on two cores: a check also waits, for leases, pings and time-outs
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
    processor: float | None = None


class Slots:
    """Room for so many checks. A slot that becomes free goes to the lowest rank that waits."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._waiting: list[int] = []
        self._changed = threading.Condition()

    @contextlib.contextmanager
    def taken(self, rank: int) -> t.Iterator[None]:
        """Wait for a slot, and have it while the body runs."""
        with self._changed:
            self._waiting.append(rank)
            self._changed.wait_for(lambda: self._free and min(self._waiting) == rank)
            self._waiting.remove(rank)
            self._free -= 1
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify_all()


_slots = Slots(AT_A_TIME)
_groups = processor.hierarchy()


def run_all(layer: str, rank: int, checks: t.Iterable[Check]) -> list[Result]:
    """Run a layer's checks as slots become free; each is reported when it ends."""
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        return list(pool.map(lambda check: _run(layer, rank, check), checks))


def report(result: Result) -> None:
    """Print how a check went, and what it printed if it failed."""
    with _terminal:
        counts = f" ({result.passed} passed, {result.failed} failed)" if result.passed + result.failed > 1 else ""
        print(
            f"{'FAILED' if result.failed else 'ok':6} {result.layer}: {result.name} {result.seconds:.1f} s"
            f"{processor.in_words([result.processor])}{counts}",
            flush=True,
        )
        if result.failed:
            lines = result.output.rstrip().splitlines()
            print("\n".join(f"  | {line}" for line in lines[-SHOWN_LINES:]), flush=True)


def _run(layer: str, rank: int, check: Check) -> Result:
    log = LOGS / layer / f"{re.sub(r'[^A-Za-z0-9.]+', '-', check.name)}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with _slots.taken(rank), log.open("w") as handle:
        with _terminal:
            print(f"...    {layer}: {check.name}", flush=True)
        start, group = time.monotonic(), processor.Group(_groups)
        good = _execute(check, group, handle)
        seconds, spent = time.monotonic() - start, group.end()
    output = log.read_text(errors="replace")
    if check.forbidden and re.search(check.forbidden, output, re.MULTILINE):
        good = False
    passed, failed = check.tally(output, good)
    if not good and not failed:
        failed = 1
    result = Result(layer, check.name, passed, failed, seconds, output, spent)
    report(result)
    return result


def _execute(check: Check, group: processor.Group, handle: t.TextIO) -> bool:
    # setpriv: a check ends when we do, even by kill -9, and a lab host with the command that it was made for.
    command = group.counting(["setpriv", "--pdeathsig", "TERM", *check.command])
    environment = {
        **os.environ,
        "PATH": f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}",
        **check.environment,
    }
    try:
        done = subprocess.run(
            command,
            cwd=check.directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=handle,
            stderr=subprocess.STDOUT,
            timeout=MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        handle.write(f"\nStopped after {MOST_SECONDS} s.\n")
        return False
    return done.returncode == 0
