# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that say where a northbound database is."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.ovs import _ovs
from ansible_collections.netloom.linux.plugins.module_utils._model import _snapshot

OPTION = "ovn_nb"
CONNECTION: dict[str, dict[str, t.Any]] = {
    OPTION: {"type": "str", "default": "unix:/run/ovn/ovnnb_db.sock"},
    **{f"{OPTION}_{name}": {"type": "path"} for name in _ovs.TLS_FILES},
    "timeout": {"type": "int", "default": _snapshot.OvsTarget.timeout},
}


def target_of(params: t.Mapping[str, t.Any]) -> _snapshot.OvsTarget:
    """The northbound database that the options mean."""
    return _ovs.target_of(dict(params), "", OPTION)
