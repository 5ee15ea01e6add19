# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes on the kernel, as data.

An op says what it does in a sentence, foretells its effect on a snapshot, and knows the ops that take it
back (computed from the snapshot before it). _host performs it; a test's fake only takes the effect. So a
plan, its check-mode form, its diff and its undo are all made from the same thing.
"""

from __future__ import annotations

import dataclasses
import json
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Address, Link, Namespace, NsKey, Route, Snapshot

# What a step disturbs, from harmless to grave.
NOTHING = "nothing"
BRIEF = "a brief loss of packets"
RECREATION = "a re-creation"
DISTURBANCES = (NOTHING, BRIEF, RECREATION)


def where(ns: NsKey) -> str:
    """' in red', or '' for the namespace the module runs in."""
    return f" in {ns}" if ns is not None else ""


def destination_of(route: Route) -> str:
    """A route's destination as users write it."""
    return "default" if route.destination in ("0.0.0.0/0", "::/0") else route.destination


@dataclasses.dataclass(frozen=True)
class Op:
    """One write. Subclasses are plain data."""

    disturbs: t.ClassVar[str] = NOTHING

    def sentence(self) -> str:
        """What it does, in the imperative and without a full stop."""
        raise AssertionError("every op has its own sentence")

    def effect(self, now: Snapshot) -> None:
        """Change the snapshot as the host will change."""

    def inverse(self, now: Snapshot) -> tuple[Op, ...]:
        """The ops that take it back; ``now`` is the snapshot before it."""
        return ()


# --- namespaces -----------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class NetnsCreate(Op):
    """Make a new, empty namespace under a name; a dangling file of that name is replaced."""

    name: str

    def sentence(self) -> str:
        return f"create namespace {self.name}"

    def effect(self, now: Snapshot) -> None:
        # A new namespace has a loopback link, down, and nothing else.
        now.namespaces[self.name] = Namespace(self.name, links={"lo": Link("lo", mtu=65536)}, processes={})

    def inverse(self, now: Snapshot) -> tuple[Op, ...]:
        return (NetnsDelete(self.name),)


@dataclasses.dataclass(frozen=True)
class NetnsAttach(Op):
    """Give somebody's namespace (a path such as /proc/PID/ns/net) a name, by a bind mount."""

    name: str
    path: str
    inode: int | None = None

    def sentence(self) -> str:
        return f"attach {self.path} as namespace {self.name}"

    def effect(self, now: Snapshot) -> None:
        known = now.namespaces.get(self.path)
        now.namespaces[self.name] = dataclasses.replace(
            known.clone() if known else Namespace(self.name), key=self.name, inode=self.inode, attached=True, dangling=False
        )

    def inverse(self, now: Snapshot) -> tuple[Op, ...]:
        before = now.namespaces.get(self.name)
        if before is None or before.dangling:
            return (NetnsDelete(self.name),)
        # The old attachment is kept open by the executor for as long as the run lasts.
        return (NetnsDelete(self.name), NetnsRestore(self.name))


@dataclasses.dataclass(frozen=True)
class NetnsDelete(Op):
    """Take a name away. Without processes or other references the namespace dies with its links."""

    disturbs = RECREATION
    name: str

    def sentence(self) -> str:
        return f"delete namespace {self.name}"

    def effect(self, now: Snapshot) -> None:
        gone = now.namespaces.pop(self.name, None)
        if gone is None or gone.attached or gone.processes:
            return  # it lives on without its name
        for link in gone.links.values():
            forget_peer(now, link)

    def inverse(self, now: Snapshot) -> tuple[Op, ...]:
        return (NetnsRestore(self.name),)


@dataclasses.dataclass(frozen=True)
class NetnsRestore(Op):
    """Undo only: bind the namespace that this run took the name from back to its name."""

    name: str

    def sentence(self) -> str:
        return f"restore namespace {self.name}"


@dataclasses.dataclass(frozen=True)
class ProcessKill(Op):
    """End one process: SIGTERM, and SIGKILL if it stays. It cannot be undone."""

    disturbs = RECREATION
    ns: NsKey
    pid: int
    command: str

    def sentence(self) -> str:
        return f"kill process {self.pid} ({self.command}){where(self.ns)}"

    def effect(self, now: Snapshot) -> None:
        processes = now.namespaces[self.ns].processes
        if processes is not None:
            processes.pop(self.pid, None)


