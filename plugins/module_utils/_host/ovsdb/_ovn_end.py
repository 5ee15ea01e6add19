# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host is for OVN, and what the southbound database has about it: what explains that packets do not arrive."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _southbound
from ansible_collections.netloom.linux.plugins.module_utils._model import _ovn, _snapshot

Told = dict[str, t.Any]


def read(snapshot: _snapshot.Snapshot) -> Told | None:
    """What is known; None if nothing makes the host a chassis. It only helps to explain, so what cannot be asked is
    told and no failure.
    """
    ovs = next((one for one in snapshot.ovs.values() if _ovn.REMOTE in one.external_ids), None)
    if ovs is None:
        return None
    ids, bound = ovs.external_ids, _bound(ovs)
    southbound = _southbound.Southbounds().read(ovs, _ovn.Access(), list(bound))
    return {
        "chassis": ids.get(_ovn.SYSTEM_ID),
        "encap": ids.get(_ovn.ENCAP_IP),
        "bridge": _ovn.bridge_of(ids),
        "mappings": _ovn.mappings_in(ids.get(_ovn.MAPPINGS)),
        "bridges": sorted(ovs.bridges),
        "ports": bound,
        "unreachable": southbound.unreachable or None,
        "registered": {name: sorted(one.addresses) for name, one in sorted(southbound.chassis.items())},
        "bindings": {name: one and one.chassis for name, one in sorted(southbound.bindings.items())},
    }


def _bound(ovs: _snapshot.Ovs) -> dict[str, Told]:
    """The interfaces that are to be logical ports, by the names of these."""
    found: dict[str, Told] = {}
    for name, port in sorted(ovs.ports.items()):
        if port.iface_id is not None:
            found[port.iface_id] = {"name": name, "bridge": port.bridge, "installed": port.ovn_installed}
    return found
