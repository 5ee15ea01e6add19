# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes on links, as data, and what becomes of the rest when a link goes."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _ops, _parents, _snapshot, _stack_ops

# What a link gets when it becomes a port (new_nbp() in net/bridge/br_if.c); the cost follows its speed.
PORT_DEFAULTS: t.Mapping[str, t.Any] = {"isolated": False, "hairpin": False, "learning": True, "flood": True, "neigh_suppress": False, "priority": 32}
SPEED_COSTS = {1, 2, 3, 4, 5, 19, 100}  # port_cost() there


def special_flags(link: _snapshot.Link) -> dict[str, t.Any]:
    """The flags of a port that are not as a new port has them."""
    return {flag: value for flag, value in link.port.items() if (value not in SPEED_COSTS if flag == "cost" else value != PORT_DEFAULTS.get(flag))}


def as_port(link: _snapshot.Link, master: str | None) -> dict[str, t.Any]:
    """The changes that make a link a port as it is one now: with its flags, which it loses with its master."""
    flags = special_flags(link)
    return {"master": master, "port": flags} if master and flags else {"master": master}


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


def forget_peer(now: _snapshot.Snapshot, link: _snapshot.Link) -> None:
    """A veth's end is gone, so its other end is gone too."""
    if link.kind == "veth" and link.peer is not None:
        ns = now.namespaces.get(link.peer[0])
        if ns is not None and link.peer[1] in ns.links:
            forget_link(ns, link.peer[1])


def forget_link(ns: _snapshot.Namespace, name: str, outlasting: t.Container[_snapshot.Address] = ()) -> None:
    """Without the link its routes, its sysctls, and its ports' master are gone; ``outlasting``: addresses that it has under another name."""
    drop_routes(ns, name)
    link = ns.links.pop(name, None)
    if link is not None:
        _stack_ops.drop_preferring(ns, name, [address.cidr for address in link.addresses if address not in outlasting])
    drop_neighbours(ns, name)
    for key in [key for key in ns.sysctl if key[0] == name]:
        del ns.sysctl[key]
    for port in [link for link in ns.links.values() if link.master == name]:
        ns.links[port.name] = dataclasses.replace(port, master=None, port={})


def drop_routes(ns: _snapshot.Namespace, device: str) -> None:
    """The kernel drops a link's routes when the link goes down or away."""
    for route in ns.routes.by(device):
        ns.routes.discard(route)


def drop_neighbours(ns: _snapshot.Namespace, device: str, but_proxies: bool = False) -> None:
    """The kernel drops a link's neighbours when the link goes down or away, and when its MAC changes all but proxies (net/core/neighbour.c)."""
    ns.neighbours[:] = [one for one in ns.neighbours if one.device != device or (but_proxies and one.proxy)]


