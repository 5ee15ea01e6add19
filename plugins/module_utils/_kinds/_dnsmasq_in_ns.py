# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A dnsmasq in a namespace: DHCP, router advertisements and DNS for the links that are connected to it."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.dnsmasq import (
    _dnsmasq_checks,
    _dnsmasq_config,
    _dnsmasq_dhcp,
    _dnsmasq_dns,
    _dnsmasq_hosts,
    _dnsmasq_idle,
    _dnsmasq_ipv6,
    _dnsmasq_spec,
    _dnsmasq_values,
)
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _daemon_ops,
    _errors,
    _kind,
    _plan,
    _scope,
    _snapshot,
    _values,
)

DEFAULTS: dict[str, t.Any] = {
    "interfaces": [],
    "ranges": [],
    "hosts": [],
    "options": [],
    "static_only": False,
    "dns": False,
    "domain": "",
    "servers": [],
    "records": [],
    "ra": False,
    "ra_params": [],
    "relays": [],
    "extra_config": [],
}


class DnsmasqKind(_kind.Kind[_dnsmasq_spec.DnsmasqSpec]):
    """netloom.linux.dnsmasq_in_ns"""

    name = "dnsmasq_in_ns"
    states = ("started", "present", "stopped", "absent")
    options: t.ClassVar[t.Mapping[str, t.Any]] = {
        "name": {"type": "str", "required": True},
        "netns": {"type": "str"},
        "interfaces": {"type": "list", "elements": "str"},
        "ranges": {"type": "list", "elements": "dict", "options": _dnsmasq_dhcp.RANGES},
        "hosts": {"type": "list", "elements": "dict", "options": _dnsmasq_hosts.HOSTS},
        "options": {"type": "list", "elements": "dict", "options": _dnsmasq_dhcp.OPTIONS},
        "static_only": {"type": "bool"},
        "dns": {"type": "bool"},
        "domain": {"type": "str"},
        "servers": {"type": "list", "elements": "str"},
        "records": {"type": "list", "elements": "dict", "options": _dnsmasq_dns.RECORDS},
        "ra": {"type": "bool"},
        "ra_params": {"type": "list", "elements": "dict", "options": _dnsmasq_dhcp.RA_PARAMS},
        "relays": {"type": "list", "elements": "dict", "options": _dnsmasq_dhcp.RELAYS},
        "extra_config": {"type": "raw"},
    }
    rules: t.ClassVar[t.Mapping[str, t.Any]] = {
        "required_if": [("state", "started", ("netns",)), ("state", "present", ("netns",))]
    }
    clearable: t.ClassVar[t.Mapping[str, t.Any]] = DEFAULTS

    def normalise(self, params: _plan.Params, path: str) -> _dnsmasq_spec.DnsmasqSpec:
        filled, clear = self.cleared(params, path)
        netns = filled.get("netns")
        state = "started" if filled["state"] == "present" else filled["state"]
        if state == "started":
            _dnsmasq_values.need(netns, f"{path}netns")
        return _dnsmasq_spec.DnsmasqSpec(
            path,
            state,
            clear,
            _values.object_name(_dnsmasq_values.need(filled["name"], f"{path}name"), f"{path}name"),
            None if netns is None else _values.netns_name(netns, f"{path}netns"),
            _given(filled, path),
        )

    def identity(self, spec: _dnsmasq_spec.DnsmasqSpec) -> tuple[t.Any, ...]:
        return (spec.name,)

    def needs(self, spec: _dnsmasq_spec.DnsmasqSpec) -> tuple[_plan.Claim, ...]:
        return (
            *super().needs(spec),
            *(("link", spec.netns, interface) for interface in spec.given.get("interfaces") or ()),
        )

    def scope(self, spec: _dnsmasq_spec.DnsmasqSpec, scope: _scope.Scope) -> None:
        scope.daemons.add(spec.key)
        if spec.netns is not None:
            scope.namespaces.add(spec.netns)
        if spec.state == "started":
            scope.questions.add(_question(spec))

    def leave(self, spec: _dnsmasq_spec.DnsmasqSpec, planner: _plan.Planner) -> None:
        found = planner.now.daemons.get(spec.key)
        if found is not None and found.alive and found.netns in planner.leaving:
            planner.do(_daemon_ops.DaemonStop(found, forget=False, reason=f"namespace {found.netns} goes"))

    def make(self, spec: _dnsmasq_spec.DnsmasqSpec, planner: _plan.Planner) -> None:
        """Plan nothing yet: the server is started when its interfaces have their addresses."""

    def settle(self, spec: _dnsmasq_spec.DnsmasqSpec, planner: _plan.Planner) -> None:
        found = planner.now.daemons.get(spec.key)
        if spec.state == "stopped":
            if found is not None and found.alive:
                planner.do(_daemon_ops.DaemonStop(found, forget=False))
            return
        settings = {
            **DEFAULTS,
            **{key: value for key, value in (found.settings if found else {}).items() if key in DEFAULTS},
            **spec.given,
        }
        _dnsmasq_checks.check_together(settings, spec.path)
        _check_by_dnsmasq(spec, planner)
        ns = planner.namespace(spec.netns, f"run dnsmasq '{spec.name}' in")
        served = _dnsmasq_checks.served(settings, ns, planner, spec)
        networks = [
            ipaddress.ip_interface(address.cidr).network
            for name in served
            if name in ns.links
            for address in ns.links[name].addresses
        ]
        _dnsmasq_hosts.check(
            settings["hosts"], [*networks, *(_dnsmasq_dhcp.networks(settings["ranges"]) or [])], spec.path
        )
        _dnsmasq_checks.check_relays(settings, ns, planner, spec)
        _dnsmasq_checks.warn_unreachable_ranges(settings, networks, planner, spec)
        for sentence in _dnsmasq_idle.sentences(settings, ns.links):
            planner.warn(f"{spec.path}{sentence}")
        wanted = _snapshot.Daemon(
            "dnsmasq",
            spec.name,
            spec.netns,
            files=_dnsmasq_config.files(spec.name, settings),
            links=dict.fromkeys(served, 0),
            settings=settings,
        )
        _mend(found, wanted, ns, planner)

    def remove(self, spec: _dnsmasq_spec.DnsmasqSpec, planner: _plan.Planner) -> None:
        found = planner.now.daemons.get(spec.key)
        if found is None:
            return
        if spec.netns is not None and found.netns is not None and found.netns != spec.netns:
            planner.warn(
                f"dnsmasq '{spec.name}' belongs to namespace '{found.netns}', not to '{spec.netns}', and is left alone."
            )
            return
        planner.do(_daemon_ops.DaemonStop(found))

    def view(self, spec: _dnsmasq_spec.DnsmasqSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any] | None:
        found = snapshot.daemons.get(spec.key)
        return view_of(found, snapshot) if found is not None else None

    def facts(self, spec: _dnsmasq_spec.DnsmasqSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any]:
        found = snapshot.daemons.get(spec.key)
        if found is None or not found.alive:
            return {}
        return {"pid": found.pid, **({"unit": _daemon_ops.unit_of(found)} if found.supervised else {})}


