# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The snapshot: everything a scope asks for, read in bulk, each namespace entered once."""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host import _answers
from ansible_collections.netloom.linux.plugins.module_utils._host.daemons import _daemons
from ansible_collections.netloom.linux.plugins.module_utils._host.files import _files, _sysctl
from ansible_collections.netloom.linux.plugins.module_utils._host.lasting import _boots
from ansible_collections.netloom.linux.plugins.module_utils._host.namespaces import _namespaces
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import (
    _ethtool,
    _fdb_tables,
    _link_data,
    _neighbours,
    _route_reader,
    _rtnl,
    _rules,
)
from ansible_collections.netloom.linux.plugins.module_utils._host.nft import _nftables
from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _ovsdb, _southbound
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _identity,
    _ovn,
    _paths,
    _routes,
    _scope,
    _snapshot,
)

T = t.TypeVar("T")


class Reader:
    """Reads with sockets that it borrows (one for each namespace, opened in it)."""

    def __init__(
        self, socket_in: t.Callable[[_snapshot.NsKey], _rtnl.Rtnl], ovs: t.Callable[[], _ovsdb.OvsConnections]
    ) -> None:
        self._socket_in = socket_in
        self._ovs = ovs
        # What the scope asks for, by namespace.
        self._sysctls: dict[_snapshot.NsKey, list[tuple[str | None, str]]] = {}
        self._routes: dict[_snapshot.NsKey, list[_routes.Question]] = {}
        self._moving: dict[_snapshot.NsKey, list[str]] = {}
        self._fdb: dict[_snapshot.NsKey, list[str | None]] = {}
        self._southbounds: _southbound.Southbounds | None = None
        self._far_ends: set[str] = set()  # ports whose far ends' checksum offload we switched off

    def read(self, scope: _scope.Scope) -> _snapshot.Snapshot:
        """Read one snapshot of everything that the scope names."""
        snapshot = _snapshot.Snapshot(system_datapath=bool(scope.ovs) and _ovsdb.system_datapath())
        snapshot.answers = _answers.to(scope.questions)
        scope = self._with_far_ends(_with_containers(scope, snapshot))
        self._sysctls = _by_namespace((ns, (link, name)) for ns, link, name in scope.sysctls)
        self._routes, self._moving = _by_namespace(scope.routes), _by_namespace(scope.moving)
        self._fdb = _by_namespace(scope.fdb)
        wanted = set(scope.namespaces) | (set(_namespaces.names()) if scope.every_namespace else set())
        for key in sorted(wanted, key=lambda ns: ns or ""):
            try:
                found = self._namespace(key, scope)
            except _errors.HostError:
                if key in scope.namespaces:
                    raise
                continue  # nobody asked for it: it is only one of all, somebody may be deleting it, or it leads home
            if found is not None:
                snapshot.namespaces[key] = found
            elif not snapshot.names:
                snapshot.names = tuple(_namespaces.names())
        self._resolve_peers(snapshot)
        self._follow_peers(snapshot, scope)
        self._read_processes(snapshot, scope)
        for target in sorted(scope.ovs, key=str):
            snapshot.ovs[target] = self._ovs().read(target)
        snapshot.southbound = self._southbound(scope, snapshot)
        snapshot.files = {path: _files.read(path) for path in sorted(scope.files)}
        for folder in sorted(scope.trees):
            snapshot.files.update(_files.read_tree(folder))
            if folder.startswith(_paths.ETC):
                snapshot.access.update(_files.access_below(folder))
        # Most topologies have nothing saved, and _boots takes time to import.
        saved = (
            (name, _boots.read(name))
            for name in sorted(scope.boots)
            if any(os.path.lexists(path) for path in _paths.boot_traces(name))
        )
        snapshot.boots = {name: boot for name, boot in saved if boot is not None}
        if scope.daemons or scope.every_daemon:
            snapshot.daemons = _daemons.read(scope)
        return snapshot

    def _southbound(
        self, scope: _scope.Scope, snapshot: _snapshot.Snapshot
    ) -> dict[_snapshot.OvsTarget, _ovn.Southbound]:
        """What the southbound databases say. They are asked for a port only while it is not in effect."""
        unbound: dict[_snapshot.OvsTarget, set[str]] = {}
        for target, name in scope.bindings:
            port = snapshot.ovs[target].ports.get(name)
            if port is not None and port.iface_id is not None and not port.ovn_installed:
                unbound.setdefault(target, set()).add(port.iface_id)
        asked = {*scope.chassis, *(one for one in unbound if _ovn.REMOTE in snapshot.ovs[one].external_ids)}
        if asked:
            self._southbounds = self._southbounds or _southbound.Southbounds()
        return {
            one: self._southbounds.read(snapshot.ovs[one], scope.chassis.get(one), unbound.get(one, ()))
            for one in asked
            if self._southbounds is not None
        }

    def _with_far_ends(self, scope: _scope.Scope) -> _scope.Scope:
        """The scope with the far ends whose checksum offload we switched off, if it asks for the records of these. A
        run that deletes a record looks at its far end once more.
        """
        folder = _paths.tx_checksums()
        if folder not in scope.trees:
            return scope
        self._far_ends |= {os.path.basename(path)[: -len(".json")] for path in _files.read_tree(folder)}
        return dataclasses.replace(scope, peers_of=scope.peers_of | self._far_ends)

    def _namespace(self, key: _snapshot.NsKey, scope: _scope.Scope) -> _snapshot.Namespace | None:
        path = _namespaces.path_of(key)
        inode = _namespaces.network_inode_of(path) if path == key else _namespaces.inode_of(path)
        if inode is None:
            return _snapshot.Namespace(key, dangling=True) if _namespaces.exists(key) else None
        if _leads_home(key, inode):
            raise _errors.HostError(
                f"{path} is a link to {os.readlink(path)}, and that process is in the host's own namespace: what is"
                f" declared for '{key}' would be done to the host. If the process that was meant is gone, remove the"
                " link; otherwise leave the namespace out."
            )
        socket = self._socket_in(key)
        links = socket.links()
        names = {link.index: link.name for link in links.values() if link.index}
        routes = _routes.Routes(source=_route_reader.RouteSource(lambda: self._socket_in(key), names))
        _ask_routes(routes, self._routes.get(key, ()))
        pairs = [name for name, link in links.items() if link.kind == "veth"]
        offload = socket.by_hand(lambda control: _ethtool.tx_checksums(control, pairs))
        links.update({name: dataclasses.replace(links[name], tx_checksum=on) for name, on in offload.items()})
        if key is None and scope.receiving:
            joins = socket.by_hand(lambda control: _ethtool.receive_offloads(control, links.values()))
            links.update({name: dataclasses.replace(links[name], gro=on) for name, on in joins.items()})
        sysctl = self._sysctls_and_moving(key, socket, links)
        if key is None:  # /sys shows the links of the namespace that we run in, and of no other
            links.update(
                {
                    name: dataclasses.replace(link, mac_set=_link_data.mac_is_set(name))
                    for name, link in links.items()
                    if link.kind == "bridge"
                }
            )
        if key in self._fdb:
            links.update(socket.by_hand(lambda sock: _fdb_tables.read(sock, links, self._fdb[key])))
        nft = _nftables.read(key) if key in scope.nft else None
        inode, cookie = socket.key
        attached = _is_attached(key, (inode, cookie))
        found = _snapshot.Namespace(
            key, inode, cookie, attached=attached, links=links, routes=routes, sysctl=sysctl, nft=nft
        )
        _read_written(found, scope, socket)
        return found

    def _sysctls_and_moving(
        self, key: _snapshot.NsKey, socket: _rtnl.Rtnl, links: dict[str, _snapshot.Link]
    ) -> dict[tuple[str | None, str], str | None]:
        """Read the sysctls that the scope asks for, and add to links that may move what they would lose. Nothing of
        this is asked for in most namespaces, which are not entered then.
        """
        asked, moving = self._sysctls.get(key, ()), [name for name in self._moving.get(key, ()) if name in links]
        if not asked and not moving:
            return {}
        with _namespaces.entered(key):
            sysctl = {(link, name): _sysctl.read(link, name) for link, name in asked}
            for link in moving:
                sysctl.update({(link, name): value for name, value in _sysctl.own(link).items()})
            lost = socket.lost_by_moving([links[name] for name in moving])
        links.update({name: dataclasses.replace(links[name], **found) for name, found in lost.items()})
        return sysctl

    def _resolve_peers(self, snapshot: _snapshot.Snapshot) -> None:
        """Set the other end of each veth that is in a namespace of the snapshot.

        ifindexes are only unique inside a namespace, so equal numbers are candidates; the id that the one
        namespace gives to the other decides.
        """
        claims: dict[tuple[int | None, int | None], list[tuple[_snapshot.NsKey, _snapshot.Link]]] = {}
        for key, ns in snapshot.namespaces.items():
            for link in ns.links.values():
                if link.kind == "veth":
                    claims.setdefault((link.index, link.peer_index), []).append((key, link))
        nsids: dict[tuple[_snapshot.NsKey, _snapshot.NsKey], int | None] = {}
        for (index, peer_index), ends in claims.items():
            for key, link in ends:
                if snapshot.namespaces[key].links[link.name].peer is not None:
                    continue  # its other end has told
                found = (end for end in claims.get((peer_index, index), ()) if self._is_peer(key, link, end[0], nsids))
                for other_key, other in itertools.islice(found, 1):
                    _join(snapshot, (key, link.name), (other_key, other.name))
        self._name_parents(snapshot)

    def _is_peer(
        self,
        key: _snapshot.NsKey,
        link: _snapshot.Link,
        other: _snapshot.NsKey,
        nsids: dict[tuple[_snapshot.NsKey, _snapshot.NsKey], int | None],
    ) -> bool:
        if link.peer_nsid is None:
            return key == other
        if key == other:
            return False
        if (key, other) not in nsids:
            nsids[(key, other)] = self._socket_in(key).nsid_of(_namespaces.path_of(other))
        return nsids[(key, other)] == link.peer_nsid

    def _name_parents(self, snapshot: _snapshot.Snapshot) -> None:
        """Set the parent of a macvlan, vxlan, ... whose parent is on the host while the link is in a namespace."""
        host = {link.index: link.name for link in snapshot.namespaces[None].links.values()}
        for key, ns in snapshot.namespaces.items():
            for link in list(ns.links.values()):
                if key is None or link.kind in ("", "veth") or link.peer_nsid is None or link.peer_index not in host:
                    continue
                if self._socket_in(key).nsid_of(_namespaces.path_of(None)) == link.peer_nsid:
                    snapshot.put(key, link.with_data(parent=host[link.peer_index], parent_on_host=True))

    def _follow_peers(self, snapshot: _snapshot.Snapshot, scope: _scope.Scope) -> None:
        """Read the namespaces, named or not, that hold the other ends of these veths of the host."""
        unknown = [
            link
            for link in snapshot.namespaces[None].links.values()
            if link.name in scope.peers_of and link.kind == "veth" and link.peer is None
        ]
        host = self._socket_in(None)
        found = False
        for nsid in sorted({link.peer_nsid for link in unknown if link.peer_nsid is not None}):

            def holds(path: str, nsid: int = nsid) -> bool:
                return host.nsid_of(path) == nsid

            path = _namespaces.holder_of(holds)
            if path is None:
                continue
            key = path[len(_namespaces.NETNS_DIR) + 1 :] if path.startswith(_namespaces.NETNS_DIR + "/") else path
            read = self._namespace(key, scope)
            if read is not None:
                snapshot.namespaces[key] = read
                found = True
        if found:
            self._resolve_peers(snapshot)

    @staticmethod
    def _read_processes(snapshot: _snapshot.Snapshot, scope: _scope.Scope) -> None:
        inodes = {snapshot.namespaces[key].inode: key for key in scope.processes if key in snapshot.namespaces}
        living = {inode for inode in inodes if inode is not None}
        if not living:
            return
        found = _namespaces.processes(living)
        for inode in living:
            snapshot.namespaces[inodes[inode]].processes = found.get(inode, {})