def rebuild_addresses(ns: _snapshot.Namespace, name: str) -> tuple[_ops.Op, ...]:
    """The ops that give a link back its addresses, its sysctls, the routes by it and its neighbours."""
    link = ns.links[name]
    sysctls = [_stack_ops.SysctlSet(ns.key, name, key, value) for (of, key), value in ns.sysctl.items() if of == name and value is not None]
    # Leased ones as well, which nobody would ask for again; those of IPv6 come by themselves.
    kept = [address for address in link.addresses if address.declared or (address.dynamic and ":" not in address.cidr)]
    addresses = [_stack_ops.AddressAdd(ns.key, name, address.cidr, address.detail) for address in kept]
    by_it = sorted((route for route in ns.routes.by(name) if route.kept), key=lambda route: route.leans)
    routes = [_stack_ops.RouteSet(ns.key, route) for route in by_it]
    others = _stack_ops.preferring_again(ns, name, [address.cidr for address in link.addresses], besides=name)
    return (*sysctls, *addresses, *routes, *others, *rebuild_neighbours(ns, name))


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

    def effect(self, now: _snapshot.Snapshot) -> None:
        fresh: dict[str, t.Any] = {"tx_checksum": True} if self.peer else {}
        ends = [(self.ns, self.link)] + ([self.peer] if self.peer else [])
        for index, (ns, link) in enumerate(ends):
            other = ends[1 - index] if self.peer else None
            flags = {**PORT_DEFAULTS, **link.port} if link.master else {}
            now.put(ns, dataclasses.replace(link, peer=(other[0], other[1].name) if other else None, addresses=(), port=flags, **fresh))
        if self.link.kind == "ipvlan":
            _parents.share_mode(now, self.ns, self.link.name)

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        others = _parents.ipvlans_on(now, _parents.parent_of(self.ns, self.link.data)) if self.link.kind == "ipvlan" else []
        modes = [LinkSet(ns, link.name, {"data": {"kind": "ipvlan", "mode": link.data["mode"]}}) for ns, link in others[:1] if link.data.get("mode")]
        return (LinkDelete(self.ns, self.link.name), *modes)


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
        forget_peer(now, ns.links[self.name])
        forget_link(ns, self.name)

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
        ports = [LinkSet(self.ns, port.name, as_port(port, self.name)) for port in ns.links.values() if port.master == self.name]
        above = [op for one in self._above(now) for op in one.inverse(now)]
        if link.peer is None:
            return (LinkAdd(self.ns, bare), *rebuild_addresses(ns, self.name), *ports, *above)
        other = now.link(*link.peer)
        if other is None:
            return ()
        again = LinkAdd(self.ns, bare, (link.peer[0], dataclasses.replace(other, index=None, held_by=None)))
        checksums = [TxChecksum(key, end.name, False) for key, end in ((self.ns, link), (link.peer[0], other)) if end.tx_checksum is False]
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
        plain = {key: ",".join(value) if key == "altnames" else value for key, value in self._plain.items()}
        words = [f"{'up' if value else 'down'}" if key == "up" else f"{key}={value or 'none'}" for key, value in plain.items()]
        words += [f"{key}={value}" for part in (self._data, self.changes.get("port", {})) for key, value in part.items()]
        return f"set {self.name}{_ops.where(self.ns)}: {', '.join(words)}"

    def is_fresh(self, now: _snapshot.Snapshot) -> bool:
        return now.namespaces[self.ns].links[self.name].index is None

    def check(self, now: _snapshot.Snapshot) -> None:
        _parents.refuse_master(now, self.ns, self.name, self.changes.get("master"))
        for name in set(self.changes.get("altnames", ())) - set(now.namespaces[self.ns].links[self.name].altnames):
            refuse_name(now, self.ns, name, f"give '{self.name}'{_ops.where(self.ns)} the alternative name '{name}'")

    def effect(self, now: _snapshot.Snapshot) -> None:
        link = now.namespaces[self.ns].links[self.name]
        plain = self._plain
        if "up" in plain:
            plain["carrier"] = None  # nobody knows before it is tried
        flags = link.port if "master" not in plain else PORT_DEFAULTS if plain["master"] else {}
        plain["port"] = {**flags, **self.changes.get("port", {})}
        now.put(self.ns, dataclasses.replace(link, **plain).with_data(**self._data))
        if link.kind == "ipvlan" and "mode" in self._data:
            _parents.share_mode(now, self.ns, self.name)
        if plain.get("mac") not in (None, link.mac):
            drop_neighbours(now.namespaces[self.ns], self.name, but_proxies=True)
        if self.changes.get("up") is False:
            drop_routes(now.namespaces[self.ns], self.name)
            drop_neighbours(now.namespaces[self.ns], self.name)
            # IPv6 addresses go with the up state (keep_addr_on_down is 0), IPv4 ones stay.
            down = now.namespaces[self.ns].links[self.name]
            _stack_ops.drop_preferring(now.namespaces[self.ns], self.name, [address.cidr for address in down.addresses if ":" in address.cidr])
            now.put(self.ns, dataclasses.replace(down, addresses=tuple(one for one in down.addresses if ":" not in one.cidr)))

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        link = now.namespaces[self.ns].links[self.name]
        before: dict[str, t.Any] = {key: getattr(link, key) for key in self._plain}
        if "master" in self.changes:
            before.update(as_port(link, link.master))
        elif "port" in self.changes:
            before["port"] = {flag: link.port[flag] for flag in self.changes["port"] if link.port.get(flag) is not None}
        if "data" in self.changes:
            before["data"] = {key: link.data[key] for key in self._data if link.data.get(key) is not None}
            before["data"].update({"kind": link.kind} if "kind" in self.changes["data"] else {})
        known = {key: value for key, value in before.items() if value is not None or key == "master"}
        lost = rebuild_addresses(now.namespaces[self.ns], self.name) if self.changes.get("up") is False else ()
        back = [
            op
            for op in lost
            if isinstance(op, (_stack_ops.RouteSet, _stack_ops.RouteDelete))
            or (isinstance(op, _stack_ops.AddressAdd) and ":" in op.cidr and op.cidr != "::1/128")
        ]  # (that one lo makes itself)
        neighbours = rebuild_neighbours(now.namespaces[self.ns], self.name) if self.changes.get("up") is False or "mac" in self.changes else []
        return (LinkSet(self.ns, self.name, known), *back, *neighbours)


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
        for name in altnames if self.ns != self.to_ns else ():
            refuse_name(now, self.to_ns, name, f"{self.sentence()} with its alternative name '{name}'")

    def effect(self, now: _snapshot.Snapshot) -> None:
        source = now.namespaces[self.ns]
        link = source.links[self.name]
        outlasting: dict[str, t.Any] = (
            {"master": link.master, "addresses": self._outlasting(link)}
            if self.ns == self.to_ns
            else {"master": None, "held_by": None, "port": {}, "addresses": ()}
        )
        sysctls = {key: value for (of, key), value in source.sysctl.items() if of == self.name and self.ns == self.to_ns}
        forget_link(source, self.name, outlasting["addresses"])
        now.put(self.to_ns, dataclasses.replace(link, name=self.to_name, up=False, carrier=None, **outlasting))
        source.sysctl.update({(self.to_name, key): value for key, value in sysctls.items()})
        other = now.link(*link.peer) if link.peer else None
        if link.peer and other:
            now.put(link.peer[0], dataclasses.replace(other, peer=(self.to_ns, self.to_name)))

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        source = now.namespaces[self.ns]
        link = source.links[self.name]
        state = as_port(link, link.master) if link.master and self.ns != self.to_ns else {}
        if link.up:
            state["up"] = True
        back: tuple[_ops.Op, ...] = (LinkMove(self.to_ns, self.to_name, self.ns, self.name),)
        stays = {address.cidr for address in self._outlasting(link)} if self.ns == self.to_ns else set()
        rest = [op for op in rebuild_addresses(source, self.name) if not isinstance(op, _stack_ops.AddressAdd) or op.cidr not in stays]
        return (*back, *((LinkSet(self.ns, self.name, state),) if state else ()), *rest)

    @staticmethod
    def _outlasting(link: _snapshot.Link) -> tuple[_snapshot.Address, ...]:
        """A mere rename takes the link down: its IPv4 addresses and its master outlast that, its IPv6 addresses do not."""
        return tuple(address for address in link.addresses if ":" not in address.cidr)


@dataclasses.dataclass(frozen=True)
class TxChecksum(_ops.Op):
    """Switch a link's transmit checksum offload (ethtool -K LINK tx on|off)."""

    ns: _snapshot.NsKey
    name: str
    on: bool

    def sentence(self) -> str:
        return f"switch transmit checksum offload of {self.name}{_ops.where(self.ns)} {'on' if self.on else 'off'}"

    def effect(self, now: _snapshot.Snapshot) -> None:
        now.put(self.ns, dataclasses.replace(now.namespaces[self.ns].links[self.name], tx_checksum=self.on))

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        return (TxChecksum(self.ns, self.name, not self.on),)
