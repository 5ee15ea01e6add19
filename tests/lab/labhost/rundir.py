# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory of a run: who owns it, its hosts, and what a crash left behind.

A run is what one `lab run` or `lab up` makes. Its directory (mode 0700) holds

    owner                       "PID START": the process whose end ends the run
    settings.json               prefix, number of hosts, and so on (Settings)
    key hostkey known_hosts     SSH, see access.py
    ssh_config inventory.yml
    cp/                         SSH's control sockets: a short path, since a unix socket's path has 107 bytes
    relay/proxy.sock            the way to the package mirror, see relay.py
    cgroup/ h/N/fs              mount points, used only in the keeper's own mount namespace
    h/N/pid                     a host's PID 1 as the machine sees it
    h/N/ssh.sock h/N/console.log   of a guest: the way in (gate.py), and what its kernel said
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
import os
import pathlib
import shutil
import signal
import sys
import time
from collections.abc import Iterator

from labhost import linux

BASE = pathlib.Path("/run/netloom-lab")
DISK_BASE = pathlib.Path("/var/tmp/netloom-lab")  # /tmp and /run may be in memory
UNDERLAY = "198.18.78"  # from the benchmarking range of RFC 2544: nobody's real network
MOST_HOSTS = 200


class LabError(Exception):
    """Something the person at the keyboard can act upon; shown without a traceback, exit status 2."""


def say(text: str) -> None:
    """Tell the person at the keyboard; standard output belongs to what was asked for."""
    print(f"lab: {text}", file=sys.stderr, flush=True)


@dataclasses.dataclass(frozen=True)
class Settings:
    """What was asked for. `without` maps a host's number to packages to purge there, `kernels` to the kernel of its
    own; 0 means every host. `names` are the hosts' names where they are not made of `prefix`, `roots` the root file
    systems of those hosts that have another one than `root`. `remember`: whether Python remembers what it compiled from
    a zip (remember.py).
    """

    prefix: str = "lab"
    count: int = 1
    disk: bool = False
    root: str = "/"
    rootless: bool = False
    without: dict[int, list[str]] = dataclasses.field(default_factory=dict)
    kernels: dict[int, str] = dataclasses.field(default_factory=dict)
    names: list[str] = dataclasses.field(default_factory=list)
    roots: dict[int, str] = dataclasses.field(default_factory=dict)
    remember: bool = False

    def packages_to_purge(self, number: int) -> list[str]:
        """The packages that host `number` is to be without."""
        return [*self.without.get(0, []), *self.without.get(number, [])]


@dataclasses.dataclass(frozen=True)
class Host:
    """One lab host of a run."""

    run: Run
    number: int

    @property
    def name(self) -> str:
        """Its hostname, which is also its name in the inventory."""
        settings = self.run.settings
        return settings.names[self.number - 1] if settings.names else f"{settings.prefix}{self.number}"

    @property
    def directory(self) -> pathlib.Path:
        """What the run keeps about it."""
        return self.run.directory / "h" / str(self.number)

    @property
    def address(self) -> str:
        """Its address on the underlay."""
        return f"{UNDERLAY}.{self.number}"

    @property
    def mac(self) -> str:
        """The MAC address of its eth0. Fixed, as a real host has it: else the others meet stale ARP entries after a
        reboot.
        """
        return f"02:4e:4c:00:00:{self.number:02x}"

    @property
    def kernel(self) -> str:
        """The name of its own kernel (kernels.py); '' where it shares the machine's."""
        kernels = self.run.settings.kernels
        return kernels.get(self.number, kernels.get(0, ""))

    @property
    def root(self) -> str:
        """Its root file system: '/' is the machine's."""
        return self.run.settings.roots.get(self.number, self.run.settings.root)

    @property
    def ssh_socket(self) -> pathlib.Path:
        """Where a guest's SSH is reached (gate.py)."""
        return self.directory / "ssh.sock"

    @property
    def pid(self) -> int | None:
        """Its PID 1 as the machine sees it; None while it is off."""
        return _living(self.directory / "pid")

    def record_pid(self, pid: int) -> None:
        """Note its PID 1, in one step for those who read meanwhile."""
        _record(self.directory / "pid", pid)

    @property
    def storage(self) -> pathlib.Path:
        """Where its changes to the root file system lie."""
        if self.run.settings.disk:
            return DISK_BASE / self.run.directory.name / str(self.number)
        return self.directory / "fs"


