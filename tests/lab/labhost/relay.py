# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts' way to the package mirror: an HTTP proxy on a unix socket, run where the machine's network is.

A host has no route to the machine. systemd in the host passes what connects to 127.0.0.1:3142 on to this socket. Where
the machine itself uses a proxy, bytes are handed to that one unread; else this answers CONNECT and plain GET.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import socket
import socketserver
import subprocess
import threading
import urllib.parse
from collections.abc import Callable

from labhost import linux

_CHUNK = 65536
_CONNECT_SECONDS = 20
Connect = Callable[[], socket.socket]


def start(path: pathlib.Path) -> int:
    """Start the relay as a child of the keeper, with which it ends; return its pid."""
    pid = os.fork()
    if pid == 0:
        try:
            linux.die_with_parent()
            signal.pthread_sigmask(signal.SIG_SETMASK, set())  # the keeper blocks what it waits for
            _Relay.upstream = machine_proxy()
            with socketserver.ThreadingUnixStreamServer(str(path), _Relay) as server:
                server.daemon_threads = True
                server.serve_forever()
        finally:
            os._exit(1)
    return pid


def machine_proxy() -> tuple[str, int] | None:
    """The proxy that the machine uses for its package mirror, by apt's configuration or the environment."""
    said = ""
    with contextlib.suppress(OSError):
        command = ["apt-config", "shell", "proxy", "Acquire::http::Proxy"]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    configured = said.partition("=")[2].strip().strip("'")
    url = urllib.parse.urlsplit(configured or os.environ.get("http_proxy", ""))
    return (url.hostname, url.port or 3128) if url.hostname else None


class _Relay(socketserver.StreamRequestHandler):
    """One connection from a host."""

    upstream: tuple[str, int] | None = None

    def handle(self) -> None:
        """Answer it; whatever fails ends this connection only."""
        with contextlib.suppress(OSError, ValueError):
            if self.upstream:
                self._join(socket.create_connection(self.upstream, _CONNECT_SECONDS))
            else:
                self._proxy()

    def _proxy(self) -> None:
        """Be an HTTP proxy (RFC 9110, sections 7.3 and 9.3.6) for one request."""
        method, target, version = self.rfile.readline(_CHUNK).decode("latin-1").split()
        fields = [line.decode("latin-1").rstrip("\r\n") for line in iter(self._head_line, b"")]
        url = urllib.parse.urlsplit(f"//{target}" if method == "CONNECT" else target)
        try:
            far = socket.create_connection((url.hostname or "", url.port or 80), _CONNECT_SECONDS)
        except OSError as error:
            self.wfile.write(
                f"HTTP/1.1 502 Cannot reach {url.hostname}: {error.strerror}\r\nConnection: close\r\n\r\n".encode()
            )
            return
        if method == "CONNECT":
            self.wfile.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        else:
            # Closed after one answer: the next request of a kept connection might be for another server.
            kept = [field for field in fields if not field.lower().startswith(("connection:", "proxy-"))]
            path = urllib.parse.urlunsplit(("", "", url.path or "/", url.query, ""))
            far.sendall(
                "\r\n".join([f"{method} {path} {version}", *kept, "Connection: close", "", ""]).encode("latin-1")
            )
        self._join(far)

    def _head_line(self) -> bytes:
        """Return the next line of the head, nothing at its end."""
        return self.rfile.readline(_CHUNK).strip(b"\r\n")

    def _join(self, far: socket.socket) -> None:
        with far:
            # From rfile, not from the socket: it may have read past the head already.
            join(self.rfile.read1, self.connection, far)


def join(read: Callable[[int], bytes], near: socket.socket, far: socket.socket) -> None:
    """Pass bytes both ways until both directions have ended. ``read``: what the near end says."""
    far.settimeout(None)
    there = threading.Thread(target=_copy, args=(read, far), daemon=True)
    there.start()
    _copy(far.recv, near)
    there.join()


def _copy(read: Callable[[int], bytes], target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := read(_CHUNK):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
