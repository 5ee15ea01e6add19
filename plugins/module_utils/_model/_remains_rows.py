# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The differences of rows of OVSDB after an undone run, in words (see _remains)."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._model import _ovn, _snapshot

# By Open vSwitch, of a row.
GIVEN = {
    "uuid": None,
    "datapath_id": None,
    "ofport": None,
    "error": None,
    "interfaces": (),
    "ovn_installed": False,
}
Words = t.Iterator[str]


def of_row(before: _snapshot.Snapshot, after: _snapshot.Snapshot, target: _snapshot.OvsTarget, row: str) -> Words:
    """Compare a row, as far as Open vSwitch does not set it itself."""
    old, new = before.ovs.get(target), after.ovs.get(target)
    if old is None or new is None:
        return
    if new.unreachable:
        yield f"what is in {target.ovsdb} is not known, for it cannot be read ({new.unreachable.rstrip('.')})"
        return
    for what, was, now in (
        ("OVS bridge", old.bridges.get(row), new.bridges.get(row)),
        ("OVS port", old.ports.get(row), new.ports.get(row)),
        ("OVN of Open vSwitch", *(_chassis(one) if row == _ovn.ROOT else None for one in (old, new))),
    ):
        if not (what == "OVS port" and row in {*old.bridges, *new.bridges}):  # a bridge's own port goes with it
            yield from compared(f"{what} {row}", _lasting(was), _lasting(now), shown=False)


def _chassis(ovs: _snapshot.Ovs) -> t.Any:
    """What Open vSwitch's database says of OVN, without other keys."""
    return {key: ovs.external_ids.get(key) for key in _ovn.KEYS}, ovs.ssl


def _lasting(row: t.Any) -> t.Any:
    """A row without the values that Open vSwitch sets."""
    return (
        row
        if row is None or isinstance(row, tuple)
        else dataclasses.replace(row, **{name: value for name, value in GIVEN.items() if hasattr(row, name)})
    )


def compared(what: str, old: t.Any, new: t.Any, shown: bool = True) -> Words:
    """Compare two values. ``shown``: the words include the values."""
    if old == new:
        return
    if old is None:
        yield f"{what} is there, which was not before"
    elif new is None:
        yield f"{what} is gone"
    else:
        yield f"{what} is {new}, and was {old}" if shown else f"{what} is not as it was"
