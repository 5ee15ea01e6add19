# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host as a chassis of OVN: what ovn-controller reads of Open vSwitch's database (ovn-controller(8))."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.chassis import (
    _chassis_record,
    _chassis_rows,
    _chassis_spec,
)
from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovs import _ovs
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _kind,
    _native_tunnels,
    _ovn,
    _ovn_ops,
    _plan,
    _scope,
    _snapshot,
)

WISH = "make this host a chassis of OVN"
# What makes a host a chassis. The system-id is there without OVN, too.
OWN = tuple(key for key in _ovn.KEYS if key not in (_ovn.SYSTEM_ID, _ovn.CMS_OPTIONS))


class OvnChassisKind(_kind.Kind[_chassis_spec.ChassisSpec]):
    """netloom.linux.ovn_chassis"""

    name = "ovn_chassis"
    libraries = ("ovsdbapp",)
    options: t.ClassVar[t.Mapping[str, t.Any]] = _chassis_spec.OPTIONS
    clearable: t.ClassVar[t.Mapping[str, t.Any]] = _chassis_spec.CLEARABLE

    def normalise(self, params: _plan.Params, path: str) -> _chassis_spec.ChassisSpec:
        filled, clear = self.cleared({**params, "datapath_type": _given_datapath(params)}, path)
        return _chassis_spec.spec_of(filled, clear, path)

    def identity(self, spec: _chassis_spec.ChassisSpec) -> tuple[t.Any, ...]:
        return (spec.target.ovsdb,)

    def scope(self, spec: _chassis_spec.ChassisSpec, scope: _scope.Scope) -> None:
        scope.ovs.add(spec.target)
        scope.chassis[spec.target] = spec.access
        _chassis_rows.scope(scope)
        _chassis_record.scope(spec, scope)

    # --- present ---

    def make(self, spec: _chassis_spec.ChassisSpec, planner: _plan.Planner) -> None:
        ovs = _ovs.database(planner, spec.target, WISH)
        if not any(key in ovs.external_ids for key in OWN):
            _require_enough(spec)
        _chassis_record.plan_system_id(spec, planner)
        _chassis_record.plan_ssl(spec, planner)
        changes = {
            key: value
            for key, value in _wanted(spec, planner.now).items()
            if not _same(key, value, planner.now.ovs[spec.target].external_ids.get(key))
        }
        if changes:
            planner.do(_ovn_ops.ExternalIdsSet(spec.target, changes))

    def settle(self, spec: _chassis_spec.ChassisSpec, planner: _plan.Planner) -> None:
        ovs = planner.now.ovs[spec.target]
        for network, bridge in _ovn.mappings_in(ovs.external_ids.get(_ovn.MAPPINGS)).items():
            if bridge not in ovs.bridges:
                planner.warn(
                    f"bridge_mappings: Open vSwitch has no bridge '{bridge}', so network '{network}' ends at this host,"
                    " and only the log of ovn-controller says so. Create the bridge with netloom.linux.ovs_bridge."
                )
        _warn_of_address(spec, planner)
        if ovs.external_ids.get(_ovn.REMOTE):
            _chassis_rows.plan(spec, planner)
        else:
            _chassis_rows.leave(spec, planner)

    # --- absent ---

    def remove(self, spec: _chassis_spec.ChassisSpec, planner: _plan.Planner) -> None:
        ovs = _ovs.database(planner, spec.target, "take this host out of OVN")
        options = _options(ovs.external_ids, gateway=False)
        changes: dict[str, str | None] = {key: None for key in OWN if key in ovs.external_ids}
        if not _same(_ovn.CMS_OPTIONS, options, ovs.external_ids.get(_ovn.CMS_OPTIONS)):
            changes[_ovn.CMS_OPTIONS] = options
        if changes:
            planner.do(_ovn_ops.ExternalIdsSet(spec.target, changes))
        _chassis_rows.leave(spec, planner)
        _chassis_record.restore_ssl(spec, planner)
        _chassis_record.restore_system_id(spec, planner)

    # --- as it is ---

    def view(self, spec: _chassis_spec.ChassisSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any] | None:
        ovs = snapshot.ovs.get(spec.target)
        if ovs is None or not any(key in ovs.external_ids for key in OWN):
            return None
        ids = ovs.external_ids
        return {
            "remote": ids.get(_ovn.REMOTE),
            "encap_type": list(_ovn.words_in(ids.get(_ovn.ENCAP_TYPE))) or None,
            "encap_address": ids.get(_ovn.ENCAP_IP),
            "bridge_mappings": dict(sorted(_ovn.mappings_in(ids.get(_ovn.MAPPINGS)).items())),
            "gateway": _ovn.GATEWAY in _ovn.words_in(ids.get(_ovn.CMS_OPTIONS)),
            "system_id": ids.get(_ovn.SYSTEM_ID),
            "bridge": _ovn.bridge_of(ids),
            "datapath_type": ids.get(_ovn.DATAPATH_TYPE),
            **(vars(ovs.ssl) if ovs.ssl is not None else {}),
            **_ovs.shown_target(spec.target),
        }

    def facts(self, spec: _chassis_spec.ChassisSpec, snapshot: _snapshot.Snapshot) -> dict[str, t.Any]:
        ovs, southbound = snapshot.ovs.get(spec.target), snapshot.southbound.get(spec.target)
        if ovs is None or self.view(spec, snapshot) is None:
            return {}
        known = southbound is not None and not southbound.unreachable
        return {
            "uuid": ovs.uuid,
            "registered": ovs.external_ids.get(_ovn.SYSTEM_ID) in southbound.chassis if southbound and known else None,
        }

    def pending(self, spec: _chassis_spec.ChassisSpec, snapshot: _snapshot.Snapshot) -> str | None:
        return _chassis_rows.pending(spec, snapshot)

    def unusable(self, spec: _chassis_spec.ChassisSpec, snapshot: _snapshot.Snapshot) -> str | None:
        return _chassis_rows.unusable(spec, snapshot)


