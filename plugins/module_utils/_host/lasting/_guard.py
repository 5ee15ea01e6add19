# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard of a move: a separate process that restores an uplink and its bridge, unless the controller connects again.

It is a fork of the module's process (see _apart), and reads the host before the first write with the same code that
plans. It keeps none of our descriptors. A pair of sockets connects it to the module, which sends ``done`` (the run
ended well) or ``back`` (the run failed). An end of file means that the run was killed.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import syslog
import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.files import _files, _lock
from ansible_collections.netloom.linux.plugins.module_utils._host.lasting import _confirmation, _gateway
from ansible_collections.netloom.linux.plugins.module_utils._host.processes import _apart, _proof
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _ops,
    _paths,
    _scope,
    _snapshot,
    _uplink,
    _uplink_back,
    _uplink_ops,
)

READY = 20.0  # seconds until the guard has looked at the host
GATEWAY_BEFORE, GATEWAY_AFTER = 1.0, 4.0  # seconds for the default gateway to answer, before and after the move
LONGEST_RUN = 900.0  # seconds: a run that takes longer hangs
LOCK_PATIENCE = 15.0  # seconds: then the host goes back without the lock
ROUNDS = 5  # looks at the host until nothing is left to put back
LINGER = 20.0  # seconds in which a guard that put it back can say why
FORWARD_DELAY = 15  # seconds, of a spanning tree unless it is told otherwise


class HostLike(t.Protocol):
    """The methods of the host that the guard needs."""

    def read(self, scope: _scope.Scope) -> _snapshot.Snapshot:
        """Read a snapshot of the scope."""

    def do(self, ops: t.Sequence[_ops.Op]) -> None:
        """Perform ops."""

    def expect(self, snapshot: _snapshot.Snapshot) -> object:
        """Let names mean the objects of this snapshot from now on."""


Factory = t.Callable[[], HostLike]


class Guards:
    """The side of the module: the guards that this run started."""

    def __init__(self, factory: Factory) -> None:
        self._factory = factory
        self._wires: dict[tuple[_snapshot.NsKey, str], socket.socket] = {}
        self.waiting: list[dict[str, t.Any]] = []

    def do(self, op: _ops.Op) -> None:
        """Perform an op on a guard. Raises HostError."""
        _ops.performed_by(PERFORM, op)(self, op)

    def start(self, op: _uplink_ops.GuardStart) -> None:
        """Start the guard, and wait until it has read the host."""
        ours, theirs = socket.socketpair()
        runner = os.getpid()
        _apart.fork(lambda: _Guard(op, theirs, runner, self._factory).run())
        theirs.close()
        ours.settimeout(READY)
        try:
            said = ours.recv(4096).decode()
        except OSError:
            said = ""
        if not said.startswith("ready "):
            ours.close()
            why = said or "the guard did not start"
            raise _errors.HostError(f"Cannot guard '{op.uplink}': {why}. Nothing is moved without one.")
        self._wires[(op.ns, op.uplink)] = ours
        self.waiting.append({"uplink": op.uplink, "token": said.split()[1], "seconds": op.seconds})

    def back(self, op: _uplink_ops.GuardBack) -> None:
        """Wait until the guard has restored the rest of an undone run, and forget the guard."""
        wire = self._wires.pop((op.ns, op.uplink), None)
        if wire is None:
            return
        self.waiting = [one for one in self.waiting if one["uplink"] != op.uplink]
        with wire, contextlib.suppress(OSError):
            wire.settimeout(READY)
            wire.sendall(b"back")
            wire.recv(1)

    def close(self) -> None:
        """Start the timers of the guards, because the run is over."""
        for wire in self._wires.values():
            with wire, contextlib.suppress(OSError):
                wire.sendall(b"done")
        self._wires.clear()


PERFORM: dict[str, t.Callable[[Guards, t.Any], None]] = {"GuardStart": Guards.start, "GuardBack": Guards.back}


