# SPDX-FileCopyrightText: netloom.linux contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts without some of the machine's Debian packages, to test how they are installed."""

from __future__ import annotations

import subprocess

from labhost import access
from labhost.rundir import Host, LabError, Run


def parse(options: list[str]) -> dict[int, list[str]]:
    """Read `--without [N:]PKG,PKG` options into a host's number (0: all) -> packages."""
    result: dict[int, list[str]] = {}
    for option in options:
        number, colon, names = option.rpartition(":")
        if colon and not number.isdigit():
            raise LabError(f"--without {option}: expected [NUMBER:]PACKAGE,PACKAGE")
        result.setdefault(int(number or 0), []).extend(name for name in names.split(",") if name)
    return result


def purge(run: Run) -> None:
    """Purge the packages that the hosts of a run are to be without, in all hosts at a time."""
    hosts = [host for host in run.hosts if run.settings.packages_to_purge(host.number)]
    for host, process in [(host, _start_purge(host)) for host in hosts]:
        said, _nothing = process.communicate()
        if process.returncode != 0:
            raise LabError(f"Cannot purge packages in {host.name}:\n{said[-2000:]}")


def _start_purge(host: Host) -> subprocess.Popen[str]:
    if host.pid is None:
        raise LabError(f"Lab host {host.name} is off.")
    query = access.enter(host.pid, ["dpkg-query", "-W", "-f", "${Package}\n"])
    installed = subprocess.run(query, capture_output=True, text=True, check=True).stdout.split()
    # Only what is there: apt may never have heard of the others.
    wanted = sorted(set(installed).intersection(host.run.settings.packages_to_purge(host.number)))
    # With what depends on them, and with what came only for them: nothing of a package's own is left to be found.
    command = access.enter(host.pid, ["apt-get", "-q", "-y", "--auto-remove", "purge", *wanted])
    environment = {**access.ENVIRONMENT, "DEBIAN_FRONTEND": "noninteractive"}
    pipe, null = subprocess.PIPE, subprocess.DEVNULL
    return subprocess.Popen(command, env=environment, stdin=null, stdout=pipe, stderr=subprocess.STDOUT, text=True)