@dataclasses.dataclass(frozen=True)
class SysctlSet(Op):
    """Write one sysctl of a namespace (``net.ipv4.ip_forward``) or of a link (``ipv4.rp_filter``)."""

    ns: NsKey
    link: str | None
    key: str
    value: str

    def sentence(self) -> str:
        return f"set sysctl {self.key}={self.value}{f' of {self.link}' if self.link else ''}{where(self.ns)}"

    def effect(self, now: Snapshot) -> None:
        now.namespaces[self.ns].sysctl[(self.link, self.key)] = self.value

    def inverse(self, now: Snapshot) -> tuple[Op, ...]:
        before = now.namespaces[self.ns].sysctl.get((self.link, self.key))
        return (SysctlSet(self.ns, self.link, self.key, before),) if before is not None else ()


# --- links ----------------------------------------------------------------------------------------


def forget_peer(now: Snapshot, link: Link) -> None:
    """A veth's end is gone, so its other end is gone too."""
    if link.kind == "veth" and link.peer is not None:
        ns = now.namespaces.get(link.peer[0])
        if ns is not None and link.peer[1] in ns.links:
            forget_link(ns, link.peer[1])


def forget_link(ns: Namespace, name: str) -> None:
    """Without the link its routes, its sysctls, and its ports' master are gone."""
    ns.links.pop(name, None)
    drop_routes(ns, name)
    for key in [key for key in ns.sysctl if key[0] == name]:
        del ns.sysctl[key]
    for port in [link for link in ns.links.values() if link.master == name]:
        ns.links[port.name] = dataclasses.replace(port, master=None)


def drop_routes(ns: Namespace, device: str) -> None:
    """The kernel drops a link's routes when the link goes down or away."""
    ns.routes[:] = [route for route in ns.routes if device not in route.devices]


def rebuild_addresses(ns: Namespace, name: str) -> tuple[Op, ...]:
    """The ops that give a link back its addresses, its sysctls and the routes by it."""
    link = ns.links[name]
    sysctls = [SysctlSet(ns.key, name, key, value) for (of, key), value in ns.sysctl.items() if of == name and value is not None]
    addresses = [AddressAdd(ns.key, name, address.cidr) for address in link.addresses if address.declared]
    routes = [RouteSet(ns.key, route) for route in ns.routes if name in route.devices and route.protocol != "kernel"]
    return (*sysctls, *addresses, *routes)


@dataclasses.dataclass(frozen=True)
class LinkAdd(Op):
    """Make a link with its attributes; of a veth both ends, each at once in its namespace under its final name."""

    ns: NsKey
    link: Link
    peer: tuple[NsKey, Link] | None = None

    def sentence(self) -> str:
        if self.peer:
            return f"create veth {self.link.name}{where(self.ns)} with peer {self.peer[1].name}{where(self.peer[0])}"
        kind = self.link.data.get("mode") if self.link.kind == "tun" else self.link.kind
        return f"create {kind} {self.link.name}{where(self.ns)}"

    def effect(self, now: Snapshot) -> None:
        fresh = {"tx_checksum": True} if self.peer else {}
        ends = [(self.ns, self.link)] + ([self.peer] if self.peer else [])
        for index, (ns, link) in enumerate(ends):
            other = ends[1 - index] if self.peer else None
            now.put(ns, dataclasses.replace(link, peer=(other[0], other[1].name) if other else None, addresses=(), **fresh))

    def inverse(self, now: Snapshot) -> tuple[Op, ...]:
        return (LinkDelete(self.ns, self.link.name),)


