# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The logical port of OVN that an OVS port is (Interface.external_ids:iface-id, ovn-architecture(7))."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovs import _ovs, _ovs_port_spec
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _ovn,
    _plan,
    _scope,
    _snapshot,
)

RUNNING = _scope.Running(_ovn.CONTROLLER)


def wanted(spec: _ovs_port_spec.OvsPortSpec) -> str | None:
    """The declared name of the logical port."""
    return t.cast("str | None", spec.columns.get("iface_id")) if spec.state != "absent" else None


def scope(spec: _ovs_port_spec.OvsPortSpec, scope: _scope.Scope) -> None:
    """Add what pending() asks."""
    if wanted(spec) is not None and spec.wait_for_installed:
        scope.bindings.add((spec.target, spec.name))
        scope.questions.add(RUNNING)


def check(spec: _ovs_port_spec.OvsPortSpec, planner: _plan.Planner) -> None:
    """Refuse a logical port that two ports would be, once all ports are planned."""
    name = wanted(spec)
    if _ovn.IFACE_ID in (spec.columns.get("external_ids") or {}):
        planner.warn(
            f"external_ids of port '{spec.name}' are those of the port, and OVN looks for iface-id in those of its"
            " interface: give the option iface_id instead."
        )
    if name is None:
        return
    twins = (port.name for port in planner.now.ovs[spec.target].ports.values() if port.iface_id == name)
    twin = next((other for other in twins if other != spec.name), None)
    if twin is not None:
        raise _errors.Conflict(
            f"Cannot make port '{spec.name}' the logical port '{name}' of OVN: port '{twin}' is that one, and OVN would"
            f" take either. Give it another iface_id, or remove port '{twin}'."
        )


def pending(spec: _ovs_port_spec.OvsPortSpec, snapshot: _snapshot.Snapshot, port: _snapshot.OvsPort) -> str | None:
    """Why the logical port is not in effect, or None if it is, or nobody can say."""
    name, external_ids = wanted(spec), snapshot.ovs[spec.target].external_ids
    if name is None or not spec.wait_for_installed or port.ovn_installed:
        return None
    if _ovn.REMOTE not in external_ids or port.bridge != _ovn.bridge_of(external_ids):
        return None  # another controller than OVN's gives a meaning to it
    return f"OVN has not bound port '{spec.name}' to its logical port '{name}': {_cause(spec, snapshot, name)}"


def unusable(spec: _ovs_port_spec.OvsPortSpec, snapshot: _snapshot.Snapshot) -> str | None:
    """Why a logical port that is there, with its name, is not in effect."""
    port = snapshot.ovs[spec.target].ports.get(spec.name)
    if port is None or port.iface_id != wanted(spec):
        return None
    return pending(spec, snapshot, port)


def _cause(spec: _ovs_port_spec.OvsPortSpec, snapshot: _snapshot.Snapshot, name: str) -> str:
    """What is missing, as far as this host and the southbound database can tell."""
    if _ovs.is_local(spec.target, snapshot) and snapshot.answers.get(RUNNING) is False:
        return "ovn-controller does not run on this host (start it: systemctl start ovn-controller)"
    southbound = snapshot.southbound.get(spec.target)
    if southbound is None:
        return "the southbound database was not asked"
    if southbound.unreachable:
        return f"the southbound database cannot be asked ({southbound.unreachable})"
    own = snapshot.ovs[spec.target].external_ids.get(_ovn.SYSTEM_ID, "")
    return _of_binding(southbound.bindings.get(name), own)


def _of_binding(binding: _ovn.Binding | None, own: str) -> str:
    """What keeps the chassis ``own`` from having a logical port."""
    if binding is None:
        return (
            "the northbound database has no logical port of this name, or ovn-northd has not translated it (if it is to"
            " be written later, give wait_for_installed: false)"
        )
    if binding.requested and binding.chassis != own:
        return f"options:requested-chassis of the logical port is '{binding.requested}', and this host is '{own}'"
    if binding.chassis not in (None, own):
        return f"chassis '{binding.chassis}' has it"
    return f"ovn-controller has not put its flows in effect on chassis '{own}'; its log says why"
