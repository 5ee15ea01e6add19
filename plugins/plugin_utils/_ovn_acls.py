# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security groups as port groups with rules, as Neutron writes them for OVN."""

from __future__ import annotations

from ansible_collections.netloom.linux.plugins.plugin_utils import _entry, _members, _ovn, _ovn_groups, _ovn_names

# As in Neutron (neutron/common/ovn/constants.py).
ALLOWED, DROPPED = 1002, 1001
DHCP_SERVER = "67"
# Neighbour discovery (RFC 4861): solicitations and advertisements of routers and neighbours.
NEIGHBOUR_DISCOVERY = (133, 134, 135, 136)


def port_groups(intent: _ovn.Intent, names: _ovn_names.Names) -> list[_members.Item]:
    """A port group for each security group, and one of all members that have a group, which drops the rest."""
    found, guarded = [], []
    for network in intent.networks:
        guarded += [(network, one) for one in network.present if one.groups]
    for group in intent.groups:
        name = names.group(group.name)
        if group.gone:
            found.append(_members.item(name=name, state=_entry.STATES[1]))
            continue
        ports = [names.port(network.name, one.name) for network, one in guarded if group.name in one.groups]
        found.append(_members.item(name=name, ports=ports, acls=[_allowed(rule, names) for rule in group.rules]))
    if guarded:
        ports = [names.port(network.name, one.name) for network, one in guarded]
        found.append(_members.item(name=names.drop, ports=ports, acls=_dropping([one for one, _of in guarded])))
    return found


def _allowed(rule: _ovn.Rule, names: _ovn_names.Names) -> _members.Item:
    """What a rule allows, with the answers to it."""
    remote = names.group(rule.remote) if rule.remote and rule.by_group else rule.remote
    end = "from" if rule.direction == _ovn_groups.INGRESS else "to"
    found = _members.item(
        direction=rule.direction,
        priority=ALLOWED,
        action="allow-related",
        protocol=rule.protocol,
        ports=list(rule.ports) or None,
        icmp_type=rule.icmp_type,
    )
    return found | ({end: remote} if remote else {})


def _dropping(networks: list[_ovn.Network]) -> list[_members.Item]:
    """Drop all IP, but for what members need before they can send at all. Nothing drops ARP, which is no IP."""
    found = [_rule(direction, DROPPED, "drop") for direction in _ovn_groups.DIRECTIONS]
    if any(network.dhcp for network in networks):  # OVN lets its own answers in, but asks the rules about the questions
        found.append(_rule(_ovn_groups.EGRESS, ALLOWED, "allow", protocol="udp", ports=[DHCP_SERVER]))
    if any(6 in network.subnets.versions for network in networks):
        found += [
            _rule(direction, ALLOWED, "allow", protocol="icmp6", icmp_type=number)
            for direction in _ovn_groups.DIRECTIONS
            for number in NEIGHBOUR_DISCOVERY
        ]
    return found


def _rule(direction: str, priority: int, action: str, **more: object) -> _members.Item:
    return _members.item(direction=direction, priority=priority, action=action, **more)
