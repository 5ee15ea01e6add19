# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our dnsmasq processes, with one folder each below /run/netloom/dnsmasq (dnsmasq(8))."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pwd
import signal
import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.daemons import _daemon_record, _systemd, _units
from ansible_collections.netloom.linux.plugins.module_utils._host.files import _files
from ansible_collections.netloom.linux.plugins.module_utils._host.namespaces import _namespaces
from ansible_collections.netloom.linux.plugins.module_utils._host.processes import _proof, _spawn
from ansible_collections.netloom.linux.plugins.module_utils._model import _daemon_ops, _errors, _paths, _snapshot

CONF, HOSTS, OPTIONS, PID, LOG, RECORD = "dnsmasq.conf", "hosts", "options", "pid", "log", "record.json"
PREFIX = "dnsmasq/"
TEST = ("--test", "--conf-file=-")
# Leases that this run deleted: a run that is undone starts the server again, and it must not hand out taken addresses.
_forgotten: dict[str, str] = {}
# Configurations that were tested: each look at the host asks, and the answer stays the same.
_tested: dict[str, str | None] = {}


def read(keys: set[str], every: bool, units: t.Mapping[str, int] | None) -> dict[str, _snapshot.Daemon]:
    """The daemons of these keys ('dnsmasq/NAME') or all: key -> Daemon. Daemons without any file are left out.
    ``units``: see _daemons.
    """
    asked = {key[len(PREFIX) :] for key in keys}
    names = asked | (set(_daemon_record.folders(_daemon_ops.DNSMASQ_RUN)) if every else set())
    found = (_supervised(_read_one(name), units) for name in sorted(names))
    # Files of a crash that belong to no namespace are only of interest to who asks for that name.
    return {
        _daemon_ops.daemon_key(daemon): daemon
        for daemon in found
        if daemon is not None and (daemon.netns is not None or daemon.name in asked)
    }


def _supervised(daemon: _snapshot.Daemon | None, units: t.Mapping[str, int] | None) -> _snapshot.Daemon | None:
    """The daemon with the information whether systemd supervises it; None if systemd cannot."""
    if daemon is None or units is None:
        return daemon
    return dataclasses.replace(
        daemon, supervised=daemon.pid is not None and units.get(_daemon_ops.unit_of(daemon)) == daemon.pid
    )


def _read_one(name: str) -> _snapshot.Daemon | None:
    """Read one daemon. Files without a process count too (a crash, a stopped server)."""
    files = {
        _daemon_ops.dnsmasq_file(name, file): _files.read(_daemon_ops.dnsmasq_file(name, file))
        for file in (CONF, HOSTS, OPTIONS)
    }
    texts = {path: text for path, text in files.items() if text is not None}
    record = _daemon_record.read(_daemon_ops.dnsmasq_file(name, RECORD))
    if record is None and not texts:
        return None
    proof = _living(name, record)
    pid, inode = (proof.pid, proof.inode) if proof else (None, None)
    daemon = _snapshot.Daemon("dnsmasq", name, None, pid, proof is not None, inode, files=texts)
    if record is None:
        return dataclasses.replace(daemon, netns=_namespace_of(inode), unread=tuple(texts))
    return dataclasses.replace(
        daemon,
        netns=record.netns,
        links=record.links,
        settings=record.settings,
        unread=tuple(path for path, text in texts.items() if record.files.get(path) != _daemon_record.digest(text)),
    )


def _namespace_of(inode: int | None) -> str | None:
    """The name of the namespace with this inode."""
    if inode is None:
        return None
    named = (ns for ns in _namespaces.names() if _namespaces.inode_of(_namespaces.path_of(ns)) == inode)
    return next(named, None)


def _living(name: str, record: _daemon_record.Record | None) -> _proof.Proof | None:
    """The process, if it is proven to be ours and alive."""
    if record is not None and record.proof is not None and _proof.alive(record.proof):
        return record.proof
    # We died between starting it and writing the record: only its pid file and its command line, which names our file,
    # tell.
    _spawn.reap()
    try:
        proof = _proof.proof_of(int(_files.read(_daemon_ops.dnsmasq_file(name, PID)) or ""))
    except ValueError:
        return None
    return proof if proof is not None and _is_of(proof, name) else None


