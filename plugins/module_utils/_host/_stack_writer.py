# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Performs the ops on the IP stack of the kernel, with one method for each op."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host import _netns_writer
from ansible_collections.netloom.linux.plugins.module_utils._host.files import _sysctl
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import (
    _addresses,
    _fdb_tables,
    _rtnl,
    _rules,
)
from ansible_collections.netloom.linux.plugins.module_utils._model import _address_ops, _fdb_ops, _route, _stack_ops


class StackWriter(_netns_writer.NetnsWriter):
    """Writes addresses, routes, neighbours, rules and sysctls."""

    def sysctl_set(self, op: _stack_ops.SysctlSet) -> None:
        """Write one sysctl in its namespace."""
        socket = self._socket_in(op.ns)
        with socket.entered():
            # Its file is found by the link's name, and stays that link's once it is open.
            _sysctl.write(
                op.link, op.key, op.value, lambda: socket.index_of(op.link, by_name=True) if op.link else None
            )

    def address_add(self, op: _address_ops.AddressAdd) -> None:
        """Add or replace an address, as `ip address add` does."""
        socket = self._socket_in(op.ns)
        _addresses.add(socket, op.sentence(), socket.index_of(op.link), op.cidr, _whole(op.link, op.detail), op.again)

    def address_delete(self, op: _address_ops.AddressDelete) -> None:
        """Delete exactly this address, as `ip address del` does."""
        socket = self._socket_in(op.ns)
        index = socket.index_of(op.link)
        with socket.entered(), _sysctl.secondaries_kept(op.link, op.cidr):
            _addresses.delete(socket, op.sentence(), index, op.cidr, op.peer)

    def address_renew(self, op: _address_ops.AddressRenew) -> None:
        """Change an address, as `ip address change` does. With an IPv6 address its route comes back
        (inet6_addr_modify()), with an IPv4 address it does not.
        """
        socket = self._socket_in(op.ns)
        index = socket.index_of(op.link)
        if op.before.six or op.detail != op.before.detail:
            _addresses.add(socket, op.sentence(), index, op.before.cidr, _whole(op.link, op.detail), again=True)
        if op.route is not None and not op.before.six:
            socket.route(op.sentence(), op.route, {op.link: index}, _rtnl.LIKE_BEFORE)

    def route_set(self, op: _stack_ops.RouteSet) -> None:
        """Add, append or replace a route, as `ip route` does."""
        socket = self._socket_in(op.ns)
        flags = _rtnl.REPLACE if op.instead_of else _rtnl.CREATE if op.first else _rtnl.LIKE_BEFORE
        socket.route(op.sentence(), op.route, _indexes(socket, op.route), flags)

    def route_delete(self, op: _stack_ops.RouteDelete) -> None:
        """Delete exactly this route, as `ip route del` does."""
        socket = self._socket_in(op.ns)
        socket.route_delete(op.sentence(), op.route, _indexes(socket, op.route))

    def neighbour_set(self, op: _stack_ops.NeighbourSet) -> None:
        """Set a neighbour, as `ip neighbour replace` does."""
        socket = self._socket_in(op.ns)
        socket.neighbour(op.sentence(), socket.index_of(op.neighbour.device), op.neighbour, add=True)

    def neighbour_delete(self, op: _stack_ops.NeighbourDelete) -> None:
        """Delete a neighbour, as `ip neighbour del` does."""
        socket = self._socket_in(op.ns)
        socket.neighbour(op.sentence(), socket.index_of(op.neighbour.device), op.neighbour, add=False)

    def fdb_set(self, op: _fdb_ops.FdbSet) -> None:
        """Set an entry of a forwarding table, as `bridge fdb replace` and `bridge fdb append` do."""
        socket = self._socket_in(op.ns)
        index = socket.index_of(op.link)
        socket.by_hand(lambda sock: _fdb_tables.write(sock, index, op.entry), op.sentence())

    def fdb_delete(self, op: _fdb_ops.FdbDelete) -> None:
        """Delete an entry of a forwarding table, as `bridge fdb del` does."""
        socket = self._socket_in(op.ns)
        index = socket.index_of(op.link)
        socket.by_hand(lambda sock: _fdb_tables.delete(sock, index, op.entry), op.sentence())

    def rule_add(self, op: _stack_ops.RuleAdd) -> None:
        """Add a policy rule, as `ip rule add` does."""
        _rules.add(op.ns, op.rule, op.sentence())

    def rule_delete(self, op: _stack_ops.RuleDelete) -> None:
        """Delete exactly this policy rule, as `ip rule del` does."""
        _rules.delete(op.ns, op.rule, op.sentence())


def _whole(link: str, detail: t.Mapping[str, t.Any]) -> t.Mapping[str, t.Any]:
    """The detail of an address with its label in the form that the kernel needs."""
    return {**detail, "label": link + detail["label"]} if "label" in detail else detail


def _indexes(socket: _rtnl.Rtnl, route: _route.Route) -> dict[str, int]:
    return {name: socket.index_of(name) for name in route.devices}
