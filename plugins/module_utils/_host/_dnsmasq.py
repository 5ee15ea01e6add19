# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""dnsmasq processes of ours, one folder each below /run/netloom/dnsmasq (dnsmasq(8))."""

from __future__ import annotations

import contextlib
import functools
import os
import pwd
import signal

from ansible_collections.netloom.linux.plugins.module_utils._host import _daemon_record, _files, _namespaces, _proof, _spawn
from ansible_collections.netloom.linux.plugins.module_utils._host._daemon_record import Record
from ansible_collections.netloom.linux.plugins.module_utils._host._proof import Proof
from ansible_collections.netloom.linux.plugins.module_utils._model._daemon_ops import DNSMASQ_RUN, daemon_key, dnsmasq_file, dnsmasq_leases
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import HostError
from ansible_collections.netloom.linux.plugins.module_utils._model._paths import RUN
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Daemon

CONF, HOSTS, OPTIONS, PID, LOG, RECORD = "dnsmasq.conf", "hosts", "options", "pid", "log", "record.json"
PREFIX = "dnsmasq/"
# Leases that this run deleted: a run that is undone starts the server again, and it must not hand out taken addresses.
_forgotten: dict[str, str] = {}


def read(keys: set[str], every: bool) -> dict[str, Daemon]:
    """The daemons of these keys ('dnsmasq/NAME') or all: key -> Daemon. Those without a trace are left out."""
    asked = {key[len(PREFIX) :] for key in keys}
    names = asked | (set(_daemon_record.folders(DNSMASQ_RUN)) if every else set())
    found = (_read_one(name) for name in sorted(names))
    # Files of a crash that belong to no namespace are only of interest to who asks for that name.
    return {daemon_key(daemon): daemon for daemon in found if daemon is not None and (daemon.netns is not None or daemon.name in asked)}


def _read_one(name: str) -> Daemon | None:
    """Files alone are a trace too (a crash, a stopped server)."""
    files = {dnsmasq_file(name, file): _files.read(dnsmasq_file(name, file)) for file in (CONF, HOSTS, OPTIONS)}
    texts = {path: text for path, text in files.items() if text is not None}
    record = _daemon_record.read(dnsmasq_file(name, RECORD))
    if record is None and not texts:
        return None
    proof = _living(name, record)
    if record is None:
        inode = proof.inode if proof else None
        netns = next((ns for ns in _namespaces.names() if inode is not None and _namespaces.inode_of(_namespaces.path_of(ns)) == inode), None)
        return Daemon("dnsmasq", name, netns, proof.pid if proof else None, proof is not None, inode, files=texts, unread=tuple(texts))
    return Daemon(
        "dnsmasq",
        name,
        record.netns,
        proof.pid if proof else None,
        proof is not None,
        proof.inode if proof else None,
        files=texts,
        links=record.links,
        settings=record.settings,
        unread=tuple(path for path, text in texts.items() if record.files.get(path) != _daemon_record.digest(text)),
    )


def _living(name: str, record: Record | None) -> Proof | None:
    """The process, if it is proven to be ours and alive."""
    if record is not None and record.proof is not None and _proof.alive(record.proof):
        return record.proof
    # We died between starting it and writing the record: only its pid file and its command line, which names our file, tell.
    _spawn.reap()
    try:
        proof = _proof.proof_of(int(_files.read(dnsmasq_file(name, PID)) or ""))
    except ValueError:
        return None
    return proof if proof is not None and _is_of(proof, name) else None


def _is_of(proof: Proof, name: str) -> bool:
    return f"--conf-file={dnsmasq_file(name, CONF)}" in proof.command