def _given_datapath(params: _plan.Params) -> str | None:
    """The option without its default, which says nothing beside `clear`."""
    return None if "datapath_type" in (params.get("clear") or ()) else params.get("datapath_type")


def _require_enough(spec: _chassis_spec.ChassisSpec) -> None:
    for option, key in (("remote", _ovn.REMOTE), ("encap_address", _ovn.ENCAP_IP)):
        if spec.keys.get(key) is None:
            raise _errors.BadInput(
                f"{spec.path}{option}: is missing; a host that is no chassis of OVN yet needs remote and encap_address."
            )


def _wanted(spec: _chassis_spec.ChassisSpec, now: _snapshot.Snapshot) -> dict[str, str | None]:
    """The declared keys, and those that a new chassis needs besides."""
    ids = now.ovs[spec.target].external_ids
    wanted = dict(spec.keys)
    if spec.keys.get(_ovn.REMOTE) and _ovn.ENCAP_TYPE not in ids:
        wanted.setdefault(_ovn.ENCAP_TYPE, _chassis_spec.ENCAPSULATIONS[0])
    if spec.datapath != "auto":
        wanted[_ovn.DATAPATH_TYPE] = spec.datapath or None
    elif _ovn.DATAPATH_TYPE not in ids and not now.system_datapath and _ovs.is_local(spec.target, now):
        bridge = now.ovs[spec.target].bridges.get(wanted.get(_ovn.BRIDGE) or _ovn.bridge_of(ids))
        if bridge is None or not bridge.datapath_id:
            wanted[_ovn.DATAPATH_TYPE] = "netdev"  # ovn-controller would make a bridge without a datapath
    if spec.gateway is not None:
        wanted[_ovn.CMS_OPTIONS] = _options(ids, spec.gateway)
    return wanted


def _options(ids: t.Mapping[str, str], gateway: bool) -> str | None:
    """The options for the cloud management system, with the word that makes a gateway or without."""
    words = [word for word in _ovn.words_in(ids.get(_ovn.CMS_OPTIONS)) if word != _ovn.GATEWAY]
    return ",".join([*words, *([_ovn.GATEWAY] if gateway else [])]) or None


def _same(key: str, wanted: str | None, found: str | None) -> bool:
    """Whether two values of a key mean the same to ovn-controller."""
    if key == _ovn.BRIDGE:
        return (wanted or _ovn.DEFAULT_BRIDGE) == (found or _ovn.DEFAULT_BRIDGE)
    if key == _ovn.MAPPINGS:
        return _ovn.mappings_in(wanted) == _ovn.mappings_in(found)
    if key in (_ovn.ENCAP_TYPE, _ovn.ENCAP_IP, _ovn.CMS_OPTIONS):
        return set(_ovn.words_in(wanted)) == set(_ovn.words_in(found))
    return wanted == found


def _warn_of_address(spec: _chassis_spec.ChassisSpec, planner: _plan.Planner) -> None:
    if not _ovs.is_local(spec.target, planner.now):
        return
    own, ovs = _native_tunnels.own_addresses(planner.now), planner.now.ovs[spec.target]
    name, addresses = _ovn.bridge_of(ovs.external_ids), _ovn.words_in(spec.keys.get(_ovn.ENCAP_IP))
    for address in (one for one in addresses if one not in own):
        planner.warn(
            f"encap_address: no link of this host has {address}, so tunnels of other hosts do not reach it. Give the"
            " address by which the other chassis reach this host."
        )
    for address, link in _native_tunnels.stuck(planner.now, ovs, name, addresses).items():
        planner.warn(
            f"encap_address: '{name}' has Open vSwitch's userspace datapath, whose tunnels leave only by an Open"
            f" vSwitch bridge, and '{link}', which has {address}, is none. Make it the uplink of such a bridge"
            " (netloom.linux.ovs_bridge, or ovn_chassis_uplinks of the role)."
        )
