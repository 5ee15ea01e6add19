# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The MTU of a VXLAN network: what the underlay of all its hosts leaves (RFC 7348, section 4.3)."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _encapsulation, _errors, _mtus
from ansible_collections.netloom.linux.plugins.plugin_utils import _fleet_ends, _vxlan

Ends = c.Mapping[str, _fleet_ends.End]
FAMILIES = {4: "IPv4", 6: "IPv6"}


def of_network(network: _vxlan.Network, ends: Ends) -> int | None:
    """The MTU of a network, or None if nobody declared one and no host's underlay is known. A number that does not fit
    is refused. A network on one host has no tunnels.
    """
    known = {host: ends[host].underlay_mtu for host in network.hosts if ends[host].underlay_mtu is not None}
    if not network.stretched or not known:
        return network.mtu
    host = min(known, key=lambda one: t.cast("int", known[one]))
    underlay = t.cast("int", known[host])
    family = 6 if ":" in str(ends[host].local) else 4
    room = underlay - _encapsulation.overhead(_encapsulation.VXLAN, family)
    whose = f"the underlay of host '{host}' has {underlay}, and VXLAN over {FAMILIES[family]} takes"
    least = _mtus.LEAST_FOR_IPV6 if 6 in network.subnets.versions else _fleet_ends.LEAST_MTU
    if room < least:
        raise _errors.BadInput(
            f"{network.entry.at('mtu')}: {whose} {underlay - room} of it; what is left is too small for the network,"
            f" which needs {least}. Give the underlay a larger MTU."
        )
    if network.mtu is not None and network.mtu > room:
        raise _errors.BadInput(
            f"{network.entry.at('mtu')}: {network.mtu} does not fit: {whose} {underlay - room} of it; give at most"
            f" {room}, or 'auto'."
        )
    return network.mtu or room


def refuse_differences(network: _vxlan.Network, written: Ends, known: Ends) -> None:
    """Refuse an automatic MTU that would be another one on each host. ``written``: the ends as the inventory declares
    them, which all hosts know; ``known``: with what each host told of its own underlay, which no other host knows.
    """
    if network.mtu is not None or not network.stretched:
        return
    declared = [mtu for host in network.hosts if (mtu := written[host].underlay_mtu) is not None]
    seen = {host: min([mtu, *declared]) for host in network.hosts if (mtu := known[host].underlay_mtu) is not None}
    _fleet_ends.refuse_differences(network.entry.at("mtu"), _vxlan.ROLE, seen)


def measured(ends: Ends, host: str, told: t.Any) -> Ends:
    """The ends with what a host told of its own underlay. ``told``: the result of the module underlay_info, if the host
    was asked.
    """
    if host not in ends or ends[host].underlay_mtu is not None:  # what is declared counts
        return ends
    link = _fleet_ends.link_of(told, ends[host], _vxlan.ROLE)
    return ends if link is None else {**ends, host: ends[host]._replace(underlay_mtu=int(link["mtu"]))}