def start(daemon: Daemon) -> None:
    """Write its files and start it. dnsmasq itself tells, before it goes into the background, whether it came up."""
    program = _spawn.which("dnsmasq")
    if program is None:
        raise HostError(f"Cannot start dnsmasq '{daemon.name}': no program dnsmasq. The role netloom.linux.prepare installs it.")
    left = _living(daemon.name, _daemon_record.read(dnsmasq_file(daemon.name, RECORD)))
    if left is not None:
        _proof.end(left)
    _write(daemon)
    leases = dnsmasq_leases(daemon.name)
    _files.make_parents(leases)
    if daemon.name in _forgotten:
        _files.write(leases, _forgotten.pop(daemon.name))
    # A log of its own for each start: /run is memory.
    for file in (PID, LOG, RECORD):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(dnsmasq_file(daemon.name, file))
    finished = _spawn.run([program, f"--conf-file={dnsmasq_file(daemon.name, CONF)}", *_identity()], daemon.netns)
    if finished.code != 0:
        said = finished.output.replace("dnsmasq: ", "").strip() or f"exit status {finished.code}"
        raise HostError(f"Cannot start dnsmasq '{daemon.name}'{_where(daemon)}: {said}.")
    proof = _living(daemon.name, None)
    if proof is None:
        raise HostError(f"Cannot start dnsmasq '{daemon.name}'{_where(daemon)}: it ended at once; its log is {dnsmasq_file(daemon.name, LOG)}.")
    _daemon_record.write(dnsmasq_file(daemon.name, RECORD), daemon, proof)


def _where(daemon: Daemon) -> str:
    return f" in namespace '{daemon.netns}'" if daemon.netns is not None else ""


def _write(daemon: Daemon) -> None:
    for path, content in daemon.files.items():
        _files.write(path, content)
    _daemon_record.open_to_all(f"{DNSMASQ_RUN}/{daemon.name}", RUN)


def _identity() -> list[str]:
    """Its user: as the distributions' own services do, the one that dnsmasq's package made, else its built-in default (nobody).

    In a user namespace that maps too little it can neither change user nor drop supplementary groups: it stays who it is.
    """
    with contextlib.suppress(OSError), open("/proc/self/setgroups", encoding="ascii") as handle:
        if handle.read().strip() == "deny":
            return ["--user=root", "--group="]
    with contextlib.suppress(KeyError):
        return [f"--user={pwd.getpwnam('dnsmasq').pw_name}"]
    return []


def stop(daemon: Daemon, forget: bool) -> None:
    """End the process, if it is proven to be ours; ``forget``: delete its files and leases."""
    record = _daemon_record.read(dnsmasq_file(daemon.name, RECORD))
    proof = _living(daemon.name, record)
    if proof is not None:
        _proof.end(proof)
    _files.delete(dnsmasq_file(daemon.name, PID))
    if not forget:
        return
    leases = dnsmasq_leases(daemon.name)
    kept = _files.read(leases)
    if kept:
        _forgotten[daemon.name] = kept
    for file in (CONF, HOSTS, OPTIONS, LOG, RECORD):
        _files.delete(dnsmasq_file(daemon.name, file))
    _files.delete(leases)
    _files.prune(os.path.dirname(leases))


def reload(daemon: Daemon) -> None:
    """Rewrite its files and have it read hosts and options again; the configuration itself is only read at a start."""
    path = dnsmasq_file(daemon.name, RECORD)
    record = _daemon_record.read(path)
    proof = _living(daemon.name, record)
    if proof is None:
        raise HostError(f"Cannot reload dnsmasq '{daemon.name}': it ended meanwhile. Run again.")
    _write(daemon)
    if not _proof.send(proof, signal.SIGHUP):
        raise HostError(f"Cannot reload dnsmasq '{daemon.name}': it ended meanwhile. Run again.")
    _daemon_record.write(path, daemon, proof)


@functools.cache  # asked at each look at the host, with the same answer
def test(configuration: str) -> str | None:
    """What `dnsmasq --test` says: None (fine), '' (no dnsmasq here), else the error; 'line N' counts the lines given. Writes nothing."""
    program = _spawn.which("dnsmasq")
    if program is None:
        return ""
    finished = _spawn.run([program, "--test", "--conf-file=-"], None, text=configuration)
    if finished.code == 0:
        return None
    said = [line for line in finished.output.splitlines() if line.strip()]
    return (said[-1] if said else f"exit status {finished.code}").replace("dnsmasq: ", "").strip()
