# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the module reachability that listens for other hosts, sends them frames, and tells what was heard."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import _requirements
from ansible_collections.netloom.linux.plugins.module_utils._host import _host
from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _ovn_end
from ansible_collections.netloom.linux.plugins.module_utils._host.probes import _ears, _tunnels
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _listening,
    _scope,
    _segments,
    _snapshot,
)

Params = t.Mapping[str, t.Any]
SPEC: dict[str, t.Any] = {
    "run": {"type": "str"},
    "listeners": {"type": "list", "elements": "dict", "options": _listening.LISTENERS},
    "listen_seconds": {"type": "int", "default": 60},
    "frames": {"type": "list", "elements": "dict", "options": _listening.FRAMES},
    "collect": {"type": "bool", "default": False},
}
WORK = ("probes", "listeners", "frames", "collect")  # what a task may do


def check(params: Params) -> None:
    """Check the options of this part, and that there is something to do. Raises BadInput."""
    asked = [one for one in WORK if params[one] not in (None, False)]
    if not asked:
        raise _errors.BadInput(f"probes: is missing; give at least one of {', '.join(WORK[:-1])} or {WORK[-1]}.")
    mine = next((one for one in asked if one != "probes"), None)
    remote = next(
        (
            f"probes[{index}].host"
            for index, one in enumerate(params["probes"] or ())
            if one.get("host") is not None and one["protocol"] in ("tcp", "udp")
        ),
        None,
    )
    _listening.checked_run(params["run"], mine or remote)
    seconds = params["listen_seconds"]
    if not _listening.LEAST_SECONDS <= seconds <= _listening.MOST_SECONDS:
        raise _errors.BadInput(
            f"listen_seconds: {seconds} is out of range; it must lie between {_listening.LEAST_SECONDS} and"
            f" {_listening.MOST_SECONDS}."
        )
    _listening.ears(params["listeners"] or ())
    _listening.frames(params["frames"] or ())


def listen(params: Params, host: _host.Host) -> dict[str, t.Any]:
    """Start the listeners, and tell where they are and what they stand on."""
    if params["listeners"] is None:
        return {}
    ears = _listening.ears(params["listeners"])
    ovs = _requirements.with_ovs(_snapshot.OvsTarget())
    snapshot = host.read(_scope.Scope(namespaces={None, *(ear.ns for ear in ears)}, ovs=ovs))
    segments = _segments.Segments(snapshot)
    opened = _ears.Ears(params["run"], params["listen_seconds"])
    try:
        rows = [_open(opened, ear, snapshot, segments) for ear in ears]
        opened.leave()
    finally:
        opened.close()
    addresses = [
        address.cidr.split("/")[0]
        for link in snapshot.namespaces[None].links.values()
        for address in link.addresses
        if link.name != "lo" and not address.cidr.startswith("fe80:")
    ]
    ovn = _ovn_end.read(snapshot)
    told = {"listening": rows, "tunnels": _tunnels.read(snapshot), "addresses": addresses}
    return told if ovn is None else {**told, "ovn": ovn}


def _open(
    opened: _ears.Ears, ear: _listening.Ear, snapshot: _snapshot.Snapshot, segments: _segments.Segments
) -> dict[str, t.Any]:
    row: dict[str, t.Any] = {"netns": ear.ns, "interface": ear.interface}
    problem = _listening.problem(snapshot, ear.ns, ear.interface)
    if not problem:
        link = snapshot.namespaces[ear.ns].links[ear.interface]
        hanging = segments.hanging((ear.ns, ear.interface))
        row |= {
            "mac": link.mac,
            "mtu": link.mtu,
            "addresses": [one.cidr for one in link.addresses if not one.cidr.startswith("fe80:")],
            "bridge": hanging.ovs.bridge if hanging.ovs else hanging.bridge[1] if hanging.bridge else None,
        }
        ports, problem = opened.open(ear)
        row |= ports
    return {**row, "problem": problem or None}


def send(params: Params, host: _host.Host) -> dict[str, t.Any]:
    """Send the frames."""
    if params["frames"] is None:
        return {}
    frames = _listening.frames(params["frames"])
    snapshot = host.read(_scope.Scope(namespaces={None, *(one.ns for one in frames)}))
    problems = _ears.send(frames, snapshot, params["run"], params["count"])
    return {"frames": [{"name": one.name, "problem": why or None} for one, why in zip(frames, problems)]}


def collect(params: Params) -> dict[str, t.Any]:
    """End the listeners, and tell what they heard."""
    return _ears.collect(params["run"]) if params["collect"] else {}
