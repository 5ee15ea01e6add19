# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Root file systems of other distributions for lab hosts, made by debootstrap(8) and kept in the user's cache.

A root is made under a temporary name and renamed when it is whole. It carries a stamp of what it was made from; when
that changes, the root is made anew. Whoever uses a root holds a shared lock on it, whoever makes it an exclusive one.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import hashlib
import os
import pathlib
import shlex
import shutil
import subprocess

from labhost import debian, relay
from labhost.access import PATH
from labhost.rundir import LabError, say

SUITES = {"debian-11": "bullseye", "debian-12": "bookworm", "debian-13": "trixie", "debian-testing": "testing"}
_STAMP = "etc/netloom-lab-root"
_RECIPE = 1  # to be counted up when _make() changes
# What a lab host is made of, and what tests call in it to judge.
_PACKAGES = [
    "apt", "ca-certificates", "dbus", "ethtool", "iproute2", "iputils-ping", "kmod", "libcap2-bin", "netcat-openbsd",
    "openssh-client",
    "openssh-server", "procps", "python3", "sudo", "systemd", "systemd-sysv", "tcpdump",
]  # fmt: skip
# What role prepare installs is not in the root, but its files are at hand: installing them is tested, fetching them
# takes long.
_AT_HAND = [
    "openvswitch-switch", "dnsmasq-base", "isc-dhcp-client", "dhcpcd-base", "udhcpc", "nftables", "python3-apt",
    "python3-pyroute2",
    "python3-ovsdbapp", "python3-venv", "python3-packaging",
]  # fmt: skip
# Nothing that packages' scripts do reaches the machine, and no daemon that one starts outlives them.
_APART = ["unshare", "--mount", "--propagation", "private", "--uts", "--ipc", "--pid", "--fork", "--kill-child"]


@dataclasses.dataclass(frozen=True)
class Source:
    """What a root is made from."""

    name: str
    mirror: str

    @property
    def suite(self) -> str:
        """The suite as debootstrap calls it."""
        return SUITES[self.name]

    @property
    def stamp(self) -> str:
        """What tells one source from another."""
        packages = hashlib.sha256(" ".join([*_PACKAGES, "/", *_AT_HAND]).encode()).hexdigest()
        return f"recipe {_RECIPE}: {self.suite} of {self.mirror} with packages {packages[:16]}\n"

    def is_at(self, root: pathlib.Path) -> bool:
        """Whether a whole root of this source is there."""
        with contextlib.suppress(OSError):
            return (root / _STAMP).read_text(encoding="utf-8") == self.stamp
        return False


def choose(root: str, distribution: str | None) -> str:
    """The directory that is to be the hosts' root, made if it is a distribution's and not there yet."""
    if distribution is not None:
        if root != "/":
            raise LabError("Choose one of --root and --distribution.")
        return str(_get(distribution))
    path = os.path.realpath(root)
    if not os.path.lexists(f"{path}/sbin/init"):
        raise LabError(
            f"--root {root}: there is no /sbin/init in it, so it is no root of a host. Make one with debootstrap, or"
            " use --distribution."
        )
    if set(path) & set("\\,:"):
        raise LabError(f"--root {root}: overlay file systems take no path with a backslash, comma or colon.")
    return path


def _get(name: str) -> pathlib.Path:
    if name not in SUITES:
        raise LabError(f"--distribution {name}: there are {', '.join(SUITES)}.")
    source, root = Source(name, debian.mirror()), debian.cache() / "roots" / name
    root.parent.mkdir(parents=True, exist_ok=True)
    # Never closed: it is held by this process and by the keeper, its child, as long as hosts use the root.
    lock = os.open(root.with_name(f".{name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_SH)
    while not source.is_at(root):
        _lock_alone(lock, name)
        if not source.is_at(root):
            _make_whole(source, root)
        fcntl.flock(lock, fcntl.LOCK_SH)
    return root


def _lock_alone(lock: int, name: str) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say(f"waiting for others that make or use the root of {name}")
        fcntl.flock(lock, fcntl.LOCK_EX)


def _make_whole(source: Source, root: pathlib.Path) -> None:
    draft = root.with_name(f".{source.name}.new")
    _remove(draft)
    say(f"making the root of {source.name} in {root} from {source.mirror}: this takes some minutes, once")
    try:
        _make(source, draft)
        (draft / _STAMP).write_text(source.stamp, encoding="utf-8")
        _remove(root)
        draft.rename(root)
    finally:
        _remove(draft)


def _make(source: Source, draft: pathlib.Path) -> None:
    """Unpack from outside, configure from inside, without a network; then fetch what may be installed later."""
    if shutil.which("debootstrap", path=PATH) is None:
        raise LabError("Making a root needs debootstrap. Install it with: tests/setup")
    log = draft.with_name(f"{source.name}.log")
    log.unlink(missing_ok=True)
    options = ["--variant=minbase", f"--include={','.join(_PACKAGES)}"]
    _call([*_APART, "debootstrap", "--foreign", *options, source.suite, str(draft), source.mirror], log)
    policy = draft / "usr/sbin/policy-rc.d"  # Debian's way to say that packages' scripts start no services
    policy.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
    policy.chmod(0o755)
    _call([*_APART, "--net", "chroot", str(draft), "/debootstrap/debootstrap", "--second-stage"], log)
    resolver = draft / "etc/resolv.conf"
    resolver.unlink(missing_ok=True)
    shutil.copyfile("/etc/resolv.conf", resolver)
    (draft / "etc/apt/sources.list").write_text(f"deb {source.mirror} {source.suite} main\n", encoding="ascii")
    # A mirror that stands still offers testing's lists past their date.
    (draft / "etc/apt/apt.conf.d/90netloom-lab-root").write_text(
        'Acquire::Check-Valid-Until "false";\n', encoding="ascii"
    )
    _call([*_APART, "chroot", str(draft), "sh", "-ec", _fetching()], log)
    policy.unlink(missing_ok=True)  # debootstrap does that at its end


def _fetching() -> str:
    """A script that has apt fetch what the distribution has of these packages: not every one has all of them."""
    return f"""\
apt-get -q update
for package in {" ".join(_AT_HAND)}; do
    apt-get -q -y --no-install-recommends --download-only install $package || echo "$package: not here"
done
"""


def _call(command: list[str], log: pathlib.Path) -> None:
    proxy = relay.machine_proxy()
    environment = {"PATH": PATH, "LANG": "C.UTF-8", "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive"}
    if proxy:
        environment["http_proxy"] = f"http://{proxy[0]}:{proxy[1]}"
    with log.open("a", encoding="utf-8") as file:
        file.write(f"+ {shlex.join(command)}\n")
        file.flush()
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, env=environment, check=False
        )
    if done.returncode:
        raise LabError(
            f"Cannot make a root: {shlex.join(command)} ended with {done.returncode}. Its log is {log}; it ends"
            f" with:\n{_end_of(log)}"
        )


def _end_of(log: pathlib.Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-10:])


def _remove(directory: pathlib.Path) -> None:
    """Delete a root. Nothing is mounted in one: mounts were made in mount namespaces that are gone."""
    if directory.exists():
        shutil.rmtree(directory)
