# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of an uplink."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.link import _uplink_plug
from ansible_collections.netloom.linux.plugins.module_utils._model import _snapshot

OPTIONS: dict[str, t.Any] = {"uplink": {"type": "str"}, "confirm_timeout": {"type": "int", "default": 30}}


LEAST_SECONDS, MOST_SECONDS = 5, 3600


SLACK = 5  # seconds that a controller needs beside the spanning tree


FORWARD_DELAY = 15  # seconds, the kernel's default


@dataclasses.dataclass(frozen=True)
class UplinkSpec:
    """The options of a bridge about its uplink. A name of '' means that it has none."""

    plug: _uplink_plug.Plug
    name: str
    seconds: int
    path: str

    @property
    def ns(self) -> _snapshot.NsKey:
        """The namespace of the bridge."""
        return self.plug.ns

    @property
    def bridge(self) -> str:
        """The name of the bridge."""
        return self.plug.bridge
