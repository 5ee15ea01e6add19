# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sort what a host has into the kinds that would declare it. This is the only place that goes from objects to kinds."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds import (
    _linux_bridge,
    _netns,
    _netns_nat,
    _netns_route,
    _registry,
    _veth,
)
from ansible_collections.netloom.linux.plugins.module_utils._kinds.interface import (
    _interface_rules,
    _interface_view,
)
from ansible_collections.netloom.linux.plugins.module_utils._kinds.link import _bridge_fdb, _neighbours
from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _daemon_ops,
    _errors,
    _ops,
    _paths,
    _plan,
    _snapshot,
    _stack_ops,
)

# Routes by these come by themselves: with an address, from a router's advertisement, from a DHCP server.
NOT_DECLARED = {"kernel", "ra", "dhcp", "redirect"}
LOOPBACK = {"127.0.0.1/8", "::1/128"}
Found = dict[str, list[_plan.Params]]  # kind -> its objects, in the shape of its options
# (snapshot, kind, options that identify it): an object in the shape of its options
ViewOf = t.Callable[..., _plan.Params]


def tell(
    snapshot: _snapshot.Snapshot, target: _snapshot.OvsTarget, wanted: t.Sequence[_snapshot.NsKey], view_of: ViewOf
) -> tuple[Found, list[str]]:
    """Everything that these namespaces have (None: the host), and in words what no option can describe and what could
    not be read.
    """
    found: Found = {name: [] for name in _registry.CLASSES}
    found["netns"] = [_netns.view_netns(snapshot, ns) for ns in wanted if ns is not None]
    links = _Links(snapshot, target, found, view_of)
    for ns in wanted:
        links.namespace(ns)
    links.switches()
    told = set(wanted)
    for ns in sorted(told, key=lambda key: key or ""):
        links.written(ns)
    chassis = view_of(snapshot, "ovn_chassis") if None in told and links.ovs else {}
    found["ovn_chassis"] = [chassis] if chassis else []
    found["netns_nat"] = list(_tables(snapshot, told))
    _daemons(snapshot, told, found, view_of)
    return found, [*_unread_tables(snapshot, told), *links.left_out]


