# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a host as a part of OVN, from what it told when it began to listen: the hop, and the remedy."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _words
from ansible_collections.netloom.linux.plugins.plugin_utils import _crossing_fleet, _crossing_promises, _segments

Item = dict[str, t.Any]
MOST_NAMED = 4


def of_host(fleet: _crossing_fleet.Fleet, segment: _segments.Segment, host: str) -> list[str]:
    """What keeps a host from carrying a network, the most certain cause first. Empty if the host told nothing wrong."""
    chassis = segment.carrier.chassis_of(host)
    if chassis is None or host not in fleet.reports:
        return []
    told = fleet.reports[host].get("ovn")
    run = f"run netloom.linux.site for {host}"
    if told is None:
        return [f"Open vSwitch of {host} does not say where OVN's southbound database is (ovn-remote): {run}."]
    found = _name(chassis, told, run)
    found += _encap(fleet, chassis, told, run)
    return found or [*_registered(fleet, chassis, told), *_mappings(chassis, told, run)]


def _name(chassis: _segments.Chassis, told: Item, run: str) -> list[str]:
    if told["chassis"] == chassis.name:
        return []
    return [f"{chassis.host} calls itself chassis '{told['chassis']}', and not '{chassis.name}' (system-id): {run}."]


def _encap(fleet: _crossing_fleet.Fleet, chassis: _segments.Chassis, told: Item, run: str) -> list[str]:
    if told["encap"] == chassis.address:
        return []
    whose = next((host for host, one in fleet.reports.items() if told["encap"] in one.get("addresses", ())), None)
    of = "an address of no host that was asked" if whose is None else f"an address of {whose}"
    return [
        (
            f"{chassis.host} tells OVN that its tunnels end at {told['encap']}, {of}, and not at {chassis.address}"
            f" (ovn-encap-ip): {run}."
        )
    ]


def _registered(fleet: _crossing_fleet.Fleet, chassis: _segments.Chassis, told: Item) -> list[str]:
    """Whether the southbound database has the chassis, as any host sees it."""
    if told["unreachable"]:
        return [f"{chassis.host} cannot ask OVN's southbound database: {told['unreachable']}."]
    ends = told["registered"].get(chassis.name)
    if ends is None:
        return [
            (
                f"OVN's southbound database has no chassis '{chassis.name}': ovn-controller of {chassis.host} does not"
                " run, or does not reach it (systemctl status ovn-controller)."
            )
        ]
    if chassis.address not in ends:
        return [
            (
                f"OVN's southbound database has chassis '{chassis.name}' at {', '.join(ends) or 'no address'}, and not"
                f" at {chassis.address}: ovn-controller of {chassis.host} does not run, or its log says why."
            )
        ]
    return []


def _mappings(chassis: _segments.Chassis, told: Item, run: str) -> list[str]:
    found = []
    for network, bridge in chassis.mappings:
        leads = told["mappings"].get(network)
        if leads != bridge:
            what = f"leads to {leads}" if leads else "leads nowhere"
            found.append(
                f"The bridge mapping of physical network '{network}' on {chassis.host} {what}, and not to {bridge}"
                f" (ovn-bridge-mappings): {run}."
            )
        elif bridge not in told["bridges"]:
            found.append(f"{bridge} of {chassis.host}, where '{network}' is, does not exist: {run}.")
    return found


def of_place(fleet: _crossing_fleet.Fleet, place: _segments.Place) -> list[str]:
    """What keeps a member's interface from being its logical port."""
    told = (fleet.reports.get(place.host) or {}).get("ovn")
    if told is None or place.port is None:
        return []
    name, run = place.port, f"run netloom.linux.site for {place.host}"
    twins = [host for host, one in fleet.reports.items() if name in (one.get("ovn") or {}).get("ports", {})]
    if len(twins) > 1:
        return [
            (
                f"{' and '.join(twins)} both have an interface with the iface-id '{name}', and take the logical port"
                f" from each other: take it from the one that is not {place.host}."
            )
        ]
    port = told["ports"].get(name)
    if port is None:
        where = f", but on {twins[0]}" if twins else ""
        return [f"No interface of {place.host} has the iface-id '{name}' of {place.netns}{where}: {run}."]
    if port["bridge"] != told["bridge"]:
        return [f"{port['name']} of {place.host} is a port of {port['bridge']}, and not of {told['bridge']}: {run}."]
    return _binding(place, told, port)


