# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The listening process, on the loopback of this machine; and frames in tunnels, as bytes."""

from __future__ import annotations

import socket
import struct
import time

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.probes import _ears, _probe_frames, _underlay
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _listening

EAR = _listening.Ear(None, "lo", ("tcp", "udp"))
MARK = _listening.mark_of("20260101-1")
FRAME = _probe_frames.broadcast("02:00:00:00:00:01", MARK, "node1/red1/eth0")
ANNOUNCED = _probe_frames.announcement("02:00:00:00:00:01", "192.0.2.9", MARK, "node1/red1/eth0")
EXPERIMENT = _probe_frames.ETH_P_EXPERIMENT


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a run. Packet sockets take rights that a test may not have."""
    monkeypatch.setattr(_ears.Ears, "_watch_underlay", lambda *_given: None)
    return f"unit-{time.monotonic_ns()}"


def started(run: str, seconds: int) -> dict[str, int]:
    """Start to listen. The ports."""
    ears = _ears.Ears(run, seconds)
    opened, problem = ears.open(EAR)
    assert not problem
    ears.leave()
    return dict(opened["ports"])


def asked(run: str, port: int) -> bytes:
    """The answer to a datagram of a run."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.5)
        sock.sendto(_listening.mark_of(run) + b"1234", ("127.0.0.1", port))
        return sock.recv(100)


def test_it_answers_tells_once_and_is_gone(run: str) -> None:
    ports = started(run, 20)
    assert asked(run, ports["udp"])[-4:] == b"1234"
    with pytest.raises(socket.timeout):
        asked("another-run", ports["udp"])
    with socket.create_connection(("127.0.0.1", ports["tcp"]), 2) as sock:
        sock.sendall(b"hello")
        assert sock.recv(100) == b"hello"
    told = _ears.collect(run)
    assert told["heard"] == [
        {"netns": None, "interface": "lo", "frames": [], "tcp": ["127.0.0.1"], "udp": ["127.0.0.1"]}
    ]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", ports["tcp"]), 2)
    with pytest.raises(_errors.HostError, match="Nobody listens for run"):
        _ears.collect(run)


def test_it_ends_by_itself(run: str) -> None:
    ports = started(run, 1)
    assert asked(run, ports["udp"])
    time.sleep(1.5)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", ports["tcp"]), 2)
    with pytest.raises(_errors.HostError, match="its time is over"):
        _ears.collect(run)


def test_a_run_has_one_set_of_listeners_on_a_host(run: str) -> None:
    started(run, 20)
    with pytest.raises(_errors.BadInput, match="has listeners on this host already"):
        _ears.Ears(run, 20)
    _ears.collect(run)


def test_it_listens_at_wanted_ports_and_leaves_those_of_services_to_them(run: str) -> None:
    with socket.socket() as service, socket.socket() as free:
        for one in (service, free):
            one.bind(("127.0.0.1", 0))
        service.listen()
        wanted = free.getsockname()[1]
        free.close()
        ears = _ears.Ears(run, 20)
        opened, problem = ears.open(EAR._replace(ports=(("tcp", wanted), ("tcp", service.getsockname()[1]))))
        assert not problem
        assert opened["served"] == {"tcp": [wanted]}
        assert opened["taken"] == {"tcp": [service.getsockname()[1]]}
        ears.leave()
    with socket.create_connection(("127.0.0.1", wanted), 2) as sock:
        sock.sendall(b"hello")
        assert sock.recv(100) == b"hello"
    assert _ears.collect(run)["heard"][0]["tcp"] == ["127.0.0.1"]


def test_a_name_behind_an_announcement_is_heard_as_one_in_a_frame_of_ours() -> None:
    assert _underlay.name_in(ANNOUNCED, EXPERIMENT, MARK) == b"node1/red1/eth0"
    assert ANNOUNCED[28:32] == ANNOUNCED[38:42] == socket.inet_aton("192.0.2.9")  # nobody is asked for another address
    assert _underlay.name_in(ANNOUNCED, EXPERIMENT, b"x" * 16) is None
    assert _underlay.name_in(b"\0" * 12 + b"\x08\0" + ANNOUNCED[14:], EXPERIMENT, MARK) is None


def test_who_is_neither_root_nor_the_user_is_told_nothing(run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX) as door, socket.socket(socket.AF_UNIX) as caller:
        door.bind(_ears._door(run))
        door.listen()
        caller.connect(_ears._door(run))
        monkeypatch.setattr(_ears.os, "geteuid", lambda: 4711)
        monkeypatch.setattr(_ears, "CREDENTIALS", _Stranger())
        assert list(_ears._callers(door)) == []


class _Stranger:
    """The credentials of somebody else."""

    size = 12

    @staticmethod
    def unpack(_data: bytes) -> tuple[int, int, int]:
        return (1, 4712, 4712)


def ip4(protocol: int, payload: bytes) -> bytes:
    """A packet over Ethernet and IPv4."""
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 0, 0, 0, 64, protocol, 0, bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2]))
    return b"\0" * 12 + struct.pack("!H", 0x0800) + head + payload


def ip6(protocol: int, payload: bytes) -> bytes:
    """A packet over Ethernet and IPv6."""
    head = struct.pack("!IHBB", 6 << 28, 0, protocol, 64) + socket.inet_pton(socket.AF_INET6, "fd00::1") + b"\0" * 16
    return b"\0" * 12 + struct.pack("!H", 0x86DD) + head + payload


def udp(port: int, payload: bytes) -> bytes:
    """A datagram."""
    return struct.pack("!HHHH", 50000, port, 0, 0) + payload


VXLAN = struct.pack("!II", 0x08000000, 4100 << 8)
GENEVE = struct.pack("!BBHI", 0, 0, 0x6558, 7 << 8)
OPTIONS = struct.pack("!BBHI", 2, 0, 0x6558, 7 << 8) + b"\0" * 8


@pytest.mark.parametrize(
    ("packet", "sender", "number", "port"),
    [
        (ip4(17, udp(4789, VXLAN + FRAME)), "192.0.2.1", 4100, 4789),
        (ip6(17, udp(8472, VXLAN + FRAME)), "fd00::1", 4100, 8472),
        (ip4(17, udp(6081, GENEVE + FRAME)), "192.0.2.1", 7, 6081),
        (ip4(17, udp(6081, OPTIONS + FRAME)), "192.0.2.1", 7, 6081),
        (ip4(17, udp(6081, OPTIONS + ANNOUNCED)), "192.0.2.1", 7, 6081),
        (ip4(47, struct.pack("!HHI", 0x2000, 0x6558, 9) + FRAME), "192.0.2.1", 9, None),
        (ip4(47, struct.pack("!HH", 0, 0x6558) + FRAME), "192.0.2.1", None, None),
    ],
)
def test_a_frame_in_a_tunnel(packet: bytes, sender: str, number: int | None, port: int | None) -> None:
    assert _underlay.read(packet, EXPERIMENT, MARK) == (b"node1/red1/eth0", sender, number, port)


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"\0" * 60,
        ip4(17, udp(4789, VXLAN)),
        ip4(6, udp(4789, VXLAN + FRAME)),
        ip4(17, udp(4789, VXLAN + FRAME.replace(MARK, b"x" * 16))),
        ip4(17, udp(4789, VXLAN + FRAME[:20])),
        ip4(17, udp(6081, OPTIONS + ANNOUNCED[:42])),
        ip4(17, b""),
    ],
)
def test_other_packets_are_nothing(packet: bytes) -> None:
    assert _underlay.read(packet, EXPERIMENT, MARK) is None
