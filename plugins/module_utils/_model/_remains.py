# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The differences after an undone run: two snapshots compared, as far as the run touched the host.

Changes of other programs elsewhere are not included. What appears by itself (leases, fe80::, the kernel's own routes,
carriers), and what a recreated object always has anew (its number, its row's uuid), is no difference.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _identity,
    _ops,
    _remains_northbound,
    _remains_rows,
    _route,
    _snapshot,
)

ATTRIBUTES = (
    "kind",
    "mac",
    "mtu",
    "up",
    "master",
    "txqueuelen",
    "alias",
    "altnames",
    "peer",
    "tx_checksum",
    "gro",
    "token",
    "maddresses",
    "queueing",
)
OWN_ROUTES = ("kernel", "ra")  # of the kernel: with an address, with a router's advertisement
FLEETING = ("lifetimes", "nodad")  # in the detail of an address: how long it has passes, whether it ends does not
# Ops of which no comparison tells: processes and connections that ended, rules beside iptables' own, guards, and our
# records. An undo that resists is named.
UNSEEN = frozenset(
    {
        "ProcessKill",
        "FlowsDrop",
        "TranslatedDrop",
        "AcceptSet",
        "LinkForget",
        "SpaceRecord",
        "GuardStart",
        "GuardBack",
        "DaemonStart",
        "DaemonStop",
        "DaemonReload",
        "ChassisDelete",
        "ChassisAdd",
    }
)
Words = t.Iterator[str]


@dataclasses.dataclass
class Touched:
    """The objects of some ops, and the objects that change with them."""

    spaces: set[str] = dataclasses.field(default_factory=set)
    links: set[_identity.Place] = dataclasses.field(default_factory=set)
    slots: set[tuple[t.Any, ...]] = dataclasses.field(default_factory=set)  # of routes: (namespace, slot)
    rules: set[tuple[_snapshot.NsKey, t.Any]] = dataclasses.field(default_factory=set)
    sysctls: set[tuple[_snapshot.NsKey, str | None, str]] = dataclasses.field(default_factory=set)
    files: set[str] = dataclasses.field(default_factory=set)
    rows: set[tuple[_snapshot.OvsTarget, str]] = dataclasses.field(default_factory=set)
    tables: set[tuple[_snapshot.NsKey, str]] = dataclasses.field(default_factory=set)
    boots: set[str] = dataclasses.field(default_factory=set)
    northbound: set[str] = dataclasses.field(default_factory=set)  # tables of the northbound database

    def __bool__(self) -> bool:
        return any(vars(self).values())


def touched_by(ops: t.Iterable[_ops.Op]) -> Touched:
    """The objects that these ops touch, by the names of their types: an undo is rare, and imports nothing for it."""
    found = Touched()
    for op in ops:
        _touch(found, type(op).__name__, op)
    return found


def _touch(found: Touched, kind: str, op: t.Any) -> None:  # noqa: PLR0912  # a case for each type of op
    if kind in UNSEEN:
        return
    if kind in ("NetnsCreate", "NetnsAttach", "NetnsDelete", "NetnsRestore"):
        found.spaces.add(op.name)
    elif kind == "LinkAdd":
        found.links |= {(op.ns, op.link.name), *([(op.peer[0], op.peer[1].name)] if op.peer else [])}
    elif kind == "LinkMove":
        found.links |= {(op.ns, op.name), (op.to_ns, op.to_name)}
    elif kind in ("LinkDelete", "LinkSet", "TxChecksum", "ReceiveOffload", "DatapathRelease"):
        found.links.add((op.ns, op.name))
    elif kind in ("LinkRecord", "LinkReturn"):
        found.links.add(op.at or (op.ns, op.name))
    elif kind in ("AddressAdd", "AddressDelete", "AddressRenew", "FdbSet", "FdbDelete"):
        found.links.add((op.ns, op.link))
    elif kind in ("RouteSet", "RouteDelete"):
        found.slots.add((op.ns, op.route.slot))
    elif kind in ("NeighbourSet", "NeighbourDelete"):
        found.links.add((op.ns, op.neighbour.device))
    elif kind in ("RuleAdd", "RuleDelete"):
        found.rules.add((op.ns, op.rule))
    elif kind in ("SysctlSet", "Ipv6Switch"):
        found.sysctls.add((op.ns, op.link, op.key))
        if kind == "Ipv6Switch" and op.link:
            found.links.add((op.ns, op.link))  # it takes the link's addresses
    elif kind in ("FileWrite", "FileDelete") and not op.quiet:
        found.files.add(op.path)
    elif kind in ("NatTableSet", "NatTableDelete"):
        found.tables.add((op.ns, op.name))
    elif kind in ("BootSave", "BootForget"):
        found.boots.add(op.name)
    elif kind in ("RowInsert", "RowChange", "RowDelete", "RowsRestore"):
        found.northbound.add(op.place.table)
    elif op.performer == _ops.OVSDB:
        found.rows.add((op.target, op.row))
        found.links |= {op.device} if getattr(op, "device", None) else set()


