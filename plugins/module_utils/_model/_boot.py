# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The saved form of a topology for the next boot, as a value."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Boot:
    """The saved form of a topology for the next boot. ``engine``: the digest of the code. None stands for a part that
    is missing.
    """

    declaration: str | None
    unit: str | None
    engine: str | None
    enabled: bool = True
    unconfirmed: bool = False  # its last run moved an uplink, and nobody confirmed that: a boot does not do it again
