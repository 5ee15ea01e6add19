# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MTUs that follow others, by the kernel's rules: a bridge follows its smallest port, a VLAN the link on which it
stands.
"""

from __future__ import annotations

from ansible_collections.netloom.linux.plugins.module_utils._model import _encapsulation, _parents, _snapshot

LEAST_FOR_IPV6 = 1280  # IPV6_MIN_MTU in linux/ipv6.h
DEFAULT_MTU = 1500
# What cannot have a larger MTU than its parent has room for (vlan_dev_change_mtu() and its like).
BOUND = frozenset({"vlan", "macvlan", "vxlan"})

Place = _parents.Place


def mtu_of(now: _snapshot.Snapshot, place: Place) -> int:
    """The MTU of a link. If the plan makes the link without one, the MTU that it will have."""
    link = now.link(*place)
    if link is None or link.mtu is not None:
        return DEFAULT_MTU if link is None or link.mtu is None else link.mtu
    if link.kind == "bridge":
        return least_of_ports(now.namespaces[place[0]], link.name)
    room = room_on_parent(now, place[0], link)
    return DEFAULT_MTU if room is None else room


def room_on_parent(now: _snapshot.Snapshot, ns: _snapshot.NsKey, link: _snapshot.Link) -> int | None:
    """The MTU that a link gets of the link on which it stands, if any: the largest for all kinds of BOUND."""
    parent = _parents.parent_of(ns, link.data)
    if parent is None:
        return None
    version = 6 if ":" in str(link.data.get("remote") or link.data.get("local") or "") else 4
    return mtu_of(now, parent) - (_encapsulation.overhead(link.kind, version) if link.kind == "vxlan" else 0)


def least_of_ports(ns: _snapshot.Namespace, bridge: str) -> int:
    """The MTU of a bridge whose MTU nobody set (br_mtu_auto_adjust())."""
    return min((link.mtu or DEFAULT_MTU for link in ns.links.values() if link.master == bridge), default=DEFAULT_MTU)


def smallest_port(ns: _snapshot.Namespace, bridge: str) -> str | None:
    """The port whose too small MTU a bridge follows."""
    ports = [link for link in ns.links.values() if link.master == bridge and (link.mtu or DEFAULT_MTU) < LEAST_FOR_IPV6]
    return min(ports, key=lambda link: link.mtu or DEFAULT_MTU).name if ports else None


def mtus_after(
    now: _snapshot.Snapshot, ns: _snapshot.NsKey, before: _snapshot.Link | None, after: _snapshot.Link
) -> dict[Place, int]:
    """The MTUs that change with one link, including its own."""
    found: dict[Place, int] = {}
    if before is not None and after.mtu is not None and after.mtu != before.mtu:
        found[(ns, after.name)] = after.mtu
        _spread_up(now, (ns, after.name), after.mtu, found)
    for master in dict.fromkeys((before.master if before is not None else None, after.master)):
        mtu = _of_bridge(now, (ns, master), before, after) if master is not None else None
        if master is not None and mtu is not None:
            found[(ns, master)] = mtu
            _spread_up(now, (ns, master), mtu, found)
    return found


def stays_small(now: _snapshot.Snapshot, place: Place, but: Place) -> bool:
    """Whether a link that became smaller with its parent does not grow again with it. ``but``: the link that began the
    change.
    """
    link = now.link(*place)
    return place != but and link is not None and link.kind in ("vlan", "macvlan")


def _of_bridge(
    now: _snapshot.Snapshot, place: Place, before: _snapshot.Link | None, after: _snapshot.Link
) -> int | None:
    """The new MTU of a bridge that follows its ports. The kernel does not tell whether somebody set it, so the bridge
    is assumed to follow.
    """
    bridge = now.link(*place)
    if bridge is None or bridge.kind != "bridge":
        return None
    was = bridge.mtu or DEFAULT_MTU
    stays = after.master == bridge.name
    lowers = stays and (after.mtu or DEFAULT_MTU) < was
    raises = before is not None and before.master == bridge.name and (before.mtu or DEFAULT_MTU) == was != DEFAULT_MTU
    if not (lowers or raises):  # most ports are as large as their bridge: nothing has to be counted
        return None
    ns = now.namespaces[place[0]]
    follows = bridge.mtu is None or (bridge.index is not None and bridge.mtu == least_of_ports(ns, bridge.name))
    others = [
        link.mtu or DEFAULT_MTU for link in ns.links.values() if link.master == bridge.name and link.name != after.name
    ]
    least = min([*others, *([after.mtu or DEFAULT_MTU] if stays else [])], default=DEFAULT_MTU)
    return least if follows and least != bridge.mtu else None


def _spread_up(now: _snapshot.Snapshot, place: Place, mtu: int, found: dict[Place, int]) -> None:
    """A VLAN or macvlan is never larger than what it stands on, and an ipvlan always as large (vlan_device_event(),
    macvlan_device_event(), ipvlan).
    """
    for ns, link in _parents.standing_on(now, place):
        if link.kind == "ipvlan" or (link.kind in ("vlan", "macvlan") and (link.mtu or DEFAULT_MTU) > mtu):
            found[(ns, link.name)] = mtu
            _spread_up(now, (ns, link.name), mtu, found)
