# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Echo requests by ICMP. All probes of a namespace share a socket, which also receives the messages of routers on the
path.
"""

from __future__ import annotations

import secrets
import socket
import struct
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.probes import _probe_loop
from ansible_collections.netloom.linux.plugins.module_utils._model import _probe, _snapshot

# linux/in.h, linux/in6.h: do not fragment, and do not believe what routers said about the path's MTU.
IP_MTU_DISCOVER, IPV6_MTU_DISCOVER, PMTUDISC_PROBE = 10, 23, 3
NONCE_BYTES = 16
MOST_NUMBERS = (
    0x10000  # a number has to fit into the sequence number, which is all of our packet that a router must quote
)
BUFFER = 1 << 22  # bytes; what a matrix of probes answers at once


class Icmp(t.NamedTuple):
    """The numbers of one version of ICMP (RFC 792, RFC 4443)."""

    family: int
    protocol: int
    request: int
    reply: int
    exceeded: int
    errors: t.Mapping[int, str]
    header: int  # bytes of the IP header of a packet that is quoted; 0: it says itself

    def payload(self, size: int | None) -> int:
        """The number of bytes after the ICMP header in a packet of that size."""
        return NONCE_BYTES + 4 if size is None else size - (20 if self.family == socket.AF_INET else 40) - 8


ICMP = {
    4: Icmp(socket.AF_INET, socket.IPPROTO_ICMP, 8, 0, 11, {3: "unreachable"}, 0),
    6: Icmp(socket.AF_INET6, socket.IPPROTO_ICMPV6, 128, 129, 3, {1: "unreachable", 2: "too big"}, 40),
}
SAYS = {
    (4, 3, 0): "that it has no route to it",
    (4, 3, 1): "that there is no such host on the link",
    (4, 3, 4): "that the packet is too large for the next link, whose MTU is {mtu}",
    (6, 1, 0): "that it has no route to it",
    (6, 1, 3): "that there is no such host on the link",
    (6, 2, 0): "that the packet is too large for the next link, whose MTU is {mtu}",
}


class EchoSocket:
    """The ICMP socket of one namespace and IP version. It sees all ICMP that arrives there, so identifier and nonce
    decide.
    """

    def __init__(self, loop: _probe_loop.Loop, ns: _snapshot.NsKey, version: int, whole: bool) -> None:
        self.version, self.icmp = version, ICMP[version]
        self.sock = loop.open(ns, self.icmp.family, socket.SOCK_RAW, self.icmp.protocol)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        if whole:
            level, option = (
                (socket.IPPROTO_IP, IP_MTU_DISCOVER) if version == 4 else (socket.IPPROTO_IPV6, IPV6_MTU_DISCOVER)
            )
            self.sock.setsockopt(level, option, PMTUDISC_PROBE)
        self.nonce = secrets.token_bytes(NONCE_BYTES)
        self.identifier = secrets.randbelow(0x10000)
        # Number -> the prober, and how far the packet was to go (0: all the way)
        self.waiting: list[tuple[EchoProber, int]] = []
        loop.watch(self.sock, self.receive)

    @property
    def full(self) -> bool:
        """Whether the numbers may run out with the next prober."""
        return len(self.waiting) > MOST_NUMBERS - 32

    def send(self, number: int, probe: _probe.Probe, ttl: int) -> None:
        """Send an echo request. The answer contains the same number."""
        head = struct.pack("!BBHHH", self.icmp.request, 0, 0, self.identifier, number)
        payload = (self.nonce + struct.pack("!I", number)).ljust(self.icmp.payload(probe.size), b"\0")
        # The kernel fills in the checksum of ICMPv6 only, since it covers addresses (RFC 3542).
        check = _checksum(head + payload) if self.version == 4 else 0
        packet, place = head[:2] + struct.pack("!H", check) + head[4:] + payload, (str(probe.address), 0)
        if not ttl:
            self.sock.sendto(packet, place)
            return
        level, kind = (
            (socket.IPPROTO_IP, socket.IP_TTL) if self.version == 4 else (socket.IPPROTO_IPV6, socket.IPV6_HOPLIMIT)
        )
        self.sock.sendmsg([packet], [(level, kind, struct.pack("@i", ttl))], 0, place)

    def receive(self) -> None:
        """Assign the received answers to their probes."""
        while True:
            try:
                data, sender = self.sock.recvfrom(2048)
            except BlockingIOError:
                return
            if self.version == 4:
                data = data[(data[0] & 0xF) * 4 :]  # an IPv4 raw socket delivers the IP header, too
            if len(data) >= 28 and data[0] == self.icmp.reply and data[8:24] == self.nonce:
                self._reply(struct.unpack("!I", data[24:28])[0], sender[0].split("%")[0])
            elif len(data) >= 28 and (data[0] == self.icmp.exceeded or data[0] in self.icmp.errors):
                self._complaint(data, sender[0].split("%")[0])

    def _reply(self, number: int, sender: str) -> None:
        if number < len(self.waiting) and self.waiting[number][0].address == sender:
            self.waiting[number][0].replied(self.waiting[number][1], sender)

    def _complaint(self, data: bytes, sender: str) -> None:
        """Handle a message that quotes our packet: ICMP header (8 bytes), the packet's IP header, and at least its
        first 8 bytes.
        """
        quoted = data[8 + (self.icmp.header or (data[8] & 0xF) * 4) :]
        if len(quoted) < 8 or quoted[0] != self.icmp.request or quoted[4:6] != struct.pack("!H", self.identifier):
            return
        number: int = struct.unpack("!H", quoted[6:8])[0]
        if number >= len(self.waiting):
            return
        prober, ttl = self.waiting[number]
        if data[0] == self.icmp.exceeded:
            prober.hop(ttl, sender)
            return
        mtu = struct.unpack("!H", data[6:8])[0] if self.version == 4 else struct.unpack("!I", data[4:8])[0]
        says = SAYS.get((self.version, data[0], data[1]), "that it must not go there").format(mtu=mtu)
        prober.outcome.reason = f"{sender} answers {says}"


def _checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total >> 16) + (total & 0xFFFF)
    return int(~total & 0xFFFF)


class EchoProber(_probe_loop.Prober):
    """The protocol icmp: an echo request, and its answer from exactly that address. With hops, one more request for
    each router, which expires there.
    """

    def __init__(self, outcome: _probe.Outcome, echo: EchoSocket) -> None:
        super().__init__(outcome)
        self.echo, self.address = echo, str(outcome.probe.address)
        self.first = len(echo.waiting)
        self.far = 0 if outcome.probe.hops is None else len(outcome.probe.hops) + 1
        echo.waiting += [(self, ttl) for ttl in range(self.far + 1)]
        self.ends = 0  # from this distance on the target itself answers

    def _send(self) -> None:
        for ttl in range(self.far + 1):
            if ttl not in self.outcome.heard and not (ttl == 0 and self.outcome.seen):
                self.echo.send(self.first + ttl, self.outcome.probe, ttl)

    def replied(self, ttl: int, _sender: str) -> None:
        """Note that the target answered a packet with this TTL."""
        if ttl:
            self.ends = min(self.ends or ttl, ttl)
        else:
            self.arrived()

    def hop(self, ttl: int, sender: str) -> None:
        """Note that the packet expired at this router."""
        if ttl:
            self.outcome.heard[ttl] = sender
        else:
            self.outcome.reason = f"{sender} answers that it went round and round until it expired"

    @property
    def decided(self) -> bool:
        """Whether the target has answered, and all routers too."""
        if self.over or not self.outcome.seen or not self.far:
            return super().decided
        nearer = range(1, self.ends) if self.ends else range(1, self.far + 1)
        return all(ttl in self.outcome.heard for ttl in nearer)
