# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Convert the entries of netns_nat to rules of nftables (libnftables-json(5)), and back.

Only statements are used that every release of nft returns as they were given, so that rules that are read can be
compared as data.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.nat import _nat_entries, _nat_statements
from ansible_collections.netloom.linux.plugins.module_utils._model import _nft

# Chain -> (type, priority); each chain has its hook's name. Priorities: nft(8), 'dstnat' and 'srcnat'.
CHAINS = {
    "prerouting": ("nat", -100),
    "output": ("nat", -100),
    "postrouting": ("nat", 100),
    "forward": ("filter", 0),
    "input": ("filter", 0),
}
LOCALHOST = "127.0.0.0/8"
LISTS: tuple[tuple[str, type[_nat_entries.Entry]], ...] = (
    ("masquerade", _nat_entries.Masquerade),
    ("source_nat", _nat_entries.SourceNat),
    ("publish", _nat_entries.Publish),
    ("floating", _nat_entries.Floating),
    ("forward", _nat_entries.Forward),
)


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


Rules = tuple[tuple[str, str], ...]  # (chain, text)


def rules_of(entry: _nat_entries.Entry | Hairpin) -> Rules:
    """The rules of one entry."""
    if isinstance(entry, _nat_entries.Publish):
        return _of_publish(entry)
    if isinstance(entry, _nat_entries.Floating):
        return _of_floating(entry)
    if isinstance(entry, Hairpin):
        # Without a new source the target would answer its neighbour directly, who expects the answer from the published
        # address.
        statements = [
            _nat_statements.address("saddr", entry.network),
            _nat_statements.address("daddr", entry.to_address),
            *_nat_statements.port(entry.protocol, entry.to_port),
            _nat_statements.match({"ct": {"key": "status"}}, "dnat", "in"),
            {"masquerade": None},
        ]
        return (("postrouting", _nat_statements.rule(statements)),)
    if isinstance(entry, _nat_entries.Forward):
        # Packets of the direction in which a connection began: answers to what the other side began pass.
        statements = [
            *([_nat_statements.place("i", entry.origin)] if entry.origin else []),
            *([_nat_statements.place("o", entry.to)] if entry.to else []),
            _nat_statements.match({"ct": {"key": "direction"}}, "original"),
            {"accept" if entry.allow else "drop": None},
        ]
        return (("forward", _nat_statements.rule(statements)),)
    return _of_new_source(entry)


def _of_publish(entry: _nat_entries.Publish) -> Rules:
    port = {} if entry.to_port is None else {"port": entry.to_port}
    family = _nft.FAMILIES[entry.family or 4]
    led: _nat_statements.Statement = {"dnat": {"family": family, "addr": entry.to_address, **port}}
    rule = _nat_statements.rule([*_nat_statements.published(entry), led])
    return (("prerouting", rule), ("output", rule), *(_on_localhost(entry, led) if entry.localhost else ()))


def _of_floating(entry: _nat_entries.Floating) -> Rules:
    family = _nft.FAMILIES[entry.family or 4]
    inwards = _nat_statements.rule(
        [_nat_statements.address("daddr", entry.address), {"dnat": {"family": family, "addr": entry.to_address}}]
    )
    outwards = _nat_statements.rule(
        [_nat_statements.address("saddr", entry.to_address), {"snat": {"family": family, "addr": entry.address}}]
    )
    return (("prerouting", inwards), ("output", inwards), ("postrouting", outwards))


def _of_new_source(entry: _nat_entries.Masquerade | _nat_entries.SourceNat) -> Rules:
    statements = [_nat_statements.place("i", entry.source)] if entry.source else []
    if entry.out_interface:
        statements.append(_nat_statements.link("o", entry.out_interface))
    elif entry.source:  # among themselves they keep their addresses
        statements.append(_nat_statements.address("daddr", entry.source, "!="))
    if isinstance(entry, _nat_entries.SourceNat):
        statements.append({"snat": {"family": _nft.FAMILIES[entry.family or 4], "addr": entry.to}})
    else:
        statements.append({"masquerade": None})
    return (("postrouting", _nat_statements.rule(statements)),)


def _on_localhost(entry: _nat_entries.Publish, led: _nat_statements.Statement) -> tuple[tuple[str, str], ...]:
    """The rules for the loopback addresses. From 127.0.0.1 nobody could be answered, so packets to the target get the
    address of the link.
    """
    inwards = [_nat_statements.address("daddr", LOCALHOST), *_nat_statements.port(entry.protocol, entry.port), led]
    outwards = [
        _nat_statements.address("saddr", LOCALHOST),
        _nat_statements.address("daddr", entry.to_address),
        *_nat_statements.port(entry.protocol, entry.to_port),
    ]
    return (
        ("output", _nat_statements.rule(inwards)),
        (
            "postrouting",
            _nat_statements.rule(
                [*outwards, _nat_statements.match({"ct": {"key": "status"}}, "dnat", "in"), {"masquerade": None}]
            ),
        ),
    )


def _guard() -> str:
    """The rule that protects the host's own listeners: neighbours could send packets with loopback addresses to them.
    Answers are let in.
    """
    return _nat_statements.rule(
        [
            _nat_statements.match({"meta": {"key": "iifname"}}, "lo", "!="),
            _nat_statements.address("daddr", LOCALHOST),
            _nat_statements.match({"ct": {"key": "direction"}}, "original"),
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
        for name, rule in rules_of(entry):
            rules.setdefault(name, []).append(rule)
    if any(entry.localhost for entry in declared.publish):
        rules["input"] = [_guard()]
    return _nft.NftTable(tuple(chain(name, rules[name]) for name in sorted(rules)))


def chain(name: str, rules: t.Iterable[str]) -> _nft.NftChain:
    """A chain as we create it, with these rules."""
    kind, priority = CHAINS[name]
    return _nft.NftChain(name, kind, name, priority, "accept", tuple(rules))


# --- to rules ---


# --- and back ---


def accept_rule(field: str, network: str) -> str:
    """A rule for a chain of iptables' filter."""
    return _nat_statements.rule([_nat_statements.address(field, network), {"accept": None}])
