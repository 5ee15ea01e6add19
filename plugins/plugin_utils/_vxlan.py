# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A VXLAN network over several hosts as a value, with everything that is declared for it."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _link_names

if t.TYPE_CHECKING:
    from ansible_collections.netloom.linux.plugins.plugin_utils import _addresses, _bridge, _entry, _members


ROLE = "vxlan_network"


class Member(t.NamedTuple):
    """One member of one network, on its host."""

    entry: _entry.Entry
    host: str
    name: str
    interface: str
    host_interface: str
    addresses: tuple[str, ...]  # those that the declaration tells: one in each subnet, none of IPv4 if it is leased
    leased: bool  # its IPv4 address, by DHCP
    mac: str
    source: _members.Item  # whose namespace becomes the member: a process's or a container's, if anybody's
    default_route: bool
    isolated: bool | None  # from other isolated members; None: as it is
    publish: tuple[_bridge.Port, ...]
    gone: _members.Item


class Server(t.NamedTuple):
    """The one DHCP server of a network, in a namespace on its host."""

    entry: _entry.Entry
    host: str
    netns: str
    interface: str
    host_interface: str
    address: str
    mac: str
    start: str
    end: str
    free: int  # addresses of the range that nobody has by declaration
    lease_time: str


class Gateway(t.NamedTuple):
    """The address of a network on the bridge of one host."""

    entry: _entry.Entry
    host: str
    addresses: tuple[str, ...]
    masquerade: bool


class Network(t.NamedTuple):
    """One network with all addresses. ``mtu`` is None if it follows the underlay."""

    entry: _entry.Entry
    name: str
    vni: int
    subnets: _addresses.Subnets
    bridge: str
    link: str  # the VXLAN link, which is a port of the bridge
    mtu: int | None
    server: Server | None
    gateway: Gateway | None
    members: tuple[Member, ...]
    gone: _members.Item

    @property
    def present(self) -> tuple[Member, ...]:
        """The members that are to be there."""
        return tuple(member for member in self.members if not member.gone)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that have a part of the network, in the order of the declaration."""
        if self.gone:
            return ()
        return self._distinct(self.present)

    @property
    def named(self) -> tuple[str, ...]:
        """All hosts that the declaration names, even if what is there is to be absent."""
        return self._distinct(self.members)

    def _distinct(self, members: tuple[Member, ...]) -> tuple[str, ...]:
        shared = [part.host for part in (self.gateway, self.server) if part is not None]
        return tuple(dict.fromkeys([*shared, *(member.host for member in members)]))

    def namespaces(self, host: str) -> list[str]:
        """The namespaces of the network on a host."""
        server = [self.server.netns] if self.server and self.server.host == host else []
        return [*server, *(member.name for member in self.members if member.host == host)]

    def mac_of(self, *words: str) -> str:
        """The MAC address of something in it. It does not depend on the host, so that the peers know it."""
        return _link_names.mac_address(ROLE, self.name, *words)

    def bridge_mac(self, host: str) -> str:
        """The MAC address of its bridge on a host. It is pinned, so that the peers know that of the gateway."""
        return self.mac_of("", "bridge", host)

    @property
    def stretched(self) -> bool:
        """Whether it needs tunnels."""
        return len(self.hosts) > 1

    def known(self, addresses: t.Sequence[str]) -> list[str]:
        """Addresses of its subnets with their prefix lengths, as a link has them."""
        return [
            subnet.with_prefix(address)
            for subnet in self.subnets.all
            for address in addresses
            if (":" in address) == (subnet.network.version == 6)
        ]
