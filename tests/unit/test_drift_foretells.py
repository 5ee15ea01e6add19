# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook drift is in check mode by itself. Ansible's variable ansible_check_mode does not know: it tells of
the option --check. So the roles that drift runs ask a variable of their own.
"""

from __future__ import annotations

import pathlib

import pytest

ROLES = pathlib.Path(__file__).resolve().parents[2] / "roles"
OF_DRIFT = sorted(path.parents[1].name for path in ROLES.glob("*/tasks/weave.yml") if path.parents[1].name != "prepare")


def test_there_are_such_roles() -> None:
    assert {"bridge_network", "ovn_central", "ovn_chassis", "ovn_network"} <= set(OF_DRIFT)


@pytest.mark.parametrize("role", OF_DRIFT)
def test_tasks_know_drift(role: str) -> None:
    told = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROLES / role / "tasks").glob("*.yml"))}
    assert [name for name, text in told.items() if "ansible_check_mode" in text] == []
