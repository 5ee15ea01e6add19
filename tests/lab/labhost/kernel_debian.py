# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's own kernel, as it comes, with an initrd that loads what it takes to see the machine's files by
virtiofs(7).
"""

from __future__ import annotations

import gzip
import pathlib
import shutil
import subprocess

from labhost import kernels

_TOOLS = {"qemu-system-x86_64": "qemu-system-x86", "busybox": "busybox-static", "depmod": "kmod"}
# What is used before the machine's files, with the modules for the others, are in sight; and what finds no one to load
# it later.
_EARLY = ("virtio_pci", "virtiofs", "virtio_blk", "virtio_net", "ext4", "crc32c_generic", "overlay")
_INIT = """\
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
for module in $(/bin/busybox cat /modules); do /bin/busybox insmod /$module; done
/bin/busybox mount -t virtiofs -o ro root /root || /bin/busybox poweroff -f
/bin/busybox mount -t devtmpfs devtmpfs /root/dev
exec /bin/busybox switch_root /root /usr/bin/python3 -B -m labhost.early
"""


def make(kernel: kernels.Kernel, work: pathlib.Path, draft: pathlib.Path) -> pathlib.Path:
    """Make the kernel in ``draft``, and what comes and goes in ``work``. Return the package it is from."""
    kernels.need(_TOOLS, "To run Debian's own kernel", "--qemu")
    apt, names_it = kernels.fetch(kernel, work)  # a package that depends on the newest of its kind
    depends = subprocess.run(
        ["dpkg-deb", "--field", names_it, "Depends"], capture_output=True, text=True, check=True
    ).stdout
    package = apt.download(depends.split()[0].rstrip(","))
    tree = work / "tree"
    subprocess.run(["dpkg-deb", "--extract", package, tree], check=True)
    modules = next(path for path in (tree / "lib/modules", tree / "usr/lib/modules") if path.is_dir())
    release = next(modules.iterdir()).name
    subprocess.run(
        ["depmod", "--basedir", modules.parents[1] if modules.parents[1] != tree else tree, release], check=True
    )
    shutil.copy(next(tree.glob("boot/vmlinuz-*")), draft / "linux")
    shutil.copytree(modules, draft / "modules", ignore=shutil.ignore_patterns("build", "source"))
    (draft / "initrd").write_bytes(gzip.compress(_initrd(modules / release, work / "initrd"), 1))
    return package


def _initrd(modules: pathlib.Path, tree: pathlib.Path) -> bytes:
    for below in ("bin", "proc", "root"):
        (tree / below).mkdir(parents=True)
    wanted = in_order((modules / "modules.dep").read_text(encoding="ascii"), _EARLY)
    for path in wanted:
        target = tree / path
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy_plain(modules / path, target)
    (tree / "modules").write_text("\n".join(wanted) + "\n", encoding="ascii")
    shutil.copy(shutil.which("busybox") or "", tree / "bin/busybox")
    (tree / "init").write_text(_INIT, encoding="ascii")
    (tree / "init").chmod(0o755)
    names = "\n".join(sorted(str(path.relative_to(tree)) for path in tree.rglob("*")))
    return subprocess.run(
        ["busybox", "cpio", "-o", "-H", "newc"], cwd=tree, input=names.encode(), stdout=subprocess.PIPE, check=True
    ).stdout


def _copy_plain(source: pathlib.Path, target: pathlib.Path) -> None:
    """Copy a module, unpacked: busybox's insmod knows no compression."""
    if source.suffix == ".xz":
        with target.open("wb") as file:
            subprocess.run(["xz", "--decompress", "--stdout", source], stdout=file, check=True)
    else:
        shutil.copy(source, target)


def in_order(dependencies: str, names: tuple[str, ...]) -> list[str]:
    """The paths of modules with what they depend on, each after what it needs. Out of modules.dep(5); what is built in
    is not in there.
    """
    needs = {path: rest.split() for path, _colon, rest in (line.partition(":") for line in dependencies.splitlines())}
    by_name = {pathlib.PurePath(path).name.partition(".")[0].replace("-", "_"): path for path in needs}
    found: list[str] = []
    for name in names:
        if name in by_name:
            # modules.dep lists all that a module needs, the deepest last.
            found += [path for path in [*reversed(needs[by_name[name]]), by_name[name]] if path not in found]
    return found
