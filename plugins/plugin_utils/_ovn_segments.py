# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What networks of OVN promise, for proofs by packets: who is in them, what their routers, security groups and load
balancers let them reach, and what nobody can prove.
"""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _encapsulation, _probe_dns, _words
from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _crossing_promises,
    _crossing_rules,
    _entry,
    _ovn,
    _ovn_checks,
    _ovn_fleet,
    _ovn_hosts,
    _ovn_intent,
    _ovn_mtu,
    _ovn_names,
    _ovn_network,
    _ovn_places,
    _segments,
)

STATE = f"{_ovn.ROLE}_state"
DECLARED = (
    _ovn_network.OPTION,
    *(name for name in _ovn_intent.OPTIONS.values() if name != _ovn_network.OPTION),
    _ovn_fleet.TOPOLOGY,
    STATE,
)
GATEWAY, NAMES = _crossing_promises.GATEWAY, _crossing_promises.NAMES
MOST_NAMED = 4
Own = c.Mapping[str, t.Any]


class Hosts(t.NamedTuple):
    """What the inventory tells of the hosts. ``ends``: chassis -> the address at which its tunnels end."""

    places: c.Mapping[str, _ovn_places.Place]
    ends: c.Mapping[str, str]


def hosts(everybody: c.Sequence[str], variables: c.Mapping[str, Own], here: Own) -> Hosts:
    """Who is a chassis, and where its tunnels end."""
    places = _ovn_places.places(everybody, {host: variables[host] for host in everybody}, here)
    chassis = [host for host, one in places.items() if one.chassis is not None]
    return Hosts(places, {host: _ovn_hosts.address(_ovn_hosts.CHASSIS, host, variables[host]) for host in chassis})


def segments(own: Own, known: Hosts) -> list[_segments.Segment]:
    """The networks with everybody who is in them."""
    if own.get(STATE) == _entry.STATES[1]:
        return []
    names = _ovn_names.names_of(str(own.get(_ovn_fleet.TOPOLOGY) or _ovn.ROLE))
    intent = _ovn_intent.read(_ovn_intent.declared(own), known.places, names)
    reading = _Reading(intent, names, known)
    return [reading.segment(one) for one in intent.networks if one.present]


class _Reading:
    """One declaration."""

    def __init__(self, intent: _ovn.Intent, names: _ovn_names.Names, known: Hosts) -> None:
        self.intent, self.names, self.known = intent, names, known
        self.routers = [one for one in intent.routers if not one.gone]
        self.balancers = [one for one in intent.balancers if not one.gone]
        self.places = {
            (network.name, member.name): self._place(network, member)
            for network in intent.networks
            for member in network.present
        }

    def segment(self, network: _ovn.Network) -> _segments.Segment:
        """A network. Its number is OVN's own."""
        places = tuple(self.places[network.name, one.name] for one in network.present)
        promising = _Promising(self, network, places)
        return _segments.Segment(
            role=_ovn.ROLE,
            name=self.names.of(network.name),
            number=0,
            mtu=_ovn_mtu.of_network(network, self.known.places),
            places=places,
            carrier=self._carrier(network),
            joined=tuple(
                self.names.of(other)
                for router in self.routers
                if network.name in router.networks
                for other in router.networks
                if other != network.name
            ),
            promises=tuple(promising.promises()),
            unproven=tuple(promising.unproven()),
        )

    def _carrier(self, network: _ovn.Network) -> _segments.Carrier:
        mappings: dict[str, dict[str, str]] = {}
        for one in (one for one in self.intent.networks if one.external and not one.gone):
            external = t.cast("_ovn.External", one.external)
            where = _ovn_checks.outside(one, self.intent)
            physical = _ovn_checks.physical_network(one, external, self.intent, self.known.places) if where else ""
            for host in where:
                mappings.setdefault(host, {})[physical] = external.bridge
        chassis = tuple(
            _segments.Chassis(host, str(self.known.places[host].chassis), end, tuple(mappings.get(host, {}).items()))
            for host, end in self.known.ends.items()
        )
        return _segments.Carrier(_encapsulation.GENEVE, shared=True, options=_ovn_mtu.OPTION, chassis=chassis)

    def router_of(self, network: str) -> _ovn.Router | None:
        """The router that has the addresses of a network's gateway."""
        return next((one for one in self.routers if network in one.networks), None)

    def _place(self, network: _ovn.Network, member: _ovn.Member) -> _segments.Place:
        return _segments.Place(
            member.host,
            member.name,
            member.interface,
            member.addresses,
            member.mac,
            port=self.names.port(network.name, member.name),
            rules=tuple(self._rules(member)) if member.groups else None,
            routed=member.default_route and self.router_of(network.name) is not None,
            serves=tuple(self._behind(network, member, checked=False)),
            watched=tuple(self._behind(network, member, checked=True)),
        )

    def _behind(self, network: _ovn.Network, member: _ovn.Member, *, checked: bool) -> c.Iterator[str]:
        """The ports of a member behind load balancers, with or without a health check."""
        for one in self.balancers:
            for backend in one.backends if (one.health is not None) is checked else ():
                if (backend.network, backend.member) == (network.name, member.name):
                    yield f"{one.protocol}/{backend.port}"

    def _rules(self, member: _ovn.Member) -> c.Iterator[_segments.Rule]:
        for group in (one for one in self.intent.groups if one.name in member.groups and not one.gone):
            for one in group.rules:
                remotes = None
                if one.remote is not None:
                    remotes = tuple(self._addresses_of(one.remote)) if one.by_group else (one.remote,)
                yield _segments.Rule(one.direction, one.protocol, one.ports, one.icmp_type, remotes)

    def _addresses_of(self, group: str) -> c.Iterator[str]:
        for network in self.intent.networks:
            for member in network.present:
                if group in member.groups:
                    yield from member.addresses