def differences(
    before: _snapshot.Snapshot, after: _snapshot.Snapshot, touched: Touched, book: _identity.Book | None = None
) -> list[str]:
    """The differences, each as a part of a sentence. ``book`` knows which objects the run itself made."""
    found: list[str] = []
    for name in sorted(touched.spaces):
        found += _of_space(before, after, name, book)
    alive = {key for key in before.namespaces if before.has(key) and after.has(key)}
    for place in sorted(touched.links, key=str):
        if place[0] in after.namespaces and (place[0] in alive or place[0] not in touched.spaces):
            found += _of_link(before, after, place, book)
    for ns in sorted(alive, key=str):
        found += _of_stack(before.namespaces[ns], after.namespaces[ns], touched)
    for ns, link, key in sorted(touched.sysctls, key=str):
        found += _of_sysctl(before, after, (ns, link, key))
    for path in sorted(touched.files & set(before.files)):
        found += _remains_rows.compared(f"file {path}", before.files.get(path), after.files.get(path), shown=False)
    for target, row in sorted(touched.rows, key=str):
        found += _remains_rows.of_row(before, after, target, row)
    for ns, name in sorted(touched.tables, key=str):
        if ns in alive:
            old, new = (
                space.nft.tables.get(name) if space.nft else None
                for space in (before.namespaces[ns], after.namespaces[ns])
            )
            found += _remains_rows.compared(f"nftables table '{name}'{_ops.where(ns)}", old, new, shown=False)
    for name in sorted(touched.boots):
        found += _remains_rows.compared(
            f"what is saved of topology '{name}' for the next boot",
            before.boots.get(name),
            after.boots.get(name),
            shown=False,
        )
    found += _remains_northbound.of_tables(before.nb, after.nb, touched.northbound)
    return found


def _of_space(before: _snapshot.Snapshot, after: _snapshot.Snapshot, name: str, book: _identity.Book | None) -> Words:
    old, new = before.namespaces.get(name), after.namespaces.get(name)
    if old is None and new is not None:
        ours = book is None or book.is_space(after, name)
        yield f"namespace {name} is there, which was not before{'' if ours else ' (another program made it)'}"
    elif old is not None and new is None:
        yield f"namespace {name} is gone"
    elif old is not None and new is not None and not _identity.is_key((old.inode, old.cookie), (new.inode, new.cookie)):
        yield f"namespace {name} is another one than before"


def _of_link(
    before: _snapshot.Snapshot, after: _snapshot.Snapshot, place: _identity.Place, book: _identity.Book | None
) -> Words:
    old, new = before.link(*place), after.link(*place)
    words = f"{place[1]}{_ops.where(place[0])}"
    if old is None and new is not None:
        foreign = book is not None and book.is_other(after, place)
        yield f"link {words} is there, which was not before{' (another program made it)' if foreign else ''}"
    elif old is not None and new is None:
        yield f"link {words} is gone"
    elif old is not None and new is not None:
        if book is not None and book.is_other(after, place):
            yield f"link {words} is another one than before"
            return
        given = _is_without_ports(new) or _follows_its_ports(before, place)
        for name in (name for name in ATTRIBUTES if name != "mac" or not given):
            was, now = getattr(old, name), getattr(new, name)
            if (was != now and None not in (was, now)) or (name == "master" and was != now):
                yield f"{name} of {words} is {_said(now)}, and was {_said(was)}"
        for part, was, now in (
            (key, old.data.get(key), new.data.get(key)) for key in sorted({*old.data, *new.data} - {"parent_on_host"})
        ):
            if was != now:
                told = "not as it was" if part == "fdb" else f"{_said(now)}, and was {_said(was)}"
                yield f"{part} of {words} is {told}"
        if (old.mac_set, new.mac_set) == (False, True):
            yield f"the MAC address of {words} does not follow its ports any more"
        if old.rest != new.rest:
            yield f"further attributes of {words} are not as they were"
        # Its cost depends on its speed.
        if old.port and new.port and {**old.port, "cost": None} != {**new.port, "cost": None}:
            yield f"the port flags of {words} are not as they were"
        yield from _of_addresses(words, _addresses(old), _addresses(new))


def _follows_its_ports(before: _snapshot.Snapshot, place: _identity.Place) -> bool:
    """Whether Open vSwitch chooses the MAC address of the bridge, from those of its ports."""
    bridges = (ovs.bridges.get(place[1]) for ovs in before.ovs.values() if place[0] is None)
    return any(bridge is not None and "hwaddr" not in bridge.other_config for bridge in bridges)


