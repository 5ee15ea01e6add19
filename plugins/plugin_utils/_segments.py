# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Layer 2 networks over several hosts, whatever carries them: who is where. What a fleet is proven and drawn by."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _encapsulation


class Rule(t.NamedTuple):
    """What a security group lets pass. ``ports``: such as '80' or '8000-8100', none for all; ``remotes``: prefixes of
    the other side, None for everybody.
    """

    direction: str
    protocol: str | None = None
    ports: tuple[str, ...] = ()
    icmp_type: int | None = None
    remotes: tuple[str, ...] | None = None


class Place(t.NamedTuple):
    """An interface of a namespace on a host. ``addresses`` has those that the declaration tells: none with DHCP.
    ``mac`` is None if only the host knows it. Isolated places of one host do not reach each other. ``port``: its
    logical port in OVN. ``rules``: what its security groups let pass; None: it has no groups, so everything passes.
    ``routed``: a router that is declared is its gateway. ``serves``: ports, such as 'tcp/80', at which it has to answer
    for others. ``watched``: those at which OVN looks whether a service is there, so that nobody else may listen there.
    """

    host: str
    netns: str
    interface: str
    addresses: tuple[str, ...]
    mac: str | None
    isolated: bool = False
    port: str | None = None
    rules: tuple[Rule, ...] | None = None
    routed: bool = False
    serves: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()


class Promise(t.NamedTuple):
    """What a place is promised of something that is no place, such as a router or a load balancer. ``source``: the
    number of the place in its network; ``who`` names what answers; ``check``: what a table calls it; ``mac``: what
    alone may answer for the address; ``range``: where a leased address lies; ``name``: what a server is asked for, and
    ``answers``: the addresses that it has to tell.
    """

    source: int
    who: str
    check: str
    protocol: str
    to: str
    port: int | None = None
    mac: str | None = None
    range: str | None = None
    name: str | None = None
    answers: tuple[str, ...] = ()


class Chassis(t.NamedTuple):
    """A host of OVN, by its name there, with the address at which its tunnels end, and with the bridge mappings that
    its networks need.
    """

    host: str
    name: str
    address: str
    mappings: tuple[tuple[str, str], ...] = ()


class Carrier(t.NamedTuple):
    """What carries a network from host to host. ``type``: of the tunnels, if no host tells of one. ``shared``: its
    bridges and tunnels carry other networks, too, so its number is not theirs. ``tagged``: its frames have a VLAN tag
    inside of the tunnels. ``options``: bytes that its tunnels add to their headers. ``chassis``: the hosts of OVN, if
    that makes the tunnels.
    """

    type: str = _encapsulation.VXLAN
    shared: bool = False
    tagged: bool = False
    options: int = 0
    chassis: tuple[Chassis, ...] = ()

    def chassis_of(self, host: str) -> Chassis | None:
        """What OVN must know of a host; None if OVN is not what carries the network."""
        return next((one for one in self.chassis if one.host == host), None)


class Segment(t.NamedTuple):
    """One network. ``role`` and ``name`` say which; ``number`` is its VNI or VLAN. ``mtu`` is None if each host knows
    its own. Two segments of one ``role`` must not reach each other, though their subnets may be equal. ``gateway``: an
    address on a host itself (``netns`` is empty), which all reach. ``server``: the one of the places that leases
    addresses to those that have none. ``joined``: the networks to which a router leads. ``promises``: what else its
    places are promised, ``unproven``: what nobody can prove, in sentences.
    """

    role: str
    name: str
    number: int
    mtu: int | None
    places: tuple[Place, ...]
    gateway: Place | None = None
    server: Place | None = None
    carrier: Carrier = Carrier()
    joined: tuple[str, ...] = ()
    promises: tuple[Promise, ...] = ()
    unproven: tuple[str, ...] = ()

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that have a part of it, in the order of the declaration."""
        return tuple(dict.fromkeys(place.host for place in self.places))
