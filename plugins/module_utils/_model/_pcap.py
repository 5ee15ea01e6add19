# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Captured packets as a file that tcpdump(1) and Wireshark read (pcap-savefile(5)), with nanoseconds."""

from __future__ import annotations

import struct
import typing as t

MAGIC, MAJOR, MINOR = 0xA1B23C4D, 2, 4
HEADER = struct.Struct("<IHHiIII")  # magic, version, time zone, accuracy, snaplen, link type
RECORD = struct.Struct("<IIII")  # seconds, nanoseconds, bytes in the file, bytes on the wire
ETHERNET, RAW_IP = 1, 101  # link types
TAG_AT, TAG = 12, struct.Struct("!HH")  # a VLAN tag comes after the two MAC addresses


class Frame(t.NamedTuple):
    """A packet as it is written. ``length``: how long it was; ``data`` may have less of it."""

    nanoseconds: int  # since 1970
    data: bytes
    length: int


def tagged(data: bytes, protocol: int, tag: int) -> bytes:
    """A frame with the VLAN tag that the kernel, or the NIC, took out of it."""
    return data[:TAG_AT] + TAG.pack(protocol, tag) + data[TAG_AT:]


def written(frames: t.Iterable[Frame], snaplen: int, link_type: int) -> bytes:
    """The content of a file."""
    parts = [HEADER.pack(MAGIC, MAJOR, MINOR, 0, 0, snaplen, link_type)]
    for one in frames:
        parts.append(RECORD.pack(*divmod(one.nanoseconds, 10**9), len(one.data), one.length))
        parts.append(one.data)
    return b"".join(parts)
