# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes on links, as data, and their effects on other objects."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _address_ops,
    _bridge_port,
    _errors,
    _fallout,
    _link_names,
    _mtus,
    _offload_ops,
    _ops,
    _parents,
    _snapshot,
    _stack_ops,
)


def rebuild_addresses(ns: _snapshot.Namespace, name: str) -> tuple[_ops.Op, ...]:
    """The ops that give a link back its addresses, its sysctls, the routes by it and its neighbours."""
    by_it = sorted(
        (route for route in ns.routes.by(name) if _address_ops.comes_back(route, ns.links[name])),
        key=lambda route: route.leans,
    )
    routes = [_stack_ops.RouteSet(ns.key, route) for route in by_it]
    addresses = _address_ops.addresses_back(ns.key, name, ns.links[name].addresses)
    others = _stack_ops.preferring_again(ns, name, [address.cidr for address in ns.links[name].addresses], besides=name)
    return (
        *_stack_ops.rebuild_sysctls(ns, name),
        *addresses,
        *routes,
        *others,
        *_stack_ops.rebuild_neighbours(ns, name),
    )


@dataclasses.dataclass(frozen=True)
class LinkAdd(_ops.Op):
    """Create a link with its attributes. For a veth this creates both ends, each directly in its namespace under its
    final name.
    """

    ns: _snapshot.NsKey
    link: _snapshot.Link
    peer: tuple[_snapshot.NsKey, _snapshot.Link] | None = None

    def sentence(self) -> str:
        if self.peer:
            return (
                f"create veth {self.link.name}{_ops.where(self.ns)} with peer"
                f" {self.peer[1].name}{_ops.where(self.peer[0])}"
            )
        kind = self.link.data.get("mode") if self.link.kind == "tun" else self.link.kind
        return f"create {kind} {self.link.name}{_ops.where(self.ns)}"

    def check(self, now: _snapshot.Snapshot) -> None:
        for ns, link in ((self.ns, self.link), *([self.peer] if self.peer else [])):
            _parents.refuse_master(now, ns, link.name, link.master)
            _parents.refuse_parent(now, ns, link)
            _link_names.refuse_altname(now, ns, link.name, f"create {link.kind} '{link.name}'{_ops.where(ns)}")

    def falls(self, now: _snapshot.Snapshot) -> tuple[str, ...]:
        ends = ((self.ns, self.link), *([self.peer] if self.peer else []))
        macs = (words for ns, link in ends for words in _bridge_port.moves_mac(now, ns, link.master, link.mac))
        return (*_fallout.words_of(_fallout.falls_of(now, self._mtus(now)), now), *macs)

    def _mtus(self, now: _snapshot.Snapshot) -> dict[_parents.Place, int]:
        """The MTUs of the bridges of which the ends become ports."""
        ends = ((self.ns, self.link), *([self.peer] if self.peer else []))
        return {
            place: mtu
            for ns, link in ends
            if link.master
            for place, mtu in _mtus.mtus_after(now, ns, None, link).items()
        }

    def effect(self, now: _snapshot.Snapshot) -> None:
        _fallout.follow(now, self._mtus(now))
        fresh: dict[str, t.Any] = {"tx_checksum": True} if self.peer else {}
        ends = [(self.ns, self.link)] + ([self.peer] if self.peer else [])
        for index, (ns, link) in enumerate(ends):
            other = ends[1 - index] if self.peer else None
            flags = {**_bridge_port.PORT_DEFAULTS, **link.port} if link.master else {}
            now.put(
                ns,
                dataclasses.replace(
                    link, peer=(other[0], other[1].name) if other else None, addresses=(), port=flags, **fresh
                ),
            )
        if self.link.kind == "ipvlan":
            _parents.share_mode(now, self.ns, self.link.name)

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        others = (
            _parents.ipvlans_on(now, _parents.parent_of(self.ns, self.link.data)) if self.link.kind == "ipvlan" else []
        )
        modes = [
            LinkSet(ns, link.name, {"data": {"kind": "ipvlan", "mode": link.data["mode"]}})
            for ns, link in others[:1]
            if link.data.get("mode")
        ]
        fallen = [op for fall in _fallout.falls_of(now, self._mtus(now)) for op in fall.back(now)]
        return (LinkDelete(self.ns, self.link.name), *modes, *fallen)


