# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was captured, in lines that fit on a screen: alike packets are one line, with their number."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _encapsulation, _packet, _words

MOST_LINES = 20  # of one place
MOST_FLOWS = 2_000  # that are told apart: what somebody sends is not ours to bound
Flow = tuple[str, str, str]  # from, to, and the rest in words
# Below it, a port says which service it is; Linux takes the others for who asks (ip_local_port_range).
FIRST_CHOSEN_PORT = 32768


class Flows:
    """Counts alike packets, in the order in which the first one came."""

    def __init__(self) -> None:
        self.counts: dict[Flow, int] = {}
        self.others = 0

    def add(self, packet: _packet.Packet) -> None:
        """Count a packet."""
        key = flow(packet)
        if key in self.counts or len(self.counts) < MOST_FLOWS:
            self.counts[key] = self.counts.get(key, 0) + 1
        else:
            self.others += 1

    def lines(self) -> list[str]:
        """The lines, aligned."""
        shown = list(self.counts.items())[:MOST_LINES]
        wide = max((len(str(count)) for _key, count in shown), default=0)
        lines = [f"{count:>{wide}}  {source} > {target}  {words}".rstrip() for (source, target, words), count in shown]
        more = sum(self.counts.values()) + self.others - sum(count for _key, count in shown)
        return [*lines, f"and {more} more packets"] if more else lines


def flow(packet: _packet.Packet) -> Flow:
    """What alike packets have in common. Where a port only says which of many questions this is, it is left out."""
    ours, theirs = packet.source_port, packet.target_port
    tunnel = packet.protocol in _encapsulation.PORTS
    source = packet.source if ours is None or tunnel else f"{packet.source} port {_port(ours, theirs)}"
    target = packet.target if theirs is None or tunnel else f"{packet.target} port {_port(theirs, ours)}"
    vlans = [f"vlan {tag}" for tag in packet.vlans]
    number = [f"{'key' if packet.protocol == _encapsulation.GRE else 'vni'} {packet.number}"] * (
        packet.number is not None
    )
    words = " ".join(part for part in (*vlans, packet.protocol, *number, packet.words) if part)
    if packet.inner is None:
        return source, target, words
    inside = flow(packet.inner)
    return source, target, f"{words}: {inside[0]} > {inside[1]}  {inside[2]}"


def _port(own: int, other: int | None) -> str:
    """A port, or a word for one that was chosen for this question alone."""
    return "*" if own >= FIRST_CHOSEN_PORT and other is not None and other < FIRST_CHOSEN_PORT else str(own)


def heading(where: str, packets: int, dropped: int, seconds: float, notes: t.Sequence[str] = ()) -> str:
    """The first line of one place."""
    lost = f", {dropped} more dropped by the kernel" if dropped else ""
    counted = f"{packets} packet{'' if packets == 1 else 's'}{lost} in {seconds:.1f} s"
    return _words.some([f"{where}: {counted}", *notes], 1 + len(notes), "; ")
