# SPDX-FileCopyrightText: netloom.linux contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernels that a lab guest may have: user-mode Linux, built from Debian's source packages with our configuration.

Debian's own package user-mode-linux would save the five minutes of building, but its kernels have nf_tables without the families
ip and inet, so no NAT. What was built is kept in the user's cache, by the name of the kernel and what it was built from:

    ~/.cache/netloom/kernels/7.2-0123456789ab/
        linux                   the kernel, a program
        modules/RELEASE/        the lists that modprobe wants; every driver is built in
        made.json               package, version, and the kernel's checksum
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator

from labhost import debian
from labhost.rundir import LabError, say

CONFIG = pathlib.Path(__file__).resolve().parents[1] / "kernel/config"
DEFAULT = "7.2"
_RECIPE = "1"  # changes when the same source and configuration would be built in another way
_TOOLS = {"bc": "bc", "bison": "bison", "flex": "flex", "gcc": "gcc", "ld": "binutils", "make": "make", "xz": "xz-utils", "depmod": "kmod"}
# What user-mode Linux does not need of the source, a third of it.
_LEFT_OUT = ("arch/[!ux]*/*.[chS]", "arch/*.dts*", "Documentation/*/*", "drivers/gpu/*.[ch]")


@dataclasses.dataclass(frozen=True)
class Kernel:
    """A kernel by the name that `--kernel` takes. ``suites``: where Debian has its source. ``words``: what it wants on its command line."""

    name: str
    suites: tuple[str, ...]
    words: tuple[str, ...] = ()

    @property
    def package(self) -> str:
        """Debian's source package."""
        return f"linux-source-{self.name}"

    @property
    def directory(self) -> pathlib.Path:
        """Where it is kept."""
        made_of = CONFIG.read_bytes() + _RECIPE.encode()
        return debian.cache() / "kernels" / f"{self.name}-{hashlib.sha256(made_of).hexdigest()[:12]}"

    @property
    def program(self) -> pathlib.Path:
        """The kernel itself."""
        return self.directory / "linux"

    @property
    def modules(self) -> pathlib.Path:
        """What belongs to /lib/modules."""
        return self.directory / "modules"


# seccomp: system calls cost less than half; since 6.16, and must be asked for.
KERNELS = {
    kernel.name: kernel
    for kernel in (
        Kernel("7.2", ("trixie-backports", "forky", "sid"), ("seccomp=on",)),
        Kernel("6.12", ("trixie",)),
        Kernel("6.1", ("bookworm",)),
    )
}


def named(name: str) -> Kernel:
    """The kernel of that name."""
    if name not in KERNELS:
        raise LabError(f"--kernel {name}: there is no such kernel. There are: {', '.join(KERNELS)}")
    return KERNELS[name]


def ready(name: str) -> Kernel:
    """The kernel of that name, which is built before if it is not there yet."""
    kernel = named(name)
    with _alone(kernel):
        if not kernel.directory.exists():
            _build(kernel)
    made = json.loads((kernel.directory / "made.json").read_text(encoding="utf-8"))
    if _checksum(kernel.program) != made["sha256"]:
        raise LabError(f"{kernel.program} is not what was built. Delete {kernel.directory}; the next start builds it anew.")
    return kernel


def _build(kernel: Kernel) -> None:
    missing = sorted({package for tool, package in _TOOLS.items() if not shutil.which(tool)})
    if missing:
        raise LabError(f"To build a kernel takes {', '.join(missing)}. Install them with: tests/setup")
    # On disk: two gigabytes of source and objects.
    with tempfile.TemporaryDirectory(prefix="netloom-kernel.", dir="/var/tmp") as name:
        work = pathlib.Path(name)
        say(f"Kernel {kernel.name} is not there yet. Fetching {kernel.package} from Debian's {', '.join(kernel.suites)}")
        package = debian.Apt(work, kernel.suites).download(kernel.package)
        say(f"Building it from {package.name}: nine minutes of a processor, once")
        source, objects = work / "source", work / "objects"
        _unpack(kernel, package, source)
        _make(source, objects, f"KCONFIG_ALLCONFIG={CONFIG}", "allnoconfig")
        _make(source, objects, f"-j{len(os.sched_getaffinity(0))}", "linux", "modules")
        _make(source, objects, f"INSTALL_MOD_PATH={work}/installed", "modules_install")
        _keep(kernel, package, objects / "linux", work / "installed/lib/modules")


def _unpack(kernel: Kernel, package: pathlib.Path, source: pathlib.Path) -> None:
    source.mkdir()
    exclude = " ".join(f"--exclude='{kernel.package}/{pattern}'" for pattern in _LEFT_OUT)
    pipe = (
        f"dpkg-deb --fsys-tarfile '{package}' | tar --extract --to-stdout ./usr/src/{kernel.package}.tar.xz"
        f" | tar --extract --xz --directory '{source}' --strip-components=1 --anchored {exclude}"
    )
    subprocess.run(["bash", "-o", "pipefail", "-c", pipe], check=True)


def _make(source: pathlib.Path, objects: pathlib.Path, *words: str) -> None:
    # Without the user's own settings for compilers; LOCALVERSION: the release says whose it is.
    environment = {"PATH": os.environ["PATH"], "HOME": str(objects.parent), "LC_ALL": "C"}
    command = ["make", "-s", "-C", str(source), "ARCH=um", f"O={objects}", "LOCALVERSION=-netloom", *words]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"Cannot build the kernel: make {words[-1]}:\n{done.stdout[-3000:]}")


def _keep(kernel: Kernel, package: pathlib.Path, program: pathlib.Path, modules: pathlib.Path) -> None:
    """Put it in its place, whole or not at all."""
    draft = kernel.directory.with_name(f".{kernel.directory.name}.{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    subprocess.run(["strip", "-o", draft / "linux", program], check=True)
    for link in ("build", "source"):
        for path in modules.glob(f"*/{link}"):
            path.unlink()
    shutil.copytree(modules, draft / "modules")
    _name, version, _rest = package.name.split("_")
    made = {"package": kernel.package, "version": version, "sha256": _checksum(draft / "linux")}
    (draft / "made.json").write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
    draft.replace(kernel.directory)
    say(f"Kernel {kernel.name} is built, from {kernel.package} {version}: {kernel.directory}")


def _checksum(path: pathlib.Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextlib.contextmanager
def _alone(kernel: Kernel) -> Iterator[None]:
    """One at a time builds a kernel; the others wait for it."""
    kernel.directory.parent.mkdir(parents=True, exist_ok=True)
    with kernel.directory.with_name(f"{kernel.name}.lock").open("w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
