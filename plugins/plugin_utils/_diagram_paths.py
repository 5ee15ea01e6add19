# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that a drawing is written to: the ending of each says in which form."""

from __future__ import annotations

import collections.abc as c
import os.path
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _words

ENDINGS = {".html": "html", ".svg": "svg", ".txt": "text", ".mmd": "mermaid", ".dot": "dot"}
SOURCES = ("live", "declared", "both")


def form_of(path: str, option: str = "path") -> str:
    """The form of a file. Raises BadInput."""
    ending = os.path.splitext(path)[1].lower()
    if ending not in ENDINGS:
        raise _errors.BadInput(
            f"{option}: {_words.shown(path)} does not tell what to write; let it end in"
            f" {', '.join(list(ENDINGS)[:-1])} or {list(ENDINGS)[-1]}."
        )
    return ENDINGS[ending]


def check(value: t.Any, option: str) -> None:
    """Refuse what is neither a path nor a list of paths. Raises BadInput."""
    listed = isinstance(value, c.Sequence) and not isinstance(value, str)
    for index, one in enumerate(value if listed else [value]):
        where = f"{option}[{index}]" if listed else option
        if not isinstance(one, str):
            raise _errors.BadInput(f"{where}: {_words.shown(one)} is not the path of a file.")
        form_of(one, where)
    if listed and not value:
        raise _errors.BadInput(f"{option}: the list is empty; give a path such as network.html.")
