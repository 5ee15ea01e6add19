# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A guest's PID 1 until it becomes systemd: what native.py does on the machine, done by the guest's own kernel.

It finds the machine's files below it, guest.json among them (vm.py wrote it), and its disk, which keeps its changes
over a reboot.
"""

from __future__ import annotations

import ctypes
import json
import os
import pathlib
import socket
import subprocess
import sys
import time
import traceback
from typing import Any, NoReturn

from labhost import gate, image, linux
from labhost.access import PATH

_LAB = "/run/netloom-lab"
_STAGE = "/mnt"  # every root has it
# The network namespace by which the guest is reached. No name in /run/netns: it is nobody's business in there.
_WAY_IN = f"{_LAB}/way-in"
_SAFE = linux.MS_NOSUID | linux.MS_NODEV
_SAFEST = _SAFE | linux.MS_NOEXEC
_POWER_OFF = 0x4321FEDC  # reboot(2)

_UNITS = {
    # systemd listens in that namespace; the sessions are in the guest's own. So tests may do to links, routes and
    # firewalls what they like.
    "netloom-lab-ssh.socket": (
        f"""\
[Unit]
Description=SSH from the machine, independent of the network of this lab host
[Socket]
ListenStream={gate.GUEST}:{gate.SSH_PORT}
FreeBind=yes
NetworkNamespacePath={_WAY_IN}
Accept=yes
MaxConnections=256
"""
    ),
    "netloom-lab-proxy.service": (
        f"""\
[Unit]
Description=Relay to the package mirror
[Service]
NetworkNamespacePath={_WAY_IN}
ExecStart=/lib/systemd/systemd-socket-proxyd --exit-idle-time=30s {gate.MACHINE}:{image.PROXY_PORT}
"""
    ),
    # ovs-vswitchd counts the processors every ten seconds of the clock that begins at boot (count_cpu_cores()): none
    # before the tenth. With none it has no thread for what the kernel's datapath does not know, and not even later on:
    # all packets are lost.
    "ovs-vswitchd.service.d/netloom-lab-guest.conf": (
        """\
[Service]
ExecStartPre=/bin/sh -c 'until [ "$(cut -d. -f1 /proc/uptime)" -gt 10 ]; do sleep 0.1; done'
"""
    ),
}


# hostfs has a file of the machine open for each inode that the kernel remembers. Without a fork, which would open more.
_FORGET = """\
[Unit]
Description=Stay below the number of files that this lab host's kernel may have open
[Service]
ExecStart=/bin/bash -c 'exec {{never}}<> <(:); while read -r inodes _ </proc/sys/fs/inode-nr; do \
    ((inodes < {most})) || echo 2 >/proc/sys/vm/drop_caches; read -rt 1 -u $never; done'
