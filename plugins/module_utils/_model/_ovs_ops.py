# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes on OVSDB, as data. Neighbouring writes share one transaction (the executor groups them)."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _fallout,
    _link_ops,
    _move_ops,
    _ops,
    _scope,
    _snapshot,
    _vlans,
    _words,
)

# What an internal port's device is: a tap on the userspace datapath, the module's own kind on the kernel's.
HWADDR = "hwaddr"  # the key of a bridge's other_config that fixes its local port's MAC
DEVICE_KINDS = ("tun", "openvswitch")
SYSTEM = "ovs-system"  # the device of the kernel's datapath itself, of which all ports of all its bridges are ports


def device_kind(bridge: _snapshot.OvsBridge) -> str:
    """The kind of link that the bridge's internal ports are."""
    return "tun" if bridge.datapath_type == "netdev" else "openvswitch"


def device_of(now: _snapshot.Snapshot, port: _snapshot.OvsPort) -> tuple[_snapshot.NsKey, str] | None:
    """The place of an internal port's device: on the host under the port's name, or wherever its pinned MAC is."""
    found = now.link(None, port.name)
    if found is not None and found.kind in DEVICE_KINDS:
        return (None, port.name)
    places = (
        (key, link.name)
        for key, ns in now.namespaces.items()
        for link in ns.links.values()
        if link.kind in DEVICE_KINDS and link.mac == port.mac
    )
    # Beside one that the kernel's datapath lost by a rename is the one that it made since, under the port's name.
    return min(places, key=lambda place: place[1] != port.name, default=None) if port.mac is not None else None


def _attach(now: _snapshot.Snapshot, port: _snapshot.OvsPort, bridge: _snapshot.OvsBridge) -> None:
    """Add the device of a port that OVS has just made, or taken."""
    if port.type == "internal":
        now.put(
            None,
            _snapshot.Link(
                port.name,
                device_kind(bridge),
                mac=port.mac,
                carrier=True,
                data={"mode": "tap", "persist": True} if bridge.datapath_type == "netdev" else {},
            ),
        )
    link = now.link(None, port.name)
    if link is not None:
        # OVS holds each device of a bridge in promiscuous mode; that is how a live port is known.
        held_by = SYSTEM if device_kind(bridge) == "openvswitch" else None
        now.put(None, dataclasses.replace(link, promiscuity=max(1, link.promiscuity), held_by=held_by))


def _detach(now: _snapshot.Snapshot, port: _snapshot.OvsPort, device: tuple[_snapshot.NsKey, str] | None) -> None:
    """Remove the device of a port that OVS has just released."""
    if port.type == "internal" and device is not None and device[0] in now.namespaces:
        _fallout.forget_link(now.namespaces[device[0]], device[1])
    link = now.link(None, port.name)
    if port.type == "" and link is not None:
        now.put(None, dataclasses.replace(link, promiscuity=0, held_by=None))
    ports = now.answers.get(_scope.SwitchPorts())
    if ports:  # what was read before this plan; the answers are those of other snapshots, too
        now.answers = {**now.answers, _scope.SwitchPorts(): ports - {port.name, *port.interfaces}}


@dataclasses.dataclass(frozen=True)
class OvsOp(_ops.Op):
    """A write on the OVSDB at ``target``; ``row`` is the bridge or port it is about."""

    performer = _ops.OVSDB
    target: _snapshot.OvsTarget

    @property
    def row(self) -> str:
        """The row of the op. If one op deletes a row, a later op on it must not share its transaction (OVS would see no
        change).
        """
        raise AssertionError("every OVS op names its row")

    def joins(self, last: _ops.Op) -> bool:
        return isinstance(last, OvsOp) and last.target == self.target


@dataclasses.dataclass(frozen=True)
class OvsBridgeAdd(OvsOp):
    """Add a bridge with its local port and its columns. The local port's MAC is other_config:hwaddr."""

    bridge: _snapshot.OvsBridge

    @property
    def row(self) -> str:
        return self.bridge.name

    def sentence(self) -> str:
        return f"create OVS bridge {self.bridge.name} ({self.bridge.datapath_type or 'system'} datapath)"

    def effect(self, now: _snapshot.Snapshot) -> None:
        ovs = now.ovs[self.target]
        ovs.bridges[self.row] = self.bridge
        ovs.ports[self.row] = _snapshot.OvsPort(self.row, self.row, type="internal", interfaces=(self.row,))
        _attach(now, dataclasses.replace(ovs.ports[self.row], mac=self.bridge.other_config.get("hwaddr")), self.bridge)

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        return (OvsBridgeDelete(self.target, self.row),)


