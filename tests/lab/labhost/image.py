# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes a fresh host out of a copy of the machine: nothing inherited that must not be, only its own services.

Everything is written after pivot_root, through the host's own root: an absolute symbolic link (say /etc/resolv.conf)
can then not lead to a file of the machine.
"""

from __future__ import annotations

import configparser
import dataclasses
import os
import pathlib
import shutil
import uuid

from labhost.access import SSH_SOCKET
from labhost.rundir import UNDERLAY, Host

PROXY_PORT = 3142
PROXY = f"127.0.0.1:{PROXY_PORT}"  # the way to the package mirror, inside a host
BOOT_ID = "/run/netloom-lab/boot_id"

# The machine's state, which a fresh host must not have.
_EMPTIED = [
    "/etc/netns", "/etc/netloom", "/var/lib/netloom", "/etc/openvswitch", "/var/lib/openvswitch",
    "/var/log/openvswitch",
    "/etc/ovn", "/var/lib/ovn", "/var/log/ovn", "/var/lib/misc", "/var/lib/dhcp", "/var/lib/dhcpcd", "/var/log/journal",
    "/etc/ssh/sshd_config.d", "/root/.ssh", "/root/.ansible", "/opt/netloom",
]  # fmt: skip
_EMPTIED_AND_KEPT = {
    "/etc/openvswitch",
    "/var/lib/openvswitch",
    "/var/log/openvswitch",
    "/var/lib/misc",
    "/var/lib/dhcp",
}
# How the machine reaches package mirrors: pip in a host goes the same way.
_LENT = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pip.conf"]
# Where Debian's Python of any version finds what packages bring.
_OF_PYTHON = "/usr/lib/python3/dist-packages"
_REMEMBER = pathlib.Path(__file__).with_name("remember.py")  # not imported: this Python is not to remember
_LOGIN_FILES = [".bashrc", ".bash_profile", ".bash_login", ".bash_aliases", ".profile"]
_REMOVED = ["/usr/sbin/policy-rc.d", "/.dockerenv", "/etc/hostname", "/etc/resolv.conf", "/etc/fstab", "/etc/crypttab"]

# Units of systemd's own static wants that would reach past the host (kernel settings, modules, clock, devices) or
# cost time. Those that are enabled in /etc/systemd need no list: their links are removed.
_MASKED = [
    "apparmor.service", "apt-daily.timer", "apt-daily-upgrade.timer", "console-getty.service", "dev-hugepages.mount",
    "dev-mqueue.mount", "dpkg-db-backup.timer", "e2scrub_all.timer", "fstrim.timer", "getty.target",
    "kmod-static-nodes.service", "ldconfig.service", "man-db.timer", "modprobe@.service",
    "proc-sys-fs-binfmt_misc.automount", "sys-fs-fuse-connections.mount", "sys-kernel-config.mount",
    "sys-kernel-debug.mount", "sys-kernel-tracing.mount", "systemd-binfmt.service", "systemd-firstboot.service",
    "systemd-hwdb-update.service", "systemd-journal-catalog-update.service",
    "systemd-machine-id-commit.service", "systemd-modules-load.service", "systemd-networkd.service",
    "systemd-networkd.socket", "systemd-pcrphase.service", "systemd-pcrphase-sysinit.service", "systemd-pstore.service",
    "systemd-random-seed.service", "systemd-repart.service", "systemd-resolved.service", "systemd-sysctl.service",
    "systemd-timesyncd.service", "systemd-udev-settle.service", "systemd-udev-trigger.service", "systemd-udevd.service",
    "systemd-udevd-control.socket", "systemd-udevd-kernel.socket", "systemd-update-done.service",
]  # fmt: skip

_SSHD_CONFIG = """\
HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin prohibit-password
# PAM would bring the machine's login rules, and a tenth of a second a login.
UsePAM no
UseDNS no
MaxSessions 64
MaxStartups 100:30:200
Subsystem sftp /usr/lib/openssh/sftp-server
"""

_UNITS = {
    "netloom-lab-ssh.socket": (
        f"""\
[Unit]
Description=SSH from the machine, independent of the network of this lab host
[Socket]
ListenStream={SSH_SOCKET}
SocketMode=0600
Accept=yes
MaxConnections=256
"""
    ),
    # KillMode: as on any host, a daemon that was started in a session outlives it.
    "netloom-lab-ssh@.service": (
        """\
