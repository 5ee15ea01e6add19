# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections by TCP and datagrams by UDP, to existing services or to our own listeners."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import selectors
import socket
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.probes import _probe_loop
from ansible_collections.netloom.linux.plugins.module_utils._host.processes import _listeners
from ansible_collections.netloom.linux.plugins.module_utils._model import _listening, _probe, _scope, _snapshot

# Several segments of full size: a link on the way with a smaller MTU, or a broken checksum offload, lets a connection
# begin and stops its data.
BYTES = 4096
# A datagram begins with the mark of its run: our listeners answer nobody else. Four more bytes say whose it is.
MARKED = _listening.MARK_BYTES + 4
UDP_HEADER = 8
IP_RECVERR, IPV6_RECVERR = 11, 25  # linux/in.h, linux/in6.h: tell a UDP socket of every ICMP error
IP_MTU_DISCOVER, IPV6_MTU_DISCOVER, PMTUDISC_PROBE = 10, 23, 3
ANY = {4: "0.0.0.0", 6: "::"}
BACKLOG = 4096
Told = t.Callable[[str], None]


class Listeners:
    """The listeners for probes that no service would answer, opened once for each namespace, address and port.
    ``mark``: how the datagrams begin that they answer.
    """

    def __init__(self, loop: _probe_loop.Loop, mark: bytes = b"") -> None:
        self.loop, self.mark = loop, mark or secrets.token_bytes(_listening.MARK_BYTES)
        self.open: dict[tuple[_snapshot.NsKey, str, int, int], int | None] = {}
        self.awaited: dict[bytes, _probe_loop.Callback] = {}  # how a datagram begins -> whom its arrival is told
        self.overhearing: set[tuple[_snapshot.NsKey, int]] = set()

    def port_for(self, probe: _probe.Probe, kind: int) -> int | None:
        """The port to which the probe must be sent. None if another program listens there (or if nobody does and we may
        not).

        A service that gets datagrams need not answer, so the datagrams that reach it are observed.
        """
        if probe.port is not None and not probe.listen:
            return None
        # A listener elsewhere is reached by an address that is translated on the way, so it takes what comes.
        address = ANY[probe.version] if probe.listen_in else str(probe.address)
        key = (probe.responder, address, probe.listen_port or probe.port or 0, kind)
        if key not in self.open:
            self.open[key] = self._listen(*key)
            if self.open[key] is None and kind == socket.SOCK_DGRAM:
                self._overhear(probe.responder, probe.version)
        return self.open[key]

    def _overhear(self, ns: _snapshot.NsKey, version: int) -> None:
        """Observe all datagrams that are delivered in the namespace (raw(7)), whichever program receives them."""
        if (ns, version) in self.overhearing:
            return
        self.overhearing.add((ns, version))
        sock = self.loop.open(
            ns, socket.AF_INET6 if version == 6 else socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP
        )
        self.loop.watch(sock, lambda: self._overheard(sock))

    def _overheard(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                data = sock.recv(1 << 16)
                # Of IPv4 the header comes too, and says how long it is.
                start = UDP_HEADER + ((data[0] & 0x0F) * 4 if sock.family == socket.AF_INET else 0)
                told = self.awaited.get(data[start : start + MARKED])
                if told is not None:
                    told()

    def _listen(self, ns: _snapshot.NsKey, address: str, port: int, kind: int) -> int | None:
        """Listen on a port. Return the port, or None if somebody listens there already."""
        sock = self.loop.open(ns, socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
        if sock.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # the same port of IPv4 may be asked for, too
        if kind == socket.SOCK_STREAM:
            # Connections of the last run may linger in TIME_WAIT.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if sock.family == socket.AF_INET6:
            # Or it would take the port of IPv4 as well, where another probe may listen.
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            sock.bind((address, port))
            if kind == socket.SOCK_STREAM:
                sock.listen(BACKLOG)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return None
            what = f"listener on {address}{f' port {port}' if port else ''}"
            raise _probe_loop.CannotOpen(what, ns, error, right="CAP_NET_BIND_SERVICE") from error
        self.serve(sock)
        return int(sock.getsockname()[1])

    def serve(self, sock: socket.socket, told: Told = lambda peer: None) -> None:
        """Answer what arrives at a socket from now on. ``told`` is called with the address of each peer."""
        stream = sock.type == socket.SOCK_STREAM
        self.loop.watch(sock, lambda: self._accept(sock, told) if stream else self._answer(sock, told))

    def _accept(self, listener: socket.socket, told: Told) -> None:
        with contextlib.suppress(OSError):
            while True:
                made, peer = listener.accept()
                told(peer[0])
                made.setblocking(False)
                self.loop.sockets.add(made)
                self.loop.watch(made, lambda made=made: self._echo(made))  # type: ignore[misc]

    def _echo(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            data = sock.recv(BYTES)
            if data:
                sock.send(data)
                return
        self.loop.drop(sock)

    def _answer(self, sock: socket.socket, told: Told) -> None:
        with contextlib.suppress(OSError):
            while True:
                data, sender = sock.recvfrom(1 << 16)
                if data.startswith(self.mark):
                    told(sender[0])
                    sock.sendto(data, sender)


class TcpProber(_probe_loop.Prober):
    """The protocol tcp: a connection. If the other end is ours and should be reachable, bytes are sent there and
    back.
    """

    def __init__(self, outcome: _probe.Outcome, loop: _probe_loop.Loop, listeners: Listeners) -> None:
        super().__init__(outcome)
        self.loop = loop
        own = listeners.port_for(outcome.probe, socket.SOCK_STREAM)
        self.port = outcome.probe.port or own or 0
        self.left = BYTES if own or outcome.probe.host else 0
        self.taken = outcome.probe.listen and own is None
        self.sock: socket.socket | None = None

    def _send(self) -> None:
        if self.sock is not None:
            return  # the kernel sends again by itself
        probe = self.outcome.probe
        sock = self.sock = self.loop.open(
            probe.source, socket.AF_INET if probe.version == 4 else socket.AF_INET6, socket.SOCK_STREAM
        )
        code = sock.connect_ex((str(probe.address), self.port))
        if code not in (0, errno.EINPROGRESS):
            raise OSError(code, os.strerror(code))
        self.loop.watch(sock, lambda: self._connected(sock), selectors.EVENT_WRITE)

    def _connected(self, sock: socket.socket) -> None:
        code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            self.over = True
            self.refused(code)
            if self.taken and code == errno.ECONNREFUSED:
                self._doubt()
        elif self.left and self.outcome.probe.reachable:
            self.outcome.reason = "connected, but the data did not come back"
            sock.send(secrets.token_bytes(BYTES))
            self.loop.watch(sock, lambda: self._answered(sock))
            return
        else:
            self.arrived()
        self.loop.drop(sock)

    def _doubt(self) -> None:
        """Check a port that is only bound, too (ip(7), EADDRINUSE). A listener that could not be heard is not
        unreachable.
        """
        probe = self.outcome.probe
        port = probe.listen_port or self.port
        if not _listeners.read(_scope.Listeners(probe.responder, "tcp", port)):
            self.outcome.unproven = (
                f"no listener could be opened in {_probe.name_of(probe.responder)}: port {port} is in use, though"
                " nobody listens there"
            )

    def _answered(self, sock: socket.socket) -> None:
        got = b""
        with contextlib.suppress(OSError):
            got = sock.recv(BYTES)
        self.left -= len(got)
        if self.left <= 0:
            self.arrived()
        if self.left <= 0 or not got:
            self.loop.drop(sock, at_once=True)


class DatagramProber(_probe_loop.Prober):
    """A datagram to a port, and an answer from there."""

    def __init__(self, outcome: _probe.Outcome, loop: _probe_loop.Loop, port: int, data: bytes) -> None:
        super().__init__(outcome)
        self.loop, self.port, self.data = loop, port, data
        self.sock: socket.socket | None = None

    def heard(self, data: bytes) -> bool:
        """Note what came from the port. False if that is no answer."""
        del data
        self.arrived()
        return True

    def _send(self) -> None:
        if self.sock is None:
            self.sock = self._open(self.outcome.probe)
        self.sock.send(self.data)

    def _open(self, probe: _probe.Probe) -> socket.socket:
        four = probe.version == 4
        sock = self.loop.open(probe.source, socket.AF_INET if four else socket.AF_INET6, socket.SOCK_DGRAM)
        level = socket.IPPROTO_IP if four else socket.IPPROTO_IPV6
        sock.setsockopt(level, IP_RECVERR if four else IPV6_RECVERR, 1)
        if probe.size:
            sock.setsockopt(level, IP_MTU_DISCOVER if four else IPV6_MTU_DISCOVER, PMTUDISC_PROBE)
        sock.connect((str(probe.address), self.port))
        self.loop.watch(sock, lambda: self._receive(sock))
        return sock

    def _receive(self, sock: socket.socket) -> None:
        try:
            data = sock.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError as error:
            self.over = error.errno == errno.ECONNREFUSED
            self.refused(error.errno or 0)
            if self.over:
                self.outcome.reason = "port unreachable"
                self.loop.drop(sock)
            else:
                self._drain(sock)
            return
        if self.heard(data):
            self.loop.drop(sock)

    @staticmethod
    def _drain(sock: socket.socket) -> None:
        """Empty the error queue, because otherwise the loop would report it for ever."""
        with contextlib.suppress(OSError):
            while True:
                sock.recvmsg(512, 512, socket.MSG_ERRQUEUE)


class UdpProber(DatagramProber):
    """The protocol udp: any answer will do. Silence proves nothing, unless the listener is ours or its datagrams are
    observed.
    """

    def __init__(self, outcome: _probe.Outcome, loop: _probe_loop.Loop, listeners: Listeners) -> None:
        probe = outcome.probe
        own = listeners.port_for(probe, socket.SOCK_DGRAM)
        headers = 28 if probe.version == 4 else 48
        mark = listeners.mark + secrets.token_bytes(MARKED - _listening.MARK_BYTES)
        super().__init__(outcome, loop, probe.port or own or 0, mark.ljust((probe.size or 0) - headers, b"\0"))
        if own is None and probe.listen:
            listeners.awaited[mark] = self.arrived
        elif own is None and not probe.host:
            outcome.reason = "no answer, which proves nothing: a service may keep silent"
