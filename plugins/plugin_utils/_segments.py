# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Layer 2 networks over several hosts, whatever carries them: who is where. What a fleet is proven and drawn by."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _encapsulation


class Place(t.NamedTuple):
    """An interface of a namespace on a host. ``addresses`` has those that the declaration tells: none with DHCP.
    ``mac`` is None if only the host knows it. Isolated places of one host do not reach each other.
    """

    host: str
    netns: str
    interface: str
    addresses: tuple[str, ...]
    mac: str | None
    isolated: bool = False


class Carrier(t.NamedTuple):
    """What carries a network from host to host. ``type``: of the tunnels, if no host tells of one. ``shared``: its
    bridges and tunnels carry other networks, too, so its number is not theirs. ``tagged``: its frames have a VLAN tag
    inside of the tunnels.
    """

    type: str = _encapsulation.VXLAN
    shared: bool = False
    tagged: bool = False


class Segment(t.NamedTuple):
    """One network. ``role`` and ``name`` say which; ``number`` is its VNI or VLAN. ``mtu`` is None if each host knows
    its own. Two segments of one ``role`` must not reach each other, though their subnets may be equal. ``gateway``: an
    address on a host itself (``netns`` is empty), which all reach. ``server``: the one of the places that leases
    addresses to those that have none.
    """

    role: str
    name: str
    number: int
    mtu: int | None
    places: tuple[Place, ...]
    gateway: Place | None = None
    server: Place | None = None
    carrier: Carrier = Carrier()

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that have a part of it, in the order of the declaration."""
        return tuple(dict.fromkeys(place.host for place in self.places))
