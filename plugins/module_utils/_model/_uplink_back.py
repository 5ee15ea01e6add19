# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back of an uplink: what its guard does, as pure functions of snapshots."""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _address_ops,
    _errors,
    _link_ops,
    _offload_ops,
    _ops,
    _ovs_ops,
    _paths,
    _plan,
    _receivers,
    _snapshot,
    _stack_ops,
    _uplink,
    _uplink_ops,
)


def back_to(
    before: _snapshot.Snapshot,
    now: _snapshot.Snapshot,
    ns: _snapshot.NsKey,
    uplink: str,
    bridge: str,
    *,
    ovs: _snapshot.OvsTarget | None = None,
    refused: bool = False,
) -> list[_ops.Op]:
    """The ops that restore uplink and bridge as they were ``before``; none if they are. What others did meanwhile
    stays.

    ``ovs``: the database of a bridge of Open vSwitch, which may be dead. What it must have again comes first and alone:
    until it has that, the NIC keeps what reaches the host. What it must not have any more comes last, when the NIC has
    everything. ``refused``: it did not take an op.
    """
    planner = _WayBack(now, assume=False)
    old, new = before.namespaces[ns], planner.now.namespaces.get(ns)
    rows = None if ovs is None else _Rows(before.ovs[ovs], now.ovs[ovs], ovs, uplink, bridge)
    if new is None:
        return []
    if rows is not None and rows.again():
        return [] if rows.is_unreachable else rows.again()
    _restore_bridge(planner, old, new, bridge, by_kernel=rows is None)
    names = _restore_links(planner, old, new, uplink, bridge, chosen=rows.chosen() if rows is not None else ())
    if uplink in names:
        _speak(planner, before, ns, uplink)
    for name in names:
        _give_back(planner, _uplink.belongings(old, name), ns, name)
    receivers = _receivers.receivers(old.links, uplink)
    records = [_paths.receive_offload_record(name) for name in receivers]
    for path in (_paths.uplink_record(ns, uplink), _paths.tx_checksum_record(uplink), *records):
        _restore_record(planner, before.files.get(path), path)
    if rows is not None:
        _take_rows(planner, rows, old.links.get(uplink), now.link(ns, uplink), refused)
    return [step.op for step in planner.steps]


@dataclasses.dataclass(frozen=True)
class _Rows:
    """The rows of OVSDB that a move touches, as they were and as they are."""

    old: _snapshot.Ovs
    new: _snapshot.Ovs
    target: _snapshot.OvsTarget
    uplink: str
    bridge: str

    @property
    def is_unreachable(self) -> bool:
        """Whether the database does not answer."""
        return self.new.unreachable is not None

    @property
    def is_listed(self) -> bool:
        """Whether the database has the NIC as a port."""
        return self.uplink in self.new.ports

    def again(self) -> list[_ops.Op]:
        """The ops that restore rows which the move took: the uplink's, or the bridge with all its ports. Another port
        of a bridge that is still the same one was deleted by somebody else.
        """
        if self.bridge not in self.old.bridges:
            return []
        bridge, now = self.old.bridges[self.bridge], self.new.bridges.get(self.bridge)
        same = now is not None and now.uuid == bridge.uuid
        lacking = [
            port
            for port in self.old.ports.values()
            if port.bridge == self.bridge != port.name and port.name not in self.new.ports
            if port.name == self.uplink or not same
        ]
        found: list[_ops.Op] = []
        if now is None:
            found.append(_ovs_ops.OvsBridgeAdd(self.target, dataclasses.replace(bridge, uuid=None)))
        return [*found, *(_ovs_ops.OvsPortAdd(self.target, dataclasses.replace(port, uuid=None)) for port in lacking)]

    def chosen(self) -> set[str]:
        """The attributes of the local port that Open vSwitch chose, and chooses again."""
        bridge, port = self.old.bridges.get(self.bridge), self.old.ports.get(self.bridge)
        mac = {"mac"} if bridge is None or _ovs_ops.HWADDR not in bridge.other_config else set()
        return mac | ({"mtu"} if port is None or port.mtu_request is None else set())

    def too_many(self, nic: _snapshot.Link | None) -> list[_ops.Op]:
        """The ops that remove rows and columns that the move made. A bridge on which there are other ports by now stays
        for these.
        """
        new = self.new.ports.get(self.uplink)
        joined = new is not None and new.bridge == self.bridge and self.uplink not in self.old.ports
        found: list[_ops.Op] = [_ovs_ops.OvsPortDelete(self.target, self.uplink)] if joined else []
        bridge = self.new.bridges.get(self.bridge)
        if bridge is None:
            return found
        others = [
            port.name
            for port in self.new.ports.values()
            if port.bridge == self.bridge and port.name not in (self.bridge, self.uplink)
        ]
        was = self.old.bridges.get(self.bridge)
        if was is None and not others:
            return [_ovs_ops.OvsBridgeDelete(self.target, self.bridge, (self.uplink,) if joined else ())]
        had = (was.other_config if was else {}).get(_ovs_ops.HWADDR)
        if bridge.other_config.get(_ovs_ops.HWADDR) != had and (was is not None or nic is not None):
            other = {key: value for key, value in bridge.other_config.items() if key != _ovs_ops.HWADDR}
            changes = {"other_config": {**other, **({_ovs_ops.HWADDR: had} if had else {})}}
            found.append(_ovs_ops.OvsBridgeSet(self.target, self.bridge, changes))
        local, now = self.old.ports.get(self.bridge), self.new.ports.get(self.bridge)
        requested = local.mtu_request if local else None
        if now is not None and now.mtu_request != requested:
            found.append(_ovs_ops.OvsPortSet(self.target, self.bridge, {"mtu_request": requested}))
        return found


