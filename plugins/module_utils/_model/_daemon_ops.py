# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes on our daemons (dnsmasq, DHCP clients), as data, and where their files are."""

from __future__ import annotations

import dataclasses
import hashlib

from ansible_collections.netloom.linux.plugins.module_utils._model import _ops, _paths, _snapshot

DNSMASQ_RUN = "/run/netloom/dnsmasq"
DNSMASQ_LEASES = "/var/lib/netloom/dnsmasq"

IPV4, IPV6 = "ipv4", "ipv6"

# Why a running daemon is restarted: it was started before systemd was asked to supervise it.
UNSUPERVISED = "so that systemd looks after it"
LONGEST_IN_UNIT = 100  # a unit's name has at most 255 bytes


def dnsmasq_file(name: str, file: str) -> str:
    """A file of one dnsmasq: dnsmasq.conf, hosts, options, pid, log or record.json."""
    return f"{DNSMASQ_RUN}/{name}/{file}"


def dnsmasq_leases(name: str) -> str:
    """The path of the leases of one dnsmasq. They outlive a boot."""
    return f"{DNSMASQ_LEASES}/{name}.leases"


def dhcp_client_key(netns: _snapshot.NsKey, interface: str, family: str = IPV4) -> str:
    """A DHCP client's key in a snapshot. Neither a namespace's name nor a link's contains '/'."""
    return f"dhcp_client/{netns or ''}/{interface}{'' if family == IPV4 else f'/{family}'}"


def family_of(daemon: _snapshot.Daemon) -> str:
    """The family of a DHCP client."""
    return str(daemon.settings.get("family", IPV4))


def daemon_key(daemon: _snapshot.Daemon) -> str:
    """The key of a daemon in a snapshot: the name of a dnsmasq, the namespace and interface (its name) of a DHCP
    client.
    """
    return (
        f"dnsmasq/{daemon.name}"
        if daemon.kind == "dnsmasq"
        else dhcp_client_key(daemon.netns, daemon.name, family_of(daemon))
    )


def unit_of_key(key: str) -> str:
    """The systemd unit of a daemon. ':' keeps namespace and interface apart: no link's name contains one, and in others
    it is escaped.
    """
    kind, *names = key.split("/")
    return f"{_paths.DNSMASQ_UNIT if kind == 'dnsmasq' else _paths.DHCP_UNIT}{':'.join(map(_escaped, names))}.service"


def unit_of(daemon: _snapshot.Daemon) -> str:
    """The systemd unit of a daemon."""
    return unit_of_key(daemon_key(daemon))


def _escaped(name: str) -> str:
    """Escape a name as systemd-escape(1) does, but keep '-', and end a name that would be too long in a digest."""
    safe = _paths.escaped(name)
    return (
        safe
        if len(safe) <= LONGEST_IN_UNIT
        else f"{safe[: LONGEST_IN_UNIT - 11]}-{hashlib.sha256(name.encode()).hexdigest()[:10]}"
    )


def called(daemon: _snapshot.Daemon) -> str:
    """The name of a daemon in sentences."""
    on = "" if daemon.kind == "dnsmasq" else "on "
    six = " -6" if on and family_of(daemon) == IPV6 else ""
    return f"{daemon.kind}{six} {on}{daemon.name}{_ops.where(daemon.netns)}"


@dataclasses.dataclass(frozen=True)
class DaemonStart(_ops.Op):
    """Write the daemon's files and start it in its namespace; a dead one's pid file is no obstacle.

    ``takes_over``: a running DHCP client ends without releasing its lease, and the new one asks for it.
    """

    performer = _ops.DAEMONS
    atomic = False
    daemon: _snapshot.Daemon
    reason: str = ""
    takes_over: bool = False

    @property
    def disturbs(self) -> str:  # type: ignore[override]
        """What the op disturbs. A lease stays, but some clients remove its address for a moment."""
        return _ops.BRIEF if self.takes_over else _ops.NOTHING

    def joins(self, last: _ops.Op) -> bool:
        # systemd starts them side by side.
        return isinstance(last, DaemonStart) and (last.daemon.kind == "dnsmasq") == (self.daemon.kind == "dnsmasq")

    def sentence(self) -> str:
        return f"start {called(self.daemon)}{f' ({self.reason})' if self.reason else ''}"

    def effect(self, now: _snapshot.Snapshot) -> None:
        ns = now.namespaces.get(self.daemon.netns)
        indexes = {name: ns.links[name].index or 0 for name in self.daemon.links if name in ns.links} if ns else {}
        inode = ns.inode if ns else None
        started = dataclasses.replace(
            self.daemon, alive=True, pid=None, pids=(), inode=inode, links=indexes, lease=None, unread=(), planned=True
        )
        now.daemons[daemon_key(self.daemon)] = started

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        if self.takes_over:
            return (dataclasses.replace(self, daemon=now.daemons[daemon_key(self.daemon)]),)
        # A restart's undo must not lose the leases: the stop before it is undone by starting the old one.
        return (DaemonStop(self.daemon, forget=daemon_key(self.daemon) not in now.daemons),)