def view_of(daemon: _snapshot.Daemon, snapshot: _snapshot.Snapshot) -> dict[str, t.Any]:
    """Our dnsmasq in the shape of the options, from the record of its start and from its present files."""
    ns = snapshot.namespaces.get(daemon.netns)
    well = daemon.alive and (ns is None or _displaced(daemon, ns) is None)
    settings = {**DEFAULTS, **{key: value for key, value in daemon.settings.items() if key in DEFAULTS}}
    extra = [*settings["extra_config"], *_edits(daemon, settings)]
    shown = {key: value for key, value in {**settings, "extra_config": extra}.items() if value not in ([], "")}
    return {"name": daemon.name, "netns": daemon.netns, "state": "started" if well else "stopped", **shown}


def _given(params: _plan.Params, path: str) -> dict[str, t.Any]:
    """The options that were given, in normal form."""
    read: dict[str, t.Callable[[t.Any, str], t.Any]] = {
        "interfaces": _interfaces,
        "ranges": _dnsmasq_dhcp.ranges,
        "hosts": _dnsmasq_hosts.hosts,
        "options": _dnsmasq_dhcp.options,
        "domain": lambda value, option: _dnsmasq_dns.domain(value, option) if value else "",
        "servers": _dnsmasq_dns.servers,
        "records": _dnsmasq_dns.records,
        "ra_params": _dnsmasq_ipv6.ra_params,
        "relays": _dnsmasq_ipv6.relays,
        "extra_config": _dnsmasq_values.extra_config,
    }
    given = {key: params[key] for key in DEFAULTS if params.get(key) is not None}
    return {key: read[key](value, f"{path}{key}") if key in read else bool(value) for key, value in given.items()}


