# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The properties of a file besides its content."""

from __future__ import annotations

import typing as t


class Access(t.NamedTuple):
    """A file's mode and the ids of its owners. ``special``: in words, if it is no regular file."""

    mode: int = 0o644
    user: int = 0
    group: int = 0
    special: str = ""
