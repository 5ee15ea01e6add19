# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames of a run as they arrive at the host inside of tunnels: from whom, with which number, to which port.

Each packet of the host passes the filter, so it runs in the kernel (socket filters: packet(7), linux/filter.h), and
lets through only packets whose inner frame has our experimental type, or is one of ARP.
"""

from __future__ import annotations

import ctypes
import socket
import struct
import typing as t

ETH_P_IP, ETH_P_ARP, ETH_P_IPV6 = 0x0800, 0x0806, 0x86DD
SO_ATTACH_FILTER = 26  # asm-generic/socket.h
# linux/bpf_common.h: load 16 bits at this offset, jump if equal, return how many bytes are taken.
LOAD, JUMP, RETURN = 0x28, 0x15, 0x06
INSTRUCTION = struct.Struct("=HBBI")
GRE, UDP = 47, 17
ETHERNET, IPV6, ARP = 14, 40, 28
GENEVE_OPTION = 8  # bytes, as OVN adds it
TYPE_AT = 12  # of an Ethernet frame's type, after the two MAC addresses
GRE_KEY = 0x2000  # in the flags of GRE (RFC 2890)


class Arrival(t.NamedTuple):
    """A frame of ours inside of a packet. ``number``: the VNI, or the key of GRE. ``port``: None for GRE."""

    name: bytes
    sender: str
    number: int | None
    port: int | None


def watch(sock: socket.socket, experiment: int) -> None:
    """Let only packets with such a frame inside arrive at a packet socket. Raises OSError."""
    # Where the inner frame's type is: after Ethernet, IP, and UDP with VXLAN or Geneve, or GRE with or without a key.
    tunnels = (8 + 8, 8 + 8 + GENEVE_OPTION, 4, 8)
    offsets = sorted({ETHERNET + ip + tunnel + TYPE_AT for ip in (20, IPV6) for tunnel in tunnels})
    kinds = (experiment, ETH_P_ARP)
    code: list[tuple[int, int, int, int]] = []
    for index, offset in enumerate(offsets):
        code.append((LOAD, 0, 0, offset))
        for number, kind in enumerate(kinds, 1):
            left = len(kinds) - number + (len(kinds) + 1) * (len(offsets) - index - 1)
            code.append((JUMP, left + 1, 0, kind))
    code += [(RETURN, 0, 0, 0), (RETURN, 0, 0, 0xFFFF)]
    program = ctypes.create_string_buffer(b"".join(INSTRUCTION.pack(*one) for one in code))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("@HP", len(code), ctypes.addressof(program)))


def read(data: bytes, experiment: int, mark: bytes) -> Arrival | None:
    """What a packet carries, if it is a frame of our run."""
    kind = int.from_bytes(data[12:14], "big")
    if kind == ETH_P_IP and len(data) > ETHERNET + 20:
        at = ETHERNET + (data[ETHERNET] & 0x0F) * 4
        protocol, sender = data[ETHERNET + 9], socket.inet_ntop(socket.AF_INET, data[26:30])
    elif kind == ETH_P_IPV6 and len(data) > ETHERNET + IPV6:
        at, protocol, sender = ETHERNET + IPV6, data[ETHERNET + 6], socket.inet_ntop(socket.AF_INET6, data[22:38])
    else:
        return None
    inner, number, port = _inside(data, at, protocol)
    name = name_in(data[inner:], experiment, mark)
    return None if name is None else Arrival(name, sender, number, port)


def _inside(data: bytes, at: int, protocol: int) -> tuple[int, int | None, int | None]:
    """Where the inner frame begins, its number and its port."""
    if protocol == GRE:
        keyed = bool(int.from_bytes(data[at : at + 2], "big") & GRE_KEY)
        return at + (8 if keyed else 4), int.from_bytes(data[at + 4 : at + 8], "big") if keyed else None, None
    if protocol != UDP:
        return len(data), None, None
    # VXLAN (RFC 7348) and Geneve (RFC 8926) have their number at the same place; Geneve says how long its options are.
    geneve = data[at + 10 : at + 12] == b"\x65\x58"
    options = (data[at + 8] & 0x3F) * 4 if geneve and len(data) > at + 8 else 0
    return (
        at + 16 + options,
        int.from_bytes(data[at + 12 : at + 15], "big"),
        int.from_bytes(data[at + 2 : at + 4], "big"),
    )


def name_in(frame: bytes, experiment: int, mark: bytes) -> bytes | None:
    """The name that a frame of ours carries: its length in a byte, and its bytes. None if it is none of ours. It stands
    behind the Ethernet header, or behind an announcement by ARP.
    """
    kind = int.from_bytes(frame[TYPE_AT : TYPE_AT + 2], "big")
    at = ETHERNET + (ARP if kind == ETH_P_ARP else 0)
    if kind not in (experiment, ETH_P_ARP) or frame[at : at + len(mark)] != mark:
        return None
    at += len(mark)
    return frame[at + 1 : at + 1 + frame[at]] if len(frame) > at else b""
