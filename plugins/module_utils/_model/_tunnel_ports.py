# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who receives at the UDP ports of tunnels: a vxlan for its own id, or an external one (ip-link(8)) for all ids. Open
vSwitch makes an external one for its tunnels in the kernel, and the kernel never has both kinds at one port.
"""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _snapshot


def vxlans(
    now: _snapshot.Snapshot, home: _snapshot.NsKey, port: int, *, external: bool = False
) -> t.Iterator[tuple[_snapshot.NsKey, _snapshot.Link]]:
    """The vxlans that receive at a port of the addresses of a namespace, each with where it is."""
    for ns in now.namespaces.values():
        for link in ns.links.values():
            if (
                link.kind == "vxlan"
                and home_of(ns.key, link.data) == home
                and link.data.get("port") == port
                and bool(link.data.get("external")) == external
            ):
                yield ns.key, link


def home_of(ns: _snapshot.NsKey, data: t.Mapping[str, t.Any]) -> _snapshot.NsKey:
    """The namespace by whose addresses a vxlan sends: that in which it was created."""
    return None if data.get("parent_on_host") else ns
