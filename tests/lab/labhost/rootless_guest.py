# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guest without root: a kernel of its own as a user's program. Unlike the lab host without root it has systemd, and
SSH leads to it.

The kernel lies over the machine's files as the user sees them. It cannot have a NIC of the machine, so its frames go
through a socket (the transport that UML calls bess) to a network namespace that belongs to the user, where the gate is.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import traceback
from collections.abc import Callable
from typing import NoReturn

from labhost import access, gate, hosts, kernels, linux, native, relay, uml, vm
from labhost.rundir import Host, Run, Settings

_BASE = pathlib.Path("/tmp")  # short: the path of a socket has 107 bytes
_PREFIX = "netloom-lab."
_ETH_P_ALL = 3
_LONGEST_FRAME = 1 << 16
_EXECUTABLE_MEMORY = "/dev/shm"


def run(settings: Settings, command: list[str], tool: str, become_user: Callable[[], None] | None) -> int:
    """Run a command beside a guest; return its exit status. become_user: what gives root's rights up, where root
    started this.
    """
    kernels.ready(settings.kernels.get(1, settings.kernels.get(0, "")))
    if become_user is not None:
        become_user()
    _sweep()
    directory = pathlib.Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_BASE))
    run_ = Run(directory, settings)
    host = run_.host(1)
    for below in ("cp", "relay", "h/1/fs"):
        (directory / below).mkdir(parents=True)
    children = []
    try:
        run_.save_settings()
        run_.hand_over(os.getpid())
        run_.record_keeper(os.getpid())
        access.prepare(run_)
        relay.start(directory / "relay/proxy.sock")
        children.append(_start(host, _guard_the_gate))
        children.append(_start(host, _become_kernel))
        host.record_pid(children[-1])
        hosts.wait_ready(host)
        return hosts.run_command(command, {**os.environ, **access.environment(run_, tool)})
    finally:
        for pid in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
        shutil.rmtree(directory, ignore_errors=True)


def _sweep() -> None:
    """Remove what runs of this user left that were killed: their processes ended with them, their files did not."""
    for directory in _BASE.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if (
                directory.stat().st_uid == os.geteuid()
                and (directory / "owner").exists()
                and Run(directory, Settings()).owner is None
            ):
                shutil.rmtree(directory, ignore_errors=True)


def _start(host: Host, what: Callable[[Host, int], NoReturn]) -> int:
    """Start a child that ends with us, and wait until it is where others rely on it."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reader)
            linux.die_with_parent()
            os.setsid()  # Ctrl-C is for the command
            what(host, writer)
        except BaseException:  # noqa: BLE001 pylint: disable=broad-except
            # A child must never return into its parent's code.
            traceback.print_exc()
        finally:
            os._exit(1)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        pipe.read(1)
    return pid


def _nic(host: Host, number: int) -> pathlib.Path:
    return host.directory / f"nic{number}"


def _guard_the_gate(host: Host, ready: int) -> NoReturn:
    linux.unshare_as_root(linux.CLONE_NEWNET)
    commands = ["link set lo up"]
    for number in (0, 1):
        commands += [
            f"link add m{number} type veth peer name g{number}",
            f"link set m{number} up",
            f"link set g{number} up",
        ]
    commands.append(f"address add {gate.MACHINE}/24 dev m1")
    subprocess.run(["ip", "-batch", "-"], input="\n".join(commands), text=True, check=True, env={"PATH": access.PATH})
    for name in ("m0", "m1"):  # whole frames only, with their checksums
        subprocess.run(
            ["ethtool", "-K", name, "tx", "off", "gso", "off", "tso", "off"],
            check=True,
            stdout=subprocess.DEVNULL,
            env={"PATH": access.PATH},
        )
    for number in (0, 1):
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.bind(str(_nic(host, number)))
        listener.listen()
        threading.Thread(target=_pass_frames, args=(listener, f"g{number}"), daemon=True).start()
    os.write(ready, b"1")
    os.close(ready)
    gate.serve(host)


def _pass_frames(listener: socket.socket, name: str) -> None:
    """Pass frames between whoever opens the NIC, one after the other, and a link."""
    while True:
        nic, _address = listener.accept()
        link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
        link.bind((name, 0))
        threading.Thread(target=_copy_frames, args=(link, nic), daemon=True).start()
        threading.Thread(target=_copy_frames, args=(nic, link), daemon=True).start()


def _copy_frames(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while frame := source.recv(_LONGEST_FRAME):
            with contextlib.suppress(BlockingIOError):
                target.send(frame)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.close()


def _become_kernel(host: Host, ready: int) -> NoReturn:
    kernel = kernels.named(host.kernel)
    vm.tell(host, host.directory, native.CHECKOUT, kernel.modules)
    os.write(ready, b"1")
    os.close(ready)
    nics = tuple(f"transport=bess,dst={_nic(host, number)}" for number in (0, 1))
    memory = pathlib.Path(_EXECUTABLE_MEMORY if os.access(_EXECUTABLE_MEMORY, os.W_OK) else host.storage)
    vm.start(host, uml.Ground(pathlib.Path("/"), host.directory, native.CHECKOUT, memory, (nics[0], nics[1])))
