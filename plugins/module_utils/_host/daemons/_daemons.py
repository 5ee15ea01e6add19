# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Daemons of all kinds: select the service that reads them and that performs the ops on them."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.daemons import _dhcp_clients, _dnsmasq, _systemd
from ansible_collections.netloom.linux.plugins.module_utils._model import _daemon_ops, _ops, _scope, _snapshot


def read(scope: _scope.Scope) -> dict[str, _snapshot.Daemon]:
    """The daemons that the scope asks for, by their keys. systemd is asked once for the processes of all units (None:
    it is not there).
    """
    found: dict[str, _snapshot.Daemon] = {}
    units = _systemd.running({_daemon_ops.unit_of_key(key) for key in scope.daemons}) if _systemd.booted() else None
    for prefix, service in (("dnsmasq/", _dnsmasq), ("dhcp_client/", _dhcp_clients)):
        keys = {key for key in scope.daemons if key.startswith(prefix)}
        if keys or scope.every_daemon:
            found.update(service.read(keys, scope.every_daemon, units))
    return found


def do(ops: t.Sequence[t.Any]) -> None:
    """Perform an op on a daemon, or neighbouring ops on daemons of one service. Raises HostError."""
    _ops.performed_by(PERFORM, ops[0])(ops)


def _service_of(ops: t.Sequence[t.Any]) -> t.Any:
    return _dnsmasq if ops[0].daemon.kind == "dnsmasq" else _dhcp_clients


def _start(ops: t.Sequence[_daemon_ops.DaemonStart]) -> None:
    _service_of(ops).start([op.daemon for op in ops])


def _stop(ops: t.Sequence[_daemon_ops.DaemonStop]) -> None:
    _service_of(ops).stop([op.daemon for op in ops], ops[0].forget)


def _reload(ops: t.Sequence[_daemon_ops.DaemonReload]) -> None:
    for op in ops:
        _dnsmasq.reload(op.daemon)


PERFORM: dict[str, t.Callable[[t.Any], None]] = {"DaemonStart": _start, "DaemonStop": _stop, "DaemonReload": _reload}
