# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes below IP: who answers by ARP, and where Ethernet frames arrive."""

from __future__ import annotations

import secrets
import socket
import struct
import time

from ansible_collections.netloom.linux.plugins.module_utils._host.probes import _probe_loop
from ansible_collections.netloom.linux.plugins.module_utils._model import _probe, _snapshot

ETH_P_ARP, ETH_P_IPV6 = 0x0806, 0x86DD
SOLICITATION, ADVERTISEMENT = 135, 136  # of neighbours (RFC 4861)
SOURCE_ADDRESS, TARGET_ADDRESS = 1, 2  # options with a link-layer address
# IEEE 802: set aside for local experiments, so no host takes our frames for something else.
ETH_P_EXPERIMENT = 0x88B5
PACKET_OUTGOING = 4  # linux/if_packet.h
BROADCAST = b"\xff" * 6
PAUSE = 0.05  # seconds between two frames that say the same
LINGER = 0.2  # seconds after the first answer, for others that have the same address


class ArpProber(_probe_loop.Prober):
    """The protocol arp: ask who has this IPv4 address, and note all who answer within a while (RFC 826)."""

    kind = ETH_P_ARP

    def __init__(self, outcome: _probe.Outcome, loop: _probe_loop.Loop, ns: _snapshot.Namespace) -> None:
        super().__init__(outcome)
        self.until: float | None = None
        found = _probe.device_for(ns, str(outcome.probe.address))
        if found is None or not found[0].mac:
            self.over, outcome.reason = True, "no link of the source is in its subnet"
            if not outcome.probe.reachable:
                outcome.unproven = outcome.reason
            return
        link, own = found
        self.mac = _mac_bytes(str(link.mac))
        self._prepare(str(outcome.probe.address), own)
        self.sock = loop.open(outcome.probe.source, socket.AF_PACKET, socket.SOCK_RAW)
        self.sock.bind((link.name, self.kind))
        loop.watch(self.sock, self._receive)

    def _prepare(self, address: str, own: str) -> None:
        """Make the question."""
        self.wanted = socket.inet_aton(address)
        self.frame = BROADCAST + self.mac + struct.pack("!HHHBBH", ETH_P_ARP, 1, 0x0800, 6, 4, 1)
        self.frame += self.mac + socket.inet_aton(own) + b"\0" * 6 + self.wanted

    def _answerer(self, data: bytes) -> bytes:
        """The MAC address of who answers with this frame, or nothing."""
        # An answer (operation 2) from the wanted address to our MAC address.
        answers = data[20:22] == b"\0\x02" and data[28:32] == self.wanted and data[32:38] == self.mac
        return data[22:28] if answers else b""

    def _send(self) -> None:
        if not self.outcome.macs:
            self.sock.send(self.frame)

    @property
    def decided(self) -> bool:
        """Whether all who have the address had time to answer."""
        return self.over or (self.until is not None and time.monotonic() >= self.until)

    @property
    def lingers(self) -> float:
        """The seconds to wait for further answers, because several hosts may have the address."""
        return max(0.0, self.until - time.monotonic()) if self.until is not None else 0.0

    def _receive(self) -> None:
        for data, _sender in _probe_loop.arrivals(self.sock):
            answerer = self._answerer(data)
            if answerer:
                mac = answerer.hex(":")
                if mac not in self.outcome.macs:
                    self.outcome.macs.append(mac)
                self.until = self.until or time.monotonic() + LINGER
                self.arrived()


