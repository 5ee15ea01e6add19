# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ports of Open vSwitch's userspace datapath, by one question to the OVSDB (RFC 7047, 4.1.3), without its library.

On the kernel's datapath a port has a master, like a port of a Linux bridge. On the userspace datapath, ovs-vswitchd
reads and writes the device through a socket.
"""

from __future__ import annotations

import json
import os
import socket
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _snapshot

DATAPATH = "/sys/class/net/ovs-netdev"  # a device of its own, which is there as long as the datapath is
SECONDS = 2.0
QUESTION = {"op": "select", "table": "Interface", "columns": ["name"]}


def names() -> frozenset[str]:
    """The names of ports that are devices of the host and not made by Open vSwitch. Empty if nobody answers."""
    path = _snapshot.OvsTarget.ovsdb[len("unix:") :]
    if not (os.path.exists(DATAPATH) and os.path.exists(path)):
        return frozenset()
    where: list[t.Any] = [{**QUESTION, "where": [["type", "==", kind]]} for kind in ("", "system")]
    try:
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(SECONDS)
            sock.connect(path)
            sock.sendall(json.dumps({"id": 0, "method": "transact", "params": ["Open_vSwitch", *where]}).encode())
            return frozenset(row["name"] for rows in _answer(sock)["result"] for row in rows["rows"])
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()


def _answer(sock: socket.socket) -> t.Any:
    text, decoder = "", json.JSONDecoder()
    while True:
        piece = sock.recv(1 << 16)
        if not piece:
            raise ValueError("the server closed the connection")
        text += piece.decode()
        try:
            return decoder.raw_decode(text)[0]
        except ValueError:
            continue  # not all of it yet
