# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bridged network by Mininet's API. Runs on the lab host: mininet_bridge.py COUNT READY STOP.

Says that it is up by making the file READY, takes the network down when there is a file STOP, and then removes READY.
"""

from __future__ import annotations

import os
import sys
import time

from mininet.net import Mininet
from mininet.nodelib import LinuxBridge

count, ready, stop = int(sys.argv[1]), sys.argv[2], sys.argv[3]
net = Mininet(switch=LinuxBridge, controller=None)
switch = net.addSwitch("br0")
for number in range(count):
    host = net.addHost(f"h{number}", ip=f"10.9.{number // 250}.{number % 250 + 1}/16", defaultRoute="via 10.9.255.254")
    net.addLink(host, switch)
net.start()
switch.cmd("ip address add 10.9.255.254/16 dev br0")
with open(ready, "w", encoding="ascii"):
    pass
while not os.path.exists(stop):
    time.sleep(0.01)
net.stop()
os.remove(ready)
