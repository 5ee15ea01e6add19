# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The loop that watches the sockets of all probes, and the base of all probers.

A socket always stays in the namespace in which it was opened, so one loop can watch them all.
"""

from __future__ import annotations

import abc
import contextlib
import errno
import os
import resource
import selectors
import socket
import struct
import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.namespaces import _namespaces
from ansible_collections.netloom.linux.plugins.module_utils._model import _probe, _snapshot

Callback = t.Callable[[], None]


class CannotOpen(Exception):
    """A socket that a probe needs could not be opened, or could not listen. So the probe proves nothing."""

    def __init__(self, what: str, ns: _snapshot.NsKey, error: OSError, right: str = "CAP_NET_RAW") -> None:
        needs = f"; it takes {right} (become: true)" if error.errno in (errno.EPERM, errno.EACCES) else ""
        super().__init__(f"no {what} could be opened in {_probe.name_of(ns)}: {error.strerror}{needs}")


class Loop:
    """The sockets, and the functions to call when one of them can be read."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.sockets: set[socket.socket] = set()
        with contextlib.suppress(ValueError, OSError):
            hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    def open(self, ns: _snapshot.NsKey, family: int, kind: int, protocol: int = 0) -> socket.socket:
        """Open a socket in that namespace. Raises CannotOpen."""
        try:
            with _namespaces.entered(ns):
                made = socket.socket(family, kind | socket.SOCK_NONBLOCK, protocol)
        except OSError as error:
            what = (
                "packet socket" if family == socket.AF_PACKET else "raw socket" if kind == socket.SOCK_RAW else "socket"
            )
            raise CannotOpen(what, ns, error) from error
        self.sockets.add(made)
        return made

    def watch(self, sock: socket.socket, callback: Callback, events: int = selectors.EVENT_READ) -> None:
        """Call back when something arrives (or, for EVENT_WRITE, when it is connected)."""
        self.unwatch(sock)
        self.selector.register(sock, events, callback)

    def unwatch(self, sock: socket.socket) -> None:
        """Stop watching the socket."""
        with contextlib.suppress(KeyError):
            self.selector.unregister(sock)

    def drop(self, sock: socket.socket, at_once: bool = False) -> None:
        """Close a socket that is no longer needed. ``at_once``: a connection between two sockets of ours is cut, so
        that it does not linger.
        """
        self.unwatch(sock)
        self.sockets.discard(sock)
        if at_once:
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()

    def turn(self, seconds: float) -> None:
        """Wait for at most so many seconds, and call the functions of the sockets that can be read."""
        for key, _events in self.selector.select(max(0.0, seconds)):
            if key.fileobj in self.sockets:  # an earlier callback may have dropped it
                key.data()

    def close(self) -> None:
        """Close all sockets."""
        self.selector.close()
        for sock in self.sockets:
            sock.close()


def arrivals(
    sock: socket.socket, read: t.Callable[[socket.socket], t.Any] = lambda sock: sock.recvfrom(2048)
) -> t.Iterator[t.Any]:
    """The frames or packets that a socket has: what ``read`` returns of each, normally its bytes and its sender. A link
    that is down, or goes down, says so to whoever reads next (packet_do_bind() and packet_notifier() of the kernel's
    net/packet/af_packet.c): no frame came.
    """
    while True:
        try:
            yield read(sock)
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno != errno.ENETDOWN:
                raise


class Prober(abc.ABC):
    """Sends the packets of one probe."""

    def __init__(self, outcome: _probe.Outcome) -> None:
        self.outcome = outcome
        self.doubt = outcome.unproven  # known before anything was sent
        self.sent = 0.0
        self.over = False

    @abc.abstractmethod
    def _send(self) -> None:
        """Send one packet."""

    def send(self) -> None:
        """Send one packet. An error of the kernel becomes the reason of the result."""
        if self.over:
            return
        self.sent = time.monotonic()
        try:
            self._send()
            self.outcome.unproven = self.doubt
        except CannotOpen as error:
            self.over, self.outcome.unproven = True, str(error)
        except OSError as error:
            self.refused(error.errno or 0)

    def refused(self, code: int) -> None:
        """Note why the kernel, or a host on the path, refuses the packet. A packet that was never sent proves nothing
        by not arriving.
        """
        self.outcome.reason = REFUSED.get(code) or os.strerror(code)
        if code in UNSENT and not self.outcome.probe.reachable:
            self.outcome.unproven = self.outcome.reason

    def arrived(self) -> None:
        """Note that the answer arrived."""
        self.outcome.answer(time.monotonic() - self.sent)

    @property
    def decided(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self.over or self.outcome.seen

    @property
    def lingers(self) -> float:
        """The seconds for which the prober still listens after an answer."""
        return 0.0


REFUSED = {
    errno.ENETUNREACH: _probe.WHY_NOT["none"],
    errno.EHOSTUNREACH: "no such host on the link",
    errno.ECONNREFUSED: "connection refused",
    errno.EMSGSIZE: _probe.TOO_LARGE,
    errno.EINVAL: _probe.WHY_NOT["blackhole"],  # fib_props[] of the kernel's net/ipv4/fib_semantics.c
    errno.EACCES: _probe.WHY_NOT["prohibit"],
    errno.EPERM: "a packet filter of the source does not let it out",
}
# No answer of anybody, but what this host lacks.
UNSENT = (
    errno.ENOBUFS,
    errno.ENOMEM,
    errno.ENETDOWN,
    errno.ENODEV,
    errno.ENXIO,
    errno.EADDRNOTAVAIL,
    errno.EAFNOSUPPORT,
)
