# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds by name, each imported when it is asked for."""

from __future__ import annotations

import subprocess
import sys

from ansible_collections.netloom.linux.plugins.module_utils._engine._order import KIND_NAMES, NORTHBOUND_NAMES
from ansible_collections.netloom.linux.plugins.module_utils._kinds import _registry


def test_every_kind_is_there_under_its_own_name() -> None:
    assert {name: kind.name for name, kind in _registry.KINDS.items()} == {
        name: name for name in (*KIND_NAMES, *NORTHBOUND_NAMES)
    }
    assert "topology" not in _registry.KINDS


def test_one_kind_does_not_import_the_others() -> None:
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys; from {_registry.__name__} import KINDS; KINDS['netns_route']; print(*sys.modules)",
        ],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    kinds = {name for name in KIND_NAMES if f"{_registry.ROOM}._{name}" in said.stdout.split()}
    assert kinds == {"netns_route"}
