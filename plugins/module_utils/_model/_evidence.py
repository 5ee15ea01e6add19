# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The questions of a diagnosis. The host answers them from the kernel, a test from plain values."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _probe, _snapshot

OTHER_FAMILIES = ("arp", "bridge", "netdev")  # of nft(8), that do not see IP packets at these hooks


@dataclasses.dataclass(frozen=True)
class Neighbour:
    """An entry of a namespace's neighbour table. ``failed``: it was asked for, and nobody answered."""

    mac: str | None
    failed: bool = False


@dataclasses.dataclass(frozen=True)
class Translation:
    """A rule that gives packets another source address: those from ``source`` (a network) that leave by ``device``;
    None: any.
    """

    source: str | None = None
    device: str | None = None

    def meets(self, address: str, device: str | None) -> bool:
        """Whether the rule may match a packet."""
        if self.device is not None and device is not None and self.device != device:
            return False
        return self.source is None or _probe.interface(address).ip in _probe.interface(self.source).network


@dataclasses.dataclass(frozen=True)
class Chain:
    """A chain of packet filter rules. ``drops``: it drops what no rule accepts; ``refuses``: a rule drops or rejects
    something.

    ``legacy``: a chain of iptables-legacy, of which only the existence is known. ``unread``: why nothing is known about
    the rules at this hook.
    """

    family: str
    table: str
    name: str
    hook: str
    drops: bool
    refuses: bool
    legacy: bool = False
    unread: str = ""
    translations: tuple[Translation, ...] = ()

    def sees(self, version: int) -> bool:
        """Whether packets of that IP version pass it."""
        return self.family not in OTHER_FAMILIES and (self.family == "inet" or (self.family == "ip6") == (version == 6))


class Evidence(t.Protocol):
    """The questions that can be asked."""

    def route(
        self, ns: _snapshot.NsKey, address: str, source: str | None = None, link: str | None = None
    ) -> _probe.Way:
        """The way of packets to an address. With source and link, of packets that come from there by that link."""

    def sysctl(self, ns: _snapshot.NsKey, link: str | None, key: str) -> str | None:
        """A sysctl, such as ipv4.forwarding of a link. None if it does not exist."""

    def neighbours(self, ns: _snapshot.NsKey) -> t.Mapping[tuple[str, str], Neighbour]:
        """The neighbours: link and address -> entry."""

    def ports(self, ns: _snapshot.NsKey) -> t.Mapping[str, tuple[bool, str]]:
        """The ports of Linux bridges: name -> whether it is isolated, and its state if it does not forward."""

    def chains(self, ns: _snapshot.NsKey) -> t.Sequence[Chain]:
        """The chains of packet filter rules."""
