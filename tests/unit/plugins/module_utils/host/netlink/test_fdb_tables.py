# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of forwarding tables in bytes, compared with pyroute2's, on a socket that answers by heart."""

from __future__ import annotations

import socket
import struct
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _fdb_tables, _netlink
from ansible_collections.netloom.linux.plugins.module_utils._model._fdb import DEFAULT, NTF_EXT_LEARNED, Static, Tunnel
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Link

# It composes what the kernel tells; the units of the newest Python have it.
ndmsg = pytest.importorskip("pyroute2.netlink.rtnl.ndmsg", reason="it composes what the kernel tells").ndmsg
MAC = "02:00:00:00:00:09"
SELF, PERMANENT, NOARP, REACHABLE = 0x02, 0x80, 0x40, 0x02


def told(index: int, state: int, flags: int, *attributes: tuple[str, t.Any]) -> bytes:
    """An entry as the kernel tells it."""
    message = ndmsg()
    message["family"], message["ifindex"], message["state"], message["flags"] = 7, index, state, flags
    message["attrs"] = list(attributes)
    message.encode()
    return bytes(message.data[_netlink.HEADER.size :])


VXLAN = [
    told(3, PERMANENT, SELF, ("NDA_LLADDR", DEFAULT), ("NDA_DST", "192.0.2.2"), ("NDA_IFINDEX", 2)),
    told(3, PERMANENT, SELF, ("NDA_LLADDR", MAC), ("NDA_DST", "192.0.2.3"), ("NDA_PORT", 4790), ("NDA_VNI", 8)),
    told(3, REACHABLE, SELF, ("NDA_LLADDR", "02:00:00:00:00:0a"), ("NDA_DST", "192.0.2.9")),
    told(3, REACHABLE, SELF | NTF_EXT_LEARNED, ("NDA_LLADDR", "02:00:00:00:00:0b"), ("NDA_DST", "192.0.2.8")),
]
BRIDGE = [
    told(3, NOARP, 0, ("NDA_LLADDR", MAC), ("NDA_MASTER", 5)),
    told(3, NOARP, 0, ("NDA_LLADDR", MAC), ("NDA_VLAN", 1), ("NDA_MASTER", 5)),
    told(3, REACHABLE, 0, ("NDA_LLADDR", "02:00:00:00:00:0c"), ("NDA_MASTER", 5)),
    told(3, PERMANENT, 0, ("NDA_LLADDR", "02:00:00:00:00:03"), ("NDA_MASTER", 5)),
    told(3, PERMANENT, 0, ("NDA_LLADDR", "02:00:00:00:00:0d"), ("NDA_MASTER", 5)),
]
LINKS = {
    "vx0": Link("vx0", "vxlan", index=3, mac="02:00:00:00:00:03", master="br0", data={"id": 7}),
    "br0": Link("br0", "bridge", index=5),
    "eth0": Link("eth0", index=2),
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The questions, as (ifindex of a port, ifindex of a bridge); the answers are all entries, filtered."""
    found: list[tuple[int, int]] = []

    def dump(_sock: socket.socket, _kind: int, body: bytes, keep: _netlink.Keep) -> list[bytes]:
        master = _netlink.attributes(body[16:]).get(10, b"\0\0\0\0")
        found.append((struct.unpack_from("=i", body, 4)[0], struct.unpack("=I", master)[0]))
        return [body for body in (*VXLAN, *BRIDGE) if keep(body, 0, len(body))]

    monkeypatch.setattr(_netlink, "dump", dump)
    return found


SOCKET = t.cast("socket.socket", None)
TUNNELS = (
    Tunnel(DEFAULT, "192.0.2.2"),
    Tunnel(MAC, "192.0.2.3", 4790, 8),
    Tunnel("02:00:00:00:00:0b", "192.0.2.8"),
)
STATICS = (Static(MAC), Static("02:00:00:00:00:0d", local=True))


@pytest.mark.parametrize(
    ("names", "questions", "own", "of_bridge"),
    [
        ({"vx0"}, [(0, 5), (3, 0)], TUNNELS, STATICS),
        ({"br0"}, [(0, 5)], None, STATICS),
        ({None}, [(0, 5), (3, 0)], TUNNELS, STATICS),
        ({"eth0", "gone"}, [], None, None),
    ],
)
def test_only_what_is_asked_for_is_read(
    names: set[str | None],
    questions: list[tuple[int, int]],
    own: t.Any,
    of_bridge: t.Any,
    asked: list[tuple[int, int]],
) -> None:
    found = _fdb_tables.read(SOCKET, LINKS, names)
    assert asked == questions
    link = found.get("vx0", LINKS["vx0"])
    assert (link.data.get("fdb"), link.port.get("fdb")) == (own, of_bridge)
    assert set(found) <= {"vx0"}


def test_what_no_option_says_is_kept(asked: list[tuple[int, int]]) -> None:
    default, _entry, daemons = _fdb_tables.read(SOCKET, LINKS, {"vx0"})["vx0"].data["fdb"]
    assert (default.via, default.state, default.flags) == (2, PERMANENT, 0)
    assert (daemons.state, daemons.flags, daemons.declared) == (REACHABLE, NTF_EXT_LEARNED, False)
    assert asked


@pytest.mark.parametrize(
    ("entry", "head", "attributes", "ways"),
    [
        (Tunnel(DEFAULT, "192.0.2.2"), (PERMANENT, SELF), [("NDA_LLADDR", DEFAULT), ("NDA_DST", "192.0.2.2")], 0xC00),
        (
            Tunnel(MAC, "fd00::2", 4790, 8),
            (PERMANENT, SELF),
            [("NDA_LLADDR", MAC), ("NDA_DST", "fd00::2"), ("NDA_PORT", 4790), ("NDA_VNI", 8)],
            0x500,
        ),
        (Tunnel(MAC, None, nexthop=5, state=NOARP, flags=0x10), (NOARP, 0x12), [("NDA_LLADDR", MAC)], 0x500),
        (Static(MAC), (NOARP, 4), [("NDA_LLADDR", MAC)], 0x500),
        (Static(MAC, 10, local=True), (PERMANENT, 4), [("NDA_LLADDR", MAC), ("NDA_VLAN", 10)], 0x500),
    ],
)
def test_what_is_written(
    entry: t.Any,
    head: tuple[int, int],
    attributes: list[tuple[str, t.Any]],
    ways: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state, flags = head
    sent: list[tuple[int, bytes, int]] = []
    monkeypatch.setattr(_netlink, "request", lambda _sock, kind, body, how=0: sent.append((kind, body, how)))
    _fdb_tables.write(SOCKET, 3, entry)
    _fdb_tables.delete(SOCKET, 3, entry)
    nexthop = _netlink.attribute(13, struct.pack("=I", 5)) if getattr(entry, "nexthop", None) else b""
    assert sent == [
        (28, told(3, state, flags, *attributes) + nexthop, ways),
        (29, told(3, 0, flags & 6, *attributes) + nexthop, 0),
    ]
