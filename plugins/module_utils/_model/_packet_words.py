# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words for what packets say: messages of ARP, ICMP, DHCP and TCP by their numbers."""

from __future__ import annotations

import ipaddress
import typing as t

ETHERNET_TYPES = {0x88CC: "lldp", 0x8809: "lacp", 0x8847: "mpls", 0x8863: "pppoe", 0x8864: "pppoe", 0x88B5: "0x88b5"}
PROTOCOLS = {1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 47: "gre", 50: "esp", 58: "icmp6", 89: "ospf", 112: "vrrp"}
# Type, and code or None for any (RFC 792, RFC 4443, RFC 4861).
ICMP: t.Mapping[tuple[int, int | None], str] = {
    (0, None): "echo reply",
    (3, 0): "network unreachable",
    (3, 1): "host unreachable",
    (3, 2): "protocol unreachable",
    (3, 3): "port unreachable",
    (3, 4): "too big, not to be fragmented",
    (3, None): "unreachable",
    (5, None): "redirect",
    (8, None): "echo request",
    (11, None): "time exceeded",
}
ICMPV6: t.Mapping[tuple[int, int | None], str] = {
    (1, 0): "no route",
    (1, 3): "address unreachable",
    (1, 4): "port unreachable",
    (1, None): "unreachable",
    (2, None): "too big",
    (3, None): "time exceeded",
    (128, None): "echo request",
    (129, None): "echo reply",
    (130, None): "multicast listener query",
    (131, None): "multicast listener report",
    (133, None): "router solicitation",
    (134, None): "router advertisement",
    (135, None): "who has",
    (136, None): "is here",
    (143, None): "multicast listener report",
}
# RFC 2132, 9.6, and RFC 8415, 7.3.
DHCP = ("", "discover", "offer", "request", "decline", "ack", "nak", "release", "inform")
DHCPV6 = (
    *("", "solicit", "advertise", "request", "confirm", "renew", "rebind", "reply", "release", "decline"),
    *("reconfigure", "information request", "relay", "relay reply"),
)
DHCP_OPTIONS = 240  # bytes of a message before its options, the magic number included
PAD, END, REQUESTED, MESSAGE_TYPE = 0, 255, 50, 53  # options
FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10


def protocol(number: int) -> str:
    """A protocol over IP."""
    return PROTOCOLS.get(number, f"protocol {number}")


def arp(operation: int, sender: str, asked: str, mac: str) -> str:
    """A question, an answer, or somebody who tells everybody where an address is."""
    if sender == asked:
        return f"{sender} is at {mac}, told to all"
    if operation == 1:
        return f"who has {asked}? tell {sender}"
    return f"{sender} is at {mac}" if operation == 2 else f"operation {operation}"


def icmp(data: bytes) -> str:
    """A message of ICMP."""
    return _of_type(ICMP, data)


def icmpv6(data: bytes, target: str) -> str:
    """A message of ICMPv6. ``target``: the address that a neighbour is asked about."""
    words = _of_type(ICMPV6, data)
    return f"{words} {target}" if data[0] == 135 else f"{target} {words}" if data[0] == 136 else words


def _of_type(words: t.Mapping[tuple[int, int | None], str], data: bytes) -> str:
    kind, code = data[0], data[1]
    return words.get((kind, code)) or words.get((kind, None)) or f"type {kind} code {code}"


def tcp(flags: int) -> str:
    """How a connection begins or is refused. Empty for the packets between."""
    if flags & RST:
        return "reset"
    return ("syn, ack" if flags & ACK else "syn") if flags & SYN else ""


def dhcp(data: bytes) -> str:
    """A message of DHCP (RFC 2131), with the address that it is about."""
    options = dict(_options(data[DHCP_OPTIONS:]))
    number = options.get(MESSAGE_TYPE, b"\0")[0]
    kind = DHCP[number] if number < len(DHCP) else f"message {number}"
    yours = data[16:20]
    about = yours if any(yours) else options.get(REQUESTED, b"")
    address = f" {ipaddress.IPv4Address(about)}" if len(about) == 4 else ""
    return f"{kind or 'bootp'}{address} for {data[28:34].hex(':')}"


def _options(data: bytes) -> t.Iterator[tuple[int, bytes]]:
    at = 0
    while at + 1 < len(data) and data[at] != END:
        if data[at] == PAD:
            at += 1
            continue
        value = data[at + 2 : at + 2 + data[at + 1]]
        if value:
            yield data[at], value
        at += 2 + data[at + 1]


def dhcpv6(data: bytes) -> str:
    """A message of DHCPv6."""
    return DHCPV6[data[0]] if data[0] < len(DHCPV6) else f"message {data[0]}"