@dataclasses.dataclass(frozen=True)
class LinkDelete(Op):
    """Delete a link; of a veth both ends go."""

    disturbs = RECREATION
    ns: NsKey
    name: str

    def sentence(self) -> str:
        return f"delete link {self.name}{where(self.ns)}"

    def effect(self, now: Snapshot) -> None:
        ns = now.namespaces[self.ns]
        forget_peer(now, ns.links[self.name])
        forget_link(ns, self.name)

    def inverse(self, now: Snapshot) -> tuple[Op, ...]:
        ns = now.namespaces[self.ns]
        link = ns.links[self.name]
        if link.kind in ("openvswitch", ""):
            return ()  # made by Open vSwitch or by hardware: not ours to make
        bare = dataclasses.replace(link, index=None)
        ports = [LinkSet(self.ns, port.name, {"master": self.name}) for port in ns.links.values() if port.master == self.name]
        if link.peer is None:
            return (LinkAdd(self.ns, bare), *rebuild_addresses(ns, self.name), *ports)
        other = now.link(*link.peer)
        if other is None:
            return ()
        again = LinkAdd(self.ns, bare, (link.peer[0], dataclasses.replace(other, index=None)))
        checksums = [TxChecksum(key, end.name, False) for key, end in ((self.ns, link), (link.peer[0], other)) if end.tx_checksum is False]
        rest = rebuild_addresses(ns, self.name) + rebuild_addresses(now.namespaces[link.peer[0]], other.name)
        return (again, *checksums, *rest, *ports)


@dataclasses.dataclass(frozen=True)
class LinkSet(Op):
    """Change attributes: mac, mtu, up, master (None: none), txqueuelen, alias, and ``data`` of its kind."""

    ns: NsKey
    name: str
    changes: t.Mapping[str, t.Any]

    @property
    def disturbs(self) -> str:  # type: ignore[override]
        """Only what interrupts the link disturbs."""
        return BRIEF if self.changes.get("up") is False or {"mac", "master"} & set(self.changes) else NOTHING

    def sentence(self) -> str:
        words = [f"{'up' if value else 'down'}" if key == "up" else f"{key}={value or 'none'}" for key, value in self.changes.items() if key != "data"]
        words += [f"{key}={value}" for key, value in self.changes.get("data", {}).items()]
        return f"set {self.name}{where(self.ns)}: {', '.join(words)}"

    def effect(self, now: Snapshot) -> None:
        link = now.namespaces[self.ns].links[self.name]
        plain = {key: value for key, value in self.changes.items() if key != "data"}
        if "up" in plain:
            plain["carrier"] = None  # nobody knows before it is tried
        now.put(self.ns, dataclasses.replace(link, **plain).with_data(**self.changes.get("data", {})))
        if self.changes.get("up") is False:
            drop_routes(now.namespaces[self.ns], self.name)

    def inverse(self, now: Snapshot) -> tuple[Op, ...]:
        link = now.namespaces[self.ns].links[self.name]
        before: dict[str, t.Any] = {key: getattr(link, key) for key in self.changes if key != "data"}
        if "data" in self.changes:
            before["data"] = {key: link.data[key] for key in self.changes["data"] if link.data.get(key) is not None}
        known = {key: value for key, value in before.items() if value is not None or key == "master"}
        routes = rebuild_addresses(now.namespaces[self.ns], self.name) if self.changes.get("up") is False else ()
        return (LinkSet(self.ns, self.name, known), *[op for op in routes if isinstance(op, RouteSet)])


