# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ends of tunnels on a host, and where each sends frames: what two hosts must agree about."""

from __future__ import annotations

import collections.abc as c
import socket
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _message, _netlink
from ansible_collections.netloom.linux.plugins.module_utils._model import _encapsulation, _snapshot

RTM_GETNEIGH, AF_BRIDGE, NTF_SELF = 30, 7, 0x02  # linux/rtnetlink.h, linux/socket.h, linux/neighbour.h
NDA_DST, NDA_LLADDR = 1, 2
ALL = "00:00:00:00:00:00"  # the entry for frames to everybody (head-end replication)
Told = dict[str, t.Any]


def read(snapshot: _snapshot.Snapshot) -> list[Told]:
    """The tunnels of the kernel and of Open vSwitch on the host, whose links the snapshot has."""
    links = {link.index: link for link in snapshot.namespaces[None].links.values() if link.kind == "vxlan"}
    tables = _forwarding(set(links)) if links else {}
    ports = {name: port.bridge for ovs in snapshot.ovs.values() for name, port in ovs.ports.items()}
    found = [_of_kernel(link, tables.get(index or 0, ()), ports) for index, link in links.items()]
    for ovs in snapshot.ovs.values():
        found += [_of_ovs(port) for port in ovs.ports.values() if port.type in _encapsulation.TYPES]
    return found


def _forwarding(indices: set[int | None]) -> dict[int, list[tuple[str, str | None]]]:
    """The forwarding tables of these links: index -> (MAC, where to). Of the bridge's table, where to is None."""
    found: dict[int, list[tuple[str, str | None]]] = {}
    with _netlink.opened(None) as sock:
        question = _message.NEIGHBOURS.header.pack(AF_BRIDGE, 0, 0, 0, 0)
        for body in _netlink.dump(sock, RTM_GETNEIGH, question):
            entry = _message.NEIGHBOURS.read(body)
            told = _netlink.attributes(entry.attributes)
            if entry["ifindex"] not in indices:
                continue
            mine = bool(entry["flags"] & NTF_SELF)
            if mine and len(told.get(NDA_DST, b"")) not in (4, 16):
                continue
            to = _message.address(told[NDA_DST]) if mine else None
            found.setdefault(entry["ifindex"], []).append((told.get(NDA_LLADDR, b"").hex(":"), to))
    return found


def _of_kernel(link: _snapshot.Link, table: c.Sequence[tuple[str, str | None]], ports: c.Mapping[str, str]) -> Told:
    data = link.data
    entries = [(mac, to) for mac, to in table if to is not None]
    remotes = {to for mac, to in entries if mac == ALL}
    if data.get("remote") and not _is_group(data["remote"]):
        remotes.add(data["remote"])
    return {
        "name": link.name,
        "type": "vxlan",
        "number": data.get("id"),
        "port": data.get("port"),
        "local": data.get("local"),
        "remotes": sorted(remotes),
        "group": data["remote"] if _is_group(data.get("remote")) else None,
        "fdb": {mac: to for mac, to in entries if mac != ALL},
        "learning": data.get("learning", True),
        "flood": link.port.get("flood", True),
        "bridge_fdb": sorted({mac for mac, to in table if to is None}),
        "bridge": ports.get(link.name) or link.master,  # on OVS's kernel datapath, the master is none of ours
        "mtu": link.mtu,
        "up": link.up,
    }


def _is_group(address: str | None) -> bool:
    """Whether an address is that of many (RFC 5771, RFC 4291)."""
    if not address:
        return False
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    first = socket.inet_pton(family, address)[0]
    return first == 0xFF if family == socket.AF_INET6 else 224 <= first <= 239


def _of_ovs(port: _snapshot.OvsPort) -> Told:
    options = port.options
    return {
        "name": port.name,
        "type": port.type,
        "number": _number(options.get("key")),
        "port": _number(options.get("dst_port")) or _encapsulation.PORTS.get(port.type),
        "local": options.get("local_ip"),
        "remotes": [options["remote_ip"]] if options.get("remote_ip", "flow") != "flow" else [],
        "group": None,
        "fdb": {},
        "learning": True,
        "flood": True,
        "bridge_fdb": [],
        "bridge": port.bridge,
        "mtu": None,
        "up": True,
    }


def _number(text: str | None) -> int | None:
    return _encapsulation.number(text) if text else None
