# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernels that a lab guest may have, by name, and where they are kept.

Those with a bare number are user-mode Linux, built from Debian's source packages with our configuration
(kernel_uml.py). Those named debian-* are Debian's own, run by QEMU without hardware virtualisation (kernel_debian.py):
ten times slower, a cross-check. What was made is kept in the user's cache, by the name of the kernel and what it was
made from:

    ~/.cache/netloom/kernels/7.2-0123456789ab/
        linux                   the kernel
        initrd                  of Debian's own: what finds the root file system
        modules/RELEASE/        for /lib/modules
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
import tempfile
from collections.abc import Iterator

from labhost import debian
from labhost.rundir import LabError, say

CONFIG = pathlib.Path(__file__).resolve().parents[1] / "kernel/config"
DEFAULT = "7.2"
_RECIPE = "1"  # changes when the same packages and configuration would be made into something else


@dataclasses.dataclass(frozen=True)
class Kernel:
    """A kernel by the name that `--kernel` takes. ``suites``: where Debian has the package. ``words``: what it wants on
    its command line.
    """

    name: str
    package: str
    suites: tuple[str, ...]
    words: tuple[str, ...] = ()

    @property
    def is_debians(self) -> bool:
        """Whether it is Debian's own, for QEMU."""
        return self.name.startswith("debian-")

    @property
    def directory(self) -> pathlib.Path:
        """Where it is kept."""
        made_of = f"{_RECIPE} {self.package}".encode() + (b"" if self.is_debians else CONFIG.read_bytes())
        return debian.cache() / "kernels" / f"{self.name}-{hashlib.sha256(made_of).hexdigest()[:12]}"

    @property
    def program(self) -> pathlib.Path:
        """The kernel itself."""
        return self.directory / "linux"

    @property
    def modules(self) -> pathlib.Path:
        """What belongs to /lib/modules."""
        return self.directory / "modules"


KERNELS = {
    kernel.name: kernel
    for kernel in (
        # seccomp: system calls cost less than half; since 6.16, and must be asked for.
        Kernel("7.2", "linux-source-7.2", ("trixie-backports", "forky", "sid"), ("seccomp=on",)),
        Kernel("debian-6.1", "linux-image-cloud-amd64", ("bookworm",)),
    )
}


def named(name: str) -> Kernel:
    """The kernel of that name."""
    if name not in KERNELS:
        raise LabError(f"--kernel {name}: there is no such kernel. There are: {', '.join(KERNELS)}")
    return KERNELS[name]


def ready(name: str) -> Kernel:
    """The kernel of that name, which is made before if it is not there yet."""
    kernel = named(name)
    with _alone(kernel):
        if not kernel.directory.exists():
            _make(kernel)
    made = json.loads((kernel.directory / "made.json").read_text(encoding="utf-8"))
    if _checksum(kernel.program) != made["sha256"]:
        raise LabError(
            f"{kernel.program} is not what was made. Delete {kernel.directory}; the next start makes it anew."
        )
    return kernel


def need(tools: dict[str, str], what: str, setup: str) -> None:
    """Refuse to go on without these programs (program -> Debian's package)."""
    missing = sorted({package for tool, package in tools.items() if not shutil.which(tool)})
    if missing:
        raise LabError(f"{what} takes {', '.join(missing)}. Install them with: tests/setup {setup}")


def _make(kernel: Kernel) -> None:
    """Make it in a directory of its own, and put it in its place, whole or not at all."""
    from labhost import kernel_debian, kernel_uml

    draft = kernel.directory.with_name(f".{kernel.directory.name}.{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    # On disk: a source with its objects takes two gigabytes.
    with tempfile.TemporaryDirectory(prefix="netloom-kernel.", dir="/var/tmp") as work:
        draft.mkdir(parents=True)
        maker = kernel_debian if kernel.is_debians else kernel_uml
        package = maker.make(kernel, pathlib.Path(work), draft)
        _name, version, _rest = package.name.split("_")
        made = {"package": kernel.package, "version": version, "sha256": _checksum(draft / "linux")}
        (draft / "made.json").write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
        draft.replace(kernel.directory)
    say(f"Kernel {kernel.name} is there, from {package.name}: {kernel.directory}")


def fetch(kernel: Kernel, work: pathlib.Path) -> tuple[debian.Apt, pathlib.Path]:
    """Fetch the kernel's package; return what fetched it, and the file."""
    say(f"Kernel {kernel.name} is not there yet. Fetching {kernel.package} from Debian's {', '.join(kernel.suites)}")
    apt = debian.Apt(work, kernel.suites)
    return apt, apt.download(kernel.package)


def _checksum(path: pathlib.Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextlib.contextmanager
def _alone(kernel: Kernel) -> Iterator[None]:
    """One at a time builds a kernel; the others wait for it."""
    kernel.directory.parent.mkdir(parents=True, exist_ok=True)
    with kernel.directory.with_name(f"{kernel.name}.lock").open("w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
