# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The links that stand on another link (macvlan, ipvlan, vlan, vxlan), and other exclusive users of a link."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _ops, _scope, _snapshot

Place = tuple[_snapshot.NsKey, str]

REPEATABLE = frozenset({"vlan", "macvlan", "ipvlan", "vxlan"})  # what an undo makes again as it was
TUNNELS = frozenset(
    {
        "gre",
        "gretap",
        "erspan",
        "ipip",
        "sit",
        "vti",
        "ip6tnl",
        "ip6gre",
        "ip6gretap",
        "ip6erspan",
        "vti6",
        "xfrm",
        "geneve",
        "wireguard",
    }
)
# They take all that their parent receives (netdev_rx_handler_register()), as a bridge and Open vSwitch do.
ALONE = frozenset({"macvlan", "ipvlan"})


def parent_of(ns: _snapshot.NsKey, data: t.Mapping[str, t.Any]) -> Place | None:
    """The link on which a link in ``ns`` with this data stands."""
    return (None if data.get("parent_on_host") else ns, data["parent"]) if data.get("parent") else None


def standing_on(now: _snapshot.Snapshot, parent: Place) -> list[tuple[_snapshot.NsKey, _snapshot.Link]]:
    """The links that stand on this link, in any namespace."""
    return [(ns, link) for ns, link in now.stacked() if parent_of(ns, link.data) == parent]


def going_with(now: _snapshot.Snapshot, parent: Place) -> list[tuple[_snapshot.NsKey, _snapshot.Link]]:
    """The links that the kernel deletes with this link. A tunnel outlives the link through which it sends."""
    return [(ns, link) for ns, link in standing_on(now, parent) if link.kind not in TUNNELS]


def all_going_with(now: _snapshot.Snapshot, parent: Place) -> list[tuple[_snapshot.NsKey, _snapshot.Link]]:
    """The links that are deleted with this link, and those that stand on them."""
    return [
        found for ns, link in going_with(now, parent) for found in ((ns, link), *all_going_with(now, (ns, link.name)))
    ]


def refuse_lost(now: _snapshot.Snapshot, ends: t.Iterable[Place], wish: str) -> None:
    """Refuse to delete a link with others that would be deleted too and could not be recreated if the run failed."""
    for end in ends:
        lost = next(((ns, link) for ns, link in all_going_with(now, end) if link.kind not in REPEATABLE), None)
        if lost is not None:
            what, where = f"the {lost[1].kind} '{lost[1].name}'", _ops.where(lost[0])
            raise _errors.Conflict(
                f"Cannot {wish}: {what}{where} stands on it and would go with it, and could not be made again. Delete"
                " that first."
            )


def vlans_on(now: _snapshot.Snapshot, parent: Place) -> list[tuple[_snapshot.NsKey, _snapshot.Link]]:
    """The VLANs that go down and up with a link, whoever set them down (vlan_device_event() in net/8021q/vlan.c)."""
    link = now.link(*parent)
    if link is None or link.index is None:  # of one that the plan makes, none is there yet
        return []
    return [
        (ns, above)
        for ns, above in standing_on(now, parent)
        if above.kind == "vlan" and not above.data.get("loose_binding")
    ]


def follow_move(now: _snapshot.Snapshot, here: Place, there: Place) -> None:
    """Update the parent of links that stand on a link which is moved or renamed."""
    moving = now.link(*here)
    for ns, link in standing_on(now, here) if moving is not None and moving.index is not None else ():
        known = {key: value for key, value in link.data.items() if key not in ("parent", "parent_on_host")}
        if there[0] in (ns, None):  # nothing tells about a link that is elsewhere
            known.update({"parent": there[1]}, **({"parent_on_host": True} if there[0] != ns else {}))
        now.put(ns, dataclasses.replace(link, data=known))


def ipvlans_on(now: _snapshot.Snapshot, parent: Place | None) -> list[tuple[_snapshot.NsKey, _snapshot.Link]]:
    """The ipvlans on a link. They share one mode: the one that the last of them got (ipvlan_set_port_mode())."""
    return [(ns, link) for ns, link in standing_on(now, parent) if link.kind == "ipvlan"] if parent else []


