# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keeper: one process for a run, parent of its hosts and holder of the namespaces that they share.

Whatever a run has on the machine hangs on this process: its mount namespace holds the hosts' file systems (so they
survive a reboot of the host, and vanish with the keeper), its network namespace holds the underlay's bridge, and the
kernel kills the hosts when it ends. The machine's own mounts and links are never touched.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import time
import traceback

from labhost import gate, linux, native, relay, vm
from labhost.rundir import BASE, Host, Run

POWER_ON = signal.SIGUSR1  # start the hosts that are off
TAKE_OVER = signal.SIGUSR2  # outlive the process that started the run
_SIGNALS = {signal.SIGCHLD, signal.SIGTERM, POWER_ON, TAKE_OVER}
_CGROUP_PREFIX = "netloom-lab."
_COUNTED = "/netloom-check."  # the group of a check (tests/gates/processor.py), which also counts its hosts
_NO_OFFLOADS = ("tx", "off", "gso", "off", "gro", "off", "tso", "off")


def start(run: Run) -> int:
    """Start the keeper as a child; return its pid."""
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            linux.die_with_parent()
            if os.getppid() != parent:
                os._exit(1)  # it ended before the line above
            _detach_from_terminal(run.directory / "keeper.log")
            Keeper(run).main()
        except BaseException:  # noqa: BLE001 pylint: disable=broad-except
            # A child must never return into its parent's code.
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return pid


def _detach_from_terminal(log: pathlib.Path) -> None:
    """Get out of reach of Ctrl-C, which the tool answers, and write to a log."""
    os.setsid()
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    null = os.open("/dev/null", os.O_RDONLY)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for source, target in ((null, 0), (out, 1), (out, 2)):
        os.dup2(source, target)


class Keeper:
    """The state of the keeper: which process is which host."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.hosts: dict[int, tuple[Host, float]] = {}  # pid -> host, when it was started
        self.own_pid_namespace = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        self.cgroups = run.directory / "cgroup"

    def main(self) -> None:
        """Start everything, then answer signals until told to stop."""
        # Blocked and fetched one by one with sigwait: nothing happens in a handler, nothing is lost.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        linux.unshare(linux.CLONE_NEWNS)
        linux.make_private()
        self._prepare_cgroups()
        relay.start(self.run.directory / "relay" / "proxy.sock")  # while still in the machine's network namespace
        linux.unshare(linux.CLONE_NEWNET)
        # Without multicast snooping: a bridge that learns groups first would delay IPv6 between hosts.
        _ip("link add ul0 type bridge mcast_snooping 0", "link set ul0 up")
        for host in self.run.hosts:
            self._prepare_storage(host)
            self._start_host(host)
        while self._answer(signal.sigwait(_SIGNALS)):
            pass
        self._stop_all()

    def _answer(self, number: int) -> bool:
        if number == signal.SIGTERM:
            return False
        if number == TAKE_OVER:
            linux.die_with_parent(0)
            self.run.hand_over(os.getpid())
        elif number == POWER_ON:
            self._reap()  # of two pending signals this one comes first
            running = {host.number for host, _started in self.hosts.values()}
            for host in self.run.hosts:
                if host.number not in running:
                    self._start_host(host)
        elif number == signal.SIGCHLD:
            self._reap()
        return True

    def _reap(self) -> None:
        """A host that ended is started again, unless it was switched off or does not get far.

        reboot(2): in a pid namespace, PID 1 is seen to die of SIGHUP at a reboot, of SIGINT at a power-off.
        """
        for pid in list(self.hosts):
            done, status = os.waitpid(pid, os.WNOHANG)
            if not done:
                continue
            host, started = self.hosts.pop(pid)
            ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
            print(f"{host.name}: ended, status {status:#x}", flush=True)
            if ended_by == signal.SIGHUP or (ended_by == signal.SIGKILL and time.monotonic() - started > 0.5):
                self._start_host(host)

    def _prepare_cgroups(self) -> None:
        """Mount a view of the cgroup2 hierarchy (every kernel since 4.5 has it, also beside cgroup v1), remove
        leftovers.
        """
        linux.mount("cgroup2", self.cgroups, "cgroup2")
        self.cgroups /= counted_in(pathlib.Path("/proc/self/cgroup").read_text(encoding="utf-8"))
        for directory in self.cgroups.glob(f"{_CGROUP_PREFIX}*"):
            if not (BASE / directory.name[len(_CGROUP_PREFIX) :]).exists():
                remove_cgroup(directory)

    def _cgroup(self, host: Host) -> pathlib.Path:
        return self.cgroups / f"{_CGROUP_PREFIX}{self.run.directory.name}" / str(host.number)

    def _prepare_storage(self, host: Host) -> None:
        if self.run.settings.disk:
            host.storage.mkdir(mode=0o700, parents=True, exist_ok=True)
        else:
            linux.mount("netloom-lab", host.storage, "tmpfs", data="mode=755,size=4g")

    def _start_host(self, host: Host) -> None:
        """Make the host's PID 1 and plug its NIC in."""
        remove_cgroup(self._cgroup(host))  # what the host made there before a reboot
        self._cgroup(host).mkdir(parents=True)
        here, there = socket.socketpair()
        linux.unshare(linux.CLONE_NEWPID)  # for the next child only, which becomes PID 1 there
        pid = os.fork()
        if pid == 0:
            here.close()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            boot = vm.boot if host.kernel else native.boot
            boot(host, self._cgroup(host), there)
        there.close()
        # Only one new pid namespace can be pending (unshare(2)): go back, or the next host could not be made.
        linux.setns(self.own_pid_namespace, linux.CLONE_NEWPID)
        self.hosts[pid] = (host, time.monotonic())
        host.record_pid(pid)
        with here:
            alive = here.recv(1)  # it has its network namespace now; nothing: it died
            if alive:
                plug_in(host, pid)
                with contextlib.suppress(BrokenPipeError):  # only a guest waits for this
                    here.send(b"1")

    def _stop_all(self) -> None:
        """Power off at once. When PID 1 can be reaped, the kernel has already ended everything else in there."""
        for pid in self.hosts:
            os.kill(pid, signal.SIGKILL)
        for pid in self.hosts:
            os.waitpid(pid, 0)
        remove_cgroup(self.cgroups / f"{_CGROUP_PREFIX}{self.run.directory.name}")


