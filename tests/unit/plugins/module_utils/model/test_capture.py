# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Captured packets: read from bytes, chosen, counted, and written as a file."""

from __future__ import annotations

import ipaddress
import random
import struct
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _capture,
    _capture_summary,
    _errors,
    _packet,
    _pcap,
)

RED, GREEN = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")
ALL = b"\xff" * 6


def frame(kind: int, body: bytes, tags: t.Sequence[tuple[int, int]] = (), target: bytes = GREEN) -> bytes:
    """An Ethernet frame from RED. ``tags``: type and VLAN of each."""
    tagged = b"".join(struct.pack("!HH", *tag) for tag in tags)
    return target + RED + tagged + struct.pack("!H", kind) + body


def ip(protocol: int, body: bytes, source: str = "10.0.0.1", target: str = "10.0.0.2", fragment: int = 0) -> bytes:
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 1, fragment, 64, protocol, 0)
    return head + ipaddress.ip_address(source).packed + ipaddress.ip_address(target).packed + body


def ip6(protocol: int, body: bytes) -> bytes:
    head = struct.pack("!IHBB", 6 << 28, len(body), protocol, 64)
    return head + ipaddress.ip_address("fd00::1").packed + ipaddress.ip_address("fd00::2").packed + body


def udp(source: int, target: int, body: bytes) -> bytes:
    return struct.pack("!HHHH", source, target, 8 + len(body), 0) + body


def tcp(source: int, target: int, flags: int) -> bytes:
    return struct.pack("!HHIIBBHHH", source, target, 1, 1, 0x50, flags, 100, 0, 0)


def arp(operation: int, sender: str, asked: str) -> bytes:
    addresses = [ipaddress.ip_address(one).packed for one in (sender, asked)]
    return struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation) + RED + addresses[0] + bytes(6) + addresses[1]


def dhcp(kind: int, yours: str = "0.0.0.0") -> bytes:
    body = bytes(16) + ipaddress.ip_address(yours).packed + bytes(8) + RED + bytes(202) + b"\x63\x82\x53\x63"
    return body + bytes([53, 1, kind, 255])


ECHO = ip(1, b"\x08\x00" + bytes(6))
VXLAN = ip(17, udp(54321, 4789, b"\x08\0\0\0" + (4100).to_bytes(3, "big") + b"\0" + frame(0x0800, ECHO)))
GENEVE_HEAD = b"\x01\0\x65\x58" + (7).to_bytes(3, "big") + b"\0" + bytes(4)  # with an option of four bytes
CASES = {
    frame(0x0800, ECHO): "10.0.0.1 > 10.0.0.2  icmp echo request",
    frame(0x0800, ECHO, [(0x8100, 0x6064)]): "10.0.0.1 > 10.0.0.2  vlan 100 icmp echo request",
    frame(0x0800, ECHO, [(0x88A8, 10), (0x8100, 20)]): "10.0.0.1 > 10.0.0.2  vlan 10 vlan 20 icmp echo request",
    frame(0x0800, ip(1, b"\x03\x03" + bytes(6))): "10.0.0.1 > 10.0.0.2  icmp port unreachable",
    frame(0x0800, ip(1, b"\x2a\x01" + bytes(6))): "10.0.0.1 > 10.0.0.2  icmp type 42 code 1",
    frame(0x0800, ip(6, tcp(40000, 80, 2))): "10.0.0.1 port * > 10.0.0.2 port 80  tcp syn",
    frame(0x0800, ip(6, tcp(80, 40000, 0x12))): "10.0.0.1 port 80 > 10.0.0.2 port *  tcp syn, ack",
    frame(0x0800, ip(6, tcp(80, 40000, 0x14))): "10.0.0.1 port 80 > 10.0.0.2 port *  tcp reset",
    frame(0x0800, ip(17, udp(50000, 53, b"x"))): "10.0.0.1 port * > 10.0.0.2 port 53  udp",
    frame(0x0800, ip(17, b"", fragment=5)): "10.0.0.1 > 10.0.0.2  udp fragment",
    frame(0x0806, arp(1, "10.0.0.1", "10.0.0.2"), target=ALL): (
        "02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff  arp who has 10.0.0.2? tell 10.0.0.1"
    ),
    frame(0x0806, arp(2, "10.0.0.1", "10.0.0.2")): (
        "02:00:00:00:00:01 > 02:00:00:00:00:02  arp 10.0.0.1 is at 02:00:00:00:00:01"
    ),
    frame(0x0800, ip(17, udp(68, 67, dhcp(1)), "0.0.0.0", "255.255.255.255")): (
        "0.0.0.0 port 68 > 255.255.255.255 port 67  dhcp discover for 02:00:00:00:00:01"
    ),
    frame(0x0800, ip(17, udp(67, 68, dhcp(5, "10.0.0.9")))): (
        "10.0.0.1 port 67 > 10.0.0.2 port 68  dhcp ack 10.0.0.9 for 02:00:00:00:00:01"
    ),
    frame(0x86DD, ip6(17, udp(546, 547, b"\x01\0\0\0"))): "fd00::1 port 546 > fd00::2 port 547  dhcp solicit",
    frame(0x86DD, ip6(58, b"\x80\x00" + bytes(6))): "fd00::1 > fd00::2  icmp6 echo request",
    frame(0x86DD, ip6(58, b"\x87\x00" + bytes(6) + ipaddress.ip_address("fd00::7").packed)): (
        "fd00::1 > fd00::2  icmp6 who has fd00::7"
    ),
    # Behind a header of IPv6's own
    frame(0x86DD, ip6(0, b"\x3a\x00" + bytes(6) + b"\x80\x00" + bytes(6))): "fd00::1 > fd00::2  icmp6 echo request",
    frame(0x0800, VXLAN): "10.0.0.1 > 10.0.0.2  vxlan vni 4100: 10.0.0.1 > 10.0.0.2  icmp echo request",
    frame(0x0800, ip(17, udp(1, 6081, GENEVE_HEAD + frame(0x0800, ECHO)))): (
        "10.0.0.1 > 10.0.0.2  geneve vni 7: 10.0.0.1 > 10.0.0.2  icmp echo request"
    ),
    frame(0x0800, ip(47, b"\x20\0\x65\x58\0\0\0\x09" + frame(0x0800, ECHO))): (
        "10.0.0.1 > 10.0.0.2  gre key 9: 10.0.0.1 > 10.0.0.2  icmp echo request"
    ),
    frame(38, b"\x42\x42\x03" + bytes(35)): "02:00:00:00:00:01 > 02:00:00:00:00:02  stp",
    frame(0x88CC, b""): "02:00:00:00:00:01 > 02:00:00:00:00:02  lldp",
    frame(0x1234, b""): "02:00:00:00:00:01 > 02:00:00:00:00:02  0x1234",
    frame(0x0800, ECHO)[:20]: "02:00:00:00:00:01 > 02:00:00:00:00:02  ipv4",
    frame(0x0800, ECHO)[:7]: " >   cut",
}


