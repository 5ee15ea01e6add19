# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes on a namespace's IP stack (sysctls, routes, neighbours, rules; addresses are in _address_ops), as data."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _ops, _route, _rule, _snapshot


def destination_of(route: _route.Route) -> str:
    """A route's destination as users write it."""
    return "default" if route.destination in ("0.0.0.0/0", "::/0") else route.destination


def words_of(route: _route.Route) -> str:
    """A route in words."""
    via = f" via {route.gateway}" if route.gateway else ""
    dev = f" dev {route.device}" if route.device else ""
    kind = "" if route.type == "unicast" else f"{route.type} "
    tos = f" tos {route.tos:#x}" if route.tos else ""
    many = f" over {len(route.nexthops)} next hops" if route.nexthops else ""
    return f"{kind}route {destination_of(route)}{tos}{via}{dev}{many}"


def refuse_unrepeatable(ns: _snapshot.NsKey, route: _route.Route, wish: str) -> None:
    """Refuse to delete a route that could not be restored."""
    if route.unrepeatable:
        raise _errors.Conflict(
            f"Cannot touch {words_of(route)}{_ops.where(ns)}: {route.unrepeatable}, so it could not be put back if the"
            f" run failed. To {wish}, delete it first."
        )


def refuse_bound(ns: _snapshot.NsKey, routes: t.Iterable[_route.Route], wish: str) -> None:
    """Refuse a change whose routes could not be kept or restored, before anything is touched. Raises Conflict."""
    for route in routes:
        refuse_unrepeatable(ns, route, wish)
        if route.nexthop_object is not None:
            raise _errors.Conflict(
                f"Cannot {wish}: {words_of(route)}{_ops.where(ns)} leaves by nexthop object {route.nexthop_object}"
                " (ip-nexthop(8)), which belongs to who made it and goes with the link. Delete that route first, or"
                " let the routing daemon that made it do so."
            )


@dataclasses.dataclass(frozen=True)
class SysctlSet(_ops.Op):
    """Write one sysctl of a namespace (``net.ipv4.ip_forward``) or of a link (``ipv4.rp_filter``)."""

    ns: _snapshot.NsKey
    link: str | None
    key: str
    value: str

    def sentence(self) -> str:
        return f"set sysctl {self.key}={self.value}{f' of {self.link}' if self.link else ''}{_ops.where(self.ns)}"

    def effect(self, now: _snapshot.Snapshot) -> None:
        now.namespaces[self.ns].sysctl[(self.link, self.key)] = self.value

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        before = now.namespaces[self.ns].sysctl.get((self.link, self.key))
        return (SysctlSet(self.ns, self.link, self.key, before),) if before is not None else ()


@dataclasses.dataclass(frozen=True)
class RouteSet(_ops.Op):
    """Make a route: ``instead_of`` another one of its key, which it replaces; as the ``first`` one of its key; or
    again, as it was.
    """

    disturbs = _ops.BRIEF
    ns: _snapshot.NsKey
    route: _route.Route
    instead_of: _route.Route | None = None
    first: bool = False  # of IPv4: if somebody else has made one of its key meanwhile, it is refused

    def sentence(self) -> str:
        return f"set {words_of(self.route)}{_ops.where(self.ns)}"

    def is_fresh(self, now: _snapshot.Snapshot) -> bool:
        return not now.namespaces[self.ns].routes.of(self.route.slot)

    def check(self, now: _snapshot.Snapshot) -> None:
        if self.instead_of is not None:
            refuse_unrepeatable(self.ns, self.instead_of, f"replace it by {words_of(self.route)}")

    def effect(self, now: _snapshot.Snapshot) -> None:
        now.namespaces[self.ns].routes.put(self.route, self.instead_of)

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        return (
            (RouteSet(self.ns, self.instead_of, self.route),)
            if self.instead_of is not None
            else (RouteDelete(self.ns, self.route),)
        )


@dataclasses.dataclass(frozen=True)
class RouteDelete(_ops.Op):
    """Delete exactly this route, and none that shares its key."""

    disturbs = _ops.BRIEF
    ns: _snapshot.NsKey
    route: _route.Route

    def sentence(self) -> str:
        return f"delete route {destination_of(self.route)}{_ops.where(self.ns)}"

    def check(self, now: _snapshot.Snapshot) -> None:
        refuse_unrepeatable(self.ns, self.route, "delete it")
        there = now.namespaces[self.ns].routes.of(self.route.slot)
        for other in (
            there[: there.index(self.route)]
            if self.route in there and self.route.family == 6 and not self.route.gateways
            else ()
        ):
            # ip6_route_del(): no gateway is any
            if other.gateways and other.devices & self.route.devices and other.protocol == self.route.protocol:
                raise _errors.Conflict(
                    f"Cannot {self.sentence()}: the kernel would delete {words_of(other)} instead, which comes first"
                    " and has all that this one has. Delete that one first, and make it again."
                )

    def effect(self, now: _snapshot.Snapshot) -> None:
        now.namespaces[self.ns].routes.discard(self.route)

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        return (RouteSet(self.ns, self.route),)


def replacement(ns: _snapshot.Namespace, old: _route.Route, new: _route.Route) -> tuple[_ops.Op, ...]:
    """The ops that replace one route by another of its key. The kernel replaces the first there, which for IPv6 may
    belong to somebody else.
    """
    there = ns.routes.of(old.slot)
    if there[0] == old and (new.family == 4 or len(there) == 1):
        return (RouteSet(ns.key, new, old),)
    return (RouteDelete(ns.key, old), RouteSet(ns.key, new))


