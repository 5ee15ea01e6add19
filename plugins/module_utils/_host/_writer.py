# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Performs the ops on the kernel, with one method for each op. Ops on namespaces are in _netns_writer, ops on the IP
stack in _stack_writer, ops on links in _link_writer.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import stat
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host import _link_writer
from ansible_collections.netloom.linux.plugins.module_utils._host.files import _files
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import (
    _rtnl,
)
from ansible_collections.netloom.linux.plugins.module_utils._host.nft import _conntrack, _nftables
from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _kernel_datapath
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _nat_ops,
    _ops,
    _record_ops,
    _snapshot,
    _uplink_ops,
)


class Writer(_link_writer.LinkWriter):
    """Performs kernel ops, each on exactly the objects that the run means."""

    def __init__(
        self, socket_in: t.Callable[[_snapshot.NsKey], _rtnl.Rtnl], forget: t.Callable[[_snapshot.NsKey], None]
    ) -> None:
        super().__init__(socket_in, forget)
        # How files were before they were replaced or deleted: their inode, or where a link led.
        self._had: dict[str, os.stat_result | str] = {}

    def do(self, op: _ops.Op) -> None:
        """Perform one op. Any error of a library becomes a HostError, so that an undo and a guard can go on with the
        next op.
        """
        perform = _ops.performed_by(PERFORM, op)
        try:
            perform(self, op)
        except _errors.NetloomError:
            raise
        except Exception as error:
            raise _errors.HostError(f"Cannot {op.sentence()}: {_rtnl.sentence_of(error)}.") from error

    # --- address translation ---

    def nat_table_set(self, op: _nat_ops.NatTableSet) -> None:
        """Create or replace one of our nftables tables."""
        _nftables.replace_table(op.ns, op.name, op.table, op.sentence())

    def nat_table_delete(self, op: _nat_ops.NatTableDelete) -> None:
        """Delete one of our nftables tables."""
        _nftables.delete_table(op.ns, op.name, op.sentence())

    def accept_set(self, op: _nat_ops.AcceptSet) -> None:
        """Write our rules among those of iptables."""
        _nftables.set_accepted(op)

    def flows_drop(self, op: _nat_ops.FlowsDrop | _nat_ops.TranslatedDrop) -> None:
        """Delete tracked connections, so that they are set up again."""
        _conntrack.drop(op)

    # --- files ---

    def file_write(self, op: _ops.FileWrite) -> None:
        """Write a file. A file that this run replaced or deleted, and now restores, gets its owner and mode again, or
        becomes the symbolic link that it was.
        """
        had = self._had.pop(op.path, None)
        if had is None:
            self._remember(op.path)
            _files.write(op.path, op.content, op.mode, op.owner)
        elif isinstance(had, str):
            _files.link(op.path, had)
        else:
            _files.write(op.path, op.content, stat.S_IMODE(had.st_mode), (had.st_uid, had.st_gid))

    def _remember(self, path: str) -> None:
        with contextlib.suppress(OSError):
            found = os.lstat(path)
            self._had[path] = os.readlink(path) if stat.S_ISLNK(found.st_mode) else found

    def link_record(self, op: _record_ops.LinkRecord) -> None:
        """Record the present state of a link."""
        key, name = op.at or (op.ns, op.name)
        socket = self._socket_in(key)
        index = socket.index_of(name)
        found = next(link for link in socket.links().values() if link.index == index)
        space = _snapshot.Namespace(op.ns, *self._socket_in(op.ns).key)
        text = _record_ops.record_of(dataclasses.replace(found, name=op.name), space, op.facts)
        _files.write(op.path, text, _ops.OF_RECORDS)

    def space_record(self, op: _record_ops.SpaceRecord) -> None:
        """Record the present state of a namespace."""
        space = _snapshot.Namespace(op.ns, *self._socket_in(op.ns).key)
        _files.write(op.path, _record_ops.space_record_of(space, op.facts), _ops.OF_RECORDS)

    def link_forget(self, op: _record_ops.LinkForget) -> None:
        """Delete a link's record."""
        _files.delete(op.path)

    def datapath_release(self, op: _uplink_ops.DatapathRelease) -> None:
        """Take a NIC out of Open vSwitch's datapath in the kernel."""
        _kernel_datapath.release(op.name)

    def file_delete(self, op: _ops.FileDelete) -> None:
        """Delete a file."""
        self._remember(op.path)
        _files.delete(op.path)


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
    "ReceiveOffload": Writer.receive_offload,
    "SysctlSet": Writer.sysctl_set,
    "Ipv6Switch": Writer.sysctl_set,
    "AddressAdd": Writer.address_add,
    "AddressDelete": Writer.address_delete,
    "AddressRenew": Writer.address_renew,
    "RouteSet": Writer.route_set,
    "RouteDelete": Writer.route_delete,
    "NeighbourSet": Writer.neighbour_set,
    "NeighbourDelete": Writer.neighbour_delete,
    "FdbSet": Writer.fdb_set,
    "FdbDelete": Writer.fdb_delete,
    "RuleAdd": Writer.rule_add,
    "RuleDelete": Writer.rule_delete,
    "NatTableSet": Writer.nat_table_set,
    "NatTableDelete": Writer.nat_table_delete,
    "AcceptSet": Writer.accept_set,
    "FlowsDrop": Writer.flows_drop,
    "TranslatedDrop": Writer.flows_drop,
    "FileWrite": Writer.file_write,
    "LinkRecord": Writer.link_record,
    "LinkReturn": Writer.link_record,
    "SpaceRecord": Writer.space_record,
    "LinkForget": Writer.link_forget,
    "FileDelete": Writer.file_delete,
    "DatapathRelease": Writer.datapath_release,
}
