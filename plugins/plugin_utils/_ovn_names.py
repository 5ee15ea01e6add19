# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How objects are called in OVN's northbound database.

The topology of the role's default name gives its objects the names that the user wrote. Another one puts its own name
before them, so that two topologies with a network of one name have two networks.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values
from ansible_collections.netloom.linux.plugins.plugin_utils import _ovn

# What OVN reads in a match as the name of a port group or address set. It takes others, and the rule has no effect.
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
BETWEEN = "__"  # a topology and the name of a group, so no group of a user has it in its name
DROP = f"drop{BETWEEN}"


def group_name(value: str, option: str) -> str:
    """The name of a security group as a user may write it."""
    if not _WORD.fullmatch(value):
        near = re.sub(r"[^A-Za-z0-9_]", "_", value)
        hint = f"; did you mean '{near}'?" if _WORD.fullmatch(near) and BETWEEN not in near else "."
        raise _errors.BadInput(
            f"{option}: '{value}' is not the name of a security group: OVN would take it, and its rules would have no"
            f" effect. Write letters, digits and '_', and no digit first{hint}"
        )
    if BETWEEN in value:
        raise _errors.BadInput(f"{option}: '{value}' has '{BETWEEN}', which is kept for other names; write one '_'.")
    return value


class Names(t.NamedTuple):
    """The names of one topology's objects."""

    topology: str = _ovn.ROLE

    def of(self, name: str) -> str:
        """The name of a switch, router, load balancer, or of DHCP options. No name of a user has a '/'."""
        return name if self.topology == _ovn.ROLE else f"{self.topology}/{name}"

    def port(self, network: str, member: str) -> str:
        """The name of a member's port, which is the iface-id of its interface as well."""
        return self.of(f"{network}-{member}")

    def router_port(self, router: str, network: str) -> str:
        """The name of a router's port in a network."""
        return self.of(f"{router}-{network}")

    def group(self, name: str) -> str:
        """The name of a port group. What no group may be called is written in hexadecimal digits."""
        if self.topology == _ovn.ROLE:
            return name
        written = re.sub(r"[^A-Za-z0-9]", _escaped, self.topology)
        written = re.sub(r"^[0-9]", _escaped, written)
        return f"{written}{BETWEEN}{name}"

    @property
    def drop(self) -> str:
        """The name of the port group of all members that have security groups."""
        return self.group(DROP)


def _escaped(found: re.Match[str]) -> str:
    return f"_{ord(found.group()):02x}"


def names_of(topology: str) -> Names:
    """The names that belong to a topology."""
    return Names(_values.object_name(topology, f"{_ovn.ROLE}_topology"))
