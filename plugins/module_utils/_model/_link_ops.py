# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes on links, as data, and what becomes of the rest when a link goes."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _address_ops,
    _bridge_port,
    _checksum_ops,
    _errors,
    _fallout,
    _mtus,
    _ops,
    _parents,
    _snapshot,
    _stack_ops,
)

LOST_BY_MOVING = ("token", "maddresses")  # attributes that a link loses in another namespace


def refuse_altname(now: _snapshot.Snapshot, ns: _snapshot.NsKey, name: str, wish: str) -> None:
    """The names and the alternative names of a namespace's links are one set (netdev_name_in_use()). Kinds look among the names."""
    space = now.namespaces.get(ns)
    other = space.by_altname(name) if space is not None else None
    if other is not None:
        raise _errors.Conflict(
            f"Cannot {wish}: '{name}' is an alternative name of '{other.name}' there, and is left alone. Choose another name, or take it off"
            f" '{other.name}' (altnames)."
        )


def refuse_name(now: _snapshot.Snapshot, ns: _snapshot.NsKey, name: str, wish: str) -> None:
    """A name that no link may have, neither way."""
    refuse_altname(now, ns, name, wish)
    if now.link(ns, name) is not None:
        raise _errors.Conflict(f"Cannot {wish}: a link '{name}' is there already, and is left alone. Choose another name.")


def rebuild_addresses(ns: _snapshot.Namespace, name: str) -> tuple[_ops.Op, ...]:
    """The ops that give a link back its addresses, its sysctls, the routes by it and its neighbours."""
    by_it = sorted((route for route in ns.routes.by(name) if _address_ops.comes_back(route, ns.links[name])), key=lambda route: route.leans)
    routes = [_stack_ops.RouteSet(ns.key, route) for route in by_it]
    addresses = _address_ops.addresses_back(ns.key, name, ns.links[name].addresses)
    others = _stack_ops.preferring_again(ns, name, [address.cidr for address in ns.links[name].addresses], besides=name)
    return (*rebuild_sysctls(ns, name), *addresses, *routes, *others, *rebuild_neighbours(ns, name))


def rebuild_sysctls(ns: _snapshot.Namespace, name: str) -> list[_stack_ops.SysctlSet]:
    """The ops that give a link back its sysctls, as far as they are known."""
    return [_stack_ops.SysctlSet(ns.key, name, key, value) for (of, key), value in ns.sysctl.items() if of == name and value is not None]


def rebuild_neighbours(ns: _snapshot.Namespace, name: str) -> list[_stack_ops.NeighbourSet]:
    """The ops that give a link back its neighbours."""
    return [_stack_ops.NeighbourSet(ns.key, one) for one in ns.neighbours if one.device == name]


@dataclasses.dataclass(frozen=True)
class LinkAdd(_ops.Op):
    """Make a link with its attributes; of a veth both ends, each at once in its namespace under its final name."""

    ns: _snapshot.NsKey
    link: _snapshot.Link
    peer: tuple[_snapshot.NsKey, _snapshot.Link] | None = None

    def sentence(self) -> str:
        if self.peer:
            return f"create veth {self.link.name}{_ops.where(self.ns)} with peer {self.peer[1].name}{_ops.where(self.peer[0])}"
        kind = self.link.data.get("mode") if self.link.kind == "tun" else self.link.kind
        return f"create {kind} {self.link.name}{_ops.where(self.ns)}"

    def check(self, now: _snapshot.Snapshot) -> None:
        for ns, link in ((self.ns, self.link), *([self.peer] if self.peer else [])):
            _parents.refuse_master(now, ns, link.name, link.master)
            _parents.refuse_parent(now, ns, link)
            refuse_altname(now, ns, link.name, f"create {link.kind} '{link.name}'{_ops.where(ns)}")

    def falls(self, now: _snapshot.Snapshot) -> tuple[str, ...]:
        ends = ((self.ns, self.link), *([self.peer] if self.peer else []))
        macs = (words for ns, link in ends for words in _bridge_port.moves_mac(now, ns, link.master, link.mac))
        return (*_fallout.words_of(_fallout.falls_of(now, self._mtus(now)), now), *macs)

    def _mtus(self, now: _snapshot.Snapshot) -> dict[_parents.Place, int]:
        """Of the bridges whose ports the ends become."""
        ends = ((self.ns, self.link), *([self.peer] if self.peer else []))
        return {place: mtu for ns, link in ends if link.master for place, mtu in _mtus.mtus_after(now, ns, None, link).items()}

    def effect(self, now: _snapshot.Snapshot) -> None:
        _fallout.follow(now, self._mtus(now))
        fresh: dict[str, t.Any] = {"tx_checksum": True} if self.peer else {}
        ends = [(self.ns, self.link)] + ([self.peer] if self.peer else [])
        for index, (ns, link) in enumerate(ends):
            other = ends[1 - index] if self.peer else None
            flags = {**_bridge_port.PORT_DEFAULTS, **link.port} if link.master else {}
            now.put(ns, dataclasses.replace(link, peer=(other[0], other[1].name) if other else None, addresses=(), port=flags, **fresh))
        if self.link.kind == "ipvlan":
            _parents.share_mode(now, self.ns, self.link.name)

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        others = _parents.ipvlans_on(now, _parents.parent_of(self.ns, self.link.data)) if self.link.kind == "ipvlan" else []
        modes = [LinkSet(ns, link.name, {"data": {"kind": "ipvlan", "mode": link.data["mode"]}}) for ns, link in others[:1] if link.data.get("mode")]
        fallen = [op for fall in _fallout.falls_of(now, self._mtus(now)) for op in fall.back(now)]
        return (LinkDelete(self.ns, self.link.name), *modes, *fallen)


