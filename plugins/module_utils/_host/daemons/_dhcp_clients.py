# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our DHCP clients, one for each interface of a namespace: start, read and release them."""

from __future__ import annotations

import contextlib
import dataclasses
import ipaddress
import os
import signal
import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.daemons import (
    _daemon_record,
    _dhcp_lease,
    _dhcp_programs,
    _systemd,
    _units,
)
from ansible_collections.netloom.linux.plugins.module_utils._host.files import _files
from ansible_collections.netloom.linux.plugins.module_utils._host.namespaces import _namespaces
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _addresses, _route_reader, _rtnl
from ansible_collections.netloom.linux.plugins.module_utils._host.processes import _proof, _spawn
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _daemon_ops,
    _errors,
    _lease,
    _paths,
    _snapshot,
)

RECORD, LOG = "record.json", "log"
RELEASE_PATIENCE = 10.0  # seconds for `dhclient -r`, which sends one packet and runs its script


def read(keys: set[str], every: bool, units: t.Mapping[str, int] | None) -> dict[str, _snapshot.Daemon]:
    """The clients of these keys ('dhcp_client/NETNS/INTERFACE') or all: key -> Daemon. Clients without a record are
    left out. ``units``: see _daemons.
    """
    places = [
        _dhcp_programs.Place(netns or None, *names) for _kind, netns, *names in (key.split("/") for key in sorted(keys))
    ]
    records = [_daemon_record.read(place.file(RECORD)) for place in places]
    if every:
        records += [
            _daemon_record.read(f"{_dhcp_programs.ROOT}/{folder}/{RECORD}")
            for folder in _daemon_record.folders(_dhcp_programs.ROOT)
        ]
    found = [_daemon(record, units) for record in records if record is not None]
    return {_daemon_ops.daemon_key(daemon): daemon for daemon in found}


def _daemon(record: _daemon_record.Record, units: t.Mapping[str, int] | None) -> _snapshot.Daemon:
    record = _current(record, units)
    living = _proof.alive(record.proof)
    pid = record.proof.pid if record.proof and living else None
    return _snapshot.Daemon(
        record.kind,
        record.name,
        record.netns,
        pid,
        living,
        record.proof.inode if record.proof else None,
        links=record.links,
        lease=lease_of(record.kind, _place_of(record)),
        settings=record.settings,
        pids=_proof.family(pid) if pid else tuple(helper.pid for helper in _helpers(record)),
        supervised=None if units is None else pid is not None and pid == units.get(_unit_of(record)),
    )


def _current(record: _daemon_record.Record, units: t.Mapping[str, int] | None) -> _daemon_record.Record:
    """The record, with the present process if systemd restarted the client since."""
    main = (units or {}).get(_unit_of(record), 0)
    if not main or _proof.alive(record.proof):
        return record
    return dataclasses.replace(record, proof=_proof_of(record.kind, main) or record.proof)


def _bare(record: _daemon_record.Record) -> _snapshot.Daemon:
    return _snapshot.Daemon(record.kind, record.name, record.netns, settings=record.settings)


def _place_of(record: _daemon_record.Record) -> _dhcp_programs.Place:
    return _dhcp_programs.Place.of(_bare(record))


def _unit_of(record: _daemon_record.Record) -> str:
    return _daemon_ops.unit_of(_bare(record))


def _proof_of(kind: str, pid: int) -> _proof.Proof | None:
    """The proof of a client's process. dhcpcd overwrites its command line with its state."""
    proof = _proof.proof_of(pid)
    return dataclasses.replace(proof, command=()) if proof is not None and kind == "dhcpcd" else proof


def lease_of(kind: str, place: _dhcp_programs.Place) -> _lease.Lease | None:
    """The lease that the client holds, as it recorded it."""
    now = time.time()
    if kind == "dhclient":
        return (_dhcp_lease.of_dhclient6 if place.six else _dhcp_lease.of_dhclient)(
            _files.read(place.dhclient_leases) or "", now
        )
    if kind == "udhcpc":
        return _dhcp_lease.of_record(_files.read(place.file("lease")) or "", now)
    try:
        with open(place.dhcpcd_lease, "rb") as handle:
            read = _dhcp_lease.of_message if place.six else _dhcp_lease.of_packet
            return read(handle.read(4096), os.fstat(handle.fileno()).st_mtime, now)
    except OSError:
        return None


