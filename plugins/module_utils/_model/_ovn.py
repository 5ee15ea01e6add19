# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OVN on a host, as plain data: what ovn-controller reads of Open vSwitch's database (ovn-controller(8)), and what the
southbound database (ovn-sb(5)) has about the host.
"""

from __future__ import annotations

import dataclasses
import typing as t

# Keys of Open_vSwitch.external_ids.
REMOTE, ENCAP_TYPE, ENCAP_IP = "ovn-remote", "ovn-encap-type", "ovn-encap-ip"
MAPPINGS, BRIDGE, DATAPATH_TYPE = "ovn-bridge-mappings", "ovn-bridge", "ovn-bridge-datapath-type"
CMS_OPTIONS, SYSTEM_ID, HOSTNAME = "ovn-cms-options", "system-id", "hostname"
GATEWAY = "enable-chassis-as-gw"  # one of the words of CMS_OPTIONS
KEYS = (REMOTE, ENCAP_TYPE, ENCAP_IP, MAPPINGS, BRIDGE, DATAPATH_TYPE, CMS_OPTIONS, SYSTEM_ID)
ROOT = "."  # stands for the only row of table Open_vSwitch; no bridge or port can have this name
DEFAULT_BRIDGE = "br-int"
# Keys of Interface.external_ids: what binds an interface to a logical port, and what ovn-controller writes there.
IFACE_ID, INSTALLED, INSTALLED_SINCE = "iface-id", "ovn-installed", "ovn-installed-ts"
CONTROLLER = "ovn-controller"
# From here Open vSwitch's start script takes external_ids:system-id, at every start (ovs-ctl(8)).
SYSTEM_ID_FILE = "/etc/openvswitch/system-id.conf"
# What ovn-controller calls the host, unless Open_vSwitch.external_ids has a HOSTNAME (gethostname(2)).
HOSTNAME_FILE = "/proc/sys/kernel/hostname"


@dataclasses.dataclass(frozen=True)
class Ssl:
    """The row of table SSL: the TLS files of ovs-vswitchd and of ovn-controller."""

    private_key: str
    certificate: str
    ca_cert: str


@dataclasses.dataclass(frozen=True)
class Access:
    """How to reach a southbound database. None: as Open vSwitch's database says (ovn-remote, and the row of table
    SSL).
    """

    remote: str | None = None
    ssl: Ssl | None = None
    timeout: int = 3


@dataclasses.dataclass(frozen=True)
class Chassis:
    """A row of table Chassis with its rows of table Encap, as (type, address). ``rest``: further columns, as JSON."""

    name: str
    hostname: str = ""
    encaps: tuple[tuple[str, str], ...] = ()
    private: bool = True  # table Chassis_Private has a row of this name, too
    rest: str = dataclasses.field(default="{}", compare=False)

    @property
    def addresses(self) -> frozenset[str]:
        """The addresses of its tunnels."""
        return frozenset(address for _kind, address in self.encaps)


@dataclasses.dataclass(frozen=True)
class Binding:
    """A row of table Port_Binding. ``requested``: the chassis that alone may have it, by name or hostname; '': any."""

    chassis: str | None = None  # the name of the one that has it
    requested: str = ""


@dataclasses.dataclass
class Southbound:
    """A southbound database, as far as it is about hosts. ``unreachable`` says why nothing is known."""

    remote: str = ""
    ssl: Ssl | None = None
    chassis: dict[str, Chassis] = dataclasses.field(default_factory=dict)
    # By the name of a logical port; None: there is none of this name.
    bindings: dict[str, Binding | None] = dataclasses.field(default_factory=dict)
    unreachable: str | None = None

    def clone(self) -> Southbound:
        """A copy whose containers can be changed."""
        return dataclasses.replace(self, chassis=dict(self.chassis), bindings=dict(self.bindings))


def bridge_of(external_ids: t.Mapping[str, str]) -> str:
    """The integration bridge."""
    return external_ids.get(BRIDGE) or DEFAULT_BRIDGE


def words_in(text: str | None) -> tuple[str, ...]:
    """The words of a list with commas."""
    return tuple(word for word in (one.strip() for one in (text or "").split(",")) if word)


def mappings_in(text: str | None) -> dict[str, str]:
    """The bridge mappings in the text of their key, as network -> bridge. What has no colon, OVN ignores."""
    pairs = (word.partition(":") for word in words_in(text))
    return {network: bridge for network, colon, bridge in pairs if colon}