@dataclasses.dataclass(frozen=True)
class LinkDelete(_ops.Op):
    """Delete a link (for a veth both ends). ``dying``: the kernel may delete it first, because the namespace of its
    other end has lost its name.
    """

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
        # It has no dellink (vport-internal_dev.c), so the kernel says EOPNOTSUPP.
        if now.namespaces[self.ns].links[self.name].kind == "openvswitch":
            raise _errors.Conflict(
                f"Cannot delete '{self.name}'{_ops.where(self.ns)}: it is a device of Open vSwitch's datapath in the"
                " kernel, which goes with its OVS port only. Delete that port first (netloom.linux.ovs_port with"
                " state: absent, or ovs-vsctl del-port)."
            )
        _parents.refuse_lost(now, self.ends(now), self.sentence())

    def falls(self, now: _snapshot.Snapshot) -> tuple[str, ...]:
        return _fallout.words_of_ends(now, self.ends(now))

    def ends(self, now: _snapshot.Snapshot) -> list[_parents.Place]:
        """The links that are deleted: the link, and for a veth its other end."""
        link = now.namespaces[self.ns].links[self.name]
        return [(self.ns, self.name), *([link.peer] if link.kind == "veth" and link.peer else [])]

    def effect(self, now: _snapshot.Snapshot) -> None:
        ns = now.namespaces[self.ns]
        for above in self._above(now):
            above.effect(now)
        _fallout.forget_peer(now, ns.links[self.name])
        _fallout.forget_link(ns, self.name)

    def _above(self, now: _snapshot.Snapshot) -> list[LinkDelete]:
        """The links that the kernel deletes with it, such as a VLAN on either end."""
        return [LinkDelete(ns, above.name) for end in self.ends(now) for ns, above in _parents.going_with(now, end)]

    def inverse(self, now: _snapshot.Snapshot) -> tuple[_ops.Op, ...]:
        ns = now.namespaces[self.ns]
        link = ns.links[self.name]
        if link.kind in ("openvswitch", "") or (link.kind == "veth" and link.peer is None):
            return ()  # made by Open vSwitch or by hardware, or half a pair: we cannot make it
        bare = dataclasses.replace(link, index=None, held_by=None)
        ports = [
            LinkSet(self.ns, port.name, _bridge_port.as_port(port, self.name))
            for port in ns.links.values()
            if port.master == self.name
        ]
        ports += (
            [LinkSet(self.ns, self.name, {"port": {"vlans": link.port["vlans"]}})]
            if link.kind == "bridge" and "vlans" in link.port
            else []
        )
        above = [op for one in self._above(now) for op in one.inverse(now)]
        # A MAC address that is given ends its following; it comes with the ports, and is there when the bridge comes up
        if link.mac_set is False and ports:
            up = [LinkSet(self.ns, self.name, {"up": True})] if link.up else []
            return (
                LinkAdd(self.ns, dataclasses.replace(bare, mac=None, up=False)),
                *ports,
                *up,
                *rebuild_addresses(ns, self.name),
                *above,
            )
        if link.peer is None:
            return (LinkAdd(self.ns, bare), *rebuild_addresses(ns, self.name), *ports, *above)
        other = now.link(*link.peer)
        if other is None:
            return ()
        again = LinkAdd(self.ns, bare, (link.peer[0], dataclasses.replace(other, index=None, held_by=None)))
        ends = ((self.ns, link), (link.peer[0], other))
        offloads = [
            *(_offload_ops.TxChecksum(key, end.name, False) for key, end in ends if end.tx_checksum is False),
            *(_offload_ops.ReceiveOffload(key, end.name, True) for key, end in ends if end.gro),
        ]
        rest = rebuild_addresses(ns, self.name) + rebuild_addresses(now.namespaces[link.peer[0]], other.name)
        return (again, *offloads, *rest, *ports, *above)