def _is_of(proof: _proof.Proof, name: str) -> bool:
    return f"--conf-file={_daemon_ops.dnsmasq_file(name, CONF)}" in proof.command


def start(daemons: t.Sequence[_snapshot.Daemon]) -> None:
    """Write the files of the servers and start them, side by side if systemd does it. dnsmasq reports before it goes
    into the background whether it came up.
    """
    program = _spawn.which("dnsmasq")
    if program is None:
        raise _errors.HostError(
            f"Cannot start dnsmasq '{daemons[0].name}': no program dnsmasq. The role netloom.linux.prepare installs it."
        )
    _end([(daemon.name, _daemon_record.read(_daemon_ops.dnsmasq_file(daemon.name, RECORD))) for daemon in daemons])
    for daemon in daemons:
        _prepare(daemon)
    calls = {
        daemon.name: [program, f"--conf-file={_daemon_ops.dnsmasq_file(daemon.name, CONF)}", *_identity()]
        for daemon in daemons
    }
    since = time.time()
    failed = _start_units(daemons, calls) if _systemd.booted() else {}
    for daemon in daemons:
        if not _systemd.booted():
            finished = _spawn.run(
                [*calls[daemon.name], f"--log-facility={_daemon_ops.dnsmasq_file(daemon.name, LOG)}"], daemon.netns
            )
            if finished.code != 0:
                failed[daemon.name] = f"exit status {finished.code}"
                _files.write(_daemon_ops.dnsmasq_file(daemon.name, LOG), finished.output)
        proof = None if daemon.name in failed else _living(daemon.name, None)
        if proof is None:
            why = _units.last_words(
                _daemon_ops.unit_of(daemon),
                failed.get(daemon.name, "it ended at once"),
                _daemon_ops.dnsmasq_file(daemon.name, LOG),
                since,
            )
            raise _errors.HostError(f"Cannot start dnsmasq '{daemon.name}'{_where(daemon)}: {why}.")
        _daemon_record.write(_daemon_ops.dnsmasq_file(daemon.name, RECORD), daemon, proof)


def _start_units(daemons: t.Sequence[_snapshot.Daemon], calls: t.Mapping[str, t.Sequence[str]]) -> dict[str, str]:
    """Start the units. Return the reason for each server that did not come up, by its name."""
    units = {
        daemon.name: _units.service(
            daemon, calls[daemon.name], f"{_daemon_ops.DNSMASQ_RUN}/{daemon.name}", _properties(daemon)
        )
        for daemon in daemons
    }
    failed = _systemd.start(list(units.values()))
    return {name: failed[unit.name] for name, unit in units.items() if unit.name in failed}


def _properties(daemon: _snapshot.Daemon) -> list[_systemd.Property]:
    """The properties of the unit. dnsmasq logs to the journal, and also writes start errors to a file, for our own
    errors. It may serve any protocol.
    """
    # Where systemd cannot truncate the file, it is a new one with each start of ours all the same: see _prepare.
    onto = (
        "StandardErrorFileToTruncate" if _systemd.knows("StandardErrorFileToTruncate") else "StandardErrorFileToAppend"
    )
    return [
        ("Type", "s", "forking"),
        ("PIDFile", "s", _daemon_ops.dnsmasq_file(daemon.name, PID)),
        ("ExecReload", "a(sasb)", [("/bin/kill", ["/bin/kill", "-HUP", "$MAINPID"], False)]),
        (onto, "s", _daemon_ops.dnsmasq_file(daemon.name, LOG)),
        ("NoNewPrivileges", "b", True),
        ("ProtectKernelTunables", "b", True),
        ("ProtectKernelLogs", "b", True),
    ]


def _prepare(daemon: _snapshot.Daemon) -> None:
    """Write the files of a server, and an empty log for each start, because /run is memory."""
    _write(daemon)
    leases = _daemon_ops.dnsmasq_leases(daemon.name)
    _files.make_parents(leases)
    if daemon.name in _forgotten:
        _files.write(leases, _forgotten.pop(daemon.name))
    for file in (PID, LOG, RECORD):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(_daemon_ops.dnsmasq_file(daemon.name, file))


