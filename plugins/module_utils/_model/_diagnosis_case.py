# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a diagnosis knows."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _evidence,
    _segments,
    _snapshot,
)


@dataclasses.dataclass
class Case:
    """The known facts. ``pings``: source and address -> whether a small echo request was answered after the
    surprise.
    """

    snapshot: _snapshot.Snapshot
    evidence: _evidence.Evidence
    pings: t.Mapping[tuple[_snapshot.NsKey, str], bool] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        self.segments = _segments.Segments(self.snapshot)