def _restore_bridge(
    planner: _plan.Planner, old: _snapshot.Namespace, new: _snapshot.Namespace, bridge: str, *, by_kernel: bool
) -> None:
    """Make a bridge that is gone, or delete one that the move made. One of Open vSwitch goes with its rows, and till
    then has nothing.
    """
    ns = old.key
    if bridge in old.links:
        if bridge not in new.links:
            bare = dataclasses.replace(old.links[bridge], index=None, master=None, addresses=())
            planner.do(_link_ops.LinkAdd(ns, bare))
    elif bridge not in new.links:
        return
    elif by_kernel:
        planner.do(_link_ops.LinkDelete(ns, bridge))
    else:
        _uplink.take(planner, _uplink.belongings(planner.now.namespaces[ns], bridge), ns, bridge)


def _restore_links(
    planner: _plan.Planner,
    old: _snapshot.Namespace,
    new: _snapshot.Namespace,
    uplink: str,
    bridge: str,
    *,
    chosen: t.Collection[str],
) -> list[str]:
    """Take away what bridge and uplink did not have, and restore their attributes and the ports of the bridge. Returns
    which of the two are still the same. ``chosen``: the attributes of the bridge that nobody chose.
    """
    # A NIC that came under its name.
    others = {uplink} if _is_another(old.links.get(uplink), new.links.get(uplink)) else set()
    names = [name for name in (bridge, uplink) if name in old.links and name in new.links and name not in others]
    for name in names:
        _take_strays(planner, old, old.key, name)
        _take_unrouted(planner, old, old.key, name)
    touched = [one for one in old.links.values() if bridge in (one.master, one.name) or one.name == uplink]
    for link in (one for one in touched if one.name in new.links and one.name not in others):
        kept = [key for key in _uplink.KEPT if key not in (chosen if link.name == bridge else ())]
        _restore_attributes(planner, link, old.key, kept if link.name in names else ())
    return names


def _speak(planner: _plan.Planner, before: _snapshot.Snapshot, ns: _snapshot.NsKey, uplink: str) -> None:
    """Restore the sysctls of the NIC, some of which keep the kernel's own stack from answering, the joining of what it
    receives, and the checksums of its far end.
    """
    sysctl = planner.now.namespaces[ns].sysctl
    for (link, key), value in before.namespaces[ns].sysctl.items():
        if link == uplink and key in _uplink.WRITTEN and value is not None and sysctl.get((link, key)) != value:
            planner.do(_stack_ops.SysctlSet(ns, link, key, value))
    links = before.namespaces[ns].links
    for old in (links[name] for name in _receivers.receivers(links, uplink)):
        found = planner.now.link(ns, old.name)
        if found is not None and old.gro is not None and old.gro != found.gro:
            planner.do(_offload_ops.ReceiveOffload(ns, old.name, old.gro))
    nic = before.link(ns, uplink)
    far = nic.peer if nic is not None else None
    was, now = (before.link(*far), planner.now.link(*far)) if far is not None else (None, None)
    if far is None or was is None or now is None or was.index != now.index:
        return
    if was.tx_checksum is not None and was.tx_checksum != now.tx_checksum:
        planner.do(_offload_ops.TxChecksum(*far, was.tx_checksum))


