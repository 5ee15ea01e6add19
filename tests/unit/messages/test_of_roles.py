# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user reads when a task of a role fails: the user's variable and the names of objects, and no index."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
import yaml
from ansible_collections.netloom.linux.plugins.plugin_utils import _fleet, _role_words

CASES = yaml.safe_load((pathlib.Path(__file__).parent / "of_roles.yml").read_text())


@pytest.mark.parametrize("case", CASES, ids=[f"{one['role']}: {one['says'][:40]}" for one in CASES])
def test_the_words_are_those_of_the_user(case: dict[str, t.Any]) -> None:
    failed = {"failed": True, "msg": case["of_module"], "warnings": [case["of_module"]]}
    found = _role_words.told(failed, case["role"], case["lists"])
    assert (found["msg"], found["warnings"]) == (case["says"], [case["says"]])


class Summary(t.NamedTuple):
    """What a warning is since ansible-core 2.19, as far as it is read."""

    event: t.Any


class Event(t.NamedTuple):
    """The part of it that has the text."""

    msg: str


def test_warnings_that_are_no_text_are_in_the_same_words() -> None:
    other = Summary(Event("Module remote_tmp did not exist."))
    warnings = [Summary(Event("veth[0]: it is long.")), other]
    found = _role_words.told({"warnings": warnings}, "netloom.linux.bridge_network", {"veth": [{"name": "v-web1"}]})
    assert found["warnings"] == ["bridge_network_networks: it is long.", other]


@pytest.mark.parametrize(("exception", "kept"), [("Traceback ...", True), (Summary(Event("veth[0]: no.")), False)])
def test_what_repeats_the_message_is_not_printed_in_other_words(exception: t.Any, kept: bool) -> None:
    failed = {"failed": True, "msg": "veth[0]: no.", "exception": exception}
    lists = {"veth": [{"name": "v-web1"}]}
    assert ("exception" in _role_words.told(failed, "netloom.linux.bridge_network", lists)) is kept
    assert "exception" in _role_words.told({**failed, "msg": "no."}, "netloom.linux.bridge_network", lists)


def test_each_role_that_builds_networks_is_known_by_its_variable() -> None:
    for role, variable in _fleet.OPTIONS.items():
        assert _role_words.MADE_OF[role][""] == variable
