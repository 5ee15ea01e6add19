# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a packet says: who sends to whom, by which protocol, in which VLAN and tunnel. Read from its bytes.

A capture holds whatever somebody sends, and a packet may be cut. So each layer is read as far as it is there, and what
is not understood is told by its number.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import struct

from ansible_collections.netloom.linux.plugins.module_utils._model import _encapsulation, _packet_words

ETHERNET_HEADER = 14
VLAN_TYPES = (0x8100, 0x88A8)  # IEEE 802.1Q and 802.1ad
IPV4, IPV6, ARP = 0x0800, 0x86DD, 0x0806
SMALLEST_TYPE = 0x0600  # below it the field is a length (IEEE 802.3)
ICMP, TCP, UDP, GRE, ICMPV6 = 1, 6, 17, 47, 58
HOP_BY_HOP, ROUTING, FRAGMENT, NO_MORE, DESTINATION = 0, 43, 44, 59, 60  # IPv6's extension headers (RFC 8200)
BRIDGED = 0x6558  # a whole Ethernet frame follows: the type that Geneve and GRE tell
TUNNEL_OF_PORT = {port: kind for kind, port in _encapsulation.PORTS.items()}
MOST_LAYERS = 4  # tunnels in tunnels


@dataclasses.dataclass
class Packet:
    """A packet, or the frame that a tunnel carries in one. ``source`` and ``target`` are IP addresses, or MAC addresses
    if there are none. ``number``: the VNI, or the key of GRE, of the tunnel whose frame is ``inner``.
    """

    source: str = ""
    target: str = ""
    protocol: str = "cut"
    version: int | None = None  # of IP
    source_port: int | None = None
    target_port: int | None = None
    vlans: tuple[int, ...] = ()
    words: str = ""  # what it says beside its addresses
    number: int | None = None
    addresses: tuple[str, ...] = ()  # all that it names, of Ethernet, ARP and IP
    inner: Packet | None = None


def read(data: bytes, ethernet: bool = True, layer: int = 0) -> Packet:
    """Read a frame; without ``ethernet``, an IP packet."""
    packet = Packet()
    try:
        if ethernet:
            _ethernet(packet, data, layer)
        else:
            _network(packet, IPV4 if data[0] >> 4 == 4 else IPV6, data, layer)
    except (IndexError, struct.error, ValueError):
        pass  # it is cut: what was read until here holds
    return packet


def _ethernet(packet: Packet, data: bytes, layer: int) -> None:
    packet.target, packet.source = _mac(data[0:6]), _mac(data[6:12])
    packet.addresses = (packet.source, packet.target)
    at = 12
    kind = _u16(data, at)
    while kind in VLAN_TYPES:
        packet.vlans += (_u16(data, at + 2) & 0x0FFF,)
        at += 4
        kind = _u16(data, at)
    _network(packet, kind, data[at + 2 :], layer)


def _network(packet: Packet, kind: int, data: bytes, layer: int) -> None:
    if kind == ARP:
        _arp(packet, data)
    elif kind == IPV4:
        _ipv4(packet, data, layer)
    elif kind == IPV6:
        _ipv6(packet, data, layer)
    elif kind < SMALLEST_TYPE:
        packet.protocol = "stp" if data[:2] == b"\x42\x42" else "llc"
    else:
        packet.protocol = _packet_words.ETHERNET_TYPES.get(kind, f"0x{kind:04x}")


def _arp(packet: Packet, data: bytes) -> None:
    """RFC 826, for IPv4 over Ethernet."""
    packet.protocol = "arp"
    operation, sender, asked = _u16(data, 6), _ip(data[14:18]), _ip(data[24:28])
    packet.addresses += (sender, asked)
    packet.words = _packet_words.arp(operation, sender, asked, _mac(data[8:14]))


