# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host as the engine sees it: read a scope, perform ops, close."""

from __future__ import annotations

import collections
import contextlib
import os
import resource
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host import _reader, _writer
from ansible_collections.netloom.linux.plugins.module_utils._host.daemons import _daemons
from ansible_collections.netloom.linux.plugins.module_utils._host.files import _files, _lock
from ansible_collections.netloom.linux.plugins.module_utils._host.lasting import _boots, _guard
from ansible_collections.netloom.linux.plugins.module_utils._host.namespaces import _namespaces
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _rtnl
from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _ovsdb, _southbound
from ansible_collections.netloom.linux.plugins.module_utils._host.probes import _witness
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _daemon_ops,
    _errors,
    _identity,
    _ops,
    _scope,
    _snapshot,
)

MOST_SOCKETS = 2048
OTHER_DESCRIPTORS = 64  # beside those of the sockets


class Host:
    """The real host. Sockets are opened in their namespaces on first use and kept for the run."""

    def __init__(self, wait: float, what: str = "a run of netloom.linux", insists: bool = False) -> None:
        self._wait, self._what = wait, what
        self._insists = insists  # what is written to OVSDB stays, though ovs-vswitchd is dead and does nothing
        self._sockets: collections.OrderedDict[_snapshot.NsKey, _rtnl.Rtnl] = collections.OrderedDict()
        self._in_step: dict[_snapshot.NsKey, _rtnl.Rtnl] = {}  # sockets of the namespaces that the present step means
        self._most = _room_for_sockets()
        self._guards: _guard.Guards | None = None
        self._boots: _boots.Boots | None = None
        self._ovs: _ovsdb.OvsConnections | None = None
        # In namespaces that this run means, and that lost their names to others.
        self._lost: dict[_snapshot.NsKey, _rtnl.Rtnl] = {}
        self._notes: dict[str, int] = {}  # files that are open, by path
        self._book: _identity.Book | None = None
        self._reader = _reader.Reader(self._socket_of, self._connections)
        self._writer: _writer.Writer | None = None  # until there is something to write

    def lock(self) -> contextlib.AbstractContextManager[None]:
        """Allow one writer at a time on this host."""
        return _lock.Lock(self._wait, self._what)

    def read(self, scope: _scope.Scope) -> _snapshot.Snapshot:
        """Read what the host has, as far as the scope asks for it."""
        return self._reader.read(scope)

    def tree(self, folder: str) -> dict[str, str]:
        """All files below a folder: path -> text."""
        return _files.read_tree(folder)

    def text(self, path: str) -> str | None:
        """The text of one file, or None if there is no such file."""
        return _files.read(path)

    def expect(self, snapshot: _snapshot.Snapshot, planned: _snapshot.Snapshot | None = None) -> _identity.Book:
        """Let names mean the objects of this snapshot from now on. The plan is made of it, and only these objects are
        written to.
        """
        del planned  # the kernel adds to it
        self._close_notes()  # of a run before
        self._in_step.clear()
        self._book = _identity.Book(snapshot)
        return self._book

    def _close_notes(self) -> None:
        for descriptor in self._notes.values():
            os.close(descriptor)
        self._notes.clear()

    def note(self, path: str, text: str) -> None:
        """Append to a file of notes at once, whatever else is going on."""
        if path not in self._notes:
            self._notes[path] = _files.appending(path)
        os.write(self._notes[path], text.encode())

    def do(self, ops: t.Sequence[_ops.Op]) -> None:
        """Perform a batch: a single op, or neighbouring ops that join. Raises HostError, or Conflict if a name means
        another object now.
        """
        if self._book is None:
            self._perform(ops)
            return
        self._in_step.clear()
        try:
            for ns in dict.fromkeys(ns for op in ops for ns in _spaces_of(op)):
                self._socket_in(ns)
            for target, found, rows in self._rows_of(ops, made=False):
                for row in rows:
                    self._book.require_row(found, target, row)
            self._perform(ops)
        except BaseException:
            self._book.forget_step()
            raise
        for op in ops:
            self._book.follow(op)
        for target, found, rows in self._rows_of(ops, made=True):
            for row in rows:
                self._book.learn_row(found, target, row)

    def _rows_of(
        self, ops: t.Sequence[_ops.Op], made: bool
    ) -> t.Iterator[tuple[_snapshot.OvsTarget, _snapshot.Ovs, list[str]]]:
        """The rows of OVSDB that the ops make, or that exist before them, with the present content of the database."""
        rows: list[t.Any] = [
            op for op in ops if op.performer == _ops.OVSDB and (hasattr(op, "bridge") or hasattr(op, "port")) is made
        ]
        for target in dict.fromkeys(op.target for op in rows):
            yield target, self._connections().read(target), [op.row for op in rows if op.target == target]

    def _perform(self, ops: t.Sequence[_ops.Op]) -> None:
        PERFORMERS[ops[0].performer](self, ops)

    def by_kernel(self, ops: t.Sequence[t.Any]) -> None:
        """Perform ops by netlink and the file system."""
        self._writer = self._writer or _writer.Writer(self._socket_in, self._forget)
        self._writer.book = self._book
        if len(ops) > 1:
            self._writer.links_delete(ops)
        else:
            self._writer.do(ops[0])

    def by_ovsdb(self, ops: t.Sequence[t.Any]) -> None:
        """Perform ops on an OVSDB in one transaction."""
        connections = self._connections()
        (connections.insist if self._insists else connections.apply)(ops, self._wait)

    def by_daemons(self, ops: t.Sequence[t.Any]) -> None:
        """Start and stop daemons."""
        _daemons.do(ops)

    def by_guards(self, ops: t.Sequence[t.Any]) -> None:
        """Perform ops on the guards of uplinks."""
        self._guards = self._guards or _guard.Guards(lambda: Host(self._wait, self._what, insists=True))
        self._guards.do(ops[0])

    def by_boots(self, ops: t.Sequence[t.Any]) -> None:
        """Perform ops that save for the next boot."""
        self._boots = self._boots or _boots.Boots()
        self._boots.do(ops[0], [one["token"] for one in self.unconfirmed])

    def by_southbound(self, ops: t.Sequence[t.Any]) -> None:
        """Perform ops on the southbound database of OVN."""
        for op in ops:
            _southbound.Southbounds().do(op)

    def witness(self) -> _witness.Witness:
        """The object that can tell why a packet did not arrive."""
        return _witness.Witness(self._socket_of)

    def close(self) -> None:
        """Close everything. Namespaces that lost their names in this run disappear now, and the guards start their
        timers.
        """
        if self._guards is not None:
            self._guards.close()
        for socket in (*self._sockets.values(), *self._lost.values()):
            socket.close()
        self._sockets.clear()
        self._lost.clear()
        self._close_notes()
        if self._writer is not None:
            self._writer.close()
        if self._ovs is not None:
            self._ovs.close()

    @property
    def unconfirmed(self) -> list[dict[str, t.Any]]:
        """The moves of uplinks that wait to be confirmed."""
        return self._guards.waiting if self._guards is not None else []

    def _connections(self) -> _ovsdb.OvsConnections:
        self._ovs = self._ovs or _ovsdb.OvsConnections()
        return self._ovs

    def _socket_of(self, ns: _snapshot.NsKey) -> _rtnl.Rtnl:
        """The socket in the namespace that has this name now."""
        known = self._sockets.get(ns)
        if known is not None and ns is not None and known.key[0] != _namespaces.inode_of(_namespaces.path_of(ns)):
            self._set_aside(ns)
        found = self._sockets.pop(ns, None) or _rtnl.Rtnl(ns)
        self._sockets[ns] = found
        while len(self._sockets) > self._most:
            self._sockets.popitem(last=False)[1].close()
        return found

    def _socket_in(self, ns: _snapshot.NsKey) -> _rtnl.Rtnl:
        """The socket in the exact namespace that the run means by this name. Raises Conflict if the name means another
        one now, or none. Each step looks once.
        """
        if ns not in self._in_step:
            found = (
                self._socket_of(ns)
                if self._book is None or self._book.space(ns) == _identity.NO_KEY
                else self._meant(ns, self._book)
            )
            found.book = self._book
            if self._book is None:
                return found
            self._in_step[ns] = found
        return self._in_step[ns]

    def _meant(self, ns: _snapshot.NsKey, book: _identity.Book) -> _rtnl.Rtnl:
        has_it: _rtnl.Rtnl | None = None
        with contextlib.suppress(_errors.HostError):  # no namespace has the name any more
            has_it = self._socket_of(ns)
        if has_it is not None and _identity.is_key(has_it.key, book.space(ns)):
            return has_it
        lost = self._lost.get(ns)
        if book.retreating and lost is not None and _identity.is_key(lost.key, book.space(ns)):
            return lost
        raise _errors.Conflict(_identity.gone_space(ns) if has_it is None else _identity.other_space(ns))

    def _set_aside(self, ns: _snapshot.NsKey) -> None:
        """Keep the socket of a namespace whose name another program removed. It keeps the namespace alive for the
        undo.
        """
        socket = self._sockets.pop(ns)
        if ns in self._lost or self._book is None or not _identity.is_key(socket.key, self._book.space(ns)):
            socket.close()
        else:
            self._lost[ns] = socket

    def _forget(self, ns: _snapshot.NsKey) -> None:
        self._in_step.pop(ns, None)
        socket = self._sockets.pop(ns, None)
        if socket is not None:
            socket.close()


PERFORMERS: dict[str, t.Callable[[Host, t.Any], None]] = {
    _ops.KERNEL: Host.by_kernel,
    _ops.OVSDB: Host.by_ovsdb,
    _ops.DAEMONS: Host.by_daemons,
    _ops.GUARDS: Host.by_guards,
    _ops.BOOTS: Host.by_boots,
    _ops.SOUTHBOUND: Host.by_southbound,
}


def _spaces_of(op: _ops.Op) -> set[_snapshot.NsKey]:
    """The namespaces that the op needs unchanged under their names. An op that only ends a process or a daemon needs
    none.
    """
    started = op.daemon.netns if isinstance(op, (_daemon_ops.DaemonStart, _daemon_ops.DaemonReload)) else None
    return {getattr(op, "ns", None), started} - {None} if op.performer in (_ops.KERNEL, _ops.DAEMONS) else set()


def _room_for_sockets() -> int:
    """The number of sockets that the file descriptors allow, after raising the soft limit if the hard limit allows it
    (a daemon gets its own limits back).
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_SOCKETS + OTHER_DESCRIPTORS
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return MOST_SOCKETS
    soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(8, soft - OTHER_DESCRIPTORS)
