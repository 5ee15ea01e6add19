# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the hosts of a fleet declare, equal declarations once: most hosts see the same one."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.plugin_utils import _entry


def of(own: c.Mapping[str, c.Mapping[str, t.Any]], names: c.Sequence[str]) -> list[list[str]]:
    """The hosts whose values of these variables are equal, as groups. Hosts without the first variable are in none.
    ``own``: host -> its variables.
    """
    found: dict[str, list[str]] = {}
    for host, variables in own.items():
        if variables.get(names[0]) is not None:
            found.setdefault(_entry.fingerprint([variables.get(name) for name in names]), []).append(host)
    return list(found.values())
