# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host as the engine sees it: read a scope, perform ops, let go."""

from __future__ import annotations

import collections
import contextlib
import resource
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host import _dhcp_clients, _dnsmasq, _files, _ovsdb
from ansible_collections.netloom.linux.plugins.module_utils._host._guard import Guards
from ansible_collections.netloom.linux.plugins.module_utils._host._lock import Lock
from ansible_collections.netloom.linux.plugins.module_utils._host._reader import Reader
from ansible_collections.netloom.linux.plugins.module_utils._host._rtnl import Rtnl
from ansible_collections.netloom.linux.plugins.module_utils._host._witness import Witness
from ansible_collections.netloom.linux.plugins.module_utils._host._writer import Writer
from ansible_collections.netloom.linux.plugins.module_utils._model._daemon_ops import DaemonReload, DaemonStart, DaemonStop
from ansible_collections.netloom.linux.plugins.module_utils._model._ops import Op
from ansible_collections.netloom.linux.plugins.module_utils._model._ovs_ops import OvsOp
from ansible_collections.netloom.linux.plugins.module_utils._model._scope import Scope
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import NsKey, Snapshot
from ansible_collections.netloom.linux.plugins.module_utils._model._uplink_ops import GuardBack, GuardStart

DESCRIPTORS_PER_SOCKET = 8  # a pyroute2 socket brings an event loop with it
MOST_SOCKETS = 2048


class Host:
    """The real host. Sockets are opened in their namespaces on first use and kept for the run."""

    def __init__(self, wait: float, what: str = "a run of netloom.linux") -> None:
        self._wait, self._what = wait, what
        self._sockets: collections.OrderedDict[NsKey, Rtnl] = collections.OrderedDict()
        self.guards = Guards()
        self._most = _room_for_sockets()
        self._ovs = _ovsdb.OvsConnections()
        self._reader = Reader(self._socket_in, self._ovs)
        self._writer = Writer(self._socket_in, self._forget)

    def lock(self) -> contextlib.AbstractContextManager[None]:
        """One writer at a time on this host."""
        return Lock(self._wait, self._what)

    def read(self, scope: Scope) -> Snapshot:
        """What the host has, as far as the scope asks."""
        return self._reader.read(scope)

    def tree(self, folder: str) -> dict[str, str]:
        """All files below a folder: path -> text."""
        return _files.read_tree(folder)

    def do(self, ops: t.Sequence[Op]) -> None:
        """Perform a batch: a single op, or neighbouring OVS ops that share transactions. Raises HostError."""
        first = ops[0]
        if isinstance(first, OvsOp):
            self._ovs.apply(first.target, t.cast("t.Sequence[OvsOp]", ops), self._wait)
        elif isinstance(first, (DaemonStart, DaemonStop, DaemonReload)):
            _perform_on_daemon(first)
        elif isinstance(first, GuardStart):
            self.guards.start(first, lambda: Host(self._wait, self._what))
        elif isinstance(first, GuardBack):
            self.guards.back(first)
        else:
            self._writer.do(first)

    def witness(self) -> Witness:
        """Who can tell why a packet did not arrive."""
        return Witness(self._socket_in)

    def close(self) -> None:
        """Close everything; namespaces that lost their names in this run die now, and guards begin to count."""
        self.guards.close()
        for socket in self._sockets.values():
            socket.close()
        self._sockets.clear()
        self._writer.close()
        self._ovs.close()

    def _socket_in(self, ns: NsKey) -> Rtnl:
        found = self._sockets.pop(ns, None) or Rtnl(ns)
        self._sockets[ns] = found
        while len(self._sockets) > self._most:
            self._sockets.popitem(last=False)[1].close()
        return found

    def _forget(self, ns: NsKey) -> None:
        socket = self._sockets.pop(ns, None)
        if socket is not None:
            socket.close()


def _perform_on_daemon(op: DaemonStart | DaemonStop | DaemonReload) -> None:
    service = _dnsmasq if op.daemon.kind == "dnsmasq" else _dhcp_clients
    if isinstance(op, DaemonStart):
        service.start(op.daemon)
    elif isinstance(op, DaemonStop):
        service.stop(op.daemon, op.forget)
    else:
        _dnsmasq.reload(op.daemon)


def _room_for_sockets() -> int:
    """As many as file descriptors allow, after raising the soft limit to the hard one (a daemon gets its own limits back)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_SOCKETS * DESCRIPTORS_PER_SOCKET
    room = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < room:
        resource.setrlimit(resource.RLIMIT_NOFILE, (room, hard))
        soft = room
    return max(8, (min(soft, wanted) if soft != resource.RLIM_INFINITY else wanted) // DESCRIPTORS_PER_SOCKET - 8)
