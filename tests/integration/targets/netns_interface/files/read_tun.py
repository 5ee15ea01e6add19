# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open the tap or tun NAME (FLAGS: IFF_TAP 2, IFF_TUN 1), send a ping TO an address behind it, and tell the protocol of
the first frame that IPv4 is about.
"""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import sys

TUNSETIFF = 0x400454CA

name, flags, to = sys.argv[1:]
device = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), int(flags)))
with subprocess.Popen(
    ["ping", "-c", "5", "-i", "0.2", to], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
) as ping:
    while True:
        frame = os.read(device, 2000)  # 4 bytes of flags and protocol (struct tun_pi), then the frame or the packet
        protocol = (frame[16:18] if flags == "2" else frame[2:4]).hex()
        if protocol != "86dd":  # IPv6 looks around by itself
            break
    ping.terminate()
print(protocol, end="")