@dataclasses.dataclass(frozen=True)
class Run:
    """A run, by its directory."""

    directory: pathlib.Path
    settings: Settings

    @property
    def hosts(self) -> list[Host]:
        """Its hosts, in order."""
        return [Host(self, number) for number in range(1, self.settings.count + 1)]

    def host(self, number: int) -> Host:
        """One of its hosts."""
        if not 1 <= number <= self.settings.count:
            raise LabError(f"There is no host {number}: this run has hosts 1 to {self.settings.count}.")
        return Host(self, number)

    @property
    def inventory(self) -> pathlib.Path:
        """The Ansible inventory."""
        return self.directory / "inventory.yml"

    @property
    def owner(self) -> int | None:
        """The process whose end ends the run; None when it is gone."""
        return _living(self.directory / "owner")

    @property
    def keeper(self) -> int | None:
        """The process that holds its hosts (keeper.py), if it lives."""
        return _living(self.directory / "keeper.pid")

    def record_keeper(self, pid: int) -> None:
        """Note the keeper."""
        _record(self.directory / "keeper.pid", pid)

    def hand_over(self, pid: int) -> None:
        """Make a process the owner."""
        _record(self.directory / "owner", pid)

    def save_settings(self) -> None:
        """Note what was asked for."""
        write_whole(self.directory / "settings.json", json.dumps(dataclasses.asdict(self.settings)))

    def remove(self) -> None:
        """Remove its files; its hosts are gone by now."""
        _remove(self.directory)


def write_whole(path: pathlib.Path, text: str, mode: int = 0o600) -> None:
    """Write a file so that a reader sees the old or the new text, nothing between."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.chmod(mode)
    draft.replace(path)


def create(settings: Settings, name: str | None = None) -> Run:
    """Make a run's directory, owned by this process, after removing what crashed runs left."""
    with _lock():
        _sweep()
        directory = BASE / (name or _free_name())
        if directory.exists():
            raise LabError(
                f"Lab hosts named '{name}' are already up. Take them down first (lab down), or give others a --name."
            )
        directory.mkdir(mode=0o700)
        run = Run(directory, settings)
        run.hand_over(os.getpid())
        run.save_settings()
        for below in ("cp", "relay", "cgroup", *(f"h/{host.number}/fs" for host in run.hosts)):
            (directory / below).mkdir(parents=True)
    return run


def _free_name() -> str:
    """A name that no run has. It is short: it stands in names of links and in paths of sockets."""
    while (BASE / (name := f"run-{os.urandom(3).hex()}")).exists():
        pass
    return name


def load(directory: pathlib.Path) -> Run:
    """A run that exists."""
    try:
        data = json.loads((directory / "settings.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise LabError(f"No lab hosts in {directory}. Start some with: lab up") from error
    # Of another checkout's runs, older or newer, what both know. JSON's keys are strings.
    known = {field.name: data[field.name] for field in dataclasses.fields(Settings) if field.name in data}
    for key in {"without", "kernels", "roots"} & set(known):
        known[key] = {int(number): value for number, value in known[key].items()}
    return Run(directory, Settings(**known))


def living() -> list[Run]:
    """Every run whose owner lives, oldest first."""
    found = [path.parent for path in BASE.glob("*/settings.json")]
    found.sort(key=lambda path: path.stat().st_mtime)
    return [load(path) for path in found if _living(path / "owner") is not None]


def _record(path: pathlib.Path, pid: int) -> None:
    # A pid alone may be given to another process later; with the start time it cannot be mistaken.
    write_whole(path, f"{pid} {linux.start_time(pid)}\n")


def _living(path: pathlib.Path) -> int | None:
    """The recorded process, if it still lives."""
    try:
        pid, start = path.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return None
    return int(pid) if linux.start_time(int(pid)) == start else None


def _sweep() -> None:
    """Remove the directories of runs whose owner is gone.

    Their hosts are gone too or about to be: the kernel kills them when their owner ends (linux.die_with_parent), and
    their mounts, links and namespaces with them. Only files, and control groups (keeper.py), can remain.
    """
    for directory in BASE.iterdir():
        if directory.is_dir() and _living(directory / "owner") is None:
            _await_end(load_quietly(directory))
            _remove(directory)
    if DISK_BASE.is_dir():
        for directory in DISK_BASE.iterdir():
            if not (BASE / directory.name).exists():
                shutil.rmtree(directory, ignore_errors=True)


def load_quietly(directory: pathlib.Path) -> Run | None:
    """A run, or None if its directory is not complete."""
    try:
        return load(directory)
    except (LabError, ValueError, TypeError):
        return None


def _await_end(run: Run | None) -> None:
    deadline = time.monotonic() + 5
    if run and run.keeper:  # its owner ended while it was taking over
        os.kill(run.keeper, signal.SIGKILL)
    while run and any(host.pid for host in run.hosts) and time.monotonic() < deadline:
        time.sleep(0.02)


def _remove(directory: pathlib.Path) -> None:
    shutil.rmtree(directory, ignore_errors=True)
    shutil.rmtree(DISK_BASE / directory.name, ignore_errors=True)
    with contextlib.suppress(OSError):
        DISK_BASE.rmdir()  # only if it was the last


@contextlib.contextmanager
def _lock() -> Iterator[None]:
    """One at a time decides which directories are leftovers, so none is swept while it is being made."""
    BASE.mkdir(mode=0o755, parents=True, exist_ok=True)
    with (BASE / "lock").open("w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