def start(daemons: t.Sequence[_snapshot.Daemon]) -> None:
    """Start the clients, side by side if systemd does it, and return at once. All leases are waited for together,
    elsewhere.
    """
    _end_left(daemons)
    calls = [_prepare(daemon) for daemon in daemons]
    booted, since = _systemd.booted(), time.time()
    failed = {}
    if booted:
        failed = _systemd.start([_unit(daemon, how) for daemon, how in zip(daemons, calls)])
        pids = _systemd.running()
    for daemon, how in zip(daemons, calls):
        place = _dhcp_programs.Place.of(daemon)
        name = _daemon_ops.unit_of(daemon)
        pid = pids.get(name, 0) if booted else _spawn.start(how.argv, daemon.netns, how.private, place.file(LOG))
        proof = _proof_of(daemon.kind, pid) if pid and name not in failed else None
        if proof is None:
            _systemd.stop([name] if booted else [])
            why = _units.last_words(name, failed.get(name, "it ended at once"), place.file(LOG), since)
            raise _errors.HostError(f"Cannot start {daemon.kind} on {daemon.name}: {why}.")
        _daemon_record.write(place.file(RECORD), daemon, proof)


def _prepare(daemon: _snapshot.Daemon) -> _dhcp_programs.Call:
    """Write the files of a client, and return how to call it."""
    place = _dhcp_programs.Place.of(daemon)
    program = _spawn.which(daemon.kind)
    if program is None:
        raise _errors.HostError(
            f"Cannot start {daemon.kind} on {daemon.name}: no such program. The role netloom.linux.prepare installs a"
            " DHCP client."
        )
    left = _daemon_record.read(place.file(RECORD))
    if left is not None and left.links != _daemon_record.indexes(daemon.netns, daemon.links):
        # The lease of an interface that is gone: another MAC address, maybe another network. After a reboot there is no
        # record, and it is asked for again.
        _files.delete(place.dhclient_leases)
        _files.delete(place.dhcpcd_lease)
    _files.write(place.file(LOG), "")
    how = _dhcp_programs.call(daemon.kind, program, place, daemon.settings)
    _daemon_record.open_to_all(os.path.dirname(place.file(LOG)), _paths.RUN)
    return how


def _unit(daemon: _snapshot.Daemon, how: _dhcp_programs.Call) -> _systemd.Unit:
    """The unit of a client. systemd ends it without a word to the server, so a client that starts again, even after a
    reboot, asks for the same address.
    """
    own: list[_systemd.Property] = [
        ("Type", "s", "exec"),
        ("KillMode", "s", "control-group"),
        ("KillSignal", "i", int(signal.SIGKILL)),
    ]
    scripts = [one.folder for one in how.private if isinstance(one, _spawn.Cover) and "script" in one.files]
    if daemon.kind == "dhclient":
        own += [("StandardOutput", "s", "null"), ("StandardError", "s", "null")]  # it writes the same to syslog
    place = _dhcp_programs.Place.of(daemon)
    spool = place.file("mounts")
    if scripts and _systemd.knows("ExecPaths"):
        own.append(("ExecPaths", "as", scripts))  # /run is mounted noexec on Debian
    elif scripts:
        spool = f"{place.state}/mounts"
    return _units.service(daemon, how.argv, os.path.dirname(place.file(RECORD)), own, private=how.private, spool=spool)


def _end_left(daemons: t.Sequence[_snapshot.Daemon]) -> None:
    """End at once the clients that still run on these interfaces, so that none of them releases the lease that the new
    client asks for.
    """
    if _systemd.booted():
        _systemd.stop([_daemon_ops.unit_of(daemon) for daemon in daemons])
    for daemon in daemons:
        left = _daemon_record.read(_dhcp_programs.Place.of(daemon).file(RECORD))
        for proof in [left.proof, *_helpers(left)] if left is not None else ():
            if proof is not None:
                _proof.end(proof, signal.SIGKILL)


def stop(daemons: t.Sequence[_snapshot.Daemon], forget: bool) -> None:
    """End the clients and release their leases, which removes the addresses. ``forget``: delete their files too."""
    units = _systemd.running() if _systemd.booted() else None
    for daemon in daemons:
        _stop(daemon, forget, units)


