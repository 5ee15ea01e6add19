# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the database finds by an index is what one finds by looking at each row, whatever changed before."""

from __future__ import annotations

import random

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._model._northbound import Northbound, Place, Row
from ansible_collections.netloom.linux.tests.unit.fake_northbound import FakeNorthbound

SWITCHES, PORTS = "Logical_Switch", "Logical_Switch_Port"


def words(row: Row) -> list[str]:
    """Several values of a row, of which one may be there twice."""
    return [word for one in row["addresses"] for word in one.split()]


def judge(nb: Northbound) -> None:
    """Compare all indexes with the rows."""
    for value in ("a", "b", "c", "d"):
        rows = nb.rows(PORTS)
        assert {one.id for one in nb.found(PORTS, words, value)} == {key for key in rows if value in words(rows[key])}
        assert {one.id for one in nb.named(PORTS, value)} == {key for key in rows if rows[key]["name"] == value}
    for key in nb.rows(PORTS):
        naming = {one for one, row in nb.rows(SWITCHES).items() if key in row["ports"]}
        assert {by.id for by, column in nb.naming(Place(PORTS, key)) if column == "ports"} == naming
        parent = nb.parent(Place(PORTS, key), SWITCHES, "ports")
        assert (parent.id if parent else None) in (naming or {None})


def change(nb: Northbound, dice: random.Random) -> None:
    """One of the ways to change the database."""
    ports, switches = ([Place(table, key) for key in nb.rows(table)] for table in (PORTS, SWITCHES))
    values = {"name": dice.choice("abcd"), "addresses": tuple(dice.choices(["a b", "b b c", "d"], k=2))}
    what = dice.choice(["port", "switch", "change", "link", "unlink", "drop"])
    if what == "port" or not ports:
        nb.put(Place(PORTS, nb.next_id()), values)
    elif what == "switch" or not switches:
        nb.put(Place(SWITCHES, nb.next_id()), {"name": "s"})
    elif what == "change":
        nb.put(dice.choice(ports), values)
    elif what == "drop":
        nb.drop(dice.choice([*ports, *switches]))
    else:
        (nb.link if what == "link" else nb.unlink)(dice.choice(switches), "ports", dice.choice(ports))


@pytest.mark.parametrize("seed", range(10))
def test_indexes_follow_all_changes_also_of_copies(seed: int) -> None:
    dice = random.Random(seed)
    copies = [FakeNorthbound().nb]
    for _step in range(60):
        nb = dice.choice(copies)
        if dice.random() < 0.2:
            copies.append(nb.clone())
        change(nb, dice)
        for one in copies:
            if dice.random() < 0.5:  # some indexes are made late
                judge(one)
    for one in copies:
        judge(one)


def test_a_copy_that_nobody_changes_makes_no_index_again() -> None:
    host = FakeNorthbound()
    host.add(PORTS, name="a", addresses=("a",))
    asked: list[str] = []

    def noted(row: Row) -> list[str]:
        asked.append(row["name"])
        return [row["name"]]

    copy = host.nb.clone()
    for nb in (host.nb, copy, copy.clone()):
        assert nb.found(PORTS, noted, "a")
    assert asked == ["a"]
