# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Convert the entries of netns_nat to rules of nftables (libnftables-json(5)), and back.

Only statements are used that every release of nft returns as they were given, so that rules that are read can be
compared as data.
"""

from __future__ import annotations

import dataclasses
import json
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.nat import _nat_entries
from ansible_collections.netloom.linux.plugins.module_utils._model import _nft, _nft_words

# Chain -> (type, priority); each chain has its hook's name. Priorities: nft(8), 'dstnat' and 'srcnat'.
CHAINS = {
    "prerouting": ("nat", -100),
    "output": ("nat", -100),
    "postrouting": ("nat", 100),
    "forward": ("filter", 0),
    "input": ("filter", 0),
}
LOOPBACK: dict[int, t.Any] = {4: {"prefix": {"addr": "127.0.0.0", "len": 8}}, 6: "::1"}
LOCALHOST = "127.0.0.0/8"
LISTS: tuple[tuple[str, type[_nat_entries.Entry]], ...] = (
    ("masquerade", _nat_entries.Masquerade),
    ("source_nat", _nat_entries.SourceNat),
    ("publish", _nat_entries.Publish),
    ("floating", _nat_entries.Floating),
    ("forward", _nat_entries.Forward),
)
Statement = dict[str, t.Any]
Found = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Hairpin:
    """Members of this network may reach the port that one of them publishes, or the member for which a floating address
    stands.
    """

    network: str
    to_address: str
    protocol: str | None = None
    to_port: int | None = None

    @classmethod
    def to(cls, entry: _nat_entries.Publish | _nat_entries.Floating, network: str) -> Hairpin:
        """The hairpin that lets members of the network use the entry."""
        if isinstance(entry, _nat_entries.Floating) or entry.to_port is None:
            return cls(network, entry.to_address)
        return cls(network, entry.to_address, entry.protocol, entry.to_port)

    @property
    def target(self) -> str:
        """The target: 'tcp 10.0.0.2 port 80', or '10.0.0.2' for a floating address."""
        return self.to_address if self.protocol is None else f"{self.protocol} {self.to_address} port {self.to_port}"

    def text(self) -> str:
        """The hairpin in sentences."""
        return f"hairpin from {self.network} to {self.target}"


@dataclasses.dataclass(frozen=True)
class Declared:
    """All entries of one table."""

    masquerade: tuple[_nat_entries.Masquerade, ...] = ()
    source_nat: tuple[_nat_entries.SourceNat, ...] = ()
    publish: tuple[_nat_entries.Publish, ...] = ()
    floating: tuple[_nat_entries.Floating, ...] = ()
    forward: tuple[_nat_entries.Forward, ...] = ()
    hairpins: tuple[Hairpin, ...] = ()

    @property
    def entries(self) -> tuple[_nat_entries.Entry | Hairpin, ...]:
        """All entries, in the order of the options."""
        return (*self.masquerade, *self.source_nat, *self.publish, *self.floating, *self.forward, *self.hairpins)

    @property
    def translated(self) -> tuple[_nat_entries.Masquerade | _nat_entries.SourceNat, ...]:
        """The entries that change the source address."""
        return (*self.masquerade, *self.source_nat)

    @property
    def six(self) -> bool:
        """Whether any entry is certainly about IPv6."""
        return any(entry.family == 6 for entry in self.entries if not isinstance(entry, Hairpin))


def rules_of(entry: _nat_entries.Entry | Hairpin) -> tuple[tuple[str, str], ...]:
    """The rules of one entry, as (chain, text)."""
    if isinstance(entry, _nat_entries.Publish):
        port = {} if entry.to_port is None else {"port": entry.to_port}
        led: Statement = {"dnat": {"family": _nft.FAMILIES[entry.family or 4], "addr": entry.to_address, **port}}
        rule = _rule([*_published(entry), led])
        return (("prerouting", rule), ("output", rule), *(_on_localhost(entry, led) if entry.localhost else ()))
    if isinstance(entry, _nat_entries.Floating):
        family = _nft.FAMILIES[entry.family or 4]
        inwards = _rule([_address("daddr", entry.address), {"dnat": {"family": family, "addr": entry.to_address}}])
        outwards = _rule([_address("saddr", entry.to_address), {"snat": {"family": family, "addr": entry.address}}])
        return (("prerouting", inwards), ("output", inwards), ("postrouting", outwards))
    if isinstance(entry, Hairpin):
        # Without a new source the target would answer its neighbour directly, who expects the answer from the published
        # address.
        statements = [
            _address("saddr", entry.network),
            _address("daddr", entry.to_address),
            *_port(entry.protocol, entry.to_port),
            _match({"ct": {"key": "status"}}, "dnat", "in"),
            {"masquerade": None},
        ]
        return (("postrouting", _rule(statements)),)
    if isinstance(entry, _nat_entries.Forward):
        # Packets of the direction in which a connection began: answers to what the other side began pass.
        statements = [
            *([_place("i", entry.origin)] if entry.origin else []),
            *([_place("o", entry.to)] if entry.to else []),
            _match({"ct": {"key": "direction"}}, "original"),
            {"accept" if entry.allow else "drop": None},
        ]
        return (("forward", _rule(statements)),)
    statements = [_place("i", entry.source)] if entry.source else []
    if entry.out_interface:
        statements.append(_place("o", entry.out_interface))
    elif entry.source:
        statements.append(_address("daddr", entry.source, "!="))  # among themselves they keep their addresses
    if isinstance(entry, _nat_entries.SourceNat):
        statements.append({"snat": {"family": _nft.FAMILIES[entry.family or 4], "addr": entry.to}})
    else:
        statements.append({"masquerade": None})
    return (("postrouting", _rule(statements)),)


def _on_localhost(entry: _nat_entries.Publish, led: Statement) -> tuple[tuple[str, str], ...]:
    """The rules for the loopback addresses. From 127.0.0.1 nobody could be answered, so packets to the target get the
    address of the link.
    """
    inwards = [_address("daddr", LOCALHOST), *_port(entry.protocol, entry.port), led]
    outwards = [
        _address("saddr", LOCALHOST),
        _address("daddr", entry.to_address),
        *_port(entry.protocol, entry.to_port),
    ]
    return (
        ("output", _rule(inwards)),
        ("postrouting", _rule([*outwards, _match({"ct": {"key": "status"}}, "dnat", "in"), {"masquerade": None}])),
    )


def _guard() -> str:
    """The rule that protects the host's own listeners: neighbours could send packets with loopback addresses to them.
    Answers are let in.
    """
    return _rule(
        [
            _match({"meta": {"key": "iifname"}}, "lo", "!="),
            _address("daddr", LOCALHOST),
            _match({"ct": {"key": "direction"}}, "original"),
            {"drop": None},
        ]
    )


def table_for(declared: Declared) -> _nft.NftTable:
    """The whole table. Hairpins are first, then the more specific entries."""
    rules: dict[str, list[str]] = {}
    ordered: tuple[_nat_entries.Entry | Hairpin, ...] = (
        *declared.hairpins,
        *declared.floating,
        *declared.source_nat,
        *declared.masquerade,
        *declared.publish,
        *declared.forward,
    )
    for entry in ordered:
        for chain, rule in rules_of(entry):
            rules.setdefault(chain, []).append(rule)
    if any(entry.localhost for entry in declared.publish):
        rules["input"] = [_guard()]
    return _nft.NftTable(tuple(_chain(name, rules[name]) for name in sorted(rules)))


def _chain(name: str, rules: t.Iterable[str]) -> _nft.NftChain:
    kind, priority = CHAINS[name]
    return _nft.NftChain(name, kind, name, priority, "accept", tuple(rules))


def declared_in(table: _nft.NftTable) -> Declared:
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
    return Declared(
        *(
            tuple(found.get(kind, ()))
            for kind in (
                _nat_entries.Masquerade,
                _nat_entries.SourceNat,
                _nat_entries.Publish,
                _nat_entries.Floating,
                _nat_entries.Forward,
                Hairpin,
            )
        )
    )


def foreign_in(table: _nft.NftTable) -> tuple[str, ...]:
    """The differences between the table and what its entries make: rules that are added or missing, and have to be
    corrected.
    """
    wanted = table_for(declared_in(table))
    found = [f"the foreign {_nft_words.of_object(one)}" for one in table.others]
    if table.flags:
        found.append(f"the flag {table.flags} of the table")
    for chain in table.chains:
        expected = wanted.chain(chain.name)
        known = expected.rules if expected else ()
        if chain.name not in CHAINS:
            found.append(f"the foreign chain {chain.name}")
        elif dataclasses.replace(chain, rules=()) != _chain(chain.name, ()):
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


# --- to rules ---


def _rule(statements: list[Statement]) -> str:
    return _nft.text_of({"expr": statements})


def _match(left: t.Any, right: t.Any, op: str = "==") -> Statement:
    return {"match": {"op": op, "left": left, "right": right}}


def _value(network: str) -> t.Any:
    """An address or network. nft returns a network with one address as the address."""
    address, _slash, length = network.partition("/")
    whole = "128" if ":" in address else "32"
    return address if length in ("", whole) else {"prefix": {"addr": address, "len": int(length)}}


def _address(field: str, network: str, op: str = "==") -> Statement:
    if network in _nat_entries.EVERYTHING:
        return _match({"meta": {"key": "nfproto"}}, "ipv6" if ":" in network else "ipv4")
    return _match(
        {"payload": {"protocol": _nft.FAMILIES[6 if ":" in network else 4], "field": field}}, _value(network), op
    )


def _place(side: str, value: str) -> Statement:
    """The source (side 'i') or destination ('o') of packets: a network, or a link by its name, which need not exist
    yet.
    """
    if _nat_entries.is_network(value):
        return _address("saddr" if side == "i" else "daddr", value)
    # To nft '*' at the end of a name means all that begin so.
    return _match({"meta": {"key": f"{side}ifname"}}, f"{value[:-1]}\\*" if value.endswith("*") else value)


def _port(protocol: str | None, port: int | None) -> list[Statement]:
    """A port. Empty if all ports are meant."""
    return [] if port is None else [_match({"payload": {"protocol": protocol, "field": "dport"}}, port)]


def _published(entry: _nat_entries.Publish) -> list[Statement]:
    if entry.address is not None:
        return [_address("daddr", entry.address), *_port(entry.protocol, entry.port)]
    # Any address of the host but the loopback ones, from which no packet could leave by another link.
    family = entry.family or 4
    here = _match({"payload": {"protocol": _nft.FAMILIES[family], "field": "daddr"}}, LOOPBACK[family], "!=")
    return [here, _match({"fib": {"result": "type", "flags": "daddr"}}, "local"), *_port(entry.protocol, entry.port)]


# --- and back ---


def _entry(chain: str, rule: str) -> _nat_entries.Entry | Hairpin | None:
    """The entry that makes exactly this rule, or None."""
    try:
        candidate = _candidate(chain, _read(json.loads(rule)["expr"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return candidate if candidate is not None and (chain, rule) in rules_of(candidate) else None


def _read(statements: list[Statement]) -> Found:
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


def _candidate(chain: str, found: Found) -> _nat_entries.Entry | Hairpin | None:
    source, destination = found.get("saddr") or found.get("iifname"), found.get("daddr") or found.get("oifname")
    if chain == "forward":
        if "nfproto" in found:  # it does not say of which side; both make the same rule
            source, destination = (found["nfproto"], destination) if source is None else (source, found["nfproto"])
        return _nat_entries.Forward(source, destination, "accept" in found)
    if "dnat" in found:
        return _leading(found, found["dnat"])
    if "status" in found:  # or it is what a port on localhost needs, which is known by its rule in output
        return (
            Hairpin(found["saddr"], found["daddr"].split("/")[0], found.get("protocol"), found.get("port"))
            if found["saddr"] != LOCALHOST
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
        localhost = found.get("daddr") == LOCALHOST
        return _nat_entries.Publish(
            found["protocol"], None if localhost else address, found["port"], target["addr"], target["port"], localhost
        )
    return _nat_entries.Floating(str(address), target["addr"])


def accept_rule(field: str, network: str) -> str:
    """A rule for a chain of iptables' filter."""
    return _rule([_address(field, network), {"accept": None}])
