# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a dnsmasq."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import (
    _plan,
)


@dataclasses.dataclass(frozen=True)
class DnsmasqSpec(_plan.Spec):
    """``given``: the options that the user wrote, in normal form; the others are left alone."""

    name: str
    netns: str | None
    given: t.Mapping[str, t.Any]

    @property
    def key(self) -> str:
        """The key in Snapshot.daemons."""
        return f"dnsmasq/{self.name}"
