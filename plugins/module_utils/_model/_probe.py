# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes of reachability as data: resolved against a snapshot, judged by their outcome. _probe_options reads them from
options.
"""

from __future__ import annotations

import dataclasses
import functools
import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _errors,
    _lease,
    _snapshot,
    _values,
    _words,
)

PROTOCOLS = ("icmp", "tcp", "udp", "arp", "ethernet", "route", "dhcp", "dns")
TOO_LARGE = "the packet is larger than the MTU of the link it leaves by"
EXPECTATIONS = ("reachable", "unreachable")
INCONCLUSIVE = "inconclusive"
# What the packets of these do, beside arriving: they leave by a route, and meet routers.
ROUTED = ("icmp", "tcp", "udp", "dns", "route")
# Nothing is sent for these: the kernel's routes and the clients' records are asked.
SILENT = ("route", "dhcp")
SHOULD = {
    "route": ("there should be one", "there should be none"),
    "dhcp": ("it should have a lease from there", "it should have none from there"),
    "dns": ("it should know an address", "it should know none"),
}


def name_of(ns: _snapshot.NsKey) -> str:
    """A namespace in sentences."""
    return ns or "the host"


@dataclasses.dataclass(frozen=True)
class Probe:
    """One question. ``target`` is a namespace's name, or None with a literal ``address``."""

    path: str  # 'probes[3]'
    source: _snapshot.NsKey
    target: _snapshot.NsKey
    address: str | None
    protocol: str
    port: int | None
    reachable: bool
    answered_by: _snapshot.NsKey = None
    listen: bool = False  # answer ourselves if nobody else does
    listen_in: _snapshot.NsKey = None
    listen_port: int | None = None
    size: int | None = None  # of the packet, with its IP header
    via: str | None = None
    hops: tuple[str, ...] | None = None
    interface: str | None = None
    range: tuple[_values.Address, _values.Address] | None = None
    answered_by_mac: str | None = None
    host: str | None = None  # the other host that the target is on; for tcp and udp its listeners answer
    name: str | None = None  # what a server is asked for
    answers: tuple[str, ...] | None = None  # the addresses that it has to tell

    @property
    def to(self) -> str:
        """The target as the user wrote it."""
        return self.target or str(self.address)

    @property
    def version(self) -> int:
        """4 or 6."""
        return 6 if ":" in str(self.address) else 4

    @property
    def responder(self) -> _snapshot.NsKey:
        """The namespace in which the module itself may answer."""
        return self.listen_in or self.target

    def sentence(self) -> str:
        """The probe in words: 'red -> 10.0.0.2 (icmp)'."""
        name = f" {self.name}" if self.name else ""
        port = f" port {self.port}" if self.port and not name else ""
        size = f", {self.size} bytes" if self.size else ""
        host = f" on {self.host}" if self.host else ""
        return f"{name_of(self.source)} -> {self.to}{host} ({self.protocol}{name}{port}{size})"


@dataclasses.dataclass(frozen=True)
class Way:
    """What the kernel says of the way from a namespace to an address. ``problem``: a key of WHY_NOT, or the kernel's
    words.
    """

    problem: str = ""
    type: str = "unicast"
    gateway: str | None = None
    device: str | None = None
    source: str | None = None

    def sentence(self) -> str:
        """The way in words: 'by eth0 through 10.0.0.254'."""
        return f"by {self.device}" + (f" through {self.gateway}" if self.gateway else "")

    def report(self) -> dict[str, str]:
        """The way as the result shows it."""
        return {
            key: value
            for key, value in (("gateway", self.gateway), ("device", self.device), ("source", self.source))
            if value
        }


WHY_NOT = {
    "none": "no route to it",
    "unreachable": "a route of type unreachable leads there",
    "prohibit": "a route of type prohibit leads there",
    "blackhole": "a route of type blackhole leads there",
}


