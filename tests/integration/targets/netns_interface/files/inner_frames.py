# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What passes inside a VXLAN, while commands run: `inner_frames.py LINK COMMAND...`, in the namespace of the underlay's
link. Prints their exit statuses, the requests for addresses (ARP, ND), broadcasts and VNIs as JSON.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time

ETH_P_ALL = 3
ETHERNET, UDP, VXLAN = 14, 8, 8  # bytes of their headers
PORT = 4789
BROADCAST = b"\xff" * 6


def inner(packet: bytes) -> tuple[int, bytes] | None:
    """VNI and frame inside a packet of IPv4 that carries VXLAN."""
    start = ETHERNET + (packet[ETHERNET] & 0xF) * 4
    if packet[12:14] != b"\x08\0" or packet[ETHERNET + 9] != socket.IPPROTO_UDP:
        return None
    if int.from_bytes(packet[start + 2 : start + 4], "big") != PORT:
        return None
    head = packet[start + UDP : start + UDP + VXLAN]
    return int.from_bytes(head[4:7], "big"), packet[start + UDP + VXLAN :]


def main() -> None:
    """Listen, run the commands, and count."""
    link, *commands = sys.argv[1:]
    found = {"rc": [], "arp": 0, "nd": 0, "broadcasts": 0, "frames": 0, "vnis": []}
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL)) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        sock.bind((link, 0))
        found["rc"] = [
            subprocess.run(command.split(), check=False, capture_output=True).returncode for command in commands
        ]
        time.sleep(0.3)
        sock.settimeout(0.1)
        while True:
            try:
                told = inner(sock.recv(65536))
            except (BlockingIOError, TimeoutError):
                break
            if told is None:
                continue
            vni, frame = told
            found["frames"] += 1
            found["vnis"] = sorted({*found["vnis"], vni})
            # To a group: a host also asks a neighbour whom it knows, by his own address, whether he still lives. Nobody
            # has told the bridge of addresses that belong to a link (fe80::/10).
            asks_all = frame[0] & 1
            found["arp"] += asks_all and frame[12:14] == b"\x08\x06"
            found["nd"] += (
                asks_all
                and frame[12:14] == b"\x86\xdd"
                and (frame[20], frame[54]) == (socket.IPPROTO_ICMPV6, 135)
                and frame[62:64] != b"\xfe\x80"
            )
            found["broadcasts"] += frame[:6] == BROADCAST
    print(json.dumps(found))


if __name__ == "__main__":
    main()
