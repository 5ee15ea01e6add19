# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the kernel for a link and its parent."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _link_ops,
    _mtus,
    _ops,
    _parents,
    _plan,
    _snapshot,
)

# What no living link changes, and of which the kernel has one on a parent: who exchanges it has to let go first.
ALONE = ("parent", "id", "remote", "local", "port")


def let_go(planner: _plan.Planner, place: _plan.Place, kernel: str, own: t.Mapping[str, t.Any]) -> None:
    """Delete a link that must be recreated before any other is made, so that another link may take what it has."""
    link = planner.now.link(*place)
    if (
        link is not None
        and link.kind == kernel
        and any(own[option] != link.data.get(option) for option in ALONE if option in own)
    ):
        planner.do(_link_ops.LinkDelete(*place))


def refuse_taken_id(planner: _plan.Planner, place: _plan.Place, data: t.Mapping[str, t.Any]) -> None:
    """Refuse an id that another VLAN of the parent has in any namespace (vlan_check_real_dev()); the kernel says "File
    exists", as for a name.
    """
    parent = _parents.parent_of(place[0], data)
    for ns in planner.now.namespaces.values():
        for link in ns.links.values():
            if (
                link.kind == "vlan"
                and link.data.get("id") == data["id"]
                and _parents.parent_of(ns.key, link.data) == parent
            ):
                raise _errors.Conflict(
                    f"Cannot create vlan '{place[1]}'{_ops.where(place[0])}: '{link.name}'{_ops.where(ns.key)} has the"
                    f" id {data['id']} on '{data['parent']}', and is left alone. Choose another id, or take that link"
                    " away."
                )


def with_mode(planner: _plan.Planner, place: _plan.Place, data: dict[str, t.Any]) -> dict[str, t.Any]:
    """The data of a new or changed ipvlan. Without a mode it takes that of its siblings, which the kernel would change
    to l3 (ipvlan_link_new()).
    """
    others = [
        (ns, link)
        for ns, link in _parents.ipvlans_on(planner.now, _parents.parent_of(place[0], data))
        if (ns, link.name) != place
    ]
    mode = data.get("mode") or next((link.data["mode"] for _ns, link in others if link.data.get("mode")), None)
    for ns, link in others:
        if link.data.get("mode") != mode and ("link", ns, link.name) not in planner.wanted:
            planner.warn(
                f"All ipvlans on '{data['parent']}' have one mode: '{link.name}'{_ops.where(ns)} gets {mode}, too."
            )
    return {**data, "mode": mode} if mode else data


def that_fits(planner: _plan.Planner, ns: _snapshot.NsKey, fresh: _snapshot.Link) -> _snapshot.Link:
    """A new link with the MTU that its parent has room for by now: the kernel makes none with a larger one."""
    room = _room(planner, ns, fresh)
    return fresh if room is None or (fresh.mtu or 0) <= room else dataclasses.replace(fresh, mtu=room)


def _room(planner: _plan.Planner, ns: _snapshot.NsKey, link: _snapshot.Link) -> int | None:
    """The largest MTU that a link can have on its parent, if that is known to bind it."""
    parent = _parents.parent_of(ns, link.data) if link.kind in _mtus.BOUND else None
    known = parent is not None and planner.now.link(*parent) is not None
    return _mtus.room_on_parent(planner.now, ns, link) if known else None


def is_too_wide(planner: _plan.Planner, place: _plan.Place, mtu: int | None) -> bool:
    """Whether a link cannot have this MTU on its parent as that is."""
    link = planner.now.namespaces[place[0]].links[place[1]]
    room = _room(planner, place[0], link)
    return room is not None and mtu is not None and mtu > room


def widen(planner: _plan.Planner, place: _plan.Place, mtu: int | None) -> None:
    """Plan the MTU of a link whose parent had no room for it before all links were settled."""
    link = planner.now.namespaces[place[0]].links[place[1]]
    if mtu is None or link.mtu == mtu:
        return
    parent = _parents.parent_of(place[0], link.data)
    if parent is not None and is_too_wide(planner, place, mtu):
        planner.missing(
            f"Cannot give '{place[1]}'{_ops.where(place[0])} an MTU of {mtu}: its parent '{parent[1]}'"
            f"{_ops.where(parent[0])} has room for {_mtus.room_on_parent(planner.now, place[0], link)}. Give that a"
            " larger mtu first, or this one a smaller."
        )
    planner.do(_link_ops.LinkSet(*place, {"mtu": mtu}))


def check(planner: _plan.Planner, place: _plan.Place, kind: str | None, mode: str | None, up: bool | None) -> None:
    """Check what is only visible when all links of the plan are made."""
    link = planner.now.namespaces[place[0]].links[place[1]]
    # Two entries would change it again and again.
    if kind == "ipvlan" and mode is not None and link.data.get("mode") != mode:
        raise _errors.BadInput(
            f"mode: all ipvlans on '{link.data.get('parent')}' have one mode; '{place[1]}'{_ops.where(place[0])} is to"
            f" have {mode}, another entry wants {link.data.get('mode')}. Give both the same mode, or other parents."
        )
    if link.kind == "vlan" and up:
        _refuse_lowered_parent(planner, place, link)
        if kind and not link.up:
            _raise_parent(planner, place, link)


def _refuse_lowered_parent(planner: _plan.Planner, place: _plan.Place, link: _snapshot.Link) -> None:
    """Refuse a VLAN that is up on a parent that is declared down: each run would set it up again, or fail to."""
    parent = _parents.parent_of(place[0], link.data)
    if parent and ("down", *parent) in planner.wanted:
        raise _errors.BadInput(
            f"up: '{place[1]}'{_ops.where(place[0])} is to be up on '{parent[1]}'{_ops.where(parent[0])}, which is"
            f" declared down; give '{parent[1]}' up: true, or '{place[1]}' up: false."
        )


def _raise_parent(planner: _plan.Planner, place: _plan.Place, link: _snapshot.Link) -> None:
    """Set the parent up: no VLAN comes up on a parent that is down (vlan_dev_open()). A bridge of this plan settles
    later than what stands on it.
    """
    parent = _parents.parent_of(place[0], link.data)
    below = planner.now.link(*parent) if parent else None
    if parent is None or below is None or below.up:
        return
    if ("link", *parent) in planner.wanted:
        planner.do(_link_ops.LinkSet(*parent, {"up": True}))
    else:
        planner.missing(
            f"Cannot set vlan '{place[1]}'{_ops.where(place[0])} up: its parent '{parent[1]}'{_ops.where(parent[0])} is"
            " down. Set that up first, with netloom.linux.netns_interface and up: true, say."
        )
