# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways in and out of a guest, which is reached by TCP only: between its second NIC and sockets in files of the run.

machine: ssh ──► h/N/ssh.sock ──► 198.18.79.1:22 :guest
machine: relay/proxy.sock ◄── 198.18.79.254:3142 ◄── apt and pip :guest
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import socket
import threading
from typing import NoReturn

from labhost import linux, relay
from labhost.image import PROXY_PORT
from labhost.rundir import Host

GUEST, MACHINE = (
    "198.18.79.1",
    "198.18.79.254",
)  # from the range of RFC 2544; each guest has a network of its own for this
MAC = (  # the guest's, the same at each boot: else the machine would send to the old one for half a minute
    "02:4e:4c:02:00:01"
)
SSH_PORT = 22
_CONNECT_SECONDS = 3  # one that is up answers at once


def start(host: Host) -> int:
    """Start the gate of a guest in its network namespace on the machine, with whose PID 1 it ends; return its pid."""
    pid = os.fork()
    if pid == 0:
        try:
            linux.die_with_parent()
            signal.pthread_sigmask(signal.SIG_SETMASK, set())
            serve(host)
        finally:
            os._exit(1)
    return pid


def serve(host: Host) -> NoReturn:
    """Let through whoever comes, in the network namespace that has the guest's other end."""
    host.ssh_socket.unlink(missing_ok=True)  # of the boot before
    entry = socket.socket(socket.AF_UNIX)
    entry.bind(str(host.ssh_socket))  # in a directory that only the owner of the run may enter
    entry.listen(64)
    exit_ = socket.create_server((MACHINE, PROXY_PORT))
    proxy = host.run.directory / "relay/proxy.sock"
    thread = threading.Thread(target=_accept, args=(exit_, lambda: _connect_unix(proxy)), daemon=True)
    thread.start()
    _accept(entry, lambda: socket.create_connection((GUEST, SSH_PORT), _CONNECT_SECONDS))


def _connect_unix(path: pathlib.Path) -> socket.socket:
    far = socket.socket(socket.AF_UNIX)
    far.connect(str(path))
    return far


def _accept(listener: socket.socket, connect: relay.Connect) -> NoReturn:
    while True:
        near, _address = listener.accept()
        threading.Thread(target=_join, args=(near, connect), daemon=True).start()


def _join(near: socket.socket, connect: relay.Connect) -> None:
    """Pass bytes both ways until both directions have ended; whatever fails ends this connection only."""
    with near, contextlib.suppress(OSError), connect() as far:
        relay.join(near.recv, near, far)
