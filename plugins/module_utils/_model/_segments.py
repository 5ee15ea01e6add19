# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connections of links: which links of the host's namespaces are on one Ethernet, and what keeps frames from
passing between two of them.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _evidence, _probe, _snapshot

Place = tuple[_snapshot.NsKey, str]  # a link of a namespace
Node = tuple[t.Any, ...]
MODULES = {"veth": "veth", "bridge": "linux_bridge", "": "netns_interface"}


name_of = _probe.name_of


def said(place: Place) -> str:
    """A link in words: 'eth0 of red'."""
    return f"{place[1]} of {name_of(place[0])}"


@dataclasses.dataclass(frozen=True)
class Hanging:
    """How a link is connected to a switch: ``port`` is the switch's port (the link itself, or the veth's other end)."""

    port: Place
    bridge: Place | None = None
    ovs: _snapshot.OvsPort | None = None

    @property
    def switch(self) -> str | None:
        """The switch in sentences."""
        if self.ovs is not None:
            return f"the OVS bridge {self.ovs.bridge}"
        return f"the bridge {self.bridge[1]}" if self.bridge else None


class Segments:
    """The Ethernets of a host, from its veth pairs, bridges and OVS ports. Tags and states are ignored for that."""

    def __init__(self, snapshot: _snapshot.Snapshot) -> None:
        self.snapshot = snapshot
        self._ovs = _snapshot.Ovs({}, {port.name: port for ovs in snapshot.ovs.values() for port in ovs.ports.values()})
        self._root: dict[Node, Node] = {}
        self._owners: dict[str, list[Place]] = {}
        for key, ns in snapshot.namespaces.items():
            for link in ns.links.values():
                self._add((key, link.name), link)
        for port in self._ovs.ports.values():
            peer = self._ovs.ports.get(port.options.get("peer", "")) if port.type == "patch" else None
            if peer is not None:
                self._join(("ovs", port.bridge), ("ovs", peer.bridge))

    def _add(self, place: Place, link: _snapshot.Link) -> None:
        for address in link.addresses:
            self._owners.setdefault(str(_probe.interface(address.cidr).ip), []).append(place)
        if link.peer is not None:
            self._join(place, link.peer)
        if link.master and (place[0], link.master) != place:
            self._join(place, (place[0], link.master))
        if link.kind == "macvlan" and link.data.get("parent"):
            self._join(place, (None if link.data.get("parent_on_host") else place[0], link.data["parent"]))
        port = self.ovs_port(place, link)
        if port is not None:
            self._join(place, ("ovs", port.bridge))

    def _find(self, node: Node) -> Node:
        while node in self._root:
            node = self._root[node]
        return node

    def _join(self, one: Node, other: Node) -> None:
        first, second = self._find(one), self._find(other)
        if first != second:
            self._root[first] = second

    def ovs_port(self, place: Place, link: _snapshot.Link) -> _snapshot.OvsPort | None:
        """The OVS port of the link. The device of an internal port may be in a namespace under another name, so its MAC
        decides there.
        """
        port = self._ovs.ports.get(link.name)
        if port is not None and (place[0] is None or (port.type == "internal" and link.kind in ("tun", "openvswitch"))):
            return port
        if link.kind not in ("tun", "openvswitch"):
            return None
        return next(
            (one for one in self._ovs.ports.values() if one.type == "internal" and one.mac and one.mac == link.mac),
            None,
        )

    def same(self, one: Place, other: Place) -> bool:
        """Whether cables and switches connect the two links."""
        return self._find(one) == self._find(other)

    def joined(self, one: Place, other: Place) -> bool:
        """Whether VLAN tags let frames pass too: tenants on one switch may have equal addresses."""
        first, second = self.hanging(one).ovs, self.hanging(other).ovs
        return self.same(one, other) and (
            first is None or second is None or first.bridge != second.bridge or not _tags(first, second)
        )

    def nearest(self, device: Place, others: t.Sequence[Place]) -> Place | None:
        """One of the links that can exchange frames with the device, else one on the same Ethernet, else any."""
        near = [place for place in others if self.same(device, place)]
        joined = [place for place in near if self.joined(device, place)]
        return next(iter(joined or near or others), None)

    def owners(self, address: str) -> list[Place]:
        """The links that have this address."""
        return self._owners.get(address, [])

    def owner(self, device: Place, address: str) -> Place | None:
        """The link that has the address, as seen from a device: one on the same Ethernet, else one elsewhere."""
        return self.nearest(device, [place for place in self.owners(address) if place[0] != device[0]])

    def links_to_switch(self, place: Place) -> list[Place]:
        """The link, a veth's other end, and the bridge that this is a port of."""
        found = [place]
        link = self.snapshot.link(*place)
        if link is not None and link.peer is not None:
            found.append(link.peer)
            link = self.snapshot.link(*link.peer)
        if link is not None and link.master:
            bridge = (found[-1][0], link.master)
            if self.snapshot.link(*bridge) is not None:
                found.append(bridge)
        return found

    def hanging(self, place: Place) -> Hanging:
        """How the link is connected."""
        way = self.links_to_switch(place)
        for port in way[:2]:
            link = self.snapshot.link(*port)
            ovs = self.ovs_port(port, link) if link is not None else None
            if ovs is not None:
                return Hanging(port, ovs=ovs)
        last = self.snapshot.link(*way[-1])
        if last is not None and last.kind == "bridge":
            return Hanging(way[-2] if len(way) > 1 else place, bridge=way[-1])
        return Hanging(way[-1])


