# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checksum guard of veth ends on Open vSwitch's userspace datapath.

A veth end leaves TCP and UDP checksums to whoever sends the frame on in the end (transmit offload), because
between two kernels' ends nobody looks at them. The userspace datapath reads frames from a packet socket and
forwards them with the unfinished checksum: ping works, TCP does not. So the far end has to compute checksums
itself: its transmit checksum offload is switched off. Elsewhere that would only cost throughput.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _checksum_ops,
    _identity,
    _ops,
    _paths,
    _plan,
    _record_ops,
    _scope,
    _snapshot,
)


def guard_scope(scope: _scope.Scope, port: str) -> None:
    """Add the far end, wherever it is, and our record to the scope."""
    scope.peers_of.add(port)
    scope.files.add(_paths.tx_checksum_record(port))


def far_end(snapshot: _snapshot.Snapshot, port: str) -> tuple[_snapshot.NsKey, _snapshot.Link] | None:
    """The other end of a veth that is a port."""
    link = snapshot.link(None, port)
    if link is None or link.kind != "veth" or link.peer is None:
        return None
    peer = snapshot.link(*link.peer)
    return (link.peer[0], peer) if peer is not None else None


def guard(
    planner: _plan.Planner, target: _snapshot.OvsTarget, bridge: _snapshot.OvsBridge, port: str, wanted: bool | None
) -> None:
    """Switch the far end's offload off where the datapath needs it; ``wanted`` is the user's own word, None: as
    needed.
    """
    now = planner.now
    link = now.link(None, port)
    if link is None or link.kind != "veth":
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
        planner.do(_checksum_ops.TxChecksum(ns, end.name, False))
    elif wanted and end.tx_checksum is False:
        planner.do(_checksum_ops.TxChecksum(ns, end.name, True))
        forget(planner, port)


def put_back(planner: _plan.Planner, port: str) -> None:
    """Switch the offload on again if we switched it off, and if it is still the same end."""
    found = far_end(planner.now, port)
    record = _read(planner.now.files.get(_paths.tx_checksum_record(port)))
    if found is not None and record is not None:
        ns, end = found
        space = planner.now.namespaces[ns]
        same = (record.get("netns"), record.get("link")) == (ns, end.name) and record.get("index") in (None, end.index)
        same = same and (record.get("inode") is None or _identity.is_marked(space, record))
        if same and end.tx_checksum is False and (ns, end.name) not in planner.pinned_checksums:
            planner.do(_checksum_ops.TxChecksum(ns, end.name, True))
    forget(planner, port)


def forget(planner: _plan.Planner, port: str) -> None:
    """Delete our record."""
    if planner.now.files.get(_paths.tx_checksum_record(port)) is not None:
        planner.do(_ops.FileDelete(_paths.tx_checksum_record(port), quiet=True))


def _read(text: str | None) -> dict[str, t.Any] | None:
    try:
        found = json.loads(text) if text else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
