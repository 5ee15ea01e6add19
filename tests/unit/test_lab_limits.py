# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many lab hosts need more than the machine allows by default: the limit is raised, or it is said how to raise it."""

from __future__ import annotations

import ctypes
import os
import pathlib
import sys
import typing as t

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
limits = pytest.importorskip("labhost.limits", reason="lab hosts are not in the tree that ansible-test copies")
rundir = pytest.importorskip("labhost.rundir")


@pytest.fixture
def limit(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> t.Any:
    """The default of Linux, on a machine that uses twenty instances."""
    found = tmp_path / "max_user_instances"
    found.write_text("128\n")
    monkeypatch.setattr(limits, "LIMIT", found)
    monkeypatch.setattr(limits, "_used", lambda: 20)
    return found


@pytest.mark.parametrize(("hosts", "after"), [(1, 128), (5, 128), (20, 244), (50, 484)])
def test_the_limit_is_raised_for_many_hosts(limit: pathlib.Path, hosts: int, after: int) -> None:
    limits.make_room(hosts)
    assert int(limit.read_text()) == after


def test_it_is_never_lowered(limit: pathlib.Path) -> None:
    limit.write_text("8192\n")
    limits.make_room(20)
    assert int(limit.read_text()) == 8192


def test_who_may_not_raise_it_is_told_how(limit: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class ReadOnly(type(limit)):  # type: ignore[misc]
        def write_text(self, *_words: t.Any, **_options: t.Any) -> int:
            raise OSError(30, "Read-only file system")

    monkeypatch.setattr(limits, "LIMIT", ReadOnly(limit))
    with pytest.raises(rundir.LabError, match=r"sysctl fs\.inotify\.max_user_instances=244$"):
        limits.make_room(20)


def test_instances_in_use_are_counted() -> None:
    own = ctypes.CDLL(None).inotify_init1(0)
    try:
        assert limits._used() >= 1
    finally:
        os.close(own)
