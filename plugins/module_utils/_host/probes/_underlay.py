# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames of a run as they arrive at the host inside of tunnels: from whom, with which number, to which port.

Each packet of the host passes the filter, so it runs in the kernel (socket filters: packet(7), linux/filter.h), and
lets through only packets whose inner frame has our experimental type.
"""

from __future__ import annotations

import ctypes
import socket
import struct
import typing as t

ETH_P_IP, ETH_P_IPV6 = 0x0800, 0x86DD
SO_ATTACH_FILTER = 26  # asm-generic/socket.h
# linux/bpf_common.h: load 16 bits at this offset, jump if equal, return how many bytes are taken.
LOAD, JUMP, RETURN = 0x28, 0x15, 0x06
INSTRUCTION = struct.Struct("=HBBI")
GRE, UDP = 47, 17
ETHERNET, IPV6 = 14, 40
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
    offsets = sorted(ETHERNET + ip + tunnel + TYPE_AT for ip in (20, IPV6) for tunnel in (8 + 8, 4, 8))
    code: list[tuple[int, int, int, int]] = []
    for index, offset in enumerate(offsets):
        left = 2 * (len(offsets) - index - 1)
        code += [(LOAD, 0, 0, offset), (JUMP, left + 1, 0, experiment)]
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
    frame = data[inner:]
    if frame[TYPE_AT : TYPE_AT + 2] != experiment.to_bytes(2, "big") or frame[14 : 14 + len(mark)] != mark:
        return None
    return Arrival(name_in(frame, mark), sender, number, port)


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


def name_in(frame: bytes, mark: bytes) -> bytes:
    """The name that a frame of ours carries: its length in a byte, and its bytes."""
    at = 14 + len(mark)
    return frame[at + 1 : at + 1 + frame[at]] if len(frame) > at else b""
