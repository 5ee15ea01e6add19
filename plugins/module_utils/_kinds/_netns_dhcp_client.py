# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A DHCP client on an interface of a namespace. Present means that it lives and holds a lease, and that the lease is in
effect.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.dnsmasq import _dnsmasq_values
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _daemon_ops,
    _errors,
    _lease,
    _plan,
    _scope,
    _snapshot,
    _values,
)

CLIENTS = ("dhclient", "dhcpcd", "udhcpc")
# What each family can be asked for with. Debian's busybox has no udhcpc6.
PROGRAMS = {_daemon_ops.IPV4: CLIENTS, _daemon_ops.IPV6: CLIENTS[:2]}
DEFAULT = "0.0.0.0/0"
MAIN = 254  # linux/rtnetlink.h: RT_TABLE_MAIN
# Clients that give the link the MTU of the lease (dhcpcd gives it to the routes), if it is more than this
# (dhclient-script, our script of udhcpc).
SET_MTU, LEAST_MTU = ("dhclient", "udhcpc"), 576
TAKES_ANY_MTU = ("veth", "tun", "openvswitch", "dummy")  # kinds of links that are stopped by no hardware and no parent
LONGEST_TIMEOUT = 3600  # seconds

# Systemd 252 writes them with a backslash (shell_escape()), which it does not take away when it reads the unit again.
SHELLS = {
    "$",
    "`",
}
UNANSWERED = "no server has answered"
ASK = "is a server in its VLAN, or on its bridge? `journalctl -u 'netloom-dnsmasq-*'` tells what ours heard"


@dataclasses.dataclass(frozen=True)
class DhcpClientSpec(_plan.Spec):
    """A client. ``client`` None: any installed one; ``hostname`` '': send none, None: leave alone; ``default_route``
    None: leave alone.
    """

    netns: str
    interface: str
    family: str
    client: str | None
    hostname: str | None
    default_route: bool | None
    timeout: int

    @property
    def key(self) -> str:
        """The key in Snapshot.daemons."""
        return _daemon_ops.dhcp_client_key(self.netns, self.interface, self.family)

    @property
    def question(self) -> _scope.Program:
        """The question which of the possible programs is installed."""
        return _scope.Program((self.client,) if self.client else PROGRAMS[self.family])

    @property
    def called(self) -> str:
        """The name of the client in sentences."""
        return f"a DHCP{'v6' if self.family == _daemon_ops.IPV6 else ''} client on '{self.interface}'"


class DhcpClientKind(_plan.Kind[DhcpClientSpec]):
    """netloom.linux.netns_dhcp_client"""

    name = "netns_dhcp_client"
    options: t.ClassVar[t.Mapping[str, t.Any]] = {
        "netns": {"type": "str", "required": True},
        "interface": {"type": "str", "required": True},
        "family": {"type": "str", "choices": list(PROGRAMS), "default": _daemon_ops.IPV4},
        "client": {"type": "str", "choices": ["auto", *CLIENTS], "default": "auto"},
        "hostname": {"type": "str"},
        "default_route": {"type": "bool"},
        "timeout": {"type": "int", "default": 30},
    }
    clearable: t.ClassVar[t.Mapping[str, t.Any]] = {"hostname": "", "default_route": True}

    def normalise(self, params: _plan.Params, path: str) -> DhcpClientSpec:
        filled, clear = self.cleared(params, path)
        name = filled.get("hostname")
        _check_family(filled, path)
        return DhcpClientSpec(
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
        )

    def identity(self, spec: DhcpClientSpec) -> tuple[t.Any, ...]:
        # Records name it so; one of IPv4 has never had a family.
        return (spec.netns, spec.interface, *((spec.family,) if spec.family != _daemon_ops.IPV4 else ()))

    def needs(self, spec: DhcpClientSpec) -> tuple[_plan.Claim, ...]:
        return (*super().needs(spec), ("link", spec.netns, spec.interface))

    def scope(self, spec: DhcpClientSpec, scope: _scope.Scope) -> None:
        scope.namespaces.add(spec.netns)
        # Look for the routes now. Otherwise the diff would look for them after the run.
        scope.routes |= {(spec.netns, ("by", spec.interface)), (spec.netns, ("to", DEFAULT, MAIN))}
        scope.daemons.add(spec.key)
        if spec.state != "absent":
            scope.questions.add(spec.question)

    def vacate(self, spec: DhcpClientSpec, planner: _plan.Planner) -> None:
        """Stop a client whose link is gone before the link is recreated. systemd restarts it again and again, and its
        script would set the new link down.
        """
        found, ns = planner.now.daemons.get(spec.key), planner.now.namespaces.get(spec.netns)
        # One that is in another namespace than this may be all that keeps that alive until its cables are cut.
        if found is not None and ns is not None and found.inode == ns.inode and spec.interface not in ns.links:
            planner.do(_daemon_ops.DaemonStop(found, forget=False, reason=f"{spec.interface} is gone"))

    def make(self, spec: DhcpClientSpec, planner: _plan.Planner) -> None:
        """Plan nothing yet: the client is started when its server may answer."""

    def settle(self, spec: DhcpClientSpec, planner: _plan.Planner) -> None:
        ns = planner.namespace(spec.netns, f"start {spec.called} in")
        if spec.interface not in ns.links:
            planner.missing(
                f"Cannot start {spec.called}: there is no such link in namespace '{spec.netns}'."
                " Create it with netloom.linux.veth, ovs_port or netns_interface first."
            )
            planner.now.put(spec.netns, _snapshot.Link(spec.interface))
        found = planner.now.daemons.get(spec.key)
        wanted = _wanted(spec, found, planner)
        if found is None:
            planner.do(_daemon_ops.DaemonStart(wanted))
            return
        reason = _broken(found, ns) or _different(found, wanted)
        if reason is None:
            # A restarted client asks for the lease that it has, and sets it completely.
            reason = (
                _lost(found, ns)
                or _lost_mtu(found, planner)
                or (_daemon_ops.UNSUPERVISED if found.supervised is False else None)
            )
            if reason:
                planner.do(_daemon_ops.DaemonStart(wanted, reason, takes_over=True))
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
        return {
            "pid": found.pid,
            "lease": found.lease.shown if found.lease else None,
            **({"unit": _daemon_ops.unit_of(found)} if found.supervised else {}),
        }

    def pending(self, spec: DhcpClientSpec, snapshot: _snapshot.Snapshot) -> str | None:
        found, ns = snapshot.daemons.get(spec.key), snapshot.namespaces.get(spec.netns)
        why = "there is no client" if found is None or ns is None else trouble(found, ns)
        if not why and found is not None and ns is not None and _is_tentative(found, ns):
            why = "its address is still tentative"
        if not why:
            return None
        advice = f" ({ASK})" if why == UNANSWERED else ""
        return (
            f"'{spec.interface}' in {spec.netns} has no"
            f" {'' if found is None or found.lease is None else 'effective '}lease: {why}{advice}"
        )

    def patience(self, spec: DhcpClientSpec) -> float:
        return float(spec.timeout)


