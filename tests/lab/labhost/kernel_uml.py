# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""User-mode Linux, built from Debian's source package of a kernel with our configuration.

Debian's own package user-mode-linux would save the five minutes, but its kernels have nf_tables without the families ip
and inet, so no NAT.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess

from labhost import kernels
from labhost.rundir import LabError, say

_TOOLS = {
    "bc": "bc",
    "bison": "bison",
    "flex": "flex",
    "gcc": "gcc",
    "ld": "binutils",
    "make": "make",
    "xz": "xz-utils",
    "depmod": "kmod",
}
# What user-mode Linux does not need of the source, a third of it.
_LEFT_OUT = ("arch/[!ux]*/*.[chS]", "arch/*.dts*", "Documentation/*/*", "drivers/gpu/*.[ch]")


def make(kernel: kernels.Kernel, work: pathlib.Path, draft: pathlib.Path) -> pathlib.Path:
    """Make the kernel in ``draft``, and what comes and goes in ``work``. Return the package it is from."""
    kernels.need(_TOOLS, "To build a kernel", "--kernel")
    _apt, package = kernels.fetch(kernel, work)
    say(f"Building it from {package.name}: nine minutes of a processor, once")
    source, objects = work / "source", work / "objects"
    _unpack(kernel, package, source)
    _run_make(source, objects, f"KCONFIG_ALLCONFIG={kernels.CONFIG}", "allnoconfig")
    _run_make(source, objects, f"-j{len(os.sched_getaffinity(0))}", "linux", "modules")
    _run_make(source, objects, f"INSTALL_MOD_PATH={work}/installed", "modules_install")
    subprocess.run(["strip", "-o", draft / "linux", objects / "linux"], check=True)
    shutil.copytree(work / "installed/lib/modules", draft / "modules", ignore=shutil.ignore_patterns("build", "source"))
    return package


def _unpack(kernel: kernels.Kernel, package: pathlib.Path, source: pathlib.Path) -> None:
    source.mkdir()
    exclude = " ".join(f"--exclude='{kernel.package}/{pattern}'" for pattern in _LEFT_OUT)
    pipe = (
        f"dpkg-deb --fsys-tarfile '{package}' | tar --extract --to-stdout ./usr/src/{kernel.package}.tar.xz"
        f" | tar --extract --xz --directory '{source}' --strip-components=1 --anchored {exclude}"
    )
    subprocess.run(["bash", "-o", "pipefail", "-c", pipe], check=True)


def _run_make(source: pathlib.Path, objects: pathlib.Path, *words: str) -> None:
    # Without the user's own settings for compilers; LOCALVERSION: the release says whose it is.
    environment = {"PATH": os.environ["PATH"], "HOME": str(objects.parent), "LC_ALL": "C"}
    command = ["make", "-s", "-C", str(source), "ARCH=um", f"O={objects}", "LOCALVERSION=-netloom", *words]
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != 0:
        raise LabError(f"Cannot build the kernel: make {words[-1]}:\n{done.stdout[-3000:]}")
