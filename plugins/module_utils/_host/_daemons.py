# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Daemons of any kind: which service reads them, and performs the ops on them."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host._parts import _dhcp_clients, _dnsmasq, _systemd
from ansible_collections.netloom.linux.plugins.module_utils._model._daemon_ops import DaemonReload, DaemonStart, DaemonStop, unit_of_key
from ansible_collections.netloom.linux.plugins.module_utils._model._ops import Op
from ansible_collections.netloom.linux.plugins.module_utils._model._scope import Scope
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Daemon


def read(scope: Scope) -> dict[str, Daemon]:
    """The daemons that the scope asks for, by their keys. Which unit has which process, systemd is asked once for all (None: it is not there)."""
    found: dict[str, Daemon] = {}
    units = _systemd.running({unit_of_key(key) for key in scope.daemons}) if _systemd.booted() else None
    for prefix, service in (("dnsmasq/", _dnsmasq), ("dhcp_client/", _dhcp_clients)):
        keys = {key for key in scope.daemons if key.startswith(prefix)}
        if keys or scope.every_daemon:
            found.update(service.read(keys, scope.every_daemon, units))
    return found


def do(ops: t.Sequence[Op]) -> None:
    """Perform an op on a daemon, or neighbouring ones on daemons of one service. Raises HostError."""
    first = ops[0]
    if isinstance(first, DaemonReload):
        _dnsmasq.reload(first.daemon)
    elif isinstance(first, (DaemonStart, DaemonStop)):
        service = _dnsmasq if first.daemon.kind == "dnsmasq" else _dhcp_clients
        daemons = [op.daemon for op in ops if isinstance(op, (DaemonStart, DaemonStop))]
        if isinstance(first, DaemonStart):
            service.start(daemons)
        else:
            service.stop(daemons, first.forget)
