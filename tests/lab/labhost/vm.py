# SPDX-FileCopyrightText: netloom.linux contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A guest as the machine sees it: what lies below its kernel, and the kernel as a process.

The kernel is user-mode Linux, a program like any other. It sees the machine's files through hostfs, where nothing is writable, and
writes to a disk that is a sparse file; early.py, its first process, makes a lab host of both. It has two NICs, each the end of
a veth pair in a network namespace of its own: the underlay's, and the one by which it is reached (gate.py). Without root, the
program is a user's, and its NICs lead to sockets (rootless_guest.py).
"""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import shutil
import socket
import subprocess
import traceback
from typing import NoReturn

from labhost import gate, image, kernels, linux, native
from labhost.access import PATH
from labhost.rundir import Host

_LAB = "run/netloom-lab"  # in the guest
_MEMORY = "1536M"
_DISK = 16 << 30  # of a sparse file
_FILES = 1 << 20  # hostfs has one open for each inode that the guest remembers, and a process of the guest some
# The devices that built-in drivers would make by themselves: a stock host has them from the day somebody loads the module.
_NO_DEVICES = ("fb_tunnels=none", "bonding.max_bonds=0", "dummy.numdummies=0", "ifb.numifbs=0")


def boot(host: Host, cgroup: pathlib.Path, keeper: socket.socket) -> NoReturn:
    """Become the guest's kernel. Called in the child that is PID 1 of a new pid namespace, like native.boot."""
    try:
        linux.die_with_parent()
        linux.unshare(linux.CLONE_NEWNET | linux.CLONE_NEWNS | linux.CLONE_NEWIPC)
        (cgroup / "cgroup.procs").write_text("0", encoding="ascii")  # 0: this process
        keeper.send(b"1")
        keeper.recv(1)  # the NICs are there
        _become(host)
    except BaseException:  # noqa: BLE001 pylint: disable=broad-except  # a child must never return into its parent's code
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
    nics = ("transport=raw,ifname=g0", "transport=raw,ifname=g1")
    start(host, Ground(root, pathlib.Path("/", _LAB), pathlib.Path("/", _LAB, "checkout"), memory, nics))


@dataclasses.dataclass(frozen=True)
class Ground:
    """What a guest's kernel stands on. ``nics``: how it gets its two (the words of UML's vector driver)."""

    root: pathlib.Path  # the files below the guest's disk
    told: pathlib.Path  # the folder of guest.json, as the guest sees it
    checkout: pathlib.Path  # this code, as the guest sees it
    memory: pathlib.Path  # where its memory is to lie, a file
    nics: tuple[str, str]


def start(host: Host, ground: Ground) -> NoReturn:
    """Become the kernel."""
    kernel = kernels.named(host.kernel)
    disk, control = host.storage / "disk", host.storage / "uml"
    if not disk.exists():
        _make_disk(disk)
    shutil.rmtree(control, ignore_errors=True)  # of the boot before
    control.mkdir()
    console = os.open(host.directory / "console.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(console, 1)
    os.dup2(console, 2)
    words = [
        str(kernel.program), f"umid={host.name}", f"uml_dir={control}", f"mem={_MEMORY}", *kernel.words,
        "root=/dev/root", "rootfstype=hostfs", f"hostfs={ground.root}", "ro", f"ubda={disk}", "con=null", "con0=null,fd:1", "quiet", "loglevel=4",
        f"vec0:{ground.nics[0]},depth=128,gro=1,mac={host.mac}", f"vec1:{ground.nics[1]},depth=128,gro=1,mac={gate.MAC}", *_NO_DEVICES,
        "init=/usr/bin/python3", f"PYTHONPATH={ground.checkout}/tests/lab", f"NETLOOM_LAB_GUEST={ground.told}", "--", "-B", "-m", "labhost.early",
    ]  # fmt: skip
    linux.exec_program(words, {"PATH": PATH, "TMPDIR": str(ground.memory), "HOME": str(control)})


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
    settings = {
        "files": files and dataclasses.asdict(files), "name": host.name, "address": host.address,
        "open_files": linux.allow_open_files(_FILES), "checkout": str(checkout), "modules": str(modules),
    }  # fmt: skip
    (where / "guest.json").write_text(json.dumps(settings), encoding="utf-8")


def _make_disk(path: pathlib.Path) -> None:
    draft = path.with_suffix(".new")
    with draft.open("wb") as file:
        file.truncate(_DISK)
    options = ["-q", "-F", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard", "-J", "size=16"]
    subprocess.run(["mkfs.ext4", *options, draft], check=True, env={"PATH": PATH})
    draft.replace(path)
