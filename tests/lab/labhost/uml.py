# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""User-mode Linux as the kernel of a guest. Source: Documentation/virt/uml of Linux, and arch/um there."""

from __future__ import annotations

import dataclasses
import pathlib
import shutil
import struct
from typing import NoReturn

from labhost import gate, kernels, linux
from labhost.access import PATH
from labhost.rundir import Host

DISK = "/dev/ubda"
NICS = ("vec0", "vec1")
MEMORY = "1536M"
# The devices that built-in drivers would make by themselves: a stock host has them from the day somebody loads the
# module.
NO_DEVICES = ("fb_tunnels=none", "bonding.max_bonds=0", "dummy.numdummies=0", "ifb.numifbs=0")
# What a NIC on packet sockets lets in, as code of the classic BPF (linux/filter.h: code, jump if true, jump if false,
# number). It sends by another socket than it receives by, so the kernel shows it what it sent, too, and the driver sets
# nothing against that which has an effect. A host ignores frames of its own, but a bridge learns from them that it is
# itself at the other end of the cable, and drops what comes from there for it.
_LOAD_HOW_IT_CAME, _IF_EQUAL, _RETURN = 0x28, 0x15, 0x06
_HOW_IT_CAME = 0xFFFFF000 + 4  # SKF_AD_OFF + SKF_AD_PKTTYPE
_SENT_FROM_HERE = 4  # PACKET_OUTGOING
NOT_ITS_OWN = (
    (_LOAD_HOW_IT_CAME, 0, 0, _HOW_IT_CAME),
    (_IF_EQUAL, 0, 1, _SENT_FROM_HERE),
    (_RETURN, 0, 0, 0),  # nothing of it
    (_RETURN, 0, 0, 1 << 18),  # all of it
)


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


def raw(host: Host) -> tuple[str, str]:
    """NICs that are packet sockets on the links g0 and g1, in the words of the vector driver."""
    path = host.storage / "not_its_own.bpf"
    path.write_bytes(b"".join(struct.pack("=HBBI", *one) for one in NOT_ITS_OWN))
    first, second = (f"transport=raw,ifname={link},bpffile={path}" for link in ("g0", "g1"))
    return first, second


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
