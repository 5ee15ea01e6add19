# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Linux bridge (ip-link(8), Documentation/networking/bridge.rst)."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.link import (
    _bridge_fdb,
    _link,
    _link_kind,
    _neighbours,
    _port_flags,
    _uplink,
    _uplink_plug,
    _uplink_spec,
)
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _link_ops,
    _mtus,
    _plan,
    _scope,
    _snapshot,
    _ties,
    _values,
)

SHARED = ("netns", "addresses", "mac", "mtu", "up", "altnames", "sysctl")
# Option -> (least, most, default). With STP on the kernel enforces the ranges of IEEE 802.1D (net/bridge/br_private.h);
# without it a forward delay of 0 is legal.
TIMERS = {
    "forward_delay": (0, 30, 15),
    "hello_time": (1, 10, 2),
    "max_age": (6, 40, 20),
    "ageing_time": (0, 1_000_000, 300),
}
OWN = (*TIMERS, "stp", "priority", "multicast_snooping")
DEFAULTS: dict[str, t.Any] = {
    "stp": False,
    "priority": 32768,
    "multicast_snooping": True,
    **{name: default for name, (_low, _high, default) in TIMERS.items()},
}
STP_LEAST_DELAY = 2


@dataclasses.dataclass(frozen=True)
class BridgeSpec(_plan.Spec):
    """A bridge; ``own`` has the declared attributes of its kind, ``ports`` is the exact set."""

    ns: _snapshot.NsKey
    name: str
    link: _link.LinkSpec
    ports: tuple[str, ...] | None
    own: t.Mapping[str, t.Any]
    port_flags: _port_flags.PortFlags
    uplink: _uplink_spec.UplinkSpec | None = None
    confirm_timeout: int = 30
    fdb: _bridge_fdb.Entries | None = None
    neighbours: tuple[_snapshot.Neighbour, ...] | None = None

    @property
    def plug(self) -> _uplink_plug.Plug:
        """How an uplink is its port."""
        return _uplink_plug.LinuxPlug(self.ns, self.name)