def _end(named: t.Sequence[tuple[str, _daemon_record.Record | None]]) -> None:
    """End the running processes of these servers. systemd would restart those that it supervises, so it is told to stop
    them.
    """
    if _systemd.booted():
        _systemd.stop([_daemon_ops.unit_of(_snapshot.Daemon("dnsmasq", name, None)) for name, _record in named])
    for name, record in named:
        left = _living(name, record)
        if left is not None:
            _proof.end(left)


def _where(daemon: _snapshot.Daemon) -> str:
    return f" in namespace '{daemon.netns}'" if daemon.netns is not None else ""


def _write(daemon: _snapshot.Daemon) -> None:
    for path, content in daemon.files.items():
        _files.write(path, content)
    _daemon_record.open_to_all(f"{_daemon_ops.DNSMASQ_RUN}/{daemon.name}", _paths.RUN)


def _identity() -> list[str]:
    """The user of dnsmasq: the one that its package made, as the services of the distributions use it, else its
    built-in default (nobody).

    In a user namespace that maps too little, dnsmasq can neither change its user nor drop supplementary groups. Then it
    keeps its user.
    """
    with contextlib.suppress(OSError), open("/proc/self/setgroups", encoding="ascii") as handle:
        if handle.read().strip() == "deny":
            return ["--user=root", "--group="]
    with contextlib.suppress(KeyError):
        return [f"--user={pwd.getpwnam('dnsmasq').pw_name}"]
    return []


def stop(daemons: t.Sequence[_snapshot.Daemon], forget: bool) -> None:
    """End the processes that are proven to be ours; ``forget``: delete their files and leases."""
    _end([(daemon.name, _daemon_record.read(_daemon_ops.dnsmasq_file(daemon.name, RECORD))) for daemon in daemons])
    for daemon in daemons:
        _files.delete(_daemon_ops.dnsmasq_file(daemon.name, PID))
        if forget:
            _forget(daemon)


def _forget(daemon: _snapshot.Daemon) -> None:
    leases = _daemon_ops.dnsmasq_leases(daemon.name)
    kept = _files.read(leases)
    if kept:
        _forgotten[daemon.name] = kept
    for file in (CONF, HOSTS, OPTIONS, LOG, RECORD, _units.NETNS_LINK, _units.ETC_LINK):
        _files.delete(_daemon_ops.dnsmasq_file(daemon.name, file))
    _files.delete(leases)
    _files.prune(os.path.dirname(leases))


def reload(daemon: _snapshot.Daemon) -> None:
    """Rewrite the files of a server and let it read hosts and options again. The configuration itself is only read at a
    start.
    """
    path = _daemon_ops.dnsmasq_file(daemon.name, RECORD)
    record = _daemon_record.read(path)
    proof = _living(daemon.name, record)
    if proof is None:
        raise _errors.HostError(f"Cannot reload dnsmasq '{daemon.name}': it ended meanwhile. Run again.")
    _write(daemon)
    if not _proof.send(proof, signal.SIGHUP):
        raise _errors.HostError(f"Cannot reload dnsmasq '{daemon.name}': it ended meanwhile. Run again.")
    _daemon_record.write(path, daemon, proof)


def tests(configurations: t.Collection[str]) -> dict[str, str | None]:
    """The result of `dnsmasq --test` for each configuration: None (fine), '' (no dnsmasq here), else the error; 'line
    N' counts the given lines. Writes nothing.
    """
    program = _spawn.which("dnsmasq")
    if program is None:
        return dict.fromkeys(configurations, "")
    new = [text for text in dict.fromkeys(configurations) if text not in _tested]
    _tested.update({text: _error_in(done) for text, done in zip(new, _spawn.each([program, *TEST], new))})
    return {text: _tested[text] for text in configurations}


def _error_in(finished: _spawn.Finished) -> str | None:
    if finished.code == 0:
        return None
    said = [line for line in finished.output.splitlines() if line.strip()]
    return _errors.quoted((said[-1] if said else f"exit status {finished.code}").replace("dnsmasq: ", ""))
