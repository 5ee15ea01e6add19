# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Statements of nftables (libnftables-json(5)) that every release of nft returns as they were given."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.nat import _nat_entries
from ansible_collections.netloom.linux.plugins.module_utils._model import _nft

LOOPBACK: dict[int, t.Any] = {4: {"prefix": {"addr": "127.0.0.0", "len": 8}}, 6: "::1"}


Statement = dict[str, t.Any]


def rule(statements: list[Statement]) -> str:
    return _nft.text_of({"expr": statements})


def match(left: t.Any, right: t.Any, op: str = "==") -> Statement:
    return {"match": {"op": op, "left": left, "right": right}}


def _value(network: str) -> t.Any:
    """An address or network. nft returns a network with one address as the address."""
    address, _slash, length = network.partition("/")
    whole = "128" if ":" in address else "32"
    return address if length in ("", whole) else {"prefix": {"addr": address, "len": int(length)}}


def address(field: str, network: str, op: str = "==") -> Statement:
    if network in _nat_entries.EVERYTHING:
        return match({"meta": {"key": "nfproto"}}, "ipv6" if ":" in network else "ipv4")
    return match(
        {"payload": {"protocol": _nft.FAMILIES[6 if ":" in network else 4], "field": field}}, _value(network), op
    )


def place(side: str, value: str) -> Statement:
    """The source (side 'i') or destination ('o') of packets: a network, or a link by its name, which need not exist
    yet.
    """
    if _nat_entries.is_network(value):
        return address("saddr" if side == "i" else "daddr", value)
    return link(side, value)


def link(side: str, value: str) -> Statement:
    """The link by which packets come (side 'i') or leave ('o')."""
    # To nft '*' at the end of a name means all that begin so.
    return match({"meta": {"key": f"{side}ifname"}}, f"{value[:-1]}\\*" if value.endswith("*") else value)


def port(protocol: str | None, port: int | None) -> list[Statement]:
    """A port. Empty if all ports are meant."""
    return [] if port is None else [match({"payload": {"protocol": protocol, "field": "dport"}}, port)]


def published(entry: _nat_entries.Publish) -> list[Statement]:
    if entry.address is not None:
        return [address("daddr", entry.address), *port(entry.protocol, entry.port)]
    # Any address of the host but the loopback ones, from which no packet could leave by another link.
    family = entry.family or 4
    here = match({"payload": {"protocol": _nft.FAMILIES[family], "field": "daddr"}}, LOOPBACK[family], "!=")
    return [here, match({"fib": {"result": "type", "flags": "daddr"}}, "local"), *port(entry.protocol, entry.port)]
