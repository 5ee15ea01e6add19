# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A full mesh of tunnels, which joins the Open vSwitch bridges of several hosts into one switch.

Each host has a tunnel to every other one, and no frame passes from tunnel to tunnel (split horizon). Otherwise three
hosts are a circle, in which a broadcast multiplies for ever.
"""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _encapsulation, _errors, _values
from ansible_collections.netloom.linux.plugins.plugin_utils import _entry, _fleet_ends, _link_names, _members

ROLE = "ovs_vlan_dhcp"
OPTION, HOSTS, LOCAL = f"{ROLE}_tunnels", f"{ROLE}_hosts", f"{ROLE}_local"
KEYS = ("type", "key", "port")


class Mesh(t.NamedTuple):
    """The tunnels and the hosts that they join, each with the path that says so. ``ends`` is empty if nobody knows the
    addresses of the hosts.
    """

    type: str
    key: int
    port: int | None
    hosts: c.Mapping[str, str]
    ends: c.Mapping[str, _fleet_ends.End]

    def peers(self, host: str | None) -> list[_fleet_ends.End]:
        """The ends to which a host has tunnels."""
        return [self.ends[other] for other in self.hosts if other != host] if host in self.ends else []

    def mtu(self, host: str | None, of_link: int | None) -> int | None:
        """The longest packet that passes between all hosts, as far as it is known. ``of_link``: the MTU of the link
        that has the host's address.
        """
        here = self.ends.get(host or "")
        own = of_link if here is None or here.underlay_mtu is None else None
        known = [one for one in (*(end.underlay_mtu for end in self.ends.values()), own) if one is not None]
        return min(known) - self.overhead if known else None

    @property
    def overhead(self) -> int:
        """What a packet of a member is shorter than one of the underlay."""
        version = 6 if any(":" in str(end.local) for end in self.ends.values()) else 4
        return _encapsulation.overhead(self.type, version, key=True, tag=True)


def read(
    written: t.Any, named: c.Mapping[str, str], hosts: t.Any, table: c.Mapping[str, _fleet_ends.End] | None
) -> Mesh | None:
    """The tunnels that are declared, or None. ``named``: the hosts on which something is declared, each with the path
    that says so. ``hosts``: the value of HOSTS. ``table``: the ends of all hosts of the inventory; None: unknown.
    """
    listed = _listed(hosts)
    if table is not None:
        _fleet_ends.refuse_strangers({**named, **listed}, table)
    if written is None:
        return None
    entry = _entry.Entry(written, OPTION, KEYS)
    kind = entry.choice("type", _encapsulation.TYPES)
    key, port = entry.whole("key"), entry.whole("port")
    if key is None:
        raise _errors.BadInput(f"{OPTION}: 'key' is missing; give the tunnels a number that no other tunnels have.")
    _values.number(key, entry.at("key"), 1, _encapsulation.HIGHEST_NUMBER[kind])
    if port is not None and kind == _encapsulation.GRE:
        raise _errors.BadInput(f"{entry.at('port')}: GRE has no ports; leave it out.")
    port = _encapsulation.PORTS.get(kind) if port is None else _values.number(port, entry.at("port"), 1, 65_535)
    for host, path in named.items():
        if listed and host not in listed:
            raise _errors.BadInput(f"{path}: '{host}' is not among {HOSTS}; add it there.")
    joined = listed or named
    if table is not None:
        _fleet_ends.refuse_unusable(joined, table, ROLE)
    ends = {} if table is None else {host: table[host] for host in joined}
    return Mesh(kind, key, port, joined, ends)


def _listed(hosts: t.Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for host, path in _entry.Entry({HOSTS: hosts}, "", None).texts(HOSTS):
        if host in found:
            raise _errors.BadInput(f"{path}: '{host}' is already {found[host]}; name each host once.")
        found[host] = path
    return found


class Underlay(t.NamedTuple):
    """What the module underlay_info told of a host."""

    room: int | None  # the longest packet of a member that passes between all hosts, as far as it is known
    own_tunnels: bool  # whether Open vSwitch's own tunnels can leave


def underlay(told: t.Any, mesh: Mesh, host: str, bridge: str) -> Underlay:
    """Read the result of underlay_info, and refuse a host that cannot have the tunnels. A host that was not asked can
    have them.
    """
    end = mesh.ends[host]
    link = _fleet_ends.link_of(told, end, ROLE)
    if link is None:
        return Underlay(mesh.mtu(host, None), True)
    own = told.get("datapath_type") != "netdev" or bool(link["on_ovs"])
    if not own and mesh.type != _encapsulation.VXLAN:
        raise _errors.BadInput(
            f"{OPTION}.type: '{mesh.type}' is not possible on host '{end.host}': its bridge '{bridge}' has Open"
            f" vSwitch's userspace datapath, whose tunnels leave only by an Open vSwitch bridge, and"
            f" '{link['interface']}', which has {end.local}, is none. Take 'vxlan', or move the address to such a"
            " bridge."
        )
    return Underlay(mesh.mtu(host, link["mtu"]), own)


def lists(mesh: Mesh, host: str, bridge: str, found: Underlay, *, every: bool = False) -> _members.Topology:
    """The lists of topology that join the bridge of a host to the others. ``every``: in each form that they may have,
    to take them down.

    The tunnels are Open vSwitch's own. Where these cannot leave, the kernel has one link that sends to all hosts, and
    that link is a port of the bridge.
    """
    built: _members.Topology = {"netns_interface": [], "ovs_port": []}
    peers = mesh.peers(host)
    if not peers:
        return built
    local = mesh.ends[host].local
    if every or not found.own_tunnels:
        name = _link_names.link_name("t", bridge)
        link = _members.item(
            name=name,
            kind=_encapsulation.VXLAN,
            id=mesh.key,
            local=local,
            remotes=[peer.local for peer in peers],
            learning=True,
            port=mesh.port if mesh.type == _encapsulation.VXLAN else None,
            mtu=_with_tag(found.room),
        )
        built["netns_interface"].append(link)
        built["ovs_port"].append(_members.item(bridge=bridge, name=name, type="system", protected=True))
    if every or found.own_tunnels:
        built["ovs_port"] += [_own_tunnel(mesh, bridge, local, peer) for peer in peers]
    return built


def _with_tag(mtu: int | None) -> int | None:
    """The MTU of a link that carries the frames of members with their tags."""
    return None if mtu is None else mtu + _encapsulation.VLAN_TAG


def _own_tunnel(mesh: Mesh, bridge: str, local: str | None, peer: _fleet_ends.End) -> _members.Item:
    options = _members.item(
        remote_ip=peer.local, local_ip=local, key=str(mesh.key), dst_port=None if mesh.port is None else str(mesh.port)
    )
    return _members.item(
        bridge=bridge,
        name=_link_names.link_name("t", peer.host, bridge),
        type=mesh.type,
        options=options,
        # Written in the transaction that adds the port. One that comes later leaves time for a storm.
        protected=True,
    )