@pytest.mark.parametrize("data", CASES, ids=[*CASES.values()])
def test_a_packet_in_words(data: bytes) -> None:
    source, target, words = _capture_summary.flow(_packet.read(data))
    assert f"{source} > {target}  {words}" == CASES[data]


def test_a_packet_without_ethernet() -> None:
    assert _capture_summary.flow(_packet.read(ECHO, ethernet=False)) == ("10.0.0.1", "10.0.0.2", "icmp echo request")
    assert _packet.read(ip6(58, b"\x80\x00" + bytes(6)), ethernet=False).source == "fd00::1"


@pytest.mark.parametrize("seed", range(20))
def test_no_packet_stops_a_capture(seed: int) -> None:
    """Packets in which bytes are changed, and that are cut somewhere."""
    chance = random.Random(seed)
    for _packet_number in range(100):
        data = bytearray(chance.choice([*CASES]))
        for _change in range(chance.randrange(4)):
            at = chance.randrange(200)
            data[at : at + 3] = chance.randbytes(chance.randrange(4))
        damaged = bytes(data[: chance.randint(0, len(data))])
        flows = _capture_summary.Flows()
        for ethernet in (True, False):
            flows.add(_packet.read(damaged, ethernet))
        assert 1 <= len(flows.lines()) <= 2
        assert all(line.isprintable() for line in flows.lines())


TAKEN = [
    ({"protocol": "icmp"}, ECHO, True),
    ({"protocol": "arp"}, ECHO, False),
    ({"protocol": "ipv4"}, ECHO, True),
    ({"protocol": "ipv6"}, ECHO, False),
    ({"protocol": "udp"}, ip(17, udp(68, 67, dhcp(1))), True),
    ({"protocol": "dhcp"}, ip(17, udp(68, 67, dhcp(1))), True),
    ({"protocol": "tcp", "port": 80}, ip(6, tcp(40000, 80, 2)), True),
    ({"port": 81}, ip(6, tcp(40000, 80, 2)), False),
    ({"host": "10.0.0.2"}, ECHO, True),
    ({"host": "02-00-00-00-00-01"}, ECHO, True),
    ({"host": "10.0.0.22"}, ECHO, False),
    # In the tunnel, or around it
    ({"protocol": "icmp"}, VXLAN, True),
    ({"port": 4789}, VXLAN, True),
    ({"vni": 4100}, VXLAN, True),
    ({"vni": 4100, "protocol": "icmp"}, VXLAN, True),
    ({"vni": 4100, "protocol": "arp"}, VXLAN, False),
    ({"vni": 4101}, VXLAN, False),
    ({"vni": 4100}, ECHO, False),
    # What one layer fulfils in part, and another one the rest, is not meant
    ({"protocol": "icmp", "port": None, "host": "10.0.0.1", "vlan": 5}, VXLAN, False),
]


