# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a probe did not end as expected: sentences from facts, the most likely cause first, each with its remedy."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _diagnosis_case,
    _journey,
    _probe,
    _probe_dns,
    _segments,
    _snapshot,
)

REFUSED = ("connection refused", "port unreachable")


def causes(outcome: _probe.Outcome, case: _diagnosis_case.Case) -> list[str]:
    """The causes of a surprise that this host can see."""
    probe = outcome.probe
    # Reached, but by another way or another host; or somebody said that he does not know: the surprise says everything.
    if probe.reachable == outcome.seen or outcome.inconclusive or outcome.reason in _probe_dns.NEGATIVE.values():
        return []
    if outcome.seen:
        found = _why_reached(probe, case)
    elif probe.protocol in _probe.ROUTED:
        found = _routed(outcome, case)
    elif probe.protocol == "dhcp":
        found = _no_lease(outcome, case)
    else:
        found = _on_the_link(probe, case)
    return list(dict.fromkeys(found))


# --- not reached ----------------------------------------------------------------------------------


def _routed(outcome: _probe.Outcome, case: _diagnosis_case.Case) -> list[str]:
    probe = outcome.probe
    if probe.address is None:
        return [
            (
                f"{_segments.name_of(probe.target)} has no address that could be reached: give its link one, or wait"
                " for its lease."
            )
        ]
    there = _journey.travel(probe.source, probe.address, None, case.segments, case.evidence)
    if probe.protocol == "route":
        return _journey.hindrances(there, case.segments, case.evidence)[:1] if there.steps[0].way.problem else []
    back = _back(there, case)
    both = [there, back] if back else [there]
    # What stops the answer matters only if nothing stops the question; on one link they meet the same. A policy that
    # drops comes between the two.
    certain = [*_elsewhere(probe, there), *_journey.hindrances(there, case.segments, case.evidence)]
    if not certain:
        certain = _journey.droppers(there, case.evidence)
        certain += _journey.hindrances(back, case.segments, case.evidence) if back else []
    perhaps = [sentence for one in both for sentence in _journey.doubts(one, case.evidence)]
    perhaps += [*_bridge_filters(there, case), *_beyond(probe, there, case)]
    if outcome.reason in REFUSED:
        return [_no_listener(probe, there), *perhaps]
    answers = case.pings.get((probe.source, probe.address), False)
    if probe.size is not None and (answers or outcome.reason == _probe.TOO_LARGE):
        return [*_mtu(there, probe.size, case), *perhaps]
    if answers and probe.protocol in ("tcp", "udp"):
        return [
            *_offload((place for journey in both for place in _ends(journey)), case),
            *_mtu(there, None, case),
            *perhaps,
            *_silence(probe),
            *certain,
        ]
    return [*certain, *perhaps, *_silence(probe)]


def _back(there: _journey.Journey, case: _diagnosis_case.Case) -> _journey.Journey | None:
    """The way of the answer, if the target is a namespace of this host. It is unknown if a rule on the way gives
    packets another source.
    """
    if there.end is None or there.source is None or there.translated is not None:
        return None
    return _journey.travel(there.end.ns, there.source, there.address, case.segments, case.evidence)


def _elsewhere(probe: _probe.Probe, there: _journey.Journey) -> list[str]:
    """An address that two namespaces have, so that the packet reaches the other one."""
    if probe.target is None or there.end is None or there.end.ns == probe.target:
        return []
    return [
        (
            f"Packets for {probe.address} end in {_segments.name_of(there.end.ns)}, which has that address too, not in"
            f" {probe.target}: give one of them another."
        )
    ]


def _no_listener(probe: _probe.Probe, there: _journey.Journey) -> str:
    where = f" in {_segments.name_of(there.end.ns)}" if there.end else ""
    own = " To prove the path alone, let the module answer (listen: true)." if not probe.listen else ""
    return (
        f"The packets get through, and no service listens on {probe.protocol} port"
        f" {probe.port or 'that was asked'}{where}: start it, or mend its address.{own}"
    )


def _silence(probe: _probe.Probe) -> list[str]:
    if probe.protocol != "udp" or probe.listen or probe.port is None:
        return []
    return [
        (
            "A UDP service need not answer what it does not understand. To prove the path, let the module answer on a"
            " free port (listen: true)."
        )
    ]