@dataclasses.dataclass(frozen=True)
class LinkDelete(_ops.Op):
    """Delete a link; of a veth both ends go. ``dying``: the kernel may come first, as the namespace of its other end has lost its name."""

    disturbs = _ops.RECREATION
    ns: _snapshot.NsKey
    name: str
    dying: bool = False

    def sentence(self) -> str:
        return f"delete link {self.name}{_ops.where(self.ns)}"

    def joins(self, last: _ops.Op) -> bool:
        return isinstance(last, LinkDelete) and last.ns == self.ns and not self.dying and not last.dying

    def is_fresh(self, now: _snapshot.Snapshot) -> bool:
        return now.namespaces[self.ns].links[self.name].index is None

    def check(self, now: _snapshot.Snapshot) -> None:
        if now.namespaces[self.ns].links[self.name].kind == "openvswitch":  # it has no dellink (vport-internal_dev.c), so the kernel says EOPNOTSUPP
            raise _errors.Conflict(
                f"Cannot delete '{self.name}'{_ops.where(self.ns)}: it is a device of Open vSwitch's datapath in the kernel, which goes with its OVS port only."
                " Delete that port first (netloom.linux.ovs_port with state: absent, or ovs-vsctl del-port)."
            )

    def effect(self, now: _snapshot.Snapshot) -> None:
        ns = now.namespaces[self.ns]
        for above in self._above(now):
            above.effect(now)
        _fallout.forget_peer(now, ns.links[self.name])
        _fallout.forget_link(ns, self.name)

    def _above(self, now: _snapshot.Snapshot) -> list[LinkDelete]:
        """What the kernel deletes with it: a VLAN, say, on either end."""
        link = now.namespaces[self.ns].links[self.name]
        ends = [(self.ns, self.name), *([link.peer] if link.kind == "veth" and link.peer else [])]
        return [LinkDelete(ns, above.name) for end in ends for ns, above in _parents.standing_on(now, end)]

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        ns = now.namespaces[self.ns]
        link = ns.links[self.name]
        if link.kind in ("openvswitch", "") or (link.kind == "veth" and link.peer is None):
            return ()  # made by Open vSwitch or by hardware, or half a pair: not ours to make
        bare = dataclasses.replace(link, index=None, held_by=None)
        ports = [LinkSet(self.ns, port.name, _bridge_port.as_port(port, self.name)) for port in ns.links.values() if port.master == self.name]
        above = [op for one in self._above(now) for op in one.inverse(now)]
        if link.peer is None:
            return (LinkAdd(self.ns, bare), *rebuild_addresses(ns, self.name), *ports, *above)
        other = now.link(*link.peer)
        if other is None:
            return ()
        again = LinkAdd(self.ns, bare, (link.peer[0], dataclasses.replace(other, index=None, held_by=None)))
        checksums = [_checksum_ops.TxChecksum(key, end.name, False) for key, end in ((self.ns, link), (link.peer[0], other)) if end.tx_checksum is False]
        rest = rebuild_addresses(ns, self.name) + rebuild_addresses(now.namespaces[link.peer[0]], other.name)
        return (again, *checksums, *rest, *ports, *above)


