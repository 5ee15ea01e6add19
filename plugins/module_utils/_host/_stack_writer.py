# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ops of _stack_ops onto the kernel's IP stack: one function for each."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host import _rtnl, _sysctl
from ansible_collections.netloom.linux.plugins.module_utils._host._parts import _rules
from ansible_collections.netloom.linux.plugins.module_utils._model import _route, _snapshot, _stack_ops

SocketIn = t.Callable[[_snapshot.NsKey], _rtnl.Rtnl]


def sysctl_set(socket_in: SocketIn, op: _stack_ops.SysctlSet) -> None:
    """One sysctl, in its namespace."""
    socket = socket_in(op.ns)
    with socket.entered():
        # Its file is found by the link's name, and stays that link's once it is open.
        _sysctl.write(op.link, op.key, op.value, lambda: socket.index_of(op.link, by_name=True) if op.link else None)


def address_add(socket_in: SocketIn, op: _stack_ops.AddressAdd) -> None:
    """ip address add."""
    socket = socket_in(op.ns)
    detail = {**op.detail, "label": op.link + op.detail["label"]} if "label" in op.detail else op.detail
    socket.address(op.sentence(), socket.index_of(op.link), op.cidr, add=True, detail=detail)


def address_delete(socket_in: SocketIn, op: _stack_ops.AddressDelete) -> None:
    """ip address del, of this address only."""
    socket = socket_in(op.ns)
    index = socket.index_of(op.link)
    with socket.entered(), _sysctl.secondaries_kept(op.link, op.cidr):
        socket.address(op.sentence(), index, op.cidr, add=False, detail={"peer": op.peer} if op.peer else {})


def route_set(socket_in: SocketIn, op: _stack_ops.RouteSet) -> None:
    """ip route add, append or replace."""
    socket = socket_in(op.ns)
    flags = _rtnl.REPLACE if op.instead_of else _rtnl.CREATE if op.first else _rtnl.LIKE_BEFORE
    socket.route(op.sentence(), op.route, _indexes(socket, op.route), flags)


def route_delete(socket_in: SocketIn, op: _stack_ops.RouteDelete) -> None:
    """ip route del, of this route only."""
    socket = socket_in(op.ns)
    socket.route_delete(op.sentence(), op.route, _indexes(socket, op.route))


def _indexes(socket: _rtnl.Rtnl, route: _route.Route) -> dict[str, int]:
    return {name: socket.index_of(name) for name in route.devices}


def neighbour_set(socket_in: SocketIn, op: _stack_ops.NeighbourSet) -> None:
    """ip neighbour replace."""
    socket = socket_in(op.ns)
    socket.neighbour(op.sentence(), socket.index_of(op.neighbour.device), op.neighbour, add=True)


def neighbour_delete(socket_in: SocketIn, op: _stack_ops.NeighbourDelete) -> None:
    """ip neighbour del."""
    socket = socket_in(op.ns)
    socket.neighbour(op.sentence(), socket.index_of(op.neighbour.device), op.neighbour, add=False)


def rule_add(_socket_in: SocketIn, op: _stack_ops.RuleAdd) -> None:
    """ip rule add."""
    _rules.add(op.ns, op.rule, op.sentence())


def rule_delete(_socket_in: SocketIn, op: _stack_ops.RuleDelete) -> None:
    """ip rule del, of this rule only."""
    _rules.delete(op.ns, op.rule, op.sentence())


PERFORM: dict[type, t.Callable[[SocketIn, t.Any], None]] = {
    _stack_ops.SysctlSet: sysctl_set,
    _stack_ops.AddressAdd: address_add,
    _stack_ops.AddressDelete: address_delete,
    _stack_ops.RouteSet: route_set,
    _stack_ops.RouteDelete: route_delete,
    _stack_ops.NeighbourSet: neighbour_set,
    _stack_ops.NeighbourDelete: neighbour_delete,
    _stack_ops.RuleAdd: rule_add,
    _stack_ops.RuleDelete: rule_delete,
}
