# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lease, as the DHCP client that holds it wrote it down."""

from __future__ import annotations

import dataclasses
import typing as t


@dataclasses.dataclass(frozen=True)
class Lease:
    """A DHCP client's lease; addresses without prefix unless said. ``routes``: the classless ones (RFC 3442), which
    replace the routers.
    """

    address: str  # with prefix length
    server: str | None = None  # of DHCPv6 its DUID
    routers: tuple[str, ...] = ()
    dns: tuple[str, ...] = ()
    domain: str | None = None
    expires: str | None = None  # UTC, ISO 8601
    mtu: int | None = None
    routes: tuple[tuple[str, str | None], ...] = ()  # (destination, gateway)

    def is_address(self, cidr: str) -> bool:
        """Whether an address of a link is the leased one. Clients differ in the prefix length of an IPv6 address (RFC
        5942).
        """
        return cidr == self.address or (":" in cidr and cidr.partition("/")[0] == self.address.partition("/")[0])

    @property
    def shown(self) -> dict[str, t.Any]:
        """The lease as it is shown in a result."""
        routes = [{"destination": destination, "gateway": gateway} for destination, gateway in self.routes]
        return {
            **{key: list(value) if isinstance(value, tuple) else value for key, value in vars(self).items()},
            "routes": routes,
        }

    def brief(self, interface: str) -> dict[str, t.Any]:
        """What a proof shows of it."""
        return {"interface": interface, "address": self.address, "server": self.server, "expires": self.expires}
