# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packets as a packet socket hands them over, with what the kernel tells beside them. The target netns_capture has the
real one.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.probes import _capturing, _probe_loop
from ansible_collections.netloom.linux.plugins.module_utils._model import _capture, _errors

FRAME = b"\xff" * 6 + b"\2\0\0\0\0\1" + b"\x88\xcc" + b"x" * 50
OUT, IN = _capturing.PACKET_OUTGOING, 0
Arrival = tuple[bytes, list[tuple[int, int, bytes]], int]


def told(length: int, tag: int | None = None, protocol: int = 0, at: tuple[int, int] = (7, 9)) -> t.Any:
    """What the kernel tells beside a packet."""
    status = 0 if tag is None else 0x10 | (0x40 if protocol else 0)
    aux = struct.pack("=IIIHHHH", status, length, length, 0, 14, tag or 0, protocol)
    return [(263, 8, aux), (socket.SOL_SOCKET, 35, struct.pack("@ll", *at))]


class FakeSocket:
    """A packet socket with these packets."""

    def __init__(self, arrivals: list[t.Any], hardware: int, dropped: int = 0) -> None:
        self.arrivals, self.hardware, self.dropped, self.name = arrivals, hardware, dropped, "eth0"
        self.options: list[tuple[int, int, t.Any]] = []
        self.bound: t.Any = None

    def setsockopt(self, level: int, option: int, value: t.Any) -> None:
        assert self.bound is None, "an option that comes after the first packets"
        self.options.append((level, option, value))

    def bind(self, place: t.Any) -> None:
        self.bound = place

    def getsockname(self) -> t.Any:
        return (self.name, 3, 0, self.hardware, b"")

    def getsockopt(self, *_asked: int) -> bytes:
        return struct.pack("=II", 99, self.dropped)

    def recvmsg_into(self, buffers: list[bytearray], _size: int) -> t.Any:
        if not self.arrivals:
            raise BlockingIOError
        one = self.arrivals.pop(0)
        if isinstance(one, OSError):
            raise one
        data, ancillary, sort = one
        buffers[0][: len(data)] = data
        return len(data), ancillary, 0, ("eth0", 3, sort, 1, b"")


class FakeLoop:
    """Hands out one socket, and calls nobody back."""

    def __init__(self, sock: FakeSocket) -> None:
        self.sock = sock
        self.callbacks: list[t.Callable[[], None]] = []

    def open(self, _ns: str | None, family: int, kind: int, protocol: int = 0) -> FakeSocket:
        assert (family, kind, protocol) == (socket.AF_PACKET, socket.SOCK_RAW, 0), "it hears nothing before it is bound"
        return self.sock

    def watch(self, _sock: FakeSocket, callback: t.Callable[[], None]) -> None:
        self.callbacks.append(callback)

    def unwatch(self, _sock: FakeSocket) -> None:
        self.callbacks.clear()

    def drop(self, sock: FakeSocket) -> None:
        self.unwatch(sock)


def captured(arrivals: list[t.Any], hardware: int = 1, *, gone: bool = False, **options: t.Any) -> dict[str, t.Any]:
    """What a tap tells, with its frames."""
    given = {name: option.get("default") for name, option in _capture.OPTIONS.items()}
    wish = _capture.read({**given, "interface": "eth0", **options})
    sock = FakeSocket(arrivals, hardware, dropped=3)
    loop = FakeLoop(sock)
    tap = _capturing.Tap(t.cast(_probe_loop.Loop, loop), bytearray(2000), wish, wish.points[0], 3)
    tap.watch()
    for callback in list(loop.callbacks):
        callback()
    sock.name = "" if gone else "eth0"
    return {**tap.close(), "frames": tap.frames, "options": sock.options, "bound": sock.bound}