def _is_without_ports(link: _snapshot.Link) -> bool:
    """Whether the kernel gave it the MAC address of a bridge that has no ports any more: none, until one comes
    (br_stp_recalculate_bridge_id()).

    Nobody can write that address, and one that was chosen stays. The bridge follows its ports as before. Its VLANs
    follow the bridge.
    """
    return link.kind in ("bridge", "vlan") and not link.has_mac


def _said(value: t.Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return (
        ",".join(map(str, value)) or "none"
        if isinstance(value, tuple)
        else str(value if value not in (None, "") else "none")
    )


def _addresses(link: _snapshot.Link) -> dict[str, t.Any]:
    """The addresses that somebody gave to the link, and leases of IPv4."""
    kept = (one for one in link.addresses if one.declared or (one.dynamic and ":" not in one.cidr))
    return {
        one.cidr: [one.dynamic, one.preferred, {key: value for key, value in one.detail.items() if key not in FLEETING}]
        for one in kept
    }


def _of_addresses(words: str, old: t.Mapping[str, t.Any], new: t.Mapping[str, t.Any]) -> Words:
    for cidr in sorted({*old, *new}):
        if cidr not in new:
            yield f"address {cidr} of {words} is gone"
        elif cidr not in old:
            yield f"address {cidr} of {words} is there, which was not before"
        elif old[cidr] != new[cidr]:
            yield f"address {cidr} of {words} is not as it was"


def _of_stack(old: _snapshot.Namespace, new: _snapshot.Namespace, touched: Touched) -> Words:
    """Compare routes, neighbours and rules. Those of a link that is gone are left out, because the link itself is
    reported.
    """
    names = {name for ns, name in touched.links if ns == old.key}
    lost = {name for name in names if name not in new.links}
    slots = {slot for ns, slot in touched.slots if ns == old.key}
    routes = [_routes_of(space, slots, names - lost) for space in (old, new)]
    yield from _of_sets(
        "route",
        [{_route_words(route): route for route in found if not route.devices & lost} for found in routes],
        old.key,
    )
    kept = [[one for one in space.neighbours if one.device in names - lost and one.declared] for space in (old, new)]
    yield from _of_sets(
        "neighbour", [{f"{one.address} of {one.device}": one for one in found} for found in kept], old.key
    )
    for ns, rule in sorted(touched.rules, key=str):
        if ns == old.key and old.rules.count(rule) != new.rules.count(rule):
            state = "is gone" if old.rules.count(rule) > new.rules.count(rule) else "is there, which was not before"
            yield f"rule {rule.words}{_ops.where(ns)} {state}"


def _routes_of(
    space: _snapshot.Namespace, slots: t.Iterable[tuple[t.Any, ...]], links: t.Iterable[str]
) -> list[_route.Route]:
    """The routes of these slots and through these links, as far as somebody made them."""
    found = [route for slot in sorted(slots, key=str) for route in space.routes.of(slot)] + [
        route for link in sorted(links) for route in space.routes.by(link)
    ]
    return [route for route in found if route.protocol not in OWN_ROUTES]


def _route_words(route: _route.Route) -> str:
    parts = [] if route.type == "unicast" else [route.type]
    parts.append("default" if route.destination in ("0.0.0.0/0", "::/0") else route.destination)
    parts += [f"via {route.gateway}"] if route.gateway else []
    parts += [f"dev {route.device}"] if route.device else []
    parts += [f"table {route.table}"] if route.table != 254 else []
    return " ".join([*parts, *([f"metric {route.metric}"] if route.metric else [])])


def _of_sets(what: str, found: t.Sequence[t.Mapping[str, t.Any]], ns: _snapshot.NsKey) -> Words:
    for words in sorted({*found[0], *found[1]}):
        yield from _remains_rows.compared(
            f"{what} {words}{_ops.where(ns)}", found[0].get(words), found[1].get(words), shown=False
        )


def _of_sysctl(
    before: _snapshot.Snapshot, after: _snapshot.Snapshot, sysctl: tuple[_snapshot.NsKey, str | None, str]
) -> Words:
    ns, link, key = sysctl
    old, new = before.namespaces.get(ns), after.namespaces.get(ns)
    if (
        old is None
        or new is None
        or old.sysctl.get((link, key)) is None
        or (link is not None and link not in new.links)
    ):
        return
    yield from _remains_rows.compared(
        f"sysctl {key}{f' of {link}' if link else ''}{_ops.where(ns)}",
        old.sysctl[(link, key)],
        new.sysctl.get((link, key)),
    )
