# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands on a link: macvlan, ipvlan, vlan, vxlan."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _snapshot

Place = tuple[_snapshot.NsKey, str]


def parent_of(ns: _snapshot.NsKey, data: t.Mapping[str, t.Any]) -> Place | None:
    """Where the link is that one in ``ns`` with this data stands on."""
    return (None if data.get("parent_on_host") else ns, data["parent"]) if data.get("parent") else None


def standing_on(now: _snapshot.Snapshot, parent: Place) -> list[tuple[_snapshot.NsKey, _snapshot.Link]]:
    """What goes with that link, in whichever namespace it is."""
    return [(ns.key, link) for ns in now.namespaces.values() for link in ns.links.values() if parent_of(ns.key, link.data) == parent]


def ipvlans_on(now: _snapshot.Snapshot, parent: Place | None) -> list[tuple[_snapshot.NsKey, _snapshot.Link]]:
    """They have one mode: that which the last one was given (ipvlan_set_port_mode())."""
    return [(ns, link) for ns, link in standing_on(now, parent) if link.kind == "ipvlan"] if parent else []


def share_mode(now: _snapshot.Snapshot, ns: _snapshot.NsKey, name: str) -> None:
    """The others on its parent get the mode of this ipvlan."""
    link = now.namespaces[ns].links[name]
    for key, other in ipvlans_on(now, parent_of(ns, link.data)) if link.data.get("mode") else ():
        now.put(key, other.with_data(mode=link.data["mode"]))