def _check_family(params: _plan.Params, path: str) -> None:
    if params["family"] == _daemon_ops.IPV4:
        return
    if params["client"] not in ("auto", *PROGRAMS[params["family"]]):
        raise _errors.BadInput(
            f"{path}client: '{params['client']}' has no DHCPv6; take {' or '.join(PROGRAMS[params['family']])}."
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


def _wanted(spec: DhcpClientSpec, found: _snapshot.Daemon | None, planner: _plan.Planner) -> _snapshot.Daemon:
    """The wanted client. Options that were left out stay as they are: the program, and the host name that it sends."""
    program = planner.now.answers.get(spec.question)
    if program is None:
        names = spec.client or ", ".join(PROGRAMS[spec.family])
        planner.missing(
            f"Cannot start {spec.called} in namespace '{spec.netns}': there is"
            f" {'no program ' if spec.client else 'none of '}{names}. The role netloom.linux.prepare installs one."
        )
    kind = spec.client or (found.kind if found is not None else None) or (program[0] if program else CLIENTS[0])
    before = found.settings if found is not None else {}
    settings: dict[str, t.Any] = {"hostname": before.get("hostname") or "" if spec.hostname is None else spec.hostname}
    if spec.family == _daemon_ops.IPV6:
        settings["family"] = spec.family
    elif not (_takes_default(before) if spec.default_route is None else spec.default_route):
        settings["default_route"] = False
    return _snapshot.Daemon(kind, spec.interface, spec.netns, links={spec.interface: 0}, settings=settings)


def _takes_default(settings: t.Mapping[str, t.Any]) -> bool:
    return bool(settings.get("default_route", True))


def trouble(daemon: _snapshot.Daemon, ns: _snapshot.Namespace) -> str | None:
    """Why a client is not present. None if it lives, on this interface, and its lease is in effect."""
    return _broken(daemon, ns) or _lost(daemon, ns)


def _broken(daemon: _snapshot.Daemon, ns: _snapshot.Namespace) -> str | None:
    """Why a client needs a new lease, or None."""
    if not daemon.alive:
        return "the client is not running"
    displaced = _displaced(daemon, ns)
    if displaced or daemon.planned:
        return displaced
    if daemon.lease is None:
        return UNANSWERED
    return _daemon_ops.lost_lease(daemon, ns) or _cut_off(daemon, daemon.lease, ns)


def _cut_off(daemon: _snapshot.Daemon, lease: _lease.Lease, ns: _snapshot.Namespace) -> str | None:
    """The route that only returns when the leased address is removed and set again: that of its network, or one that
    another leased route prevents.
    """
    network = ipaddress.ip_interface(lease.address).network
    if network.num_addresses > 1 and not any(route.destination == str(network) for route in ns.routes.by(daemon.name)):
        return f"the route {network} of the leased address is gone"
    for destination, gateway in _ways(daemon, lease, ns):
        own = [route for route in ns.routes.by(daemon.name) if (route.destination, route.table) == (destination, MAIN)]
        # A declared one, or that of another interface, comes before it.
        if (
            own
            and all(route.gateway != gateway and route.protocol != "static" for route in own)
            and len(own) == len(ns.routes.to(destination, MAIN))
        ):
            return f"its {_said(destination, gateway)} leads elsewhere"
    return None


def _lost(daemon: _snapshot.Daemon, ns: _snapshot.Namespace) -> str | None:
    """The missing route of a lease whose address is present, or None."""
    ways = _ways(daemon, daemon.lease, ns) if daemon.lease is not None and not daemon.planned else []
    own = {route.destination for route in ns.routes.by(daemon.name) if route.table == MAIN} if ways else set()
    return next(
        (f"its {_said(*way)} is gone" for way in ways if way[0] not in own and not ns.routes.to(way[0], MAIN)), None
    )


def _said(destination: str, gateway: str | None) -> str:
    return f"route {'default' if destination == DEFAULT else destination}{f' via {gateway}' if gateway else ''}"


def _is_tentative(daemon: _snapshot.Daemon, ns: _snapshot.Namespace) -> bool:
    """Whether the kernel still looks for another owner of an IPv6 address."""
    lease, link = daemon.lease, ns.links.get(daemon.name)
    return (
        lease is not None
        and link is not None
        and any(lease.is_address(one.cidr) and one.tentative for one in link.addresses)
    )


def _ways(daemon: _snapshot.Daemon, lease: _lease.Lease, ns: _snapshot.Namespace) -> list[tuple[str, str | None]]:
    """The routes that the client sets. With classless ones it ignores the routers (RFC 3442). It cannot set routes off
    every network, or in a VRF.
    """
    link = ns.links.get(daemon.name)
    master = ns.links.get(link.master or "") if link is not None else None
    if master is not None and master.kind == "vrf":
        return []
    network = ipaddress.ip_interface(lease.address).network
    ways = lease.routes or tuple((DEFAULT, router) for router in lease.routers[:1])
    near = [
        (destination, gateway)
        for destination, gateway in ways
        if gateway is None or ipaddress.ip_address(gateway) in network
    ]
    return [way for way in near if way[0] != DEFAULT or _takes_default(daemon.settings)]


def _lost_mtu(daemon: _snapshot.Daemon, planner: _plan.Planner) -> str | None:
    """The missing MTU of the lease. It applies only if no user declared an MTU."""
    link, leased = (
        planner.now.link(daemon.netns, daemon.name),
        daemon.lease.mtu if daemon.lease is not None and not daemon.planned else None,
    )
    if (
        link is None
        or link.mtu is None
        or leased is None
        or leased <= LEAST_MTU
        or daemon.kind not in SET_MTU
        or (daemon.netns, daemon.name) in planner.pinned_mtus
    ):
        return None
    lost = link.mtu > leased or (link.mtu < leased and link.kind in TAKES_ANY_MTU)
    return f"its MTU is {link.mtu}, not {leased}" if lost else None


def _displaced(daemon: _snapshot.Daemon, ns: _snapshot.Namespace) -> str | None:
    """Why the client runs in vain: the objects on which it was started were replaced."""
    link = ns.links.get(daemon.name)
    if daemon.inode != ns.inode:
        return f"namespace {ns.key} was made anew"
    if link is None:
        return f"{daemon.name} is gone"
    # In a planned state the numbers are not known and are 0.
    return f"{daemon.name} was made anew" if daemon.links.get(daemon.name, 0) != (link.index or 0) else None


def _different(found: _snapshot.Daemon, wanted: _snapshot.Daemon) -> str | None:
    if found.kind != wanted.kind:
        return f"the client is to be {wanted.kind}"
    if found.settings.get("hostname", "") != wanted.settings["hostname"]:
        return f"the host name is to be {wanted.settings['hostname'] or 'none'}"
    if _takes_default(found.settings) != _takes_default(wanted.settings):
        return f"it is to set {'the' if _takes_default(wanted.settings) else 'no'} default route"
    return None


def view_of(daemon: _snapshot.Daemon, snapshot: _snapshot.Snapshot) -> dict[str, t.Any]:
    """Our DHCP client in the shape of the options. A client without an effective lease counts as absent."""
    ns = snapshot.namespaces.get(daemon.netns)
    present = ns is not None and trouble(daemon, ns) is None
    family = _daemon_ops.family_of(daemon)
    view = {
        "netns": daemon.netns,
        "interface": daemon.name,
        "family": family,
        "client": daemon.kind,
        "hostname": daemon.settings.get("hostname") or None,
    }
    default = {"default_route": _takes_default(daemon.settings)} if family == _daemon_ops.IPV4 else {}
    return {**view, **default, "state": "present" if present else "absent"}
