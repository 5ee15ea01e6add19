# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is not as promised, each cause once."""

from __future__ import annotations

import pytest
from ansible_collections.netloom.linux.plugins.filter.surprises_by_cause import FilterModule
from ansible_collections.netloom.linux.plugins.plugin_utils import _surprises

by_cause = FilterModule().filters()["surprises_by_cause"]
DOWN = "eth0 of web2 is down: bring it up (netloom.linux.veth with 'up: true')."
UNREACHED = "though it should be reachable."


@pytest.fixture(autouse=True)
def _many(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Take two surprises for many, unless a test is about their number."""
    if "few" not in request.node.name:
        monkeypatch.setattr(_surprises, "FEW", 1)


def test_a_few_are_told_as_they_are() -> None:
    met = [f"a -> {number} (icmp): no answer, {UNREACHED} {DOWN}" for number in range(13)]
    assert by_cause(met[:12]) == met[:12]
    assert len(by_cause(met)) == 1


def routeless(target: str) -> str:
    """The cause of a probe to this address."""
    return f"web1 has no route to {target}: add one with netloom.linux.netns_route, or an address in its subnet."


def test_a_cause_is_told_once_with_all_its_probes_and_the_largest_first() -> None:
    alone = f"db1 -> web1 (icmp): web1 has no address, {UNREACHED} web1 has no address that could be reached."
    met = [
        alone,
        f"web1 -> web2 (icmp): no answer, {UNREACHED} {DOWN} The port v-web2 is disabled.",
        f"web2 -> web1 (icmp): no route to it, {UNREACHED} {DOWN}",
        f"web2 -> web1 port 80 (tcp): no route to it, {UNREACHED} {DOWN}",
    ]
    assert by_cause(met) == [f"{met[1]} The same: web2 -> web1 (icmp), web2 -> web1 port 80 (tcp).", alone]


def test_routes_that_one_source_lacks_are_one_cause() -> None:
    met = [f"web1 -> {name} (icmp): no route to it, {UNREACHED} {routeless(f'172.20.0.{name}')}" for name in "345"]
    assert by_cause(met) == [f"{met[0]} The same: web1 -> 4 (icmp), web1 -> 5 (icmp)."]
    other = met[0].replace("web1 has", "web9 has")
    assert len(by_cause([*met, other])) == 2


@pytest.mark.parametrize("targets", [["172.20.0.3", "172.20.0.4"], ["fd00::3", "fd00::4"]])
def test_one_cause_names_all_targets(targets: list[str]) -> None:
    causes = [routeless(target) for target in targets]
    assert len({_surprises.kind(cause) for cause in causes}) == 1
    assert _surprises.merged(causes) == routeless(", ".join(targets))
    assert _surprises.merged(causes[:1]) == causes[0]
    assert _surprises.merged([DOWN, DOWN]) == DOWN


def test_what_nobody_can_explain_is_told_by_what_was_seen() -> None:
    met = [f"{name} -> b (icmp): no answer, {UNREACHED}" for name in "acd"]
    assert by_cause(met) == [f"{met[0]} The same: c -> b (icmp), d -> b (icmp)."]
    assert by_cause(["Nothing of this form.", *met[:1]]) == ["Nothing of this form.", met[0]]
    assert by_cause([]) == []
