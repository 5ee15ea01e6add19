# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probers without a network: what they may not do, and how long they listen."""

from __future__ import annotations

import errno
import os
import socket
import struct
import threading
import time

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.probes import (
    _probe_frames,
    _probe_loop,
    _probe_streams,
    _probes,
)
from ansible_collections.netloom.linux.plugins.module_utils._model import _probe, _probe_options
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Address, Link, Namespace, Snapshot

OWN = "02:00:00:00:00:01"


def space(key, cidr, mac=OWN):
    return Namespace(key, links={"eth0": Link("eth0", index=2, mac=mac, up=True, addresses=(Address(cidr),))})


SNAPSHOT = Snapshot(
    {None: space(None, "192.0.2.1/24"), "red": space("red", "10.0.0.1/24"), "green": space("green", "10.0.0.2/24")}
)


def asked(**given):
    return _probe_options.parse([{"to": "green", "expect": "unreachable", **given}])


RIGHTS = [
    (
        {"protocol": "icmp"},
        "no raw socket could be opened in the host: Operation not permitted; it takes CAP_NET_RAW (become: true)",
    ),
    (
        {"protocol": "ethernet", "from": "red"},
        "no packet socket could be opened in green: Operation not permitted; it takes CAP_NET_RAW (become: true)",
    ),
    (
        {"protocol": "arp", "to": "192.0.2.9"},
        "no packet socket could be opened in the host: Operation not permitted; it takes CAP_NET_RAW (become: true)",
    ),
    (
        {"protocol": "tcp", "port": 80},
        "no socket could be opened in the host: Operation not permitted; it takes CAP_NET_RAW (become: true)",
    ),
]


@pytest.mark.parametrize("expect", ["reachable", "unreachable"])
@pytest.mark.parametrize(("given", "why"), RIGHTS)
def test_without_the_right_to_send_nothing_is_proven(monkeypatch, given, why, expect):
    def refuse(*_how):
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(_probe_loop.socket, "socket", refuse)
    monkeypatch.setattr(_probe_loop._namespaces, "entered", lambda ns: _Here())
    outcome = _probes.run(asked(**{**given, "expect": expect}), SNAPSHOT, None, 1, 0.2)[0]
    assert (outcome.inconclusive, outcome.report()["seen"], outcome.unproven) == (True, "inconclusive", why)


class _Here:
    """The namespace that the test runs in."""

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        return None


def test_a_listener_that_cannot_listen_proves_nothing(monkeypatch):
    """The address is the target's, which this process does not have."""
    monkeypatch.setattr(_probe_loop._namespaces, "entered", lambda ns: _Here())
    outcome = _probes.run(asked(protocol="tcp", **{"from": "red"}), SNAPSHOT, None, 1, 0.2)[0]
    assert outcome.unproven == "no listener on 10.0.0.2 could be opened in green: Cannot assign requested address"


class Wire(socket.socket):
    """The near end of a cable."""

    def bind(self, _place):
        """It is where it is."""


class Cable(_probe_loop.Loop):
    """At its far end the test answers."""

    def open(self, *_where):
        near, self.far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        near.setblocking(False)
        made = Wire(fileno=near.detach())
        self.sockets.add(made)
        return made

    def answer(self, mac):
        own, sender = (bytes.fromhex(one.replace(":", "")) for one in (OWN, mac))
        head = own + sender + struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, 2)
        self.far.send(head + sender + socket.inet_aton("10.0.0.2") + own + socket.inet_aton("10.0.0.1"))


def test_who_answers_first_is_not_the_only_one():
    loop = Cable()
    outcome = _probe.Outcome(asked(protocol="arp", to="10.0.0.2", expect="reachable")[0])
    prober = _probe_frames.ArpProber(outcome, loop, SNAPSHOT.namespaces["red"])
    prober.send()
    loop.answer("02:00:00:00:00:02")
    later = threading.Timer(0.1, loop.answer, ["02:00:00:00:00:03"])
    later.start()
    start = time.monotonic()
    assert _probes.wait(loop, [prober], start + 5) == []
    took = time.monotonic() - start
    later.join()
    loop.close()
    loop.far.close()
    assert outcome.macs == ["02:00:00:00:00:02", "02:00:00:00:00:03"]
    assert _probe_frames.LINGER <= took < 2, "neither less nor until the time is up"


def test_nobody_is_waited_for_where_nobody_answers():
    loop = Cable()
    prober = _probe_frames.ArpProber(
        _probe.Outcome(asked(protocol="arp", to="10.0.0.2")[0]), loop, SNAPSHOT.namespaces["red"]
    )
    prober.send()
    assert (_probes.wait(loop, [prober], time.monotonic() + 0.05), prober.lingers) == ([prober], 0.0)
    loop.close()
    loop.far.close()


