# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The nftables of a namespace, as data: our own tables completely, and of iptables' filter the parts that decide on
forwarded packets.

Expressions are libnftables-json(5) in one normal text, so that two rules are equal if their texts are.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import json
import typing as t

PREFIX = "netloom_"  # our tables are of family inet and have this before their names
FAMILIES = {4: "ip", 6: "ip6"}  # nftables' names for the families
NO_KERNEL = "this kernel has no nf_tables"  # why nothing can be read there
MARK = "netloom "  # and this begins the comment of our rules in the chains of others


def table_of(name: str) -> str:
    """The name of the nftables table for a declared name."""
    return f"{PREFIX}{name}"


def text_of(expression: t.Any) -> str:
    """The normal text of a piece of JSON."""
    return json.dumps(_plain(expression), sort_keys=True)


def _plain(value: t.Any) -> t.Any:
    """A value without counters and with addresses in one form. Releases of nft differ in whether a single flag is in a
    list.
    """
    if isinstance(value, dict):
        return {key: _plain_value(key, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return _address(value) if isinstance(value, str) and ":" in value else value


def _address(text: str) -> str:
    """An address in the form of the options: glibc, which nft uses, writes the end of some IPv6 addresses as an IPv4
    address (::10.0.0.0).
    """
    try:
        return str(ipaddress.IPv6Address(text))
    except ValueError:
        return text


def _plain_value(key: str, value: t.Any) -> t.Any:
    if key == "counter" and isinstance(value, dict):
        return None
    if key == "comment":  # a text of a user
        return value
    return value[0] if key == "flags" and isinstance(value, list) and len(value) == 1 else _plain(value)


@dataclasses.dataclass(frozen=True)
class NftChain:
    """A chain with its rules in order. Without a hook, other chains can only jump to it."""

    name: str
    type: str | None = None
    hook: str | None = None
    prio: int | None = None
    policy: str | None = None
    rules: tuple[str, ...] = ()  # each the text of {"expr": [...]} and, if there is one, {"comment": ...}


@dataclasses.dataclass(frozen=True)
class NftTable:
    """A table. Chains are sorted by name. ``others`` are sets, maps and the like, which our tables never have."""

    chains: tuple[NftChain, ...] = ()
    others: tuple[str, ...] = ()
    flags: str = ""

    def chain(self, name: str) -> NftChain | None:
        """A chain by its name."""
        return next((chain for chain in self.chains if chain.name == name), None)


@dataclasses.dataclass(frozen=True)
class Accepted:
    """Our rule in a chain of iptables' filter."""

    chain: str
    name: str
    rule: str


@dataclasses.dataclass(frozen=True)
class ForwardFilter:
    """Table filter of iptables, family ip or ip6, as far as it decides on forwarded packets."""

    policy: str = "accept"
    docker_user: bool = False  # whether dockerd's chain for the rules of others is there
    accepted: tuple[Accepted, ...] = ()


@dataclasses.dataclass
class Nft:
    """nftables in one namespace. ``unreadable``: why the rest is empty; ``known``: our tables whose names the kernel
    tells all the same.
    """

    tables: dict[str, NftTable] = dataclasses.field(default_factory=dict)  # ours, by their declared names
    # 'ip', 'ip6': only where iptables made the chain
    forward: dict[str, ForwardFilter] = dataclasses.field(default_factory=dict)
    unreadable: str | None = None
    known: frozenset[str] = frozenset()

    def clone(self) -> Nft:
        """A copy whose containers can be changed."""
        return Nft(dict(self.tables), dict(self.forward), self.unreadable, self.known)
