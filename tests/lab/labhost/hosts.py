# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing the hosts of a run up, into them, and down."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import time

from labhost import access, keeper, kernels, limits, linux, packages
from labhost.rundir import Host, LabError, Run, Settings, create

_BOOT_SECONDS = 60  # far more than a boot takes; a machine may be busy with other tests
_BOOT_SECONDS_OF_QEMU = 600
_NEEDED = {
    "ip": "iproute2", "nc.openbsd": "netcat-openbsd", "nsenter": "util-linux", "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "/usr/sbin/sshd": "openssh-server", "/lib/systemd/systemd": "systemd",
}  # fmt: skip


def bring_up(settings: Settings, name: str | None = None) -> Run:
    """Start a run's hosts and wait until all are ready. If that fails, nothing is left."""
    missing = sorted({package for program, package in _NEEDED.items() if not shutil.which(program, path=access.PATH)})
    if missing:
        raise LabError(f"Lab hosts need {', '.join(missing)}. Install them with: tests/setup --lab")
    for kernel in sorted(set(settings.kernels.values())):
        kernels.ready(kernel)
    if not settings.rootless:
        limits.make_room(settings.count)
    run = create(settings, name)
    try:
        access.prepare(run)
        pid = keeper.start(run)
        run.record_keeper(pid)
        for host in run.hosts:
            wait_ready(host)
        packages.purge(run)
    except BaseException:
        take_down(run)
        raise
    return run


def take_down(run: Run) -> None:
    """Power the hosts off, remove everything. Signals that would stop this half-way are put off."""
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        pid = run.keeper
        if pid is not None:
            os.kill(pid, signal.SIGTERM)
            _await_end(pid)
        run.remove()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def _await_end(pid: int, seconds: float = 15) -> None:
    start, deadline = linux.start_time(pid), time.monotonic() + seconds
    while start is not None and linux.start_time(pid) == start:
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)  # the kernel ends its hosts with it
            deadline += seconds
        time.sleep(0.01)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)


def keep_running(run: Run) -> None:
    """Let the hosts outlive this process, as `lab up` promises."""
    pid = run.keeper
    if pid is None:
        raise LabError(_why(run, "The keeper of the hosts has ended"))
    os.kill(pid, keeper.TAKE_OVER)
    deadline = time.monotonic() + 10
    while run.owner != pid:
        if time.monotonic() > deadline:
            raise LabError(_why(run, "The keeper of the hosts does not answer"))
        time.sleep(0.005)


def wait_ready(host: Host, other_than: int | None = None) -> None:
    """Wait until a host's systemd has finished booting. other_than: a PID 1 that is about to end."""
    is_slow = bool(host.kernel) and kernels.named(host.kernel).is_debians
    deadline = time.monotonic() + (_BOOT_SECONDS_OF_QEMU if is_slow else _BOOT_SECONDS)
    state = "not started"
    while time.monotonic() < deadline:
        if host.run.keeper is None:
            break
        has_begun = (host.directory / "pid").exists()  # asked first, for it may begin between two questions
        pid = host.pid
        if pid is None and other_than is None and has_begun:
            break  # it has ended already
        if (
            pid is not None
            and pid != other_than
            and (host.kernel or pathlib.Path(f"/proc/{pid}/root/run/systemd/private").exists())
        ):
            state = _system_state(host, deadline - time.monotonic()) or state
            if state in ("running", "degraded"):
                return
        time.sleep(0.2 if host.kernel else 0.02)
    raise LabError(_why(host.run, f"Lab host {host.name} does not boot ({state})"))


def _system_state(host: Host, seconds: float) -> str:
    """What systemd says about itself, once it has finished starting."""
    command = access.inside(host, ["systemctl", "is-system-running", "--wait"])
    try:
        answer = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return "still starting"
    return (answer.stdout or answer.stderr).strip()


def _why(run: Run, what: str) -> str:
    logs = [run.directory / "keeper.log", *(host.directory / "console.log" for host in run.hosts)]
    said = "".join(log.read_text(encoding="utf-8", errors="replace")[-2000:] for log in logs if log.exists())
    return f"{what}. It said:\n{said or '(nothing)'}"


def run_inside(host: Host, command: list[str]) -> int:
    """Run a command in a host, with this process's terminal; return its exit status."""
    if host.run.settings.rootless and not host.kernel:
        return subprocess.run(command, check=False).returncode  # this runs inside of it already
    return subprocess.run(
        access.inside(host, ["env", f"TERM={os.environ.get('TERM', 'dumb')}", *command]), check=False
    ).returncode


def reboot(host: Host) -> None:
    """Cut the power and switch on again: PID 1 is stopped, and started over the same file system."""
    before, pid = host.pid, host.run.keeper
    if pid is None:
        raise LabError(_why(host.run, "The keeper of the hosts has ended"))
    if before is not None and host.kernel:
        # Its files lie in its kernel's memory for up to a second, those of the other hosts in the machine's.
        subprocess.run(access.inside(host, ["sync"]), stdin=subprocess.DEVNULL, timeout=20, check=False)
    # Or it would look as if the new PID 1 had ended already. Before the old one ends: the keeper starts a host again
    # whose PID 1 was killed, and notes the new one at once.
    (host.directory / "pid").unlink(missing_ok=True)
    if before is not None:
        os.kill(before, signal.SIGKILL)
        _await_end_of_host(before)
    os.kill(pid, keeper.POWER_ON)
    wait_ready(host, other_than=before)


def _await_end_of_host(pid: int) -> None:
    while linux.start_time(pid) is not None:
        time.sleep(0.01)


def set_cable(host: Host, state: str) -> int:
    """Pull or plug the cable of a host's eth0, at the far end: the host sees its carrier go."""
    command = ["nsenter", "-t", str(host.run.keeper), "-n", "ip", "link", "set", f"h{host.number}", state]
    return subprocess.run(command, check=False).returncode


def run_command(command: list[str], environment: dict[str, str]) -> int:
    """Run the command of `lab run`. It ends with this process, however that ends."""
    try:
        child = subprocess.Popen(
            command,
            env=environment,
            preexec_fn=lambda: linux.die_with_parent(signal.SIGTERM),  # noqa: PLW1509  (no threads here)
        )
    except OSError as error:
        raise LabError(f"Cannot run {command[0]}: {error.strerror}") from error
    while True:
        try:
            status = child.wait()
            return status if status >= 0 else 128 - status
        except KeyboardInterrupt:
            continue  # the terminal sent it to the command too: what it does about it decides
        except SystemExit:
            child.terminate()
            _wait_or_kill(child)
            raise


def _wait_or_kill(child: subprocess.Popen[bytes]) -> None:
    try:
        child.wait(timeout=5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
