# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open vSwitch's datapath in the kernel, asked directly by generic netlink (linux/genetlink.h, linux/openvswitch.h).
That needs neither ovsdb-server nor ovs-vswitchd.
"""

from __future__ import annotations

import os
import socket
import struct
import sys

from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _netlink

NETLINK_GENERIC = 16
GENERIC = struct.Struct("=BBH")  # struct genlmsghdr: command, version, reserved
GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 16, 3, 1, 2
OVS_VPORT_CMD_DEL, OVS_VPORT_VERSION, OVS_VPORT_ATTR_NAME = 2, 1, 3
ANY_DATAPATH = struct.pack("=i", 0)  # struct ovs_header: the name of a port is unique in the namespace
SECONDS = 5


def release(name: str) -> None:
    """Delete the datapath's port of this name. The device of a NIC stays, and is the host's again. Raises OSError."""
    with _netlink.opened(None, NETLINK_GENERIC) as sock:
        sock.settimeout(SECONDS)
        family = _family(sock, "ovs_vport")
        head = GENERIC.pack(OVS_VPORT_CMD_DEL, OVS_VPORT_VERSION, 0) + ANY_DATAPATH
        _netlink.request(sock, family, head + _text(OVS_VPORT_ATTR_NAME, name))


def _family(sock: socket.socket, name: str) -> int:
    """The number of a family of generic netlink. Raises OSError if the kernel has none of this name."""
    question = GENERIC.pack(CTRL_CMD_GETFAMILY, 1, 0) + _text(CTRL_ATTR_FAMILY_NAME, name)
    answer = _netlink.ask(sock, GENL_ID_CTRL, question)
    return int.from_bytes(_netlink.attributes(answer[GENERIC.size :])[CTRL_ATTR_FAMILY_ID], sys.byteorder)


def _text(kind: int, value: str) -> bytes:
    """An attribute with a string that ends in NUL."""
    return _netlink.attribute(kind, os.fsencode(value) + b"\0")
