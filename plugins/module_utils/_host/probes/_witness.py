# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host can tell about a packet that did not arrive. Each fact is read once, and only when it is needed."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import socket
import struct
import time
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._host.files import _sysctl
from ansible_collections.netloom.linux.plugins.module_utils._host.namespaces import _namespaces
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink import _message, _netlink, _route_data, _rtnl
from ansible_collections.netloom.linux.plugins.module_utils._host.nft import _nfnetlink, _nftables
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _evidence, _nft, _probe, _snapshot

# linux/rtnetlink.h
RTM_GETLINK, RTM_GETROUTE, RTM_GETNEIGH = 18, 26, 30
RTA_DST, RTA_SRC, RTA_IIF = 1, 2, 3
# What the lookup returns for each type of route (fib_props[] in net/ipv4/fib_semantics.c).
PROBLEMS = {
    errno.ENETUNREACH: "none",
    errno.EHOSTUNREACH: "unreachable",
    errno.EACCES: "prohibit",
    errno.EINVAL: "blackhole",
}
# linux/neighbour.h
NUD_INCOMPLETE, NUD_FAILED, NUD_NOARP = 0x01, 0x20, 0x40
BR_STATES = {0: "disabled", 1: "listening", 2: "learning", 4: "blocking"}  # linux/if_bridge.h; 3 is forwarding
FILTER_HOOKS = ("input", "forward", "output")
Rule = t.Sequence[t.Mapping[str, t.Any]]
TICKS = 100  # a second has, towards programs


class Witness:
    """Reads with sockets that it borrows (one for each namespace, opened in it)."""

    def __init__(self, socket_in: t.Callable[[_snapshot.NsKey], _rtnl.Rtnl]) -> None:
        self._socket_in = socket_in
        self._began = time.monotonic()
        self.route = functools.lru_cache(maxsize=None)(self._route)
        self.neighbours = functools.lru_cache(maxsize=None)(self._neighbours)
        self.ports = functools.lru_cache(maxsize=None)(self._ports)
        self.chains = functools.lru_cache(maxsize=None)(self._chains)

    def sysctl(self, ns: _snapshot.NsKey, link: str | None, key: str) -> str | None:
        """Read a sysctl in that namespace, like _sysctl.read."""
        with _namespaces.entered(ns):
            return _sysctl.read(link, key)

    def _route(
        self, ns: _snapshot.NsKey, address: str, source: str | None = None, link: str | None = None
    ) -> _probe.Way:
        with _namespaces.entered(ns):
            names = dict(socket.if_nameindex())
        index = next((number for number, name in names.items() if name == link), 0)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        bits = 128 if ":" in address else 32
        question = _message.ROUTES.header.pack(family, bits, bits if source else 0, 0, 0, 0, 0, 0, 0)
        question += _netlink.attribute(RTA_DST, socket.inet_pton(family, address))
        if source:
            question += _netlink.attribute(RTA_SRC, socket.inet_pton(family, source))
        if index:
            question += _netlink.attribute(RTA_IIF, struct.pack("=I", index))
        try:
            return _way(self._socket_in(ns).ask(_message.ROUTES, RTM_GETROUTE, question), names)
        except OSError as error:
            return _probe.Way(PROBLEMS.get(error.errno or 0) or os.strerror(error.errno or 0))

    def _neighbours(self, ns: _snapshot.NsKey) -> dict[tuple[str, str], _evidence.Neighbour]:
        with _namespaces.entered(ns):
            names = dict(socket.if_nameindex())
        found = {}
        for message in self._socket_in(ns).dump(_message.NEIGHBOURS, RTM_GETNEIGH):
            address, device = message.get_attr("NDA_DST"), names.get(message["ifindex"])
            if address and device and not message["state"] & NUD_NOARP:
                failed = bool(message["state"] & NUD_INCOMPLETE) or (
                    bool(message["state"] & NUD_FAILED) and self._is_new(message)
                )
                found[(device, str(address))] = _evidence.Neighbour(
                    None if failed else message.get_attr("NDA_LLADDR"), failed
                )
        return found

    def _is_new(self, message: t.Any) -> bool:
        """Whether a failure is new. An old failure stays in the table until somebody asks again."""
        info = message.get_attr("NDA_CACHEINFO")
        return info is not None and info["ndm_updated"] / TICKS <= time.monotonic() - self._began

    def _ports(self, ns: _snapshot.NsKey) -> dict[str, tuple[bool, str]]:
        found = {}
        for message in self._socket_in(ns).dump(_message.LINKS, RTM_GETLINK):
            info = message.get_attr("IFLA_LINKINFO")
            if info is not None and info.get_attr("IFLA_INFO_SLAVE_KIND") == "bridge":
                data = info.get_attr("IFLA_INFO_SLAVE_DATA")
                isolated = bool(data.get_attr("IFLA_BRPORT_ISOLATED"))
                found[message.get_attr("IFLA_IFNAME")] = (
                    isolated,
                    BR_STATES.get(data.get_attr("IFLA_BRPORT_STATE"), ""),
                )
        return found

    def _chains(self, ns: _snapshot.NsKey) -> list[_evidence.Chain]:
        try:
            found = _chains_of([{kind: body} for kind, body in _nftables.ruleset(ns)]) if self._tables(ns) else []
        except _errors.HostError as error:  # what cannot be read may hold rules
            unread = _errors.quoted(error)
            found = [_evidence.Chain("inet", "", "", hook, False, False, unread=unread) for hook in FILTER_HOOKS]
        with _namespaces.entered(ns):
            return [*found, *_legacy_chains()]

    @staticmethod
    def _tables(ns: _snapshot.NsKey) -> bool:
        """Whether nft has any rules to tell."""
        return bool(_nfnetlink.tables(ns))