def plug_in(host: Host, pid: int) -> None:
    """Give a host its eth0, on the bridge of the underlay; a guest also the NIC by which it is reached."""
    port, number = f"h{host.number}", f"{host.number:02x}"
    # The namespace of a host that was killed is reaped late, and its link would still be there.
    subprocess.run(["ip", "link", "del", port], check=False, stderr=subprocess.DEVNULL)
    end = f"g0 netns {pid}" if host.kernel else f"eth0 address {host.mac} netns {pid}"
    _ip(f"link add {port} address 02:4e:4c:01:00:{number} type veth peer name {end}", f"link set {port} master ul0 up")
    inside = ["nsenter", "-t", str(pid), "-n"]
    if host.kernel:
        _ip(
            "link set g0 up",
            "link add m0 type veth peer name g1",
            "link set g1 up",
            f"addr add {gate.MACHINE}/24 dev m0",
            "link set m0 up",
            enter=inside,
        )
        # Its kernel gets and sends whole frames, so no checksum and no segmentation is to be left to a NIC on the way.
        for name, enter in ((port, []), ("g0", inside), ("m0", inside), ("g1", inside)):
            subprocess.run([*enter, "ethtool", "-K", name, *_NO_OFFLOADS], check=True, stdout=subprocess.DEVNULL)
    else:
        _ip(f"addr add {host.address}/24 dev eth0", "link set eth0 up", enter=inside)


def _ip(*commands: str, enter: list[str] | None = None) -> None:
    """Run commands of iproute2 in one go."""
    text = "".join(f"{command}\n" for command in commands)
    subprocess.run([*(enter or []), "ip", "-batch", "-"], input=text, text=True, check=True)


def counted_in(groups: str) -> str:
    """Below which control group the hosts of a process in these groups are: cgroups(7)."""
    found = [line.removeprefix("0::") for line in groups.splitlines() if line.startswith("0::")]
    return found[0].lstrip("/") if found and found[0].startswith(_COUNTED) else ""


def remove_cgroup(directory: pathlib.Path) -> None:
    """Remove a control group and all below it; one with living processes stays (EBUSY)."""
    for path, _directories, _files in os.walk(directory, topdown=False):
        with contextlib.suppress(OSError):
            os.rmdir(path)
