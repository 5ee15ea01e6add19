# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of an OVS bridge, and the row that they ask for."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.link import _link, _uplink_spec
from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovs import _ovs
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _ovs_ops,
    _plan,
    _snapshot,
    _values,
)

BOOLEANS = ("stp", "rstp", "mcast_snooping")


_CONTROLLER = re.compile(r"(unix|punix):/\S+|(tcp|ssl):\S+|(ptcp|pssl)(:\S+)?")


@dataclasses.dataclass(frozen=True)
class OvsBridgeSpec(_plan.Spec):
    """A bridge. ``columns`` has only what is declared; None in it means: empty."""

    target: _snapshot.OvsTarget
    name: str
    datapath_type: str  # auto, system, netdev
    columns: t.Mapping[str, t.Any]
    link: _link.LinkSpec
    ports: tuple[str, ...] | None  # all but its own; None: leave alone
    free_mac: bool  # the local port's MAC is to be OVS's choice again
    device_options: tuple[str, ...]  # the given options about the local port's device
    uplink: _uplink_spec.UplinkSpec | None = None
    confirm_timeout: int = 30


def columns(params: _plan.Params, path: str) -> dict[str, t.Any]:
    """The declared columns in OVSDB's form."""
    values: dict[str, t.Any] = {
        "fail_mode": params.get("fail_mode"),
        "controllers": _ovs.string_list(params.get("controllers"), f"{path}controllers"),
        "protocols": _ovs.string_list(params.get("protocols"), f"{path}protocols"),
        **{name: params.get(name) for name in BOOLEANS},
        "external_ids": _ovs.string_map(params.get("external_ids"), f"{path}external_ids"),
        "other_config": _ovs.string_map(params.get("other_config"), f"{path}other_config"),
    }
    for index, one in enumerate(params.get("controllers") or ()):
        if not _CONTROLLER.fullmatch(one):
            raise _errors.BadInput(
                f"{path}controllers[{index}]: {one!r} is not a controller; write 'tcp:host:port', 'ssl:host:port',"
                " 'unix:/path' or 'ptcp:port'."
            )
    if values["stp"] and values["rstp"]:
        raise _errors.BadInput(f"{path}rstp: a bridge runs either STP or RSTP; switch one of them on.")
    found = {key: value for key, value in values.items() if value is not None}
    if found.get("fail_mode") == "":
        found["fail_mode"] = None
    return found


def ports(values: list[str], bridge: str, option: str) -> tuple[str, ...]:
    """The exact list of ports. The bridge's own is always there."""
    found: list[str] = []
    for index, value in enumerate(_values.strings(values, option) if values else []):
        port = _values.long_name(value, f"{option}[{index}]", _ovs.LONGEST_NAME, "Open vSwitch", "a port's name")
        if port == bridge:
            raise _errors.BadInput(
                f"{option}[{index}]: '{port}' is the bridge's own local port, which is always there; leave it out."
            )
        if port in found:
            raise _errors.BadInput(f"{option}[{index}]: '{port}' stands in the list twice; remove one.")
        found.append(port)
    return tuple(found)


def wanted(spec: OvsBridgeSpec, bridge: _snapshot.OvsBridge) -> dict[str, t.Any]:
    """The wanted columns, with the local port's MAC in the place where OVS expects it."""
    wanted = dict(spec.columns)
    other = dict(wanted.get("other_config", bridge.other_config))
    if spec.link.mac is not None:
        other[_ovs_ops.HWADDR] = spec.link.mac
    elif spec.free_mac:
        other.pop(_ovs_ops.HWADDR, None)
    elif _ovs_ops.HWADDR in bridge.other_config:
        other[_ovs_ops.HWADDR] = bridge.other_config[_ovs_ops.HWADDR]  # a MAC is only taken away by clear: [mac]
    if other != dict(bridge.other_config) or "other_config" in wanted:
        wanted["other_config"] = other
    return wanted


def fresh(spec: OvsBridgeSpec, system_datapath: bool) -> _snapshot.OvsBridge:
    kind = spec.datapath_type
    if kind == "auto":
        kind = "system" if system_datapath else "netdev"
    bare = _snapshot.OvsBridge(spec.name, datapath_type="" if kind == "system" else kind)
    return dataclasses.replace(bare, **wanted(spec, bare))
