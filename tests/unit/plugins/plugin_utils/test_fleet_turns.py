# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which turns hosts are taken: the sizes are those that Ansible gives them, but that the leading hosts are alone."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.plugin_utils import _fleet_turns

# serial: the turns of the hosts a to e, with d and c leading.
TURNS: dict[str, tuple[t.Any, list[str]]] = {
    "one by one": (1, ["dc", "a", "b", "e"]),
    "two at a time": ("2", ["dc", "ab", "e"]),
    "a percentage of all hosts": ("40%", ["dc", "ab", "e"]),
    "less than one host": ("1%", ["dc", "a", "b", "e"]),
    "the last one repeats": ([1, "60%"], ["dc", "a", "be"]),
    "more than there are": (7, ["dc", "abe"]),
    "all that is left": ([1, 0], ["dc", "a", "be"]),
    "no number": ("some", ["dc", "abe"]),
}
AT_ONCE = (0, "0", "100%", "", ["100%"])


def taken(told: dict[str, t.Any]) -> list[str]:
    """The hosts of each turn."""
    left, found = "".join(told["hosts"]), []
    for size in told["serial"]:
        found.append(left[:size])
        left = left[size:]
    assert not left
    return found


@pytest.mark.parametrize("name", TURNS)
def test_leading_hosts_are_the_first_turn_or_the_last(name: str) -> None:
    serial, expected = TURNS[name]
    assert taken(_fleet_turns.turns("abcde", "dc", serial)) == expected
    assert taken(_fleet_turns.turns("abcde", "dc", serial, reverse=True)) == [*expected[1:], expected[0]]


@pytest.mark.parametrize("serial", AT_ONCE)
def test_without_turns_the_order_is_that_of_the_inventory(serial: t.Any) -> None:
    found = _fleet_turns.turns("abcde", "dc", serial)
    assert found == {"hosts": list("abcde"), "serial": serial if isinstance(serial, list) else [serial]}


def test_hosts_that_the_run_has_not_do_not_count() -> None:
    assert _fleet_turns.turns("abe", "dc", [1, "50%"]) == {"hosts": list("abe"), "serial": [1, "50%"]}
    assert taken(_fleet_turns.turns("abcde", "dc", 1, limit="bc")) == ["c", "b"]
    assert taken(_fleet_turns.turns("cd", "dc", 1)) == ["dc"]