@dataclasses.dataclass(frozen=True)
class LinkMove(Op):
    """Move a link to another namespace and name. It arrives down, without addresses, routes and master."""

    disturbs = BRIEF
    ns: NsKey
    name: str
    to_ns: NsKey
    to_name: str

    def sentence(self) -> str:
        if self.ns == self.to_ns:
            return f"rename {self.name}{where(self.ns)} to {self.to_name}"
        renamed = "" if self.name == self.to_name else f" as {self.to_name}"
        return f"move {self.name}{where(self.ns)} to {'the host' if self.to_ns is None else self.to_ns}{renamed}"

    def effect(self, now: Snapshot) -> None:
        source = now.namespaces[self.ns]
        link = source.links[self.name]
        outlasting: dict[str, t.Any] = {"master": link.master, "addresses": self._outlasting(link)} if self.ns == self.to_ns else {"master": None, "addresses": ()}
        sysctls = {key: value for (of, key), value in source.sysctl.items() if of == self.name and self.ns == self.to_ns}
        forget_link(source, self.name)
        now.put(self.to_ns, dataclasses.replace(link, name=self.to_name, up=False, carrier=None, **outlasting))
        source.sysctl.update({(self.to_name, key): value for key, value in sysctls.items()})
        other = now.link(*link.peer) if link.peer else None
        if link.peer and other:
            now.put(link.peer[0], dataclasses.replace(other, peer=(self.to_ns, self.to_name)))

    def inverse(self, now: Snapshot) -> tuple[Op, ...]:
        source = now.namespaces[self.ns]
        link = source.links[self.name]
        state: dict[str, t.Any] = {"master": link.master} if link.master and self.ns != self.to_ns else {}
        if link.up:
            state["up"] = True
        back: tuple[Op, ...] = (LinkMove(self.to_ns, self.to_name, self.ns, self.name),)
        stays = {address.cidr for address in self._outlasting(link)} if self.ns == self.to_ns else set()
        rest = [op for op in rebuild_addresses(source, self.name) if not isinstance(op, AddressAdd) or op.cidr not in stays]
        return (*back, *((LinkSet(self.ns, self.name, state),) if state else ()), *rest)

    @staticmethod
    def _outlasting(link: Link) -> tuple[Address, ...]:
        """A mere rename takes the link down: its IPv4 addresses and its master outlast that, its IPv6 addresses do not."""
        return tuple(address for address in link.addresses if ":" not in address.cidr)


@dataclasses.dataclass(frozen=True)
class TxChecksum(Op):
    """Switch a link's transmit checksum offload (ethtool -K LINK tx on|off)."""

    ns: NsKey
    name: str
    on: bool

    def sentence(self) -> str:
        return f"switch transmit checksum offload of {self.name}{where(self.ns)} {'on' if self.on else 'off'}"

    def effect(self, now: Snapshot) -> None:
        now.put(self.ns, dataclasses.replace(now.namespaces[self.ns].links[self.name], tx_checksum=self.on))

    def inverse(self, now: Snapshot) -> tuple[Op, ...]:
        return (TxChecksum(self.ns, self.name, not self.on),)


# --- addresses and routes -------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class AddressAdd(Op):
    """Give a link an address."""

    ns: NsKey
    link: str
    cidr: str

    def sentence(self) -> str:
        return f"add address {self.cidr} to {self.link}{where(self.ns)}"

    def effect(self, now: Snapshot) -> None:
        link = now.namespaces[self.ns].links[self.link]
        now.put(self.ns, dataclasses.replace(link, addresses=(*link.addresses, Address(self.cidr))))

    def inverse(self, now: Snapshot) -> tuple[Op, ...]:
        return (AddressDelete(self.ns, self.link, self.cidr),)


@dataclasses.dataclass(frozen=True)
class AddressDelete(Op):
    """Take an address off a link. Routes that prefer it as their source go with it."""

    disturbs = BRIEF
    ns: NsKey
    link: str
    cidr: str

    def sentence(self) -> str:
        return f"delete address {self.cidr} from {self.link}{where(self.ns)}"

    def effect(self, now: Snapshot) -> None:
        ns = now.namespaces[self.ns]
        link = ns.links[self.link]
        now.put(self.ns, dataclasses.replace(link, addresses=tuple(one for one in link.addresses if one.cidr != self.cidr)))
        ns.routes[:] = [route for route in ns.routes if not self._carries(route)]

    def inverse(self, now: Snapshot) -> tuple[Op, ...]:
        routes = [RouteSet(self.ns, route) for route in now.namespaces[self.ns].routes if self._carries(route) and route.protocol != "kernel"]
        return (AddressAdd(self.ns, self.link, self.cidr), *routes)

    def _carries(self, route: Route) -> bool:
        return route.source == self.cidr.split("/")[0]