class _Links:
    """Sorts links into the kinds that declare them, each link once."""

    def __init__(
        self, snapshot: _snapshot.Snapshot, target: _snapshot.OvsTarget, found: Found, view_of: ViewOf
    ) -> None:
        self.snapshot, self.target, self.found, self.view_of = snapshot, target, found, view_of
        self.seen: set[tuple[_snapshot.NsKey, str]] = set()
        self.bridges: list[str] = []  # Linux bridges of the host that the namespaces hang on
        self.ports: dict[str, _plan.Params] = {}  # OVS ports, likewise: name -> where the device is
        self.ovs = snapshot.ovs.get(target)
        self.left_out: list[str] = []  # in words: what no option can say

    def namespace(self, ns: _snapshot.NsKey) -> None:
        """Sort all links and routes of one namespace."""
        space = self.snapshot.namespaces[ns]
        for link in space.links.values():
            self._link(ns, link)
        devices = {link.name for link in space.links.values() if self._ovs_port(link) is None or ns is not None}
        told: set[t.Any] = set()
        for route in space.routes:
            if (
                route.passing
                or route.protocol in NOT_DECLARED
                or self._leased(ns, route.device)
                or not route.devices <= devices
            ):
                continue
            identity = (route.slot, frozenset(route.devices if route.family == 6 else ()))
            why = _netns_route.unsaid(route) or (
                "is one of several that have the same key" if identity in told else None
            )
            if why is None:
                told.add(identity)
                self.found["netns_route"].append(_netns_route.view_route(ns, route))
            else:
                self.left_out.append(
                    f"Left out, as no option can say it: {_stack_ops.words_of(route)}{_ops.where(ns)} {why}."
                )

    def _leased(self, ns: _snapshot.NsKey, device: str | None) -> bool:
        return device is not None and f"dhcp_client/{ns or ''}/{device}" in self.snapshot.daemons

    def _ovs_port(self, link: _snapshot.Link) -> str | None:
        """The OVS port whose internal device the link is; in a namespace it may have been renamed, so its MAC
        decides.
        """
        if self.ovs is None or link.kind not in ("tun", "openvswitch"):
            return None
        if link.name in self.ovs.ports and self.ovs.ports[link.name].type == "internal":
            return link.name
        return next(
            (
                port.name
                for port in self.ovs.ports.values()
                if port.type == "internal" and port.mac and port.mac == link.mac
            ),
            None,
        )

    def _link(self, ns: _snapshot.NsKey, link: _snapshot.Link) -> None:
        if (ns, link.name) in self.seen:
            return
        self.seen.add((ns, link.name))
        port = self._ovs_port(link)
        if port is not None:
            self.ports[port] = {"netns": ns, "rename": link.name if link.name != port else None}
        elif link.kind == "veth" and link.peer is not None:
            self._veth(ns, link)
        elif link.kind == "bridge":
            self.found["linux_bridge"].append(_linux_bridge.view_bridge(self.snapshot, ns, link))
        elif link.name == "lo" or link.fallback:  # nobody created them, so only their settings can be reported
            addresses = [address.cidr for address in link.addresses if address.declared or link.name == "lo"]
            if set(addresses) - LOOPBACK:
                up = {"up": link.up} if link.fallback else {}
                self.found["netns_interface"].append({"name": link.name, "netns": ns, "addresses": addresses, **up})
        else:
            self.found["netns_interface"].append(self._interface(ns, link))

    def _veth(self, ns: _snapshot.NsKey, link: _snapshot.Link) -> None:
        if link.peer is None:
            raise AssertionError
        self.seen.add(link.peer)
        place = (ns, link.name)
        ends = {end[0]: end[1] for end in (place, link.peer)}
        if None in ends:  # reported from the host's end, where its master is
            place = (None, ends[None])
            host_end = self.snapshot.namespaces[None].links[ends[None]]
            if host_end.master:
                self.bridges.append(host_end.master)
            if self.ovs and host_end.name in self.ovs.ports:
                self.ports[host_end.name] = {}
        self.found["veth"].append(_veth.view_pair(self.snapshot, place, {}))

    def _interface(self, ns: _snapshot.NsKey, link: _snapshot.Link) -> _plan.Params:
        view = _interface_view.view_interface(self.snapshot, ns, link)
        content = self.snapshot.files.get(_paths.link_record(ns, link.name))
        home = json.loads(content).get("home") if content else None
        if home:
            view = {key: value for key, value in view.items() if key != "kind"}
            view["source"] = {key: home[key] for key in ("name", "netns") if home[key] is not None}
        if link.kind == "ipvlan":
            view["mac"] = None  # that of its parent, which cannot be declared
        for option in ("owner", "owner_group"):
            if view.get(option) is not None:
                view[option] = str(view[option])
        return view

    def written(self, ns: _snapshot.NsKey) -> None:
        """Add neighbours and rules that somebody wrote. netns_interface declares them, whatever the kind of the link
        is.
        """
        space = self.snapshot.namespaces[ns]
        entries = {entry["name"]: entry for entry in self.found["netns_interface"] if entry["netns"] == ns}
        devices = {neighbour.device for neighbour in space.neighbours} | {rule.device for rule in space.rules}
        bridges = {entry["name"]: entry for entry in self.found["linux_bridge"] if entry["netns"] == ns}
        for name, bridge in bridges.items():
            fdb, near = _bridge_fdb.view(self.snapshot, ns, name), _neighbours.view(self.snapshot, ns, name)
            bridge.update({**({"fdb": fdb} if fdb else {}), **({"neighbours": near} if near else {})})
        for name in sorted(devices & set(space.links)):
            views = {
                "neighbours": [] if name in bridges else _neighbours.view(self.snapshot, ns, name),
                "rules": _interface_rules.view(self.snapshot, ns, name),
            }
            found = {option: view for option, view in views.items() if view}
            if found and name not in entries:
                entries[name] = {"name": name, "netns": ns}
                self.found["netns_interface"].append(entries[name])
            if found:
                entries[name].update(found)

    def switches(self) -> None:
        """Add the bridges of the host to which the sorted links are connected."""
        for name in dict.fromkeys(self.bridges):
            link = self.snapshot.link(None, name)
            if link is not None and link.kind == "bridge" and (None, name) not in self.seen:
                self.found["linux_bridge"].append(_linux_bridge.view_bridge(self.snapshot, None, link))
        if self.ovs is None:
            return
        ports = {name: self.ovs.ports[name] for name in self.ports}
        for name in dict.fromkeys(port.bridge for port in ports.values()):
            self.found["ovs_bridge"].append(self.view_of(self.snapshot, "ovs_bridge", name=name))
        for name, port in ports.items():
            if name != port.bridge:
                where = self.ports[name] if port.type == "internal" else {}
                self.found["ovs_port"].append(
                    self.view_of(
                        self.snapshot, "ovs_port", name=name, bridge=port.bridge, type=port.type or "system", **where
                    )
                )


def _tables(snapshot: _snapshot.Snapshot, wanted: set[_snapshot.NsKey]) -> t.Iterator[_plan.Params]:
    """Our tables. If somebody changed them by hand, netns_nat itself reports it."""
    for ns in sorted(wanted, key=lambda key: key or ""):
        nft = snapshot.namespaces[ns].nft
        for name in sorted(nft.tables) if nft is not None else ():
            view = _netns_nat.view_nat(snapshot, ns, name) or {}
            yield {key: value for key, value in view.items() if key != "foreign"}


def _unread_tables(snapshot: _snapshot.Snapshot, wanted: set[_snapshot.NsKey]) -> t.Iterator[str]:
    """Sentences about tables that exist and could not be read. They are not empty."""
    for ns in sorted(wanted, key=lambda key: key or ""):
        nft = snapshot.namespaces[ns].nft
        if nft is not None and nft.unreadable:
            place = f"namespace '{ns}'" if ns else "the host"
            yield (
                f"The tables of netns_nat in {place} could not be read, and are missing from the result:"
                f" {_errors.quoted(nft.unreadable)}."
            )


def _daemons(snapshot: _snapshot.Snapshot, wanted: set[_snapshot.NsKey], found: Found, view_of: ViewOf) -> None:
    for daemon in snapshot.daemons.values():
        if daemon.netns not in wanted:
            continue
        if daemon.kind == "dnsmasq":
            found["dnsmasq_in_ns"].append(view_of(snapshot, "dnsmasq_in_ns", name=daemon.name, netns=daemon.netns))
        else:
            where = {"netns": daemon.netns, "interface": daemon.name, "family": _daemon_ops.family_of(daemon)}
            found["netns_dhcp_client"].append(view_of(snapshot, "netns_dhcp_client", **where))
