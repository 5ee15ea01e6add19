# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a DHCP client."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _daemon_ops,
    _plan,
    _scope,
)

CLIENTS = ("dhclient", "dhcpcd", "udhcpc")


# What each family can be asked for with. Debian's busybox has no udhcpc6.
PROGRAMS = {_daemon_ops.IPV4: CLIENTS, _daemon_ops.IPV6: CLIENTS[:2]}


DEFAULT = "0.0.0.0/0"


MAIN = 254  # linux/rtnetlink.h: RT_TABLE_MAIN


# Clients that give the link the MTU of the lease (dhcpcd gives it to the routes), if it is more than this
# (dhclient-script, our script of udhcpc).
SET_MTU, LEAST_MTU = ("dhclient", "udhcpc"), 576


TAKES_ANY_MTU = ("veth", "tun", "openvswitch", "dummy")  # kinds of links that are stopped by no hardware and no parent


@dataclasses.dataclass(frozen=True)
class DhcpClientSpec(_plan.Spec):
    """A client. ``client`` None: any installed one; ``hostname`` '': send none, None: leave alone; ``default_route``
    None: leave alone. ``wait_for_lease`` False: a client that is still asking is present.
    """

    netns: str
    interface: str
    family: str
    client: str | None
    hostname: str | None
    default_route: bool | None
    timeout: int
    wait_for_lease: bool

    @property
    def key(self) -> str:
        """The key in Snapshot.daemons."""
        return _daemon_ops.dhcp_client_key(self.netns, self.interface, self.family)

    @property
    def question(self) -> _scope.Program:
        """The question which of the possible programs is installed."""
        return _scope.Program((self.client,) if self.client else PROGRAMS[self.family])

    @property
    def called(self) -> str:
        """The name of the client in sentences."""
        return f"a DHCP{'v6' if self.family == _daemon_ops.IPV6 else ''} client on '{self.interface}'"


def takes_default(settings: t.Mapping[str, t.Any]) -> bool:
    return bool(settings.get("default_route", True))
