# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes of reachability as data: read from options, resolved against a snapshot, judged by their outcome."""

from __future__ import annotations

import dataclasses
import ipaddress
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _values as values
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import BadInput, Missing
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Link, Namespace, NsKey, Snapshot

PROTOCOLS = ("icmp", "tcp", "arp", "ethernet")
EXPECTATIONS = ("reachable", "unreachable")


@dataclasses.dataclass(frozen=True)
class Probe:
    """One question. ``target`` is a namespace's name, or None with a literal ``address``."""

    path: str  # 'probes[3]'
    source: NsKey
    target: NsKey
    address: str | None
    protocol: str
    port: int | None
    reachable: bool
    answered_by: NsKey = None

    @property
    def to(self) -> str:
        """The target as the user wrote it."""
        return self.target or str(self.address)

    def sentence(self) -> str:
        """'red -> 10.0.0.2 (icmp)'."""
        port = f" port {self.port}" if self.port else ""
        return f"{self.source or 'the host'} -> {self.to} ({self.protocol}{port})"


@dataclasses.dataclass
class Outcome:
    """What came of a probe. ``rtt`` in milliseconds."""

    probe: Probe
    seen: bool = False
    rtt: float | None = None
    reason: str = ""
    macs: list[str] = dataclasses.field(default_factory=list)
    holders: list[str] = dataclasses.field(default_factory=list)  # the namespaces that these MACs belong to

    def answer(self, rtt: float) -> None:
        """Something arrived; the first counts."""
        if not self.seen:
            self.seen, self.rtt = True, round(rtt * 1000, 3)

    def surprise(self) -> str | None:
        """What is not as expected, as a sentence."""
        probe = self.probe
        if probe.reachable and not self.seen:
            return f"{probe.sentence()}: {self.reason or 'no answer'}, though it should be reachable."
        if not probe.reachable and self.seen:
            what = "a frame arrived" if probe.protocol == "ethernet" else "it answered"
            return f"{probe.sentence()}: {what}, though it should be unreachable."
        if probe.answered_by is not None and self.holders != [probe.answered_by]:
            who = ", ".join(self.holders) or "nobody known"
            return f"{probe.sentence()}: answered by {who} ({', '.join(self.macs)}), not by {probe.answered_by} alone."
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
            "seen": EXPECTATIONS[0 if self.seen else 1],
            "rtt": self.rtt,
            "answered_by": (self.holders or self.macs) if probe.protocol == "arp" else None,
            "reason": None if self.seen else self.reason or None,
            "as_expected": self.surprise() is None,
        }
        return {key: value for key, value in shown.items() if value is not None or key == "from"}


def parse(params: t.Sequence[t.Mapping[str, t.Any]]) -> list[Probe]:
    """The option ``probes`` -> probes. Raises BadInput."""
    return [_parse(one, f"probes[{index}]") for index, one in enumerate(params)]


def _parse(one: t.Mapping[str, t.Any], path: str) -> Probe:
    source, protocol, port = one.get("from"), one["protocol"], one.get("port")
    if source is not None:
        values.netns_name(source, f"{path}.from")
    literal = _address(one["to"])
    if literal is None:
        values.netns_name(one["to"], f"{path}.to")
    if port is not None:
        if protocol != "tcp":
            raise BadInput(f"{path}.port: {protocol} has no ports; leave it out, or set 'protocol: tcp'.")
        values.number(port, f"{path}.port", 1, 65535)
    elif protocol == "tcp" and literal is not None:
        raise BadInput(f"{path}.port: is missing; only for a namespace's name in 'to' can a listener be opened on a free port.")
    if protocol == "ethernet" and (source is None or literal is not None):
        raise BadInput(f"{path}.{'from' if source is None else 'to'}: an ethernet probe goes from one namespace to another, each given by its name.")
    if protocol == "arp" and literal is not None and ":" in literal:
        raise BadInput(f"{path}.to: {literal!r} is IPv6; arp asks for IPv4 addresses only.")
    if one.get("answered_by") is not None and protocol != "arp":
        raise BadInput(f"{path}.answered_by: only an answer to 'protocol: arp' tells who gave it.")
    if source is not None and source == one["to"]:
        raise BadInput(f"{path}.to: is where the probe comes from; name another namespace.")
    reachable = one["expect"] == EXPECTATIONS[0]
    target = one["to"] if literal is None else None
    return Probe(path, source, target, literal, protocol, port, reachable, one.get("answered_by"))


def _address(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None


def namespaces(probes: t.Iterable[Probe]) -> set[NsKey]:
    """The namespaces that have to be read; the host always."""
    return {None} | {name for probe in probes for name in (probe.source, probe.target, probe.answered_by)}


def resolve(probe: Probe, snapshot: Snapshot) -> Probe:
    """Fill in the address of a namespace. Raises Missing for a namespace that is not there."""
    for option, name in (("from", probe.source), ("to", probe.target), ("answered_by", probe.answered_by)):
        if not snapshot.has(name):
            raise Missing(f"{probe.path}.{option}: there is no namespace '{name}', and it is not an IP address. Create it with netloom.linux.netns first.")
    if probe.target is None or probe.protocol == "ethernet":
        return probe
    return dataclasses.replace(probe, address=_address_of(snapshot.namespaces[probe.target], snapshot.namespaces[probe.source], probe.protocol == "arp"))


def _addresses(ns: Namespace) -> list[values.Interface]:
    return [
        ipaddress.ip_interface(address.cidr)
        for link in ns.links.values()
        if link.name != "lo"
        for address in link.addresses
        if not address.link_local and not address.tentative
    ]


def _address_of(target: Namespace, source: Namespace, only_v4: bool) -> str | None:
    """The target's address in a subnet of the source, else its first; IPv4 before IPv6."""
    found = sorted((address for address in _addresses(target) if address.version == 4 or not only_v4), key=lambda address: address.version)
    near = [address for address in found if any(address.ip in one.network for one in _addresses(source))]
    chosen = next(iter(near or found), None)
    return str(chosen.ip) if chosen else None


def device_for(ns: Namespace, address: str) -> tuple[Link, str] | None:
    """The link on whose subnet an IPv4 address lies, and the link's own address there."""
    wanted = ipaddress.ip_address(address)
    for link in ns.links.values():
        for own in link.addresses:
            parsed = ipaddress.ip_interface(own.cidr)
            if wanted in parsed.network:
                return link, str(parsed.ip)
    return None


def ethernet_links(ns: Namespace) -> list[Link]:
    """The links that Ethernet frames can leave by."""
    return [link for link in ns.links.values() if link.up and link.mac and link.name != "lo" and link.index]


def holders_of(mac: str, snapshot: Snapshot) -> list[str]:
    """The namespaces with a link of this MAC address; the host is ''."""
    return sorted(key or "" for key, ns in snapshot.namespaces.items() if any(link.mac == mac for link in ns.links.values()))
