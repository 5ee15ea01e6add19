# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of VLANs: single ones, and ranges such as '100-200'."""

from __future__ import annotations

import itertools
import re
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _errors, _values

SHORTEST_RANGE = 3  # VLANs that are told as a range


def normalise(values: t.Sequence[t.Any], option: str) -> tuple[int, ...]:
    """Each VLAN once, in order."""
    _values.refuse_empty_template(values, option)
    found: set[int] = set()
    for index, value in enumerate(values):
        here = f"{option}[{index}]"
        parts = (
            re.fullmatch(r"\s*(\d{1,5})\s*(?:-\s*(\d{1,5})\s*)?", str(value))
            if isinstance(value, (int, str)) and not isinstance(value, bool)
            else None
        )
        if parts is None:
            raise _errors.BadInput(
                f"{here}: {value!r} is neither a VLAN nor a range of them; write such as 100 or '100-200'."
            )
        first = _values.vlan(int(parts[1]), here)
        last = _values.vlan(int(parts[2]), here) if parts[2] else first
        if last < first:
            raise _errors.BadInput(f"{here}: '{value}' ends before it begins; swap its ends.")
        found.update(range(first, last + 1))
    return tuple(sorted(found))


def compact(vlans: t.Iterable[int]) -> list[t.Any]:
    """The shortest list that means the same."""
    found: list[t.Any] = []
    for _key, run in itertools.groupby(enumerate(sorted(vlans)), key=lambda pair: pair[1] - pair[0]):
        members = [vlan for _position, vlan in run]
        found += [f"{members[0]}-{members[-1]}"] if len(members) >= SHORTEST_RANGE else members
    return found
