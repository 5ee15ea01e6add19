# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ends of tunnels on a host, and where each sends frames: what two hosts must agree about."""

from __future__ import annotations

import collections.abc as c
import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _fdb_tables, _netlink
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _encapsulation,
    _fdb,
    _native_tunnels,
    _ovn,
    _snapshot,
)

Told = dict[str, t.Any]


def read(snapshot: _snapshot.Snapshot) -> list[Told]:
    """The tunnels of the kernel and of Open vSwitch on the host, whose links the snapshot has."""
    links = [link for link in snapshot.namespaces[None].links.values() if link.kind == "vxlan"]
    ports = {name: port.bridge for ovs in snapshot.ovs.values() for name, port in ovs.ports.items()}
    with _netlink.opened(None) as sock:
        found = [_of_kernel(link, *_fdb_tables.at_port(sock, link.index or 0), ports) for link in links]
    for ovs in snapshot.ovs.values():
        tunnels = (port for port in ovs.ports.values() if port.type in _encapsulation.TYPES)
        found += [{**_of_ovs(port), "stuck": _stuck(port, ovs, snapshot)} for port in tunnels]
    return found


def _of_kernel(
    link: _snapshot.Link, own: c.Sequence[_fdb.Tunnel], of_bridge: c.Iterable[_fdb.Static], ports: c.Mapping[str, str]
) -> Told:
    """``own``: the entries of the link's own table; ``of_bridge``: those of its bridge; ``ports``: port of Open vSwitch
    -> its bridge.
    """
    data = link.data
    ends = [data.get("remote"), *(one.remote for one in own if one.is_default)]
    defaults = {str(end) for end in ends if end}
    groups = {end for end in defaults if ipaddress.ip_address(end).is_multicast}
    return {
        "name": link.name,
        "type": "vxlan",
        "number": data.get("id"),
        "port": data.get("port"),
        "local": data.get("local"),
        "remotes": sorted(defaults - groups),
        "group": min(groups, default=None),
        "fdb": {one.mac: one.remote for one in _sorted(own) if not one.is_default and one.remote is not None},
        "learning": data.get("learning", True),
        "flood": link.port.get("flood", True),
        "bridge_fdb": sorted({one.mac for one in of_bridge}),
        "bridge": ports.get(link.name) or link.master,  # on OVS's kernel datapath, the master is none of ours
        "mtu": link.mtu,
        "up": link.up,
        "stuck": {},
    }


def _sorted(entries: c.Iterable[_fdb.Tunnel]) -> list[_fdb.Tunnel]:
    """A table in one order, which the kernel's has not."""
    return sorted(entries, key=lambda one: one.order)


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


def _stuck(port: _snapshot.OvsPort, ovs: _snapshot.Ovs, snapshot: _snapshot.Snapshot) -> dict[str, str]:
    """The address from which the tunnel cannot leave, and the link that has it. OVN's tunnels do not name theirs."""
    local = port.options.get("local_ip")
    if local is None and port.bridge == _ovn.bridge_of(ovs.external_ids):
        return _native_tunnels.stuck(snapshot, ovs, port.bridge, _ovn.words_in(ovs.external_ids.get(_ovn.ENCAP_IP)))
    return _native_tunnels.stuck(snapshot, ovs, port.bridge, [local])


def _number(text: str | None) -> int | None:
    return _encapsulation.number(text) if text else None
