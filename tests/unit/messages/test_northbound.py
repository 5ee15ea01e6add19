# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a northbound database takes without a word, and OVN then does not obey: refused before anything is written."""

from __future__ import annotations

import copy
import pathlib
import re
import typing as t

import pytest
import yaml
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import NetloomError
from ansible_collections.netloom.linux.tests.unit.fake_northbound import FakeNorthbound, build, run_ovn

TOLD = yaml.safe_load((pathlib.Path(__file__).parent / "northbound.yml").read_text())
MISTAKES = pytest.mark.parametrize("mistake", TOLD["mistakes"], ids=lambda one: one["about"])
Mistake = dict[str, t.Any]


def declared(*mistakes: Mistake) -> dict[str, t.Any]:
    """The network, with mistakes."""
    found = copy.deepcopy(TOLD["network"])
    for mistake in mistakes:
        kind, index = re.fullmatch(r"(\w+)\[(\d+)\]", mistake["entry"]).groups()  # type: ignore[union-attr]
        entries = found.setdefault(kind, [])
        entries += [{}] if len(entries) == int(index) else []
        entries[int(index)].update(mistake["given"])
    return dict(found)


def refused(host: FakeNorthbound, params: dict[str, t.Any]) -> str:
    """The refusal, in check mode and in the run, which leave the database alone."""
    before = host.contents()
    said = []
    for check in (True, False):
        with pytest.raises(NetloomError) as caught:
            run_ovn(host, params, check)
        said.append(str(caught.value))
        assert host.contents() == before
    assert said[0] == said[1]
    return said[0]


def test_what_is_well_is_built() -> None:
    assert len(build(FakeNorthbound(), declared())) > 20


@MISTAKES
def test_in_a_new_network(mistake: Mistake) -> None:
    assert refused(FakeNorthbound(), declared(mistake)) == mistake["says"]


@MISTAKES
def test_in_a_network_that_is_there(mistake: Mistake) -> None:
    host = FakeNorthbound()
    build(host, declared())
    assert refused(host, declared(mistake)) == mistake.get("later", mistake["says"])