class _Promising:
    """What one network is promised beside its own Ethernet."""

    def __init__(self, reading: _Reading, network: _ovn.Network, places: c.Sequence[_segments.Place]) -> None:
        self.reading, self.network, self.places = reading, network, places
        self.router = reading.router_of(network.name)

    def promises(self) -> c.Iterator[_segments.Promise]:
        """What packets can prove."""
        yield from self._gateway()
        yield from self._leases()
        yield from self._names()
        yield from self._balancers()
        yield from self._outside()
        yield from self._floating()

    def unproven(self) -> c.Iterator[str]:
        """What no member of it can prove, in sentences."""
        name = self.reading.names.of(self.network.name)
        if self.network.dns_names and not self._asking():
            yield f"{name}: no member may ask for the names that OVN's DNS answers."
        if 4 not in self.network.subnets.versions:
            yield f"{name}: nobody looked for frames that must not arrive; they take an IPv4 address."
        for place in (one for one in self.places if one.watched and one.rules is not None):
            ports = ", ".join(place.watched)
            yield f"{name}: nobody listened at {ports} of {place.netns}, where OVN checks its health."
        yield from self._unseen_outside(name)
        for one in self._balanced():
            if not any(self._may_ask(place, one) for place in self.places):
                yield f"{name}: no member may ask load balancer '{one.name}' that is not behind it."

    def _unseen_outside(self, name: str) -> c.Iterator[str]:
        """What only somebody outside could tell. The first network of a router says it for all of them."""
        external = self.router.external if self.router else None
        if self.router is None or external is None or self.router.networks[0] != self.network.name:
            return
        if self.router.snat:
            yield f"{name}: nobody looked which address the members of router '{self.router.name}' have outside."
        if self.router.floating and not self.reading.intent.network(external.network).present:
            addresses = _words.some([one.address for one in self.router.floating], MOST_NAMED)
            yield (
                f"{name}: network '{external.network}' has no member that could ask for {addresses} (floating) from"
                " outside."
            )

    def _gateway(self) -> c.Iterator[_segments.Promise]:
        """The router answers echo requests, and ARP requests, which no rule refuses, with its own MAC address."""
        for index, place in enumerate(self.places if self.router else ()):
            for address in (one for one in self.network.gateways if self._address(place, one)):
                who = f"router '{t.cast('_ovn.Router', self.router).name}'"
                if self._lets(place, "icmp", address):
                    yield _segments.Promise(index, who, GATEWAY, "icmp", address)
                yield _segments.Promise(index, who, GATEWAY, "arp", address, mac=self.network.gateway_mac)

    def _leases(self) -> c.Iterator[_segments.Promise]:
        """OVN's DHCP gave each member the address that is declared."""
        mac = self.network.gateway_mac if self.router else None  # without a router nobody answers ARP requests for it
        for index, member in enumerate(self.network.present):
            address, server = member.address(4), self.network.server
            if member.leased and address and server:
                span = f"{address}-{address}"
                yield _segments.Promise(index, "OVN's DHCP", "dhcp", "dhcp", server, mac=mac, range=span)

    def _names(self) -> c.Iterator[_segments.Promise]:
        """OVN's DNS tells the addresses of each name: one host asks for each, and each host for some."""
        asking = list(self._asking().items())
        for number, (name, addresses) in enumerate(self.network.dns_names.items() if asking else ()):
            index, to = asking[number % len(asking)]
            for version in (4, 6):
                answers = tuple(one for one in addresses if _ovn.version_of(one) == version)
                if answers:
                    who = f"OVN's DNS, for '{name}'"
                    yield _segments.Promise(index, who, NAMES, "dns", to, name=name, answers=answers)

    def _asking(self) -> dict[int, str]:
        """The first member of each host that may ask OVN's DNS, and whom it asks. OVN reads the question, to whichever
        address it goes, but somebody must answer for that address on the link: the router, or a neighbour.
        """
        found: dict[str, tuple[int, str]] = {}
        for index, place in enumerate(self.places):
            if place.host not in found:
                other = next((one for one in self.places if one is not place), None)
                near = (*(self.network.gateways if self.router else ()), *(other.addresses if other else ()))
                to = next((one for one in near if self._lets(place, "udp", one, _probe_dns.PORT)), None)
                if to is not None:
                    found[place.host] = (index, to)
        return dict(found.values())

    def _balanced(self) -> list[_ovn.Balancer]:
        return [one for one in self.reading.balancers if self.network.name in one.networks and one.protocol == "tcp"]

    def _balancers(self) -> c.Iterator[_segments.Promise]:
        for one in self._balanced():
            for index, place in enumerate(self.places):
                if self._may_ask(place, one):
                    who = f"load balancer '{one.name}'"
                    yield _segments.Promise(index, who, "balanced", one.protocol, one.address, one.port)

    def _may_ask(self, place: _segments.Place, balancer: _ovn.Balancer) -> bool:
        """Whether a place is sure to get an answer: whichever backend is chosen, it must be another one, and the rules
        of both must let the packet pass.
        """
        backends = [self.reading.places.get((one.network, one.member)) for one in balancer.backends]
        near = any(
            subnet.network.version == _ovn.version_of(balancer.address)
            and _crossing_rules.within(balancer.address, str(subnet.network))
            for subnet in self.network.subnets.all
        )
        own = self._address(place, balancer.address)
        if own is None or not (near or place.routed) or not self._lets(place, "tcp", balancer.address, balancer.port):
            return False
        for backend, one in zip(balancer.backends, backends):
            if one is None:
                continue
            address = self._address(one, own)
            packet = _crossing_rules.Packet("tcp", own, str(address), backend.port)
            if one[:3] == place[:3] or address is None or not _crossing_rules.passes(place, one, packet):
                return False
        return any(one is not None for one in backends)

    def _outside(self) -> c.Iterator[_segments.Promise]:
        """The next router outside answers the first member of each host that has a default route."""
        external = self.router.external if self.router else None
        if external is None or not t.cast("_ovn.Router", self.router).snat:
            return
        seen = set()
        for index, place in enumerate(self.places):
            for address in (one for one in external.gateways if ":" not in one):
                if place.routed and place.host not in seen and self._lets(place, "icmp", address):
                    seen.add(place.host)
                    who = f"the next router outside ({address})"
                    yield _segments.Promise(index, who, "outside", "icmp", address)

    def _floating(self) -> c.Iterator[_segments.Promise]:
        """A floating address leads to its member: members of the external network, and the first one of each host
        behind the same router. To these, the router may lend its own address.
        """
        for router in self.reading.routers:
            external = router.external
            if external is None or self.network.name not in (external.network, *router.networks):
                continue
            inside = self.network.name != external.network
            seen: set[tuple[str, str]] = set()
            for one in router.floating:
                target = self.reading.places.get((one.network, one.member))
                for index, place in enumerate(self.places):
                    own = self._address(place, one.address)
                    known = [own, *(external.addresses if inside else ())]
                    if target is None or own is None or target[:2] == place[:2] or (inside and not place.routed):
                        continue
                    key = (place.host if inside else place.netns, one.address)
                    packets = [_crossing_rules.Packet("icmp", str(lent), one.address) for lent in known]
                    if key not in seen and all(_crossing_rules.passes(place, target, packet) for packet in packets):
                        seen.add(key)
                        who = f"{one.member} at its floating address {one.address}"
                        yield _segments.Promise(index, who, "floating", "icmp", one.address)

    def _lets(self, place: _segments.Place, protocol: str, address: str, port: int | None = None) -> bool:
        own = self._address(place, address)
        return own is not None and _crossing_rules.passes(
            place, None, _crossing_rules.Packet(protocol, own, address, port)
        )

    @staticmethod
    def _address(place: _segments.Place, other: str) -> str | None:
        """Its address of the family of another one."""
        return next((one for one in place.addresses if (":" in one) == (":" in other)), None)
