# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What security groups let pass between two places, and at which ports that can be proven."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _segments

INGRESS, EGRESS = "ingress", "egress"
ECHO_REQUEST = {4: 8, 6: 128}  # of ICMP (RFC 792) and ICMPv6 (RFC 4443)
ICMP = {4: ("icmp", "icmp4"), 6: ("icmp", "icmp6")}
PROVEN = ("tcp", "udp")  # protocols for which somebody can listen
MOST_PORTS = 4  # of a place, at which its rules are proven


class Packet(t.NamedTuple):
    """A packet that begins something. ``port`` is that of the target."""

    protocol: str
    source: str
    target: str
    port: int | None = None


def passes(source: _segments.Place, target: _segments.Place | None, packet: Packet) -> bool:
    """Whether the rules of both let it pass. Answers pass then, too. ``target``: None if it has no rules."""
    return _lets(source.rules, EGRESS, packet, packet.target) and (
        target is None or _lets(target.rules, INGRESS, packet, packet.source)
    )


def _lets(rules: tuple[_segments.Rule, ...] | None, direction: str, packet: Packet, remote: str) -> bool:
    return rules is None or any(one.direction == direction and _matches(one, packet, remote) for one in rules)


def _matches(rule: _segments.Rule, packet: Packet, remote: str) -> bool:
    version = 6 if ":" in remote else 4
    if rule.remotes is not None and not any(within(remote, one) for one in rule.remotes):
        return False
    if rule.protocol is None:
        return True
    if packet.protocol != "icmp":
        return rule.protocol == packet.protocol and (not rule.ports or any(_spans(one, packet) for one in rule.ports))
    if rule.icmp_type is not None and rule.protocol == "icmp" and version == 6:  # 'icmp' with a type is IPv4's
        return False
    return rule.protocol in ICMP[version] and rule.icmp_type in (None, ECHO_REQUEST[version])


def within(address: str, prefix: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(prefix)


def _spans(ports: str, packet: Packet) -> bool:
    first, _dash, last = ports.partition("-")
    return packet.port is not None and int(first) <= packet.port <= int(last or first)


def ports_of(place: _segments.Place) -> dict[str, list[int]]:
    """The ports at which a place listens to prove what it is promised: protocol -> ports. Of a range, the first."""
    written = [tuple(one.split("/")) for one in place.serves]
    written += [
        (str(one.protocol), ports.partition("-")[0])
        for one in place.rules or ()
        if one.direction == INGRESS
        for ports in one.ports
    ]
    found: dict[str, list[int]] = {}
    for protocol, port in list(dict.fromkeys(written))[: max(MOST_PORTS, len(place.serves))]:
        if protocol in PROVEN and f"{protocol}/{port}" not in place.watched:
            found.setdefault(protocol, []).append(int(port))
    return found
