# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts without some of the machine's Debian packages, to test how they are installed."""

from __future__ import annotations

import subprocess

from labhost import access
from labhost.rundir import Host, LabError, Run


def parse(options: list[str]) -> dict[int, list[str]]:
    """Read `--without [N:]PKG,PKG` options into a host's number (0: all) -> packages."""
    result: dict[int, list[str]] = {}
    for number, names in (by_number("--without", option) for option in options):
        result.setdefault(number, []).extend(name for name in names.split(",") if name)
    return result


def by_number(name: str, option: str) -> tuple[int, str]:
    """Read an option `[N:]VALUE`, which is for host N only, or for all (0)."""
    number, colon, value = option.rpartition(":")
    if not value or (colon and not number.isdigit()):
        raise LabError(f"{name} {option}: expected [NUMBER:]VALUE")
    return int(number or 0), value


def purge(run: Run) -> None:
    """Purge the packages that the hosts of a run are to be without, in all hosts at a time."""
    hosts = [host for host in run.hosts if run.settings.packages_to_purge(host.number)]
    for host, process in [(host, _start_purge(host)) for host in hosts]:
        said, _nothing = process.communicate()
        if process.returncode != 0:
            raise LabError(f"Cannot purge packages in {host.name}:\n{said[-2000:]}")


def _start_purge(host: Host) -> subprocess.Popen[str]:
    query = access.inside(host, ["dpkg-query", "-W", "-f", "${Package}\n"])
    installed = subprocess.run(query, capture_output=True, text=True, check=True).stdout.split()
    # Only what is there: apt may never have heard of the others.
    wanted = sorted(set(installed).intersection(host.run.settings.packages_to_purge(host.number)))
    # With what depends on them, and with what came only for them: nothing of a package's own is left to be found.
    command = access.inside(
        host, ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", "--auto-remove", "purge", *wanted]
    )
    pipe, null = subprocess.PIPE, subprocess.DEVNULL
    return subprocess.Popen(command, stdin=null, stdout=pipe, stderr=subprocess.STDOUT, text=True)