@dataclasses.dataclass(frozen=True)
class DaemonStop(_ops.Op):
    """Stop the daemon; a DHCP client releases its lease. ``forget`` also deletes its files (configuration, leases,
    log).
    """

    performer = _ops.DAEMONS
    atomic = False
    daemon: _snapshot.Daemon
    forget: bool = True
    reason: str = ""

    def joins(self, last: _ops.Op) -> bool:
        return (
            isinstance(last, DaemonStop)
            and self.forget == last.forget
            and {self.daemon.kind, last.daemon.kind} == {"dnsmasq"}
        )

    @property
    def disturbs(self) -> str:  # type: ignore[override]
        """What the op disturbs. A restart of a server is brief. A client releases its lease. A server's leases are
        deleted with its files.
        """
        return _ops.RECREATION if self.daemon.alive and (self.forget or self.daemon.kind != "dnsmasq") else _ops.BRIEF

    def sentence(self) -> str:
        gone = " and delete its files" if self.forget else ""
        return f"stop {called(self.daemon)}{gone}{f' ({self.reason})' if self.reason else ''}"

    def effect(self, now: _snapshot.Snapshot) -> None:
        key = daemon_key(self.daemon)
        known = now.daemons.get(key)
        if known is None:
            return  # a start failed before it wrote anything
        ns = now.namespaces.get(self.daemon.netns)
        if ns is not None and ns.processes is not None:
            for pid in (known.pid or 0, *known.pids):
                ns.processes.pop(pid, None)
        link = now.link(known.netns, known.name) if known.lease else None
        if link is not None and known.lease is not None:
            now.put(
                known.netns,
                dataclasses.replace(
                    link, addresses=tuple(one for one in link.addresses if not known.lease.is_address(one.cidr))
                ),
            )
        if self.forget:
            del now.daemons[key]
        else:
            now.daemons[key] = dataclasses.replace(known, alive=False, pid=None, pids=(), lease=None, planned=False)

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        known = now.daemons[daemon_key(self.daemon)]
        in_vain = known.kind != "dnsmasq" and now.link(known.netns, known.name) is None
        return (DaemonStart(known),) if known.alive and not in_vain else ()


@dataclasses.dataclass(frozen=True)
class DaemonReload(_ops.Op):
    """Rewrite the files that the daemon reads again on SIGHUP, and send that signal."""

    performer = _ops.DAEMONS
    atomic = False
    daemon: _snapshot.Daemon
    reason: str = ""

    def sentence(self) -> str:
        return f"reload {called(self.daemon)}{f' ({self.reason})' if self.reason else ''}"

    def effect(self, now: _snapshot.Snapshot) -> None:
        known = now.daemons[daemon_key(self.daemon)]
        reloaded = dataclasses.replace(known, files=self.daemon.files, settings=self.daemon.settings, unread=())
        now.daemons[daemon_key(self.daemon)] = reloaded

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        return (DaemonReload(now.daemons[daemon_key(self.daemon)]),)


def lost_lease(daemon: _snapshot.Daemon, ns: _snapshot.Namespace) -> str | None:
    """A part of a sentence: the client's interface lacks the address of its lease. None if it has it, or if there is no
    lease.
    """
    link = ns.links.get(daemon.name)
    if daemon.lease is None or (
        link is not None and any(daemon.lease.is_address(address.cidr) for address in link.addresses)
    ):
        return None
    return f"the leased address {daemon.lease.address} is not on {daemon.name}"