def _bridge_filters(journey: _journey.Journey, case: _diagnosis_case.Case) -> list[str]:
    """Filters on bridges: with br_netfilter, bridged frames pass the packet filter of IP, such as Docker's FORWARD
    policy.
    """
    found = []
    for step in journey.steps:
        if step.to is None or step.way.device is None:
            continue
        bridge = case.segments.hanging((step.ns, step.way.device)).bridge
        if bridge is None or bridge in ((step.ns, step.way.device), step.to):
            continue
        six = ":" in journey.address
        if case.evidence.sysctl(bridge[0], None, f"net.bridge.bridge-nf-call-ip{'6' if six else ''}tables") == "1":
            too = (
                f"Frames on the bridge {bridge[1]} pass it too, since"
                f" net.bridge.bridge-nf-call-ip{'6' if six else ''}tables is 1; with 0 they do not."
            )
            found += [
                f"{sentence} {too}"
                for sentence in _journey.filters(bridge[0], "forward", 6 if six else 4, case.evidence)
            ]
    return found


def _beyond(probe: _probe.Probe, there: _journey.Journey, case: _diagnosis_case.Case) -> list[str]:
    """The way behind a published port: its target is behind the address that was asked for, and packets are forwarded
    to it.
    """
    if probe.listen_in is None or there.end is None or there.end.ns == probe.listen_in:
        return []
    return _journey.filters(there.end.ns, "forward", probe.version, case.evidence)


def _ends(journey: _journey.Journey) -> t.Iterator[_segments.Place]:
    """The links that the packet passes."""
    for step in journey.steps:
        if step.way.device is not None and not step.arrived:
            yield (step.ns, step.way.device)
        if step.to is not None:
            yield step.to


def _offload(places: t.Iterable[_segments.Place], case: _diagnosis_case.Case) -> list[str]:
    """Checksum offload: on the userspace datapath a veth's far end must fill in checksums itself
    (docs/how-it-works.md).
    """
    found = []
    datapaths = {
        bridge.name: bridge.datapath_type for ovs in case.snapshot.ovs.values() for bridge in ovs.bridges.values()
    }
    for place in places:
        link, hanging = case.snapshot.link(*place), case.segments.hanging(place)
        if (
            link is not None
            and link.kind == "veth"
            and link.tx_checksum
            and hanging.ovs is not None
            and datapaths.get(hanging.ovs.bridge) == "netdev"
        ):
            found.append(
                f"{_segments.said(place)} leaves checksums to its link (transmit checksum offload is on), which the"
                f" userspace datapath of {hanging.ovs.bridge} does not do: TCP and UDP fail while ping works. Run"
                f" netloom.linux.ovs_port for {hanging.ovs.name}, or set 'tx_checksum: false'."
            )
    return found


def _mtu(journey: _journey.Journey, size: int | None, case: _diagnosis_case.Case) -> list[str]:
    """The links whose MTU is smaller than that of the link by which the packet leaves, or than the packet."""
    mtus = {
        place: link.mtu
        for end in _ends(journey)
        for place in case.segments.links_to_switch(end)
        if (link := case.snapshot.link(*place)) and link.mtu
    }
    if not mtus:
        return []
    least = min(mtus, key=lambda place: mtus[place])
    wanted = size or mtus[next(iter(mtus))]
    if mtus[least] < wanted:
        large = (
            f"a packet of {size} bytes"
            if size
            else f"packets of {wanted} bytes, which {_segments.said(next(iter(mtus)))} sends,"
        )
        return [
            (
                f"The MTU of {_segments.said(least)} is {mtus[least]}: {large} cannot pass, while small ones do."
                " Raise it, or lower the others' 'mtu'."
            )
        ]
    if size:
        return [
            (
                f"Small packets pass and one of {size} bytes does not: a link on the way that is not of this host has a"
                " smaller MTU. Lower 'mtu' here."
            )
        ]
    return []


# --- on one link ----------------------------------------------------------------------------------


def _on_the_link(probe: _probe.Probe, case: _diagnosis_case.Case) -> list[str]:
    pairs = _pairs(probe, case)
    if not pairs:
        missing = next((ns for ns in (probe.source, probe.target) if ns is not None and not _links(ns, case)), None)
        if missing:
            return [f"{missing} has no link but lo: give it one with netloom.linux.veth."]
        if not probe.address:
            return []
        return [f"No other namespace of this host has the address {probe.address}: check it, or who should have it."]
    return _segments.obstacles(*_nearest(pairs, case), case.segments, case.evidence)


