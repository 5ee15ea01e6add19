# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which networks are on several hosts, as the roles' variables declare them for the whole fleet."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import (
    _crossing_input,
    _fleet_roles,
    _segments,
)

Own = c.Mapping[str, t.Any]


def segments(hosts: c.Iterable[str], variables: c.Mapping[str, Own], here: Own) -> list[_segments.Segment]:
    """The networks, each once. ``hosts``: all hosts of the inventory; ``variables``: host -> its variables;
    ``here``: variables that only the play has. Raises BadInput.
    """
    everybody = list(hosts)
    found: dict[tuple[str, str], _segments.Segment] = {}
    for one in _fleet_roles.every_segment(everybody, variables, here):
        found.setdefault((one.role, one.name), one)
    return [*found.values(), *_crossing_input.of_fleet(everybody, variables, here)]
