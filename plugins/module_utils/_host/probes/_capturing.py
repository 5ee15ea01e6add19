# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Captures packets at interfaces, for a bounded time and number, and holds them in memory.

A packet socket sees what an interface sends and receives, and is nothing that stays: it is gone with the process, and
with it the promiscuous mode that it asked for, and what has not been read yet.
"""

from __future__ import annotations

import contextlib
import select
import signal
import socket
import struct
import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.probes import _probe_echo, _probe_loop
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _capture,
    _capture_summary,
    _errors,
    _packet,
    _pcap,
    _probe,
    _snapshot,
)

# linux/if_packet.h
SOL_PACKET = 263
PACKET_ADD_MEMBERSHIP, PACKET_STATISTICS, PACKET_AUXDATA = 1, 6, 8
PACKET_MR_PROMISC, PACKET_OUTGOING = 1, 4
TP_STATUS_VLAN_VALID, TP_STATUS_VLAN_TPID_VALID = 0x10, 0x40
MEMBERSHIP = struct.Struct("=iHH8s")  # struct packet_mreq
AUXDATA = struct.Struct("=IIIHHHH")  # struct tpacket_auxdata: status, length, snaplen, mac, net, vlan_tci, vlan_tpid
STATISTICS = struct.Struct("=II")  # struct tpacket_stats: packets, drops
SO_RCVBUFFORCE, SO_TIMESTAMPNS = 33, 35  # asm-generic/socket.h
TIMESPEC = struct.Struct("@ll")
ETH_P_ALL, ETH_P_8021Q = 0x0003, 0x8100  # linux/if_ether.h
# linux/if_arp.h; a link of type NONE (tun, WireGuard) carries IP packets without a header of its own.
ARPHRD_ETHER, ARPHRD_LOOPBACK, ARPHRD_NONE = 1, 772, 0xFFFE
LINK_TYPES = {ARPHRD_ETHER: _pcap.ETHERNET, ARPHRD_LOOPBACK: _pcap.ETHERNET, ARPHRD_NONE: _pcap.RAW_IP}
BUFFER = 1 << 22  # bytes for packets that were not read yet
LARGEST = 1 << 18  # bytes of a packet: the kernel hands over what it put together, up to 64 kB and more
STDOUT = 1
TURN = 0.5  # seconds after which the process looks whether somebody still waits for it
PING_PAUSE = 1.0  # seconds
GRACE = 30  # seconds after which the kernel ends a process that hangs


class Tap:
    """One interface at which packets are captured."""

    def __init__(
        self, loop: _probe_loop.Loop, buffer: bytearray, wish: _capture.Wish, point: _capture.Point, index: int
    ) -> None:
        self.loop, self.buffer, self.wish, self.point = loop, buffer, wish, point
        self.frames: list[_pcap.Frame] = []
        self.size = 0  # bytes in memory
        self.flows = _capture_summary.Flows()
        self.ended = ""
        self.began = self.last = time.monotonic()
        self.sock = loop.open(point.ns, socket.AF_PACKET, socket.SOCK_RAW)  # of no protocol: it hears nothing yet
        self.sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        with contextlib.suppress(OSError):
            self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
        if wish.promiscuous:
            asked = MEMBERSHIP.pack(index, PACKET_MR_PROMISC, 0, b"")
            self.sock.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, asked)
        self.sock.bind((point.interface, ETH_P_ALL))
        self.hardware = int(self.sock.getsockname()[3])
        if self.hardware not in LINK_TYPES:
            raise _errors.BadInput(
                f"Cannot capture at {point.words}: it is neither an Ethernet link nor one of plain IP packets (its type"
                f" is {self.hardware}). Capture at the link that carries its packets."
            )

    def watch(self) -> None:
        """Begin to take packets."""
        self.loop.watch(self.sock, self._receive)

    def _receive(self) -> None:
        for length, ancillary, _flags, sender in _probe_loop.arrivals(self.sock, self._read):
            self._take(bytes(self.buffer[:length]), ancillary, int(sender[2]))
            if self.full:
                self._end("count" if len(self.frames) >= self.wish.most else "bytes")
                return
            if time.monotonic() > self.began + self.wish.seconds:
                return

    def _read(self, sock: socket.socket) -> t.Any:
        return sock.recvmsg_into([self.buffer], 256)

    @property
    def full(self) -> bool:
        """Whether there are enough packets."""
        return len(self.frames) >= self.wish.most or self.size >= _capture.MOST_BYTES // len(self.wish.points)

    def _take(self, data: bytes, ancillary: t.Iterable[tuple[int, int, bytes]], sort: int) -> None:
        went_out = sort == PACKET_OUTGOING
        # On the loopback every packet goes out and comes in again.
        if went_out and (self.hardware == ARPHRD_LOOPBACK or self.wish.direction == _capture.IN):
            return
        if not went_out and self.wish.direction == _capture.OUT:
            return
        data, length, when = _whole(data, ancillary)
        packet = _packet.read(data, self.hardware != ARPHRD_NONE)
        if self.wish.filter.takes(packet):
            self.frames.append(_pcap.Frame(when, data[: self.wish.snaplen], length))
            self.size += min(len(data), self.wish.snaplen)
            self.flows.add(packet)

    def _end(self, why: str) -> None:
        self.ended, self.last = why, time.monotonic()
        self.loop.unwatch(self.sock)

    def look(self) -> None:
        """End if the interface is gone: its socket is bound to none then."""
        if not self.ended and not self.sock.getsockname()[0]:
            self._end("gone")

    def close(self) -> dict[str, t.Any]:
        """Stop, and tell what was captured."""
        self.look()
        if not self.ended:
            self._end("seconds")
        _packets, dropped = STATISTICS.unpack(self.sock.getsockopt(SOL_PACKET, PACKET_STATISTICS, STATISTICS.size))
        self.loop.drop(self.sock)
        return {
            "netns": self.point.ns,
            "interface": self.point.interface,
            "packets": len(self.frames),
            "dropped": dropped,
            "seconds": round(self.last - self.began, 3),
            "ended_by": self.ended,
            "flows": self.flows,
            "pcap": _pcap.written(self.frames, self.wish.snaplen, LINK_TYPES[self.hardware]),
        }


def _whole(data: bytes, ancillary: t.Iterable[tuple[int, int, bytes]]) -> tuple[bytes, int, int]:
    """A packet with the VLAN tag that the kernel told beside it, its length on the wire, and when it passed."""
    length, when = len(data), time.time_ns()
    for level, kind, told in ancillary:
        if (level, kind) == (SOL_PACKET, PACKET_AUXDATA) and len(told) >= AUXDATA.size:
            status, length, _snaplen, _mac, _net, tag, protocol = AUXDATA.unpack(told[: AUXDATA.size])
            if status & TP_STATUS_VLAN_VALID:
                known = protocol if status & TP_STATUS_VLAN_TPID_VALID else ETH_P_8021Q
                data, length = _pcap.tagged(data, known, tag), length + _pcap.TAG.size
        elif (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS) and len(told) >= TIMESPEC.size:
            seconds, nanoseconds = TIMESPEC.unpack(told[: TIMESPEC.size])
            when = seconds * 10**9 + nanoseconds
    return data, length, when


class Pinger:
    """Sends echo requests from the namespaces of points, so that there is something to see. Answers do not matter."""

    def __init__(self, loop: _probe_loop.Loop, points: t.Iterable[_capture.Point]) -> None:
        self.sockets: dict[tuple[_snapshot.NsKey, int], _probe_echo.EchoSocket] = {}
        self.problems: dict[str, None] = {}
        self.number = 0
        self.probes = list(
            dict.fromkeys(
                _probe.Probe("ping", one.ns, None, address, "icmp", None, True)
                for one in points
                for address in one.ping
            )
        )
        for probe in self.probes:
            key = (probe.source, probe.version)
            if key not in self.sockets:
                self.sockets[key] = _probe_echo.EchoSocket(loop, *key, whole=False)

    def send(self) -> None:
        """Send an echo request to each address."""
        self.number += 1
        for probe in self.probes:
            try:
                self.sockets[probe.source, probe.version].send(self.number, probe, 0)
            except OSError as error:
                why = _probe_loop.REFUSED.get(error.errno or 0) or error.strerror
                self.problems[f"No echo request left {_probe.name_of(probe.source)} for {probe.address}: {why}."] = None


def run(wish: _capture.Wish, indexes: t.Sequence[int]) -> tuple[list[dict[str, t.Any]], list[str]]:
    """Capture at all points at the same time. Return what each captured, and warnings. ``indexes``: the ifindex at each
    point. Raises HostError.
    """
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(wish.seconds + GRACE)
    with contextlib.closing(_probe_loop.Loop()) as loop:
        buffer = bytearray(LARGEST)
        try:
            taps = [Tap(loop, buffer, wish, point, index) for point, index in zip(wish.points, indexes)]
            pinger = Pinger(loop, wish.points)
        except _probe_loop.CannotOpen as error:
            raise _errors.HostError(f"Cannot capture: {error}.") from error
        except OSError as error:
            raise _errors.HostError(f"Cannot capture: {error.strerror or error}.") from error
        for tap in taps:
            tap.watch()
        _until_enough(loop, wish, taps, pinger)
        told = [tap.close() for tap in taps]
    signal.alarm(0)
    return told, list(pinger.problems)


def _until_enough(loop: _probe_loop.Loop, wish: _capture.Wish, taps: t.Sequence[Tap], pinger: Pinger) -> None:
    until, ping = time.monotonic() + wish.seconds, time.monotonic()
    while (now := time.monotonic()) < until and not all(tap.ended for tap in taps) and is_awaited():
        if pinger.probes and now >= ping:
            pinger.send()
            ping = now + PING_PAUSE
        loop.turn(min(TURN, until - now))
        for tap in taps:
            tap.look()


def is_awaited() -> bool:
    """Whether somebody still reads what the module will print. If Ansible was killed, its end of the pipe is closed."""
    poll = select.poll()
    poll.register(STDOUT, 0)
    return not any(event & (select.POLLERR | select.POLLHUP | select.POLLNVAL) for _fd, event in poll.poll(0))
