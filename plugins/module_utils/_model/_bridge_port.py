# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings that a Linux bridge keeps for each of its ports."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _snapshot

# What a link gets when it becomes a port (new_nbp() in net/bridge/br_if.c); the cost follows its speed.
PORT_DEFAULTS: t.Mapping[str, t.Any] = {
    "isolated": False,
    "hairpin": False,
    "learning": True,
    "flood": True,
    "neigh_suppress": False,
    "priority": 32,
    # No option speaks of these.
    "bpdu_guard": False,
    "root_block": False,
    "fast_leave": False,
    "proxy_arp": False,
    "proxy_arp_wifi": False,
    "multicast_router": 1,
    "mcast_flood": True,
    "mcast_to_unicast": False,
    "vlan_tunnel": False,
    "bcast_flood": True,
    "group_fwd_mask": 0,
    "locked": False,
    "mab": False,
    "mcast_max_groups": 0,
    "neigh_vlan_suppress": False,
}
DEFAULT_VLANS = "1 pvid untagged"  # of a bridge that filters by VLAN
SPEED_COSTS = {1, 2, 3, 4, 5, 19, 100}  # port_cost() there


def moves_mac(now: _snapshot.Snapshot, ns: _snapshot.NsKey, master: str | None, mac: str | None) -> tuple[str, ...]:
    """In words, that a new port may change the MAC address of its bridge, which has the lowest of its ports' unless
    somebody chose it.

    ``mac``: the port's; None: the kernel chooses it.
    """
    bridge = now.link(ns, master) if master else None
    if bridge is None or bridge.kind != "bridge" or bridge.index is None or bridge.mac is None or bridge.mac_set:
        return ()
    others = {link.mac for link in now.namespaces[ns].links.values() if link.master == master}
    chosen = bridge.mac_set is None and bridge.mac not in others
    return (
        (f"may change the MAC address of {master}",)
        if others and not chosen and (mac is None or mac < bridge.mac)
        else ()
    )


def special_flags(link: _snapshot.Link) -> dict[str, t.Any]:
    """The flags of a port that differ from those of a new port."""
    defaults = {**PORT_DEFAULTS, "vlans": DEFAULT_VLANS, "fdb": ()}
    return {
        flag: value
        for flag, value in link.port.items()
        if (value not in SPEED_COSTS if flag == "cost" else value != defaults.get(flag))
    }


def as_port(link: _snapshot.Link, master: str | None) -> dict[str, t.Any]:
    """The changes that make a link a port again, with its present flags, which it loses with its master."""
    flags = special_flags(link)
    return {"master": master, "port": flags} if master and flags else {"master": master}