def preferring(ns: _snapshot.Namespace, link: str, cidrs: t.Sequence[str]) -> list[_route.Route]:
    """The routes, through any link, that prefer one of these addresses of a link, if no other link has it."""
    found = [route for cidr in cidrs for route in ns.routes.preferring(cidr.split("/")[0]) if route.kept]
    if not found:
        return []
    others = {
        address.cidr.split("/")[0] for other in ns.links.values() if other.name != link for address in other.addresses
    }
    return [route for route in found if route.source not in others]


def drop_preferring(ns: _snapshot.Namespace, link: str, cidrs: t.Sequence[str]) -> None:
    """Remove the preference of these addresses: IPv4 routes are deleted (fib_sync_down_addr()), IPv6 routes prefer none
    any more (fib6_remove_prefsrc()).
    """
    for route in preferring(ns, link, cidrs):
        if route.family == 4:
            ns.routes.discard(route)
        else:
            ns.routes.put(dataclasses.replace(route, source=None), route)


def preferring_again(ns: _snapshot.Namespace, link: str, cidrs: t.Sequence[str], besides: str = "") -> list[_ops.Op]:
    """The ops that undo that, once the addresses are restored; ``besides``: a link whose own routes are restored
    elsewhere.
    """
    found: list[_ops.Op] = []
    for route in (route for route in preferring(ns, link, cidrs) if besides not in route.devices):
        if route.family == 4:
            found.append(RouteSet(ns.key, route))
        else:
            bare = dataclasses.replace(route, source=None)
            alone = len(ns.routes.of(route.slot)) == 1
            found += [RouteSet(ns.key, route, bare)] if alone else [RouteDelete(ns.key, bare), RouteSet(ns.key, route)]
    return found


@dataclasses.dataclass(frozen=True)
class NeighbourSet(_ops.Op):
    """Make a permanent neighbour or a proxy, or replace the one of its address."""

    ns: _snapshot.NsKey
    neighbour: _snapshot.Neighbour

    def sentence(self) -> str:
        if self.neighbour.proxy:
            return f"answer for {self.neighbour.address} on {self.neighbour.device}{_ops.where(self.ns)}"
        return (
            f"set neighbour {self.neighbour.address} of {self.neighbour.device}{_ops.where(self.ns)}:"
            f" mac={self.neighbour.mac}"
        )

    def effect(self, now: _snapshot.Snapshot) -> None:
        neighbours = now.namespaces[self.ns].neighbours
        neighbours[:] = [one for one in neighbours if one.key != self.neighbour.key] + [self.neighbour]

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        before = next((one for one in now.namespaces[self.ns].neighbours if one.key == self.neighbour.key), None)
        return (NeighbourSet(self.ns, before),) if before else (NeighbourDelete(self.ns, self.neighbour),)


@dataclasses.dataclass(frozen=True)
class NeighbourDelete(_ops.Op):
    """Delete a permanent neighbour or a proxy."""

    ns: _snapshot.NsKey
    neighbour: _snapshot.Neighbour

    def sentence(self) -> str:
        if self.neighbour.proxy:
            return f"answer no more for {self.neighbour.address} on {self.neighbour.device}{_ops.where(self.ns)}"
        return f"delete neighbour {self.neighbour.address} of {self.neighbour.device}{_ops.where(self.ns)}"

    def effect(self, now: _snapshot.Snapshot) -> None:
        neighbours = now.namespaces[self.ns].neighbours
        neighbours[:] = [one for one in neighbours if one.key != self.neighbour.key]

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        return (NeighbourSet(self.ns, self.neighbour),)


@dataclasses.dataclass(frozen=True)
class RuleAdd(_ops.Op):
    """Add a policy rule behind those of the same priority."""

    ns: _snapshot.NsKey
    rule: _rule.Rule

    def sentence(self) -> str:
        return f"add {'IPv6 ' if self.rule.family == 6 else ''}rule {self.rule.words}{_ops.where(self.ns)}"

    def effect(self, now: _snapshot.Snapshot) -> None:
        now.namespaces[self.ns].rules.append(self.rule)

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        return (RuleDelete(self.ns, self.rule),)


@dataclasses.dataclass(frozen=True)
class RuleDelete(_ops.Op):
    """Delete exactly this policy rule, and not one that only has more selectors."""

    disturbs = _ops.BRIEF
    ns: _snapshot.NsKey
    rule: _rule.Rule

    def sentence(self) -> str:
        return f"delete {'IPv6 ' if self.rule.family == 6 else ''}rule {self.rule.words}{_ops.where(self.ns)}"

    def effect(self, now: _snapshot.Snapshot) -> None:
        now.namespaces[self.ns].rules.remove(self.rule)

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        return (RuleAdd(self.ns, self.rule),)


def rebuild_sysctls(ns: _snapshot.Namespace, name: str) -> list[SysctlSet]:
    """The ops that restore a link's sysctls, as far as they are known."""
    return [
        SysctlSet(ns.key, name, key, value)
        for (of, key), value in ns.sysctl.items()
        if of == name and value is not None
    ]


def rebuild_neighbours(ns: _snapshot.Namespace, name: str) -> list[NeighbourSet]:
    """The ops that restore a link's neighbours."""
    return [NeighbourSet(ns.key, one) for one in ns.neighbours if one.device == name]
