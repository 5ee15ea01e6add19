# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Performs the ops on links, with one method for each op."""

from __future__ import annotations

import abc
import contextlib
import dataclasses
import functools
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host import _stack_writer
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import (
    _bridge_vlans,
    _ethtool,
    _fdb_tables,
    _link_data,
    _rtnl,
    _tuntap,
)
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _bridge_port,
    _errors,
    _fdb,
    _link_ops,
    _move_ops,
    _offload_ops,
    _ops,
    _snapshot,
)


class LinkWriter(_stack_writer.StackWriter, abc.ABC):
    """Performs ops on links, each on exactly the link that the run means."""

    @abc.abstractmethod
    def do(self, op: _ops.Op) -> None:
        """Perform one op of any kind. The Writer knows all performers."""

    def link_add(self, op: _link_ops.LinkAdd) -> None:
        """Create a link in one message (for a veth both ends), or a tap by ioctl."""
        # One that the kernel chooses is that of the lowest port, and changes with it: only a bridge that did so before
        # the run is made so again.
        if op.link.kind == "bridge" and op.link.mac is None and op.link.mac_set is not False:
            op = dataclasses.replace(op, link=dataclasses.replace(op.link, mac=_link_data.random_mac()))
        if op.link.kind == "tun":
            socket = self._socket_in(op.ns)
            with socket.entered():
                _tuntap.configure(op.link.name, op.link.data, new=True)
            socket.has_made(op.link.name, like=dataclasses.replace(op.link, mac=None))  # which comes later
            with self._undone_by(self.do, _link_ops.LinkDelete(op.ns, op.link.name)):
                self._after_add(op.ns, op.link, everything=True)
            return
        with contextlib.ExitStack() as stack:
            data = (
                [["VETH_INFO_PEER", self._peer(op.peer, stack)]]
                if op.peer
                else _link_data.encode(op.link.kind, self._with_parent(op))
            )
            info: list[list[t.Any]] = [["IFLA_INFO_KIND", op.link.kind]]
            if data:
                info.append(["IFLA_INFO_DATA", {"attrs": data}])
            home = None if op.link.data.get("parent_on_host") else op.ns
            socket = self._socket_in(home)
            attributes = [
                ["IFLA_IFNAME", op.link.name],
                *_link_data.settings(op.link),
                ["IFLA_LINKINFO", {"attrs": info}],
            ]
            if home != op.ns:
                attributes.append(["IFLA_NET_NS_FD", stack.enter_context(self._socket_in(op.ns).namespace())])
            attributes += self._relations(socket, op.link)
            self._create(socket, op, attributes)
        self._socket_in(op.ns).has_made(op.link.name, (op.peer[0], op.peer[1].name) if op.peer else None, op.link)
        with self._undone_by(self.do, _link_ops.LinkDelete(op.ns, op.link.name)):
            self._after_add(op.ns, op.link)
            if op.peer:
                self._after_add(*op.peer, peer=True)

    @staticmethod
    def _create(socket: _rtnl.Rtnl, op: _link_ops.LinkAdd, attributes: list[list[t.Any]]) -> None:
        """Create a link with all attributes. The kernel refuses some that it told; then the link is made without them,
        and the undo reports it.
        """
        up = op.link.up and not _port_of(op.link)
        try:
            socket.link_request(op.sentence(), attributes, up=up, flags=_rtnl.CREATE, rest=op.link.rest)
        except _errors.HostError:
            if not op.link.rest:
                raise
            socket.link_request(op.sentence(), attributes, up=up, flags=_rtnl.CREATE)

    def _peer(self, peer: tuple[_snapshot.NsKey, _snapshot.Link], stack: contextlib.ExitStack) -> dict[str, t.Any]:
        ns, link = peer
        return {
            "attrs": [
                ["IFLA_IFNAME", link.name],
                *_link_data.settings(link),
                ["IFLA_NET_NS_FD", stack.enter_context(self._socket_in(ns).namespace())],
            ]
        }

    @staticmethod
    def _relations(socket: _rtnl.Rtnl, link: _snapshot.Link) -> list[list[t.Any]]:
        found = [["IFLA_MASTER", socket.index_of(link.master)]] if link.master else []
        if link.data.get("parent") and link.kind != "vxlan":
            found.append(["IFLA_LINK", socket.index_of(link.data["parent"])])
        return found

    def _with_parent(self, op: _link_ops.LinkAdd) -> dict[str, t.Any]:
        """The data of the link with its parent. A vxlan names its parent in its own data; for it the kernel ignores
        IFLA_LINK.
        """
        parent = op.link.data.get("parent") if op.link.kind == "vxlan" else None
        home = None if op.link.data.get("parent_on_host") else op.ns
        return (
            {**op.link.data, "parent_index": self._socket_in(home).index_of(parent)} if parent else dict(op.link.data)
        )

    def _after_add(
        self, ns: _snapshot.NsKey, link: _snapshot.Link, everything: bool = False, peer: bool = False
    ) -> None:
        """Set what the kernel does not take at creation: an alias and alternative names always, a peer's master and up
        state (ENOTCONN), all of a tap.
        """
        changes: dict[str, t.Any] = {key: getattr(link, key) for key in ("alias", "altnames") if getattr(link, key)}
        later = ("mac", "mtu", "txqueuelen", "master") if everything else ("master",) if peer else ()
        changes.update({key: getattr(link, key) for key in later if getattr(link, key) is not None})
        flags = _port_of(link)
        changes.update({"port": flags} if flags else {})
        if (everything or peer or flags) and link.up:
            changes["up"] = True
        if link.kind == "bridge" and link.mtu:
            # A bridge follows its smallest port until its MTU was changed once; one given at creation does not count
            # (br_mtu_auto_adjust()).
            self.link_set(_link_ops.LinkSet(ns, link.name, {"mtu": link.mtu + 1 if link.mtu < 1500 else link.mtu - 1}))
            changes["mtu"] = link.mtu
        if changes:
            self.link_set(_link_ops.LinkSet(ns, link.name, changes))
        if _fdb.FDB in link.data:
            socket = self._socket_in(ns)
            entries = functools.partial(
                _fdb_tables.restore, index=socket.index_of(link.name), wanted=_fdb.of_vxlan(link), own=True
            )
            socket.by_hand(entries, f"write the forwarding table of {link.name}{_ops.where(ns)}")

    def link_delete(self, op: _link_ops.LinkDelete) -> None:
        """Delete one link. It is no error if it is gone already: its namespace, or that of its other end, may have died
        at this moment.
        """
        socket = self._socket_in(op.ns)
        try:
            socket.link_delete(op.sentence(), socket.index_of(op.name))
        except (_errors.HostError, _errors.Conflict):
            if not socket.is_gone(op.name):
                raise

    def links_delete(self, ops: t.Sequence[_link_ops.LinkDelete]) -> None:
        """Delete links of one namespace at once, all or none, except those that are gone already."""
        socket = self._socket_in(ops[0].ns)
        try:
            socket.links_delete("; ".join(op.sentence() for op in ops), [socket.index_of(op.name) for op in ops])
        except (_errors.HostError, _errors.Conflict):
            left = [op for op in ops if not socket.is_gone(op.name)]
            if len(left) == len(ops):
                raise
            if left:
                self.links_delete(left)

    def link_set(self, op: _link_ops.LinkSet) -> None:
        """Change attributes of a link in one message."""
        socket = self._socket_in(op.ns)
        index = socket.index_of(op.name)
        changes = dict(op.changes)
        data = dict(changes.pop("data", {}))
        if {"owner", "owner_group"} & set(data):
            with socket.entered():
                socket.index_of(op.name, by_name=True)
                _tuntap.configure(op.name, {**socket.links()[op.name].data, "owner": None, "owner_group": None, **data})
        elif data:
            kind = data.pop("kind", "bridge")
            info: list[list[t.Any]] = [
                ["IFLA_INFO_KIND", kind],
                ["IFLA_INFO_DATA", {"attrs": _link_data.encode(kind, data)}],
            ]
            linkinfo: list[t.Any] = ["IFLA_LINKINFO", {"attrs": info}]
            socket.link_request(op.sentence(), [linkinfo], index=index)
        flags = changes.pop("port", None)
        if "altnames" in changes:
            socket.set_altnames(op.sentence(), index, changes.pop("altnames"))
        up = changes.pop("up", None)
        if "master" in changes:
            master = changes.pop("master")
            # Before the rest: the kernel sets a link up before it gives it a master (do_setlink()), and a bond takes no
            # link that is up (bond_enslave()).
            socket.link_request(op.sentence(), [["IFLA_MASTER", socket.index_of(master) if master else 0]], index=index)
        if flags:  # which it has only once it is a port, and is to have when it comes up
            self._set_port(socket, index, op, flags)
        attributes: list[list[t.Any]] = []
        moved = {key: changes.pop(key) for key in _move_ops.LOST_BY_MOVING if key in changes}
        attributes += [[_link_data.NAMES[key], value] for key, value in changes.items()]
        if moved:  # with the MTU that IPv6 needs, and before routers are asked
            if attributes:
                socket.link_request(op.sentence(), attributes, index=index)
            socket.give_back_moved(op.sentence(), index, op.name, moved)
            attributes = []
        if attributes or up is not None:
            socket.link_request(op.sentence(), attributes, index=index, up=up)

    @staticmethod
    def _set_port(socket: _rtnl.Rtnl, index: int, op: _link_ops.LinkSet, flags: t.Mapping[str, t.Any]) -> None:
        """Set what a bridge keeps for a port: flags, VLANs, and entries of its forwarding table, which name VLANs."""
        if set(flags) - {"vlans", _fdb.FDB}:
            socket.link_request(op.sentence(), [], index=index, more=_link_data.encode_port(flags))
        if "vlans" in flags:
            vlans = functools.partial(
                _bridge_vlans.write, index=index, wanted=flags["vlans"], itself="master" not in op.changes
            )
            socket.by_hand(vlans, op.sentence())
        if _fdb.FDB in flags:
            entries = functools.partial(_fdb_tables.restore, index=index, wanted=flags[_fdb.FDB], own=False)
            socket.by_hand(entries, op.sentence())

    def link_move(self, op: _move_ops.LinkMove) -> None:
        """Move and rename a link in one message. A link that is up can be moved, but not renamed."""
        socket = self._socket_in(op.ns)
        index = socket.index_of(op.name)
        if op.ns == op.to_ns:
            up = next((link.up for link in socket.links().values() if link.index == index), False)
            socket.link_request(op.sentence(), [], index=index, up=False)
            with self._undone_by(self.do, _link_ops.LinkSet(op.ns, op.name, {"up": up})):
                socket.link_request(op.sentence(), [["IFLA_IFNAME", op.to_name]], index=index)
            socket.has_made(op.to_name)
            return
        there = self._socket_in(op.to_ns)
        # The kernel moves first and renames then: what it refuses half-way has left its place, addresses and all. So
        # the name is asked for before.
        if there.named(op.to_name) is not None:
            raise _errors.HostError(f"Cannot {op.sentence()}: a link has that name there already.")
        try:
            self._move(socket, index, op, there, op.to_name)
            there.has_made(op.to_name)
        except _errors.HostError as error:
            if there.named(op.name) is None or socket.named(op.name) is not None:
                raise
            self._move(there, int(there.named(op.name)["index"]), op, socket, op.name)
            raise _errors.HostError(
                f"{error} '{op.name}' was brought back, but is down, without its addresses and routes."
            ) from error

    @staticmethod
    def _move(socket: _rtnl.Rtnl, index: int, op: _move_ops.LinkMove, there: _rtnl.Rtnl, name: str) -> None:
        with there.namespace() as found:
            attributes: list[list[t.Any]] = [["IFLA_NET_NS_FD", found], ["IFLA_IFNAME", name]]
            socket.link_request(op.sentence(), attributes, index=index, up=False)

    def tx_checksum(self, op: _offload_ops.TxChecksum) -> None:
        """Switch transmit checksum offload, as `ethtool -K` does."""
        socket = self._socket_in(op.ns)
        with socket.entered():
            socket.index_of(op.name, by_name=True)
            _ethtool.set_tx_checksum(op.name, op.on)

    def receive_offload(self, op: _offload_ops.ReceiveOffload) -> None:
        """Switch generic receive offload, as `ethtool -K` does."""
        socket = self._socket_in(op.ns)
        with socket.entered():
            socket.index_of(op.name, by_name=True)
            _ethtool.set_receive_offload(op.name, op.on)


def _port_of(link: _snapshot.Link) -> dict[str, t.Any]:
    """What a bridge is to keep for a link that is made as its port. The link comes up after it."""
    return _bridge_port.special_flags(link) if link.master else {}
