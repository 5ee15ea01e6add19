# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Matches of rules, composed of options (ovn-sb(5), Logical_Flow.match).

Nobody who could refuse a match checks it: each ovn-controller logs a syntax error, and leaves the rule out. So no user
writes one.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovn import _ovn, _uses
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _northbound, _plan, _values

PROTOCOLS = ("tcp", "udp", "sctp", "icmp", "icmp4", "icmp6")
WITH_PORTS = ("tcp", "udp", "sctp")
OF_ICMP = {"icmp": "icmp4", "icmp4": "icmp4", "icmp6": "icmp6"}  # 'icmp' with a type is that of IPv4
FAMILY_OF = {"icmp4": {4}, "icmp6": {6}}
LONGEST_PORT = 65535
SETS, GROUPS = "Address_Set", "Port_Group"
WORD_OF = {"Logical_Router_Policy": "policy", "NAT": "translation"}  # rows with a match. The others are rules
FAMILY_ENDS = ("_ip4", "_ip6")  # of the address sets that OVN makes of the members of a port group
OPTIONS: dict[str, dict[str, t.Any]] = {
    "protocol": {"type": "str", "choices": list(PROTOCOLS)},
    "from": {"type": "str"},
    "to": {"type": "str"},
    "ports": {"type": "list", "elements": "raw"},  # numbers, or ranges as text
    "icmp_type": {"type": "int"},
    "match": {"type": "str"},
}
Rule = t.Mapping[str, t.Any]


def read(rule: Rule, path: str) -> dict[str, t.Any]:
    """Check what of a rule makes its match. ``path``: of the rule, with a full stop."""
    found: dict[str, t.Any] = {name: rule[name] for name in OPTIONS if rule.get(name) not in (None, [], "")}
    if "match" in found and len(found) > 1:
        other = next(name for name in found if name != "match")
        raise _errors.BadInput(f"{path}match: and '{other}' exclude each other; leave one of them out.")
    for end in ("from", "to"):
        if end in found:
            found[end] = _end(found[end], f"{path}{end}")
    protocol = found.get("protocol")
    if "ports" in found:
        if protocol not in WITH_PORTS:
            raise _errors.BadInput(f"{path}ports: need protocol {', '.join(WITH_PORTS[:-1])} or {WITH_PORTS[-1]}.")
        found["ports"] = _ports(found["ports"], f"{path}ports")
    if "icmp_type" in found:
        if protocol not in OF_ICMP:
            raise _errors.BadInput(f"{path}icmp_type: needs protocol icmp, icmp4 or icmp6.")
        _values.number(found["icmp_type"], f"{path}icmp_type", 0, 255)
    return found


def _end(value: str, path: str) -> str:
    """An end of a rule: a network in normal form, or the name of a set or group."""
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
        return value
    if re.search("[./:]", value):
        return str(_values.network(value, path))
    raise _errors.BadInput(
        f"{path}: {value!r} is neither a network nor a name that a rule can have (letters, digits and '_')."
    )


def _ports(values: t.Sequence[t.Any], path: str) -> tuple[str, ...]:
    """Ports and ranges of ports, each once and in order."""
    found = set()
    for index, value in enumerate(map(str, values)):
        here = f"{path}[{index}]"
        parts = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", value.strip())
        if not parts:
            raise _errors.BadInput(f"{here}: {value!r} is not a port; write 80, or 8000-8080.")
        low, high = int(parts[1]), int(parts[2] or parts[1])
        for one in (low, high):
            _values.number(one, here, 1, LONGEST_PORT)
        if high < low:
            raise _errors.BadInput(f"{here}: {value!r} ends before it begins; write {high}-{low}.")
        found.add((low, high))
    return tuple(str(low) if low == high else f"{low}-{high}" for low, high in sorted(found))


def compose(rule: Rule, nb: _northbound.Northbound, member: str, path: str) -> str:
    """The match. ``member``: what says whose rule it is, such as 'inport == @web'; may be empty."""
    if "match" in rule:
        return str(rule["match"])
    protocol = rule.get("protocol")
    families = FAMILY_OF.get(protocol or "", {4, 6})
    if protocol == "icmp" and "icmp_type" in rule:
        families = {4}
    ends = {end: _sets(rule[end], nb, f"{path}{end}") for end in ("from", "to") if end in rule}
    for found in ends.values():
        families = families & set(found)
    if not families:
        raise _errors.BadInput(
            f"{path.rstrip('.')}: matches nothing, for its protocol and its ends are of IPv4 and of IPv6."
        )
    ways = []
    for family in sorted(families):
        sides = {"from": "src", "to": "dst"}
        ways.append(" && ".join(f"ip{family}.{sides[end]} == {found[family]}" for end, found in ends.items()))
    terms = [member] if member else []
    terms += [_protocol(rule)] if protocol else []
    if ends:
        terms.append(ways[0] if len(ways) == 1 else f"({' || '.join(f'({way})' for way in ways)})")
    elif not protocol:
        terms.append("ip")
    return " && ".join(term for term in terms if term)