@pytest.mark.parametrize(("given", "packet", "taken"), TAKEN)
def test_which_packets_are_taken(given: dict[str, t.Any], packet: bytes, taken: bool) -> None:
    assert wish(filter=given).filter.takes(_packet.read(frame(0x0800, packet))) is taken


def test_a_vlan_and_a_question_are_taken() -> None:
    asked = wish(filter={"vlan": 100, "host": "10.0.0.2"}).filter
    question = arp(1, "10.0.0.1", "10.0.0.2")
    assert asked.takes(_packet.read(frame(0x0806, question, [(0x8100, 100)], ALL)))
    assert not asked.takes(_packet.read(frame(0x0806, question, [(0x8100, 101)], ALL)))
    assert not asked.takes(_packet.read(frame(0x0806, question, target=ALL)))


def wish(**given: t.Any) -> _capture.Wish:
    """The options as a module has them."""
    defaults = {name: option.get("default") for name, option in _capture.OPTIONS.items()}
    return _capture.read({**defaults, **({} if "points" in given else {"interface": "eth0"}), **given})


REFUSED = [
    ({"interface": None}, "interface: is missing; give the interface to listen at, or points."),
    ({"points": []}, "points: there are 0; give 1 to 50."),
    ({"points": [{"interface": "a"}], "netns": "red"}, "points: excludes 'netns', which each of the points has"),
    ({"points": [{"interface": "a"}, {"interface": "a"}]}, "points[1]: is the same interface as points[0]"),
    ({"points": [{"interface": "a/b"}]}, "points[0].interface: "),
    ({"netns": "a/b"}, "netns: "),
    ({"count": 0}, "count: 0 is out of range; it must lie between 1 and 10000."),
    ({"seconds": 601}, "seconds: 601 is out of range; it must lie between 1 and 600."),
    ({"snaplen": 10}, "snaplen: 10 is out of range; it must lie between 64 and 65535."),
    ({"ping": ["red"]}, "ping[0]: 'red' is not an IP address"),
    ({"ping": ["10.0.0.1"] * 21}, "ping: 21 addresses are too many; at most 20 are pinged."),
    ({"filter": {"host": "red1"}}, "filter.host: 'red1' is not an IP address"),
    ({"filter": {"port": 0}}, "filter.port: 0 is out of range"),
    ({"filter": {"port": 80, "protocol": "icmp"}}, "filter.port: 'icmp' has no ports; leave one of them out."),
    ({"filter": {"vlan": 4095}}, "filter.vlan: 4095 is out of range"),
    ({"filter": {"vni": 2**24}}, "filter.vni: 16777216 is out of range"),
]


@pytest.mark.parametrize(("given", "message"), REFUSED)
def test_what_is_refused(given: dict[str, t.Any], message: str) -> None:
    with pytest.raises(_errors.BadInput) as caught:
        wish(**given)
    assert str(caught.value).startswith(message)


def test_many_flows_are_few_lines() -> None:
    flows = _capture_summary.Flows()
    for number in range(3000):
        flows.add(_packet.read(frame(0x0800, ip(6, tcp(80, number % 2500, 2)))))
    assert len(flows.counts) == _capture_summary.MOST_FLOWS
    lines = flows.lines()
    assert len(lines) == 21
    assert lines[0] == "2  10.0.0.1 port 80 > 10.0.0.2 port 0  tcp syn"
    assert lines[-1] == "and 2960 more packets"


def test_the_heading() -> None:
    assert _capture_summary.heading("red/eth0", 1, 0, 2.04) == "red/eth0: 1 packet in 2.0 s"
    assert _capture_summary.heading("red/eth0", 7, 3, 1.0, ["the interface was deleted meanwhile"]) == (
        "red/eth0: 7 packets, 3 more dropped by the kernel in 1.0 s; the interface was deleted meanwhile"
    )


def test_a_file_of_packets() -> None:
    data = frame(0x0800, ECHO)
    file = _pcap.written([_pcap.Frame(5 * 10**9 + 7, data[:20], len(data))], 20, _pcap.ETHERNET)
    assert struct.unpack("<IHHiIII", file[:24]) == (0xA1B23C4D, 2, 4, 0, 0, 20, 1)
    assert struct.unpack("<IIII", file[24:40]) == (5, 7, 20, len(data))
    assert file[40:] == data[:20]


def test_a_tag_comes_back() -> None:
    data = frame(0x0800, ECHO)
    assert _pcap.tagged(data, 0x8100, 100) == frame(0x0800, ECHO, [(0x8100, 100)])
