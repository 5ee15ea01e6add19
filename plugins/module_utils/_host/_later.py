# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules of _host that few runs need: each is imported when something is asked of it.

Ansible sends a module's code as a zip, from which Python compiles every file at every run: what is not imported costs nothing. Who needs such a
module imports it for the type checker, whose imports Ansible packs as well, and names it here for the run.
"""

from __future__ import annotations

import importlib
import typing as t

PACKAGE = __name__.rpartition(".")[0]


class _Later:
    """Stands for a module, and becomes it at the first question."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> t.Any:
        return getattr(importlib.import_module(f"{PACKAGE}.{self._name}"), attribute)


_promised: list[str] = []


def modules(room: str, *names: str) -> list[t.Any]:
    """What stands for these modules of a room."""
    _promised.extend(f"{room}.{name}" for name in names)
    return [_Later(f"{room}.{name}") for name in names]


def import_all() -> None:
    """Import now what may be asked for later: for a process that outlives the zip. What is imported may promise more."""
    for name in _promised:
        importlib.import_module(f"{PACKAGE}.{name}")
