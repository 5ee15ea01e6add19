# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Persistent tun and tap links by /dev/net/tun, which netlink cannot make (Documentation/networking/tuntap.rst)."""

from __future__ import annotations

import errno
import fcntl
import os
import struct
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors

TUNSETIFF, TUNSETPERSIST, TUNSETOWNER, TUNSETGROUP = 0x400454CA, 0x400454CB, 0x400454CC, 0x400454CE
IFF_TUN, IFF_TAP, IFF_NO_PI, IFF_TUN_EXCL = 0x1, 0x2, 0x1000, 0x8000
FEATURES = {"vnet_hdr": 0x4000, "multi_queue": 0x0100}  # IFF_VNET_HDR, IFF_MULTI_QUEUE


def configure(name: str, data: t.Mapping[str, t.Any], new: bool = False) -> None:
    """Make a persistent link in the present namespace (``new``: the name must be free), or change the owner of an
    existing one.

    A program that opens an existing link gives it these features (tun_set_iff()), so they must be those that it has.
    """
    try:
        device = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        raise _errors.HostError(
            f"Cannot make {data.get('mode', 'tap')} '{name}': /dev/net/tun: {error.strerror}. Load the module tun."
        ) from error
    try:
        flags = flags_of(data) | (IFF_TUN_EXCL if new else 0)
        fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), flags))
        for option, request in (("owner", TUNSETOWNER), ("owner_group", TUNSETGROUP)):
            if data.get(option) is not None:  # the kernel removes no owner (EINVAL), so the link is recreated
                fcntl.ioctl(device, request, struct.unpack("i", struct.pack("I", data[option]))[0])
        fcntl.ioctl(device, TUNSETPERSIST, 1)
    except OSError as error:
        taken = new and error.errno == errno.EBUSY
        reason = "a link has that name already" if taken else error.strerror
        raise _errors.HostError(f"Cannot configure {data.get('mode', 'tap')} '{name}': {reason}.") from error
    finally:
        os.close(device)


def flags_of(data: t.Mapping[str, t.Any]) -> int:
    """The flags of the link: its type and its features."""
    kind = IFF_TUN if data.get("mode") == "tun" else IFF_TAP
    return kind | (0 if data.get("pi") else IFF_NO_PI) | sum(flag for name, flag in FEATURES.items() if data.get(name))
