# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A table of nftables as the entries that make it, and what else is in it."""

from __future__ import annotations

import dataclasses
import json
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.nat import _nat_entries, _nat_rules, _nat_statements
from ansible_collections.netloom.linux.plugins.module_utils._model import _nft, _nft_words

Found = dict[str, t.Any]


def declared_in(table: _nft.NftTable) -> _nat_rules.Declared:
    """The entries of a table, from those of its rules that an entry makes. foreign_in() finds the other rules."""
    found: dict[type, list[t.Any]] = {}
    output = table.chain("output")
    local = {entry for rule in (output.rules if output else ()) if (entry := _entry("output", rule)) is not None}
    outwards = table.chain("postrouting")
    both_ways = {
        entry for rule in (outwards.rules if outwards else ()) if (entry := _entry("postrouting", rule)) is not None
    }
    for chain in table.chains:
        if chain.name != "output":  # a published port is known by its rule in prerouting
            for rule in chain.rules:
                entry = _entry(chain.name, rule)
                if (
                    isinstance(entry, _nat_entries.Publish)
                    and dataclasses.replace(entry, address=None, localhost=True) in local
                ):
                    entry = dataclasses.replace(entry, localhost=True)
                elif isinstance(entry, _nat_entries.Floating) and entry not in both_ways:
                    entry = _nat_entries.Publish(_nat_entries.ALL, entry.address, None, entry.to_address, None)
                if entry is not None and entry not in found.setdefault(type(entry), []):
                    found[type(entry)].append(entry)
    return _nat_rules.Declared(
        *(
            tuple(found.get(kind, ()))
            for kind in (
                _nat_entries.Masquerade,
                _nat_entries.SourceNat,
                _nat_entries.Publish,
                _nat_entries.Floating,
                _nat_entries.Forward,
                _nat_rules.Hairpin,
            )
        )
    )


def foreign_in(table: _nft.NftTable) -> tuple[str, ...]:
    """The differences between the table and what its entries make: rules that are added or missing, and have to be
    corrected.
    """
    wanted = _nat_rules.table_for(declared_in(table))
    found = [f"the foreign {_nft_words.of_object(one)}" for one in table.others]
    if table.flags:
        found.append(f"the flag {table.flags} of the table")
    for chain in table.chains:
        expected = wanted.chain(chain.name)
        known = expected.rules if expected else ()
        if chain.name not in _nat_rules.CHAINS:
            found.append(f"the foreign chain {chain.name}")
        elif dataclasses.replace(chain, rules=()) != _nat_rules.chain(chain.name, ()):
            found.append(f"the policy {chain.policy} and priority {chain.prio} of chain {chain.name}")
        elif not chain.rules:
            found.append(f"the empty chain {chain.name}")
        strange = [rule for rule in chain.rules if rule not in known]
        found += [f"the foreign rule '{_nft_words.of_rule(rule)}' in chain {chain.name}" for rule in strange]
        rest = [rule for rule in chain.rules if rule in known]
        if not strange and sorted(rest) == sorted(known) and tuple(rest) != known:
            found.append(f"the order of the rules in chain {chain.name}")
        found += [
            f"the doubled rule '{_nft_words.of_rule(rule)}' in chain {chain.name}"
            for rule in sorted(set(rest))
            if rest.count(rule) > 1
        ]
    for chain in wanted.chains:
        there = table.chain(chain.name)
        lacking = [rule for rule in chain.rules if there is None or rule not in there.rules]
        found += [f"the missing rule '{_nft_words.of_rule(rule)}' in chain {chain.name}" for rule in lacking]
    return tuple(found)


def _entry(chain: str, rule: str) -> _nat_entries.Entry | _nat_rules.Hairpin | None:
    """The entry that makes exactly this rule, or None."""
    try:
        candidate = _candidate(chain, _read(json.loads(rule)["expr"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return candidate if candidate is not None and (chain, rule) in _nat_rules.rules_of(candidate) else None


def _read(statements: list[_nat_statements.Statement]) -> Found:
    """Read what the statements are about. Whether they are exactly ours is checked by making the rule again."""
    found: Found = {}
    for statement in statements:
        ((name, body),) = statement.items()
        if name != "match":
            found[name] = body
            continue
        ((kind, key),) = body["left"].items()
        if kind == "payload" and key["field"] == "dport":
            found["protocol"], found["port"] = key["protocol"], body["right"]
        elif kind == "payload":
            found[key["field"] + ("!" if body["op"] == "!=" else "")] = _network(body["right"])
        elif kind == "meta" and key["key"] == "nfproto":
            found["nfproto"] = "::/0" if body["right"] == "ipv6" else "0.0.0.0/0"
        elif kind == "meta":
            found[key["key"]] = f"{body['right'][:-2]}*" if body["right"].endswith("\\*") else body["right"]
        elif kind != "fib":
            found[key["key"]] = body["right"]
    return found


def _network(value: t.Any) -> str:
    if isinstance(value, str):
        return f"{value}/{128 if ':' in value else 32}"
    return f"{value['prefix']['addr']}/{value['prefix']['len']}"


def _candidate(chain: str, found: Found) -> _nat_entries.Entry | _nat_rules.Hairpin | None:
    source, destination = found.get("saddr") or found.get("iifname"), found.get("daddr") or found.get("oifname")
    if chain == "forward":
        if "nfproto" in found:  # it does not say of which side; both make the same rule
            source, destination = (found["nfproto"], destination) if source is None else (source, found["nfproto"])
        return _nat_entries.Forward(source, destination, "accept" in found)
    if "dnat" in found:
        return _leading(found, found["dnat"])
    if "status" in found:  # or it is what a port on localhost needs, which is known by its rule in output
        return (
            _nat_rules.Hairpin(found["saddr"], found["daddr"].split("/")[0], found.get("protocol"), found.get("port"))
            if found["saddr"] != _nat_rules.LOCALHOST
            else None
        )
    source = source or found.get("nfproto")
    if "snat" in found:
        one_to_one = not {"oifname", "daddr!"} & set(found)
        to = found["snat"]["addr"]
        return (
            _nat_entries.Floating(to, found["saddr"].split("/")[0])
            if one_to_one
            else _nat_entries.SourceNat(source, found.get("oifname"), to)
        )
    return _nat_entries.Masquerade(source, found.get("oifname")) if "masquerade" in found else None


def _leading(found: Found, target: dict[str, t.Any]) -> _nat_entries.Publish | _nat_entries.Floating:
    address = found["daddr"].split("/")[0] if "daddr" in found else None
    if "port" in found:
        localhost = found.get("daddr") == _nat_rules.LOCALHOST
        return _nat_entries.Publish(
            found["protocol"], None if localhost else address, found["port"], target["addr"], target["port"], localhost
        )
    return _nat_entries.Floating(str(address), target["addr"])
