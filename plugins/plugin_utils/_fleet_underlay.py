# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge what hosts told of their underlay, for the whole fleet, once, and before a host is touched."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _words
from ansible_collections.netloom.linux.plugins.plugin_utils import _fleet_ends, _fleet_roles

MOST_TOLD = 3


def complaint(
    hosts: c.Sequence[str],
    variables: _fleet_ends.Variables,
    ends: c.Mapping[str, _fleet_ends.End],
    role: str,
    here: c.Mapping[str, t.Any],
) -> str:
    """What is wrong with the underlay of the tunnels that a role makes, or an empty string. ``variables``: host -> its
    variables; ``here``: variables that only the play has. A host that was not asked, or did not answer, is left out.
    """
    networks = _fleet_roles.NETWORKS[role]
    told = [host for host in hosts if "underlay" in (variables[host].get(f"{role}__underlay") or ())]
    own = _fleet_ends.picked(told, variables, role, here, networks.underlay)
    return _words.some(list(dict.fromkeys(networks.underlay_complaints(own, ends))), MOST_TOLD, " ")
