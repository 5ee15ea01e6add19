# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of an OVS port and their normal form."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.link import _link
from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovs import _ovs, _ovs_tunnel
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _encapsulation,
    _errors,
    _plan,
    _snapshot,
    _values,
    _vlans,
)

DEVICE = ("netns", "addresses", "mac", "mtu", "up", "sysctl", "altnames")
COLUMNS = ("options", "tag", "trunks", "vlan_mode", "protected", "iface_id", "external_ids", "other_config")
TYPES = ("system", "internal", "patch", "vxlan", "geneve", "gre")
OFFLOADS = {"peer_tx_checksum": "the other end of a veth", "receive_offload": "a link that joins what it receives"}
VLAN_MODES = ("access", "trunk", "native-tagged", "native-untagged", "dot1q-tunnel")
# What each type cannot work without (ovs-vswitchd.conf.db(5), "Interface": Tunnel Options, Patch Options).
NEEDED = {"patch": "peer", "vxlan": "remote_ip", "geneve": "remote_ip", "gre": "remote_ip"}
EXAMPLE = {"peer": "patch-b", "remote_ip": "10.0.0.2"}
LINKED = tuple(
    kind for kind in TYPES if kind != "patch"
)  # types whose ports Open vSwitch names as a link of the kernel may be named
CLEARED_TAG = -1  # `clear: [tag]` on its way through normalisation; no user can give it

OPTIONS: dict[str, t.Any] = {
    "bridge": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "type": {"type": "str", "choices": list(TYPES)},
    "options": {"type": "dict"},
    "tag": {"type": "int"},
    "trunks": {"type": "list", "elements": "raw"},
    "vlan_mode": {"type": "str", "choices": list(VLAN_MODES)},
    "protected": {"type": "bool"},
    "iface_id": {"type": "str"},
    "wait_for_installed": {"type": "bool", "default": True},
    "external_ids": {"type": "dict"},
    "other_config": {"type": "dict"},
    "peer_tx_checksum": {"type": "bool"},
    "receive_offload": {"type": "bool"},
    "rename": {"type": "str"},
    **_link.options(*DEVICE),
    "up": {"type": "bool"},
    **_ovs.TARGET_OPTIONS,
}
CLEARABLE: dict[str, t.Any] = {
    "options": {},
    "tag": CLEARED_TAG,
    "trunks": [],
    "vlan_mode": "",
    "protected": False,
    "iface_id": "",
    "external_ids": {},
    "other_config": {},
    **_link.clearable("addresses", "mtu", "altnames"),
}


@dataclasses.dataclass(frozen=True)
class OvsPortSpec(_plan.Spec):
    """A port. ``columns`` has only what is declared; None in it means: empty."""

    target: _snapshot.OvsTarget
    bridge: str
    name: str
    type: str | None  # None: as it is, system for a new one
    columns: t.Mapping[str, t.Any]
    netns: _snapshot.NsKey
    rename: str | None
    link: _link.LinkSpec
    peer_tx_checksum: bool | None
    receive_offload: bool | None
    device_options: tuple[str, ...]  # the given options that are about a device
    wait_for_installed: bool = True

    @property
    def home(self) -> tuple[_snapshot.NsKey, str]:
        """The wanted place of an internal port's device."""
        return (self.netns, self.rename or self.name)


