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


def test_each_role_that_builds_networks_is_known_by_its_variable() -> None:
    for role, variable in _fleet.OPTIONS.items():
        assert _role_words.MADE_OF[role][""] == variable