@dataclasses.dataclass(frozen=True)
class LinkSet(_ops.Op):
    """Change attributes: mac, mtu, up, master (None: none), txqueuelen, alias, altnames, ``data`` of its kind, and
    ``port``: its flags as a bridge's port.

    ``data`` of other kinds than bridge and tun names the kind as well, as the kernel wants it with each request.

    Not atomic: the kernel sets one attribute after the other, and keeps the first ones when it refuses a later one
    (do_setlink()).
    """

    atomic = False
    ns: _snapshot.NsKey
    name: str
    changes: t.Mapping[str, t.Any]

    @property
    def disturbs(self) -> str:  # type: ignore[override]
        """What the op disturbs. Only changes that interrupt the link disturb."""
        return _ops.BRIEF if self.changes.get("up") is False or {"mac", "master"} & set(self.changes) else _ops.NOTHING

    @property
    def repeatable(self) -> bool:  # type: ignore[override]
        """Whether the op may be repeated: only setting a link up or down. (A program that writes flags which it read
        before undoes ours: SIOCSIFFLAGS.)
        """
        return set(self.changes) == {"up"}

    @property
    def _plain(self) -> dict[str, t.Any]:
        return {key: value for key, value in self.changes.items() if key not in ("data", "port")}

    @property
    def _data(self) -> dict[str, t.Any]:
        return {key: value for key, value in self.changes.get("data", {}).items() if key != "kind"}

    def sentence(self) -> str:
        plain = {key: ",".join(value) if isinstance(value, tuple) else value for key, value in self._plain.items()}
        words = [
            f"{'up' if value else 'down'}" if key == "up" else f"{key}={value or 'none'}"
            for key, value in plain.items()
        ]
        words += [
            f"{key}={value}" for part in (self._data, self.changes.get("port", {})) for key, value in part.items()
        ]
        return f"set {self.name}{_ops.where(self.ns)}: {', '.join(words)}"

    def is_fresh(self, now: _snapshot.Snapshot) -> bool:
        return now.namespaces[self.ns].links[self.name].index is None

    def check(self, now: _snapshot.Snapshot) -> None:
        _parents.refuse_master(now, self.ns, self.name, self.changes.get("master"))
        known = now.namespaces[self.ns].links[self.name].altnames
        for name in (one for one in self.changes.get("altnames", ()) if one not in known):
            wish = f"give '{self.name}'{_ops.where(self.ns)} the alternative name '{name}'"
            _link_names.refuse_name(now, self.ns, name, wish)

    def falls(self, now: _snapshot.Snapshot) -> tuple[str, ...]:
        mac = self.changes.get("mac") or now.namespaces[self.ns].links[self.name].mac
        return (
            *_fallout.words_of(self._fallen(now), now),
            *_bridge_port.moves_mac(now, self.ns, self.changes.get("master"), mac),
        )

    def _mtus(self, now: _snapshot.Snapshot) -> dict[_parents.Place, int]:
        if not {"mtu", "master"} & set(self.changes):
            return {}
        link = now.namespaces[self.ns].links[self.name]
        changed = {key: self.changes[key] for key in ("mtu", "master") if key in self.changes}
        return _mtus.mtus_after(now, self.ns, link, dataclasses.replace(link, **changed))

    def _fallen(self, now: _snapshot.Snapshot) -> list[_fallout.Fall]:
        ns = now.namespaces[self.ns]
        masters = {ns.links[self.name].master, self.changes["master"]} if "master" in self.changes else set()
        # Leaving it sets the link down and up (cycle_netdev()).
        leaves_vrf = any(link.kind == "vrf" for link in ns.links.values() if link.name in masters)
        down = _fallout.of_down(now, (self.ns, self.name)) if self.changes.get("up") is False or leaves_vrf else []
        fallen = {(fall.ns, fall.link) for fall in down}
        return [
            *down,
            *(fall for fall in _fallout.falls_of(now, self._mtus(now)) if (fall.ns, fall.link) not in fallen),
        ]

    def effect(self, now: _snapshot.Snapshot) -> None:
        for fall in self._fallen(now):
            fall.drop(now)
        _fallout.follow(now, self._mtus(now))
        link = now.namespaces[self.ns].links[self.name]
        plain = self._plain
        if "up" in plain:
            plain["carrier"] = None  # unknown before it is tried
        flags = link.port if "master" not in plain else _bridge_port.PORT_DEFAULTS if plain["master"] else {}
        plain["port"] = {**flags, **self.changes.get("port", {})}
        plain.update({"mac_set": True} if "mac" in plain else {})
        plain.update(_fallout.of_loopback(link) if plain.get("up") else {})
        now.put(self.ns, dataclasses.replace(link, **plain).with_data(**self._data))
        if link.kind == "ipvlan" and "mode" in self._data:
            _parents.share_mode(now, self.ns, self.name)
        for ns, vlan in _parents.vlans_on(now, (self.ns, self.name)) if plain.get("up") and not link.up else ():
            now.put(ns, dataclasses.replace(vlan, up=vlan.up or vlan.index is not None, carrier=None))
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
        neighbours = (
            _stack_ops.rebuild_neighbours(now.namespaces[self.ns], self.name)
            if "mac" in self.changes and self.changes.get("up") is not False
            else []
        )
        vlans = down_again(now, (self.ns, self.name)) if "up" in self.changes else []
        vlans += [
            LinkSet(*place, {"mtu": _mtus.mtu_of(now, place)})
            for place in self._mtus(now)
            if _mtus.stays_small(now, place, (self.ns, self.name))
        ]
        return (LinkSet(self.ns, self.name, known), *vlans, *fallen_back(now, self._fallen(now)), *neighbours)


def fallen_back(now: _snapshot.Snapshot, falls: t.Iterable[_fallout.Fall]) -> list[_ops.Op]:
    """The ops that restore what was lost. A VLAN may come up some moments after its parent (Linux 7.2), and without a
    link that is up there are no routes.
    """
    return [
        op
        for fall in falls
        for op in ([LinkSet(fall.ns, fall.link, {"up": True})] if fall.down else []) + fall.back(now)
    ]


def down_again(now: _snapshot.Snapshot, parent: _parents.Place) -> list[LinkSet]:
    """The ops for VLANs on a link that were down while it was up. They would come up with it."""
    link = now.link(*parent)
    return [
        LinkSet(ns, vlan.name, {"up": False})
        for ns, vlan in _parents.vlans_on(now, parent)
        if link is not None and link.up and not vlan.up
    ]