class _Guard:
    """The side of the guard."""

    def __init__(self, op: _uplink_ops.GuardStart, wire: socket.socket, runner: int, factory: Factory) -> None:
        self.op, self.wire, self.runner = op, wire, runner
        self._factory = factory
        self.token = secrets.token_hex(8)
        self.path = f"{_paths.GUARDS}/{self.token}.json"
        routes = {(op.ns, ("by", op.uplink)), (op.ns, ("by", op.bridge))}
        files = {_paths.uplink_record(op.ns, op.uplink), _paths.tx_checksum_record(op.uplink)}
        self.scope = _scope.Scope({op.ns, None}, neighbours={op.ns}, routes=routes, files=files)
        self.scope.sysctls = {(op.ns, op.uplink, key) for key in _uplink.WRITTEN}
        if op.ovs is not None:
            self.scope.ovs, self.scope.peers_of, self.scope.receiving = {op.ovs}, {op.uplink}, True
            self.scope.trees.add(_paths.receive_offloads())
        self.gateways: list[str] = []

    def run(self) -> None:
        """Guard the move, from before the first write to the end."""
        _apart.detach({self.wire.fileno()}, "netloom-guard")
        syslog.openlog("netloom")
        try:
            self.host = self._factory()
            self.before = self.host.read(self.scope)
            ns = self.before.namespaces[self.op.ns]
            for name in (name for name in (self.op.uplink, self.op.bridge) if name in ns.links):
                _uplink.belongings(ns, name)  # read it now, because later it is as after the move
            ways = _gateway.gateways(ns, (self.op.uplink, self.op.bridge))
            self.gateways = [
                gateway for device, gateway in ways if _gateway.answers(ns, device, gateway, GATEWAY_BEFORE)
            ]
            _confirmation.sweep()
            self._write(None)
            listener = _confirmation.listen(_confirmation.socket_path(self.token))
        except Exception as error:  # noqa: BLE001 pylint: disable=broad-except
            # Said to the module, which then does nothing.
            self.wire.sendall(str(error).encode()[:4000] or b"no reason known")
            return
        self.wire.sendall(f"ready {self.token}".encode())
        try:
            self._watch(listener)
        finally:
            _files.delete(self.path)
            listener.close()
            _files.delete(_confirmation.socket_path(self.token))

    def _write(self, until: float | None) -> None:
        proof = _proof.proof_of(os.getpid())
        facts: dict[str, t.Any] = {
            "ns": self.op.ns,
            "uplink": self.op.uplink,
            "seconds": self.op.seconds,
            "until": until,
            "runner": self.runner,
        }
        facts["process"] = _proof.encode(proof) if proof else None
        _files.write(self.path, json.dumps(facts) + "\n", 0o600)

    def _watch(self, listener: socket.socket) -> None:
        self.wire.settimeout(LONGEST_RUN)
        try:
            said = self.wire.recv(16)
        except OSError:
            said = b""
        if said == b"back":
            self._back(locked=True)
            with contextlib.suppress(OSError):
                self.wire.sendall(b"1")
            return
        deadline = time.monotonic() + self.op.seconds
        with contextlib.suppress(_errors.NetloomError):
            self._write(deadline)
        try:
            reason = self._wrong() if said == b"done" else "the run that moved it was killed"
        except Exception as error:  # noqa: BLE001 pylint: disable=broad-except
            # Whatever it is, the host is not left cut off.
            reason = f"the guard could not look at the host ({error})"
        if reason is None and _confirmation.heard(
            listener, self.token, _confirmation.CONFIRMED, deadline, settle=lambda: _files.delete(self.path)
        ):
            _say(f"{self.op.uplink}: the move is confirmed")
            return
        reason = reason or f"nobody confirmed the move within {self.op.seconds} s"
        _say(f"{self.op.uplink} goes back: {reason}")
        self._back(locked=False)
        _files.delete(self.path)
        _confirmation.heard(listener, self.token, reason, max(deadline, time.monotonic()) + LINGER)

    def _wrong(self) -> str | None:
        """The default gateway that no longer answers, in words, or None."""
        if not self.gateways:
            return None
        now = self.host.read(self.scope)
        ns = now.namespaces[self.op.ns]
        bridge = ns.links.get(self.op.bridge)
        # With STP a new port listens and learns first.
        row = now.ovs[self.op.ovs].bridges.get(self.op.bridge) if self.op.ovs is not None else None
        listens = bool(bridge and bridge.data.get("stp")) or bool(row and (row.stp or row.rstp))
        delay = bridge.data.get("forward_delay", FORWARD_DELAY) if bridge else FORWARD_DELAY
        patience = GATEWAY_AFTER + (2 * delay if listens else 0)
        ways = {gateway: device for device, gateway in _gateway.gateways(ns, (self.op.uplink, self.op.bridge))}
        for gateway in self.gateways:
            device = ways.get(gateway, self.op.uplink)
            if not _gateway.answers(ns, device, gateway, patience):
                return f"the gateway {gateway} answered before the move, and no longer does"
        return None

    def _back(self, locked: bool) -> None:
        """Read the host and restore what differs, until nothing does. What fails is tried again after the next
        reading.
        """
        with contextlib.ExitStack() as stack:
            if not locked:
                with contextlib.suppress(_errors.NetloomError):
                    stack.enter_context(_lock.Lock(0, f"the guard of uplink '{self.op.uplink}'", LOCK_PATIENCE))
            place = (self.op.ns, self.op.uplink, self.op.bridge)
            refused = False  # by a database of Open vSwitch
            for _round in range(ROUNDS):
                with contextlib.suppress(Exception):
                    now = self.host.read(self.scope)
                    self.host.expect(now)  # an object that gets one of the names meanwhile is left alone
                    ops = _uplink_back.back_to(self.before, now, *place, ovs=self.op.ovs, refused=refused)
                    if not ops:
                        # A killed run leaves it empty.
                        _files.prune(os.path.dirname(_paths.uplink_record(self.op.ns, self.op.uplink)))
                        return
                    dead = False  # the database, in this round: each question would take its time again
                    for op in ops:
                        if dead and op.performer == _ops.OVSDB:
                            continue
                        try:
                            self.host.do([op])
                        except Exception as error:  # noqa: BLE001 pylint: disable=broad-except
                            # The others are tried all the same.
                            dead = dead or op.performer == _ops.OVSDB
                            refused = refused or dead
                            _say(str(error))
                time.sleep(0.1)


def _say(words: str) -> None:
    syslog.syslog(syslog.LOG_NOTICE, words)
