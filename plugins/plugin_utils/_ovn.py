# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks that OVN carries, with their routers, security groups and load balancers, as values."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _words
from ansible_collections.netloom.linux.plugins.plugin_utils import _link_names

if t.TYPE_CHECKING:
    import collections.abc as c

    from ansible_collections.netloom.linux.plugins.plugin_utils import _addresses, _entry, _members

ROLE = "ovn_network"
BRIDGE = "br-int"


class Member(t.NamedTuple):
    """One member of one network, on its host."""

    entry: _entry.Entry
    host: str
    name: str
    interface: str
    host_interface: str
    addresses: tuple[str, ...]  # one in each subnet
    leased: bool  # whether OVN's DHCP tells the member its IPv4 address
    mac: str
    source: _members.Item  # whose namespace becomes the member: a process's or a container's, if anybody's
    default_route: bool
    groups: tuple[str, ...]  # security groups
    port_security: bool
    gone: _members.Item

    def address(self, version: int) -> str | None:
        """Its address of an IP version."""
        return next((one for one in self.addresses if version_of(one) == version), None)


class External(t.NamedTuple):
    """What makes a network one of the outside: the bridge of the hosts that are connected with it."""

    entry: _entry.Entry
    bridge: str
    physical_network: str | None  # the name in the bridge mappings; None: the one that leads to the bridge
    tag: int | None


class Dhcp(t.NamedTuple):
    """What OVN's DHCP tells. ``options``: further ones, in OVN's words."""

    lease_time: int
    options: dict[str, str]


class Dns(t.NamedTuple):
    """The names of members, and where the names of others are asked for."""

    domain: str | None
    servers: tuple[str, ...]


class Network(t.NamedTuple):
    """One network with all addresses. ``gateways``: kept in each subnet, whether or not somebody has them yet."""

    entry: _entry.Entry
    name: str
    topology: str
    subnets: _addresses.Subnets
    gateways: tuple[str, ...]
    mtu: int | None  # None: it follows the underlay
    dhcp: Dhcp | None
    server: str | None  # the address that OVN's DHCP has
    dns: Dns | None
    external: External | None
    names: tuple[str, ...]  # of the members, in their order
    fixed: c.Mapping[str, dict[int, str]]  # the written addresses of members, by the paths of their entries
    members: tuple[Member, ...]
    routed: bool  # whether somebody has the gateway's addresses
    gone: _members.Item

    @property
    def present(self) -> tuple[Member, ...]:
        """The members that are to be there."""
        return tuple(member for member in self.members if not member.gone)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that have a member, in the order of the declaration."""
        return tuple(dict.fromkeys(member.host for member in self.present))

    @property
    def dns_names(self) -> dict[str, list[str]]:
        """The names that OVN's DNS answers. It is asked in lower case (ovn-nb(5), table DNS)."""
        found: dict[str, list[str]] = {}
        for one in self.present if self.dns is not None else ():
            domain = self.dns.domain if self.dns is not None else None
            for known in (one.name, *([f"{one.name}.{domain}"] if domain else [])):
                found[known.lower()] = list(one.addresses)
        return found

    def mac_of(self, *words: str) -> str:
        """The MAC address of something in it. It depends on names only, so that everybody knows it; networks of two
        topologies may meet outside.
        """
        return _link_names.mac_address(self.topology, self.name, *words)

    @property
    def gateway_mac(self) -> str:
        """The MAC address of the gateway, which OVN's DHCP has, too."""
        return self.mac_of("", "gateway")

    def known(self, addresses: t.Iterable[str]) -> list[str]:
        """Addresses of its subnets with their prefix lengths, as a link has them."""
        return [
            subnet.with_prefix(one)
            for one in addresses
            for subnet in self.subnets.all
            if subnet.network.version == version_of(one)
        ]


class Rule(t.NamedTuple):
    """What a security group allows. ``remote``: a prefix, or the name of a group if ``by_group``; None: everybody."""

    entry: _entry.Entry
    direction: str
    protocol: str | None
    ports: tuple[str, ...]
    icmp_type: int | None
    remote: str | None
    by_group: bool


class Group(t.NamedTuple):
    """A security group."""

    entry: _entry.Entry
    name: str
    rules: tuple[Rule, ...]
    gone: _members.Item


class Gateway(t.NamedTuple):
    """How a router is connected with an external network. ``hosts``: the one that routes first, then its deputies."""

    entry: _entry.Entry
    network: str
    addresses: tuple[str, ...]
    gateways: tuple[str, ...]  # the next hops of the default routes
    hosts: tuple[str, ...]


class Route(t.NamedTuple):
    """A route of a router."""

    destination: str
    gateway: str


class Floating(t.NamedTuple):
    """An address of the outside that leads to a member. ``distributed``: by the member's own host."""

    entry: _entry.Entry
    address: str
    member: str
    network: str
    distributed: bool


class Router(t.NamedTuple):
    """A router between networks, and to the outside."""

    entry: _entry.Entry
    name: str
    networks: tuple[str, ...]
    external: Gateway | None
    snat: bool
    routes: tuple[Route, ...]
    floating: tuple[Floating, ...]
    gone: _members.Item


class Backend(t.NamedTuple):
    """A member to which a load balancer leads."""

    member: str
    network: str
    port: int


class Health(t.NamedTuple):
    """How OVN asks whether a backend lives, in its words. ``sources``: network -> address that asks."""

    options: dict[str, int]
    sources: c.Mapping[str, str]


class Balancer(t.NamedTuple):
    """A load balancer. ``networks`` are those of its clients."""

    entry: _entry.Entry
    name: str
    address: str
    protocol: str
    port: int
    backends: tuple[Backend, ...]
    health: Health | None
    networks: tuple[str, ...]
    routers: tuple[str, ...]
    gone: _members.Item


class Intent(t.NamedTuple):
    """All that is declared."""

    networks: tuple[Network, ...]
    routers: tuple[Router, ...]
    groups: tuple[Group, ...]
    balancers: tuple[Balancer, ...]

    def network(self, name: str) -> Network:
        """A network that is declared."""
        return next(one for one in self.networks if one.name == name)

    def member(self, network: str, name: str) -> Member:
        """A member that is declared."""
        return next(one for one in self.network(network).members if one.name == name)


def version_of(address: str) -> int:
    """The IP version of an address or prefix."""
    return 6 if ":" in address else 4


def refuse_unknown(name: str, path: str, what: str, known: t.Collection[str]) -> None:
    """Refuse a name that nothing has. ``what``: 'network', 'member of network 'red'', ..."""
    if name in known:
        return
    near = _words.nearest(name, known)
    others = f"declare it, or take one of {_words.some(list(known))}." if known else "none is declared."
    hint = f"did you mean '{near}'?" if near else others
    raise _errors.BadInput(f"{path}: '{name}' is not a {what}; {hint}")
