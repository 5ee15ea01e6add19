# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's PID 1 until it becomes systemd: its namespaces and its view of the file system."""

from __future__ import annotations

import os
import pathlib
import socket
import stat
import traceback
from typing import NoReturn

from labhost import image, linux
from labhost.access import PATH
from labhost.rundir import Host

# File systems of the machine that are laid under a host where they are mounted apart from the root file system.
_DISK_TYPES = {"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs"}
_SYSTEM_DIRECTORIES = ("/usr", "/etc", "/var", "/opt", "/srv", "/root", "/home")
_BARE_PROC = "/run/netloom-lab/proc"
CHECKOUT = pathlib.Path(__file__).resolve().parents[3]
_NODES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9), "tty": (5, 0)}


def boot(host: Host, cgroup: pathlib.Path, keeper: socket.socket) -> NoReturn:
    """Become the host. Called in the child that is PID 1 of a new pid namespace; the keeper is told of its network
    namespace.
    """
    try:
        linux.die_with_parent()
        linux.unshare(linux.CLONE_NEWNET | linux.CLONE_NEWNS | linux.CLONE_NEWUTS | linux.CLONE_NEWIPC)
        keeper.send(b"1")
        (cgroup / "cgroup.procs").write_text("0", encoding="ascii")  # 0: this process
        linux.unshare(linux.CLONE_NEWCGROUP)  # after the move: what it is in now becomes its root
        _become(host)
    except BaseException:  # noqa: BLE001 pylint: disable=broad-except
        # A child must never return into its parent's code.
        traceback.print_exc()
        os._exit(1)


def _become(host: Host) -> NoReturn:
    files = image.collect(host)  # from the machine's file system, which is out of sight soon
    root = _assemble_root(host)
    populate_dev(root / "dev")
    linux.mount("proc", root / "proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    linux.mount("sysfs", root / "sys", "sysfs", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    linux.mount("cgroup2", root / "sys/fs/cgroup", "cgroup2", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    linux.mount("tmpfs", root / "run", "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=755")
    linux.mount("tmpfs", root / "tmp", "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=1777")
    machine = root / "run/netloom-lab/machine"
    machine.mkdir(parents=True)
    linux.bind(host.run.directory / "relay", machine)
    # A checkout below /tmp is not in sight any more, and tests run from it.
    checkout = root / "run/netloom-lab/checkout"
    checkout.mkdir()
    linux.bind_read_only(CHECKOUT, checkout)
    linux.pivot_root(root)
    socket.sethostname(host.name)
    image.write_volatile()
    # The kernel's own would not change when the host reboots, and whoever waits for that (ansible.builtin.reboot) would
    # wait.
    linux.bind(image.BOOT_ID, "/proc/sys/kernel/random/boot_id")
    # Users may mount a /proc in namespaces of their own only where one is to be seen with nothing mounted over it.
    pathlib.Path(_BARE_PROC).mkdir()
    linux.mount("proc", _BARE_PROC, "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    if files is not None:
        image.write(files)
    # systemd skips what is not for a container (clock, swap, kernel settings) when this variable is set.
    linux.exec_program(["/lib/systemd/systemd"], {"container": "netloom-lab", "PATH": PATH})


def _assemble_root(host: Host) -> pathlib.Path:
    """Lay a copy-on-write view over the machine's root and over what is mounted below its system directories."""
    storage = host.storage
    root = storage / "root"
    for index, (lower, path) in enumerate(lower_file_systems(host)):
        upper, work = storage / f"upper{index}", storage / f"work{index}"
        for directory in (upper, work, root):
            directory.mkdir(exist_ok=True)
        target = root / path.lstrip("/")
        if path != "/" and not target.is_dir():
            continue  # it is mounted below something that is not shown, such as a tmpfs
        # A new upper directory would give the merged root its own owner and mode: copy those.
        status = os.stat(lower)
        os.chmod(upper, stat.S_IMODE(status.st_mode))
        os.chown(upper, status.st_uid, status.st_gid)
        linux.mount("netloom-lab", target, "overlay", data=f"lowerdir={lower},upperdir={upper},workdir={work}")
    return root


def lower_file_systems(host: Host) -> list[tuple[str, str]]:
    """(directory, where the host has it): its root, and if that is the machine's, what is mounted apart from it below
    its system directories.
    """
    if host.root != "/":
        return [(host.root, "/")]
    found = {"/"}
    for line in pathlib.Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        before, _dash, after = line.partition(" - ")
        path = before.split()[4]
        below_system = any(path == top or path.startswith(f"{top}/") for top in _SYSTEM_DIRECTORIES)
        # '\': an escaped space or comma, which overlay's options would need escaped once more. Nobody has that here.
        if below_system and after.split()[0] in _DISK_TYPES and os.path.isdir(path) and not set(path) & set("\\,:"):
            found.add(path)
    return [(path, path) for path in sorted(found)]


def populate_dev(dev: pathlib.Path) -> None:
    """Make a /dev of its own: nothing of the machine's devices can be changed through it, no disk can be reached."""
    linux.mount("tmpfs", dev, "tmpfs", linux.MS_NOSUID, "mode=755")
    umask = os.umask(0)
    for name, (major, minor) in _NODES.items():
        os.mknod(dev / name, 0o666 | stat.S_IFCHR, os.makedev(major, minor))
    (dev / "net").mkdir(mode=0o755)
    # As distributions ship it: whoever may make a network namespace may have taps in it.
    os.mknod(dev / "net/tun", 0o666 | stat.S_IFCHR, os.makedev(10, 200))
    for name, target in linux.DEV_LINKS.items():
        (dev / name).symlink_to(target)
    for name in ("pts", "shm", "mqueue"):
        (dev / name).mkdir(mode=0o755)
    os.umask(umask)
    linux.mount(
        "devpts", dev / "pts", "devpts", linux.MS_NOSUID | linux.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620,gid=5"
    )
    linux.mount("tmpfs", dev / "shm", "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=1777")
    linux.mount("mqueue", dev / "mqueue", "mqueue", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