@dataclasses.dataclass(frozen=True)
class LinkSet(_ops.Op):
    """Change attributes: mac, mtu, up, master (None: none), txqueuelen, alias, altnames, ``data`` of its kind, and ``port``: its flags as a bridge's port.

    ``data`` of other kinds than bridge and tun names the kind as well, as the kernel wants it with each request.

    Not atomic: the kernel sets one attribute after the other, and keeps the first ones when it refuses a later one (do_setlink()).
    """

    atomic = False
    ns: _snapshot.NsKey
    name: str
    changes: t.Mapping[str, t.Any]

    @property
    def disturbs(self) -> str:  # type: ignore[override]
        """Only what interrupts the link disturbs."""
        return _ops.BRIEF if self.changes.get("up") is False or {"mac", "master"} & set(self.changes) else _ops.NOTHING

    @property
    def repeatable(self) -> bool:  # type: ignore[override]
        """To set a link up or down again harms nothing. (Who writes a link's flags as it read them a moment ago undoes ours: SIOCSIFFLAGS.)"""
        return set(self.changes) == {"up"}

    @property
    def _plain(self) -> dict[str, t.Any]:
        return {key: value for key, value in self.changes.items() if key not in ("data", "port")}

    @property
    def _data(self) -> dict[str, t.Any]:
        return {key: value for key, value in self.changes.get("data", {}).items() if key != "kind"}

    def sentence(self) -> str:
        plain = {key: ",".join(value) if isinstance(value, tuple) else value for key, value in self._plain.items()}
        words = [f"{'up' if value else 'down'}" if key == "up" else f"{key}={value or 'none'}" for key, value in plain.items()]
        words += [f"{key}={value}" for part in (self._data, self.changes.get("port", {})) for key, value in part.items()]
        return f"set {self.name}{_ops.where(self.ns)}: {', '.join(words)}"

    def is_fresh(self, now: _snapshot.Snapshot) -> bool:
        return now.namespaces[self.ns].links[self.name].index is None

    def check(self, now: _snapshot.Snapshot) -> None:
        _parents.refuse_master(now, self.ns, self.name, self.changes.get("master"))
        for name in set(self.changes.get("altnames", ())) - set(now.namespaces[self.ns].links[self.name].altnames):
            refuse_name(now, self.ns, name, f"give '{self.name}'{_ops.where(self.ns)} the alternative name '{name}'")

    def falls(self, now: _snapshot.Snapshot) -> tuple[str, ...]:
        mac = self.changes.get("mac") or now.namespaces[self.ns].links[self.name].mac
        return (*_fallout.words_of(self._fallen(now), now), *_bridge_port.moves_mac(now, self.ns, self.changes.get("master"), mac))

    def _mtus(self, now: _snapshot.Snapshot) -> dict[_parents.Place, int]:
        if not {"mtu", "master"} & set(self.changes):
            return {}
        link = now.namespaces[self.ns].links[self.name]
        changed = {key: self.changes[key] for key in ("mtu", "master") if key in self.changes}
        return _mtus.mtus_after(now, self.ns, link, dataclasses.replace(link, **changed))

    def _fallen(self, now: _snapshot.Snapshot) -> list[_fallout.Fall]:
        ns = now.namespaces[self.ns]
        masters = {ns.links[self.name].master, self.changes["master"]} if "master" in self.changes else set()
        leaves_vrf = any(link.kind == "vrf" for link in ns.links.values() if link.name in masters)  # which sets it down and up (cycle_netdev())
        down = [_fallout.of_down(ns, self.name)] if self.changes.get("up") is False or leaves_vrf else []
        return [*down, *(fall for fall in _fallout.falls_of(now, self._mtus(now)) if not down or fall.link != self.name)]

    def effect(self, now: _snapshot.Snapshot) -> None:
        for fall in self._fallen(now):
            fall.drop(now)
        _fallout.follow(now, self._mtus(now))
        link = now.namespaces[self.ns].links[self.name]
        plain = self._plain
        if "up" in plain:
            plain["carrier"] = None  # nobody knows before it is tried
        flags = link.port if "master" not in plain else _bridge_port.PORT_DEFAULTS if plain["master"] else {}
        plain["port"] = {**flags, **self.changes.get("port", {})}
        plain.update({"mac_set": True} if "mac" in plain else {})
        now.put(self.ns, dataclasses.replace(link, **plain).with_data(**self._data))
        if link.kind == "ipvlan" and "mode" in self._data:
            _parents.share_mode(now, self.ns, self.name)
        if plain.get("mac") not in (None, link.mac):
            _fallout.drop_neighbours(now.namespaces[self.ns], self.name, but_proxies=True)

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        link = now.namespaces[self.ns].links[self.name]
        before: dict[str, t.Any] = {key: getattr(link, key) for key in self._plain}
        if "master" in self.changes:
            before.update(_bridge_port.as_port(link, link.master))
        elif "port" in self.changes:
            before["port"] = {flag: link.port[flag] for flag in self.changes["port"] if link.port.get(flag) is not None}
        if "data" in self.changes:
            before["data"] = {key: link.data[key] for key in self._data if link.data.get(key) is not None}
            before["data"].update({"kind": link.kind} if "kind" in self.changes["data"] else {})
        known = {key: value for key, value in before.items() if value is not None or key == "master"}
        neighbours = rebuild_neighbours(now.namespaces[self.ns], self.name) if "mac" in self.changes and self.changes.get("up") is not False else []
        return (LinkSet(self.ns, self.name, known), *(op for fall in self._fallen(now) for op in fall.back(now)), *neighbours)


