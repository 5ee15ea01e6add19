# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Send broadcasts that are recognised wherever they come out, or count them. Runs on a lab host, by its Python.

send INTERFACE COUNT PAUSE | count INTERFACE SECONDS out|in [BYTES, in hexadecimal]
"""

from __future__ import annotations

import socket
import struct
import sys
import time

MARK = b"netloom: one broadcast "
EXPERIMENTAL = 0x88B5  # IEEE 802, local experimental
EVERYTHING = 0x0003  # ETH_P_ALL
OUTGOING = 4  # PACKET_OUTGOING
# The start of an ICMP message in a frame: the kernel quotes what came to a UDP port at which nobody receives.
IPV4, PROTOCOL, ICMP = slice(12, 14), 23, 1


def main() -> None:
    """Do what the arguments say."""
    what, interface, *rest = sys.argv[1:]
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(EVERYTHING)) as raw:
        raw.bind((interface, EVERYTHING))
        if what == "send":
            send(raw, int(rest[0]), float(rest[1]))
        else:
            sought = bytes.fromhex(rest[2]) if rest[2:] else MARK
            print(count(raw, float(rest[0]), rest[1] == "out", sought))


def send(raw: socket.socket, times: int, pause: float) -> None:
    """Send broadcasts."""
    own = raw.getsockname()[4]
    for number in range(times):
        raw.send(b"\xff" * 6 + own + struct.pack(">H", EXPERIMENTAL) + MARK + f"{number:06}".encode() + bytes(40))
        time.sleep(pause)


def count(raw: socket.socket, seconds: float, out: bool, sought: bytes) -> int:
    """Count the frames with these bytes, as they leave or as they come in, in whichever tunnel they are. Those that an
    ICMP message quotes do not count.
    """
    found, until = 0, time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        raw.settimeout(left)
        try:
            data, where = raw.recvfrom(65535)
        except TimeoutError:
            break
        quoted = data[IPV4] == b"\x08\x00" and data[PROTOCOL] == ICMP
        found += sought in data and (where[2] == OUTGOING) == out and not quoted
    return found


if __name__ == "__main__":
    main()
