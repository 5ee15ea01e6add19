# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An address of a link: its identity, and its other attributes (linux/if_addr.h)."""

from __future__ import annotations

import dataclasses
import ipaddress
import typing as t

FOREVER = 0xFFFFFFFF  # INFINITY_LIFE_TIME
IFA_F_MANAGETEMPADDR, IFA_F_NOPREFIXROUTE = 0x100, 0x200
IFAPROT_KERNEL_RA = 2
SCOPES = {200: "site", 253: "link", 254: "host"}
# The sysctls that switch IPv6 off: of a link, and of the links that a namespace gets later.
OFF, OFF_BY_DEFAULT = "ipv6.disable_ipv6", "net.ipv6.conf.default.disable_ipv6"


@dataclasses.dataclass(frozen=True)
class Address:
    """One address of a link. ``dynamic`` has a lifetime that ends (DHCP, SLAAC); ``link_local`` is one that the kernel
    made by itself.

    ``detail`` is what else it has and no option speaks of: broadcast, peer, label (what follows the link's name),
    scope, flags, lifetimes (preferred, valid), metric (of its route), protocol (who made it), and temporary. It is kept
    when an address comes back or moves.
    """

    cidr: str
    dynamic: bool = False
    link_local: bool = False
    tentative: bool = False
    failed: bool = False
    detail: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)

    @property
    def declared(self) -> bool:
        """Whether an exact list covers it. Addresses of the kernel and leased ones appear by themselves, and
        NetworkManager makes link-local ones.
        """
        managed = self.cidr.startswith("fe80:") and bool(self.detail.get("flags", 0) & IFA_F_NOPREFIXROUTE)
        return self.lasting and not managed

    @property
    def lasting(self) -> bool:
        """Whether a record keeps the address, because nothing restores it by itself."""
        return not (self.dynamic or self.link_local)

    @property
    def six(self) -> bool:
        """Whether it is an IPv6 address."""
        return ":" in self.cidr

    @property
    def usable(self) -> bool:
        """Whether the host can use it: it is no duplicate and not tentative."""
        return not (self.tentative or self.failed)

    @property
    def key(self) -> str:
        """The identity of the address on its link: for IPv6 the address alone (ipv6_chk_same_addr()), for IPv4 the
        peer's network too (__inet_insert_ifa()).
        """
        elsewhere = not self.six and "peer" in self.detail and self.network != network_of(self.cidr)
        return f"{self.cidr} peer {self.network}" if elsewhere else key_of(self.cidr)

    @property
    def network(self) -> str:
        """The destination of the kernel's route for it. For IPv4 it is the peer's network."""
        return network_of(
            f"{self.detail['peer']}/{self.cidr.split('/')[1]}" if "peer" in self.detail and not self.six else self.cidr
        )

    @property
    def renewed(self) -> bool:
        """Whether routers advertise it, and so renew its lifetimes. (Before Linux 5.18 its form must tell.)"""
        made = (
            self.detail.get("protocol") == IFAPROT_KERNEL_RA
            or self.detail.get("flags", 0) & IFA_F_MANAGETEMPADDR
            or "temporary" in self.detail
        )
        return self.six and self.dynamic and (bool(made) or is_eui64(self.cidr))

    @property
    def preferred(self) -> bool:
        """Whether connections may begin with it as their source: it is not deprecated."""
        return bool(self.detail.get("lifetimes", (FOREVER, FOREVER))[0])


def as_declared(detail: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The details that an address keeps when it is declared: those that do not change its effect."""
    return {
        name: value
        for name, value in detail.items()
        if name not in ("lifetimes", "peer", "scope", "temporary", "protocol")
    }


def network_of(cidr: str) -> str:
    """The network of an address."""
    return str(ipaddress.ip_interface(cidr).network)


def key_of(cidr: str) -> str:
    """The key of an address without a peer."""
    return cidr.partition("/")[0] if ":" in cidr else cidr


def is_eui64(cidr: str) -> bool:
    """Whether the end of an IPv6 address is made of a MAC address (RFC 4291, appendix A)."""
    return ipaddress.ip_interface(cidr).ip.packed[11:13] == b"\xff\xfe"