class LinuxBridgeKind(_link_kind.LinkKind[BridgeSpec]):
    """netloom.linux.linux_bridge"""

    name = "linux_bridge"
    carries = True
    options: t.ClassVar[t.Mapping[str, t.Any]] = {
        "name": {"type": "str", "required": True},
        **_link.options(*SHARED),
        "ports": {"type": "list", "elements": "str"},
        "port_flags": {"type": "dict"},
        "fdb": _bridge_fdb.OPTION,
        "neighbours": _neighbours.OPTION,
        "stp": {"type": "bool"},
        "forward_delay": {"type": "float"},
        "hello_time": {"type": "float"},
        "max_age": {"type": "float"},
        "ageing_time": {"type": "float"},
        "priority": {"type": "int"},
        "multicast_snooping": {"type": "bool"},
        **_uplink_spec.OPTIONS,
    }
    clearable: t.ClassVar[t.Mapping[str, t.Any]] = {
        **_link.clearable(*SHARED),
        "ports": [],
        "port_flags": {},
        "fdb": [],
        "neighbours": [],
        "uplink": "",
        **DEFAULTS,
    }

    def normalise(self, params: _plan.Params, path: str) -> BridgeSpec:
        filled, clear = self.cleared(params, path)
        name = _values.link_name(filled["name"], f"{path}name")
        ports = None if filled.get("ports") is None else _ports(filled["ports"], name, f"{path}ports")
        ns = _link.netns_of(filled, path)
        return BridgeSpec(
            path,
            filled["state"],
            clear,
            ns,
            name,
            _link.normalise_link(filled, path),
            ports,
            _own(filled, path),
            _port_flags.normalise(filled.get("port_flags") or {}, name, ports, f"{path}port_flags"),
            _uplink.normalise(filled, path, _uplink_plug.LinuxPlug(ns, name)),
            filled["confirm_timeout"],
            _bridge_fdb.normalise(filled.get("fdb"), name, ports, f"{path}fdb"),
            _neighbours.normalise(filled.get("neighbours"), name, f"{path}neighbours", filled["state"] == "present"),
        )

    def identity(self, spec: BridgeSpec) -> tuple[t.Any, ...]:
        return (spec.ns, spec.name)

    def claims(self, spec: BridgeSpec) -> tuple[_plan.Claim, ...]:
        return (("link", spec.ns, spec.name), *_link.claims_of(spec.ns, spec.name, spec.link))

    def needs(self, spec: BridgeSpec) -> tuple[_plan.Claim, ...]:
        return (*super().needs(spec), *(("link", spec.ns, port) for port in spec.ports or ()))

    def own_links(self, spec: BridgeSpec) -> tuple[_ties.DeclaredLink, ...]:
        return (_ties.DeclaredLink((spec.ns, spec.name), spec.link),)

    def with_links(self, spec: BridgeSpec, links: t.Sequence[_link.LinkSpec]) -> BridgeSpec:
        return dataclasses.replace(spec, link=links[0])

    def carriers(self, spec: BridgeSpec) -> tuple[_plan.Claim, ...]:
        return super().needs(spec)  # it outlives its ports

    def own_macs(self, spec: BridgeSpec) -> tuple[_plan.Place, ...]:
        return ((spec.ns, spec.name),)

    def switch(self, spec: BridgeSpec) -> _ties.Switch:
        uplink = spec.uplink.name if spec.uplink else None
        known = (port for port, _entry in spec.fdb or ())
        named = (*(spec.ports or ()), *spec.port_flags, *known, *((uplink,) if uplink else ()))
        key = ("link", spec.ns, spec.name)
        return _ties.Switch(key, spec.name, spec.ns, spec.ports, named, uplink, spec.port_flags)

    def is_late(self, params: t.Mapping[str, t.Any]) -> bool:
        return bool(params.get("uplink"))  # it gets the addresses from the host's own configuration

    def scope(self, spec: BridgeSpec, scope: _scope.Scope) -> None:
        _link.link_scope(scope, spec.ns, spec.name, spec.link, going=spec.state == "absent")
        scope.moving |= {(spec.ns, spec.name)} if spec.state == "absent" else set()
        scope.fdb |= {(spec.ns, spec.name)} if spec.fdb is not None or spec.ports is not None else set()
        _uplink.scope(spec.uplink, spec.plug, scope)
        if spec.ns is None and (spec.ports or spec.uplink):
            scope.questions.add(_scope.SwitchPorts())

    def vacate(self, spec: BridgeSpec, planner: _plan.Planner) -> None:
        _link.free_names(planner, (spec.ns, spec.name), spec.link)

    def make(self, spec: BridgeSpec, planner: _plan.Planner) -> None:
        planner.namespace(spec.ns, f"create bridge '{spec.name}' in")
        link = planner.now.link(spec.ns, spec.name)
        if link is not None:
            _link.require_kind(link, ("bridge",), f"create bridge '{spec.name}'", spec.ns)
            return
        data = {**DEFAULTS, **spec.own}
        # Ports with flags get them while it is down, and so before any of them forwards a frame.
        up = bool(spec.link.up) and not spec.link.sysctl and not spec.port_flags
        mac, mtu = _uplink.face(spec.uplink, planner.now, spec.link)
        mac = mac or planner.mac_of((spec.ns, spec.name)) or _of_hardware(planner.now, spec)
        planner.do(
            _link_ops.LinkAdd(
                spec.ns,
                _snapshot.Link(spec.name, "bridge", mac=mac, mtu=mtu, up=up, data=data),
            )
        )

    def settle(self, spec: BridgeSpec, planner: _plan.Planner) -> None:
        link = planner.now.namespaces[spec.ns].links[spec.name]
        differing = {key: value for key, value in spec.own.items() if link.data.get(key) != value}
        if "ageing_time" in differing and link.data.get("stp") and "ageing_time" not in link.data:
            del differing["ageing_time"]
            planner.warn(
                f"ageing_time of '{spec.name}' cannot be compared now: the kernel shortens it while the spanning tree"
                " changes."
            )
        if link.data.get("stp") and spec.own.get("forward_delay", STP_LEAST_DELAY) < STP_LEAST_DELAY:
            if spec.own.get("stp") is not False:
                wrong = f"{spec.path}forward_delay: {spec.own['forward_delay']:g} is out of range"
                raise _errors.BadInput(f"{wrong}; stp is on, so it must lie between {STP_LEAST_DELAY} and 30 seconds.")
            # Otherwise the kernel checks the delay first.
            planner.do(_link_ops.LinkSet(spec.ns, spec.name, {"data": {"stp": differing.pop("stp")}}))
        if differing:
            planner.do(_link_ops.LinkSet(spec.ns, spec.name, {"data": differing}))
        _uplink.settle(spec.uplink, spec.link, planner)
        if spec.ports is not None:
            uplinks = _uplink.ports(spec.uplink, planner.now, spec.plug)
            self._settle_ports(spec, tuple(dict.fromkeys((*spec.ports, *uplinks))), planner)
        if "port_flags" in spec.clear:
            _port_flags.clear(spec.ns, spec.name, planner)
        _port_flags.settle(spec.ns, spec.name, spec.port_flags, planner, f"{spec.path}port_flags")
        self._hold_mtu(spec, planner)
        _link.plan_link(planner, spec.ns, spec.name, spec.link)

    @staticmethod
    def _settle_ports(spec: BridgeSpec, ports: tuple[str, ...], planner: _plan.Planner) -> None:
        ns = planner.now.namespaces[spec.ns]
        place = f" in namespace '{spec.ns}'" if spec.ns else ""
        for link in [link for link in ns.links.values() if link.master == spec.name and link.name not in ports]:
            planner.do(_link_ops.LinkSet(spec.ns, link.name, {"master": None}))
        for port in ports:
            found = ns.links.get(port)
            if found is None:
                planner.missing(
                    f"Cannot make '{port}' a port of '{spec.name}': no such link{place}. Create it first, with"
                    " netloom.linux.veth, say.",
                    (spec.ns, port),
                )
                found = _snapshot.Link(port)
                planner.now.put(spec.ns, found)
            if found.master is not None and found.master != spec.name:
                raise _errors.Conflict(
                    f"Cannot make '{port}' a port of '{spec.name}'{place}: it is a port of '{found.master}'. Take it"
                    " out there first."
                )
            if found.master is None:
                _port_flags.join(planner, (spec.ns, port), spec.name)

    def complete(self, spec: BridgeSpec, planner: _plan.Planner) -> None:
        _bridge_fdb.complete(spec.ns, spec.name, spec.fdb, planner, f"{spec.path}fdb")
        if spec.neighbours is not None:
            moved = {one.key: one for one in _uplink.moved_neighbours(planner.now, spec.plug)}
            for index, one in enumerate(spec.neighbours):
                if moved.setdefault(one.key, one) != one:
                    wrong = f"{spec.path}neighbours[{index}].mac: '{one.address}' came with the uplink, which knows it"
                    raise _errors.BadInput(f"{wrong} at {moved[one.key].mac}; leave the entry out.")
            _neighbours.complete(spec.ns, spec.name, tuple(moved.values()), planner)

    @staticmethod
    def _hold_mtu(spec: BridgeSpec, planner: _plan.Planner) -> None:
        """Set the MTU also where it seems to be right, if it may go with the ports that this plan changes: one that
        nobody set follows the smallest port.

        Whether somebody set it, the kernel does not tell. Once it is set it follows no more, so an undo gives back the
        one that was there at first.
        """
        bridge = planner.before.link(spec.ns, spec.name)
        if bridge is None or spec.link.mtu is None:
            return
        was, will_be = (
            _mtus.least_of_ports(snapshot.namespaces[spec.ns], spec.name) for snapshot in (planner.before, planner.now)
        )
        if bridge.mtu == was != will_be:
            planner.do(_link_ops.LinkSet(spec.ns, spec.name, {"mtu": spec.link.mtu}))
            planner.steps[-1] = dataclasses.replace(
                planner.steps[-1], inverse=(_link_ops.LinkSet(spec.ns, spec.name, {"mtu": was}),)
            )

    def remove(self, spec: BridgeSpec, planner: _plan.Planner) -> None:
        link = planner.now.link(spec.ns, spec.name)
        if link is not None:
            _link.require_kind(link, ("bridge",), f"delete bridge '{spec.name}'", spec.ns)
        _uplink.remove(spec.plug, spec.confirm_timeout, planner)
        if link is not None:
            planner.do(_link_ops.LinkDelete(spec.ns, spec.name))
        _uplink.forget_lost(spec.plug, planner)

    def view(self, spec: BridgeSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any] | None:
        link = snapshot.link(spec.ns, spec.name)
        if link is None or link.kind != "bridge":
            return None
        views = (("fdb", _bridge_fdb.view), ("neighbours", _neighbours.view))
        written = {name: of(snapshot, spec.ns, spec.name) for name, of in views if getattr(spec, name) is not None}
        return {**view_bridge(snapshot, spec.ns, link, spec.link.sysctl, spec.port_flags), **written}

    def facts(self, spec: BridgeSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any]:
        return _link.facts_of(snapshot, spec.ns, spec.name)

    def pending(self, spec: BridgeSpec, snapshot: _snapshot.Snapshot) -> str | None:
        # A bridge has a carrier only when a port has one; waiting for that is the ports' business.
        return _link.pending_link(snapshot, spec.ns, spec.name, spec.link, carrier=False)