def _way(message: t.Any, names: t.Mapping[int, str]) -> _probe.Way:
    kind = next((name for name, number in _route_data.TYPES.items() if number == message["type"]), str(message["type"]))
    if kind in PROBLEMS.values():
        return _probe.Way(kind)
    via = message.get_attr("RTA_VIA")
    gateway = message.get_attr("RTA_GATEWAY") or (via["addr"] if via else None)
    return _probe.Way(
        "",
        kind,
        str(gateway) if gateway else None,
        names.get(message.get_attr("RTA_OIF") or 0),
        message.get_attr("RTA_PREFSRC"),
    )


def _chains_of(objects: t.Iterable[t.Mapping[str, t.Any]]) -> list[_evidence.Chain]:
    """The chains on a hook, and whether a rule of them, or of a chain that they may jump to, drops or rejects."""
    chains = [one["chain"] for one in objects if "chain" in one]
    rules: dict[tuple[str, str, str], list[Rule]] = {}
    for one in objects:
        if "rule" in one:
            rule = one["rule"]
            rules.setdefault((rule["family"], rule["table"], rule["chain"]), []).append(rule.get("expr", ()))
    return [
        _chain_of(one, list(_reached(rules, one["family"], one["table"], one["name"], set())))
        for one in chains
        if "hook" in one
    ]


def _chain_of(chain: t.Mapping[str, t.Any], reached: t.Sequence[Rule]) -> _evidence.Chain:
    refuses = any("drop" in expression or "reject" in expression for rule in reached for expression in rule)
    translations = tuple(_translations(reached)) if chain["hook"] == "postrouting" else ()
    return _evidence.Chain(
        chain["family"],
        chain["table"],
        chain["name"],
        chain["hook"],
        chain.get("policy") == "drop",
        refuses,
        translations=translations,
    )


def _legacy_chains() -> t.Iterator[_evidence.Chain]:
    """The chains of iptables-legacy. x_tables says in /proc which tables are used in a namespace, and nft does not show
    them.
    """
    for family in _nft.FAMILIES.values():
        with (
            contextlib.suppress(OSError),
            open(f"/proc/thread-self/net/{family}_tables_names", encoding="ascii") as handle,
        ):
            names = handle.read().split()
            if "filter" in names:
                yield from (
                    _evidence.Chain(family, "filter", hook.upper(), hook, False, False, legacy=True)
                    for hook in FILTER_HOOKS
                )
            if "nat" in names:
                yield _evidence.Chain(
                    family, "nat", "POSTROUTING", "postrouting", False, False, translations=(_evidence.Translation(),)
                )


def _reached(
    rules: t.Mapping[tuple[str, str, str], list[Rule]], family: str, table: str, chain: str, seen: set[str]
) -> t.Iterator[Rule]:
    """The rules of a chain, and of the chains that it may jump to."""
    if chain in seen:
        return
    seen.add(chain)
    for rule in rules.get((family, table, chain), ()):
        yield rule
        for expression in rule:
            further = expression.get("jump") or expression.get("goto")
            if further:
                yield from _reached(rules, family, table, further["target"], seen)


def _translations(rules: t.Iterable[Rule]) -> t.Iterator[_evidence.Translation]:
    """The rules that change source addresses. A match that is not understood may apply."""
    for rule in rules:
        if not any(
            "masquerade" in one or "snat" in one or (one.get("xt") or {}).get("name") in ("MASQUERADE", "SNAT")
            for one in rule
        ):
            continue
        source = device = None
        for match in [one["match"] for one in rule if "match" in one and one["match"]["op"] == "=="]:
            left, right = match["left"], match["right"]
            if (left.get("payload") or {}).get("field") == "saddr":
                source = (
                    f"{right['prefix']['addr']}/{right['prefix']['len']}"
                    if "prefix" in right
                    else right
                    if isinstance(right, str)
                    else None
                )
            elif (
                (left.get("meta") or {}).get("key") == "oifname" and isinstance(right, str) and not right.endswith("*")
            ):
                device = right
        yield _evidence.Translation(source, device)
