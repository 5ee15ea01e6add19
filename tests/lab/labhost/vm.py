# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A guest as the machine sees it: what lies below its kernel, and the kernel as a process.

The kernel is user-mode Linux (uml.py), a program like any other, or runs in QEMU (qemu.py). It sees the machine's
files, where nothing is writable, and writes to a disk that is a sparse file; early.py, its first process, makes a lab
host of both. It has two NICs, each the end of a veth pair in a network namespace of its own: the underlay's, and the
one by which it is reached (gate.py). Without root, user-mode Linux is a user's program, and its NICs lead to sockets
(rootless_guest.py).
"""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import socket
import subprocess
import traceback
from typing import NoReturn

from labhost import gate, image, kernels, linux, native, qemu, uml
from labhost.access import PATH
from labhost.rundir import Host

_LAB = "run/netloom-lab"  # in the guest
_DISK = 16 << 30  # of a sparse file
_FILES = 1 << 20  # hostfs has one open for each inode that the guest remembers, and a process of the guest some


def boot(host: Host, cgroup: pathlib.Path, keeper: socket.socket) -> NoReturn:
    """Become the guest's kernel. Called in the child that is PID 1 of a new pid namespace, like native.boot."""
    try:
        linux.die_with_parent()
        linux.unshare(linux.CLONE_NEWNET | linux.CLONE_NEWNS | linux.CLONE_NEWIPC)
        (cgroup / "cgroup.procs").write_text("0", encoding="ascii")  # 0: this process
        keeper.send(b"1")
        keeper.recv(1)  # the NICs are there
        _become(host)
    except BaseException:  # noqa: BLE001 pylint: disable=broad-except
        # A child must never return into its parent's code.
        traceback.print_exc()
        os._exit(1)


def _become(host: Host) -> NoReturn:
    kernel = kernels.named(host.kernel)
    linux.mount("proc", "/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    root = _lay_below(host, kernel)
    memory = host.storage / "memory"  # a file that nobody should write to a disk
    memory.mkdir(exist_ok=True)
    linux.mount("netloom-lab", memory, "tmpfs", data="mode=700,size=100%")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    gate.start(host)
    start(host, uml.Ground(root, pathlib.Path("/", _LAB), pathlib.Path("/", _LAB, "checkout"), memory, uml.raw(host)))


def start(host: Host, ground: uml.Ground) -> NoReturn:
    """Become the kernel, as a program of the machine."""
    disk = host.storage / "disk"
    if not disk.exists():
        _make_disk(disk)
    console = os.open(host.directory / "console.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(console, 1)
    os.dup2(console, 2)
    kernel = kernels.named(host.kernel)
    if kernel.is_debians:
        qemu.become(host, kernel, ground)
    uml.become(host, kernel, ground)


def _lay_below(host: Host, kernel: kernels.Kernel) -> pathlib.Path:
    """What the guest finds below its disk: the machine's files, and under /run/netloom-lab what it is to become."""
    root = host.storage / "root"
    root.mkdir(exist_ok=True)
    for lower, path in native.lower_file_systems(host):
        target = root / path.lstrip("/")
        if target.is_dir():
            # One by one: what is mounted below, the machine's /dev and /proc above all, is not to be seen.
            linux.bind_read_only(lower, target, recursive=False)
    linux.mount("netloom-lab", root / "run", "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=755")
    lab = root / _LAB
    for below, source in (("checkout", native.CHECKOUT), ("modules", kernel.modules)):
        (lab / below).mkdir(parents=True)
        linux.bind_read_only(source, lab / below)
    tell(host, lab, pathlib.Path("/", _LAB, "checkout"), pathlib.Path("/", _LAB, "modules"))
    return root


def tell(host: Host, where: pathlib.Path, checkout: pathlib.Path, modules: pathlib.Path) -> None:
    """Write what early.py wants to know, with the paths as the guest sees them."""
    files = image.collect(host)
    kind = qemu if kernels.named(host.kernel).is_debians else uml
    settings = {
        "files": files and dataclasses.asdict(files), "name": host.name, "address": host.address,
        "disk": kind.DISK, "nics": kind.NICS, "open_files": linux.allow_open_files(_FILES),
        "checkout": str(checkout), "modules": str(modules),
    }  # fmt: skip
    (where / "guest.json").write_text(json.dumps(settings), encoding="utf-8")


def _make_disk(path: pathlib.Path) -> None:
    draft = path.with_suffix(".new")
    with draft.open("wb") as file:
        file.truncate(_DISK)
    options = ["-q", "-F", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard", "-J", "size=16"]
    subprocess.run(["mkfs.ext4", *options, draft], check=True, env={"PATH": PATH})
    draft.replace(path)
