# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which turns a playbook takes its hosts. Ansible asks for this before it knows a host."""

from __future__ import annotations

import collections.abc as c
import typing as t

WHOLE = ("0", "100%", "")  # what a variable says that wants no turns


def turns(
    hosts: c.Sequence[str],
    leading: c.Collection[str],
    serial: t.Any = 0,
    limit: c.Collection[str] | None = None,
    reverse: bool = False,
) -> dict[str, t.Any]:
    """The hosts in their order, and how many of them are in each turn. ``leading``: those that are a turn of their own,
    the first one, or with ``reverse`` the last one. ``limit``: the only hosts that the run may have.

    Without turns, or without leading hosts, ``serial`` is as it was given, and the order is that of the inventory.
    """
    given = list(serial) if isinstance(serial, (list, tuple)) else [serial]
    present = [host for host in hosts if limit is None or host in limit]
    first = [host for host in leading if host in present]
    rest = [host for host in present if host not in first]
    if not first or all(str(one).strip() in WHOLE for one in given):
        return {"hosts": present, "serial": given}
    sizes = _sizes(given, len(rest), len(present))
    if reverse:
        return {"hosts": rest + first, "serial": [*sizes, len(first)]}
    return {"hosts": first + rest, "serial": [len(first), *sizes]}


def _sizes(given: c.Sequence[t.Any], hosts: int, of: int) -> list[int]:
    """The sizes of the turns of so many hosts; percentages are of all hosts. The last one is repeated, as Ansible does
    (`serial` in its documentation of strategies).
    """
    sizes: list[int] = []
    while hosts > 0:
        size = _size(given[min(len(sizes), len(given) - 1)], of)
        sizes.append(min(size, hosts) if size > 0 else hosts)
        hosts -= sizes[-1]
    return sizes


def _size(one: t.Any, of: int) -> int:
    """One turn; 0 for all that is left. What is no number is refused where the variables are judged."""
    text = str(one).strip()
    number = text.rstrip("%").strip()
    if not number.isdigit():
        return 0
    return max(1, int(int(number) / 100 * of)) if text.endswith("%") else int(number)
