# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Send packets from namespaces to see what arrives: all probes at the same time, in one process and one thread."""

from __future__ import annotations

import contextlib
import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _neighbours
from ansible_collections.netloom.linux.plugins.module_utils._host.probes import (
    _probe_echo,
    _probe_frames,
    _probe_loop,
    _probe_names,
    _probe_streams,
    _witness,
)
from ansible_collections.netloom.linux.plugins.module_utils._model import _inconclusive, _probe, _probe_lease, _snapshot

LATEST = 0.1  # seconds between the last packet and the end, for its answer
FEW = 200  # probes that are sent without a look at the table of neighbours
PATIENCE = 0.2  # seconds without an answer to any of a crowd, before the next are sent
AT_ONCE = 64  # packets sent before answers are looked for, so that no socket's buffer overflows
LATE = 10  # how often a crowd is waited for once more, as long as answers arrive


class Range:
    """Makes the probers. Probers that can share a socket do so."""

    def __init__(self, loop: _probe_loop.Loop, snapshot: _snapshot.Snapshot, mark: bytes) -> None:
        self.loop, self.snapshot = loop, snapshot
        self.echoes: dict[tuple[_snapshot.NsKey, int, bool], _probe_echo.EchoSocket] = {}
        self.frames: dict[_snapshot.NsKey, _probe_frames.FrameSocket] = {}
        self.listeners = _probe_streams.Listeners(loop, mark)

    def prober(self, outcome: _probe.Outcome) -> _probe_loop.Prober | None:
        """The prober for a probe, or None if nothing can be sent."""
        probe = outcome.probe
        if probe.protocol in _probe.SILENT:
            return None
        if probe.protocol != "ethernet" and probe.address is None:
            outcome.reason = f"{probe.target} has no address"
            return None
        try:
            return self._make(outcome, probe)
        except _probe_loop.CannotOpen as error:
            outcome.unproven = str(error)
        except OSError as error:
            outcome.unproven = str(_probe_loop.CannotOpen("socket", probe.source, error))
        return None

    def _make(self, outcome: _probe.Outcome, probe: _probe.Probe) -> _probe_loop.Prober:
        if probe.protocol == "ethernet":
            if probe.target not in self.frames:
                self.frames[probe.target] = _probe_frames.FrameSocket(self.loop, probe.target)
            return _probe_frames.FrameProber(
                outcome, self.loop, self.snapshot.namespaces[probe.source], self.frames[probe.target]
            )
        if probe.protocol == "arp":
            asks = _probe_frames.NeighbourProber if probe.version == 6 else _probe_frames.ArpProber
            return asks(outcome, self.loop, self.snapshot.namespaces[probe.source])
        if probe.protocol == "dns":
            return _probe_names.DnsProber(outcome, self.loop)
        if probe.protocol == "icmp":
            return _probe_echo.EchoProber(outcome, self._echo(probe))
        return (_probe_streams.TcpProber if probe.protocol == "tcp" else _probe_streams.UdpProber)(
            outcome, self.loop, self.listeners
        )

    def _echo(self, probe: _probe.Probe) -> _probe_echo.EchoSocket:
        key = (probe.source, probe.version, probe.size is not None)
        if key not in self.echoes or self.echoes[key].full:
            self.echoes[key] = _probe_echo.EchoSocket(self.loop, *key)
        return self.echoes[key]


def run(
    probes: t.Sequence[_probe.Probe],
    snapshot: _snapshot.Snapshot,
    witness: _witness.Witness,
    count: int,
    timeout: float,
    *,
    mark: bytes = b"",
) -> list[_probe.Outcome]:
    """Answer all probes from records, from the kernel's routes, and with up to ``count`` packets for each within
    ``timeout`` seconds. ``mark``: how the datagrams begin that listeners on other hosts answer.
    """
    outcomes = [
        _probe.Outcome(probe, unproven=_inconclusive.why(probe, snapshot)) for probe in _probe.resolve(probes, snapshot)
    ]
    for outcome in outcomes:
        _ask(outcome, snapshot, witness)
    servers = [
        (outcome, _probe.Outcome(_probe.who_has(outcome.probe, server)))
        for outcome in outcomes
        if (server := outcome.server)
    ]
    _send([*outcomes, *(asked for _outcome, asked in servers)], snapshot, count, timeout, mark)
    for outcome, asked in servers:
        outcome.macs = asked.macs
    for outcome in outcomes:
        held = {mac: _probe.holders_of(mac, snapshot) for mac in outcome.macs}
        outcome.holders = sorted({_probe.name_of(holder) for holders in held.values() for holder in holders})
        outcome.strangers = [mac for mac, holders in held.items() if not holders]
    return outcomes


def _ask(outcome: _probe.Outcome, snapshot: _snapshot.Snapshot, witness: _witness.Witness) -> None:
    """Find what can be known without a packet."""
    probe = outcome.probe
    if probe.protocol == "dhcp":
        _probe_lease.judge_lease(outcome, snapshot)
    elif (probe.via is not None or probe.protocol == "route") and probe.address is not None:
        outcome.way = way = witness.route(probe.source, probe.address)
        if probe.protocol == "route":
            outcome.seen, outcome.reason = not way.problem, _probe.WHY_NOT.get(way.problem, way.problem)


