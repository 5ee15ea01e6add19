# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a database is exactly as it was planned."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._model._northbound import Northbound, Place
from ansible_collections.netloom.linux.tests.unit.fake_northbound import FakeNorthbound

SWITCH, PORT = Place("Logical_Switch", "u001"), Place("Logical_Switch_Port", "u002")
PLANNED = Place(PORT.table, "+1")
IDS = {"+1": "u002"}
VALUES: t.Mapping[str, t.Any] = {"name": "a", "addresses": ("02:00:00:00:00:01",), "options": {"x": "1"}}


def made(port: Place) -> Northbound:
    """A switch with a port."""
    nb = FakeNorthbound().nb
    nb.put(SWITCH, {"name": "s"})
    nb.put(port, VALUES)
    nb.link(SWITCH, "ports", port)
    return nb


def test_it_is_exact_under_the_ids_that_the_server_gave() -> None:
    assert made(PORT).is_as(made(PLANNED), IDS)


def test_what_ovn_fills_in_is_no_difference() -> None:
    nb = made(PORT)
    nb.put(PORT, {"up": (True,), "dynamic_addresses": "02:00:00:00:00:01 10.0.0.2"})
    assert nb.is_as(made(PLANNED), IDS)


def _lacks(nb: Northbound) -> None:
    nb.unlink(SWITCH, "ports", PORT)


def _gone(nb: Northbound) -> None:
    nb.drop(PORT)


def _more(nb: Northbound) -> None:
    nb.put(Place(SWITCH.table, "u003"), {"name": "of another"})


@pytest.mark.parametrize(
    "change",
    [
        lambda nb: nb.put(PORT, {"addresses": ()}),
        lambda nb: nb.put(PORT, {"options": {"x": "2"}}),
        lambda nb: nb.put(SWITCH, {"name": "other"}),
        _lacks,
        _gone,
        _more,
    ],
)
def test_any_other_difference_is_seen(change: t.Callable[[Northbound], None]) -> None:
    nb = made(PORT)
    change(nb)
    assert not nb.is_as(made(PLANNED), IDS)


def test_another_row_of_the_same_content_is_another_one() -> None:
    assert not made(Place(PORT.table, "u003")).is_as(made(PLANNED), IDS)


def test_a_database_that_does_not_answer_is_not_as_planned() -> None:
    nb = Northbound(unreachable="it is down")
    assert not nb.is_as(Northbound(), {})