def _of_hardware(now: _snapshot.Snapshot, spec: BridgeSpec) -> str | None:
    """The MAC address of the NIC in a bridge, which the kernel would choose too: a switch or a cloud may know no
    other.
    """
    nics = (now.link(spec.ns, port) for port in spec.ports or ())
    return next((nic.mac for nic in nics if nic is not None and nic.kind == "" and nic.has_mac), None)


def view_bridge(
    snapshot: _snapshot.Snapshot,
    ns: _snapshot.NsKey,
    link: _snapshot.Link,
    sysctl: t.Mapping[str, str] | None = None,
    flags: _port_flags.PortFlags | None = None,
) -> dict[str, t.Any]:
    """A bridge in the shape of the options."""
    ports = sorted(port.name for port in snapshot.namespaces[ns].links.values() if port.master == link.name)
    shared = _link.view_link(snapshot, ns, link, *SHARED, sysctl=sysctl)
    port_flags = _port_flags.view(snapshot, ns, link.name, flags or {})
    own = {name: link.data.get(name) for name in OWN}
    return {
        "name": link.name,
        **shared,
        "ports": ports,
        "port_flags": port_flags,
        "uplink": _uplink.uplink_of(snapshot, _uplink_plug.LinuxPlug(ns, link.name)),
        **own,
    }