[Unit]
Description=SSH session from the machine
[Service]
ExecStart=-/usr/sbin/sshd -i
StandardInput=socket
StandardError=journal
KillMode=process
"""
    ),
    "netloom-lab-proxy.socket": (
        f"""\
[Unit]
Description=The way to the package mirror
[Socket]
ListenStream={PROXY}
FreeBind=yes
"""
    ),
    "netloom-lab-proxy.service": (
        """\
[Unit]
Description=Relay to the package mirror
[Service]
ExecStart=/lib/systemd/systemd-socket-proxyd --exit-idle-time=30s /run/netloom-lab/machine/proxy.sock
"""
    ),
}

_APT = f"""\
// The lab host has no network of its own to the package mirror; this leads there.
Acquire::http::Proxy "http://{PROXY}";
Acquire::https::Proxy "http://{PROXY}";
// Nobody needs a lab host's packages to survive a power cut.
DPkg::Options {{ "--force-unsafe-io"; }};
"""


@dataclasses.dataclass(frozen=True)
class Files:
    """What the image needs to know of the machine and of the run."""

    name: str
    hosts: list[str]  # the names of all hosts of the run, in order
    public_key: str
    host_key: str
    resolv_conf: str
    lent: dict[str, str]  # path -> text: what another root needs of the machine's files
    remember: str  # the text of remember.py, or nothing


def collect(host: Host) -> Files | None:
    """Read what is needed from the machine's file system; None when the host was made before and only reboots."""
    made = host.directory / "made"
    if made.exists():
        return None
    made.touch()
    directory = host.run.directory
    resolv_conf = pathlib.Path("/etc/resolv.conf")
    return Files(
        name=host.name,
        hosts=[other.name for other in host.run.hosts],
        public_key=(directory / "key.pub").read_text(encoding="ascii"),
        host_key=(directory / "hostkey").read_text(encoding="ascii"),
        resolv_conf=resolv_conf.read_text(encoding="utf-8") if resolv_conf.exists() else "",
        lent=(
            {}
            if host.root == "/"
            else {path: pathlib.Path(path).read_text(encoding="utf-8") for path in _LENT if os.path.exists(path)}
        ),
        remember=_REMEMBER.read_text(encoding="utf-8") if host.run.settings.remember else "",
    )


def write_volatile() -> None:
    """What a boot finds in its empty /run."""
    for directory in ("/run/lock", "/run/sshd"):
        os.makedirs(directory, mode=0o755, exist_ok=True)
    put(BOOT_ID, f"{uuid.uuid4()}\n", 0o444)


def write(files: Files) -> None:
    """Turn the copy of the machine into a fresh host."""
    for name in _EMPTIED:
        shutil.rmtree(name, ignore_errors=True)
        if name in _EMPTIED_AND_KEPT:
            os.makedirs(name, mode=0o755)
    for name in _REMOVED:
        pathlib.Path(name).unlink(missing_ok=True)
    for path, text in files.lent.items():
        put(path, text)
    _write_identity(files)
    _write_ssh(files)
    _write_login()
    _write_services()
    _write_packages()
    if files.remember:
        _write_memory(files.remember)


def _write_identity(files: Files) -> None:
    put("/etc/machine-id", f"{uuid.uuid4().hex}\n", 0o444)  # an empty one would start every service: first boot
    put("/etc/hostname", f"{files.name}\n")
    put("/etc/fstab", "")
    put("/etc/resolv.conf", files.resolv_conf)
    lines = ["127.0.0.1 localhost", "::1 localhost ip6-localhost ip6-loopback"]
    lines += [f"{UNDERLAY}.{number} {name}" for number, name in enumerate(files.hosts, 1)]
    put("/etc/hosts", "\n".join(lines) + "\n")