def down(place: Place, segments: Segments) -> list[str]:
    """Links that are not up, from a link to its switch."""
    found = []
    for one in segments.links_to_switch(place):
        link = segments.snapshot.link(*one)
        if link is not None and not link.up:
            found.append(
                f"{said(one)} is down: bring it up (netloom.linux.{MODULES.get(link.kind, 'netns_interface')} with 'up:"
                " true')."
            )
    link = segments.snapshot.link(*place)
    if not found and link is not None and link.up and link.carrier is False:
        found.append(f"{said(place)} has no carrier: what it is plugged into is down or gone. Run again what makes it.")
    return found


def obstacles(one: Place, other: Place, segments: Segments, evidence: _evidence.Evidence) -> list[str]:
    """What keeps Ethernet frames from passing from one link to the other."""
    found = down(one, segments) + down(other, segments)
    first, second = segments.hanging(one), segments.hanging(other)
    if not segments.same(one, other):
        return found + _apart(one, first, other, second)
    if first.ovs is not None and second.ovs is not None and first.ovs.bridge == second.ovs.bridge:
        found += _tags(first.ovs, second.ovs)
    elif first.bridge is not None and first.bridge == second.bridge:
        found += _ports(first, second, evidence)
    return found


def _apart(one: Place, first: Hanging, other: Place, second: Hanging) -> list[str]:
    for place, hanging in ((one, first), (other, second)):
        if hanging.switch is None:
            end = f", the other end of {said(place)}," if hanging.port != place else ""
            return [
                (
                    f"{said(hanging.port)}{end} is a port of no bridge: make it one (netloom.linux.linux_bridge or"
                    " netloom.linux.ovs_port)."
                )
            ]
    return [
        (
            f"{said(one)} hangs on {first.switch} and {said(other)} on {second.switch}, which are not connected: put"
            " both on one, or route between them."
        )
    ]


def _tags(one: _snapshot.OvsPort, other: _snapshot.OvsPort) -> list[str]:
    def passes(port: _snapshot.OvsPort, vlan: int | None) -> bool:
        return port.tag == vlan if port.tag is not None else vlan is None or not port.trunks or vlan in port.trunks

    if passes(one, other.tag) and passes(other, one.tag) and (one.tag is None) == (other.tag is None):
        return []
    tags = [f"{port.name} has {f'tag {port.tag}' if port.tag is not None else 'no tag'}" for port in (one, other)]
    return [
        (
            f"On the OVS bridge {one.bridge} {tags[0]} and {tags[1]}, so no frame of theirs passes: give both the"
            " same tag with netloom.linux.ovs_port."
        )
    ]


def _ports(one: Hanging, other: Hanging, evidence: _evidence.Evidence) -> list[str]:
    found = []
    flags = [evidence.ports(hanging.port[0]).get(hanging.port[1], (False, "")) for hanging in (one, other)]
    if all(isolated for isolated, _state in flags):
        found.append(
            f"{one.port[1]} and {other.port[1]} are both isolated ports of {one.switch}, which passes nothing between"
            " two of those: take 'isolated' off one."
        )
    for hanging, (_isolated, state) in zip((one, other), flags):
        if state in ("listening", "learning"):
            found.append(
                f"The port {hanging.port[1]} of {hanging.switch} is still {state}: spanning tree lets frames pass after"
                " twice 'forward_delay'. Wait."
            )
        elif state:
            found.append(
                f"The port {hanging.port[1]} of {hanging.switch} is {state}: spanning tree, or somebody, keeps frames"
                " from it."
            )
    return found


def connection(one: Place, other: Place, segments: Segments) -> str | None:
    """Why frames pass, although they should not."""
    if not segments.same(one, other):
        return None
    first, second = segments.hanging(one), segments.hanging(other)
    if first.ovs is not None and second.ovs is not None:
        if first.ovs.tag is not None and first.ovs.tag == second.ovs.tag:
            names = f"{first.ovs.name} and {second.ovs.name}"
            return (
                f"{names} have the same tag {first.ovs.tag} on {first.switch}: give them different ones with"
                " netloom.linux.ovs_port."
            )
        untagged = first.ovs if first.ovs.tag is None else second.ovs
        if untagged.tag is None:
            return (
                f"{untagged.name} has no tag on {first.switch}, so it takes part in every VLAN: give it one with"
                " netloom.linux.ovs_port."
            )
    if first.bridge is not None and first.bridge == second.bridge:
        return (
            f"{said(one)} and {said(other)} hang on the same bridge {first.bridge[1]}: take one of them off, or isolate"
            " both ports."
        )
    return f"{said(one)} and {said(other)} are on one Ethernet: take one of them off it."
