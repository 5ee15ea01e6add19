# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The static entries of a bridge's forwarding table (bridge-fdb(8), `bridge fdb add MAC dev PORT master static`)."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.link import _port_flags
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _fdb,
    _fdb_ops,
    _ops,
    _plan,
    _snapshot,
    _values,
)

OPTION: dict[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "mac": {"type": "str", "required": True},
        "port": {"type": "str", "required": True},
        "vlan": {"type": "int"},
    },
}
HIGHEST_VLAN = 4094

Entries = tuple[tuple[str, _fdb.Static], ...]  # with the name of the port


def normalise(
    values: t.Sequence[_plan.Params] | None, bridge: str, ports: t.Sequence[str] | None, option: str
) -> Entries | None:
    """The option fdb; None: leave alone. ``ports``: the exact list, if one is declared."""
    if values is None:
        return None
    found: list[tuple[str, _fdb.Static]] = []
    known: dict[str, list[tuple[str, _fdb.Static]]] = {}  # by the MAC address: there may be thousands
    for index, value in enumerate(values):
        here = f"{option}[{index}]."
        port, vlan = _values.link_name(value["port"], f"{here}port"), value.get("vlan")
        if port == bridge:
            raise _errors.BadInput(f"{here}port: '{port}' is the bridge itself; name one of its ports.")
        if ports is not None and port not in ports:
            raise _errors.BadInput(
                f"{here}port: '{port}' is not among the ports of '{bridge}', whose list is exact. Add it to ports, or"
                " take the entry out."
            )
        entry = _fdb.Static(
            _values.mac(value["mac"], f"{here}mac"),
            None if vlan is None else _values.number(vlan, f"{here}vlan", 1, HIGHEST_VLAN),
        )
        same = known.setdefault(entry.mac, [])
        _refuse_another(port, entry, same, here)
        same.append((port, entry))
        found.append((port, entry))
    return tuple(found)


def _refuse_another(port: str, entry: _fdb.Static, same: t.Sequence[tuple[str, _fdb.Static]], here: str) -> None:
    """Refuse a second entry of a MAC address and a VLAN. ``same``: the entries of this MAC address before it."""
    for other_port, other in same:
        if None not in (other.vlan, entry.vlan) and other.vlan != entry.vlan:
            continue
        if other.vlan != entry.vlan:
            raise _errors.BadInput(
                f"{here}mac: '{entry.mac}' stands in the list with a vlan and without one, which means every VLAN of"
                " the port; keep one of the two."
            )
        twice = "stands in the list twice; remove one" if port == other_port else f"is behind port '{other_port}' above"
        raise _errors.BadInput(f"{here}mac: '{entry.mac}' {twice}.")


def complete(ns: _snapshot.NsKey, bridge: str, wanted: Entries | None, planner: _plan.Planner, option: str) -> None:
    """Plan that the table has exactly these static entries. The kernel deletes those of a port that leaves."""
    if wanted is None:
        return
    owners = {
        one.mac: one.name
        for one in planner.now.namespaces[ns].links.values()
        if bridge in (one.name, one.master) and one.mac is not None
    }
    narrower = {entry.mac for _port, entry in wanted if entry.vlan is not None}
    for link in _ports(planner, ns, bridge):  # what is of all VLANs of a port goes before what is of one of them comes
        for one in [one for one in _fdb.of_port(link) if one.declared and one.vlan is None and one.mac in narrower]:
            planner.do(_fdb_ops.FdbDelete(ns, link.name, one))
    for index, (port, entry) in enumerate(wanted):
        link = _port_flags.port_of(ns, bridge, port, planner, f"{option}[{index}].port: cannot add an entry for")
        if entry.mac in owners:
            raise _errors.BadInput(
                f"{option}[{index}].mac: '{entry.mac}' is the address of '{owners[entry.mac]}'{_ops.where(ns)} itself,"
                " and the bridge keeps what is sent to it. Give the address of who is behind the port."
            )
        if entry.vlan is not None:
            _refuse_vlan(planner.now.namespaces[ns], bridge, link, entry.vlan, f"{option}[{index}].vlan")
        if not _is_set(entry, link, planner.now.link(ns, bridge)):
            planner.do(_fdb_ops.FdbSet(ns, port, entry))
    known = set(wanted)
    for link in _ports(planner, ns, bridge):
        for one in _fdb.folded(_fdb.of_port(link)):
            if one.declared and (link.name, one) not in known:
                planner.do(_fdb_ops.FdbDelete(ns, link.name, one))


def _ports(planner: _plan.Planner, ns: _snapshot.NsKey, bridge: str) -> list[_snapshot.Link]:
    return [link for link in planner.now.namespaces[ns].links.values() if link.master == bridge]


def _refuse_vlan(ns: _snapshot.Namespace, bridge: str, port: _snapshot.Link, vlan: int, option: str) -> None:
    """Refuse a VLAN at which the bridge does not look, or which the port does not have."""
    if bridge in ns.links and not _fdb.filters_by_vlan(ns.links[bridge]):
        raise _errors.BadInput(
            f"{option}: '{bridge}'{_ops.where(ns.key)} does not filter by VLAN, so it would find no entry of VLAN"
            f" {vlan}. Leave vlan out."
        )
    if vlan not in _fdb.vlans_of(port):
        raise _errors.BadInput(
            f"{option}: port '{port.name}'{_ops.where(ns.key)} lets no VLAN {vlan} through. Choose another, or add it"
            " there first (bridge vlan add)."
        )


def _is_set(entry: _fdb.Static, port: _snapshot.Link, bridge: _snapshot.Link | None) -> bool:
    """Whether the bridge has the entry; one without a VLAN for each VLAN of the port, if it looks at these."""
    has = _fdb.of_port(port)
    return all(_fdb.Static(entry.mac, vlan) in has for vlan in _fdb.vids(entry, port, bridge))


def view(snapshot: _snapshot.Snapshot, ns: _snapshot.NsKey, bridge: str) -> list[dict[str, t.Any]]:
    """The present value of the option."""
    found = [
        (one.order, {"mac": one.mac, "port": link.name, **({} if one.vlan is None else {"vlan": one.vlan})})
        for link in snapshot.namespaces[ns].links.values()
        if link.master == bridge
        for one in _fdb.folded(_fdb.of_port(link))
        if one.declared
    ]
    return [shown for _order, shown in sorted(found, key=lambda one: one[0])]
