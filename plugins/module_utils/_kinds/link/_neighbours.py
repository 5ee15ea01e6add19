# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configured neighbours of an interface (ip-neighbour(8)): permanent ones, and addresses for which it answers."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _plan, _snapshot, _stack_ops, _values

# No other states: the kernel ends those by itself, noarp as well (neigh_periodic_work() in net/core/neighbour.c).
OPTION: dict[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "address": {"type": "str", "required": True},
        "mac": {"type": "str"},
        "proxy": {"type": "bool", "default": False},
    },
}


def normalise(
    values: t.Sequence[_plan.Params] | None, device: str, option: str, present: bool
) -> tuple[_snapshot.Neighbour, ...] | None:
    """The option neighbours of an interface; None: leave alone. To delete a neighbour, its address is enough."""
    if values is None:
        return None
    found: dict[tuple[t.Any, ...], _snapshot.Neighbour] = {}
    for index, value in enumerate(values):
        here = f"{option}[{index}]."
        one = _neighbour(value, device, here, present)
        if one.key in found:
            twice = (
                "stands in the list twice; remove one"
                if found[one.key] == one
                else "has another MAC address above; an address is at one place"
            )
            raise _errors.BadInput(f"{here}address: '{one.address}' {twice}.")
        found[one.key] = one
    return tuple(found.values())


def _neighbour(value: _plan.Params, device: str, here: str, present: bool) -> _snapshot.Neighbour:
    address = str(_values.host_address(value["address"], f"{here}address"))
    proxy, mac = bool(value.get("proxy")), value.get("mac")
    if proxy and mac is not None:
        raise _errors.BadInput(
            f"{here}mac: a proxy has none, for the host answers with the interface's own; leave it out."
        )
    if present and not proxy and mac is None:
        raise _errors.BadInput(
            f"{here}mac: is missing; say at which MAC address '{address}' is, or set proxy to answer for it."
        )
    return _snapshot.Neighbour(address, None if mac is None else _values.mac(mac, f"{here}mac"), device, proxy)


def complete(
    ns: _snapshot.NsKey, device: str, wanted: tuple[_snapshot.Neighbour, ...] | None, planner: _plan.Planner
) -> None:
    """Plan that the interface has exactly these configured neighbours."""
    if wanted is None:
        return
    have = {one.key: one for one in planner.now.namespaces[ns].neighbours if one.device == device}
    for one in wanted:
        if have.get(one.key) != one:
            planner.do(_stack_ops.NeighbourSet(ns, one))
    keys = {one.key for one in wanted}
    for one in have.values():
        if one.declared and one.key not in keys:
            planner.do(_stack_ops.NeighbourDelete(ns, one))


def remove(ns: _snapshot.NsKey, going: t.Sequence[_snapshot.Neighbour], planner: _plan.Planner) -> None:
    """Plan that these neighbours are deleted, whatever their MAC addresses are now."""
    keys = {one.key for one in going}
    for one in [one for one in planner.now.namespaces[ns].neighbours if one.key in keys]:
        planner.do(_stack_ops.NeighbourDelete(ns, one))


def view(snapshot: _snapshot.Snapshot, ns: _snapshot.NsKey, device: str) -> list[dict[str, t.Any]]:
    """The present value of the option."""
    found = [one for one in snapshot.namespaces[ns].neighbours if one.device == device and one.declared]
    found.sort(key=lambda one: (":" in one.address, ipaddress.ip_address(one.address).packed, one.proxy))
    return [{"address": one.address, **({"proxy": True} if one.proxy else {"mac": one.mac})} for one in found]
