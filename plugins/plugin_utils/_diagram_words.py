# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words of a drawing: how many there are, and how much room they take."""

from __future__ import annotations

import unicodedata

BETWEEN = " · "  # facts on one line. SVG makes one space of several


def counted(number: int, what: str) -> str:
    """A number of things, in words."""
    return f"{number} {what if number == 1 else several(what)}"


def several(what: str) -> str:
    """The plural of a word."""
    return f"{what}{'es' if what.endswith('ch') else 's'}"


def wide(text: str) -> int:
    """The width of a text in letters; those of East Asia are two letters wide."""
    return len(text) if text.isascii() else sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def cut(text: str, most: int) -> str:
    """A text of at most so many letters."""
    if wide(text) <= most:
        return text
    shown = ""
    for one in text:
        if wide(shown + one) >= most:
            break
        shown += one
    return f"{shown}…"
