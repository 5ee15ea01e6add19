# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An Open vSwitch bridge (ovs-vswitchd.conf.db(5), table Bridge) with its local port's device."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.link import (
    _link,
    _link_kind,
    _uplink,
    _uplink_spec,
)
from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovs import (
    _ovs,
    _ovs_bridge_spec,
    _ovs_offload,
    _ovs_uplink,
)
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _ovs_ops,
    _plan,
    _scope,
    _snapshot,
    _ties,
    _values,
)

DEVICE = ("addresses", "mac", "mtu", "up", "sysctl", "altnames")
LOCAL = ("addresses", "mtu", "up", "sysctl", "altnames", "uplink")  # options that need the host of the OVSDB
COLUMNS = ("fail_mode", "controllers", "protocols", *_ovs_bridge_spec.BOOLEANS, "external_ids", "other_config")
PROTOCOLS = ("OpenFlow10", "OpenFlow11", "OpenFlow12", "OpenFlow13", "OpenFlow14", "OpenFlow15")


class OvsBridgeKind(_link_kind.LinkKind[_ovs_bridge_spec.OvsBridgeSpec]):
    """netloom.linux.ovs_bridge"""

    name = "ovs_bridge"
    libraries = ("ovsdbapp",)
    carries = True
    options: t.ClassVar[t.Mapping[str, t.Any]] = {
        "name": {"type": "str", "required": True},
        "datapath_type": {"type": "str", "choices": ["auto", "system", "netdev"], "default": "auto"},
        "fail_mode": {"type": "str", "choices": ["standalone", "secure"]},
        "controllers": {"type": "list", "elements": "str"},
        "protocols": {"type": "list", "elements": "str", "choices": list(PROTOCOLS)},
        **{name: {"type": "bool"} for name in _ovs_bridge_spec.BOOLEANS},
        "external_ids": {"type": "dict"},
        "other_config": {"type": "dict"},
        "ports": {"type": "list", "elements": "str"},
        **_link.options(*DEVICE),
        "up": {"type": "bool"},
        **_uplink_spec.OPTIONS,
        **_ovs.TARGET_OPTIONS,
    }
    clearable: t.ClassVar[t.Mapping[str, t.Any]] = {
        "fail_mode": "",
        "controllers": [],
        "protocols": [],
        **dict.fromkeys(_ovs_bridge_spec.BOOLEANS, False),
        "external_ids": {},
        "other_config": {},
        "ports": [],
        "mac": "",
        "uplink": "",
        **_link.clearable("addresses", "mtu", "altnames"),
    }
    forgotten = ("ports",)

    def normalise(self, params: _plan.Params, path: str) -> _ovs_bridge_spec.OvsBridgeSpec:
        filled, clear = self.cleared(params, path)
        name = _values.link_name(filled["name"], f"{path}name")
        free_mac = "mac" in clear
        if free_mac:
            filled["mac"] = None
        columns = _ovs_bridge_spec.columns(filled, path)
        pinned = columns.get("other_config", {}).pop(_ovs_ops.HWADDR, None)
        if pinned is not None and filled.get("mac") is None:
            filled["mac"] = pinned  # the same value under two names; the option is shown
        link = _link.normalise_link(filled, path)
        if pinned is not None and _values.mac(pinned, f"{path}other_config.{_ovs_ops.HWADDR}") != link.mac:
            raise _errors.BadInput(
                f"{path}mac: '{link.mac}' contradicts other_config.{_ovs_ops.HWADDR} '{pinned}', which is the"
                " same setting; give one of them."
            )
        if link.addresses and link.up is None:
            link = dataclasses.replace(link, up=True)  # an address on a link that is down is of no use
        # The MAC is a column of the bridge, so it can also be set from another host.
        device_options = tuple(option for option in LOCAL if filled.get(option) is not None)
        ports = None if filled.get("ports") is None else _ovs_bridge_spec.ports(filled["ports"], name, f"{path}ports")
        target = _ovs.target_of(filled, path)
        return _ovs_bridge_spec.OvsBridgeSpec(
            path,
            filled["state"],
            clear,
            target,
            name,
            filled["datapath_type"],
            columns,
            link,
            ports,
            free_mac,
            device_options,
            _uplink.normalise(filled, path, _ovs_uplink.OvsPlug(None, name, target, link)),
            filled["confirm_timeout"],
        )

    def identity(self, spec: _ovs_bridge_spec.OvsBridgeSpec) -> tuple[t.Any, ...]:
        return (spec.target.ovsdb, spec.name)

    def claims(self, spec: _ovs_bridge_spec.OvsBridgeSpec) -> tuple[_plan.Claim, ...]:
        row = ("ovs_row", *self.identity(spec))
        return (
            (row, ("link", None, spec.name), *_link.claims_of(None, spec.name, spec.link))
            if spec.target.ovsdb.startswith("unix:")
            else (row,)
        )

    def own_links(self, spec: _ovs_bridge_spec.OvsBridgeSpec) -> tuple[_ties.DeclaredLink, ...]:
        return (_ties.DeclaredLink((None, spec.name), spec.link),)

    def with_links(
        self, spec: _ovs_bridge_spec.OvsBridgeSpec, links: t.Sequence[_link.LinkSpec]
    ) -> _ovs_bridge_spec.OvsBridgeSpec:
        return dataclasses.replace(spec, link=links[0])

    def devices(self, spec: _ovs_bridge_spec.OvsBridgeSpec) -> tuple[_plan.Place, ...]:
        return ((None, spec.name),)

    def switch(self, spec: _ovs_bridge_spec.OvsBridgeSpec) -> _ties.Switch:
        uplink = spec.uplink.name if spec.uplink else None
        named = (uplink,) if uplink else ()
        return _ties.Switch(("ovs_row", *self.identity(spec)), spec.name, None, spec.ports, named, uplink)

    def is_late(self, params: t.Mapping[str, t.Any]) -> bool:
        return bool(params.get("uplink"))  # it gets the addresses from the host's own configuration

    def scope(self, spec: _ovs_bridge_spec.OvsBridgeSpec, scope: _scope.Scope) -> None:
        scope.ovs.add(spec.target)
        _link.link_scope(scope, None, spec.name, spec.link)
        if spec.state == "absent" or spec.ports is not None:
            _ovs_offload.every_scope(scope)
        _uplink.scope(spec.uplink, _plug(spec), scope)

    def vacate(self, spec: _ovs_bridge_spec.OvsBridgeSpec, planner: _plan.Planner) -> None:
        _link.free_names(planner, (None, spec.name), spec.link)

    def make(self, spec: _ovs_bridge_spec.OvsBridgeSpec, planner: _plan.Planner) -> None:
        ovs = _ovs.database(planner, spec.target, f"create OVS bridge '{spec.name}'")
        _ovs.require_local(spec.target, planner.now, spec.device_options, spec.path)
        spec = _with_face(spec, planner.now)
        bridge = ovs.bridges.get(spec.name)
        if bridge is None:
            if spec.name in ovs.ports:
                of = ovs.ports[spec.name].bridge
                self._refuse_fake(spec, ovs, "create")
                raise _errors.Conflict(
                    f"Cannot create OVS bridge '{spec.name}': a port of that name is on OVS bridge '{of}', and is left"
                    " alone."
                )
            if _ovs.is_local(spec.target, planner.now):
                _ovs.require_free(planner, (None, spec.name), f"create OVS bridge '{spec.name}'")
            planner.do(_ovs_ops.OvsBridgeAdd(spec.target, _ovs_bridge_spec.fresh(spec, planner.now.system_datapath)))
        else:
            self._mend(spec, bridge, planner)
        requested = ovs.ports[spec.name].mtu_request if spec.name in ovs.ports else None
        device = planner.now.link(None, spec.name)
        if (
            spec.link.mtu is not None
            and spec.link.mtu != requested
            and (requested is not None or device is None or device.mtu != spec.link.mtu)
        ):
            # Otherwise OVS gives the local port the least MTU of the bridge's ports, again and again.
            planner.do(_ovs_ops.OvsPortSet(spec.target, spec.name, {"mtu_request": spec.link.mtu}))

    @staticmethod
    def _refuse_fake(spec: _ovs_bridge_spec.OvsBridgeSpec, ovs: _snapshot.Ovs, verb: str) -> None:
        port = ovs.ports[spec.name]
        if port.fake_bridge:
            raise _errors.Conflict(
                f"Cannot {verb} OVS bridge '{spec.name}': {_ovs.fake(port)}. {_ovs.instead_of_fake(port)}"
            )

    @staticmethod
    def _mend(spec: _ovs_bridge_spec.OvsBridgeSpec, bridge: _snapshot.OvsBridge, planner: _plan.Planner) -> None:
        changes = {
            key: value for key, value in _ovs_bridge_spec.wanted(spec, bridge).items() if getattr(bridge, key) != value
        }
        if spec.datapath_type not in ("auto", bridge.datapath_type or "system"):
            changes["datapath_type"] = "" if spec.datapath_type == "system" else spec.datapath_type
        elif not bridge.datapath_id:
            kind = bridge.datapath_type or "system"
            lacking = " (this kernel has none)" if kind == "system" and not planner.now.system_datapath else ""
            raise _errors.HostError(
                f"OVS bridge '{spec.name}' is in OVSDB, but ovs-vswitchd has made no '{kind}' datapath for it{lacking}."
                " Start ovs-vswitchd, or give the bridge another datapath_type ('netdev' needs no kernel module)."
            )
        if changes:
            planner.do(_ovs_ops.OvsBridgeSet(spec.target, spec.name, changes))

    def settle(self, spec: _ovs_bridge_spec.OvsBridgeSpec, planner: _plan.Planner) -> None:
        spec = _with_face(spec, planner.now)
        if spec.ports is not None:
            uplinks = _uplink.ports(spec.uplink, planner.now, _plug(spec))
            self._settle_ports(spec, spec.ports, uplinks, planner)
        link = spec.link
        if not _ovs.is_local(spec.target, planner.now) or not (spec.device_options or link.mac):
            return
        if planner.now.link(None, spec.name) is None:
            raise _errors.HostError(
                f"The device of OVS bridge '{spec.name}' is not in this network namespace; is ovs-vswitchd running, and"
                " here?"
            )
        _uplink.settle(spec.uplink, link, planner)
        _link.plan_link(planner, None, spec.name, link)

    @staticmethod
    def _settle_ports(
        spec: _ovs_bridge_spec.OvsBridgeSpec, ports: tuple[str, ...], uplinks: tuple[str, ...], planner: _plan.Planner
    ) -> None:
        """Remove the other ports. Each named port must exist by now: only ovs_port knows in which VLAN it is."""
        ovs = planner.now.ovs[spec.target]
        going = {home.uplink for home in _uplink.homes(planner.now, _plug(spec))}  # and are guarded
        kept = {spec.name, *ports, *uplinks, *going}
        for port in [port for port in ovs.ports.values() if port.bridge == spec.name and port.name not in kept]:
            if len(port.interfaces) > 1 or port.fake_bridge:
                what = _ovs.fake(port) if port.fake_bridge else f"it is a bond of {', '.join(port.interfaces)}"
                raise _errors.Conflict(
                    f"Cannot take port '{port.name}' off OVS bridge '{spec.name}': {what}, and is left alone. Name it"
                    " in ports, or remove it."
                )
            _ovs_offload.put_back(planner, spec.target, (port.name,))
            planner.do(
                _ovs_ops.OvsPortDelete(
                    spec.target, port.name, _ovs_ops.device_of(planner.now, port) if port.type == "internal" else None
                )
            )
        for index, name in enumerate(ports):
            there = ovs.ports.get(name)
            if name in uplinks:
                continue  # which is joined after this
            if there is None:
                planner.missing(
                    f"{spec.path}ports[{index}]: there is no port '{name}' on OVS bridge '{spec.name}'. Add it with"
                    " netloom.linux.ovs_port.",
                    named=(name, ovs.ports),
                )
            elif there.bridge != spec.name:
                raise _errors.Conflict(
                    f"{spec.path}ports[{index}]: '{name}' is a port of OVS bridge '{there.bridge}', and is left alone."
                    " Remove it there first."
                )

    def unsettle(self, spec: _ovs_bridge_spec.OvsBridgeSpec, planner: _plan.Planner) -> None:
        """Give the uplink back before a port of its name is deleted, which would cut the host off unguarded."""
        _ovs.database(planner, spec.target, f"delete OVS bridge '{spec.name}'")
        _uplink.remove(_plug(spec), spec.confirm_timeout, planner)

    def remove(self, spec: _ovs_bridge_spec.OvsBridgeSpec, planner: _plan.Planner) -> None:
        ovs = _ovs.database(planner, spec.target, f"delete OVS bridge '{spec.name}'")
        _uplink.forget_lost(_plug(spec), planner)
        if spec.name not in ovs.bridges:
            if spec.name in ovs.ports:
                self._refuse_fake(spec, ovs, "delete")
                raise _errors.Conflict(
                    f"Cannot delete OVS bridge '{spec.name}': it is a port of OVS bridge"
                    f" '{ovs.ports[spec.name].bridge}', not a bridge."
                )
            _ovs.drop_orphan(planner, (None, spec.name))
            return
        going = [port.name for port in ovs.ports.values() if port.bridge == spec.name]
        _ovs_offload.put_back(planner, spec.target, going)
        planner.do(_ovs_ops.OvsBridgeDelete(spec.target, spec.name, tuple(_port_names(spec, planner.now))))

    def view(self, spec: _ovs_bridge_spec.OvsBridgeSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any] | None:
        ovs = snapshot.ovs.get(spec.target)
        bridge = ovs.bridges.get(spec.name) if ovs else None
        if bridge is None:
            return None
        view: dict[str, t.Any] = {"name": spec.name, "datapath_type": bridge.datapath_type or "system"}
        for key in COLUMNS:
            value = getattr(bridge, key)
            if isinstance(value, tuple):
                value = list(value)
            elif isinstance(value, t.Mapping):
                value = {
                    name: item
                    for name, item in sorted(value.items())
                    if (key, name) != ("other_config", _ovs_ops.HWADDR)
                }
            view[key] = value
        if spec.ports is not None:
            view["ports"] = _port_names(spec, snapshot)
        link = snapshot.link(None, spec.name)
        if link is not None and _ovs.is_local(spec.target, snapshot):
            view.update(_link.view_link(snapshot, None, link, *DEVICE, sysctl=spec.link.sysctl))
            view["uplink"] = _uplink.uplink_of(snapshot, _plug(spec))
        # A MAC that OVS chose by itself (the lowest of the ports') is a fact, not a setting.
        if _ovs_ops.HWADDR not in bridge.other_config:
            view.pop("mac", None)
        elif view.get("mac") is None:
            view["mac"] = bridge.other_config[_ovs_ops.HWADDR]
        return {**view, **_ovs.shown_target(spec.target)}

    def facts(self, spec: _ovs_bridge_spec.OvsBridgeSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any]:
        ovs = snapshot.ovs.get(spec.target)
        bridge = ovs.bridges.get(spec.name) if ovs else None
        if ovs is None or bridge is None:
            return {}
        return {
            "datapath_id": bridge.datapath_id,
            "uuid": bridge.uuid,
            "port_names": _port_names(spec, snapshot),
            **_link.facts_of(snapshot, None, spec.name),
        }

    def pending(self, spec: _ovs_bridge_spec.OvsBridgeSpec, snapshot: _snapshot.Snapshot) -> str | None:
        bridge = snapshot.ovs[spec.target].bridges.get(spec.name)
        if bridge is None or not bridge.datapath_id:
            return f"OVS bridge '{spec.name}' has no datapath"
        if not spec.device_options:
            return None
        return _link.pending_link(snapshot, None, spec.name, spec.link, carrier=True)


def _plug(spec: _ovs_bridge_spec.OvsBridgeSpec) -> _ovs_uplink.OvsPlug:
    """How an uplink is its port."""
    return _ovs_uplink.OvsPlug(None, spec.name, spec.target, spec.link)


def _with_face(spec: _ovs_bridge_spec.OvsBridgeSpec, now: _snapshot.Snapshot) -> _ovs_bridge_spec.OvsBridgeSpec:
    """The spec with MAC and MTU of the uplink, which the local port takes unless others are declared."""
    if not (spec.uplink and spec.uplink.name):
        return spec
    return dataclasses.replace(spec, link=_ovs_uplink.faced(spec.link, spec.uplink.name, now))


def _port_names(spec: _ovs_bridge_spec.OvsBridgeSpec, snapshot: _snapshot.Snapshot) -> list[str]:
    return sorted(
        port.name for port in snapshot.ovs[spec.target].ports.values() if port.bridge == spec.name != port.name
    )
