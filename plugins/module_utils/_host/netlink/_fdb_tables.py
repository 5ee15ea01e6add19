# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forwarding tables of vxlans and bridges in bytes (bridge-fdb(8), linux/neighbour.h): what somebody wrote there.

A bridge with a thousand ports has some ten thousand entries, most of them its own or learned. These are dropped unread.
"""

from __future__ import annotations

import ipaddress
import socket
import struct
import sys
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _netlink
from ansible_collections.netloom.linux.plugins.module_utils._model import _fdb, _snapshot

RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH = 28, 29, 30  # linux/rtnetlink.h
NLM_F_REPLACE, NLM_F_CREATE, NLM_F_APPEND = 0x100, 0x400, 0x800  # linux/netlink.h
AF_BRIDGE = 7
NDMSG = struct.Struct("=BxxxiHBB")  # struct ndmsg: family, ifindex, state, flags, type
NDA_DST, NDA_LLADDR, NDA_VLAN, NDA_PORT, NDA_VNI, NDA_IFINDEX, NDA_SRC_VNI, NDA_NH_ID = 1, 2, 5, 6, 7, 8, 11, 13
NUD_NOARP, NUD_PERMANENT = 0x40, 0x80
NTF_SELF, NTF_MASTER, NTF_OFFLOADED = 0x02, 0x04, 0x20
# A question about one table has the form of one about links, which every kernel takes (valid_fdb_dump_legacy() in
# net/core/rtnetlink.c).
QUESTION = struct.Struct("=BxHiII")  # struct ifinfomsg
IFLA_MASTER = 10
_STATE, _AT_STATE, _AT_FLAGS = struct.Struct("=H"), 8, 10  # of struct ndmsg


def read(
    sock: socket.socket, links: t.Mapping[str, _snapshot.Link], asked: t.Collection[str | None]
) -> dict[str, _snapshot.Link]:
    """The links with entries: each asked vxlan with those of its own table, and all ports of each asked bridge, or of
    the bridge of an asked port, with those of the bridge. None asks for all tables. Raises OSError.
    """
    chosen = [link for link in links.values() if None in asked or link.name in asked]
    masters = {name for link in chosen for name in (link.name, link.master)}
    found: dict[str, _snapshot.Link] = {}
    for bridge in [link for link in links.values() if link.kind == "bridge" and link.name in masters and link.index]:
        ports = {link.index: link for link in links.values() if link.master == bridge.name}
        for index, entries in _statics(_written(sock, master=bridge.index or 0)).items() if ports else ():
            if index in ports:
                port = ports[index]
                kept = [one for one in entries if not (one.local and one.mac == port.mac)]  # the kernel's own
                # Nobody looks at those of single VLANs.
                kept = kept if _fdb.filters_by_vlan(bridge) else _fdb.folded(kept)
                found[port.name] = _fdb.with_entries(port, kept, own=False)
    for vxlan in [link for link in chosen if link.kind == "vxlan" and link.index]:
        own = _tunnels(_written(sock, index=vxlan.index or 0))
        found[vxlan.name] = _fdb.with_entries(found.get(vxlan.name, vxlan), own, own=True)
    return found


def at_port(sock: socket.socket, index: int) -> tuple[list[_fdb.Tunnel], list[_fdb.Static]]:
    """All entries of a vxlan, and all of its bridge at this port, learned ones too. Raises OSError."""
    messages = _netlink.dump(sock, RTM_GETNEIGH, QUESTION.pack(AF_BRIDGE, 0, index, 0, 0))
    return _tunnels(messages), _statics(messages).get(index, [])


def _written(sock: socket.socket, *, index: int = 0, master: int = 0) -> list[bytes]:
    """The entries of one port, or of all ports of a bridge, without those that the kernel learned."""

    def keep(data: bytes, start: int, _end: int) -> bool:
        state = _STATE.unpack_from(data, start + _AT_STATE)[0]
        return bool(state & (NUD_NOARP | NUD_PERMANENT) or data[start + _AT_FLAGS] & _fdb.NTF_EXT_LEARNED)

    of_bridge = _netlink.attribute(IFLA_MASTER, struct.pack("=I", master)) if master else b""
    return _netlink.dump(sock, RTM_GETNEIGH, QUESTION.pack(AF_BRIDGE, 0, index, 0, 0) + of_bridge, keep)


def _number(value: bytes | None, order: t.Literal["little", "big"] = sys.byteorder) -> int | None:
    return None if value is None else int.from_bytes(value, order)


def _statics(messages: t.Iterable[bytes]) -> dict[int, list[_fdb.Static]]:
    """The entries of a bridge, by the ifindex of the port."""
    found: dict[int, list[_fdb.Static]] = {}
    for data in messages:
        _family, index, state, flags, _type = NDMSG.unpack_from(data)
        entry = _netlink.attributes(data[NDMSG.size :])
        if not flags & NTF_SELF and NDA_LLADDR in entry:
            local = bool(state & NUD_PERMANENT)
            kept = flags & ~(NTF_MASTER | NTF_OFFLOADED)
            static = _fdb.Static(entry[NDA_LLADDR].hex(":"), _number(entry.get(NDA_VLAN)), local, kept)
            found.setdefault(index, []).append(static)
    return found


def _tunnels(messages: t.Iterable[bytes]) -> list[_fdb.Tunnel]:
    """The entries of a vxlan. Those of its bridge at this port may be among the messages."""
    found = []
    for data in messages:
        _family, _index, state, flags, _type = NDMSG.unpack_from(data)
        entry = _netlink.attributes(data[NDMSG.size :])
        if flags & NTF_SELF and NDA_LLADDR in entry and (NDA_DST in entry or NDA_NH_ID in entry):
            found.append(
                _fdb.Tunnel(
                    entry[NDA_LLADDR].hex(":"),
                    str(ipaddress.ip_address(entry[NDA_DST])) if NDA_DST in entry else None,
                    _number(entry.get(NDA_PORT), "big"),
                    _number(entry.get(NDA_VNI)),
                    _number(entry.get(NDA_SRC_VNI)),
                    _number(entry.get(NDA_NH_ID)),
                    _number(entry.get(NDA_IFINDEX)),
                    state,
                    flags & ~(NTF_SELF | NTF_OFFLOADED),
                )
            )
    return found


def write(sock: socket.socket, index: int, entry: _fdb.Entry) -> None:
    """Set an entry; a default remote is added to the others. Raises OSError."""
    if isinstance(entry, _fdb.Static):
        head = NDMSG.pack(AF_BRIDGE, index, NUD_PERMANENT if entry.local else NUD_NOARP, entry.flags | NTF_MASTER, 0)
    else:
        head = NDMSG.pack(AF_BRIDGE, index, entry.state or NUD_PERMANENT, entry.flags | NTF_SELF, 0)
    many = isinstance(entry, _fdb.Tunnel) and entry.is_one_of_many
    flags = NLM_F_CREATE | (NLM_F_APPEND if many else NLM_F_REPLACE)
    _netlink.request(sock, RTM_NEWNEIGH, head + _attributes(entry), flags)


def delete(sock: socket.socket, index: int, entry: _fdb.Entry) -> None:
    """Delete exactly this entry. Raises OSError."""
    where = NTF_MASTER if isinstance(entry, _fdb.Static) else NTF_SELF
    _netlink.request(sock, RTM_DELNEIGH, NDMSG.pack(AF_BRIDGE, index, 0, where, 0) + _attributes(entry))


def restore(sock: socket.socket, index: int, wanted: t.Sequence[_fdb.Entry], *, own: bool) -> None:
    """Give a vxlan that was made again (``own``), or a port that came back, exactly these entries. Raises OSError."""

    def present() -> t.Sequence[_fdb.Entry]:
        messages = _written(sock, index=index)
        return _tunnels(messages) if own else _statics(messages).get(index, [])

    has = present()  # the kernel makes some by itself: that of a vxlan's own remote
    for entry in wanted:
        if entry not in has:
            write(sock, index, entry)
    for entry in present():  # of an entry without a VLAN it makes one for each VLAN
        same = [one for one in wanted if one.mac == entry.mac]
        folded = isinstance(entry, _fdb.Static) and same == [_fdb.Static(entry.mac)]  # nobody looks at its VLANs
        if (entry.declared or same) and entry not in wanted and not folded:
            delete(sock, index, entry)


def _attributes(entry: _fdb.Entry) -> bytes:
    found: list[tuple[int, bytes]] = [(NDA_LLADDR, bytes.fromhex(entry.mac.replace(":", "")))]
    if isinstance(entry, _fdb.Static):
        found += [(NDA_VLAN, struct.pack("=H", entry.vlan))] if entry.vlan is not None else []
    else:
        found += [(NDA_DST, ipaddress.ip_address(entry.remote).packed)] if entry.remote is not None else []
        found += [(NDA_PORT, struct.pack("!H", entry.port))] if entry.port is not None else []
        numbers = {
            NDA_VNI: entry.vni,
            NDA_IFINDEX: entry.via,
            NDA_SRC_VNI: entry.source_vni,
            NDA_NH_ID: entry.nexthop,
        }
        found += [(number, struct.pack("=I", value)) for number, value in numbers.items() if value is not None]
    return b"".join(_netlink.attribute(number, value) for number, value in found)