def _protocol(rule: Rule) -> str:
    protocol = rule["protocol"]
    if "icmp_type" in rule:
        return f"{OF_ICMP[protocol]}.type == {rule['icmp_type']}"
    if "ports" not in rule:
        return str(protocol)
    single = [port for port in rule["ports"] if "-" not in port]
    ways = [f"{protocol}.dst == {single[0] if len(single) == 1 else '{' + ', '.join(single) + '}'}"] if single else []
    for port in rule["ports"]:
        low, dash, high = port.partition("-")
        ways += [f"{low} <= {protocol}.dst <= {high}"] if dash else []
    return ways[0] if len(ways) == 1 else f"({' || '.join(ways)})"


def refuse_double_meaning(nb: _northbound.Northbound, table: str, name: str, path: str) -> None:
    """Refuse a group and a set whose names mean the same in rules. Of the sets that northd makes of each group, and of
    one with such a name, it writes neither.
    """
    found = {(GROUPS, one) for one in (name, *(name[: -len(end)] for end in FAMILY_ENDS if name.endswith(end)))}
    if table == GROUPS:
        found = {(SETS, one) for one in (name, *(f"{name}{end}" for end in FAMILY_ENDS))}
    for other, one in sorted(found):
        if nb.named(other, one):
            word = "port group" if other == GROUPS else "address set"
            raise _errors.Conflict(
                f"{path}name: '{name}' and {word} '{one}' mean the same in rules, for OVN makes of each port group the"
                f" sets NAME{' and NAME'.join(FAMILY_ENDS)}. Take another name."
            )


def refuse_other_family(nb: _northbound.Northbound, name: str, addresses: t.Sequence[str], path: str) -> None:
    """Refuse addresses of IPv6 in a set that a rule compares with IPv4: no host would take the rule any more."""
    if not any(":" in one for one in addresses):
        return
    for place, column, text in _uses.expressions(nb):
        if column == "match" and re.search(rf"\bip4\.(src|dst) == \${name}\b", text):
            word = WORD_OF.get(place.table, "rule")
            raise _errors.Conflict(
                f"{path}: are of IPv6, and a {word} compares the set with IPv4 ({text}); OVN would leave the"
                f" {word} out. Declare both in one ovn_topology, or take another set."
            )


def _naming(table: str, name: str) -> re.Pattern[str]:
    """How an expression names a group or set."""
    return re.compile(rf"(@{name}|\${name}({'|'.join(FAMILY_ENDS)}))\b" if table == GROUPS else rf"\${name}\b")


def assume_ends(rule: Rule, planner: _plan.Planner, path: str) -> None:
    """Report a group or set that a rule names, and that is missing."""
    nb = planner.now.nb
    for end in ("from", "to"):
        name = rule.get(end)
        if name and not re.search("[./:]", name) and not nb.named(GROUPS, name) and not nb.named(SETS, name):
            _ovn.assumed(
                planner,
                SETS,
                name,
                f"{path}{end}: there is no port group and no address set '{name}'. Declare it with"
                " netloom.linux.ovn_port_group or netloom.linux.ovn_address_set first.",
            )


def _sets(end: str, nb: _northbound.Northbound, path: str) -> dict[int, str]:
    """What an end is in a match, for each family of addresses that it has."""
    if re.search("[./:]", end):
        network = ipaddress.ip_network(end)
        return {network.version: str(network.network_address) if network.num_addresses == 1 else str(network)}
    if nb.named(GROUPS, end):
        return {4: f"${end}_ip4", 6: f"${end}_ip6"}
    found = nb.named(SETS, end)
    if not found:
        raise _errors.Missing(f"{path}: there is no port group and no address set '{end}'.")
    families = {6 if ":" in one else 4 for one in nb.row(found[0])["addresses"]} or {4, 6}
    return dict.fromkeys(families, f"${end}")


class NamedInRules(_ovn.OvnKind):
    """A kind whose objects rules name: a port group or an address set."""

    def named(self, params: _plan.Params, path: str) -> str:
        return _ovn.set_name(params["name"], f"{path}name")

    def judge(self, spec: _ovn.OvnSpec, planner: _plan.Planner, place: _northbound.Place) -> None:
        refuse_double_meaning(planner.now.nb, self.table, spec.name, spec.path)

    def users(
        self, spec: _ovn.OvnSpec, nb: _northbound.Northbound, going: _uses.Names, declared: _uses.Declared
    ) -> list[str]:
        place = self.find(spec, nb)
        if place is None:
            return []
        uses = [*_uses.of(nb, place), *_uses.by_name(nb, _naming(self.table, spec.name))]
        return _uses.by_others(nb, place, uses, going, declared)
