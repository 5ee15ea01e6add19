# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of link that netns_interface creates, with the options of each and their normal form."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.interface import _interface_vxlan
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _plan, _snapshot, _values

MODES = {"macvlan": ("private", "vepa", "bridge", "passthru"), "ipvlan": ("l2", "l3", "l3s")}


@dataclasses.dataclass(frozen=True)
class Form:
    """One kind: the kernel's name for it, the options it takes and those it needs."""

    kernel: str
    takes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    mends: tuple[str, ...] = ()  # what the kernel changes on a living link; any other change recreates it
    own_mac: bool = False  # the kernel chooses one; otherwise it is that of the parent, or there is none


FORMS = {
    "tap": Form("tun", ("owner", "owner_group"), mends=("owner", "owner_group"), own_mac=True),
    "tun": Form("tun", ("owner", "owner_group"), mends=("owner", "owner_group")),
    "macvlan": Form("macvlan", ("parent", "mode"), ("parent",), ("mode",), own_mac=True),
    "ipvlan": Form("ipvlan", ("parent", "mode"), ("parent",), ("mode",)),
    "vlan": Form("vlan", ("parent", "id"), ("parent", "id")),
    "vxlan": Form("vxlan", _interface_vxlan.TAKES, ("id",), _interface_vxlan.MENDS, own_mac=True),
    "dummy": Form("dummy", own_mac=True),
}
HIGHEST_ID = 2**32 - 2  # of a user or group: uid_t has 32 bits, and its highest number means none
OWN = ("mode", "owner", "owner_group", *_interface_vxlan.TAKES)


def normalise(kind: str | None, params: _plan.Params, path: str, present: bool) -> dict[str, t.Any]:
    """Check the options of the kind itself. Options that it does not take are refused."""
    given = {name: params[name] for name in OWN if params.get(name) is not None}
    form = FORMS.get(kind or "", Form(""))
    for name in given:
        if name not in form.takes:
            raise _errors.BadInput(
                f"{path}{name}: {f'a {kind} takes' if kind else 'without kind there is'} no {name}; it belongs to"
                f" {_takers(name)}."
            )
    for name in form.needs if present else ():
        if name not in given:
            raise _errors.BadInput(f"{path}{name}: a {kind} needs it.")
    if "parent" in given:
        given["parent"] = _values.link_name(given["parent"], f"{path}parent")
    if "id" in given:
        given["id"] = (
            _values.vlan(given["id"], f"{path}id")
            if kind == "vlan"
            else _values.number(given["id"], f"{path}id", 0, _interface_vxlan.HIGHEST_VNI)
        )
    if "mode" in given and given["mode"] not in MODES[kind or ""]:
        raise _errors.BadInput(
            f"{path}mode: {given['mode']!r} is not a mode of a {kind}; choose one of {', '.join(MODES[kind or ''])}."
        )
    if kind == "ipvlan" and params.get("mac") is not None and present:
        raise _errors.BadInput(f"{path}mac: an ipvlan has the MAC address of its parent, and no other; leave it out.")
    for option in ("owner", "owner_group"):
        if given.get(option, "").isdecimal():
            _values.number(int(given[option]), f"{path}{option}", 0, HIGHEST_ID)
    if kind == "vxlan":
        _interface_vxlan.normalise(given, path, present)
    return given


def takes_alive(kind: str, differing: t.Mapping[str, t.Any], link: _snapshot.Link) -> bool:
    """Whether the kernel changes these attributes on the living link; otherwise it must be made again."""
    if kind == "vxlan":
        return _interface_vxlan.is_lasting(differing, link)
    # An owner can be replaced, but not taken away (TUNSETOWNER refuses 'nobody').
    return not set(differing) - set(FORMS[kind].mends) and None not in differing.values()


def _takers(option: str) -> str:
    return " and ".join(kind for kind, form in FORMS.items() if option in form.takes)


def cannot_make(kind: str, kernel: str) -> str:
    """Why the kernel cannot make this kind, and what to do."""
    if kernel == "tun":
        return (
            f"'{kind}' needs /dev/net/tun, which is not there. Load the module tun (modprobe tun); in a container, pass"
            " the device in."
        )
    module = {"vlan": "8021q"}.get(kernel, kernel)
    return f"this kernel can make no {kind}. Load its module (modprobe {module}), or use a kernel that has it."