def _nearest(
    pairs: list[tuple[_segments.Place, _segments.Place]], case: _diagnosis_case.Case
) -> tuple[_segments.Place, _segments.Place]:
    near = [pair for pair in pairs if case.segments.same(*pair)]
    return next((pair for pair in near if case.segments.joined(*pair)), (near or pairs)[0])


def _no_lease(outcome: _probe.Outcome, case: _diagnosis_case.Case) -> list[str]:
    probe = outcome.probe
    if outcome.lease is not None:
        return _foreign_server((probe.source, outcome.lease[0]), outcome.lease[1].server or "", case)
    clients = [
        daemon
        for daemon in case.snapshot.daemons.values()
        if daemon.kind != "dnsmasq" and daemon.netns == probe.source and daemon.alive
    ]
    if not clients:
        where = _segments.name_of(probe.source)
        return [f"Nobody asks for a lease in {where}: start a client with netloom.linux.netns_dhcp_client."]
    pairs = _pairs(dataclasses.replace(probe, interface=probe.interface or clients[0].name), case)
    if not pairs:
        return (
            [f"No namespace of this host has the address {probe.address}: give it to the server's link."]
            if probe.address
            else []
        )
    client, at = _nearest(pairs, case)
    return [
        *_segments.obstacles(client, at, case.segments, case.evidence),
        *_server(at[0], case),
        *_offload((client, at), case),
    ]


def _foreign_server(client: _segments.Place, server: str, case: _diagnosis_case.Case) -> list[str]:
    """Whose server gave the lease, if it is on the same Ethernet."""
    who = [place for place in case.segments.owners(server) if case.segments.joined(client, place)]
    return [
        f"{server} is an address of {_segments.said(place)}, which is on the same Ethernet: see what that server gives"
        " to whom, or keep the two apart."
        for place in who[:1]
    ]


def _pairs(probe: _probe.Probe, case: _diagnosis_case.Case) -> list[tuple[_segments.Place, _segments.Place]]:
    """The links of the source and of the target between which the frame may pass."""
    sources = _links(probe.source, case) if probe.interface is None else [(probe.source, probe.interface)]
    if probe.address is None:
        targets = _links(probe.target, case)
    else:
        wanted = probe.target or probe.answered_by
        targets = [
            place
            for place in case.segments.owners(probe.address)
            if place[0] != probe.source and wanted in (None, place[0])
        ]
    if probe.protocol == "arp":
        found = _probe.device_for(case.snapshot.namespaces[probe.source], str(probe.address))
        sources = [(probe.source, found[0].name)] if found else sources
    return [(source, target) for source in sources for target in targets]


def _links(ns: _snapshot.NsKey, case: _diagnosis_case.Case) -> list[_segments.Place]:
    return [(ns, link.name) for link in case.snapshot.namespaces[ns].links.values() if link.name != "lo"]


def _server(ns: _snapshot.NsKey, case: _diagnosis_case.Case) -> list[str]:
    """Whether our DHCP server lives in the namespace."""
    servers = [daemon for daemon in case.snapshot.daemons.values() if daemon.kind == "dnsmasq" and daemon.netns == ns]
    if any(server.alive for server in servers):
        return []
    if servers:
        return [
            (
                f"The DHCP server {servers[0].name} in {_segments.name_of(ns)} does not run: start it with"
                " netloom.linux.dnsmasq_in_ns."
            )
        ]
    return [f"No DHCP server of ours is in {_segments.name_of(ns)}: start one with netloom.linux.dnsmasq_in_ns."]


# --- reached --------------------------------------------------------------------------------------


def _why_reached(probe: _probe.Probe, case: _diagnosis_case.Case) -> list[str]:
    if probe.protocol not in _probe.ROUTED:
        found = (
            [_segments.connection(*pair, case.segments) for pair in _pairs(probe, case)]
            if probe.protocol in ("ethernet", "arp")
            else []
        )
        return [sentence for sentence in found if sentence][:1]
    there = _journey.travel(probe.source, str(probe.address), None, case.segments, case.evidence)
    first = there.steps[0]
    if first.to is None or first.way.device is None:
        return []
    if there.end is not None and len(there.steps) == 2:
        sentence = _segments.connection((first.ns, first.way.device), first.to, case.segments)
        return [sentence] if sentence else []
    routers = [_segments.name_of(step.ns) for step in there.steps[1:] if not step.arrived]
    return (
        [f"{' and '.join(routers)} forwards the packets: switch forwarding off there, or take the route away."]
        if routers
        else []
    )
