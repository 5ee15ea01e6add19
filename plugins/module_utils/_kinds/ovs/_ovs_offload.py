# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The offloads that a port of Open vSwitch's userspace datapath cannot bear, whoever put it there: ovs_port or an
uplink.

That datapath reads what a port receives from a packet socket, frame by frame. Elsewhere the offloads save work, so they
are switched off only for a port of that datapath, and given back when it ceases to be one.

- A veth end leaves TCP and UDP checksums to whoever sends the frame on in the end (transmit offload), because between
  two kernels' ends nobody looks at them. This datapath forwards the unfinished checksum: ping works, TCP does not. So
  the far end has to compute checksums itself.
- A card joins the packets that it receives (GRO). What is longer than the port's MTU is dropped by this datapath, and
  TCP gets a hundredth of its speed. So each link that joins what the port receives ceases to (``_receivers``).
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _identity,
    _offload_ops,
    _ops,
    _paths,
    _plan,
    _receivers,
    _record_ops,
    _scope,
    _snapshot,
)


def guard_scope(scope: _scope.Scope, port: str) -> None:
    """Add what a port receives by, its far end, wherever that is, and our records to the scope."""
    scope.peers_of.add(port)
    scope.files.add(_paths.tx_checksum_record(port))
    _receiving_scope(scope)


def every_scope(scope: _scope.Scope) -> None:
    """Add whatever we switched off to the scope, of any port."""
    scope.trees.add(_paths.tx_checksums())
    _receiving_scope(scope)


def _receiving_scope(scope: _scope.Scope) -> None:
    scope.trees.add(_paths.receive_offloads())
    scope.receiving = True


def guard(
    planner: _plan.Planner,
    target: _snapshot.OvsTarget,
    port: _snapshot.OvsPort,
    peer_tx_checksum: bool | None = None,
    receive_offload: bool | None = None,
) -> None:
    """Switch off what the datapath of the port's bridge cannot bear, and give back what it can. A user's own word
    wins, None: as needed.
    """
    if planner.now.link(None, port.name) is None:
        return
    bridge = planner.now.ovs[target].bridges[port.bridge]
    _guard_checksums(planner, target, bridge, port.name, peer_tx_checksum)
    _guard_receiving(planner, target, bridge, port.name, receive_offload)


def put_back(planner: _plan.Planner, target: _snapshot.OvsTarget, going: t.Collection[str]) -> None:
    """Switch on again what we switched off for these ports, which go, if it is still the same link."""
    for port in going:
        _put_checksums_back(planner, port)
        _put_receiving_back(planner, target, port, going)


# --- the checksums of what the far end sends ---


def far_end(snapshot: _snapshot.Snapshot, port: str) -> tuple[_snapshot.NsKey, _snapshot.Link] | None:
    """The other end of a veth that is a port."""
    link = snapshot.link(None, port)
    if link is None or link.kind != "veth" or link.peer is None:
        return None
    peer = snapshot.link(*link.peer)
    return (link.peer[0], peer) if peer is not None else None


def _guard_checksums(
    planner: _plan.Planner, target: _snapshot.OvsTarget, bridge: _snapshot.OvsBridge, port: str, wanted: bool | None
) -> None:
    now = planner.now
    link = now.namespaces[None].links[port]
    if link.kind != "veth":
        return
    needed = bridge.datapath_type == "netdev" if wanted is None else not wanted
    found = far_end(now, port)
    if found is None:
        if needed and link.index is not None:  # (one that only this plan knows has no peer yet)
            planner.warn(
                f"The other end of veth '{port}' is in a namespace that cannot be found. TCP and UDP from it will fail"
                f" over the userspace datapath of '{bridge.name}' until its transmit checksum offload is off (ethtool"
                " -K END tx off)."
            )
        return
    ns, end = found
    if ns is None and end.name in now.ovs[target].ports:
        return  # both ends are ports, so nobody sends with unfinished checksums there
    if (ns, end.name) in planner.pinned_checksums:
        if needed and end.tx_checksum:
            planner.warn(
                f"'{end.name}' keeps its transmit checksum offload (tx_checksum of its veth says so): TCP and UDP from"
                f" it fail over '{bridge.name}'."
            )
        return
    if needed and end.tx_checksum:
        facts = {"netns": ns, "link": end.name, "index": end.index}
        # First, because a run that is killed must not forget that it was on.
        planner.do(_record_ops.SpaceRecord(ns, _paths.tx_checksum_record(port), facts))
        planner.do(_offload_ops.TxChecksum(ns, end.name, False))
    elif wanted and end.tx_checksum is False:
        planner.do(_offload_ops.TxChecksum(ns, end.name, True))
        _forget(planner, _paths.tx_checksum_record(port))
    elif not needed and wanted is None:
        _put_checksums_back(planner, port)


