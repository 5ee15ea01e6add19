# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules of _host that few runs need. Each is imported when it is first used.

Ansible sends the code of a module as a zip, from which Python compiles every imported file at every run. A file that is
not imported costs nothing. A module that needs such a file imports it for the type checker, whose imports Ansible packs
as well, and names it here for the run.
"""

from __future__ import annotations

import importlib
import typing as t

PACKAGE = __name__.rpartition(".")[0]


class _Later:
    """Stands for a module, and imports it when an attribute is first used."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> t.Any:
        return getattr(importlib.import_module(f"{PACKAGE}.{self._name}"), attribute)


_promised: list[str] = []


def modules(room: str, *names: str) -> list[t.Any]:
    """Placeholders for these modules of a folder."""
    _promised.extend(f"{room}.{name}" for name in names)
    return [_Later(f"{room}.{name}") for name in names]


def import_all() -> None:
    """Import now everything that may be used later: for a process that outlives the zip. Imported modules may have
    further placeholders.
    """
    for name in _promised:
        importlib.import_module(f"{PACKAGE}.{name}")
