# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is recorded of objects that existed before their topology, so that their attributes can be restored."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._engine import _entry, _records
from ansible_collections.netloom.linux.plugins.module_utils._model import _kind, _plan


def remember(entry: _entry.Entry, record: _records.Record, old: _plan.Params, new: _plan.Params) -> None:
    """Record of an adopted object how each attribute was before a run declared it, and whether a run changed it. None:
    it was not set, and is cleared.
    """
    for name in dict.fromkeys((*spoken_of(entry.kind, entry.params), *entry.spec.clear)):
        if name in entry.kind.by_key and name in record.before:  # the keys of today may be more
            was = entry.kind.whole(name, old.get(name), entry.params)
            record.before[name] = {**(was or {}), **record.before[name]}
        if name in entry.kind.forgotten:
            continue
        if name in record.before or (
            old.get(name) is None and name not in (*entry.kind.clearable, *entry.kind.together)
        ):
            continue
        was = entry.kind.whole(name, old.get(name), entry.params)
        if name in record.found:
            was = {**was, **record.found[name]} if name in entry.kind.by_key else record.found[name]
        record.found.pop(name, None)
        (record.found if old.get(name) == new.get(name) else record.before)[name] = was


def spoken_of(kind: _kind.Kind[t.Any], params: t.Mapping[str, t.Any]) -> tuple[str, ...]:
    """The options that a declaration covers, including those that are left out because another option stands for
    them.
    """
    return (*params, *(kind.together if set(params) & set(kind.together) else ()))