def _send(
    outcomes: t.Sequence[_probe.Outcome], snapshot: _snapshot.Snapshot, count: int, timeout: float, mark: bytes
) -> None:
    """Send the probes, and end early when all are decided."""
    with contextlib.ExitStack() as stack:
        crowd = stack.enter_context(contextlib.closing(Crowd([outcome.probe for outcome in outcomes], snapshot)))
        # Closed first: the end of a connection needs the neighbours again.
        loop = stack.enter_context(contextlib.closing(_probe_loop.Loop()))
        made = Range(loop, snapshot, mark)
        pending = [prober for prober in map(made.prober, sorted(outcomes, key=_pair)) if prober]
        interval = max(timeout - LATEST, 0.0) / count
        for number in range(count + LATE):
            if number < count:
                crowd.send(loop, pending)
            awaited = [prober for prober in pending if not prober.decided]
            pending = wait(loop, awaited, time.monotonic() + interval + (LATEST if number >= count - 1 else 0.0))
            if not pending:
                return
            if number >= count - 1 and len(pending) == len(awaited):
                break
        wait(loop, [prober for prober in pending if prober.lingers], time.monotonic() + timeout)


def _pair(outcome: _probe.Outcome) -> list[str]:
    """The names of both namespaces of a probe. Probes in both directions are sent together, because they need the same
    two neighbours.
    """
    return sorted((outcome.probe.source or "", outcome.probe.to))


class Crowd:
    """Sends as many probes at once as the neighbour table of the host has room for."""

    def __init__(self, probes: t.Sequence[_probe.Probe], snapshot: _snapshot.Snapshot) -> None:
        self.table: _neighbours.NeighbourTable | None = None
        self.most = max(1, len(probes))
        if len(probes) > FEW:
            namespaces = {name for probe in probes for name in (probe.source, probe.target)}
            addresses = {str(own.ip) for name in namespaces for own in _probe.addresses_of(snapshot.namespaces[name])}
            self.table = _neighbours.NeighbourTable(
                {None, *namespaces}, addresses | {probe.address for probe in probes if probe.address}
            )
            self.table.make_room()
            # A probe may need two neighbours, one there and one for the way back. A third of the room is left to
            # others.
            self.most = self.table.room() // 3

    def close(self) -> None:
        """Close the table, after freeing the room that the last probes took."""
        if self.table is not None:
            self.table.make_room()
            self.table.close()

    def send(self, loop: _probe_loop.Loop, probers: t.Sequence[_probe_loop.Prober]) -> None:
        """Send one packet for each prober."""
        for start in range(0, len(probers), self.most):
            some = list(probers[start : start + self.most])
            awaited: list[_probe_loop.Prober] = []
            patience = PATIENCE
            for first in range(0, len(some), AT_ONCE):
                for prober in some[first : first + AT_ONCE]:
                    prober.send()
                    awaited.append(prober)
                awaited, patience = ebb(loop, awaited, patience)
            if self.table is not None and len(probers) > self.most:
                wait(loop, some, time.monotonic() + PATIENCE)
                self.table.make_room()


def ebb(
    loop: _probe_loop.Loop, probers: t.Sequence[_probe_loop.Prober], patience: float
) -> tuple[list[_probe_loop.Prober], float]:
    """Let answers arrive until few are awaited. So a crowd is sent as fast as it is answered, and drowns nobody on the
    way: Open vSwitch in userspace takes up to a millisecond for a new flow, and drops what it cannot take. Return whose
    answers are awaited, nobody's if none arrives any more, and how long to wait for one the next time: where nobody
    answers, nobody drowns.
    """
    loop.turn(0)
    awaited, until = _awaited(probers), time.monotonic() + patience
    while len(awaited) >= AT_ONCE:
        left = until - time.monotonic()
        if left <= 0:
            return [], patience / 2
        loop.turn(left)
        still = _awaited(awaited)
        if len(still) < len(awaited):
            awaited, until = still, time.monotonic() + PATIENCE
    return awaited, PATIENCE


def _awaited(probers: t.Iterable[_probe_loop.Prober]) -> list[_probe_loop.Prober]:
    """Those whose answer should still arrive."""
    return [one for one in probers if one.outcome.probe.reachable and not one.over and not one.outcome.seen]


def wait(loop: _probe_loop.Loop, probers: t.Sequence[_probe_loop.Prober], until: float) -> list[_probe_loop.Prober]:
    """The probers that are not decided by then. The last one is checked first, so that a crowd is not checked again and
    again.
    """
    pending = list(probers)
    while pending:
        while pending and pending[-1].decided:
            pending.pop()
        left = until - time.monotonic()
        if not pending or left <= 0:
            break
        loop.turn(min(left, pending[-1].lingers or left))
    return [prober for prober in pending if not prober.decided]
