# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of NAT that contradict each other."""

from __future__ import annotations

import typing as t

from ansible_collections.netloom.linux.plugins.module_utils._kinds.nat import _nat_entries
from ansible_collections.netloom.linux.plugins.module_utils._model import _errors


def refuse_second_meanings(
    floating: t.Sequence[_nat_entries.Floating], published: t.Sequence[_nat_entries.Publish], path: str
) -> None:
    """Refuse an address that stands for two others, and a floating address with a published port."""
    for index, one in enumerate(floating):
        for earlier, other in enumerate(floating[:index]):
            for key in ("address", "to_address"):
                if getattr(one, key) == getattr(other, key):
                    raise _errors.BadInput(
                        f"{path}floating[{index}].{key}: '{getattr(one, key)}' is already in {path}floating[{earlier}]"
                        f" ({other.text()})."
                    )
        for number, port in enumerate(published):
            if port.address == one.address:
                raise _errors.BadInput(
                    f"{path}publish[{number}].address: '{port.address}' floats, all its ports lead to {one.to_address};"
                    " leave out one of both."
                )


def refuse_collisions(published: t.Sequence[_nat_entries.Publish], option: str) -> None:
    """Refuse a port that leads to two places."""
    for index, one in enumerate(published):
        for earlier, other in enumerate(published[:index]):
            if one.collides(other):
                raise _errors.BadInput(
                    f"{option}[{index}]: {one.what} is already published by {option}[{earlier}] ({other.text()});"
                    " remove one."
                )
