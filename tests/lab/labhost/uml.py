# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""User-mode Linux as the kernel of a guest. Source: Documentation/virt/uml of Linux, and arch/um there."""

from __future__ import annotations

import dataclasses
import pathlib
import shutil
from typing import NoReturn

from labhost import gate, kernels, linux
from labhost.access import PATH
from labhost.rundir import Host

DISK = "/dev/ubda"
NICS = ("vec0", "vec1")
RAW = ("transport=raw,ifname=g0", "transport=raw,ifname=g1")  # packet sockets on these links
MEMORY = "1536M"
# The devices that built-in drivers would make by themselves: a stock host has them from the day somebody loads the
# module.
NO_DEVICES = ("fb_tunnels=none", "bonding.max_bonds=0", "dummy.numdummies=0", "ifb.numifbs=0")


@dataclasses.dataclass(frozen=True)
class Ground:
    """What a guest's kernel stands on."""

    root: pathlib.Path  # the files below the guest's disk
    told: pathlib.Path  # the folder of guest.json, as the guest sees it
    checkout: pathlib.Path  # this code, as the guest sees it
    memory: pathlib.Path  # where its memory is to lie, a file
    nics: tuple[str, str]  # where its NICs lead, in the words of the vector driver

    @property
    def environment(self) -> tuple[str, ...]:
        """Of early.py: a kernel hands on what it does not know."""
        return (f"PYTHONPATH={self.checkout}/tests/lab", f"NETLOOM_LAB_GUEST={self.told}")


def become(host: Host, kernel: kernels.Kernel, ground: Ground) -> NoReturn:
    """Become the kernel."""
    control = host.storage / "uml"
    shutil.rmtree(control, ignore_errors=True)  # of the boot before
    control.mkdir()
    words = [
        str(kernel.program), f"umid={host.name}", f"uml_dir={control}", f"mem={MEMORY}", *kernel.words,
        "root=/dev/root", "rootfstype=hostfs", f"hostfs={ground.root}", "ro", f"ubda={host.storage / 'disk'}",
        "con=null", "con0=null,fd:1", "quiet", "loglevel=4",
        f"vec0:{ground.nics[0]},depth=128,gro=1,mac={host.mac}",
        f"vec1:{ground.nics[1]},depth=128,gro=1,mac={gate.MAC}", *NO_DEVICES,
        "init=/usr/bin/python3", *ground.environment, "--", "-B", "-m", "labhost.early",
    ]  # fmt: skip
    linux.exec_program(words, {"PATH": PATH, "TMPDIR": str(ground.memory), "HOME": str(control)})