"""


def main() -> NoReturn:
    """Become the host."""
    try:
        settings = json.loads(pathlib.Path(os.environ["NETLOOM_LAB_GUEST"], "guest.json").read_text(encoding="utf-8"))
        os.environ["PATH"] = PATH
        fresh = _assemble_root(settings)
        # Where they are not built in: the devices that a host makes for modules (kmod-static-nodes), and what Docker
        # loads.
        subprocess.run(["modprobe", "-a", "tun", "br_netfilter"], check=False)
        os.chmod("/dev/net/tun", 0o666)
        socket.sethostname(settings["name"])
        image.write_volatile()
        if fresh:
            image.write(image.Files(**settings["files"]))
            for name, text in _UNITS.items():
                image.put(f"/etc/systemd/system/{name}", text)
            image.put_wanted("netloom-lab-inodes.service", _FORGET.format(most=settings["open_files"] // 2))
            os.sync()
        _plug_in(settings)
        linux.exec_program(["/lib/systemd/systemd"], {"container": "netloom-lab", "PATH": PATH})
    except BaseException:  # noqa: BLE001 pylint: disable=broad-except  # PID 1 must not end: the kernel would panic
        traceback.print_exc()
        sys.stderr.flush()
        time.sleep(1)  # the console is slower
        ctypes.CDLL(None).reboot(_POWER_OFF)
    os._exit(1)


def _assemble_root(settings: dict[str, Any]) -> bool:
    """Lay the guest's disk over the machine's files and make that the root. Whether it is its first boot."""
    # With each commit, once a second, goes what was written before it: who cuts the power loses no more than that.
    linux.mount(settings["disk"], _STAGE, "ext4", data="commit=1,nodelalloc,noinit_itable")
    root = f"{_STAGE}/root"
    fresh = not os.path.isdir(root)
    for name in ("upper", "work", "root"):
        os.makedirs(f"{_STAGE}/{name}", exist_ok=True)
    linux.mount("netloom-lab", root, "overlay", data=f"lowerdir=/,upperdir={_STAGE}/upper,workdir={_STAGE}/work")
    linux.mount("devtmpfs", f"{root}/dev", "devtmpfs", linux.MS_NOSUID, "mode=755")
    linux.mount("proc", f"{root}/proc", "proc", _SAFEST)
    linux.mount("sysfs", f"{root}/sys", "sysfs", _SAFEST)
    linux.mount("securityfs", f"{root}/sys/kernel/security", "securityfs", _SAFEST)
    linux.mount("tmpfs", f"{root}/run", "tmpfs", _SAFE, "mode=755")
    linux.mount("tmpfs", f"{root}/tmp", "tmpfs", _SAFE, "mode=1777")
    for name in ("checkout", "modules"):
        os.makedirs(f"{root}{_LAB}/{name}")
        linux.bind(settings[name], f"{root}{_LAB}/{name}")
    if not os.access("/root", os.R_OK | os.X_OK):  # the machine's files as a user sees them
        os.makedirs(f"{_STAGE}/home", mode=0o700, exist_ok=True)
        linux.bind(f"{_STAGE}/home", f"{root}/root")
    _complete_dev(f"{root}/dev")
    _show_modules(f"{root}/lib/modules")
    linux.make_private()
    linux.pivot_root(root)
    return fresh


def _complete_dev(dev: str) -> None:
    """What the kernel's own /dev lacks, and udev would bring."""
    for name, target in linux.DEV_LINKS.items():
        if not os.path.lexists(f"{dev}/{name}"):
            os.symlink(target, f"{dev}/{name}")
    for name in ("pts", "shm", "mqueue"):
        os.makedirs(f"{dev}/{name}", exist_ok=True)
    linux.mount("devpts", f"{dev}/pts", "devpts", linux.MS_NOSUID | linux.MS_NOEXEC, "ptmxmode=0666,mode=620,gid=5")
    linux.mount("tmpfs", f"{dev}/shm", "tmpfs", _SAFE, "mode=1777")


def _show_modules(directory: str) -> None:
    """modprobe must find that a driver is built in: Open vSwitch's start asks it for its datapath."""
    os.makedirs(directory, exist_ok=True)
    release = os.uname().release
    if not os.path.lexists(f"{directory}/{release}"):
        os.symlink(f"{_LAB}/modules/{release}", f"{directory}/{release}")


def _plug_in(settings: dict[str, Any]) -> None:
    """The two NICs: one in the namespace by which the guest is reached, the other is its eth0."""
    own = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    linux.unshare(linux.CLONE_NEWNET)
    pathlib.Path(_WAY_IN).touch()
    linux.bind("/proc/self/ns/net", _WAY_IN)
    linux.setns(own, linux.CLONE_NEWNET)
    port, way_in = settings["nics"]
    rename = [] if port == "eth0" else [f"link set {port} name eth0"]
    _ip(
        f"link set {way_in} netns {_WAY_IN}",
        "link set lo up",
        *rename,
        f"address add {settings['address']}/24 dev eth0",
        "link set eth0 up",
    )
    inside = os.open(_WAY_IN, os.O_RDONLY | os.O_CLOEXEC)
    linux.setns(inside, linux.CLONE_NEWNET)
    _ip("link set lo up", f"address add {gate.GUEST}/24 dev {way_in}", f"link set {way_in} up")
    linux.setns(own, linux.CLONE_NEWNET)


def _ip(*commands: str) -> None:
    subprocess.run(["ip", "-batch", "-"], input="".join(f"{command}\n" for command in commands), text=True, check=True)


if __name__ == "__main__":
    main()
