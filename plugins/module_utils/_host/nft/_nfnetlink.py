# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel's packet filter tells directly (linux/netfilter/nfnetlink.h, nf_tables.h): which tables exist,
whether or not nft can be used.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import struct

from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _netlink
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _snapshot

NETLINK_NETFILTER = 12  # linux/netlink.h
SUBSYSTEM_CONNTRACK, SUBSYSTEM_NFTABLES = 1, 10
NFT_MSG_GETTABLE = 1
NFTA_TABLE_NAME = 1
NFPROTO_INET = 1  # linux/netfilter.h: what nft calls 'inet'
# A kernel without netfilter refuses the socket (EPROTONOSUPPORT), one without nf_tables the question (EINVAL;
# EOPNOTSUPP if it was built without).
LACKING = (errno.EPROTONOSUPPORT, errno.EINVAL, errno.EOPNOTSUPP)


def kind_of(subsystem: int, message: int) -> int:
    """The number of a message type."""
    return subsystem << 8 | message


def head(family: int) -> bytes:
    """The struct nfgenmsg with which every message begins."""
    return struct.pack("=BBH", family, 0, 0)


HEAD = len(head(0))


def opened(ns: _snapshot.NsKey) -> socket.socket:
    """Open a socket in that namespace. Raises OSError."""
    return _netlink.opened(ns, NETLINK_NETFILTER)


def tables(ns: _snapshot.NsKey) -> set[tuple[int, str]] | None:
    """(NFPROTO number, name) of each table of nftables; None if the kernel has no nf_tables. Raises HostError."""
    try:
        with contextlib.closing(opened(ns)) as sock:
            answers = _netlink.dump(sock, kind_of(SUBSYSTEM_NFTABLES, NFT_MSG_GETTABLE), head(socket.AF_UNSPEC))
    except OSError as error:
        if error.errno in LACKING:
            return None
        raise _errors.HostError(f"the kernel does not tell the tables of nftables: {error.strerror}") from error
    return {(body[0], _name(body)) for body in answers}


def _name(body: bytes) -> str:
    return _netlink.attributes(body[HEAD:]).get(NFTA_TABLE_NAME, b"").rstrip(b"\0").decode(errors="surrogateescape")
