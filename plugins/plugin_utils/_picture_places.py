# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where in a picture an object of each kind is."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import _order
from ansible_collections.netloom.linux.plugins.plugin_utils import _picture_model

Entry = c.Mapping[str, t.Any]
Place = _picture_model.Place
# Kinds that belong to a namespace as a whole.
OF_NAMESPACES = {"netns_route", "dnsmasq_in_ns", "netns_nat"}
OF_HOSTS = {"ovn_global": "", "ovn_chassis": "chassis of OVN"}  # no name of a link has a space
# Kinds that are drawn as a part of something.
PARTS = {*OF_NAMESPACES, *OF_HOSTS, "netns_dhcp_client", "ovn_dhcp_options"}
# Kinds of OVN that are neither switches nor a part of something. Two of different kinds may have one name.
OF_OVN = {
    "ovn_port": _picture_model.PORT,
    "ovn_router": _picture_model.ROUTER,
    "ovn_load_balancer": _picture_model.BALANCER,
    "ovn_port_group": _picture_model.GROUP,
    "ovn_address_set": _picture_model.ADDRESS_SET,
    "ovn_dhcp_options": _picture_model.DHCP,
}


def place_of(kind: str, view: Entry) -> Place:
    """The link that an object is, or the namespace that it is in. ``view``: the object, or its identity."""
    netns = view.get("netns")
    if kind in OF_HOSTS:
        return (None, OF_HOSTS[kind])
    if kind in OF_OVN:
        return (f"{OF_OVN[kind]} {view.get('name')}", "")
    if kind == "netns":
        return (str(view.get("name")), "")
    if kind in OF_NAMESPACES:
        return (netns, "")
    if kind in ("ovs_bridge", "ovs_port"):  # the name of a port is that of a row, wherever its device went
        return (None, str(view.get("name")))
    return (netns, str(view.get("interface") or view.get("name") or ""))


def places_of(kind: str, view: Entry) -> list[Place]:
    """All places at which an object is to be seen: a cable has two ends."""
    found = [place_of(kind, view)]
    peer = view.get("peer")
    if kind == "veth" and isinstance(peer, c.Mapping) and peer.get("name"):
        found.append((peer.get("netns"), str(peer["name"])))
    if kind == "ovs_port" and view.get("netns"):
        found.append((view["netns"], str(view.get("rename") or view.get("name"))))
    return found


def views_of(info: Entry) -> dict[Place, list[_picture_model.View]]:
    """The objects of netns_info by their places."""
    found: dict[Place, list[_picture_model.View]] = {}
    for kind in (*_order.KIND_NAMES, *_order.NORTHBOUND_NAMES):
        for view in info.get(kind) or ():
            for place in places_of(kind, view):
                found.setdefault(place, []).append((kind, view))
    return found
