# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of a packet through the namespaces of a host, router by router, and what stops it there."""

from __future__ import annotations

import dataclasses

from ansible_collections.netloom.linux.plugins.module_utils._model import _evidence, _probe, _segments, _snapshot

MOST_STEPS = 16
TYPES = ("blackhole", "unreachable", "prohibit")


@dataclasses.dataclass(frozen=True)
class Step:
    """A namespace on the way: the link by which the packet came in (None at the beginning), and how it leaves."""

    ns: _snapshot.NsKey
    link: str | None
    way: _probe.Way
    next: str = ""  # the address that is asked for on the link
    to: _segments.Place | None = None  # who has it, if that is known

    @property
    def arrived(self) -> bool:
        """Whether the packet ends here."""
        return not self.way.problem and self.way.type == "local"


@dataclasses.dataclass(frozen=True)
class Journey:
    """All steps from a source to an address. ``translated``: the step at which a rule may give packets another source;
    None: nowhere.
    """

    address: str
    source: str | None
    steps: tuple[Step, ...]
    translated: int | None = None

    @property
    def version(self) -> int:
        """4 or 6."""
        return 6 if ":" in self.address else 4

    @property
    def end(self) -> Step | None:
        """The step at which the packet arrives, if that is on this host."""
        return self.steps[-1] if self.steps and self.steps[-1].arrived else None


def travel(
    ns: _snapshot.NsKey, address: str, source: str | None, segments: _segments.Segments, evidence: _evidence.Evidence
) -> Journey:
    """Compute the way by asking the routes of one namespace after the other."""
    steps: list[Step] = []
    link = translated = None
    while len(steps) < MOST_STEPS:
        way = evidence.route(ns, address, source if link and translated is None else None, link)
        if way.problem and link:
            # The kernel does not say which of its rules refuses a packet from outside: the way as if it came from here
            # tells more.
            way = evidence.route(ns, address, None, None)
        source = source or way.source
        onward = not way.problem and way.type == "unicast" and way.device is not None
        following = (way.gateway or address) if onward else ""
        to = segments.owner((ns, str(way.device)), following) if onward else None
        steps.append(Step(ns, link, way, following, to))
        if translated is None and onward and source and _translates(steps[-1], source, evidence):
            translated = len(steps) - 1
        if to is None:
            break
        ns, link = to
    return Journey(address, source, tuple(steps), translated)


def _translates(step: Step, source: str, evidence: _evidence.Evidence) -> bool:
    """Whether a rule of that namespace may give outgoing packets another source."""
    chains = [chain for chain in evidence.chains(step.ns) if chain.sees(6 if ":" in source else 4)]
    return any(rule.meets(source, step.way.device) for chain in chains for rule in chain.translations)


def before_it_leaves(probe: _probe.Probe, segments: _segments.Segments, evidence: _evidence.Evidence) -> list[str]:
    """What stops a packet for another host on this one: nobody here knows who has the address."""
    way = evidence.route(probe.source, str(probe.address))
    if probe.protocol not in _probe.ROUTED or not way.problem:
        return []
    return _no_way(Step(probe.source, None, way), str(probe.address), segments)


def hindrances(journey: Journey, segments: _segments.Segments, evidence: _evidence.Evidence) -> list[str]:
    """What certainly stops the packet, in the order in which the packet would meet it."""
    found: list[str] = []
    for index, step in enumerate(journey.steps):
        if index and not step.arrived:
            found += _forwarding(step, journey.address, evidence)
        if index and journey.source and (journey.translated is None or index <= journey.translated):
            found += _reverse_path(step, journey.source, evidence)
        if step.way.problem:
            found += _no_way(step, journey.address, segments)
        elif not step.arrived:
            found += _next(step, segments, evidence)
    return found


def doubts(journey: Journey, evidence: _evidence.Evidence) -> list[str]:
    """Packet filters on the way that may stop the packet. Those that drop what no rule accepts are first."""
    found = [chain for step, hook in _hooks(journey) for chain in _filters(step.ns, hook, journey.version, evidence)]
    return [_filter(ns, chain) for ns, chain in sorted(found, key=lambda one: not one[1].drops)]


def droppers(journey: Journey, evidence: _evidence.Evidence) -> list[str]:
    """The packet filters that drop forwarded packets unless a rule accepts them, as dockerd configures it."""
    found = [
        chain
        for step, hook in _hooks(journey)
        for chain in _filters(step.ns, hook, journey.version, evidence)
        if hook == "forward"
    ]
    return [_filter(ns, chain) for ns, chain in found if chain.drops]


def filters(ns: _snapshot.NsKey, hook: str, version: int, evidence: _evidence.Evidence) -> list[str]:
    """Chains of packet filter rules at a hook that may stop a packet."""
    return [_filter(*one) for one in _filters(ns, hook, version, evidence)]


def _hooks(journey: Journey) -> list[tuple[Step, str]]:
    return [
        (step, "output" if index == 0 else "input" if step.arrived else "forward")
        for index, step in enumerate(journey.steps)
    ]


def _filters(
    ns: _snapshot.NsKey, hook: str, version: int, evidence: _evidence.Evidence
) -> list[tuple[_snapshot.NsKey, _evidence.Chain]]:
    found = [chain for chain in evidence.chains(ns) if chain.hook == hook and chain.sees(version)]
    found = [chain for chain in found if chain.drops or chain.refuses or chain.legacy or chain.unread]
    return [(ns, chain) for chain in sorted(found, key=lambda chain: not chain.drops)]


