# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packets sent from namespaces to see what arrives: all probes at once, in one process and one thread.

A socket belongs for good to the namespace it was opened in, so one loop can watch them all.
"""

from __future__ import annotations

import abc
import contextlib
import errno
import ipaddress
import os
import resource
import secrets
import selectors
import socket
import struct
import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host._namespaces import entered
from ansible_collections.netloom.linux.plugins.module_utils._model import _probe
from ansible_collections.netloom.linux.plugins.module_utils._model._probe import Outcome
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Namespace, NsKey, Snapshot

ETH_P_ARP = 0x0806
# IEEE 802: set aside for local experiments, so no host takes our frames for something else.
ETH_P_EXPERIMENT = 0x88B5
PACKET_OUTGOING = 4  # linux/if_packet.h
BROADCAST = b"\xff" * 6
ICMP_ECHO = {4: (8, 0), 6: (128, 129)}  # request, reply (RFC 792, RFC 4443)
LATEST = 0.1  # seconds between the last packet and the end, for its answer

Callback = t.Callable[[], None]


class Loop:
    """The sockets, and who is told when one can be read."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.sockets: list[socket.socket] = []
        with contextlib.suppress(ValueError, OSError):
            hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    def open(self, ns: NsKey, family: int, kind: int, protocol: int = 0) -> socket.socket:
        """A socket of that namespace."""
        with entered(ns):
            made = socket.socket(family, kind | socket.SOCK_NONBLOCK, protocol)
        self.sockets.append(made)
        return made

    def watch(self, sock: socket.socket, callback: Callback, events: int = selectors.EVENT_READ) -> None:
        """Call back when something arrives (or, for EVENT_WRITE, when it is connected)."""
        with contextlib.suppress(KeyError):
            self.selector.unregister(sock)
        self.selector.register(sock, events, callback)

    def turn(self, seconds: float) -> None:
        """Wait for at most so long and tell those concerned."""
        for key, _events in self.selector.select(max(0.0, seconds)):
            key.data()

    def close(self) -> None:
        """Close all."""
        self.selector.close()
        for sock in self.sockets:
            sock.close()


class Prober(abc.ABC):
    """Something that sends packets for one probe."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.sent = 0.0
        self.over = False

    @abc.abstractmethod
    def _send(self) -> None:
        """Send one packet."""

    def send(self) -> None:
        """Send one packet; what the kernel refuses at once is a reason."""
        if self.over:
            return
        self.sent = time.monotonic()
        try:
            self._send()
            self.outcome.reason = ""
        except OSError as error:
            self.outcome.reason = _REFUSED.get(error.errno or 0, os.strerror(error.errno or 0))

    def arrived(self) -> None:
        """The answer is there."""
        self.outcome.answer(time.monotonic() - self.sent)

    @property
    def decided(self) -> bool:
        """Nothing more to wait for."""
        return self.over or self.outcome.seen


_REFUSED = {errno.ENETUNREACH: "no route to it", errno.EHOSTUNREACH: "no such host on the link", errno.ECONNREFUSED: "connection refused"}


class EchoSocket:
    """The ICMP socket of one namespace and IP version. It sees all ICMP that arrives there, so identifier and nonce decide."""

    def __init__(self, loop: Loop, ns: NsKey, version: int) -> None:
        self.version = version
        family, protocol = (socket.AF_INET, socket.IPPROTO_ICMP) if version == 4 else (socket.AF_INET6, socket.IPPROTO_ICMPV6)
        self.sock = loop.open(ns, family, socket.SOCK_RAW, protocol)
        self.nonce = secrets.token_bytes(16)
        self.identifier = secrets.randbelow(0x10000)
        self.probers: list[EchoProber] = []
        loop.watch(self.sock, self.receive)

    def send(self, number: int, address: str) -> None:
        """Send an echo request; the number comes back with the answer."""
        head = struct.pack("!BBHHH", ICMP_ECHO[self.version][0], 0, 0, self.identifier, number & 0xFFFF)
        payload = self.nonce + struct.pack("!I", number)
        # The kernel fills in the checksum of ICMPv6 only, since it covers addresses (RFC 3542).
        check = _checksum(head + payload) if self.version == 4 else 0
        self.sock.sendto(head[:2] + struct.pack("!H", check) + head[4:] + payload, (address, 0))

    def receive(self) -> None:
        """Match the answers that are there with their probes."""
        while True:
            try:
                data, sender = self.sock.recvfrom(2048)
            except BlockingIOError:
                return
            if self.version == 4:
                data = data[(data[0] & 0xF) * 4 :]  # an IPv4 raw socket delivers the IP header, too
            if len(data) < 28 or data[0] != ICMP_ECHO[self.version][1] or data[8:24] != self.nonce:
                continue
            number: int = struct.unpack("!I", data[24:28])[0]
            if number < len(self.probers) and self.probers[number].address == sender[0].split("%")[0]:
                self.probers[number].arrived()


def _checksum(data: bytes) -> int:
    """RFC 1071."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return int(~(total + (total >> 16)) & 0xFFFF)