def test_a_link_that_is_down_answers_nothing(monkeypatch):
    """The kernel says so to the first reader of a socket that is bound to the link."""
    loop = Cable()
    outcome = _probe.Outcome(asked(protocol="arp", to="10.0.0.2", expect="reachable")[0])
    prober = _probe_frames.ArpProber(outcome, loop, SNAPSHOT.namespaces["red"])
    told = [OSError(errno.ENETDOWN, "Network is down")]

    def read(_self, _size):
        raise told.pop(0) if told else BlockingIOError

    monkeypatch.setattr(Wire, "recvfrom", read)
    loop.answer("02:00:00:00:00:02")
    assert _probes.wait(loop, [prober], time.monotonic() + 0.05) == [prober]
    assert (outcome.seen, outcome.macs) == (False, [])
    told[:] = [OSError(errno.EIO, "broken")]
    with pytest.raises(OSError, match="broken"):
        prober._receive()
    loop.close()
    loop.far.close()


class Told(_probe_loop.Prober):
    """Sends as the test says."""

    codes = ()

    def _send(self):
        code, self.codes = self.codes[0], self.codes[1:]
        if code:
            raise OSError(code, os.strerror(code))


@pytest.mark.parametrize(
    ("codes", "unproven"),
    [
        ([errno.ENOBUFS], "No buffer space available"),
        ([errno.ENETDOWN, errno.ENETDOWN], "Network is down"),
        ([errno.ENOBUFS, 0], ""),
        ([errno.ENETUNREACH], ""),
        ([errno.EPERM], ""),
        ([errno.ETIMEDOUT], ""),
    ],
)
def test_what_did_not_leave_proves_nothing(codes, unproven):
    outcome = _probe.Outcome(asked(to="10.0.0.2", protocol="icmp")[0])
    prober = Told(outcome)
    prober.codes = codes
    for _code in list(codes):
        prober.send()
    assert outcome.unproven == unproven


def test_a_connection_that_was_to_be_impossible_needs_no_bytes(monkeypatch):
    """The data may be lost on a path that cuts large packets; that the connection came about is enough."""
    monkeypatch.setattr(_probe_loop._namespaces, "entered", lambda ns: _Here())
    here = Snapshot({None: space(None, "192.0.2.1/24"), "red": space("red", "127.0.0.1/8")})
    outcome = _probes.run(
        _probe_options.parse([{"to": "red", "protocol": "tcp", "expect": "unreachable"}]), here, None, 1, 1.0
    )[0]
    assert (outcome.seen, outcome.reason) == (True, "")


def test_both_families_of_a_port_have_a_listener_each(monkeypatch):
    monkeypatch.setattr(_probe_loop._namespaces, "entered", lambda ns: _Here())
    loop = _probe_loop.Loop()
    listeners = _probe_streams.Listeners(loop)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    given = {"protocol": "tcp", "port": port, "listen": True, "listen_in": "red"}
    four, six = (asked(to=address, **given)[0] for address in ("192.0.2.9", "2001:db8::9"))
    assert [listeners.port_for(probe, socket.SOCK_STREAM) for probe in (four, six)] == [port, port]
    loop.close()


@pytest.mark.parametrize("listening", [False, True])
def test_who_has_a_port_and_does_not_listen_keeps_our_listener_from_it(monkeypatch, listening):
    """Refused, since nobody could hear; refused though somebody listens, it is a packet filter."""
    monkeypatch.setattr(_probe_loop._namespaces, "entered", lambda ns: _Here())
    monkeypatch.setattr(
        _probe_streams._listeners, "read", lambda question: (("127.0.0.1", "somebody"),) if listening else ()
    )
    here = Snapshot({None: space(None, "127.0.0.2/8"), "green": space("green", "127.0.0.1/8")})
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        outcome = _probes.run(asked(protocol="tcp", port=port, listen=True), here, None, 1, 0.5)[0]
    assert (outcome.inconclusive, outcome.surprise() is None) == (not listening, listening)
    assert (
        listening
        or outcome.unproven
        == f"no listener could be opened in green: port {port} is in use, though nobody listens there"
    )


def test_of_an_ipv6_address_neighbour_discovery_asks():
    there = Snapshot({"red": space("red", "fd00::1/64")})
    loop = Cable()
    outcome = _probe.Outcome(asked(protocol="arp", to="fd00::2", expect="reachable")[0])
    prober = _probe_frames.NeighbourProber(outcome, loop, there.namespaces["red"])
    prober.send()
    frame = loop.far.recv(2048)
    assert frame[:14].hex() == "3333ff000002" + "020000000001" + "86dd"
    assert (
        frame[14:54].hex()
        == "60000000" + "0020" + "3a" + "ff" + "fd" + "00" * 14 + "01" + "ff02" + "0" * 19 + "1ff000002"
    )
    words = struct.unpack("!36H", frame[22:54] + struct.pack("!II", 32, 58) + frame[54:])
    total = sum(words)
    assert (total & 0xFFFF) + (total >> 16) == 0xFFFF, "the checksum, over the addresses too"
    answer = bytes.fromhex("020000000001" + "020000000002" + "86dd") + frame[14:54]
    for target, option in (("fd00::3", "0201020000000003"), ("fd00::2", "0201020000000002")):
        loop.far.send(
            answer + bytes([136, 0, 0, 0, 0x60, 0, 0, 0]) + socket.inet_pton(socket.AF_INET6, target)
            + bytes.fromhex(option)
        )  # fmt: skip
    loop.turn(0.2)
    assert outcome.macs == ["02:00:00:00:00:02"]