def spec_of(params: _plan.Params, clear: tuple[str, ...], path: str) -> OvsPortSpec:
    """Options -> spec. Raises BadInput."""
    name = _name(params, path)
    bridge = _values.link_name(params["bridge"], f"{path}bridge")
    if name == bridge:
        raise _errors.BadInput(
            f"{path}name: '{name}' is the bridge's own local port, which netloom.linux.ovs_bridge manages; choose"
            " another name."
        )
    rename = params.get("rename")
    given = tuple(option for option in ("rename", *DEVICE) if params.get(option) is not None)
    columns = _columns(params, clear, path)
    if params["state"] != "absent":
        _check_type(params.get("type"), columns.get("options"), given, path)
        if params.get("type") == "patch" and columns["options"]["peer"] == name:
            raise _errors.BadInput(
                f"{path}options.peer: '{name}' is the port itself; name the port of the other bridge."
            )
    offloads = {option: params[option] for option in OFFLOADS if params.get(option) is not None}
    for option in offloads if params.get("type") not in (None, "system") else ():
        raise _errors.BadInput(
            f"{path}{option}: is about {OFFLOADS[option]}, so it needs a port of type system, not {params['type']}."
        )
    return OvsPortSpec(
        path,
        params["state"],
        clear,
        _ovs.target_of(params, path),
        bridge,
        name,
        params.get("type"),
        columns,
        _link.netns_of(params, path),
        _values.link_name(rename, f"{path}rename") if rename is not None else None,
        _link.normalise_link(params, path),
        offloads.get("peer_tx_checksum"),
        offloads.get("receive_offload"),
        (*given, *offloads),
        params.get("wait_for_installed", True),
    )


def _name(params: _plan.Params, path: str) -> str:
    """A link's name. A patch port has no link, so its name may be as long as Open vSwitch allows."""
    if params.get("type") in LINKED:
        return _values.link_name(params["name"], f"{path}name")
    return _values.long_name(params["name"], f"{path}name", _ovs.LONGEST_NAME, "Open vSwitch", "a port's name")


def check_name(name: str, kind: str, path: str) -> None:
    """Check the name again when a type that was left out is known."""
    if kind in LINKED:
        _values.link_name(name, f"{path}name")


def _columns(params: _plan.Params, clear: tuple[str, ...], path: str) -> dict[str, t.Any]:
    """The declared columns in OVSDB's form."""
    tag, trunks, mode = params.get("tag"), params.get("trunks"), params.get("vlan_mode")
    if tag is not None and "tag" not in clear:
        _values.vlan(tag, f"{path}tag")
    vlans = None if trunks is None else _vlans.normalise(trunks, f"{path}trunks")
    if mode == "trunk" and tag is not None and "tag" not in clear:
        raise _errors.BadInput(
            f"{path}vlan_mode: a port of mode trunk has no VLAN of its own, but tag is {tag}; leave tag out, or take"
            " native-tagged or native-untagged."
        )
    if mode == "access" and trunks:
        raise _errors.BadInput(
            f"{path}trunks: a port of vlan_mode access carries only the VLAN of its tag; leave trunks out, or take"
            " native-untagged."
        )
    values = {
        "options": _ovs.string_map(params.get("options"), f"{path}options"),
        "trunks": vlans,
        "external_ids": _ovs.string_map(params.get("external_ids"), f"{path}external_ids"),
        "other_config": _ovs.string_map(params.get("other_config"), f"{path}other_config"),
    }
    found: dict[str, t.Any] = {key: value for key, value in values.items() if value is not None}
    if tag is not None:
        found["tag"] = None if "tag" in clear else tag
    if mode is not None:
        found["vlan_mode"] = mode or None
    if params.get("iface_id") is not None:
        found["iface_id"] = None if "iface_id" in clear else _iface_id(params["iface_id"], f"{path}iface_id")
    if params.get("protected") is not None:
        found["protected"] = params["protected"]
    return found


def _iface_id(value: str, option: str) -> str:
    if not value or value != value.strip():
        raise _errors.BadInput(
            f"{option}: {value!r} is not the name of a logical port; write it as the northbound database of OVN has it."
        )
    return _values.text(value, option)


def _check_type(kind: str | None, options: t.Mapping[str, str] | None, given: tuple[str, ...], path: str) -> None:
    if kind in _encapsulation.TYPES:
        _ovs_tunnel.check(kind or "", options or {}, path)
    needed = NEEDED.get(kind or "")
    if needed and needed not in (options or {}):
        raise _errors.BadInput(
            f"{path}options: a port of type {kind} needs {needed}, as in options: {{{needed}: {EXAMPLE[needed]}}}."
        )
    if kind != "internal" and given:
        has = (
            f"a port of type {kind} has no device of its own to set it on"
            if kind not in (None, "system")
            else "the device of a system port is managed by its own module"
        )
        raise _errors.BadInput(f"{path}{given[0]}: only a port with type: internal takes it; {has}.")