def test_a_frame_with_its_time() -> None:
    found = captured([(FRAME, told(64), IN)])
    assert found["frames"] == [(7 * 10**9 + 9, FRAME, 64)]
    assert (found["packets"], found["dropped"], found["ended_by"]) == (1, 3, "seconds")
    assert found["bound"] == ("eth0", 3)
    assert found["flows"].lines() == ["1  02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff  lldp"]


@pytest.mark.parametrize(("protocol", "written"), [(0, 0x8100), (0x8100, 0x8100), (0x88A8, 0x88A8)])
def test_the_tag_that_the_kernel_took_out_is_back(protocol: int, written: int) -> None:
    found = captured([(FRAME, told(64, 100, protocol), IN)])
    (_when, data, length) = found["frames"][0]
    assert data == FRAME[:12] + struct.pack("!HH", written, 100) + FRAME[12:]
    assert length == 68
    assert found["flows"].lines() == ["1  02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff  vlan 100 lldp"]


def test_vlan_0_is_a_tag_too() -> None:
    assert captured([(FRAME, told(64, 0, 0x8100), IN)])["frames"][0].data[12:16] == b"\x81\0\0\0"


def test_a_part_of_each_packet_is_kept_and_the_filter_sees_all() -> None:
    tagged = FRAME[:12] + b"\x81\0\0\x64" * 20 + FRAME[12:]
    found = captured([(tagged, told(len(tagged)), IN)], snaplen=64, filter={"vlan": 100})
    assert [(len(one.data), one.length) for one in found["frames"]] == [(64, len(tagged))]


def test_directions() -> None:
    both = [(FRAME, told(64), IN), (FRAME + b"o", told(65), OUT)]
    assert [one.length for one in captured([*both])["frames"]] == [64, 65]
    assert [one.length for one in captured([*both], direction="in")["frames"]] == [64]
    assert [one.length for one in captured([*both], direction="out")["frames"]] == [65]
    # On the loopback each packet goes out and comes in.
    assert [one.length for one in captured([*both], hardware=772)["frames"]] == [64]


def test_it_ends_with_the_number() -> None:
    arrivals = [(FRAME, told(64), IN)] * 5
    found = captured(arrivals, count=2)
    assert (found["packets"], found["ended_by"], len(arrivals)) == (2, "count", 3)


def test_it_ends_when_memory_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_capture, "MOST_BYTES", 150)
    found = captured([(FRAME, told(64), IN)] * 5)
    assert (found["packets"], found["ended_by"]) == (3, "bytes")


def test_a_link_that_goes_down_or_away_is_no_fault() -> None:
    down = OSError(errno.ENETDOWN, "Network is down")
    assert captured([(FRAME, told(64), IN), down, (FRAME, told(64), IN)])["packets"] == 2
    assert captured([], gone=True)["ended_by"] == "gone"


def test_promiscuous_only_if_asked_for() -> None:
    asked = (263, 1, struct.pack("=iHH8s", 3, 1, 0, b""))
    assert asked not in captured([])["options"]
    assert asked in captured([], promiscuous=True)["options"]


def test_packets_without_ethernet() -> None:
    packet = bytes.fromhex("4500001c0001000040010000") + bytes([10, 0, 0, 1, 10, 0, 0, 2]) + b"\x08\0" + bytes(6)
    found = captured([(packet, told(len(packet)), IN)], hardware=0xFFFE)
    assert found["flows"].lines() == ["1  10.0.0.1 > 10.0.0.2  icmp echo request"]
    assert struct.unpack("<I", found["pcap"][20:24]) == (101,)
    with pytest.raises(
        _errors.BadInput, match=r"Cannot capture at 'eth0' of the host: it is neither .* \(its type is 7"
    ):
        captured([], hardware=778)


def test_it_sees_that_nobody_waits_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    monkeypatch.setattr(_capturing, "STDOUT", writing)
    assert _capturing.is_awaited()
    os.close(reading)
    assert not _capturing.is_awaited()
    os.close(writing)
