# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ops of _netns_ops: names of namespaces, and the processes in them."""

from __future__ import annotations

import contextlib
import os
import signal
import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.namespaces import _namespaces
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _netlink, _rtnl
from ansible_collections.netloom.linux.plugins.module_utils._host.processes import _proof
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _identity, _netns_ops, _snapshot

KILL_PATIENCE = 2.0  # seconds between SIGTERM and SIGKILL


class NetnsWriter:
    """Performs ops on namespaces. Namespaces whose names it removes stay open until close(), so that an undo can name
    them again.
    """

    def __init__(
        self, socket_in: t.Callable[[_snapshot.NsKey], _rtnl.Rtnl], forget: t.Callable[[_snapshot.NsKey], None]
    ) -> None:
        self._socket_in = socket_in
        self._forget = forget  # closes the cached socket of a namespace: an open socket keeps it alive
        self._kept: dict[str, list[int]] = {}
        self.book: _identity.Book | None = None  # which namespaces are meant; without one: those that have the names

    def close(self) -> None:
        """Close the namespaces that lost their names. They disappear now."""
        for descriptors in self._kept.values():
            for descriptor in descriptors:
                os.close(descriptor)
        self._kept.clear()

    @contextlib.contextmanager
    def _undone_by(self, undo: t.Callable[[t.Any], None], what: object) -> t.Iterator[None]:
        """Run the body as the rest of an atomic op. If it fails, ``undo(what)`` takes back what was done before it."""
        try:
            yield
        except BaseException:
            undo(what)
            raise

    def netns_create(self, op: _netns_ops.NetnsCreate) -> None:
        """Create a namespace, and learn its identity before it has the name."""
        _namespaces.create(op.name, lambda _path: self._learn(op.name, None))

    def _learn(self, name: str, path: str | None) -> None:
        """Learn that the namespace at a path, or the present one, gets the name."""
        if self.book is not None:
            with _netlink.opened(path) as sock:
                self.book.learn_space(name, _netlink.key_of(sock, path))

    def netns_attach(self, op: _netns_ops.NetnsAttach) -> None:
        """Give a name to a namespace that somebody else made."""
        # The kernel reuses an inode number once its namespace is gone, and also a pid. It does not reuse a start time.
        proof = _proof.proof_of(op.process[0]) if op.process else None
        if _namespaces.inode_of(op.path) != op.inode or (
            op.process and (proof is None or proof.started != op.process[1])
        ):
            raise _errors.HostError(f"Cannot attach {op.words or op.path} as '{op.name}': the process ended meanwhile.")
        if _namespaces.inode_of(_namespaces.path_of(op.name)) is None:  # there is no such name, or it dangles
            self._bind(op.name, op.path)
            return
        self._unname(op.name)
        with self._undone_by(self._name_again, op.name):
            self._bind(op.name, op.path)

    def _bind(self, name: str, path: str) -> None:
        self._learn(name, path)
        _namespaces.bind(name, path)

    def netns_delete(self, op: _netns_ops.NetnsDelete) -> None:
        """Delete a name."""
        self._unname(op.name)

    def netns_restore(self, op: _netns_ops.NetnsRestore) -> None:
        """Give the name back to the namespace that lost it in this run."""
        self._name_again(op.name)

    def _take_name(self, name: str) -> int | None:
        """Remove the name from the namespace that the run means by it, and return that namespace, open. Raises Conflict
        if the name means another one.
        """

        def require(found: int | None) -> None:
            if self.book is not None and not self.book.means(
                name, _identity.NO_KEY if found is None else _netlink.key_inside(found, name)
            ):
                raise _errors.Conflict(_identity.gone_space(name) if found is None else _identity.other_space(name))

        self._forget(name)
        return _namespaces.unname(name, require)

    def _unname(self, name: str) -> None:
        descriptor = self._take_name(name)
        if descriptor is not None:
            self._kept.setdefault(name, []).append(descriptor)

    def _name_again(self, name: str) -> None:
        descriptors = self._kept.get(name)
        if not descriptors:
            raise _errors.HostError(f"Cannot restore namespace '{name}': it was dangling or is gone.")
        if _namespaces.exists(name):
            other = self._take_name(name)
            if other is not None:
                os.close(other)
        descriptor = descriptors.pop()
        _namespaces.bind(name, f"/proc/self/fd/{descriptor}")
        os.close(descriptor)

    def process_kill(self, op: _netns_ops.ProcessKill) -> None:
        """End one process that is still in the namespace in which it was found."""
        inode = self._socket_in(op.ns).key[0]
        ends = [
            (signal.SIGTERM, time.monotonic() + KILL_PATIENCE),
            (signal.SIGKILL, time.monotonic() + 2 * KILL_PATIENCE),
        ]
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