class EchoProber(Prober):
    """icmp: an echo request, and its answer from that very address."""

    def __init__(self, outcome: Outcome, echo: EchoSocket) -> None:
        super().__init__(outcome)
        self.echo, self.number, self.address = echo, len(echo.probers), str(outcome.probe.address)
        echo.probers.append(self)

    def _send(self) -> None:
        self.echo.send(self.number, self.address)


class TcpProber(Prober):
    """tcp: a connection, and if the other end is ours, bytes there and back."""

    def __init__(self, outcome: Outcome, loop: Loop) -> None:
        super().__init__(outcome)
        probe, self.loop = outcome.probe, loop
        self.family = socket.AF_INET6 if ":" in str(probe.address) else socket.AF_INET
        self.nonce = secrets.token_bytes(512)
        self.port = probe.port or self._listen(probe.target)
        self.sock: socket.socket | None = None

    def _listen(self, ns: NsKey) -> int:
        listener = self.loop.open(ns, self.family, socket.SOCK_STREAM)
        listener.bind((str(self.outcome.probe.address), 0))
        listener.listen(4)
        self.loop.watch(listener, lambda: self._accept(listener))
        return int(listener.getsockname()[1])

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            made = listener.accept()[0]
            made.setblocking(False)
            self.loop.sockets.append(made)
            self.loop.watch(made, lambda: self._echo(made))

    def _echo(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            data = sock.recv(4096)
            if data:
                sock.send(data)
                return
        self.loop.selector.unregister(sock)

    def _send(self) -> None:
        if self.sock is not None:
            return  # the kernel sends again by itself
        sock = self.sock = self.loop.open(self.outcome.probe.source, self.family, socket.SOCK_STREAM)
        code = sock.connect_ex((str(self.outcome.probe.address), self.port))
        if code not in (0, errno.EINPROGRESS):
            raise OSError(code, os.strerror(code))
        self.loop.watch(sock, lambda: self._connected(sock), selectors.EVENT_WRITE)

    def _connected(self, sock: socket.socket) -> None:
        code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code or self.outcome.probe.port:
            self.loop.selector.unregister(sock)
            if code:
                self.over, self.outcome.reason = True, _REFUSED.get(code, os.strerror(code))
            else:
                self.arrived()
            return
        self.outcome.reason = "connected, but no data arrived"
        sock.send(self.nonce)
        self.loop.watch(sock, lambda: self._answered(sock))

    def _answered(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if sock.recv(4096):
                self.arrived()
        self.loop.selector.unregister(sock)


class ArpProber(Prober):
    """arp: who has this IPv4 address? All who say so are noted (RFC 826)."""

    def __init__(self, outcome: Outcome, loop: Loop, ns: Namespace) -> None:
        super().__init__(outcome)
        found = _probe.device_for(ns, str(outcome.probe.address))
        if found is None or not found[0].mac:
            self.over, outcome.reason = True, "no link of the source is in its subnet"
            return
        link, own = found
        self.wanted = socket.inet_aton(str(outcome.probe.address))
        self.mac = _mac_bytes(str(link.mac))
        self.frame = BROADCAST + self.mac + struct.pack("!HHHBBH", ETH_P_ARP, 1, 0x0800, 6, 4, 1)
        self.frame += self.mac + socket.inet_aton(own) + b"\0" * 6 + self.wanted
        self.sock = loop.open(outcome.probe.source, socket.AF_PACKET, socket.SOCK_RAW)
        self.sock.bind((link.name, ETH_P_ARP))
        loop.watch(self.sock, self._receive)

    def _send(self) -> None:
        self.sock.send(self.frame)

    def _receive(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                data = self.sock.recv(2048)
                # An answer (operation 2) from the wanted address to our MAC address.
                if data[20:22] == b"\0\x02" and data[28:32] == self.wanted and data[32:38] == self.mac:
                    mac = ":".join(f"{byte:02x}" for byte in data[22:28])
                    if mac not in self.outcome.macs:
                        self.outcome.macs.append(mac)
                    self.arrived()


class FrameSocket:
    """All frames of our experimental type that arrive in one namespace."""

    def __init__(self, loop: Loop, ns: NsKey) -> None:
        self.sock = loop.open(ns, socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_EXPERIMENT))
        self.waiting: dict[bytes, Callback] = {}
        loop.watch(self.sock, self.receive)

    def receive(self) -> None:
        """Tell the senders of the frames that are there."""
        with contextlib.suppress(BlockingIOError):
            while True:
                data, sender = self.sock.recvfrom(2048)
                callback = self.waiting.get(data[14:30])
                if callback and sender[2] != PACKET_OUTGOING:
                    callback()


class FrameProber(Prober):
    """ethernet: a broadcast frame by each link of the source, seen by the target or not; addresses play no part."""

    def __init__(self, outcome: Outcome, loop: Loop, ns: Namespace, target: FrameSocket) -> None:
        super().__init__(outcome)
        self.nonce = secrets.token_bytes(16)
        target.waiting[self.nonce] = self.arrived
        self.sock = loop.open(outcome.probe.source, socket.AF_PACKET, socket.SOCK_RAW)
        self.links = [(link.name, _mac_bytes(str(link.mac))) for link in _probe.ethernet_links(ns)]
        if not self.links:
            self.over, outcome.reason = True, "the source has no link that is up"

    def _send(self) -> None:
        for name, mac in self.links:
            self.sock.sendto(BROADCAST + mac + struct.pack("!H", ETH_P_EXPERIMENT) + self.nonce + b"\0" * 30, (name, ETH_P_EXPERIMENT))


def _mac_bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


class Range:
    """Makes the probers; those that can share a socket do."""

    def __init__(self, loop: Loop, snapshot: Snapshot) -> None:
        self.loop, self.snapshot = loop, snapshot
        self.echoes: dict[tuple[NsKey, int], EchoSocket] = {}
        self.frames: dict[NsKey, FrameSocket] = {}

    def prober(self, outcome: Outcome) -> Prober | None:
        """The prober for a probe, or None if nothing can be sent."""
        probe = outcome.probe
        if probe.protocol == "ethernet":
            if probe.target not in self.frames:
                self.frames[probe.target] = FrameSocket(self.loop, probe.target)
            return FrameProber(outcome, self.loop, self.snapshot.namespaces[probe.source], self.frames[probe.target])
        if probe.address is None:
            outcome.reason = f"{probe.target} has no address"
            return None
        if probe.protocol == "tcp":
            return TcpProber(outcome, self.loop)
        if probe.protocol == "arp":
            return ArpProber(outcome, self.loop, self.snapshot.namespaces[probe.source])
        key = (probe.source, ipaddress.ip_address(probe.address).version)
        if key not in self.echoes:
            self.echoes[key] = EchoSocket(self.loop, *key)
        return EchoProber(outcome, self.echoes[key])


def run(probes: t.Sequence[_probe.Probe], snapshot: Snapshot, count: int, timeout: float) -> list[Outcome]:
    """Send up to ``count`` packets for each probe within ``timeout`` seconds; ends early when all is decided."""
    outcomes = [Outcome(_probe.resolve(probe, snapshot)) for probe in probes]
    loop = Loop()
    try:
        made = Range(loop, snapshot)
        probers = [prober for prober in map(made.prober, outcomes) if prober]
        start = time.monotonic()
        interval = max(timeout - LATEST, 0.0) / count
        for number in range(count):
            for index, prober in enumerate(probers):
                if not prober.decided:
                    prober.send()
                if index % 64 == 63:
                    loop.turn(0)  # so that no socket's buffer overflows
            until = start + (timeout if number == count - 1 else (number + 1) * interval)
            while time.monotonic() < until and not all(prober.decided for prober in probers):
                loop.turn(until - time.monotonic())
    finally:
        loop.close()
    for outcome in outcomes:
        outcome.holders = sorted({holder or "the host" for mac in outcome.macs for holder in _probe.holders_of(mac, snapshot)})
    return outcomes