@dataclasses.dataclass(frozen=True)
class OvsBridgeDelete(OvsOp):
    """Delete a bridge with all its ports; ``ports``: those that are deleted with it and that no earlier step names."""

    disturbs = _ops.RECREATION
    name: str
    ports: tuple[str, ...] = ()

    @property
    def row(self) -> str:
        return self.name

    def sentence(self) -> str:
        return f"delete OVS bridge {self.name}{f' with its ports {_words.some(self.ports)}' if self.ports else ''}"

    def effect(self, now: _snapshot.Snapshot) -> None:
        ovs = now.ovs[self.target]
        del ovs.bridges[self.name]
        for port in [port for port in ovs.ports.values() if port.bridge == self.name]:
            del ovs.ports[port.name]
            _detach(now, port, device_of(now, port))

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        ovs = now.ovs[self.target]
        mine = [port for port in ovs.ports.values() if port.bridge == self.name]
        ports = [OvsPortAdd(self.target, port) for port in mine if port.name != self.name]
        return (
            OvsBridgeAdd(self.target, ovs.bridges[self.name]),
            *ports,
            *rebuild_devices(now, self.target, self.name),
        )


@dataclasses.dataclass(frozen=True)
class OvsBridgeSet(OvsOp):
    """Change columns of a bridge, named like the fields of OvsBridge. None, () and {} clear a column."""

    name: str
    changes: t.Mapping[str, t.Any]

    @property
    def disturbs(self) -> str:  # type: ignore[override]
        """What the op disturbs. Another datapath recreates all devices. A spanning tree first only listens."""
        if "datapath_type" in self.changes:
            return _ops.RECREATION
        return (
            _ops.BRIEF if {"stp", "rstp", "fail_mode", "controllers", "protocols"} & set(self.changes) else _ops.NOTHING
        )

    @property
    def row(self) -> str:
        return self.name

    def sentence(self) -> str:
        return f"set OVS bridge {self.name}: {columns(self.changes)}"

    def is_fresh(self, now: _snapshot.Snapshot) -> bool:
        return now.ovs[self.target].bridges[self.name].uuid is None

    def effect(self, now: _snapshot.Snapshot) -> None:
        ovs = now.ovs[self.target]
        ovs.bridges[self.name] = dataclasses.replace(ovs.bridges[self.name], **self.changes)
        for port in ovs.ports.values() if "datapath_type" in self.changes else ():
            if port.bridge == self.name and port.type == "internal":
                _detach(now, port, device_of(now, port))
                _attach(now, port, ovs.bridges[self.name])

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        bridge = now.ovs[self.target].bridges[self.name]
        back = OvsBridgeSet(self.target, self.name, {key: getattr(bridge, key) for key in self.changes})
        return (back, *(rebuild_devices(now, self.target, self.name) if "datapath_type" in self.changes else ()))


@dataclasses.dataclass(frozen=True)
class OvsPortAdd(OvsOp):
    """Add a port with its interface and their columns to its bridge. An internal port without a MAC gets a random MAC
    that lasts.
    """

    port: _snapshot.OvsPort

    @property
    def row(self) -> str:
        return self.port.name

    def sentence(self) -> str:
        kind = f" ({self.port.type})" if self.port.type else ""
        tag = f" with tag {self.port.tag}" if self.port.tag is not None else ""
        return f"add port {self.port.name}{kind} to OVS bridge {self.port.bridge}{tag}"

    def effect(self, now: _snapshot.Snapshot) -> None:
        ovs = now.ovs[self.target]
        ovs.ports[self.row] = dataclasses.replace(
            self.port, interfaces=(self.row,), ofport=None, error=None, uuid=None, ovn_installed=False
        )
        _attach(now, self.port, ovs.bridges[self.port.bridge])

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        return (OvsPortDelete(self.target, self.row, (None, self.row) if self.port.type == "internal" else None),)


