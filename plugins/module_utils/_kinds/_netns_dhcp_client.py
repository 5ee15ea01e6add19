# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A DHCP client on an interface of a namespace: present means that it lives and holds a lease."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds import _dnsmasq_values
from ansible_collections.netloom.linux.plugins.module_utils._model import _daemon_ops, _errors, _plan, _scope, _snapshot, _values

CLIENTS = ("dhclient", "dhcpcd", "udhcpc")
LONGEST_TIMEOUT = 3600  # seconds

UNANSWERED = "no server has answered"
ASK = "is a server in its VLAN, or on its bridge? `journalctl -u 'netloom-dnsmasq-*'` tells what ours heard"


@dataclasses.dataclass(frozen=True)
class DhcpClientSpec(_plan.Spec):
    """``client`` None: whichever is there; ``hostname`` '': send none, None: leave alone."""

    netns: str
    interface: str
    client: str | None
    hostname: str | None
    timeout: int

    @property
    def key(self) -> str:
        """In Snapshot.daemons."""
        return _daemon_ops.dhcp_client_key(self.netns, self.interface)

    @property
    def question(self) -> _scope.Program:
        """Which of the programs that would do is there."""
        return _scope.Program((self.client,) if self.client else CLIENTS)


class DhcpClientKind(_plan.Kind[DhcpClientSpec]):
    """netloom.linux.netns_dhcp_client"""

    name = "netns_dhcp_client"
    options: t.ClassVar[t.Mapping[str, t.Any]] = {
        "netns": {"type": "str", "required": True},
        "interface": {"type": "str", "required": True},
        "client": {"type": "str", "choices": ["auto", *CLIENTS], "default": "auto"},
        "hostname": {"type": "str"},
        "timeout": {"type": "int", "default": 30},
    }
    clearable: t.ClassVar[t.Mapping[str, t.Any]] = {"hostname": ""}

    def normalise(self, params: _plan.Params, path: str) -> DhcpClientSpec:
        filled, clear = self.cleared(params, path)
        name = filled.get("hostname")
        return DhcpClientSpec(
            path,
            filled["state"],
            clear,
            _values.netns_name(_dnsmasq_values.need(filled["netns"], f"{path}netns"), f"{path}netns"),
            _interface(_dnsmasq_values.need(filled["interface"], f"{path}interface"), f"{path}interface"),
            None if filled["client"] == "auto" else filled["client"],
            _dnsmasq_values.hostname(name, f"{path}hostname") if name else name,
            _values.number(filled["timeout"], f"{path}timeout", 1, LONGEST_TIMEOUT, "seconds"),
        )

    def identity(self, spec: DhcpClientSpec) -> tuple[t.Any, ...]:
        return (spec.netns, spec.interface)

    def needs(self, spec: DhcpClientSpec) -> tuple[_plan.Claim, ...]:
        return (*super().needs(spec), ("link", spec.netns, spec.interface))

    def scope(self, spec: DhcpClientSpec, scope: _scope.Scope) -> None:
        scope.namespaces.add(spec.netns)
        scope.daemons.add(spec.key)
        if spec.state != "absent":
            scope.questions.add(spec.question)

    def vacate(self, spec: DhcpClientSpec, planner: _plan.Planner) -> None:
        """A client whose link is gone goes before the link comes back: systemd starts it again and again, and its script would set the new link down."""
        found, ns = planner.now.daemons.get(spec.key), planner.now.namespaces.get(spec.netns)
        # One that is in another namespace than this may be all that keeps that alive until its cables are cut.
        if found is not None and ns is not None and found.inode == ns.inode and spec.interface not in ns.links:
            planner.do(_daemon_ops.DaemonStop(found, forget=False, reason=f"{spec.interface} is gone"))

    def make(self, spec: DhcpClientSpec, planner: _plan.Planner) -> None:
        """Nothing yet: it is started when its server may answer."""

    def settle(self, spec: DhcpClientSpec, planner: _plan.Planner) -> None:
        ns = planner.namespace(spec.netns, f"start a DHCP client on '{spec.interface}' in")
        if spec.interface not in ns.links:
            planner.missing(
                f"Cannot start a DHCP client on '{spec.interface}': there is no such link in namespace '{spec.netns}'."
                f" Create it with netloom.linux.veth, ovs_port or netns_interface first."
            )
            planner.now.put(spec.netns, _snapshot.Link(spec.interface))
        found = planner.now.daemons.get(spec.key)
        wanted = _wanted(spec, found, planner)
        if found is None:
            planner.do(_daemon_ops.DaemonStart(wanted))
            return
        reason = trouble(found, ns) or _different(found, wanted)
        if reason is None:
            if found.supervised is False:
                planner.do(_daemon_ops.DaemonStart(wanted, _daemon_ops.UNSUPERVISED, takes_over=True))
            return
        if found.alive or found.lease is not None:
            planner.do(_daemon_ops.DaemonStop(found, forget=False, reason=reason))
        planner.do(_daemon_ops.DaemonStart(wanted, reason="" if found.alive else reason))

    def remove(self, spec: DhcpClientSpec, planner: _plan.Planner) -> None:
        found = planner.now.daemons.get(spec.key)
        if found is not None:
            planner.do(_daemon_ops.DaemonStop(found))

    def view(self, spec: DhcpClientSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any] | None:
        found = snapshot.daemons.get(spec.key)
        return view_of(found, snapshot) if found is not None else None

    def facts(self, spec: DhcpClientSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any]:
        found = snapshot.daemons.get(spec.key)
        if found is None or not found.alive:
            return {}
        lease = {key: list(value) if isinstance(value, tuple) else value for key, value in vars(found.lease).items()} if found.lease else None
        return {"pid": found.pid, "lease": lease, **({"unit": _daemon_ops.unit_of(found)} if found.supervised else {})}

    def pending(self, spec: DhcpClientSpec, snapshot: _snapshot.Snapshot) -> str | None:
        found, ns = snapshot.daemons.get(spec.key), snapshot.namespaces.get(spec.netns)
        why = "there is no client" if found is None or ns is None else trouble(found, ns)
        if not why:
            return None
        advice = f" ({ASK})" if why == UNANSWERED else ""
        return f"'{spec.interface}' in {spec.netns} has no lease: {why}{advice}"

    def patience(self, spec: DhcpClientSpec) -> float:
        return float(spec.timeout)