def _join(snapshot: _snapshot.Snapshot, *ends: tuple[_snapshot.NsKey, str]) -> None:
    """Let two links be the ends of one pair."""
    for (ns, name), other in zip(ends, reversed(ends)):
        snapshot.put(ns, dataclasses.replace(snapshot.namespaces[ns].links[name], peer=other))


def _by_namespace(asked: t.Iterable[tuple[_snapshot.NsKey, T]]) -> dict[_snapshot.NsKey, list[T]]:
    """What is asked for, by namespace, in one order: routes stand in the order in which they are read."""
    found: dict[_snapshot.NsKey, list[T]] = {}
    for ns, one in sorted(asked, key=str):
        found.setdefault(ns, []).append(one)
    return found


def _ask_routes(routes: _routes.Routes, questions: t.Sequence[_routes.Question]) -> None:
    """Read now the routes that a scope asks for, all destinations at once. Other routes are read when a plan looks for
    them.
    """
    routes.prepare([question for question in questions if question[0] == "to"])
    for question in questions:
        routes.ask(question)


def _read_written(ns: _snapshot.Namespace, scope: _scope.Scope, socket: _rtnl.Rtnl) -> None:
    """Read neighbours and policy rules of the namespaces for which the scope asks for them."""
    names = {link.index: link.name for link in ns.links.values() if link.index}
    if ns.key in scope.neighbours:
        ns.neighbours = socket.by_hand(lambda sock: _neighbours.written(sock, names))
    if ns.key in scope.rules:
        ns.rules = socket.by_hand(_rules.read)