@dataclasses.dataclass(frozen=True)
class OvsPortDelete(OvsOp):
    """Delete a port. The device of an internal port (``device`` is its place) is deleted with it, in any namespace and
    under any name.
    """

    disturbs = _ops.RECREATION
    name: str
    device: tuple[_snapshot.NsKey, str] | None = None
    reason: str = ""  # why one that stays declared is made again

    @property
    def row(self) -> str:
        return self.name

    def sentence(self) -> str:
        return f"delete OVS port {self.name}{f' ({self.reason})' if self.reason else ''}"

    def effect(self, now: _snapshot.Snapshot) -> None:
        _detach(now, now.ovs[self.target].ports.pop(self.name), self.device)

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        return (
            OvsPortAdd(self.target, now.ovs[self.target].ports[self.name]),
            *rebuild_device(now, self.name, self.device),
        )


def rebuild_device(
    now: _snapshot.Snapshot, name: str, device: tuple[_snapshot.NsKey, str] | None
) -> tuple[_ops.Op, ...]:
    """The ops that move an internal port's new device, which is on the host, to the place of the old one, with the same
    attributes.
    """
    link = now.link(*device) if device is not None else None
    if device is None or link is None:
        return ()
    state = {key: getattr(link, key) for key in ("mac", "mtu", "altnames", "up") if getattr(link, key)}
    move = () if device == (None, name) else (_move_ops.LinkMove(None, name, *device),)
    return (
        *move,
        *((_link_ops.LinkSet(*device, state),) if state else ()),
        *_link_ops.rebuild_addresses(now.namespaces[device[0]], device[1]),
    )


def rebuild_devices(now: _snapshot.Snapshot, target: _snapshot.OvsTarget, bridge: str) -> list[_ops.Op]:
    """The ops of rebuild_device() for all ports of a bridge, including its own."""
    internal = [port for port in now.ovs[target].ports.values() if port.bridge == bridge and port.type == "internal"]
    return [op for port in internal for op in rebuild_device(now, port.name, device_of(now, port))]


@dataclasses.dataclass(frozen=True)
class OvsPortSet(OvsOp):
    """Change columns of a port or its interface, named like the fields of OvsPort. None, () and {} clear a column."""

    name: str
    changes: t.Mapping[str, t.Any]

    @property
    def disturbs(self) -> str:  # type: ignore[override]
        """What the op disturbs. Another VLAN or tunnel end interrupts the traffic."""
        felt = {"tag", "trunks", "vlan_mode", "protected", "options", "type", "iface_id"} & set(self.changes)
        return _ops.BRIEF if felt else _ops.NOTHING

    @property
    def row(self) -> str:
        return self.name

    def sentence(self) -> str:
        return f"set OVS port {self.name}: {columns(self.changes)}"

    def is_fresh(self, now: _snapshot.Snapshot) -> bool:
        return now.ovs[self.target].ports[self.name].uuid is None

    def effect(self, now: _snapshot.Snapshot) -> None:
        ports = now.ovs[self.target].ports
        installed = ports[self.name].ovn_installed and "iface_id" not in self.changes
        ports[self.name] = dataclasses.replace(ports[self.name], **self.changes, ovn_installed=installed)

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        port = now.ovs[self.target].ports[self.name]
        return (OvsPortSet(self.target, self.name, {key: getattr(port, key) for key in self.changes}),)


def columns(changes: t.Mapping[str, t.Any]) -> str:
    """Changed columns in words."""

    def value_of(key: str, value: t.Any) -> str:
        if key in ("type", "datapath_type"):
            return value or "system"
        if value in (None, (), {}):
            return "none"
        if isinstance(value, tuple):
            return ",".join(map(str, _vlans.compact(value) if key == "trunks" else value))
        if isinstance(value, t.Mapping):
            return ",".join(f"{key}={item}" for key, item in sorted(value.items()))
        return str(value).lower() if isinstance(value, bool) else str(value)

    return ", ".join(f"{key}={value_of(key, value)}" for key, value in changes.items())