@dataclasses.dataclass
class Outcome:
    """The result of a probe. ``rtt`` in milliseconds."""

    probe: Probe
    seen: bool = False
    rtt: float | None = None
    reason: str = ""
    unproven: str = ""  # the reason if silence proves nothing
    macs: list[str] = dataclasses.field(default_factory=list)
    holders: list[str] = dataclasses.field(default_factory=list)  # the namespaces that these MACs belong to
    strangers: list[str] = dataclasses.field(default_factory=list)  # the MACs that belong to no namespace
    way: Way | None = None
    heard: dict[int, str] = dataclasses.field(default_factory=dict)  # hops: how far -> the router there
    lease: tuple[str, _lease.Lease] | None = None  # interface and lease
    told: list[str] = dataclasses.field(default_factory=list)  # the addresses that a server told
    causes: list[str] = dataclasses.field(default_factory=list)

    def answer(self, rtt: float) -> None:
        """Note that something arrived. Only the first answer counts."""
        if not self.seen:
            self.seen, self.rtt = True, round(rtt * 1000, 3)

    @property
    def hops(self) -> list[str]:
        """The routers on the way; '*' for one that kept silent."""
        return [self.heard.get(ttl, "*") for ttl in range(1, max(self.heard, default=0) + 1)]

    @property
    def inconclusive(self) -> bool:
        """Whether the probe could not be made, so that it proves nothing."""
        return bool(self.unproven) and not self.seen

    @property
    def server(self) -> str | None:
        """The DHCP server whose lease was found. It is then asked whether it alone has its address."""
        return self.lease[1].server if self.lease is not None and self.seen and self.probe.reachable else None

    @property
    def answerers(self) -> list[str]:
        """The hosts that claim to have the address, each with its MAC address if its namespace is not known."""
        return [*self.holders, *self.strangers]

    def surprise(self) -> str | None:
        """What is not as expected, as a sentence."""
        probe = self.probe
        should, should_not = SHOULD.get(probe.protocol, ("it should be reachable", "it should be unreachable"))
        if self.inconclusive:
            return f"{probe.sentence()}: could not be probed: {self.unproven}."
        if probe.reachable and not self.seen:
            return f"{probe.sentence()}: {self.reason or 'no answer'}, though {should}."
        if not probe.reachable and self.seen:
            what = {"ethernet": "a frame arrived", "route": "there is a route", "dhcp": "it has a lease"}.get(
                probe.protocol, f"it answered {', '.join(self.told)}".rstrip()
            )
            return f"{probe.sentence()}: {what}, though {should_not}."
        if probe.answered_by is not None and self.answerers != [probe.answered_by]:
            who = ", ".join(self.answerers) or "nobody known"
            return f"{probe.sentence()}: answered by {who} ({', '.join(self.macs)}), not by {probe.answered_by} alone."
        return self._stranger() or self._several() or self._other_way() or self._other_answer()

    def _other_answer(self) -> str | None:
        wanted = self.probe.answers
        if wanted is None or not self.seen or sorted(self.told) == sorted(wanted):
            return None
        return (
            f"{self.probe.sentence()}: the answer is {', '.join(self.told)}, though it should be {', '.join(wanted)}."
        )

    def _stranger(self) -> str | None:
        """The sentence about an address that another MAC address answers for."""
        wanted = self.probe.answered_by_mac
        if wanted is None or not self.seen or self.macs == [wanted]:
            return None
        who = ", ".join(self.macs) or "nobody"
        return f"{self.probe.sentence()}: answered by {who}, not by {wanted} alone."

    def _several(self) -> str | None:
        """The sentence about an address that several hosts have. A host that answers through two of its own links
        counts once.
        """
        if len(self.macs) < 2 or len(self.answerers) < 2:
            return None
        what = "it" if self.lease is None else f"the server's address {self.lease[1].server}"
        return (
            f"{self.probe.sentence()}: {what} is there {len(self.answerers)} times: {', '.join(self.answerers)} answer"
            f" ({', '.join(self.macs)})."
        )

    def _other_way(self) -> str | None:
        probe = self.probe
        if probe.via is not None and self.way is not None and probe.via not in (self.way.gateway, self.way.device):
            why = WHY_NOT.get(self.way.problem, self.way.problem)
            return (
                f"{probe.sentence()}: {why or 'its packets leave ' + self.way.sentence()}, though they should leave by"
                f" {probe.via}."
            )
        if probe.hops is not None and self.seen and tuple(self.hops) != probe.hops:
            seen, wanted = (" -> ".join(hops) or "no router" for hops in (self.hops, probe.hops))
            return f"{probe.sentence()}: on the way it met {seen}, though it should meet {wanted}."
        return None

    def report(self) -> dict[str, t.Any]:
        """The probe in the shape of the options, with what was seen."""
        probe = self.probe
        shown = {
            "from": probe.source,
            "to": probe.to,
            "address": probe.address,
            "protocol": probe.protocol,
            "port": probe.port,
            "expect": EXPECTATIONS[0 if probe.reachable else 1],
            "seen": INCONCLUSIVE if self.inconclusive else EXPECTATIONS[0 if self.seen else 1],
            "rtt": self.rtt,
            "answered_by": (self.holders or self.macs) if probe.protocol == "arp" else None,
            "answered_by_macs": self.macs if probe.protocol == "arp" or probe.answered_by_mac else None,
            "host": probe.host,
            "route": self.way.report() if self.way else None,
            "hops": self.hops if probe.hops is not None else None,
            "lease": self.lease[1].brief(self.lease[0]) if self.lease else None,
            "name": probe.name,
            "answers": self.told or None,
            "reason": None if self.seen else self.unproven or self.reason or None,
            "causes": self.causes or None,
            "as_expected": self.surprise() is None,
        }
        return {key: value for key, value in shown.items() if value is not None or key == "from"}


