# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the listeners on a port of a namespace (proc_net_tcp.txt in the kernel's Documentation/networking)."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import sys
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.namespaces import _namespaces
from ansible_collections.netloom.linux.plugins.module_utils._model import _scope

# The state of a socket that waits for others: TCP_LISTEN; of UDP one that is not connected.
WAITING = {"tcp": "0A", "udp": "07"}


def read(question: _scope.Listeners) -> tuple[tuple[str, str], ...]:
    """Each listener as (address, process). Empty if there is no such namespace."""
    if _namespaces.inode_of(_namespaces.path_of(question.ns)) is None:
        return ()
    found: dict[str, str] = {}
    with _namespaces.entered(question.ns):
        for name in (question.protocol, f"{question.protocol}6"):
            # Without IPv6 in the kernel its file is not there.
            with (
                contextlib.suppress(FileNotFoundError),
                open(f"/proc/thread-self/net/{name}", encoding="ascii") as handle,
            ):
                found.update(_waiting(handle.readlines()[1:], WAITING[question.protocol], question.port))
    owners = _owners(set(found)) if found else {}
    return tuple(sorted((address, owners.get(inode, "somebody")) for inode, address in found.items()))


def _waiting(lines: t.Iterable[str], state: str, port: int) -> t.Iterator[tuple[str, str]]:
    """Each waiting socket as (inode, address)."""
    for line in lines:
        fields = line.split()
        address, _colon, number = fields[1].partition(":")
        if fields[3] == state and int(number, 16) == port:
            yield fields[9], _address(address)


def _address(text: str) -> str:
    """Convert an address: words of 32 bits, each in the byte order of the machine."""
    words = [bytes.fromhex(text[start : start + 8]) for start in range(0, len(text), 8)]
    return str(ipaddress.ip_address(b"".join(word[::-1] if sys.byteorder == "little" else word for word in words)))


def _owners(inodes: set[str]) -> dict[str, str]:
    """The process that has each socket open: inode -> "'sshd' (process 12)"."""
    found: dict[str, str] = {}
    for pid in _namespaces.pids():
        with contextlib.suppress(OSError):
            for descriptor in sorted(os.listdir(f"/proc/{pid}/fd")):
                target = os.readlink(f"/proc/{pid}/fd/{descriptor}")
                inode = target[len("socket:[") : -1]
                if target.startswith("socket:[") and inode in inodes and inode not in found:
                    with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as handle:
                        found[inode] = f"'{handle.read().strip()}' (process {pid})"
    return found
