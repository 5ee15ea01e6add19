# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who reaches whom, as a matrix."""

from __future__ import annotations

import itertools
import pathlib
import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.netloom.linux.plugins.filter.reachability_table import FilterModule
from ansible_collections.netloom.linux.plugins.plugin_utils import _text_table

table = FilterModule().filters()["reachability_table"]
Report = dict[str, t.Any]
DOWN = "v-web2 of the host is down."


def probe(source: str | None, target: str, protocol: str = "icmp", **more: t.Any) -> Report:
    """A probe that ended as it should, unless ``more`` says otherwise."""
    report = {"from": source, "to": target, "protocol": protocol, "expect": "reachable", "seen": "reachable", **more}
    return {"as_expected": report["seen"] == report["expect"], **report}


def all_pairs(names: t.Sequence[str], silent: str = "", **more: t.Any) -> list[Report]:
    """Everybody to everybody; nobody reaches ``silent``, and it reaches nobody."""
    return [
        probe(one, other, **({"seen": "unreachable", **more} if silent in (one, other) else {}))
        for one, other in itertools.permutations(names, 2)
    ]


def test_each_sign_stands_where_its_source_meets_its_target() -> None:
    reports = [
        *all_pairs(["web1", "web2", "web3"], silent="web2", causes=[DOWN, "Perhaps a filter."]),
        probe("web1", "172.20.0.1"),
        probe("web1", "172.20.0.1", "arp", answered_by=["gateway"]),
        probe("red1", "web1", "ethernet", expect="unreachable", seen="unreachable"),
        probe(None, "web3", "tcp", port=80, seen="inconclusive", reason="not permitted"),
    ]
    assert table(reports, "matrix") == [
        "FROM \\ TO               1 2 3 4 5 6",
        "1 web1                    X .     .",
        "2 web2                  X   X",
        "3 web3                  . X",
        "4 red1                  -",
        "5 the host                  ?",
        "6 172.20.0.1 (gateway)",
        "X not as promised, ? not proven, . reached, as promised, - not reached, as promised",
        "5 of 10 probes are not as promised:",
        "  v-web2 of the host is down.",
        "    web1, web3 -> web2 (icmp)",
        "    web2 -> web1, web3 (icmp)",
        "  not permitted",
        "    the host -> web3 port 80 (tcp)",
    ]


def test_one_failed_probe_of_several_between_two_ends_is_seen() -> None:
    wrong = probe("a", "b", "tcp", port=80, seen="unreachable")
    for reports in ([probe("a", "b"), wrong], [wrong, probe("a", "b")]):
        assert table(reports, "matrix")[1] == "1 a          X"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"seen": "unreachable"}, "unreachable, though it should be reachable: no cause can be seen on this host"),
        ({"seen": "unreachable", "reason": "connection refused"}, "connection refused"),
        ({"seen": "inconclusive"}, "not proven"),
        ({"as_expected": False}, "reachable as expected, but by another way or from another end"),
    ],
)
def test_what_is_said_without_a_known_cause(more: Report, said: str) -> None:
    assert f"  {said}" in table([probe("a", "b", **more)], "matrix")


def test_few_rows_stay_rows() -> None:
    few = [probe(f"web{number}", "172.20.0.1") for number in range(_text_table.MOST_LINES - 2)]
    assert table(few)[0].startswith("FROM   BY")
    assert table([*few, probe("db1", "172.20.0.1")])[0].startswith("FROM \\ TO")
    assert table(few, form="matrix")[0].startswith("FROM \\ TO")
    assert table([*few, probe("db1", "172.20.0.1")], form="rows")[0].startswith("FROM   BY")


@pytest.mark.parametrize("count", [8, 32, 33, 250])
@pytest.mark.parametrize("name", ["member{}", "qrouter-0b0cbe53-7f43-4b2b-8f5e-{}"])
def test_it_fits_on_a_screen(count: int, name: str) -> None:
    names = [name.format(number) for number in range(count)]
    for reports in (all_pairs(names), all_pairs(names, silent=names[5], causes=[DOWN])):
        lines = table(reports)
        matrix = lines[: next((place for place, line in enumerate(lines) if "probes are not" in line), len(lines))]
        assert len(matrix) <= 40
        assert max(map(len, lines)) <= 110


def test_of_too_many_ends_the_worst_come_first_and_every_surprise_is_told() -> None:
    names = [f"member{number}" for number in range(60)]
    assert table(all_pairs(names)) == ["60 sources and targets: all as promised"]
    lines = table(all_pairs(names, silent="member50", causes=[DOWN]))
    assert lines[1].startswith(" 1 member50 ")
    assert "32 of 60 sources and targets are shown: those with most that is not as promised" in lines
    told = " ".join(lines)
    assert "118 of 3540 probes are not as promised:" in lines
    assert told.count(DOWN) == 1
    for name in names:
        assert told.split(DOWN)[1].replace(",", " ").split().count(name) >= 1


def test_nothing_probed_is_no_matrix() -> None:
    assert table([], "matrix") == []


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="form"):
        table([], "columns")


def test_the_matrix_that_the_role_shows() -> None:
    page = pathlib.Path(__file__).resolve().parents[4] / "roles/verify/README.md"
    reports = all_pairs(["web1", "web2", "web3"], silent="web2", causes=[DOWN])
    reports += [probe(name, "172.20.0.1", causes=[DOWN], **lost(name)) for name in ("web1", "web2", "web3")]
    assert "```text\n" + "\n".join(table(reports, "matrix")) + "\n```" in page.read_text(encoding="utf-8")


def lost(name: str) -> Report:
    return {"seen": "unreachable"} if name == "web2" else {}
