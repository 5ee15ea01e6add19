# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Empty mappings, as ovn_info reports them and as Ansible hands them to a module: with null for each suboption."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine import _reading


@pytest.mark.parametrize(
    ("kind", "option"), [("ovn_switch", "localnet"), ("ovn_load_balancer", "health_check"), ("ovn_switch", "dns")]
)
def test_an_empty_mapping_is_none_of_it(kind: str, option: str) -> None:
    spec: t.Any = _reading.EntryReader().read(kind, {"name": "x", option: {}}, "").spec
    assert spec.more[option] == {}
    cleared: t.Any = _reading.EntryReader().read(kind, {"name": "x", "clear": [option]}, "").spec
    assert cleared.more == spec.more