def _stop(daemon: _snapshot.Daemon, forget: bool, units: t.Mapping[str, int] | None) -> None:
    place = _dhcp_programs.Place.of(daemon)
    record = _daemon_record.read(place.file(RECORD))
    if record is not None:
        record = _current(record, units)
        lease = lease_of(record.kind, place)
        _end(record)
    if _daemon_ops.unit_of(daemon) in (units or {}):
        _systemd.stop([_daemon_ops.unit_of(daemon)])
    if record is not None:
        if lease is not None and _is_there(record):
            _release(record, place)
            _take_off(record, lease)
        _files.delete(place.dhclient_leases)
        _files.delete(place.dhcpcd_lease)
    _files.delete(place.dhclient_pid)
    if forget:
        _delete_tree(os.path.dirname(place.file(RECORD)))
        _delete_tree(place.state)


def _end(record: _daemon_record.Record) -> None:
    """End the rest of a client, and release the lease if the program itself does that at its end."""
    if record.proof is None:
        return
    if _proof.alive(record.proof):
        # dhcpcd(8): SIGALRM is what `dhcpcd -k` sends. udhcpc runs with -R and releases when it ends.
        _proof.end(record.proof, signal.SIGALRM if record.kind == "dhcpcd" else signal.SIGTERM)
    for helper in _helpers(record):
        _proof.end(helper)


def _helpers(record: _daemon_record.Record) -> list[_proof.Proof]:
    """The helper processes of dhcpcd. It separates privileges: when it is killed, its helpers live on."""
    return _proof.relatives(record.proof, record.mounts) if record.kind == "dhcpcd" and record.proof is not None else []


def _is_there(record: _daemon_record.Record) -> bool:
    """Whether the interface is still the one on which the client was started, and not a later one of the same name."""
    inode = _namespaces.inode_of(_namespaces.path_of(record.netns))
    if record.proof is None or inode != record.proof.inode:
        return False
    return bool(record.links) and _daemon_record.indexes(record.netns, record.links) == record.links


def _release(record: _daemon_record.Record, place: _dhcp_programs.Place) -> None:
    """Release a lease with dhclient, which needs a run of its own and only the lease file. So it also works for a dead
    client.
    """
    program = _spawn.which("dhclient")
    if record.kind != "dhclient" or program is None:
        return
    # dhclient would kill any process that the pid file names.
    _files.delete(place.dhclient_pid)
    how = _dhcp_programs.call("dhclient", program, place, {}, release=True)
    # The address is removed even if the server cannot be reached.
    with contextlib.suppress(_errors.HostError):
        _spawn.run(how.argv, record.netns, how.private, seconds=RELEASE_PATIENCE)


def _take_off(record: _daemon_record.Record, lease: _lease.Lease) -> None:
    """Remove the address, which a killed client could not remove, and its routes, which the kernel keeps while the link
    has another address.
    """
    network = ipaddress.ip_interface(lease.address).network
    leased = {destination for destination, _gateway in lease.routes}
    socket = _rtnl.Rtnl(record.netns)
    try:
        links = socket.links()
        link = links.get(record.name)
        if link is None or link.index is None:
            return
        for route in _route_reader.RouteSource(lambda: socket, {link.index: link.name}).answer(("by", link.name)):
            # What users declare has protocol static, what `ip route` and dhcpcd make boot and dhcp.
            by_lease = route.destination in leased or (route.gateway and ipaddress.ip_address(route.gateway) in network)
            if route.device == link.name and route.protocol in ("boot", "dhcp") and by_lease:
                socket.route_delete(f"delete the leased route {route.destination}", route, {link.name: link.index})
        for address in link.addresses:
            if lease.is_address(address.cidr):
                _addresses.delete(
                    socket,
                    f"take {address.cidr} off {record.name}",
                    link.index,
                    address.cidr,
                    address.detail.get("peer"),
                )
        for route in (
            _route_reader.RouteSource(lambda: socket, {link.index: link.name}).answer(("by", link.name))
            if ":" in lease.address
            else ()
        ):
            # The kernel lets the route of an IPv6 address with a lifetime live on until that is over.
            if route.device == link.name and route.protocol == "kernel" and route.destination == lease.address:
                socket.route_delete(f"delete the leased route {route.destination}", route, {link.name: link.index})
    finally:
        socket.close()


def _delete_tree(folder: str) -> None:
    for parent, folders, files in os.walk(folder, topdown=False):
        for name in sorted(files):
            _files.delete(os.path.join(parent, name))
        for path in (os.path.join(parent, name) for name in sorted(folders)):
            if os.path.islink(path):
                _files.delete(path)
            else:
                with contextlib.suppress(OSError):
                    os.rmdir(path)
    _files.prune(folder)