def _ipv4(packet: Packet, data: bytes, layer: int) -> None:
    packet.version, packet.protocol = 4, "ipv4"
    packet.source, packet.target = _ip(data[12:16]), _ip(data[16:20])
    packet.addresses += (packet.source, packet.target)
    if _u16(data, 6) & 0x1FFF:
        packet.protocol, packet.words = _packet_words.protocol(data[9]), "fragment"
        return
    # What follows the packet in the frame is padding.
    _transport(packet, data[9], data[(data[0] & 0x0F) * 4 : _u16(data, 2) or None], layer)


def _ipv6(packet: Packet, data: bytes, layer: int) -> None:
    packet.version, packet.protocol = 6, "ipv6"
    packet.source, packet.target = _ip(data[8:24]), _ip(data[24:40])
    packet.addresses += (packet.source, packet.target)
    length = _u16(data, 4)
    kind, at, end = data[6], 40, 40 + length if length else len(data)
    while kind in (HOP_BY_HOP, ROUTING, DESTINATION, FRAGMENT):
        if kind == FRAGMENT and _u16(data, at + 2) & 0xFFF8:
            packet.protocol, packet.words = _packet_words.protocol(data[at]), "fragment"
            return
        size = 8 if kind == FRAGMENT else (data[at + 1] + 1) * 8
        kind, at = data[at], at + size
    if kind != NO_MORE:
        _transport(packet, kind, data[at:end], layer)


def _transport(packet: Packet, kind: int, data: bytes, layer: int) -> None:
    packet.protocol = _packet_words.protocol(kind)
    if kind in (TCP, UDP):
        packet.source_port, packet.target_port = _u16(data, 0), _u16(data, 2)
        if kind == TCP:
            packet.words = _packet_words.tcp(data[13])
        else:
            _datagram(packet, data[8:], layer)
    elif kind == ICMP:
        packet.words = _packet_words.icmp(data)
    elif kind == ICMPV6:
        packet.words = _packet_words.icmpv6(data, _ip(data[8:24]) if len(data) >= 24 else "")
    elif kind == GRE:
        _gre(packet, data, layer)


def _datagram(packet: Packet, data: bytes, layer: int) -> None:
    ports = {packet.source_port, packet.target_port}
    if ports & {67, 68}:
        packet.protocol, packet.words = "dhcp", _packet_words.dhcp(data)
    elif ports & {546, 547}:
        packet.protocol, packet.words = "dhcp", _packet_words.dhcpv6(data)
    tunnel = TUNNEL_OF_PORT.get(packet.target_port or 0)
    if tunnel is None or layer >= MOST_LAYERS or len(data) < 8:
        return
    packet.protocol, packet.number = tunnel, int.from_bytes(data[4:7], "big")
    if tunnel == _encapsulation.VXLAN:  # RFC 7348
        packet.inner = read(data[8:], layer=layer + 1)
    elif _u16(data, 2) == BRIDGED:  # RFC 8926; its options are before the frame
        packet.inner = read(data[8 + (data[0] & 0x3F) * 4 :], layer=layer + 1)


def _gre(packet: Packet, data: bytes, layer: int) -> None:
    """RFC 2784, with the options of RFC 2890: checksum, key, sequence number."""
    flags, at = _u16(data, 0), 4
    if flags & 0x8000:
        at += _encapsulation.GRE_OPTION
    if flags & 0x2000:
        packet.number = struct.unpack("!I", data[at : at + 4])[0]
        at += _encapsulation.GRE_OPTION
    if flags & 0x1000:
        at += _encapsulation.GRE_OPTION
    if _u16(data, 2) == BRIDGED and layer < MOST_LAYERS:
        packet.inner = read(data[at:], layer=layer + 1)


def _u16(data: bytes, at: int) -> int:
    return int(struct.unpack("!H", data[at : at + 2])[0])


def _mac(data: bytes) -> str:
    if len(data) != 6:
        raise ValueError
    return data.hex(":")


def _ip(data: bytes) -> str:
    """An address in the form that options have."""
    return str(ipaddress.ip_address(data))
