# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contents of files that a user declares, which may be secrets: no message, result or journal has them."""

from __future__ import annotations

import typing as t

HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"  # Ansible's own word for it
FILES = "etc_files"


def left_out(value: t.Any, name: str = "") -> t.Any:
    """Options, or a part of them, with a word in place of the content of each file. ``name``: the option whose value it
    is.
    """
    if name == FILES:
        return _hidden(value)
    if isinstance(value, list):
        return [left_out(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {key: left_out(one, key) for key, one in value.items()}


def _hidden(files: t.Any) -> t.Any:
    if not isinstance(files, dict):
        return None if files is None else HIDDEN
    return {name: _told(one) if isinstance(one, dict) else HIDDEN for name, one in files.items()}


def _told(file: dict[str, t.Any]) -> dict[str, t.Any]:
    """One file. All but its mode may be its content, under a name that is misspelt."""
    return {key: value if key == "mode" else HIDDEN for key, value in file.items()}
