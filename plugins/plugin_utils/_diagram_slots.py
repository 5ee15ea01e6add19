# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which slot of a row a member hangs at. A slot follows from the member alone where that is possible: from its address,
or from the number in its name. So the slots of the others stay the same if a member comes or goes.
"""

from __future__ import annotations

import collections.abc as c
import ipaddress
import re
import typing as t

# How many slots members may spread over. If they would spread over more, they stand side by side in their order.
SPREAD, ALWAYS = 4, 8
LATE = 60_000  # the first slot of those without one of their own; it begins a row of any width
STEP = 8  # rows
_NUMBER = re.compile(r"(\d+)(?!.*\d)")


class Member(t.NamedTuple):
    """Who wants a slot: a name, and the first of its addresses that the declaration fixes, if any."""

    name: str
    address: str = ""


def natural(name: str) -> tuple[tuple[int, str], ...]:
    """A key that sorts web2 before web10."""
    parts = re.split(r"([0-9]+)", name)
    return tuple((int(one), "") if one.isascii() and one.isdigit() else (-1, one) for one in parts)


def slots_of(members: c.Sequence[Member]) -> dict[str, int]:
    """The slot of each member, by its name."""
    ordered = sorted(members, key=lambda one: natural(one.name))
    numbers = {one.name: number for one in ordered if (number := _number_of(one.address))}
    by_address = 0 < len(ordered) <= 2 * len(numbers)
    first = 1 if 1 in numbers.values() else 2  # of the members: the other end has 10.0.0.1, if there is one
    taken: dict[int, str] = {}
    late: list[str] = []
    for one in ordered:
        slot = numbers.get(one.name, 0) - first if by_address else _of_name(one.name)
        if slot < 0 or slot in taken:
            late.append(one.name)
        else:
            taken[slot] = one.name
    if max(taken, default=0) >= ALWAYS + SPREAD * len(ordered):
        taken, late = {}, [one.name for one in ordered]
    taken.update({LATE + index: name for index, name in enumerate(late)})
    return {name: slot for slot, name in taken.items()}


def _number_of(address: str) -> int:
    """Which address of its network an address is; 0 if it is none."""
    try:
        found = ipaddress.ip_interface(address)
    except ValueError:
        return 0
    return int(found.ip) - int(found.network.network_address)


def _of_name(name: str) -> int:
    """The slot that a number in a name means; -1 without one."""
    found = _NUMBER.search(name)
    return max(int(found[1]) - 1, 0) if found and found[1].isascii() and len(found[1]) < 9 else -1


def rows_of(slots: c.Iterable[int], columns: int) -> dict[int, int]:
    """The row of each row of slots that has a member, from the top on."""
    return {row: index for index, row in enumerate(sorted({slot // columns for slot in slots}))}


def reserved(rows: int) -> int:
    """For how many rows there is room, so that a new row seldom moves what is below: 1, 2, 4, 8, 16, 24 and so on."""
    return 1 << max(rows - 1, 0).bit_length() if rows <= STEP else -(-rows // STEP) * STEP