def _binding(place: _segments.Place, told: Item, port: Item) -> list[str]:
    name, bindings = str(place.port), told["bindings"]
    if name in bindings and bindings[name] is None and told["registered"]:
        return [
            (
                f"OVN has bound logical port '{name}' ({port['name']} of {place.host}) to no chassis: it is not in the"
                " northbound database, or ovn-controller does not run: run netloom.linux.site for all hosts."
            )
        ]
    chassis = bindings.get(name)
    if chassis not in (None, told["chassis"]):
        return [f"Chassis '{chassis}' has logical port '{name}', which is {port['name']} of {place.host}."]
    if not port["installed"]:
        return [
            (
                f"The flows of logical port '{name}' ({port['name']} of {place.host}) are not in effect: the log of"
                " ovn-controller there says why."
            )
        ]
    return []


def of_tunnels(fleet: _crossing_fleet.Fleet, segment: _segments.Segment, host: str, other: str) -> list[str]:
    """Whether OVN made a tunnel to the other host, and whether packets can leave by it."""
    end = fleet.end(segment, other, host)
    if end is None or host == other:
        return []
    bridge = (fleet.reports[host].get("ovn") or {}).get("bridge")
    tunnels = [one for one in fleet.tunnels(host) if one.get("bridge") == bridge]
    leading = next((one for one in tunnels if end in (one.get("remotes") or ())), None)
    if leading is not None:
        return _crossing_fleet.stuck(leading, host, "ovn_chassis_uplinks")
    remotes = sorted({to for one in tunnels for to in one.get("remotes") or ()})
    return [
        (
            f"OVN made no tunnel from {host} to {end}, where those of {other} end (it has tunnels to"
            f" {_words.some(remotes, MOST_NAMED) if remotes else 'nobody'}): see ovn-controller on both hosts."
        )
    ]


def causes(
    fleet: _crossing_fleet.Fleet,
    segment: _segments.Segment,
    pair: tuple[str, str],
    failures: c.Sequence[t.Any],
) -> list[str]:
    """What is wrong on both hosts and with the ports of those that were asked. ``failures``: what failed between the
    hosts.
    """
    hosts = dict.fromkeys(pair)
    if any(one.by in ELSEWHERE for one in failures):
        hosts |= dict.fromkeys(chassis.host for chassis in segment.carrier.chassis)
    found = [one for host in hosts for one in of_host(fleet, segment, host)]
    places = dict.fromkeys(place for one in failures for place in (one.source, one.target) if place.port)
    found += [one for place in places for one in of_place(fleet, place)]
    if not found:
        found = [one for host, other in (pair, pair[::-1]) for one in of_tunnels(fleet, segment, host, other)]
    return list(dict.fromkeys(found))


def of_database(failures: c.Sequence[t.Any]) -> list[str]:
    """What remains if nothing is wrong with the hosts: the database says something else than what is declared."""
    checks = list(dict.fromkeys(one.by for one in failures))
    if any(one in OF_DATABASE for one in checks):
        what = _words.some(list(dict.fromkeys(OF_DATABASE[one] for one in checks if one in OF_DATABASE)), MOST_NAMED)
        ask = "".join(f" Ask whether {BESIDE[one]}." for one in checks if one in BESIDE)
        return [f"Nothing is wrong with the hosts and tunnels, so look at {what} in OVN: run netloom.linux.drift.{ask}"]
    return []


ELSEWHERE = ("balanced", "floating", "outside")  # checks whose packets pass further hosts, whichever OVN chose
OF_DATABASE = {
    _crossing_promises.REFUSED: "the rules of the security groups",
    _crossing_promises.ROUTED: "the router",
    _crossing_promises.GATEWAY: "the router",
    "dhcp": "the DHCP options of the port",
    _crossing_promises.NAMES: "the names of the switch (DNS)",
    "balanced": "the load balancer",
    "floating": "the floating address and the host that routes",
    "outside": "the host that routes",
    "tcp": "the rules of the security groups",
    "udp": "the rules of the security groups",
    "icmp": "the ports and rules",
    "arp": "the addresses of the ports",
}
# What else it may be, of which the database knows nothing.
BESIDE = {
    "balanced": "a backend of the load balancer lives",
    "outside": "the next router answers echo requests",
}