class NeighbourProber(ArpProber):
    """The protocol arp for an IPv6 address: neighbour discovery (RFC 4861, section 4.3 and 4.4)."""

    kind = ETH_P_IPV6

    def _prepare(self, address: str, own: str) -> None:
        self.wanted = socket.inet_pton(socket.AF_INET6, address)
        group = socket.inet_pton(socket.AF_INET6, "ff02::1:ff00:0")[:13] + self.wanted[13:]
        source = socket.inet_pton(socket.AF_INET6, own)
        body = self.wanted + bytes([SOURCE_ADDRESS, 1]) + self.mac
        check = _checksum(source + group + struct.pack("!II", 8 + len(body), socket.IPPROTO_ICMPV6), body)
        message = struct.pack("!BBHI", SOLICITATION, 0, check, 0) + body
        head = struct.pack("!IHBB", 6 << 28, len(message), socket.IPPROTO_ICMPV6, 255) + source + group
        ethernet = b"\x33\x33" + group[12:] + self.mac + struct.pack("!H", ETH_P_IPV6)
        self.frame = ethernet + head + message

    def _answerer(self, data: bytes) -> bytes:
        if (
            len(data) < 78
            or data[20] != socket.IPPROTO_ICMPV6
            or data[54] != ADVERTISEMENT
            or data[62:78] != self.wanted
        ):
            return b""
        return data[80:86] if data[78:80] == bytes([TARGET_ADDRESS, 1]) else data[6:12]


def _checksum(pseudo: bytes, body: bytes) -> int:
    """The checksum of a solicitation (RFC 4443, section 2.3)."""
    data = pseudo + struct.pack("!BBHI", SOLICITATION, 0, 0, 0) + body
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total >> 16) + (total & 0xFFFF)
    return int(~total & 0xFFFF)


class FrameSocket:
    """The socket for all frames of our experimental type that arrive in one namespace."""

    def __init__(self, loop: _probe_loop.Loop, ns: _snapshot.NsKey) -> None:
        self.sock = loop.open(ns, socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_EXPERIMENT))
        self.waiting: dict[bytes, _probe_loop.Callback] = {}
        loop.watch(self.sock, self.receive)

    def receive(self) -> None:
        """Notify the probers whose frames have arrived."""
        for data, sender in _probe_loop.arrivals(self.sock):
            callback = self.waiting.get(data[14:30])
            if callback and sender[2] != PACKET_OUTGOING:
                callback()


class FrameProber(_probe_loop.Prober):
    """The protocol ethernet: a broadcast frame through each link of the source, which the target sees or not. Addresses
    do not matter.
    """

    def __init__(
        self, outcome: _probe.Outcome, loop: _probe_loop.Loop, ns: _snapshot.Namespace, target: FrameSocket
    ) -> None:
        super().__init__(outcome)
        self.nonce = secrets.token_bytes(16)
        target.waiting[self.nonce] = self.arrived
        self.sock = loop.open(outcome.probe.source, socket.AF_PACKET, socket.SOCK_RAW)
        self.links = [(link.name, _mac_bytes(str(link.mac))) for link in _probe.ethernet_links(ns)]
        if not self.links:
            self.over, outcome.reason = True, "the source has no link that is up"

    def _send(self) -> None:
        for name, mac in self.links:
            self.sock.sendto(
                BROADCAST + mac + struct.pack("!H", ETH_P_EXPERIMENT) + self.nonce + b"\0" * 30,
                (name, ETH_P_EXPERIMENT),
            )


def broadcast(mac: str, mark: bytes, name: str) -> bytes:
    """A frame to all on the link that carries a name, its length before it."""
    said = name.encode("utf-8", "surrogateescape")
    head = BROADCAST + _mac_bytes(mac) + struct.pack("!H", ETH_P_EXPERIMENT)
    return (head + mark + bytes([len(said)]) + said).ljust(60, b"\0")


def announcement(mac: str, address: str, mark: bytes, name: str) -> bytes:
    """An announcement of an own address by ARP (RFC 5227, section 2.3), with a name behind it. It tells nobody anything
    new, and passes where only known types do.
    """
    said, own, ip = name.encode("utf-8", "surrogateescape"), _mac_bytes(mac), socket.inet_aton(address)
    frame = BROADCAST + own + struct.pack("!HHHBBH", ETH_P_ARP, 1, 0x0800, 6, 4, 1) + own + ip + b"\0" * 6 + ip
    return frame + mark + bytes([len(said)]) + said


def _mac_bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))