def _ports(values: list[str], bridge: str, option: str) -> tuple[str, ...]:
    found: list[str] = []
    for index, value in enumerate(_values.strings(values, option)):
        port = _values.link_name(value, f"{option}[{index}]")
        if port == bridge:
            raise _errors.BadInput(f"{option}[{index}]: '{port}' is the bridge itself.")
        if port in found:
            raise _errors.BadInput(f"{option}[{index}]: '{port}' stands in the list twice; remove one.")
        found.append(port)
    return tuple(found)


def _own(params: _plan.Params, path: str) -> dict[str, t.Any]:
    own: dict[str, t.Any] = {
        name: params[name] for name in ("stp", "multicast_snooping") if params.get(name) is not None
    }
    for name, (low, high, _default) in TIMERS.items():
        value = params.get(name)
        if value is None:
            continue
        least = STP_LEAST_DELAY if name == "forward_delay" and params.get("stp") else low
        if not least <= value <= high:
            raise _errors.BadInput(
                f"{path}{name}: {value:g} is out of range; it must lie between {least} and {high}"
                f" seconds{' when stp is on' if least != low else ''}."
            )
        hundredths = round(value * 100)
        own[name] = hundredths // 100 if hundredths % 100 == 0 else hundredths / 100
    if params.get("priority") is not None:
        own["priority"] = _values.number(params["priority"], f"{path}priority", 0, 65535)
    return own
