# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Offloads by the ethtool ioctl (linux/ethtool.h), for links of the namespace we are in: transmit checksums, GRO."""

from __future__ import annotations

import array
import fcntl
import os
import re
import socket
import struct
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _receivers, _snapshot

SIOCETHTOOL = 0x8946
ETHTOOL_GTXCSUM, ETHTOOL_STXCSUM = 0x16, 0x17
ETHTOOL_GGRO, ETHTOOL_SGRO = 0x2B, 0x2C


def _call(control: socket.socket, name: str, command: int, value: int) -> int:
    data = array.array("B", struct.pack("II", command, value))  # struct ethtool_value
    request = struct.pack("16sP", name.encode(), data.buffer_info()[0])  # struct ifreq with ifr_data
    fcntl.ioctl(control.fileno(), SIOCETHTOOL, request)
    return int(struct.unpack("II", data.tobytes())[1])


def tx_checksums(control: socket.socket, names: t.Iterable[str]) -> dict[str, bool]:
    """Whether each link computes transmit checksums itself; links that cannot say are left out.

    ``control``: a socket in their namespace. A netlink socket will do since Linux 4.11 (netlink_ioctl()).
    """
    return _told(control, names, ETHTOOL_GTXCSUM)


def receive_offloads(control: socket.socket, links: t.Iterable[_snapshot.Link]) -> dict[str, bool]:
    """Whether each link joins packets that it receives (generic receive offload), likewise. Before Linux 5.13 every
    veth says that it does, and none does.
    """
    found = _told(control, (link.name for link in links if link.kind not in _receivers.NEVER), ETHTOOL_GGRO)
    if _release() < (5, 13):
        found.update({link.name: False for link in links if link.kind == "veth"})
    return found


def _release() -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", os.uname().release)[:2])


def _told(control: socket.socket, names: t.Iterable[str], command: int) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for name in names:
        try:
            found[name] = bool(_call(control, name, command, 0))
        except OSError:
            continue
    return found


def set_tx_checksum(name: str, on: bool) -> None:
    """Switch transmit checksum offload, as `ethtool -K NAME tx on|off` does (the kernel switches TSO with it)."""
    _switch(name, on, ETHTOOL_STXCSUM, "transmit checksum offload")


def set_receive_offload(name: str, on: bool) -> None:
    """Switch generic receive offload, as `ethtool -K NAME gro on|off` does."""
    _switch(name, on, ETHTOOL_SGRO, "generic receive offload")


def _switch(name: str, on: bool, command: int, what: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as control:
        try:
            _call(control, name, command, int(on))
        except OSError as error:
            raise _errors.HostError(f"Cannot switch {what} of '{name}': {error.strerror}.") from error