def _write_ssh(files: Files) -> None:
    for path in pathlib.Path("/etc/ssh").glob("ssh_host_*"):
        path.unlink()
    put("/etc/ssh/ssh_host_ed25519_key", files.host_key, 0o600)
    put("/etc/ssh/sshd_config", _SSHD_CONFIG)
    os.makedirs("/root/.ssh", mode=0o700)
    put("/root/.ssh/authorized_keys", files.public_key, 0o600)
    # Without PAM, sshd refuses an account whose password is locked with '!' (Ubuntu's root), even with a key.
    shadow = pathlib.Path("/etc/shadow")
    # Below a guest that a user started lie the machine's files as that user sees them.
    if not os.access(shadow, os.R_OK):
        put("/etc/shadow", "root:*:19000:0:99999:7:::\n", 0o600)
        return
    lines = shadow.read_text(encoding="utf-8").splitlines(keepends=True)
    unlocked = ["root:*:" + line.split(":", 2)[2] if line.startswith("root:!") else line for line in lines]
    if unlocked != lines:
        put("/etc/shadow", "".join(unlocked), 0o600)


def _write_login() -> None:
    # The machine's own may do anything, at every command over SSH: half a second of some version manager, for example.
    home, new = pathlib.Path("/root"), pathlib.Path("/etc/skel")
    for name in _LOGIN_FILES:
        (home / name).unlink(missing_ok=True)
        if (new / name).exists():
            shutil.copyfile(new / name, home / name)


def _write_services() -> None:
    units = pathlib.Path("/etc/systemd/system")
    for links in units.glob("*.wants"):
        shutil.rmtree(links)  # what is enabled on the machine is not on a fresh host
    for link in pathlib.Path("/etc").glob("rc?.d/S*"):
        # As `update-rc.d NAME disable` does: without any link, `systemctl enable` of such a service fails.
        link.replace(link.with_name(f"K{link.name[1:]}"))
    for name in _MASKED:
        link = units / name
        link.unlink(missing_ok=True)
        link.symlink_to("/dev/null")
    for name, text in _UNITS.items():
        put(str(units / name), text)
    sockets, services = units / "sockets.target.wants", units / "multi-user.target.wants"
    for directory in (sockets, services):
        directory.mkdir()
    for name in ("netloom-lab-ssh.socket", "netloom-lab-proxy.socket"):
        (sockets / name).symlink_to(units / name)
    (services / "ssh.service").symlink_to("/lib/systemd/system/ssh.service")
    default = units / "default.target"
    default.unlink(missing_ok=True)
    default.symlink_to("/lib/systemd/system/multi-user.target")
    put("/etc/cloud/cloud-init.disabled", "")  # it would come by its generator
    put("/etc/systemd/journald.conf.d/netloom-lab.conf", "[Journal]\nStorage=volatile\nRuntimeMaxUse=16M\n")
    put("/etc/systemd/system.conf.d/netloom-lab.conf", "[Manager]\nDefaultTimeoutStopSec=10s\n")
    # ovs-vswitchd would lock 40 MB a host in memory. Not in /etc/default: that file belongs to a package, which would
    # ask about it when it is installed later.
    for name in ("ovsdb-server", "ovs-vswitchd"):
        put(f"{units}/{name}.service.d/netloom-lab.conf", "[Service]\nEnvironment=OVS_CTL_OPTS=--no-mlockall\n")


def _write_packages() -> None:
    put("/etc/apt/apt.conf.d/99netloom-lab", _APT)
    config = configparser.ConfigParser(interpolation=None)
    config.read("/etc/pip.conf", encoding="utf-8")
    if not config.has_section("global"):
        config.add_section("global")
    config.set("global", "proxy", f"http://{PROXY}")
    with open("/etc/pip.conf", "w", encoding="utf-8") as file:
        config.write(file)


def _write_memory(text: str) -> None:
    """For the Python of the distribution; who makes an environment of his own makes it as on any host."""
    put(f"{_OF_PYTHON}/netloom_lab_remember.pth", "import netloom_lab_remember\n")
    put(f"{_OF_PYTHON}/netloom_lab_remember/__init__.py", text)
    os.chmod(f"{_OF_PYTHON}/netloom_lab_remember", 0o1777)  # what it remembers is there, too


def put_wanted(name: str, text: str) -> None:
    """Write a unit that starts with the host."""
    put(f"/etc/systemd/system/{name}", text)
    pathlib.Path("/etc/systemd/system/multi-user.target.wants", name).symlink_to(f"/etc/systemd/system/{name}")


def put(path: str, text: str, mode: int = 0o644) -> None:
    """Write a file as a new one, its directories included: what was there may be a link to elsewhere."""
    where = pathlib.Path(path)
    where.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    where.unlink(missing_ok=True)
    where.write_text(text, encoding="utf-8")
    where.chmod(mode)