def _put_checksums_back(planner: _plan.Planner, port: str) -> None:
    found = far_end(planner.now, port)
    record = _read(planner.now.files.get(_paths.tx_checksum_record(port)))
    if found is not None and record is not None:
        ns, end = found
        space = planner.now.namespaces[ns]
        same = (record.get("netns"), record.get("link")) == (ns, end.name) and record.get("index") in (None, end.index)
        same = same and (record.get("inode") is None or _identity.is_marked(space, record))
        if same and end.tx_checksum is False and (ns, end.name) not in planner.pinned_checksums:
            planner.do(_offload_ops.TxChecksum(ns, end.name, True))
    _forget(planner, _paths.tx_checksum_record(port))


# --- the joining of what the port receives ---


def joins(snapshot: _snapshot.Snapshot, port: str) -> bool | None:
    """Whether anybody joins what a port receives. None: nobody could."""
    links = snapshot.namespaces[None].links
    found = [_receivers.joins(links[name]) for name in _receivers.receivers(links, port)]
    return any(found) if found else None


def is_switched_off(snapshot: _snapshot.Snapshot, port: str) -> bool:
    """Whether we switched off the joining of what a port receives."""
    return any(_is_ours(snapshot, name) for name in _receivers.receivers(snapshot.namespaces[None].links, port))


def _guard_receiving(
    planner: _plan.Planner, target: _snapshot.OvsTarget, bridge: _snapshot.OvsBridge, port: str, wanted: bool | None
) -> None:
    needed = bridge.datapath_type == "netdev" if wanted is None else not wanted
    links = planner.now.namespaces[None].links
    for name in _receivers.receivers(links, port):
        if needed and _receivers.joins(links[name]):
            planner.do(_record_ops.LinkRecord(None, name, _paths.receive_offload_record(name), {"port": port}))
            planner.do(_offload_ops.ReceiveOffload(None, name, False))
        elif wanted and links[name].gro is False:
            planner.do(_offload_ops.ReceiveOffload(None, name, True))
            _forget(planner, _paths.receive_offload_record(name))
    if not needed and wanted is None:
        _put_receiving_back(planner, target, port, ())


def _put_receiving_back(
    planner: _plan.Planner, target: _snapshot.OvsTarget, port: str, going: t.Collection[str]
) -> None:
    """``going``: ports that need it no longer. A card may be below several: it joins again when the last one goes."""
    links = planner.now.namespaces[None].links
    below = {port, *_receivers.receivers(links, port)}
    for name, record in _records(planner.now).items():
        # Those below it, and those that were when it was guarded: a VLAN may be gone by now.
        if (name not in below and record.get("port") != port) or _needs(planner.now, target, name, going):
            continue
        if _is_ours(planner.now, name) and links[name].gro is False:
            planner.do(_offload_ops.ReceiveOffload(None, name, True))
        _forget(planner, _paths.receive_offload_record(name))


def _needs(now: _snapshot.Snapshot, target: _snapshot.OvsTarget, name: str, going: t.Collection[str]) -> bool:
    """Whether a port that stays receives by this link on the userspace datapath."""
    ovs, links = now.ovs[target], now.namespaces[None].links
    userspace = {bridge.name for bridge in ovs.bridges.values() if bridge.datapath_type == "netdev"}
    return any(
        name in _receivers.receivers(links, device)
        for port in ovs.ports.values()
        if port.bridge in userspace and port.type == "" and port.name not in going
        for device in port.interfaces or (port.name,)
    )


def _records(now: _snapshot.Snapshot) -> dict[str, dict[str, t.Any]]:
    folder = _paths.receive_offloads()
    return {path[len(folder) + 1 : -len(".json")]: _read(text) or {} for path, text in now.below(folder).items()}


def _is_ours(now: _snapshot.Snapshot, name: str) -> bool:
    """Whether we switched off exactly this link: another one may have the name now."""
    link, record = now.link(None, name), _read(now.files.get(_paths.receive_offload_record(name)))
    if link is None or record is None or not _identity.is_marked(now.namespaces[None], record):
        return False
    return (record.get("ifindex"), record.get("permanent_mac")) == (link.index, link.permanent_mac)


# --- records ---


def _forget(planner: _plan.Planner, path: str) -> None:
    if planner.now.files.get(path) is not None:
        planner.do(_ops.FileDelete(path, quiet=True))


def _read(text: str | None) -> dict[str, t.Any] | None:
    try:
        found = json.loads(text) if text else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
