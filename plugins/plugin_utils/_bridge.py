# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Docker-style network as a value, with everything that is declared for it."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from ansible_collections.netloom.linux.plugins.plugin_utils import _addresses, _entry, _members


class Outside(t.NamedTuple):
    """What a network says about the outside. ``internal``: only the host itself reaches it; ``apart``: no traffic from
    or to other networks.
    """

    masquerade: bool
    internal: bool
    beside_docker: bool
    apart: bool

    @property
    def silent(self) -> bool:
        """Whether it says nothing."""
        return not (self.masquerade or self.internal)


class Port(t.NamedTuple):
    """A port of the host that leads to a port of a member."""

    entry: _entry.Entry
    protocol: str
    address: str | None
    port: int
    to_port: int | None
    localhost: bool


class Member(t.NamedTuple):
    """One member of one network."""

    entry: _entry.Entry
    name: str
    interface: str
    host_interface: str
    addresses: tuple[str, ...]  # one in each subnet of the network
    mac: str | None
    source: _members.Item  # whose namespace becomes the member: a process's or a container's, if anybody's
    default_route: bool
    isolated: bool | None  # from other isolated members; None: as it is
    publish: tuple[Port, ...]
    gone: _members.Item


class Network(t.NamedTuple):
    """One network with all addresses. ``gateways``: one in each subnet; none if it is isolated; with an ``uplink`` the
    routers of the NIC's network.
    """

    entry: _entry.Entry
    name: str
    bridge: str
    subnets: _addresses.Subnets
    gateways: tuple[str, ...]
    outside: Outside
    stp: bool
    mtu: int | None
    mac: str | None
    sysctl: _members.Item | None
    uplink: str | None
    confirm_timeout: int | None
    members: tuple[Member, ...]
    gone: _members.Item
