# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An OVS port in the shape of the options."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.link import _link
from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovs import _ovs, _ovs_offload, _ovs_port_spec
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _ovs_ops,
    _snapshot,
    _vlans,
)


def view_port(
    spec: _ovs_port_spec.OvsPortSpec, snapshot: _snapshot.Snapshot, port: _snapshot.OvsPort
) -> dict[str, t.Any]:
    """A port in the shape of the options. Empty options that were not declared are left out."""
    view: dict[str, t.Any] = {"bridge": port.bridge, "name": port.name, "type": port.type or "system"}
    for key in _ovs_port_spec.COLUMNS:
        value = getattr(port, key)
        if isinstance(value, tuple):
            value = _vlans.compact(value)
        elif isinstance(value, t.Mapping):
            value = dict(sorted(value.items()))
        if value not in (None, False, [], {}) or (key in spec.columns and value is not None):
            view[key] = value
    if _ovs.is_local(spec.target, snapshot):
        if port.type == "internal":
            view.update(_view_device(spec, snapshot, port))
        elif port.type == "":
            far = _ovs_offload.far_end(snapshot, port.name)
            # Shown where it differs from the kernel's default, or was asked for.
            if far is not None and (far[1].tx_checksum is False or spec.peer_tx_checksum is not None):
                view["peer_tx_checksum"] = far[1].tx_checksum
            joins = _ovs_offload.joins(snapshot, port.name)
            # Most ports join nothing from the beginning: shown where we switched it off, or it was asked for.
            asked = spec.receive_offload is not None or _ovs_offload.is_switched_off(snapshot, port.name)
            if joins is not None and asked:
                view["receive_offload"] = joins
    return {**view, **_ovs.shown_target(spec.target)}


def _view_device(
    spec: _ovs_port_spec.OvsPortSpec, snapshot: _snapshot.Snapshot, port: _snapshot.OvsPort
) -> dict[str, t.Any]:
    """The options of the living device. A dead device has none."""
    place = _ovs.live_device(snapshot, port, spec.home) or _ovs_ops.device_of(snapshot, port)
    link = snapshot.link(*place) if place is not None else None
    if place is None or link is None or not _ovs.is_alive(link):
        return {}
    view = _link.view_link(snapshot, place[0], link, *_ovs_port_spec.DEVICE, sysctl=spec.link.sysctl)
    if port.mac is None:
        del view["mac"]  # chosen again at each re-creation: a fact, not a setting
    return {"rename": link.name if link.name != port.name else None, **view}