def _restore_record(planner: _plan.Planner, text: str | None, path: str) -> None:
    if planner.now.files.get(path) != text:
        planner.do(_ops.record(path, text))


def _take_rows(
    planner: _plan.Planner, rows: _Rows, old: _snapshot.Link | None, new: _snapshot.Link | None, refused: bool
) -> None:
    """Delete rows that the move made. If the database cannot tell ovs-vswitchd to let go of the NIC, the kernel itself
    takes it out of its datapath, and the database, which may take its time to refuse, is asked after that.
    """
    there = old is not None and new is not None and new.index == old.index
    held = there and old is not None and new is not None and (old.held_by, new.held_by) == (None, _ovs_ops.SYSTEM)
    if held and (rows.is_unreachable or refused or not rows.is_listed):
        planner.do(_uplink_ops.DatapathRelease(None, rows.uplink))
    for op in () if rows.is_unreachable else rows.too_many(old):
        planner.do(op)


class _WayBack(_plan.Planner):
    """Collects all ops that are possible: if one step is refused, the others are still tried."""

    def do(self, op: _ops.Op) -> None:
        with contextlib.suppress(_errors.NetloomError, KeyError):
            super().do(op)


def _is_another(old: _snapshot.Link | None, new: _snapshot.Link | None) -> bool:
    return old is not None and new is not None and None not in (old.index, new.index) and old.index != new.index


def _restore_attributes(
    planner: _plan.Planner, old: _snapshot.Link, ns: _snapshot.NsKey, keys: t.Collection[str]
) -> None:
    new = planner.now.namespaces[ns].links[old.name]
    known = planner.now.link(ns, old.master) is not None if old.master else True
    changes: dict[str, t.Any] = {"master": old.master} if old.master != new.master and known else {}
    changes.update(
        {
            key: getattr(old, key)
            for key in keys
            if getattr(old, key) is not None and getattr(old, key) != getattr(new, key)
        }
    )
    if changes:
        planner.do(_link_ops.LinkSet(ns, old.name, changes))


def _take_strays(planner: _plan.Planner, old: _snapshot.Namespace, ns: _snapshot.NsKey, name: str) -> None:
    had, has = _uplink.belongings(old, name), _uplink.belongings(planner.now.namespaces[ns], name)
    keys, routes = {address.key for address in had.addresses}, set(had.routes)
    strays = _uplink.Belongings(
        tuple(address for address in has.addresses if address.key not in keys),
        tuple(route for route in has.routes if route not in routes),
        tuple(neighbour for neighbour in has.neighbours if neighbour not in had.neighbours),
    )
    _uplink.take(planner, strays, ns, name)


def _take_unrouted(planner: _plan.Planner, old: _snapshot.Namespace, ns: _snapshot.NsKey, name: str) -> None:
    """Remove the IPv6 addresses too if a killed run left them without their connected route: that route is only made
    with an address.
    """
    new = planner.now.namespaces[ns]
    if _connected_six(old, name) - _connected_six(new, name):
        for address in _address_ops.to_delete(_uplink.belongings(new, name).addresses):
            if address.six:
                planner.do(_address_ops.AddressDelete(ns, name, address.cidr, address.detail.get("peer")))


def _connected_six(ns: _snapshot.Namespace, name: str) -> set[str]:
    return {route.destination for route in ns.routes.by(name) if route.family == 6 and route.protocol == "kernel"}


def _give_back(planner: _plan.Planner, what: _uplink.Belongings, ns: _snapshot.NsKey, name: str) -> None:
    _uplink.give(planner, what, ns, name)
    routes = planner.now.namespaces[ns].routes
    for route in what.routes:
        if route not in routes:
            planner.do(_stack_ops.RouteSet(ns, route))
