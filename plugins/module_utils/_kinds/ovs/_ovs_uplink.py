# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An uplink as a port of an OVS bridge, on the datapath of the kernel and on that of ovs-vswitchd.

The kernel's datapath takes all frames of its ports before the host's own stack, as a Linux bridge does. The userspace
datapath only reads along, so there the NIC is silenced. Its offloads are guarded like those of any port.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.link import _link, _uplink, _uplink_plug
from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovs import _ovs, _ovs_offload
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _link_ops,
    _ovs_ops,
    _parents,
    _plan,
    _scope,
    _six_ops,
    _snapshot,
)
from ansible_collections.netloom.linux.plugins.module_utils._model import _uplink as _moves

LOOSE = "2"  # of rp_filter: any route back will do
ALL_LOOSE = "net.ipv4.conf.all.rp_filter"
REPLUGGED = "its device was lost"


@dataclasses.dataclass(frozen=True)
class OvsPlug(_uplink_plug.Plug):
    """A port of a bridge of Open vSwitch: its database says so. ``link``: what is declared of the local port."""

    target: _snapshot.OvsTarget
    link: _link.LinkSpec

    @property
    def database(self) -> _snapshot.OvsTarget | None:
        return self.target

    def scope(self, scope: _scope.Scope, uplink: str) -> None:
        _ovs_offload.every_scope(scope)
        scope.sysctls.add((None, None, ALL_LOOSE))
        if uplink:
            _ovs_offload.guard_scope(scope, uplink)
            scope.sysctls |= {(None, uplink, key) for key in _moves.SILENT}

    def is_here(self, now: _snapshot.Snapshot) -> bool:
        return _ovs.is_local(self.target, now)

    def holds(self, now: _snapshot.Snapshot, nic: _snapshot.Link) -> bool:
        port = now.ovs[self.target].ports.get(nic.name)
        return port is not None and port.bridge == self.bridge

    def holder(self, now: _snapshot.Snapshot, nic: _snapshot.Link) -> str | None:
        ports = now.ovs[self.target].ports
        port = ports.get(nic.name)
        bond = next((one for one in ports.values() if nic.name in one.interfaces and one.name != nic.name), None)
        if bond is not None:
            return f"of '{bond.name}', a bond of OVS bridge '{bond.bridge}'"
        if port is not None and (
            port.bridge != self.bridge or port.type not in ("", "system") or len(port.interfaces) > 1
        ):
            return f"of OVS bridge '{port.bridge}'"
        if nic.master is not None:
            return f"of '{nic.master}'"
        return "of Open vSwitch" if nic.held_by is not None and port is None else None

    def join(self, planner: _plan.Planner, nic: _snapshot.Link, wish: str) -> None:
        ovs = planner.now.ovs[self.target]
        port = ovs.ports.get(nic.name)
        if port is None and _ovs_ops.device_kind(ovs.bridges[self.bridge]) == "openvswitch":
            _parents.refuse_port(planner.now, None, nic.name, wish)
        if port is not None and nic.index is not None and nic.promiscuity == 0:
            planner.do(_ovs_ops.OvsPortDelete(self.target, nic.name, reason=REPLUGGED))
            planner.do(_ovs_ops.OvsPortAdd(self.target, port))
        if port is None:
            planner.do(_ovs_ops.OvsPortAdd(self.target, _snapshot.OvsPort(nic.name, self.bridge)))
        if not nic.up:
            planner.do(_link_ops.LinkSet(None, nic.name, {"up": True}))

    def warn_of_a_reboot(self, planner: _plan.Planner, uplink: str) -> None:
        if planner.at_boot:
            return
        planner.warn(
            f"Open vSwitch keeps '{uplink}' as a port over a reboot, but nothing keeps the host's addresses on"
            f" '{self.bridge}': the host may then be unreachable. Declare the uplink in a topology with persist: true,"
            " which moves it again at boot."
        )

    def reads_along(self, now: _snapshot.Snapshot) -> bool:
        bridge = now.ovs[self.target].bridges.get(self.bridge)
        return bridge is not None and bridge.datapath_type == "netdev"

    def silence(self, planner: _plan.Planner, uplink: str) -> None:
        _ovs_offload.guard(planner, self.target, planner.now.ovs[self.target].ports[uplink])
        if not self.reads_along(planner.now):
            return
        _silence(planner, uplink)
        if planner.now.namespaces[None].sysctl.get((None, ALL_LOOSE)) == LOOSE:
            planner.warn(
                f"The host gets IPv4 packets from '{uplink}' twice: ovs-vswitchd reads them, and so does the kernel,"
                f" which {ALL_LOOSE} = {LOOSE} keeps from dropping them. Set it to 0 (each link has its own), or use"
                " the kernel's datapath."
            )

    def kept(self, planner: _plan.Planner, uplink: str, known: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        found = dict(known)
        if "pinned" not in found:
            others = [home.link["pinned"] for home in _uplink.homes(planner.before, self) if "pinned" in home.link]
            found["pinned"] = next(iter(others), self._pins(planner.before, uplink))
        if "sysctl" not in found and self.reads_along(planner.now):
            sysctl = planner.now.namespaces[None].sysctl
            found["sysctl"] = {key: value for key in _moves.SILENT if (value := sysctl.get((uplink, key))) is not None}
        return found

    def _pins(self, before: _snapshot.Snapshot, uplink: str) -> dict[str, t.Any]:
        """MAC and MTU that OVSDB has for the local port. After a reboot they are those of an uplink that was joined."""
        ovs, nic = before.ovs[self.target], before.link(None, uplink)
        bridge, port = ovs.bridges.get(self.bridge), ovs.ports.get(self.bridge)
        if bridge is None or port is None or nic is None:
            return {"mac": None, "mtu": None}
        mac, mtu, joined = bridge.other_config.get(_ovs_ops.HWADDR), port.mtu_request, self.holds(before, nic)
        return {"mac": None if joined and mac == nic.mac else mac, "mtu": None if joined and mtu == nic.mtu else mtu}

    def leave(self, planner: _plan.Planner, home: _moves.Home) -> None:
        nic = planner.now.namespaces[None].links[home.uplink]
        if self.holds(planner.now, nic):
            planner.do(_ovs_ops.OvsPortDelete(self.target, home.uplink))
        self._unpin(planner, nic, home.link.get("pinned") or {})
        _ovs_offload.put_back(planner, self.target, (home.uplink,))
        sysctl = planner.now.namespaces[None].sysctl
        for key, value in (home.link.get("sysctl") or {}).items():
            if sysctl.setdefault((home.uplink, key), _moves.SILENT.get(key)) != value:
                planner.do(_six_ops.sysctl_set(None, home.uplink, key, value))
        changes = home.face(nic)
        if changes:
            planner.do(_link_ops.LinkSet(None, home.uplink, changes))

    def _unpin(self, planner: _plan.Planner, nic: _snapshot.Link, pinned: t.Mapping[str, t.Any]) -> None:
        """The local port, if it stays, has its MAC and MTU of before: those were the NIC's."""
        ovs = planner.now.ovs[self.target]
        bridge, port = ovs.bridges.get(self.bridge), ovs.ports.get(self.bridge)
        if bridge is None or port is None:
            return
        other = dict(bridge.other_config)
        if self.link.mac is None and other.get(_ovs_ops.HWADDR) == nic.mac != pinned.get("mac"):
            del other[_ovs_ops.HWADDR]
            other.update({_ovs_ops.HWADDR: pinned["mac"]} if pinned.get("mac") else {})
            planner.do(_ovs_ops.OvsBridgeSet(self.target, self.bridge, {"other_config": other}))
        if self.link.mtu is None and port.mtu_request == nic.mtu != pinned.get("mtu"):
            planner.do(_ovs_ops.OvsPortSet(self.target, self.bridge, {"mtu_request": pinned.get("mtu")}))


def _silence(planner: _plan.Planner, uplink: str) -> None:
    sysctl = planner.now.namespaces[None].sysctl
    for key, value in _moves.SILENT.items():
        # A kernel without IPv6 has no such key: None.
        if sysctl.get((uplink, key), "") not in (value, None):
            planner.do(_six_ops.sysctl_set(None, uplink, key, value))


def refuse_uplink(planner: _plan.Planner, target: _snapshot.OvsTarget, port: _snapshot.OvsPort, wish: str) -> None:
    """Refuse to delete the port that an uplink is: the host would be cut off, and nothing would guard it."""
    if not _ovs.is_local(target, planner.now):
        return
    try:
        home = _moves.home_of(planner.now, None, port.name)
    except _errors.HostError:
        home = None  # a damaged record is an error of its bridge
    if home is not None and home.bridge == port.bridge:
        raise _errors.Conflict(
            f"Cannot {wish}: it is the uplink of '{port.bridge}', and has the host's addresses. Give it back with"
            f" netloom.linux.ovs_bridge, name: {port.bridge}, clear: [uplink], which is guarded."
        )


def faced(link: _link.LinkSpec, uplink: str, now: _snapshot.Snapshot) -> _link.LinkSpec:
    """What is declared of the local port, with MAC and MTU of the uplink where nothing else is declared."""
    nic = now.link(None, uplink)
    if nic is None:
        return link
    return dataclasses.replace(link, mac=link.mac or nic.mac, mtu=link.mtu or nic.mtu)