class Slow(_probe_loop.Loop):
    """A network that answers one packet after the other, and only so many."""

    def __init__(self, every, answers):
        super().__init__()
        self.every, self.answers, self.longest = every, answers, 0
        self.queue = []

    def turn(self, seconds):
        self.longest = max(self.longest, len(self.queue))
        answers = self.queue and self.answers and self.every <= seconds
        time.sleep(self.every if answers else seconds)
        if answers:
            self.queue.pop(0).arrived()
            self.answers -= 1


class Queued(_probe_loop.Prober):
    """Its packet is one more in the queue."""

    def __init__(self, loop):
        super().__init__(_probe.Outcome(asked(protocol="icmp", expect="reachable")[0]))
        self.loop = loop

    def _send(self):
        if not self.outcome.seen and self not in self.loop.queue:
            self.loop.queue.append(self)


def crowd(monkeypatch, loop, size):
    """Send so many probes on such a network, within 0.4 s; how many were answered."""
    probers = [Queued(loop) for _one in range(size)]
    by_outcome = {id(one.outcome): one for one in probers}
    monkeypatch.setattr(_probes._probe_loop, "Loop", lambda: loop)
    monkeypatch.setattr(_probes.Range, "prober", lambda _range, outcome: by_outcome[id(outcome)])
    monkeypatch.setattr(_probes, "FEW", size)
    _probes._send([one.outcome for one in probers], SNAPSHOT, 3, 0.4, b"")
    return sum(one.outcome.seen for one in probers)


def test_a_crowd_is_sent_as_fast_as_it_is_answered(monkeypatch):
    loop = Slow(0.0005, answers=1000)
    assert crowd(monkeypatch, loop, 1000) == 1000
    assert loop.longest < 2 * _probes.AT_ONCE


def test_a_crowd_is_waited_for_while_answers_arrive(monkeypatch):
    assert crowd(monkeypatch, Slow(0.02, answers=50), 50) == 50


def test_nobody_waits_for_answers_that_do_not_arrive_any_more(monkeypatch):
    start = time.monotonic()
    assert crowd(monkeypatch, Slow(0.001, answers=5), 50) == 5
    assert time.monotonic() - start < 1.0


def test_a_crowd_that_nobody_answers_takes_little_longer_than_one_probe(monkeypatch):
    start = time.monotonic()
    assert crowd(monkeypatch, Slow(0.001, answers=0), 1000) == 0
    assert time.monotonic() - start < 2.5


REPLY = b"\x81\x80\0\1\0\1\0\0\0\0\3web\0\0\1\0\1\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x0a\0\0\2"
NO_SUCH_NAME = b"\x81\x83\0\1\0\0\0\0\0\0\3web\0\0\1\0\1"


@pytest.mark.parametrize(
    ("reply", "expect", "surprise"),
    [
        (REPLY, {"answers": ["10.0.0.2"]}, None),
        (REPLY, {}, None),
        (REPLY, {"answers": ["10.0.0.3"]}, "the answer is 10.0.0.2, though it should be 10.0.0.3"),
        (
            REPLY,
            {"answers": ["10.0.0.2", "10.0.0.3"]},
            "the answer is 10.0.0.2, though it should be 10.0.0.2, 10.0.0.3",
        ),
        (REPLY, {"expect": "unreachable"}, "it answered 10.0.0.2, though it should know none"),
        (NO_SUCH_NAME, {}, "it knows no such name, though it should know an address"),
        (NO_SUCH_NAME, {"expect": "unreachable"}, None),
    ],
)
def test_a_server_is_asked_for_a_name(reply, expect, surprise):
    """Another question's answer, which comes first, is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve():
            data, sender = server.recvfrom(512)
            server.sendto(bytes([data[0] ^ 1, data[1]]) + REPLY, sender)
            server.sendto(data[:2] + reply, sender)

        answering = threading.Thread(target=serve)
        answering.start()
        asks = {"to": "127.0.0.1", "protocol": "dns", "name": "web", "port": server.getsockname()[1], **expect}
        outcome = _probes.run(_probe_options.parse([{"expect": "reachable", **asks}]), SNAPSHOT, None, 1, 2.0)[0]
        answering.join()
    said = outcome.surprise()
    assert said is None if surprise is None else said == f"the host -> 127.0.0.1 (dns web): {surprise}."


def test_nobody_answers_for_a_name():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    asks = {"to": "127.0.0.1", "protocol": "dns", "name": "web", "port": port, "expect": "reachable"}
    outcome = _probes.run(_probe_options.parse([asks]), SNAPSHOT, None, 1, 1.0)[0]
    assert outcome.surprise() == "the host -> 127.0.0.1 (dns web): port unreachable, though it should know an address."