@dataclasses.dataclass(frozen=True)
class LinkMove(_ops.Op):
    """Move a link to another namespace and name. It arrives down, without addresses, routes and master."""

    disturbs = _ops.BRIEF
    ns: _snapshot.NsKey
    name: str
    to_ns: _snapshot.NsKey
    to_name: str

    def sentence(self) -> str:
        if self.ns == self.to_ns:
            return f"rename {self.name}{_ops.where(self.ns)} to {self.to_name}"
        renamed = "" if self.name == self.to_name else f" as {self.to_name}"
        return f"move {self.name}{_ops.where(self.ns)} to {'the host' if self.to_ns is None else self.to_ns}{renamed}"

    def is_fresh(self, now: _snapshot.Snapshot) -> bool:
        return now.namespaces[self.ns].links[self.name].index is None

    def check(self, now: _snapshot.Snapshot) -> None:
        altnames = now.namespaces[self.ns].links[self.name].altnames
        if self.to_name in altnames:  # the kernel would take the link to the namespace, and then refuse the name
            raise _errors.Conflict(f"Cannot {self.sentence()}: '{self.to_name}' is an alternative name of it. Take that off first (altnames).")
        refuse_altname(now, self.to_ns, self.to_name, self.sentence())
        if self.ns != self.to_ns:
            _parents.refuse_to_move(now, (self.ns, self.name), self.sentence())
        for name in altnames if self.ns != self.to_ns else ():
            refuse_name(now, self.to_ns, name, f"{self.sentence()} with its alternative name '{name}'")

    def falls(self, now: _snapshot.Snapshot) -> tuple[str, ...]:
        return _fallout.words_of([_fallout.of_down(now.namespaces[self.ns], self.name)], now) if self.ns == self.to_ns else ()

    def effect(self, now: _snapshot.Snapshot) -> None:
        source = now.namespaces[self.ns]
        link = source.links[self.name]
        outlasting: dict[str, t.Any] = (
            {"master": link.master, "addresses": self._outlasting(link)}
            if self.ns == self.to_ns
            else {"master": None, "held_by": None, "port": {}, "addresses": (), **self._lost(link)}
        )
        sysctls = {key: value for (of, key), value in source.sysctl.items() if of == self.name and self.ns == self.to_ns}
        _fallout.forget_link(source, self.name, outlasting["addresses"])
        now.put(self.to_ns, dataclasses.replace(link, name=self.to_name, up=False, carrier=None, **outlasting))
        source.sysctl.update({(self.to_name, key): value for key, value in sysctls.items()})
        other = now.link(*link.peer) if link.peer else None
        if link.peer and other:
            now.put(link.peer[0], dataclasses.replace(other, peer=(self.to_ns, self.to_name)))

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        source = now.namespaces[self.ns]
        link = source.links[self.name]
        state = _bridge_port.as_port(link, link.master) if link.master and self.ns != self.to_ns else {}
        if self.ns != self.to_ns:
            state.update({key: getattr(link, key) for key in LOST_BY_MOVING if getattr(link, key)})
        if link.up:
            state["up"] = True
        back: tuple[_ops.Op, ...] = (LinkMove(self.to_ns, self.to_name, self.ns, self.name),)
        stays = {address.cidr for address in self._outlasting(link)} if self.ns == self.to_ns else set()
        rest = [op for op in rebuild_addresses(source, self.name) if not isinstance(op, _address_ops.AddressAdd) or op.cidr not in stays]
        # Sysctls come before the link is up: accept_ra and its kind act when a link comes up.
        before, after = ([op for op in rest if isinstance(op, _stack_ops.SysctlSet) == first] for first in (True, False))
        return (*back, *before, *((LinkSet(self.ns, self.name, state),) if state else ()), *after)

    @staticmethod
    def _lost(link: _snapshot.Link) -> dict[str, t.Any]:
        """What was read of it, and is none in another namespace."""
        none: dict[str, t.Any] = {"token": "", "maddresses": (), "queueing": ()}
        return {key: value for key, value in none.items() if getattr(link, key) is not None}

    @staticmethod
    def _outlasting(link: _snapshot.Link) -> tuple[_snapshot.Address, ...]:
        """A mere rename takes the link down: its IPv4 addresses and its master outlast that, its IPv6 addresses do not."""
        return tuple(address for address in link.addresses if ":" not in address.cidr)
