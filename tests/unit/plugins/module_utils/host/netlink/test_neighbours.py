# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Neighbours that somebody wrote, as the kernel tells them: in the order of its hash table, which is random."""

from __future__ import annotations

import socket
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _neighbours, _netlink

PERMANENT, REACHABLE = 0x80, 0x02
LAST = (9, 3, 7, 1)


def told(last: int, index: int, state: int = PERMANENT, flags: int = 0) -> bytes:
    """An entry as the kernel tells it."""
    address = _netlink.attribute(_neighbours.NDA_DST, bytes([192, 0, 2, last]))
    mac = b"" if flags else _netlink.attribute(_neighbours.NDA_LLADDR, bytes([2, 0, 0, 0, 0, last]))
    return _neighbours.NDMSG.pack(socket.AF_INET, index, state, flags, 1) + address + mac


def test_they_have_one_order(monkeypatch: pytest.MonkeyPatch) -> None:
    def dump(_sock: object, _kind: int, body: bytes) -> list[bytes]:
        flags = _neighbours.NDMSG.unpack(body)[3]
        found = [told(last, index, flags=flags) for last in LAST for index in (5, 4)]
        return [*found, told(8, 4, REACHABLE, flags)] if not flags else found[:2]

    monkeypatch.setattr(_netlink, "dump", dump)
    found = _neighbours.written(t.cast("t.Any", None), {4: "a", 5: "b"})
    assert [(one.device, one.address, one.proxy) for one in found] == [
        (device, f"192.0.2.{last}", proxy)
        for device in "ab"
        for last, proxy in ((1, False), (3, False), (7, False), (9, False), (9, True))
    ]
