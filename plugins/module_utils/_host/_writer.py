# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ops onto the kernel: one function for each op, found by its type. Those on the IP stack are in _stack_writer."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import stat
import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host import _ethtool, _files, _link_data, _namespaces, _rtnl, _stack_writer
from ansible_collections.netloom.linux.plugins.module_utils._host._parts import _conntrack, _nftables, _proof, _tuntap
from ansible_collections.netloom.linux.plugins.module_utils._model import _bridge_port, _checksum_ops, _errors, _link_ops, _record_ops, _snapshot

if t.TYPE_CHECKING:
    from ansible_collections.netloom.linux.plugins.module_utils._model import _nat_ops, _netns_ops, _ops

KILL_PATIENCE = 2.0  # seconds between SIGTERM and SIGKILL


class Writer:
    """Performs kernel ops. Namespaces whose names it takes away stay open until close(), so that undo can name them again."""

    def __init__(self, socket_in: t.Callable[[_snapshot.NsKey], _rtnl.Rtnl], forget: t.Callable[[_snapshot.NsKey], None]) -> None:
        self._socket_in = socket_in
        self._forget = forget  # closes the cached socket of a namespace: an open socket keeps it alive
        self._kept: dict[str, list[int]] = {}
        self._had: dict[str, os.stat_result | str] = {}  # how files were before they were replaced or deleted: their inode, or where a link led

    def close(self) -> None:
        """Let go of the namespaces that lost their names; they die now."""
        for descriptors in self._kept.values():
            for descriptor in descriptors:
                os.close(descriptor)
        self._kept.clear()

    def do(self, op: _ops.Op) -> None:
        """Perform one op. Raises HostError, whatever a library says to what it was given: an undo and a guard go on with the next op then."""
        on_stack = _stack_writer.PERFORM.get(type(op))
        try:
            if on_stack is not None:
                on_stack(self._socket_in, op)
            else:
                PERFORM[type(op).__name__](self, op)
        except _errors.NetloomError:
            raise
        except Exception as error:
            raise _errors.HostError(f"Cannot {op.sentence()}: {_rtnl.sentence_of(error)}.") from error

    @contextlib.contextmanager
    def _undone_by(self, undo: t.Callable[[t.Any], None], what: object) -> t.Iterator[None]:
        """The body is the rest of an atomic op: if it fails, ``undo(what)`` takes back what was done before it."""
        try:
            yield
        except BaseException:
            undo(what)
            raise

    # --- namespaces ---

    def netns_create(self, op: _netns_ops.NetnsCreate) -> None:
        """A new namespace."""
        _namespaces.create(op.name)

    def netns_attach(self, op: _netns_ops.NetnsAttach) -> None:
        """A name for somebody's namespace."""
        # An inode number is given anew once its namespace is gone, and so is a pid; a start time is not.
        proof = _proof.proof_of(op.process[0]) if op.process else None
        if _namespaces.inode_of(op.path) != op.inode or (op.process and (proof is None or proof.started != op.process[1])):
            raise _errors.HostError(f"Cannot attach {op.words or op.path} as '{op.name}': the process ended meanwhile.")
        if _namespaces.inode_of(_namespaces.path_of(op.name)) is None:  # no such name, or one that dangles
            _namespaces.bind(op.name, op.path)
            return
        self._unname(op.name)
        with self._undone_by(self._name_again, op.name):
            _namespaces.bind(op.name, op.path)

    def netns_delete(self, op: _netns_ops.NetnsDelete) -> None:
        """A name less."""
        self._unname(op.name)

    def netns_restore(self, op: _netns_ops.NetnsRestore) -> None:
        """The namespace that lost its name in this run gets it back."""
        self._name_again(op.name)

    def _unname(self, name: str) -> None:
        self._forget(name)
        descriptor = _namespaces.unname(name)
        if descriptor is not None:
            self._kept.setdefault(name, []).append(descriptor)

    def _name_again(self, name: str) -> None:
        descriptors = self._kept.get(name)
        if not descriptors:
            raise _errors.HostError(f"Cannot restore namespace '{name}': it was dangling or is gone.")
        if _namespaces.exists(name):
            self._forget(name)
            other = _namespaces.unname(name)
            if other is not None:
                os.close(other)
        descriptor = descriptors.pop()
        _namespaces.bind(name, f"/proc/self/fd/{descriptor}")
        os.close(descriptor)

    def process_kill(self, op: _netns_ops.ProcessKill) -> None:
        """End one process that is still in the namespace in which it was found."""
        inode = _namespaces.inode_of(_namespaces.path_of(op.ns))
        ends = [(signal.SIGTERM, time.monotonic() + KILL_PATIENCE), (signal.SIGKILL, time.monotonic() + 2 * KILL_PATIENCE)]
        for number, until in ends:
            sent = False
            while _namespaces.inode_of(f"/proc/{op.pid}/ns/net") == inode:
                if not sent:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(op.pid, number)
                    sent = True
                if time.monotonic() > until:
                    break
                time.sleep(0.01)
            else:
                return
        raise _errors.HostError(f"Cannot kill process {op.pid} ({op.command}): it does not end.")

    # --- links ---

    def link_add(self, op: _link_ops.LinkAdd) -> None:
        """Make a link in one message; of a veth both ends, of a tap by ioctl."""
        if op.link.kind == "bridge" and op.link.mac is None:  # one that the kernel chooses is that of the lowest port, and changes with it
            op = dataclasses.replace(op, link=dataclasses.replace(op.link, mac=_link_data.random_mac()))
        if op.link.kind == "tun":
            with _namespaces.entered(op.ns):
                _tuntap.configure(op.link.name, op.link.data)
            with self._undone_by(self.do, _link_ops.LinkDelete(op.ns, op.link.name)):
                self._after_add(op.ns, op.link, everything=True)
            return
        with contextlib.ExitStack() as stack:
            data = [["VETH_INFO_PEER", self._peer(op.peer, stack)]] if op.peer else _link_data.encode(op.link.kind, self._with_parent(op))
            info: list[list[t.Any]] = [["IFLA_INFO_KIND", op.link.kind]]
            if data:
                info.append(["IFLA_INFO_DATA", {"attrs": data}])
            home = None if op.link.data.get("parent_on_host") else op.ns
            socket = self._socket_in(home)
            attributes = [["IFLA_IFNAME", op.link.name], *_link_data.settings(op.link), ["IFLA_LINKINFO", {"attrs": info}]]
            if home != op.ns:
                attributes.append(["IFLA_NET_NS_FD", _namespaces.descriptor(op.ns, stack)])
            attributes += self._relations(socket, op.link)
            socket.link_request(op.sentence(), attributes, up=op.link.up, flags=_rtnl.CREATE)
        with self._undone_by(self.do, _link_ops.LinkDelete(op.ns, op.link.name)):
            self._after_add(op.ns, op.link)
            if op.peer:
                self._after_add(*op.peer, peer=True)

    def _peer(self, peer: tuple[_snapshot.NsKey, _snapshot.Link], stack: contextlib.ExitStack) -> dict[str, t.Any]:
        ns, link = peer
        return {"attrs": [["IFLA_IFNAME", link.name], *_link_data.settings(link), ["IFLA_NET_NS_FD", _namespaces.descriptor(ns, stack)]]}

    @staticmethod
    def _relations(socket: _rtnl.Rtnl, link: _snapshot.Link) -> list[list[t.Any]]:
        found = [["IFLA_MASTER", socket.index_of(link.master)]] if link.master else []
        if link.data.get("parent") and link.kind != "vxlan":
            found.append(["IFLA_LINK", socket.index_of(link.data["parent"])])
        return found

    def _with_parent(self, op: _link_ops.LinkAdd) -> dict[str, t.Any]:
        """A vxlan names its parent in its own data; for it the kernel ignores IFLA_LINK."""
        parent = op.link.data.get("parent") if op.link.kind == "vxlan" else None
        home = None if op.link.data.get("parent_on_host") else op.ns
        return {**op.link.data, "parent_index": self._socket_in(home).index_of(parent)} if parent else dict(op.link.data)

    def _after_add(self, ns: _snapshot.NsKey, link: _snapshot.Link, everything: bool = False, peer: bool = False) -> None:
        """What the kernel does not take at creation: an alias and alternative names always, a peer's master and up state (ENOTCONN), all of a tap's."""
        changes: dict[str, t.Any] = {key: getattr(link, key) for key in ("alias", "altnames") if getattr(link, key)}
        later = ("mac", "mtu", "txqueuelen", "master") if everything else ("master",) if peer else ()
        changes.update({key: getattr(link, key) for key in later if getattr(link, key) is not None})
        if link.master and _bridge_port.special_flags(link):
            changes["port"] = _bridge_port.special_flags(link)
        if (everything or peer) and link.up:
            changes["up"] = True
        if link.kind == "bridge" and link.mtu:
            # A bridge follows its smallest port until its MTU was changed once; one given at creation does not count (br_mtu_auto_adjust()).
            self.link_set(_link_ops.LinkSet(ns, link.name, {"mtu": link.mtu + 1 if link.mtu < 1500 else link.mtu - 1}))
            changes["mtu"] = link.mtu
        if changes:
            self.link_set(_link_ops.LinkSet(ns, link.name, changes))

    def link_delete(self, op: _link_ops.LinkDelete) -> None:
        """Delete one link."""
        socket = self._socket_in(op.ns)
        try:
            socket.link_delete(op.sentence(), socket.index_of(op.name))
        except _errors.HostError:
            if not op.dying or op.name in socket.links():
                raise

    def links_delete(self, ops: t.Sequence[_link_ops.LinkDelete]) -> None:
        """Delete links of one namespace at once, all or none."""
        socket = self._socket_in(ops[0].ns)
        socket.links_delete("; ".join(op.sentence() for op in ops), [socket.index_of(op.name) for op in ops])

    def link_set(self, op: _link_ops.LinkSet) -> None:
        """Change attributes in one message."""
        socket = self._socket_in(op.ns)
        index = socket.index_of(op.name)
        changes = dict(op.changes)
        data = dict(changes.pop("data", {}))
        if {"owner", "owner_group"} & set(data):
            with _namespaces.entered(op.ns):
                _tuntap.configure(op.name, data)
        elif data:
            kind = data.pop("kind", "bridge")
            info: list[list[t.Any]] = [["IFLA_INFO_KIND", kind], ["IFLA_INFO_DATA", {"attrs": _link_data.encode(kind, data)}]]
            linkinfo: list[t.Any] = ["IFLA_LINKINFO", {"attrs": info}]
            socket.link_request(op.sentence(), [linkinfo], index=index)
        flags = changes.pop("port", None)
        if "altnames" in changes:
            socket.set_altnames(op.sentence(), index, changes.pop("altnames"))
        up = changes.pop("up", None)
        attributes: list[list[t.Any]] = []
        if "master" in changes:
            master = changes.pop("master")
            attributes.append(["IFLA_MASTER", socket.index_of(master) if master else 0])
        attributes += [[_link_data.NAMES[key], value] for key, value in changes.items()]
        if attributes or up is not None:
            socket.link_request(op.sentence(), attributes, index=index, up=up)
        if flags:  # which it has only once it is a port
            info = [["IFLA_INFO_SLAVE_KIND", "bridge"], ["IFLA_INFO_SLAVE_DATA", {"attrs": _link_data.encode_port(flags)}]]
            socket.link_request(op.sentence(), [["IFLA_LINKINFO", {"attrs": info}]], index=index)

    def link_move(self, op: _link_ops.LinkMove) -> None:
        """Move and rename in one message; a link that is up can be moved, but not renamed."""
        socket = self._socket_in(op.ns)
        index = socket.index_of(op.name)
        if op.ns == op.to_ns:
            up = socket.links()[op.name].up
            socket.link_request(op.sentence(), [], index=index, up=False)
            with self._undone_by(self.do, _link_ops.LinkSet(op.ns, op.name, {"up": up})):
                socket.link_request(op.sentence(), [["IFLA_IFNAME", op.to_name]], index=index)
            return
        there = self._socket_in(op.to_ns)
        # The kernel moves first and renames then: what it refuses half-way has left its place, addresses and all. So the name is asked for before.
        if there.named(op.to_name) is not None:
            raise _errors.HostError(f"Cannot {op.sentence()}: a link has that name there already.")
        try:
            self._move(socket, index, op, op.to_ns, op.to_name)
        except _errors.HostError as error:
            if there.named(op.name) is None or socket.named(op.name) is not None:
                raise
            self._move(there, there.index_of(op.name), op, op.ns, op.name)
            raise _errors.HostError(f"{error} '{op.name}' was brought back, but is down, without its addresses and routes.") from error

    @staticmethod
    def _move(socket: _rtnl.Rtnl, index: int, op: _link_ops.LinkMove, ns: _snapshot.NsKey, name: str) -> None:
        with contextlib.ExitStack() as stack:
            attributes: list[list[t.Any]] = [["IFLA_NET_NS_FD", _namespaces.descriptor(ns, stack)], ["IFLA_IFNAME", name]]
            socket.link_request(op.sentence(), attributes, index=index, up=False)

    def tx_checksum(self, op: _checksum_ops.TxChecksum) -> None:
        """ethtool -K."""
        with _namespaces.entered(op.ns):
            _ethtool.set_tx_checksum(op.name, op.on)

    # --- address translation ---

    def nat_table_set(self, op: _nat_ops.NatTableSet) -> None:
        """A table of ours."""
        _nftables.replace_table(op.ns, op.name, op.table, op.sentence())

    def nat_table_delete(self, op: _nat_ops.NatTableDelete) -> None:
        """A table less."""
        _nftables.delete_table(op.ns, op.name, op.sentence())

    def accept_set(self, op: _nat_ops.AcceptSet) -> None:
        """Our rules among those of iptables."""
        _nftables.set_accepted(op)

    def flows_drop(self, op: _nat_ops.FlowsDrop | _nat_ops.TranslatedDrop) -> None:
        """Connections that are to be set up anew."""
        _conntrack.drop(op)

    # --- files ---

    def file_write(self, op: _ops.FileWrite) -> None:
        """A file. One that this run replaced or deleted, and now takes back, gets its owner and mode again, or is the link that it was."""
        had = self._had.pop(op.path, None)
        if had is None:
            self._remember(op.path)
            _files.write(op.path, op.content, op.mode)
        elif isinstance(had, str):
            _files.link(op.path, had)
        else:
            _files.write(op.path, op.content, stat.S_IMODE(had.st_mode), (had.st_uid, had.st_gid))

    def _remember(self, path: str) -> None:
        with contextlib.suppress(OSError):
            found = os.lstat(path)
            self._had[path] = os.readlink(path) if stat.S_ISLNK(found.st_mode) else found

    def link_record(self, op: _record_ops.LinkRecord) -> None:
        """A record of the link as it is now."""
        key, name = op.at or (op.ns, op.name)
        found = dataclasses.replace(self._socket_in(key).links()[name], name=op.name)
        inode = _namespaces.inode_of(_namespaces.path_of(op.ns))
        _files.write(op.path, _record_ops.record_of(found, inode, op.facts), 0o600)

    def link_forget(self, op: _record_ops.LinkForget) -> None:
        """A record less."""
        _files.delete(op.path)

    def file_delete(self, op: _ops.FileDelete) -> None:
        """A file less."""
        self._remember(op.path)
        _files.delete(op.path)


# By the names of their types: a run imports the ops that its kinds use, and no others.
PERFORM: dict[str, t.Callable[[Writer, t.Any], None]] = {
    "NetnsCreate": Writer.netns_create,
    "NetnsAttach": Writer.netns_attach,
    "NetnsDelete": Writer.netns_delete,
    "NetnsRestore": Writer.netns_restore,
    "ProcessKill": Writer.process_kill,
    "LinkAdd": Writer.link_add,
    "LinkDelete": Writer.link_delete,
    "LinkSet": Writer.link_set,
    "LinkMove": Writer.link_move,
    "TxChecksum": Writer.tx_checksum,
    "NatTableSet": Writer.nat_table_set,
    "NatTableDelete": Writer.nat_table_delete,
    "AcceptSet": Writer.accept_set,
    "FlowsDrop": Writer.flows_drop,
    "TranslatedDrop": Writer.flows_drop,
    "FileWrite": Writer.file_write,
    "LinkRecord": Writer.link_record,
    "LinkForget": Writer.link_forget,
    "FileDelete": Writer.file_delete,
}
