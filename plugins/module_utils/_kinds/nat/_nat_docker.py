# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NAT beside dockerd: report what iptables' FORWARD chain would drop, and accept it if that is wanted.

dockerd sets the policy of FORWARD to DROP. A packet must pass every table's chain, so no rule of a table of our own can
help. Docker keeps chain DOCKER-USER for the rules of others. Only matches of addresses stand in ours: iptables-nft
calls a table with a `ct` match of nft incompatible, and then refuses all its work on it, dockerd's as well.
"""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.nat import _nat_entries, _nat_ports, _nat_rules
from ansible_collections.netloom.linux.plugins.module_utils._model import _nat_ops, _nft, _plan, _snapshot


def networks_of(declared: _nat_rules.Declared, family: str) -> tuple[str, ...]:
    """The networks whose packets the table wants forwarded. A network inside another one is left out."""
    led: tuple[_nat_entries.Publish | _nat_entries.Floating, ...] = (*declared.publish, *declared.floating)
    named = [
        *(entry.source for entry in declared.translated),
        *(str(_nat_entries.network_of(entry.to_address)) for entry in led),
        *(place for entry in declared.forward if entry.allow for place in (entry.origin, entry.to)),
    ]
    found = {
        _nat_entries.network_of(one)
        for one in named
        if one
        and _nat_entries.is_network(one)
        and one not in _nat_entries.EVERYTHING
        and _nft.FAMILIES[_nat_entries.family_of(one) or 4] == family
    }
    kept = [one for one in found if not any(one != other and one.subnet_of(t.cast("t.Any", other)) for other in found)]
    return tuple(str(one) for one in sorted(kept, key=str))


def wanted_rules(
    name: str, declared: _nat_rules.Declared, family: str, there: _nft.ForwardFilter
) -> tuple[_nft.Accepted, ...]:
    """The rules for both directions of these networks. Answers cannot be told from questions without a `ct` match."""
    chain = "DOCKER-USER" if there.docker_user else "FORWARD"
    ours = any(one.name == name for one in there.accepted)
    if not (there.docker_user or there.policy == "drop" or ours):
        return ()
    networks = networks_of(declared, family)
    return tuple(
        _nft.Accepted(chain, name, _nat_rules.accept_rule(field, network))
        for network in networks
        for field in ("saddr", "daddr")
    )


def plan_accepts(
    planner: _plan.Planner, ns: _snapshot.NsKey, name: str, declared: _nat_rules.Declared, asked: bool
) -> None:
    """Plan the accept rules that are wanted. If they are needed and not wanted, warn with the remedy."""
    for family, there in sorted(_nat_ops.nft_of(planner.now, ns).forward.items()):
        wanted = wanted_rules(name, declared, family, there) if asked else ()
        found = tuple(one for one in there.accepted if one.name == name)
        if wanted != found:
            planner.do(_nat_ops.AcceptSet(ns, family, name, wanted, ", ".join(networks_of(declared, family))))
        elif there.policy == "drop" and not asked:
            _warn(planner, planner.now.namespaces[ns], family, networks_of(declared, family))
        if asked and there.policy == "drop" and not wanted:
            planner.warn(
                "beside_docker: no entry names a network, so nothing is accepted in iptables' FORWARD chain"
                f" ({family}), whose policy is drop."
            )


def _warn(planner: _plan.Planner, space: _snapshot.Namespace, family: str, networks: tuple[str, ...]) -> None:
    if not networks:
        return
    place = f" in namespace '{space.key}'" if space.key else ""
    bridged = ""
    switch = next(_nat_ports.BRIDGE_CALLS[number] for number, name in _nft.FAMILIES.items() if name == family)
    if space.sysctl.get((None, switch)) == "1":
        bridged = f" That goes for frames between ports of one bridge too, because {switch} is 1."
    planner.warn(
        f"The policy of iptables' FORWARD chain ({family}){place} is drop, as dockerd sets it: packets of"
        f" {', '.join(networks)} are lost unless a rule there accepts them.{bridged} Set beside_docker: true, and they"
        " are accepted in a scoped rule."
    )