def share_mode(now: _snapshot.Snapshot, ns: _snapshot.NsKey, name: str) -> None:
    """Give the other ipvlans on the parent the mode of this one."""
    link = now.namespaces[ns].links[name]
    for key, other in ipvlans_on(now, parent_of(ns, link.data)) if link.data.get("mode") else ():
        now.put(key, other.with_data(mode=link.data["mode"]))


def _alone_on(now: _snapshot.Snapshot, place: Place) -> t.Iterator[tuple[_snapshot.NsKey, _snapshot.Link]]:
    return ((ns, link) for ns, link in standing_on(now, place) if link.kind in ALONE)


def _holder(now: _snapshot.Snapshot, place: Place, but: str = "") -> str:
    """The exclusive user of what a link receives, in words, or ''. ``but``: a kind that shares a link with its like."""
    link = now.link(*place)
    above = now.link(place[0], link.master) if link is not None and link.master else None
    if above is not None and above.kind != "vrf":  # a vrf leaves the link what it receives
        return f"is a port of '{above.name}'"
    if link is not None and link.held_by and link.kind != "openvswitch":  # but not the datapath's own device
        return "is a port of Open vSwitch"
    upon = next((one for one in _alone_on(now, place) if one[1].kind != but), None)
    return f"has the {upon[1].kind} '{upon[1].name}'{_ops.where(upon[0])} on it" if upon else ""


def refuse_parent(now: _snapshot.Snapshot, ns: _snapshot.NsKey, link: _snapshot.Link) -> None:
    """Refuse a parent that another user has exclusively. The kernel says "Device or resource busy", and not who."""
    parent = parent_of(ns, link.data) if link.kind in ALONE else None
    holder = _holder(now, parent, link.kind) if parent else ""
    if parent and holder:
        raise _errors.Conflict(
            f"Cannot create {link.kind} '{link.name}'{_ops.where(ns)}: its parent '{parent[1]}'{_ops.where(parent[0])}"
            f" {holder}, and can have only one of these. Take that away first, or give '{link.name}' another parent."
        )


def refuse_port(now: _snapshot.Snapshot, ns: _snapshot.NsKey, name: str, wish: str) -> None:
    """Refuse a parent of macvlan or ipvlan as a port of a bridge, or of Open vSwitch in the kernel."""
    held = _holder(now, (ns, name)) if any(_alone_on(now, (ns, name))) else ""
    if held:
        raise _errors.Conflict(f"Cannot {wish}: it {held}, and can have only one of these. Take that away first.")


def refuse_to_move(now: _snapshot.Snapshot, place: Place, wish: str) -> None:
    """Refuse to move the parent of a vxlan: the kernel deletes the vxlan (vxlan_handle_lowerdev_unregister()). Other
    links on a parent stay.
    """
    upon = next(((ns, link) for ns, link in standing_on(now, place) if link.kind == "vxlan"), None)
    if upon is not None:
        raise _errors.Conflict(
            f"Cannot {wish}: the kernel would delete the vxlan '{upon[1].name}'{_ops.where(upon[0])}, which stands on"
            " it. Delete that first, or give it another parent."
        )


def refuse_master(now: _snapshot.Snapshot, ns: _snapshot.NsKey, name: str, master: str | None) -> None:
    """Refuse a master for Open vSwitch ports. The kernel refuses its device as a master, and other masters for its
    ports (do_set_master()).
    """
    link, above = now.link(ns, name), now.link(ns, master) if master else None
    if above is not None and above.kind == "openvswitch":
        raise _errors.Conflict(
            f"Cannot make '{name}'{_ops.where(ns)} a port of '{master}': that is a device of Open vSwitch, whose ports"
            " netloom.linux.ovs_port adds."
        )
    in_userspace = ns is None and name in (now.answers.get(_scope.SwitchPorts()) or ())
    if master and (in_userspace or (link is not None and link.held_by)):
        raise _errors.Conflict(
            f"Cannot make '{name}'{_ops.where(ns)} a port of '{master}': it is a port of Open vSwitch. Take it off"
            " there first, with netloom.linux.ovs_port."
        )
    if master and link is not None and link.master is None:
        refuse_port(now, ns, name, f"make '{name}'{_ops.where(ns)} a port of '{master}'")
