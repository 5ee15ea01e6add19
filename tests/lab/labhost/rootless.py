# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The form without root: one host without systemd, in a user namespace, with Open vSwitch running.

The command runs inside; Ansible connects locally. Everything that it writes lies in memory and vanishes with the last
process of the host, so nothing can be left behind.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import traceback
from typing import NoReturn

from labhost import access, debian, linux, native, rootless_guest
from labhost.rundir import BASE, LabError, Run, Settings

_NAMESPACES = linux.CLONE_NEWNS | linux.CLONE_NEWNET | linux.CLONE_NEWPID | linux.CLONE_NEWUTS | linux.CLONE_NEWIPC
_TUN = "/dev/net/tun"
_NEEDED = {
    "ip": "iproute2",
    "ovsdb-server": "openvswitch-switch",
    "ovs-vswitchd": "openvswitch-switch",
    "dnsmasq": "dnsmasq-base",
}
_STORAGE = pathlib.Path("/run/netloom-lab.fs")
# Where directories must be creatable though they are the machine's: a copy-on-write view.
_COPIED = ["/etc", "/var/lib", "/var/log"]
# What must be empty and writable: on top, because what lies in there is root's, who is nobody inside.
_EMPTY = [
    "/etc/netns", "/etc/netloom", "/etc/openvswitch", "/var/lib/dhcp", "/var/lib/dhcpcd", "/var/lib/misc",
    "/var/lib/netloom",
    "/var/lib/openvswitch", "/var/log/openvswitch",
]  # fmt: skip
# Where Pythons may lie that are used by virtual environments, below a home that others may not enter.
_PYTHONS = [".pyenv", ".local/share/uv"]
_SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"
_OVSDB = "unix:/run/openvswitch/db.sock"

_REASONS = [
    ("kernel/unprivileged_userns_clone", "0", "sudo sysctl kernel.unprivileged_userns_clone=1"),
    ("user/max_user_namespaces", "0", "sudo sysctl user.max_user_namespaces=10000"),
    ("kernel/apparmor_restrict_unprivileged_userns", "1", "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0"),
]

_INVENTORY = """\
# The lab host without root; made by tests/lab/lab. It is where this runs.
lab_hosts:
  vars:
    ansible_connection: local
    ansible_python_interpreter: /usr/bin/python3
  hosts:
    {name}:
      lab_number: 1
      lab_address: 127.0.0.1
"""


def run(settings: Settings, command: list[str], tool: str) -> int:
    """Run a command in a host without root; return its exit status."""
    if settings.count != 1 or settings.disk or settings.without:
        raise LabError(
            "Without root there is one lab host, in memory, with the machine's packages: leave N, --disk and --without"
            " out."
        )
    missing = sorted({package for program, package in _NEEDED.items() if not shutil.which(program, path=access.PATH)})
    if missing:
        raise LabError(f"The lab host needs {', '.join(missing)}. Install them with: tests/setup --lab")
    if settings.kernels:
        return rootless_guest.run(settings, command, tool, _become_nobody if os.geteuid() == 0 else None)
    if os.geteuid() == 0:
        _become_nobody()
    _check_tun()
    _enter_namespaces()
    pid = os.fork()  # PID 1 of the new pid namespace
    if pid == 0:
        _pid_1(settings, command, tool)
    return _pass_on(pid)


def _become_nobody() -> None:
    """Give root's rights up for those of `nobody`, with a /dev as an unprivileged user of a distribution has it."""
    nobody = pwd.getpwnam("nobody")
    linux.unshare(linux.CLONE_NEWNS)
    linux.make_private()
    _open_home(nobody.pw_uid, nobody.pw_gid)
    native.populate_dev(pathlib.Path("/dev"))
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)
    # After a change of user the kernel gives /proc/self to root, and uid_map could not be written: prctl(2).
    linux.set_dumpable()


def _open_home(uid: int, gid: int) -> None:
    """Let nobody see the checkout and the Pythons below root's home, which is closed to others, and nothing else of
    it.
    """
    home = pathlib.Path(pwd.getpwuid(0).pw_dir)
    checkout = pathlib.Path(__file__).resolve().parents[3]
    shown = [
        path
        for path in (checkout, debian.cache() / "kernels", *(home / name for name in _PYTHONS))
        if home in path.parents and path.is_dir()
    ]
    handles = [os.open(path, os.O_PATH | os.O_DIRECTORY) for path in shown]  # to reach them once the home is covered
    linux.mount("netloom-lab", home, "tmpfs", data=f"mode=755,uid={uid},gid={gid}")
    for path, handle in zip(shown, handles):
        path.mkdir(parents=True)
        linux.bind(f"/proc/self/fd/{handle}", path)
        os.close(handle)


def _check_tun() -> None:
    """Open vSwitch in user space needs taps."""
    try:
        os.close(os.open(_TUN, os.O_RDWR))
    except FileNotFoundError as error:
        raise LabError(f"There is no {_TUN}, which Open vSwitch needs here. Cure: sudo modprobe tun") from error
    except OSError as error:
        raise LabError(
            f"You may not open {_TUN} ({error.strerror}), which Open vSwitch needs here. Cure: sudo chmod 666 {_TUN}"
        ) from error


def _enter_namespaces() -> None:
    """Make the namespaces, with this user as root in them."""
    try:
        linux.unshare_as_root(_NAMESPACES)
        linux.make_private()
    except OSError as error:
        raise LabError(_why_not(error)) from error


