# SPDX-FileCopyrightText: netloom.linux contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts without some of the machine's Debian packages, to test how they are installed."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor

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
    with ThreadPoolExecutor() as pool:
        for _done in pool.map(_purge_one, hosts):
            pass


def _purge_one(host: Host) -> None:
    if host.pid is None:
        raise LabError(f"Lab host {host.name} is off.")
    wanted = host.run.settings.packages_to_purge(host.number)
    installed = subprocess.run(
        access.enter(host.pid, ["dpkg-query", "-W", "-f", "${Package}\n"]), capture_output=True, text=True, check=True
    )
    wanted = sorted(set(wanted) & set(installed.stdout.split()))  # apt may never have heard of the others
    # With what depends on them, and with what came only for them: nothing of a package's own is left to be found.
    command = ["apt-get", "-q", "-y", "--auto-remove", "purge", *wanted]
    environment = {**access.ENVIRONMENT, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        access.enter(host.pid, command), env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise LabError(f"Cannot purge {', '.join(wanted)} in {host.name}:\n{done.stdout[-1000:]}{done.stderr[-1000:]}")
