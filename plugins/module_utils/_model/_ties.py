# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connections between declared objects: what an entry says about links and bridges, in one form for all kinds."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _snapshot

Place = tuple[_snapshot.NsKey, str]  # of a link: its namespace and its name
Claim = tuple[t.Any, ...]  # ('link', netns, name), say: see Kind.claims


@dataclasses.dataclass(frozen=True)
class DeclaredLink:
    """A link with its attributes, as an entry declares it."""

    place: Place
    attributes: t.Any  # the kinds' LinkSpec


@dataclasses.dataclass(frozen=True)
class Switch:
    """A bridge, of Linux or of Open vSwitch, and what it says about its ports."""

    key: Claim  # which bridge
    name: str
    ns: _snapshot.NsKey  # where its ports are
    ports: tuple[str, ...] | None  # the exact set; None: it says nothing of that
    named: tuple[str, ...] = ()  # all ports that it names, and which so are no other bridge's
    uplink: str | None = None  # a port by its nature
    flags: t.Mapping[str, t.Mapping[str, t.Any]] = dataclasses.field(default_factory=dict)  # of ports, by their names


@dataclasses.dataclass(frozen=True)
class Membership:
    """A link that an entry makes a port of a bridge."""

    place: Place
    switch: Claim  # the key of the bridge
    bridge: str
    words: str  # "'eth0' has master 'br0'"


def links_in(claims: t.Iterable[Claim], *, in_place: bool = False) -> list[Place]:
    """The places of links among claims. ``in_place``: including links that an entry only manages."""
    return [claim[1:] for claim in claims if claim[0] == "link" or (in_place and claim[0] == "in place")]


def spaces_in(claims: t.Iterable[Claim]) -> list[str]:
    """The names of namespaces among claims."""
    return [str(claim[1]) for claim in claims if claim[0] == "netns"]
