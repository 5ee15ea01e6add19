# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Daemons of any kind: which service reads them, and performs the ops on them."""

from __future__ import annotations

from ansible_collections.netloom.linux.plugins.module_utils._host._parts import _dhcp_clients, _dnsmasq
from ansible_collections.netloom.linux.plugins.module_utils._model._daemon_ops import DaemonReload, DaemonStart, DaemonStop
from ansible_collections.netloom.linux.plugins.module_utils._model._ops import Op
from ansible_collections.netloom.linux.plugins.module_utils._model._scope import Scope
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Daemon


def read(scope: Scope) -> dict[str, Daemon]:
    """The daemons that the scope asks for, by their keys."""
    found: dict[str, Daemon] = {}
    for prefix, service in (("dnsmasq/", _dnsmasq), ("dhcp_client/", _dhcp_clients)):
        keys = {key for key in scope.daemons if key.startswith(prefix)}
        if keys or scope.every_daemon:
            found.update(service.read(keys, scope.every_daemon))
    return found


def do(op: Op) -> None:
    """Perform an op on a daemon. Raises HostError."""
    if isinstance(op, DaemonReload):
        _dnsmasq.reload(op.daemon)
    elif isinstance(op, (DaemonStart, DaemonStop)):
        service = _dnsmasq if op.daemon.kind == "dnsmasq" else _dhcp_clients
        if isinstance(op, DaemonStart):
            service.start(op.daemon)
        else:
            service.stop(op.daemon, op.forget)
