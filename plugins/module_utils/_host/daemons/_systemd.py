# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""systemd as PID 1: start, stop and read our units over its own socket (org.freedesktop.systemd1(5)).

That socket exists before dbus-daemon runs, so it can be used at boot too. Daemons are transient units: one message
starts one, without a file of ours and without making systemd read all its files again, and a stopped one leaves
nothing.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import re
import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.daemons import _dbus
from ansible_collections.netloom.linux.plugins.module_utils._host.processes import _spawn
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _paths

SOCKET = "/run/systemd/private"
NAME = "org.freedesktop.systemd1"
MANAGER = (NAME, "/org/freedesktop/systemd1", f"{NAME}.Manager")
PROPERTIES = "org.freedesktop.DBus.Properties"
NO_SUCH_UNIT = f"{NAME}.NoSuchUnit"
JOB_REMOVED = "JobRemoved"
# What units of ours say if systemd knows it, and since which version it does: systemd.exec(5). All else is in 245.
SINCE = {"StandardErrorFileToTruncate": 248, "ExecPaths": 248}
PATIENCE = 90.0  # seconds for all jobs of one call
JOURNAL_PATIENCE = 5.0  # seconds for journalctl
CLD_EXITED, CLD_KILLED, CLD_DUMPED = 1, 2, 3  # waitid(2)
SETTLING = 3.0  # seconds: one to wait before the new start, and the start

Property = tuple[str, str, t.Any]  # name, signature, value


@dataclasses.dataclass(frozen=True)
class Unit:
    """A service to start: its name and its properties, as StartTransientUnit() takes them."""

    name: str
    properties: tuple[Property, ...]


def booted() -> bool:
    """Whether systemd is PID 1 here (sd_booted(3))."""
    return os.path.isdir("/run/systemd/system")


@functools.cache  # a daemon that is replaced while we run only becomes newer
def _version() -> int:
    """The version number of systemd: 247 for '247.3-7+deb11u6'."""
    with _connect() as bus:
        (found,) = bus.call((*MANAGER[:2], PROPERTIES), "Get", "ss", MANAGER[2], "Version")
    number = re.search(r"\d+", found)
    return int(number.group()) if number else 0


def knows(setting: str) -> bool:
    """Whether this systemd has a property of units that older versions refuse. A unit with an unknown property is not
    started at all.
    """
    return _version() >= SINCE[setting]


def _connect() -> _dbus.Connection:
    try:
        return _dbus.Connection(SOCKET, PATIENCE, JOB_REMOVED)
    except _dbus.Silent as error:
        raise _errors.HostError(f"Cannot reach systemd: {error}.") from error


def running(settled: t.Collection[str] = ()) -> dict[str, int]:
    """The main process of each of our units that systemd supervises: unit -> pid; 0 while it cannot be started.

    ``settled``: units to wait for if systemd is about to restart them. What systemd repairs by itself needs no other
    repair.
    """
    until = time.monotonic() + SETTLING
    with _connect() as bus:
        loaded = _loaded(bus)
        while (
            any(state == "activating" and name in settled for name, (state, _path) in loaded.items())
            and time.monotonic() < until
        ):
            time.sleep(0.05)
            loaded = _loaded(bus)
        asked = {
            name: bus.send((NAME, path, PROPERTIES), "Get", "ss", f"{NAME}.Service", "MainPID")
            for name, (_state, path) in loaded.items()
        }
        found = {}
        for name, serial in asked.items():
            try:
                found[name] = int(bus.reply(serial)[0])
            except _dbus.Refused:
                continue  # it disappeared meanwhile
        return found


def _loaded(bus: _dbus.Connection) -> dict[str, tuple[str, str]]:
    """Our units: name -> (state, path of the object)."""
    (listed,) = bus.call(MANAGER, "ListUnitsByPatterns", "asas", [], [f"{prefix}*.service" for prefix in _paths.UNITS])
    return {unit[0]: (unit[3], unit[6]) for unit in listed if unit[3] not in ("inactive", "failed")}


def start(units: t.Sequence[Unit]) -> dict[str, str]:
    """Start these units side by side. Return the reason for each unit that did not come up. Such a unit is stopped
    again.
    """
    with _connect() as bus:
        failed, jobs = {}, {}
        asked = {
            unit.name: bus.send(
                MANAGER, "StartTransientUnit", "ssa(sv)a(sa(sv))", unit.name, "replace", _variants(unit), []
            )
            for unit in units
        }
        for name, serial in asked.items():
            try:
                jobs[bus.reply(serial)[0]] = name
            except _dbus.Refused as error:
                failed[name] = f"systemd refuses its unit {name}: {error}"
        results = _results(bus, set(jobs))
        failed.update({name: _ending(bus, name, results[job]) for job, name in jobs.items() if results[job] != "done"})
        _stop(bus, failed)  # otherwise it would try again and again
        return failed


def _ending(bus: _dbus.Connection, name: str, job: str) -> str:
    """How the start of a unit ended, with more detail than the result of its job."""
    try:
        (path,) = bus.call(MANAGER, "GetUnit", "s", name)
        (result,) = bus.call((NAME, path, PROPERTIES), "Get", "ss", f"{NAME}.Service", "Result")
        ((*_command, code, status),) = bus.call((NAME, path, PROPERTIES), "Get", "ss", f"{NAME}.Service", "ExecStart")[
            0
        ]
    except (_dbus.Refused, ValueError):  # it disappeared meanwhile
        return job
    if result == "timeout":
        return "it did not come up in time"
    return {CLD_EXITED: f"exit status {status}", CLD_KILLED: f"signal {status}", CLD_DUMPED: f"signal {status}"}.get(
        code, f"systemd says {result or job}"
    )


def said(unit: str, since: float) -> str:
    """The lines that a unit wrote to the journal since then, or '' if the journal cannot be read."""
    program = _spawn.which("journalctl")
    if program is None:
        return ""
    try:
        words = (
            program,
            f"_SYSTEMD_UNIT={unit}",
            "--since",
            f"@{since:.3f}",
            "--output",
            "cat",
            "--no-pager",
            "--quiet",
        )
        return _spawn.run(words, None, seconds=JOURNAL_PATIENCE).output
    except _errors.HostError:
        return ""


def reload() -> None:
    """Have systemd read its unit files again."""
    with _connect() as bus:
        bus.call(MANAGER, "Reload")


def stop(names: t.Iterable[str]) -> None:
    """Stop these units side by side, and wait until their processes are gone. Units that do not exist are skipped."""
    with _connect() as bus:
        _stop(bus, names)


def _stop(bus: _dbus.Connection, names: t.Iterable[str]) -> None:
    jobs = set()
    for serial in [bus.send(MANAGER, "StopUnit", "ss", name, "replace") for name in names]:
        try:
            jobs.add(bus.reply(serial)[0])
        except _dbus.Refused as error:
            if error.name != NO_SUCH_UNIT:
                raise
    _results(bus, jobs)


def _variants(unit: Unit) -> list[tuple[str, tuple[str, t.Any]]]:
    return [(name, (signature, value)) for name, signature, value in unit.properties]


def _results(bus: _dbus.Connection, jobs: set[str]) -> dict[str, str]:
    """The results of these jobs: done, failed, timeout, ... systemd sends them on this socket without being asked."""
    found: dict[str, str] = {}
    while True:
        for signal in bus.signals:
            _number, job, _unit, result = signal.values
            if job in jobs:
                found[job] = result
        bus.signals.clear()
        if jobs <= set(found):
            return found
        bus.receive()
