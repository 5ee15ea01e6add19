# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much processor a check takes is counted with its lab hosts, and not counting changes nothing."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import sys
import types

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "lab"))
keeper = pytest.importorskip("labhost.keeper", reason="lab hosts are not in the tree that ansible-test copies")


@pytest.fixture(name="processor")
def _processor() -> types.ModuleType:
    spec = importlib.util.spec_from_file_location("processor", TESTS / "gates/processor.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_command_enters_the_group_that_counts_it(processor: types.ModuleType, tmp_path: pathlib.Path) -> None:
    group = processor.Group(tmp_path)
    (path,) = tmp_path.iterdir()
    assert path.name.startswith(f"{processor.PREFIX}{os.getpid()}.")
    assert group.counting(["true"])[-2:] == [str(path / "cgroup.procs"), "true"]
    (path / "cpu.stat").write_text("usage_usec 2500000\nuser_usec 1\n")
    assert group.end() == 2.5


@pytest.mark.parametrize("above", [None, pathlib.Path("/proc/1/none")])
def test_a_command_runs_as_it_is_where_nothing_counts(above: pathlib.Path | None, processor: types.ModuleType) -> None:
    group = processor.Group(above)
    assert group.counting(["true"]) == ["true"]
    assert group.end() is None
    assert processor.in_words([None, group.end()]) == ""


@pytest.mark.parametrize(
    ("groups", "below"),
    [
        ("1:cpu:/\n0::/netloom-check.7.x\n", "netloom-check.7.x"),
        ("0::/user.slice/session-3.scope\n", ""),
        ("1:name=systemd:/netloom-check.7.x\n", ""),
    ],
)
def test_the_hosts_of_a_check_are_counted_with_it_and_others_are_where_they_were(groups: str, below: str) -> None:
    assert keeper.counted_in(groups) == below