def _interfaces(values: list[t.Any], option: str) -> list[str]:
    names = [
        _dnsmasq_values.interface(value, f"{option}[{index}]")
        for index, value in enumerate(_values.strings(values, option) if values else [])
    ]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise _errors.BadInput(f"{option}[{index}]: '{name}' stands in the list twice; remove one.")
    return names


def _question(spec: _dnsmasq_spec.DnsmasqSpec) -> _scope.DnsmasqTest:
    """The configuration to test. Recorded settings were tested in an earlier run, so only the given ones are needed."""
    return _scope.DnsmasqTest(_dnsmasq_config.text_for_test({**DEFAULTS, **spec.given}))


def _check_by_dnsmasq(spec: _dnsmasq_spec.DnsmasqSpec, planner: _plan.Planner) -> None:
    said = planner.now.answers.get(_question(spec))
    if said == "":
        planner.missing(
            f"Cannot run dnsmasq '{spec.name}': there is no program dnsmasq. The role netloom.linux.prepare installs it"
            " (package dnsmasq-base)."
        )
    elif said is not None:
        raise _errors.BadInput(_dnsmasq_config.explain(said, {**DEFAULTS, **spec.given}, spec.path))


def _mend(
    found: _snapshot.Daemon | None, wanted: _snapshot.Daemon, ns: _snapshot.Namespace, planner: _plan.Planner
) -> None:
    if found is None or not found.alive:
        # Else this plan has stopped it.
        died = found is not None and not planner.before.daemons[_daemon_ops.daemon_key(found)].alive
        planner.do(_daemon_ops.DaemonStart(wanted, reason="it was not running" if died else ""))
        return
    reason = (
        f"it is to run in namespace {wanted.netns}"
        if found.netns != wanted.netns
        else _displaced(found, ns) or _stale_configuration(found, wanted)
    )
    reason = reason or (_daemon_ops.UNSUPERVISED if found.supervised is False else None)
    if reason:
        planner.do(_daemon_ops.DaemonStop(found, forget=False, reason=reason))
        planner.do(_daemon_ops.DaemonStart(wanted))
        return
    changed = [
        path.rsplit("/", 1)[1]
        for path, text in wanted.files.items()
        if found.files.get(path) != text or path in found.unread
    ]
    if changed or dict(found.settings) != dict(wanted.settings):
        planner.do(_daemon_ops.DaemonReload(wanted, reason=f"{' and '.join(changed)} changed" if changed else ""))


def _displaced(daemon: _snapshot.Daemon, ns: _snapshot.Namespace) -> str | None:
    """Why a running server serves nobody: the objects on which it was started were replaced."""
    if daemon.inode != ns.inode:
        return f"namespace {ns.key} was made anew"
    # At a start in a planned state the numbers are not known and are 0.
    renewed = [
        name for name, index in daemon.links.items() if name in ns.links and (ns.links[name].index or 0) != index
    ]
    return f"its interface {renewed[0]} was made anew" if renewed else None


def _stale_configuration(found: _snapshot.Daemon, wanted: _snapshot.Daemon) -> str | None:
    path = _daemon_ops.dnsmasq_file(wanted.name, "dnsmasq.conf")
    if found.files.get(path) == wanted.files[path] and path not in found.unread:
        return None
    edited = found.files.get(path) != _dnsmasq_config.files(found.name, {**DEFAULTS, **found.settings})[path]
    return "its configuration was edited by hand" if edited else "its configuration changes"


def _edits(daemon: _snapshot.Daemon, settings: t.Mapping[str, t.Any]) -> list[str]:
    """The lines of its files that differ from what we wrote. Added lines are shown as they are, the others as a
    comment.
    """
    found: list[str] = []
    for path, text in _dnsmasq_config.files(daemon.name, settings).items():
        ours, theirs = text.splitlines(), daemon.files.get(path, "").splitlines()
        prefix = "" if path.endswith(".conf") else f"# {path.rsplit('/', 1)[1]}: "
        found += [f"{prefix}{line}" for line in theirs if line not in ours]
        found += [f"# missing: {line}" for line in ours if line not in theirs]
    return found
