# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which links join the packets that somebody reads from a link (generic receive offload, GRO).

The driver of a card joins them. A VLAN, a macvlan, a bond or a bridge passes on what the links below have joined.
"""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _parents, _snapshot

# The kernel says of every link that it joins, unless somebody switched that off. These never do: what they receive
# does not pass through NAPI, which joins.
NEVER = frozenset({"dummy", "ifb", "netkit", "openvswitch", "tun"})
PLAIN = frozenset({"", "veth"})  # a card, or an end of a cable: nothing is below
# They join what they have taken out of the packets of the link below (gro_cells_receive()).
UNWRAPPING = _parents.TUNNELS | {"vxlan"}


def receivers(links: t.Mapping[str, _snapshot.Link], name: str) -> list[str]:
    """The links that may join what the link ``name`` hands over; ``links``: of its namespace."""
    link = links.get(name)
    if link is None or link.kind in NEVER:
        return []
    below = _below(links, link)
    return sorted({found for one in below for found in receivers(links, one)}) if below else [name]


def _below(links: t.Mapping[str, _snapshot.Link], link: _snapshot.Link) -> list[str]:
    if link.kind in PLAIN or link.kind in UNWRAPPING:
        return []
    place = _parents.parent_of(None, link.data)
    return [place[1]] if place is not None else [one.name for one in links.values() if one.master == link.name]


def joins(link: _snapshot.Link) -> bool:
    """Whether a link joins packets. One that this plan makes does what its kind does from the beginning: a veth does
    not.
    """
    return link.kind != "veth" if link.gro is None and link.index is None else bool(link.gro)