def namespaces(probes: t.Iterable[Probe]) -> set[_snapshot.NsKey]:
    """The namespaces that have to be read. The host is always one of them."""
    return {None} | {
        name for probe in probes for name in (probe.source, probe.target, probe.answered_by, probe.listen_in)
    }


def resolve(probes: t.Iterable[Probe], snapshot: _snapshot.Snapshot) -> list[Probe]:
    """Fill in the addresses of namespaces. Raises Missing for a namespace that is not there."""
    known: dict[_snapshot.NsKey, list[_values.Interface]] = {}
    return [_resolve(probe, snapshot, known) for probe in probes]


def _resolve(
    probe: Probe, snapshot: _snapshot.Snapshot, known: dict[_snapshot.NsKey, list[_values.Interface]]
) -> Probe:
    for option, name in (
        ("from", probe.source),
        ("to", probe.target),
        ("answered_by", probe.answered_by),
        ("listen_in", probe.listen_in),
    ):
        if not snapshot.has(name):
            neither = ", and it is not an IP address" if option == "to" else ""
            raise _errors.Missing(
                f"{probe.path}.{option}: there is no namespace '{name}'{neither}. Create it with netloom.linux.netns"
                f" first.{_words.meant(str(name), snapshot.spaces())}"
            )
    if probe.target is None or probe.protocol in ("ethernet", "dhcp"):
        return probe
    for name in (probe.source, probe.target):
        if name not in known:
            known[name] = addresses_of(snapshot.namespaces[name])
    return dataclasses.replace(
        probe, address=_address_of(known[probe.target], known[probe.source], probe.protocol == "arp")
    )


@functools.cache
def interface(cidr: str) -> _values.Interface:
    """Parse a CIDR, once: a matrix asks for the same ones again and again."""
    return ipaddress.ip_interface(cidr)


def addresses_of(ns: _snapshot.Namespace) -> list[_values.Interface]:
    """The addresses by which others can reach a namespace."""
    return [
        interface(address.cidr)
        for link in ns.links.values()
        if link.name != "lo"
        for address in link.addresses
        if not (address.link_local or address.tentative or address.cidr.startswith("fe80:"))
    ]


def _address_of(target: list[_values.Interface], source: list[_values.Interface], only_v4: bool) -> str | None:
    """The target's address in a subnet of the source, else its first; IPv4 before IPv6."""
    found = sorted(
        (address for address in target if address.version == 4 or not only_v4), key=lambda address: address.version
    )
    near = [address for address in found if any(address.ip in one.network for one in source)]
    chosen = next(iter(near or found), None)
    return str(chosen.ip) if chosen else None


def small_ping(probe: Probe) -> Probe:
    """The same probe as a small echo request."""
    return Probe(probe.path, probe.source, None, probe.address, "icmp", None, True)


def who_has(probe: Probe, address: str) -> Probe:
    """The question by ARP who has an address on the probe's link."""
    return Probe(probe.path, probe.source, None, address, "arp", None, True)


def device_for(ns: _snapshot.Namespace, address: str) -> tuple[_snapshot.Link, str] | None:
    """The link on whose subnet an address lies, and the link's own address there."""
    wanted = ipaddress.ip_address(address)
    for link in ns.links.values():
        for own in link.addresses:
            parsed = interface(own.cidr)
            if wanted in parsed.network:
                return link, str(parsed.ip)
    return None


def ethernet_links(ns: _snapshot.Namespace) -> list[_snapshot.Link]:
    """The links through which Ethernet frames can leave."""
    return [link for link in ns.links.values() if link.up and link.mac and link.name != "lo" and link.index]


def holders_of(mac: str, snapshot: _snapshot.Snapshot) -> list[str]:
    """The namespaces with a link of this MAC address. The host is ''."""
    return sorted(
        key or "" for key, ns in snapshot.namespaces.items() if any(link.mac == mac for link in ns.links.values())
    )
