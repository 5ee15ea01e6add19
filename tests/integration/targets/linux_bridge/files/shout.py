# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shout by one link and listen at another: `shout.py FROM AT SECONDS`. Prints how many broadcasts it sent and heard."""

from __future__ import annotations

import contextlib
import json
import socket
import sys
import time

KIND = 0x88B5  # IEEE 802: for local experiments
FRAME = b"\xff" * 6 + bytes.fromhex("525400000001") + KIND.to_bytes(2, "big") + b"\0" * 46


def main() -> None:
    """Send and receive until the time is over."""
    source, place, seconds = sys.argv[1:]
    until = time.monotonic() + float(seconds)
    sent = heard = 0
    with (
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as mouth,
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(KIND)) as ear,
    ):
        mouth.bind((source, 0))
        ear.bind((place, KIND))
        ear.setblocking(False)
        while time.monotonic() < until:
            with contextlib.suppress(OSError):  # a link that is down takes none
                mouth.send(FRAME)
                sent += 1
            with contextlib.suppress(OSError):
                ear.recv(100)
                heard += 1
    print(json.dumps({"sent": sent, "heard": heard}))


if __name__ == "__main__":
    main()
