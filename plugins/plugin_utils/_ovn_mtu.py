# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The MTU of a network that OVN carries: what the underlay leaves (RFC 8926, and an option that OVN adds)."""

from __future__ import annotations

import collections.abc as c

from ansible_collections.netloom.linux.plugins.module_utils._model import _encapsulation, _errors, _mtus
from ansible_collections.netloom.linux.plugins.plugin_utils import _fleet_ends, _ovn, _ovn_places

OPTION = 8  # the option with the ports that OVN adds to Geneve (ovn-architecture(7), Tunnel Encapsulations)


def overhead(version: int) -> int:
    """What a packet of the underlay has around one of a network. ``version``: that of the underlay's IP."""
    return _encapsulation.overhead(_encapsulation.GENEVE, version) + OPTION


def of_network(network: _ovn.Network, places: c.Mapping[str, _ovn_places.Place] | None) -> int | None:
    """The MTU of a network; that of an external one is None unless it is written. A number that does not fit is
    refused. All chassis count, whichever have members, so that a member that moves changes it for nobody.
    """
    chassis = [one for one in (places or {}).values() if one.chassis is not None]
    if network.external or not chassis:
        return network.mtu
    least = min(chassis, key=lambda one: one.underlay_mtu - overhead(one.version))
    room = least.underlay_mtu - overhead(least.version)
    whose = (
        f"the underlay of host '{least.host}' has {least.underlay_mtu}, and Geneve over IPv{least.version} takes"
        f" {overhead(least.version)} of it"
    )
    needed = _mtus.LEAST_FOR_IPV6 if 6 in network.subnets.versions else _fleet_ends.LEAST_MTU
    if room < needed:
        raise _errors.BadInput(
            f"{network.entry.at('mtu')}: {whose}; what is left is too small for the network, which needs {needed}. Give"
            " the underlay a larger MTU."
        )
    if network.mtu is not None and network.mtu > room:
        raise _errors.BadInput(
            f"{network.entry.at('mtu')}: {network.mtu} does not fit: {whose}; give at most {room}, or 'auto'. If the"
            f" underlay has more, write {_ovn_places.UNDERLAY_MTU}."
        )
    return network.mtu or room
