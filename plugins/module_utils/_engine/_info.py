# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host has, as the lists that topology takes. A topology with these lists changes nothing."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import _quiet_module, _requirements, _topology
from ansible_collections.netloom.linux.plugins.module_utils._host import _host
from ansible_collections.netloom.linux.plugins.module_utils._host.namespaces import _namespaces
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _told
from ansible_collections.netloom.linux.plugins.module_utils._kinds.nat import _nat_forwarding
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _daemon_ops,
    _errors,
    _paths,
    _plan,
    _scope,
    _snapshot,
    _values,
    _words,
)


def gather(
    host: _host.Host, names: list[str] | None, include_host: bool, *, assume: bool = False, show_etc_files: bool = False
) -> _plan.Params:
    """The result of the module netns_info. Raises Missing for an unknown name, or warns about it if ``assume`` says
    that an earlier task may create it.
    """
    target = _snapshot.OvsTarget()
    snapshot = _read(host, names, include_host, target)
    wanted = [
        ns for ns in snapshot.namespaces if ns is not None and not ns.startswith("/") and (not names or ns in names)
    ]
    missing = [
        f"names[{index}]: there is no namespace '{name}' on this host.{_words.meant(name, snapshot.spaces())}"
        for index, name in enumerate(names or ())
        if not snapshot.has(_values.netns_name(name, f"names[{index}]"))
    ]
    if missing and not assume:
        raise _errors.Missing(" ".join(missing))
    living = [ns for ns in wanted if snapshot.has(ns)]
    found, left_out = _told.tell(snapshot, target, [*living, *((None,) if include_host else ())], view_of)
    files = {
        str(one["name"]): one["etc_files"] if show_etc_files else one.pop("etc_files")
        for one in found["netns"]
        if "etc_files" in one
    }
    told: set[_snapshot.NsKey] = set(living) | ({None} if include_host else set())
    facts = {str(ns): _of_namespace(snapshot.namespaces[ns]) for ns in living}
    for ns, told_of in files.items():
        facts[ns]["etc_files"] = _quiet_module.digests(told_of)
    return {
        "changed": False,
        "netns_info": {kind: [_shown(entry) for entry in entries] for kind, entries in found.items()},
        "namespaces": facts,
        "leases": _leases(snapshot, set(living)),
        "links": _links(snapshot, told),
        "daemons": [_running(one) for one in snapshot.daemons.values() if one.alive and one.netns in told],
        "dangling": [ns for ns in wanted if not snapshot.has(ns)],
        "warnings": [*(f"{sentence} An earlier task may make it." for sentence in missing), *left_out],
    }


def _of_namespace(space: _snapshot.Namespace) -> _plan.Params:
    return {"inode": space.inode, "pids": sorted(space.processes or ()), "attached": space.attached}


def _links(snapshot: _snapshot.Snapshot, told: t.Collection[_snapshot.NsKey]) -> list[_plan.Params]:
    """The links of these namespaces, but those that the kernel makes in each."""
    return [
        _facts(key, link)
        for key in sorted(told, key=lambda ns: ns or "")
        for link in snapshot.namespaces[key].links.values()
        if not link.fallback
    ]


def _running(one: _snapshot.Daemon) -> _plan.Params:
    unit = _daemon_ops.unit_of(one) if one.supervised else None
    return {
        "netns": one.netns,
        "name": one.name,
        "kind": one.kind,
        "pid": one.pid,
        "unit": unit,
        "edited": sorted(one.unread),
    }


def _facts(ns: _snapshot.NsKey, link: _snapshot.Link) -> _plan.Params:
    """The facts of a link that no option sets. They differ after a link is recreated."""
    leased = [address.cidr for address in link.addresses if address.dynamic]
    return {
        "netns": ns,
        "name": link.name,
        "ifindex": link.index,
        "mac": link.mac,
        "up": link.up,
        "carrier": link.carrier,
        "dynamic_addresses": leased,
    }


def _read(
    host: _host.Host, names: list[str] | None, include_host: bool, target: _snapshot.OvsTarget
) -> _snapshot.Snapshot:
    scope = _scope.Scope(every_namespace=True, every_daemon=True, trees={"/etc/netns", _paths.MOVED})
    # nft is a process for each namespace, so it is asked only where a record says that there is something of ours.
    scope.nft = {ns for ns in (None, *_namespaces.names()) if os.path.exists(_paths.nat_record(ns))}
    scope.neighbours = scope.rules = {*(names or _namespaces.names()), *({None} if include_host else ())}
    scope.fdb = {(ns, None) for ns in scope.neighbours}
    scope.sysctls = {(ns, None, key) for ns in scope.nft for key in _nat_forwarding.SWITCHES}
    scope.ovs = _requirements.with_ovs(target)
    snapshot = host.read(scope)
    living = {ns for ns in snapshot.namespaces if ns is not None and snapshot.has(ns) and (not names or ns in names)}
    processes = host.read(_scope.Scope(namespaces={None, *living}, processes=set(living)))
    for ns in living:
        if ns in processes.namespaces:
            snapshot.namespaces[ns].processes = processes.namespaces[ns].processes
    return snapshot


def _shown(entry: _plan.Params) -> _plan.Params:
    return {name: value for name, value in {"state": "present", **entry}.items() if value is not None and value != {}}


def view_of(snapshot: _snapshot.Snapshot, kind: str, **params: t.Any) -> _plan.Params:
    """An object in the shape of the options of its kind, looked up by the options that identify it."""
    entry = _topology.EntryReader().read(kind, {name: value for name, value in params.items() if value is not None}, "")
    return entry.kind.view(entry.spec, snapshot) or {}


def _leases(snapshot: _snapshot.Snapshot, wanted: set[_snapshot.NsKey]) -> list[_plan.Params]:
    """The leases of the living clients. ``applied``: whether the interface has the address."""
    return [
        {
            "netns": one.netns,
            "interface": one.name,
            "family": _daemon_ops.family_of(one),
            "client": one.kind,
            **one.lease.shown,
            "applied": _daemon_ops.lost_lease(one, snapshot.namespaces[one.netns]) is None,
        }
        for one in snapshot.daemons.values()
        if one.alive and one.netns in wanted and one.lease is not None
    ]