def _why_not(error: OSError) -> str:
    for name, value, cure in _REASONS:
        with contextlib.suppress(OSError):
            if pathlib.Path("/proc/sys", name).read_text(encoding="ascii").strip() == value:
                setting = name.replace("/", ".")
                return (
                    f"This machine does not let users make namespaces ({setting} is {value}). Cure: {cure}, or use"
                    " root."
                )
    return (
        f"This machine does not let users make namespaces ({error.strerror}; in a container?). Cure: use root, or a"
        " machine that does."
    )


def _pass_on(pid: int) -> int:
    """Wait for the host's end; pass a request to end on to it."""

    def forward(_number: int, _frame: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, forward)
    signal.signal(signal.SIGINT, _nothing)  # Ctrl-C reaches the command by itself
    _pid, status = os.waitpid(pid, 0)
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


def _nothing(_number: int, _frame: object) -> None:
    """A handler, not SIG_IGN: that would be inherited by the command."""


def _pid_1(settings: Settings, command: list[str], tool: str) -> NoReturn:
    status = 1
    try:
        linux.die_with_parent()
        # Set up before the first signal can come: PID 1 gets only those that it has a handler for.
        signal.signal(signal.SIGINT, _nothing)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        _prepare_files()
        run_ = _prepare_run(settings)
        _start_openvswitch()
        environment = {**os.environ, **access.environment(run_, tool), "HOME": _home()}
        status = _run_and_reap(command, environment)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        status = 2
    except BaseException:  # noqa: BLE001 pylint: disable=broad-except
        # A child must never return into its parent's code.
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # the kernel ends whatever still runs inside


def _prepare_files() -> None:
    try:
        linux.mount("proc", "/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    except OSError as error:
        raise LabError(_why_not(error)) from error
    # A container may hide parts of /sys; then the machine's stays, which only misleads readers.
    with contextlib.suppress(OSError):
        linux.mount("sysfs", "/sys", "sysfs", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    # Read before /run is covered: where it is a link there (systemd-resolved), it would lead nowhere.
    resolv_conf = pathlib.Path("/etc/resolv.conf")
    names = resolv_conf.read_bytes() if resolv_conf.exists() else b""
    linux.mount("netloom-lab", "/run", "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=755")
    for index, path in enumerate(_COPIED):
        _lay_copy(path, _STORAGE / str(index))
    for path in _EMPTY:
        with contextlib.suppress(OSError):  # only where the copy above is not possible
            pathlib.Path(path).mkdir(exist_ok=True)
        if os.path.isdir(path):
            linux.mount("netloom-lab", path, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=755")
    if not os.access("/root", os.W_OK):  # Ansible asks for root's home, not for $HOME
        linux.mount("netloom-lab", "/root", "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=700")
    if resolv_conf.is_symlink() and os.access("/etc", os.W_OK):
        resolv_conf.unlink()
        resolv_conf.write_bytes(names)


def _lay_copy(path: str, storage: pathlib.Path) -> None:
    """Make a directory writable by a copy-on-write view (for users since Linux 5.11); without it, what exists must
    do.
    """
    for name in ("upper", "work"):
        (storage / name).mkdir(parents=True)
    data = f"lowerdir={path},upperdir={storage}/upper,workdir={storage}/work,userxattr"
    try:
        linux.mount("netloom-lab", path, "overlay", data=data)
    except OSError as error:
        print(f"lab: {path} stays read-only: {error.strerror}", file=sys.stderr)


def _prepare_run(settings: Settings) -> Run:
    run_ = Run(BASE / "rootless", settings)
    run_.directory.mkdir(mode=0o700, parents=True)
    run_.save_settings()
    run_.hand_over(os.getpid())
    run_.inventory.write_text(_INVENTORY.format(name=run_.hosts[0].name), encoding="utf-8")
    socket.sethostname(run_.hosts[0].name)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    return run_


def _start_openvswitch() -> None:
    for directory in ("/run/openvswitch", "/run/lock"):
        os.makedirs(directory, mode=0o755)
    daemon = ["--pidfile", "--detach", "--log-file", "--no-chdir", "-vconsole:off", "-vsyslog:off"]
    commands = [
        ["ovsdb-tool", "create", "/etc/openvswitch/conf.db", _SCHEMA],
        ["ovsdb-server", "/etc/openvswitch/conf.db", f"--remote=p{_OVSDB}", *daemon],
        ["ovs-vsctl", "--no-wait", "init"],
        ["ovs-vswitchd", _OVSDB, *daemon],
    ]
    for command in commands:
        done = subprocess.run(command, env={"PATH": access.PATH}, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise LabError(f"Cannot start Open vSwitch: {' '.join(command)}: {done.stderr.strip()}")


def _home() -> str:
    """The home of the command: the user's, or root's (in memory) for a user who has none to write to."""
    home = os.environ.get("HOME", "")
    return home if home and os.access(home, os.W_OK) else "/root"


def _run_and_reap(command: list[str], environment: dict[str, str]) -> int:
    """Run the command; as PID 1 also fetch the end of every orphan."""
    child = os.fork()
    if child == 0:
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        try:
            linux.exec_program(command, environment)
        except OSError as error:
            print(f"lab: Cannot run {command[0]}: {error.strerror}", file=sys.stderr)
            os._exit(127)

    def end(_number: int, _frame: object) -> None:
        os.kill(child, signal.SIGTERM)
        signal.alarm(5)  # it has that long to tidy up

    signal.signal(signal.SIGALRM, lambda _number, _frame: os._exit(128 + signal.SIGTERM))
    signal.signal(signal.SIGTERM, end)
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == child:
            return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
