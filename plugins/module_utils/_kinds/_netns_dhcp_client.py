# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A DHCP client on an interface of a namespace. Present means that it lives and holds a lease, and that the lease is in
effect.
"""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds import _dhcp_client_spec, _dhcp_lease
from ansible_collections.netloom.linux.plugins.module_utils._kinds.dnsmasq import _dnsmasq_values
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _daemon_ops,
    _errors,
    _kind,
    _plan,
    _scope,
    _snapshot,
    _values,
)

LONGEST_TIMEOUT = 3600  # seconds

# Systemd 252 writes them with a backslash (shell_escape()), which it does not take away when it reads the unit again.
SHELLS = {
    "$",
    "`",
}
ASK = "is a server in its VLAN, or on its bridge? `journalctl -u 'netloom-dnsmasq-*'` tells what ours heard"


class DhcpClientKind(_kind.Kind[_dhcp_client_spec.DhcpClientSpec]):
    """netloom.linux.netns_dhcp_client"""

    name = "netns_dhcp_client"
    options: t.ClassVar[t.Mapping[str, t.Any]] = {
        "netns": {"type": "str", "required": True},
        "interface": {"type": "str", "required": True},
        "family": {"type": "str", "choices": list(_dhcp_client_spec.PROGRAMS), "default": _daemon_ops.IPV4},
        "client": {"type": "str", "choices": ["auto", *_dhcp_client_spec.CLIENTS], "default": "auto"},
        "hostname": {"type": "str"},
        "default_route": {"type": "bool"},
        "timeout": {"type": "int", "default": 30},
        "wait_for_lease": {"type": "bool", "default": True},
    }
    clearable: t.ClassVar[t.Mapping[str, t.Any]] = {"hostname": "", "default_route": True}

    def normalise(self, params: _plan.Params, path: str) -> _dhcp_client_spec.DhcpClientSpec:
        filled, clear = self.cleared(params, path)
        name = filled.get("hostname")
        _check_family(filled, path)
        return _dhcp_client_spec.DhcpClientSpec(
            path,
            filled["state"],
            clear,
            _values.netns_name(_dnsmasq_values.need(filled["netns"], f"{path}netns"), f"{path}netns"),
            _interface(_dnsmasq_values.need(filled["interface"], f"{path}interface"), f"{path}interface"),
            filled["family"],
            None if filled["client"] == "auto" else filled["client"],
            _dnsmasq_values.hostname(name, f"{path}hostname") if name else name,
            filled.get("default_route"),
            _values.number(filled["timeout"], f"{path}timeout", 1, LONGEST_TIMEOUT, "seconds"),
            filled["wait_for_lease"],
        )

    def identity(self, spec: _dhcp_client_spec.DhcpClientSpec) -> tuple[t.Any, ...]:
        # Records name it so; one of IPv4 has never had a family.
        return (spec.netns, spec.interface, *((spec.family,) if spec.family != _daemon_ops.IPV4 else ()))

    def needs(self, spec: _dhcp_client_spec.DhcpClientSpec) -> tuple[_plan.Claim, ...]:
        return (*super().needs(spec), ("link", spec.netns, spec.interface))

    def scope(self, spec: _dhcp_client_spec.DhcpClientSpec, scope: _scope.Scope) -> None:
        scope.namespaces.add(spec.netns)
        # Look for the routes now. Otherwise the diff would look for them after the run.
        scope.routes |= {
            (spec.netns, ("by", spec.interface)),
            (spec.netns, ("to", _dhcp_client_spec.DEFAULT, _dhcp_client_spec.MAIN)),
        }
        scope.daemons.add(spec.key)
        if spec.state != "absent":
            scope.questions.add(spec.question)

    def vacate(self, spec: _dhcp_client_spec.DhcpClientSpec, planner: _plan.Planner) -> None:
        """Stop a client whose link is gone before the link is recreated. systemd restarts it again and again, and its
        script would set the new link down.
        """
        found, ns = planner.now.daemons.get(spec.key), planner.now.namespaces.get(spec.netns)
        # One that is in another namespace than this may be all that keeps that alive until its cables are cut.
        if found is not None and ns is not None and found.inode == ns.inode and spec.interface not in ns.links:
            planner.do(_daemon_ops.DaemonStop(found, forget=False, reason=f"{spec.interface} is gone"))

    def make(self, spec: _dhcp_client_spec.DhcpClientSpec, planner: _plan.Planner) -> None:
        """Plan nothing yet: the client is started when its server may answer."""

    def settle(self, spec: _dhcp_client_spec.DhcpClientSpec, planner: _plan.Planner) -> None:
        ns = planner.namespace(spec.netns, f"start {spec.called} in")
        if spec.interface not in ns.links:
            planner.missing(
                f"Cannot start {spec.called}: there is no such link in namespace '{spec.netns}'."
                " Create it with netloom.linux.veth, ovs_port or netns_interface first.",
                (spec.netns, spec.interface),
            )
            planner.now.put(spec.netns, _snapshot.Link(spec.interface))
        found = planner.now.daemons.get(spec.key)
        wanted = _wanted(spec, found, planner)
        if found is None:
            planner.do(_daemon_ops.DaemonStart(wanted))
            return
        reason = _lacking(spec, _dhcp_lease.broken(found, ns)) or _different(found, wanted)
        if reason is None:
            # A restarted client asks for the lease that it has, and sets it completely.
            reason = (
                _dhcp_lease.lost(found, ns)
                or _dhcp_lease.lost_mtu(found, planner)
                or (_daemon_ops.UNSUPERVISED if found.supervised is False else None)
            )
            if reason:
                planner.do(_daemon_ops.DaemonStart(wanted, reason, takes_over=True))
            return
        if found.alive or found.lease is not None:
            planner.do(_daemon_ops.DaemonStop(found, forget=False, reason=reason))
        planner.do(_daemon_ops.DaemonStart(wanted, reason="" if found.alive else reason))

    def remove(self, spec: _dhcp_client_spec.DhcpClientSpec, planner: _plan.Planner) -> None:
        found = planner.now.daemons.get(spec.key)
        if found is not None:
            planner.do(_daemon_ops.DaemonStop(found))

    def view(self, spec: _dhcp_client_spec.DhcpClientSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any] | None:
        found = snapshot.daemons.get(spec.key)
        if found is None:
            return None
        view = view_of(found, snapshot)
        ns = snapshot.namespaces.get(spec.netns)
        enough = ns is not None and not _lacking(spec, _dhcp_lease.trouble(found, ns))
        return {**view, "state": "present"} if enough else view

    def facts(self, spec: _dhcp_client_spec.DhcpClientSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any]:
        found = snapshot.daemons.get(spec.key)
        if found is None or not found.alive:
            return {}
        return {
            "pid": found.pid,
            "lease": found.lease.shown if found.lease else None,
            **({"unit": _daemon_ops.unit_of(found)} if found.supervised else {}),
        }

    def pending(self, spec: _dhcp_client_spec.DhcpClientSpec, snapshot: _snapshot.Snapshot) -> str | None:
        found, ns = snapshot.daemons.get(spec.key), snapshot.namespaces.get(spec.netns)
        why = "there is no client" if found is None or ns is None else _lacking(spec, _dhcp_lease.trouble(found, ns))
        if not why and found is not None and ns is not None and _dhcp_lease.is_tentative(found, ns):
            why = "its address is still tentative"
        if not why:
            return None
        advice = f" ({ASK})" if why == _dhcp_lease.UNANSWERED else ""
        return (
            f"'{spec.interface}' in {spec.netns} has no"
            f" {'' if found is None or found.lease is None else 'effective '}lease: {why}{advice}"
        )

    def patience(self, spec: _dhcp_client_spec.DhcpClientSpec) -> float:
        return float(spec.timeout) if spec.wait_for_lease else 0.0


def _lacking(spec: _dhcp_client_spec.DhcpClientSpec, trouble: str | None) -> str | None:
    """The trouble of a client, unless it is only that no server has answered yet, and nobody is to wait for that."""
    return None if trouble == _dhcp_lease.UNANSWERED and not spec.wait_for_lease else trouble


def _check_family(params: _plan.Params, path: str) -> None:
    if params["family"] == _daemon_ops.IPV4:
        return
    if params["client"] not in ("auto", *_dhcp_client_spec.PROGRAMS[params["family"]]):
        raise _errors.BadInput(
            f"{path}client: '{params['client']}' has no DHCPv6; take"
            f" {' or '.join(_dhcp_client_spec.PROGRAMS[params['family']])}."
        )
    if params.get("default_route") is not None:
        raise _errors.BadInput(
            f"{path}default_route: is not given by DHCPv6, but by router advertisements; leave it out. The sysctl"
            " accept_ra_defrtr of the link decides."
        )


def _interface(value: str, option: str) -> str:
    _values.link_name(value, option)
    if value.startswith("-") or value == "lo":
        raise _errors.BadInput(
            f"{option}: {value!r} cannot have a DHCP client; name a link that does not begin with '-', and not lo."
        )
    if set(value) & SHELLS:
        raise _errors.BadInput(
            f"{option}: {value!r} cannot have a DHCP client; systemd does not keep '$' and '`' when it reads its units"
            " again. Rename the link."
        )
    return value


def _wanted(
    spec: _dhcp_client_spec.DhcpClientSpec, found: _snapshot.Daemon | None, planner: _plan.Planner
) -> _snapshot.Daemon:
    """The wanted client. Options that were left out stay as they are: the program, and the host name that it sends."""
    program = planner.now.answers.get(spec.question)
    if program is None:
        names = spec.client or ", ".join(_dhcp_client_spec.PROGRAMS[spec.family])
        planner.missing(
            f"Cannot start {spec.called} in namespace '{spec.netns}': there is"
            f" {'no program ' if spec.client else 'none of '}{names}. The role netloom.linux.prepare installs one."
        )
    kind = (
        spec.client
        or (found.kind if found is not None else None)
        or (program[0] if program else _dhcp_client_spec.CLIENTS[0])
    )
    before = found.settings if found is not None else {}
    settings: dict[str, t.Any] = {"hostname": before.get("hostname") or "" if spec.hostname is None else spec.hostname}
    if spec.family == _daemon_ops.IPV6:
        settings["family"] = spec.family
    elif not (_dhcp_client_spec.takes_default(before) if spec.default_route is None else spec.default_route):
        settings["default_route"] = False
    return _snapshot.Daemon(kind, spec.interface, spec.netns, links={spec.interface: 0}, settings=settings)


def _different(found: _snapshot.Daemon, wanted: _snapshot.Daemon) -> str | None:
    if found.kind != wanted.kind:
        return f"the client is to be {wanted.kind}"
    if found.settings.get("hostname", "") != wanted.settings["hostname"]:
        return f"the host name is to be {wanted.settings['hostname'] or 'none'}"
    if _dhcp_client_spec.takes_default(found.settings) != _dhcp_client_spec.takes_default(wanted.settings):
        return f"it is to set {'the' if _dhcp_client_spec.takes_default(wanted.settings) else 'no'} default route"
    return None


def view_of(daemon: _snapshot.Daemon, snapshot: _snapshot.Snapshot) -> dict[str, t.Any]:
    """Our DHCP client in the shape of the options. A client without an effective lease counts as absent."""
    ns = snapshot.namespaces.get(daemon.netns)
    present = ns is not None and _dhcp_lease.trouble(daemon, ns) is None
    family = _daemon_ops.family_of(daemon)
    view = {
        "netns": daemon.netns,
        "interface": daemon.name,
        "family": family,
        "client": daemon.kind,
        "hostname": daemon.settings.get("hostname") or None,
    }
    default = {"default_route": _dhcp_client_spec.takes_default(daemon.settings)} if family == _daemon_ops.IPV4 else {}
    return {**view, **default, "state": "present" if present else "absent"}