def _filter(ns: _snapshot.NsKey, chain: _evidence.Chain) -> str:
    if chain.unread:
        where = f"The packet filter of {_segments.name_of(ns)} ({chain.hook}) could not be read"
        return (
            f"{where}, so it is not known whether it lets this traffic pass: {chain.unread}. See what 'nft list"
            " ruleset' says there."
        )
    if chain.legacy:
        program = f"{chain.family}tables-legacy"
        where = f"{_segments.name_of(ns)} has a table {chain.table} of {program}, which nft does not show"
        return f"{where} ({chain.hook}): see '{program} -S {chain.name}' there, and accept this traffic if it drops it."
    does = (
        f"has policy drop for what no rule of it accepts ({chain.hook})"
        if chain.drops
        else f"has rules that drop or reject ({chain.hook})"
    )
    return (
        f"The packet filter of {_segments.name_of(ns)}: chain {chain.name} of table {chain.family} {chain.table}"
        f" {does}. Add a rule that accepts this traffic."
    )


def _forwarding(step: Step, address: str, evidence: _evidence.Evidence) -> list[str]:
    six = ":" in address
    link, key = ("all", "ipv6.forwarding") if six else (str(step.link), "ipv4.forwarding")
    if evidence.sysctl(step.ns, link, key) != "0":
        return []
    wanted = "net.ipv6.conf.all.forwarding" if six else "net.ipv4.ip_forward"
    return [
        (
            f"{_segments.name_of(step.ns)} does not forward packets: {wanted} is 0 there. Set it to 1 (sysctl of"
            " netloom.linux.netns)."
        )
    ]


def _reverse_path(step: Step, source: str, evidence: _evidence.Evidence) -> list[str]:
    """The reverse path filter. ip-sysctl of the kernel's documentation: the greater of conf/all and the link's counts;
    1 is strict, 2 loose. IPv6 has none.
    """
    if ":" in source or step.link is None:
        return []
    mode = max(int(evidence.sysctl(step.ns, link, "ipv4.rp_filter") or 0) for link in ("all", step.link))
    if not mode:
        return []
    back = evidence.route(step.ns, source, None, None)
    if mode == 1 and back.device != step.link:
        own = f"its own route there leaves by {back.device}" if back.device else "it has no route there"
        drops = (
            f"{_segments.name_of(step.ns)} drops what comes from {source} by {step.link}, since {own}: rp_filter is 1"
            " (strict)."
        )
        return [f"{drops} Set it to 2 (loose) or 0, or mend that route."]
    if back.problem:
        return [
            (
                f"{_segments.name_of(step.ns)} drops what comes from {source}, to which it has no route: rp_filter is 2"
                " (loose). Add the route, or set it to 0."
            )
        ]
    return []


def _no_way(step: Step, address: str, segments: _segments.Segments) -> list[str]:
    ns = segments.snapshot.namespaces[step.ns]
    if step.way.problem in TYPES:
        return [
            (
                f"In {_segments.name_of(step.ns)} a route of type {step.way.problem} leads to {address}:"
                " take it away (netloom.linux.netns_route with 'state: absent')."
            )
        ]
    wanted = _probe.interface(address.split("%", maxsplit=1)[0]).ip
    for link in ns.links.values():
        if not link.up and any(wanted in _probe.interface(own.cidr).network for own in link.addresses):
            return _segments.down((step.ns, link.name), segments)
    # A gateway's route goes with its link. A link without an address, as ovs-netdev, was no way anywhere.
    asleep = [
        sentence
        for link in ns.links.values()
        if link.name != "lo" and link.addresses and not link.up
        for sentence in _segments.down((step.ns, link.name), segments)
    ]
    why = "" if step.way.problem == "none" else f" ({step.way.problem})"
    return [
        *asleep,
        (
            f"{_segments.name_of(step.ns)} has no route to {address}{why}: add one with netloom.linux.netns_route, or"
            " an address in its subnet."
        ),
    ]


def _next(step: Step, segments: _segments.Segments, evidence: _evidence.Evidence) -> list[str]:
    """What stops frames from a link of the namespace to the link with the next address."""
    device = (step.ns, str(step.way.device))
    found = _segments.obstacles(device, step.to, segments, evidence) if step.to else _segments.down(device, segments)
    doubles = [place for place in segments.owners(step.next) if place[0] != step.ns and segments.joined(device, place)]
    if len(doubles) > 1:
        found.append(
            f"{step.next} is there twice, at {' and at '.join(map(_segments.said, doubles))}: give one of them another"
            " address."
        )
    known = evidence.neighbours(step.ns).get((device[1], step.next))
    mac = getattr(segments.snapshot.link(*step.to), "mac", None) if step.to else None
    if known is not None and known.mac and mac and known.mac != mac and len(doubles) < 2:
        found.append(
            f"{_segments.name_of(step.ns)} takes {step.next} to be at {known.mac}, while"
            f" {_segments.said(step.to or device)} has {mac}: delete that neighbour, or pin 'mac'."
        )
    elif known is not None and known.failed and not found:
        who = (
            f"{_segments.said(step.to)} has it, but the frames do not get there and back"
            if step.to
            else "no link of this host has it"
        )
        found.append(
            f"Nobody answers on {_segments.said(device)} when asked who has {step.next}: {who}. Check the address, and"
            " what the link is plugged into."
        )
    return found