def _with_containers(scope: _scope.Scope, snapshot: _snapshot.Snapshot) -> _scope.Scope:
    """The scope with the namespaces of the running containers that it asks for. Only the answers tell where these
    are.
    """
    asked = sorted((one for one in scope.questions if isinstance(one, _scope.ContainerOf)), key=str)
    found = [
        (question, state.path) for question in asked for state in snapshot.answers[question] if state.state == "running"
    ]
    return dataclasses.replace(
        scope,
        namespaces=scope.namespaces | {path for _question, path in found},
        sysctls=scope.sysctls | {(path, None, key) for question, path in found for key in question.sysctls},
    )


def _leads_home(key: _snapshot.NsKey, inode: int) -> bool:
    """Whether the path leads to the host. Container tools name a process by a link, and the kernel may give its pid to
    a process of the host.
    """
    if key is None or key.startswith("/") or not os.path.islink(_namespaces.path_of(key)):
        return False
    return inode == _namespaces.inode_of(_namespaces.path_of(None))


def _is_attached(key: _snapshot.NsKey, very: _identity.Key) -> bool:
    """Whether somebody else made the namespace: our record says so and is still about this namespace, or the name is a
    link to a process.
    """
    if key and os.path.islink(_namespaces.path_of(key)):
        return True  # to /proc/PID/ns/net, as container tools make it
    if key is None or key.startswith("/"):
        return False
    path = _paths.netns_record(key)
    try:
        record = json.loads(_files.read(path) or "{}")
        return _identity.is_key(very, (record.get("inode"), record.get("cookie")))
    except (ValueError, AttributeError) as error:
        raise _errors.damaged(
            path, error, f"It says whether namespace '{key}' is somebody else's, to which we only gave the name."
        ) from error
