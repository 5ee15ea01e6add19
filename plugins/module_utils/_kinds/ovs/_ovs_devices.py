# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The devices of an internal port: the living one, and what is left of earlier ones."""

from __future__ import annotations

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovs import (
    _ovs,
    _ovs_port_spec,
)
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _link_ops,
    _ovs_ops,
    _plan,
    _snapshot,
)


def is_its(
    now: _snapshot.Snapshot, port: _snapshot.OvsPort, spec: _ovs_port_spec.OvsPortSpec, occupant: _snapshot.Link
) -> bool:
    """Whether the link at the port's home is its device: the living one, or one that ovs-vswitchd left behind with the
    pinned MAC.
    """
    return _ovs.live_device(now, port, spec.home) == spec.home or (
        occupant.kind in ("tun", "openvswitch") and occupant.mac == port.mac
    )


def lay_aside(
    spec: _ovs_port_spec.OvsPortSpec, planner: _plan.Planner, port: _snapshot.OvsPort, found: _plan.Place
) -> None:
    """What is left of earlier devices under other names: a dead tap that has a name of ours goes, one that the kernel's
    datapath lost is made harmless.
    """
    for link in (
        list(planner.now.namespaces[spec.netns].links.values())
        if spec.netns is not None and port.mac is not None
        else ()
    ):
        place = (spec.netns, link.name)
        if link.mac != port.mac or place in (found, spec.home):
            continue
        if link.kind == "tun" and link.name in (spec.link.altnames or ()):
            planner.do(_link_ops.LinkDelete(*place))
        elif link.kind == "openvswitch":
            changes = {**({"up": False} if link.up else {}), **({"altnames": ()} if link.altnames else {})}
            if changes:
                planner.do(_link_ops.LinkSet(*place, changes))
            if link.name in (spec.link.altnames or ()):
                place = (spec.netns, planner.spare(spec.netns))
                planner.move((spec.netns, link.name), place)
            planner.warn(
                f"'{place[1]}' in namespace '{spec.netns}' was a device of port '{spec.name}', which Open vSwitch lost"
                " when it was renamed. It is down, and goes with its namespace, or with `ovs-dpctl del-if ovs-system"
                " NUMBER` (`ovs-dpctl show` tells the number)."
            )


def refuse_rename(spec: _ovs_port_spec.OvsPortSpec, bridge: _snapshot.OvsBridge, kind: str, wish: str) -> None:
    """Refuse a rename. The kernel's datapath names a port as its device is named now (ovs_internal_dev_get_vport(),
    ovs_vport_name()).
    """
    if kind == "internal" and spec.rename not in (None, spec.name) and _ovs_ops.device_kind(bridge) == "openvswitch":
        raise _errors.Conflict(
            f"{spec.path}rename: cannot {wish} with its device as '{spec.rename}': the bridge is on the kernel's"
            " datapath, and there Open vSwitch knows a port by its device's name, so that a renamed one is lost to it."
            f" Leave rename out and give 'altnames: [{spec.rename}]', or use a bridge with 'datapath_type: netdev'."
        )


def mtu_to_request(spec: _ovs_port_spec.OvsPortSpec, now: _snapshot.Snapshot, port: _snapshot.OvsPort) -> bool:
    """Whether OVS must be told the MTU.

    Otherwise OVS gives an internal port on the host its bridge's least MTU, again with every new port. It cannot reach
    a port in another namespace.
    """
    if port.type != "internal" or spec.link.mtu in (None, port.mtu_request) or spec.home != (None, spec.name):
        return False
    device = now.link(*spec.home)
    return port.mtu_request is not None or device is None or device.mtu != spec.link.mtu