def _interface(value: str, option: str) -> str:
    _values.link_name(value, option)
    if value.startswith("-") or value == "lo":
        raise _errors.BadInput(f"{option}: {value!r} cannot have a DHCP client; name a link that does not begin with '-', and not lo.")
    return value


def _wanted(spec: DhcpClientSpec, found: _snapshot.Daemon | None, planner: _plan.Planner) -> _snapshot.Daemon:
    """What was left out stays as it is: the client, and the name it sends."""
    program = planner.now.answers.get(spec.question)
    if program is None:
        names = spec.client or ", ".join(CLIENTS)
        planner.missing(
            f"Cannot start a DHCP client on '{spec.interface}' in namespace '{spec.netns}': there is {'no program ' if spec.client else 'none of '}{names}."
            f" The role netloom.linux.prepare installs one."
        )
    kind = spec.client or (found.kind if found is not None else None) or (program[0] if program else CLIENTS[0])
    name = spec.hostname if spec.hostname is not None else (found.settings.get("hostname") if found is not None else None)
    return _snapshot.Daemon(kind, spec.interface, spec.netns, links={spec.interface: 0}, settings={"hostname": name or ""})


def trouble(daemon: _snapshot.Daemon, ns: _snapshot.Namespace) -> str | None:
    """Why a client is not present: a reason, or None if it lives, on this interface, and its lease is in effect."""
    if not daemon.alive:
        return "the client is not running"
    displaced = _displaced(daemon, ns)
    if displaced or daemon.planned:
        return displaced
    if daemon.lease is None:
        return UNANSWERED
    return _daemon_ops.lost_lease(daemon, ns)


def _displaced(daemon: _snapshot.Daemon, ns: _snapshot.Namespace) -> str | None:
    """Why the client runs in vain: what it was started on is not what is there now."""
    link = ns.links.get(daemon.name)
    if daemon.inode != ns.inode:
        return f"namespace {ns.key} was made anew"
    if link is None:
        return f"{daemon.name} is gone"
    # In a planned state the numbers are not known: 0.
    return f"{daemon.name} was made anew" if daemon.links.get(daemon.name, 0) != (link.index or 0) else None


def _different(found: _snapshot.Daemon, wanted: _snapshot.Daemon) -> str | None:
    if found.kind != wanted.kind:
        return f"the client is to be {wanted.kind}"
    if found.settings.get("hostname", "") != wanted.settings["hostname"]:
        return f"the host name is to be {wanted.settings['hostname'] or 'none'}"
    return None


def view_of(daemon: _snapshot.Daemon, snapshot: _snapshot.Snapshot) -> dict[str, t.Any]:
    """A DHCP client of ours in the shape of the options; one without an effective lease counts as absent."""
    ns = snapshot.namespaces.get(daemon.netns)
    present = ns is not None and trouble(daemon, ns) is None
    view = {"netns": daemon.netns, "interface": daemon.name, "client": daemon.kind, "hostname": daemon.settings.get("hostname") or None}
    return {**view, "state": "present" if present else "absent"}
