# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""QEMU without hardware virtualisation, to run Debian's own kernel as it comes."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import time
from typing import NoReturn

from labhost import gate, kernels, linux, uml
from labhost.access import PATH
from labhost.rundir import Host, LabError

DISK = "/dev/vda"
NICS = ("eth0", "eth1")
_SEARCH = f"{PATH}:/usr/libexec:/usr/lib/qemu"
_START_SECONDS = 10


def become(host: Host, kernel: kernels.Kernel, ground: uml.Ground) -> NoReturn:
    """Become the machine that the kernel runs on."""
    files = ground.memory / "virtiofs.sock"
    _serve_files(ground.root, files)
    _join_taps()
    nics = []
    for index, mac in enumerate((host.mac, gate.MAC)):
        nics += ["-netdev", f"tap,id=n{index},ifname=t{index},script=no,downscript=no"]
        nics += ["-device", f"virtio-net-pci,netdev=n{index},mac={mac},romfile="]
    append = [
        "console=ttyS0", "quiet", "loglevel=4", "panic=-1", "mitigations=off", "nokaslr", "tsc=reliable",
        "cryptomgr.notests", "net.ifnames=0",
        *uml.NO_DEVICES, *ground.environment,
    ]  # fmt: skip
    words = [
        "qemu-system-x86_64", "-machine", "q35,accel=tcg,usb=off,smbus=off,sata=off,vmport=off", "-cpu", "max",
        "-smp", str(len(os.sched_getaffinity(0))),
        "-m", uml.MEMORY, "-object", f"memory-backend-memfd,id=mem,size={uml.MEMORY},share=on", "-numa",
        "node,memdev=mem",
        "-nodefaults", "-no-user-config", "-display", "none", "-serial", "stdio", "-monitor", "none",
        "-chardev", f"socket,id=c0,path={files}", "-device", "vhost-user-fs-pci,chardev=c0,tag=root,queue-size=1024",
        "-device", "virtio-rng-pci", "-drive", f"file={host.storage / 'disk'},format=raw,if=virtio,cache=unsafe", *nics,
        "-kernel", str(kernel.program), "-initrd", str(kernel.directory / "initrd"), "-append", " ".join(append),
    ]  # fmt: skip
    linux.exec_program(words, {"PATH": PATH})


def _serve_files(root: pathlib.Path, path: pathlib.Path) -> None:
    """Start what shows the guest the machine's files; it ends with this process's pid namespace."""
    program = shutil.which("virtiofsd", path=_SEARCH)
    if program is None:
        raise LabError("There is no virtiofsd. Install it with: tests/setup --qemu")
    options = ["-o", f"source={root}", "-o", "cache=always", "-o", "no_posix_lock", "-o", "sandbox=chroot"]
    subprocess.Popen([program, *options, f"--socket-path={path}", "-f"])
    deadline = time.monotonic() + _START_SECONDS
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.02)


def _join_taps() -> None:
    """QEMU wants taps: each is bridged with the end of the cable that leads to it."""
    commands = []
    for index in (0, 1):
        commands += [
            f"link add b{index} type bridge mcast_snooping 0",
            f"link set b{index} up",
            f"tuntap add t{index} mode tap",
        ]
        commands += [f"link set {name} master b{index} up" for name in (f"t{index}", f"g{index}")]
    subprocess.run(["ip", "-batch", "-"], input="\n".join(commands), text=True, check=True)