@dataclasses.dataclass(frozen=True)
class RouteSet(Op):
    """Make a route, or replace the one of the same identity."""

    ns: NsKey
    route: Route

    def sentence(self) -> str:
        via = f" via {self.route.gateway}" if self.route.gateway else ""
        dev = f" dev {self.route.device}" if self.route.device else ""
        kind = "" if self.route.type == "unicast" else f"{self.route.type} "
        many = f" over {len(self.route.nexthops)} next hops" if self.route.nexthops else ""
        return f"set {kind}route {destination_of(self.route)}{via}{dev}{many}{where(self.ns)}"

    def effect(self, now: Snapshot) -> None:
        routes = now.namespaces[self.ns].routes
        routes[:] = [route for route in routes if route.slot != self.route.slot] + [self.route]

    def inverse(self, now: Snapshot) -> tuple[Op, ...]:
        before = next((route for route in now.namespaces[self.ns].routes if route.slot == self.route.slot), None)
        return (RouteSet(self.ns, before),) if before else (RouteDelete(self.ns, self.route),)


@dataclasses.dataclass(frozen=True)
class RouteDelete(Op):
    """Delete a route."""

    disturbs = BRIEF
    ns: NsKey
    route: Route

    def sentence(self) -> str:
        return f"delete route {destination_of(self.route)}{where(self.ns)}"

    def effect(self, now: Snapshot) -> None:
        routes = now.namespaces[self.ns].routes
        routes[:] = [route for route in routes if route.slot != self.route.slot]

    def inverse(self, now: Snapshot) -> tuple[Op, ...]:
        return (RouteSet(self.ns, self.route),)


# --- files ----------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class FileWrite(Op):
    """Write a file with its parents, by a rename and without following links. ``quiet`` files are our own records."""

    path: str
    content: str
    mode: int = 0o644
    quiet: bool = False

    def sentence(self) -> str:
        return f"write {self.path}"

    def effect(self, now: Snapshot) -> None:
        now.files[self.path] = self.content

    def inverse(self, now: Snapshot) -> tuple[Op, ...]:
        before = now.files.get(self.path)
        return (FileDelete(self.path, self.quiet),) if before is None else (FileWrite(self.path, before, self.mode, self.quiet),)


@dataclasses.dataclass(frozen=True)
class FileDelete(Op):
    """Delete a file, and those of its parents that are then empty and ours (_host/_files.py names them)."""

    path: str
    quiet: bool = False

    def sentence(self) -> str:
        return f"delete {self.path}"

    def effect(self, now: Snapshot) -> None:
        now.files[self.path] = None

    def inverse(self, now: Snapshot) -> tuple[Op, ...]:
        before = now.files.get(self.path)
        return (FileWrite(self.path, before, quiet=self.quiet),) if before is not None else ()


@dataclasses.dataclass(frozen=True)
class LinkRecord(Op):
    """Remember what was done to a link, by its ifindex, permanent MAC and namespace inode, which are known only now."""

    ns: NsKey
    name: str
    path: str
    facts: t.Mapping[str, t.Any]
    quiet: t.ClassVar[bool] = True

    def sentence(self) -> str:
        return f"record {self.name}{where(self.ns)}"

    def effect(self, now: Snapshot) -> None:
        ns = now.namespaces[self.ns]
        link = ns.links[self.name]
        now.files[self.path] = record_of(link, ns.inode, self.facts)

    def inverse(self, now: Snapshot) -> tuple[Op, ...]:
        before = now.files.get(self.path)
        return (FileDelete(self.path, quiet=True),) if before is None else (FileWrite(self.path, before, quiet=True),)


@dataclasses.dataclass(frozen=True)
class LinkForget(Op):
    """Delete a link's record, before the link goes: undone after the link is back, the record speaks of the new one."""

    ns: NsKey
    name: str
    path: str
    quiet: t.ClassVar[bool] = True

    def sentence(self) -> str:
        return f"forget {self.name}{where(self.ns)}"

    def effect(self, now: Snapshot) -> None:
        now.files[self.path] = None

    def inverse(self, now: Snapshot) -> tuple[Op, ...]:
        before = now.files.get(self.path)
        if before is None or now.link(self.ns, self.name) is None:
            return ()
        facts = {key: value for key, value in json.loads(before).items() if key in ("made", "home")}
        return (LinkRecord(self.ns, self.name, self.path, facts),)


def record_of(link: Link, inode: int | None, facts: t.Mapping[str, t.Any]) -> str:
    """A link's record as text: which link it is, and what was done to it."""
    return json.dumps({"name": link.name, "ifindex": link.index, "permanent_mac": link.permanent_mac, "inode": inode, **facts}) + "\n"
