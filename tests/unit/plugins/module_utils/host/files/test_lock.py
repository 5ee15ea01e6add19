# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock of a host: who holds it is named, and what a dead holder left locks nobody out."""

from __future__ import annotations

import errno
import os
import pathlib
import time

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.files import _files, _lock
from ansible_collections.netloom.linux.plugins.module_utils._model import _paths
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import HostError


@pytest.fixture(name="path")
def _path(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    path = tmp_path / "netloom/lock"
    monkeypatch.setattr(_paths, "LOCK", str(path))
    monkeypatch.setattr(_lock, "PATIENCE", 0.0)
    monkeypatch.setattr(_files, "OURS", (str(tmp_path / "netloom"),))
    return path


def test_who_waits_in_vain_is_told_for_whom(path: pathlib.Path) -> None:
    with _lock.Lock(0, "netloom.linux.topology 'pair'", patience=0.0):
        assert path.exists()
        with pytest.raises(
            HostError,
            match=(
                rf"process {os.getpid()} \(netloom\.linux\.topology 'pair'\) has held it for \d+ s\. Nothing was"
                r" changed\."
            ),
        ):
            _lock.Lock(0, "another", patience=0.1).__enter__()
    assert not path.parent.exists()


def test_nobody_else_can_open_it_and_lock_us_out(path: pathlib.Path) -> None:
    path.parent.mkdir()
    path.touch(0o644)
    with _lock.Lock(0, "x", patience=0.0):
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "4711\n", "{}", '{"pid": 4711, "what": "topology", "since": 1}'])
def test_the_file_of_a_dead_holder_is_no_lock(path: pathlib.Path, content: str) -> None:
    path.parent.mkdir()
    path.write_text(content)
    with _lock.Lock(0, "the next one", patience=0.0):
        assert "the next one" in path.read_text()
    assert not path.parent.exists()


def test_a_holder_that_did_not_say_who_it_is(path: pathlib.Path) -> None:
    with _lock.Lock(0, "x", patience=0.0):
        path.write_text("")
        with pytest.raises(HostError, match="another run holds it"):
            _lock.Lock(0, "another", patience=0.0).__enter__()


def test_a_full_file_system_is_said_at_once(path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody holds the lock, so nobody is waited for."""

    def full(_descriptor: int, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)
    start = time.monotonic()
    with pytest.raises(
        HostError,
        match=r"No space left on device\. Nothing was changed\. Every run notes below .* make room there first\.",
    ):
        _lock.Lock(0, "x", patience=60.0).__enter__()
    assert time.monotonic() - start < 10
    monkeypatch.undo()
    with _lock.Lock(0, "y", patience=0.0):
        assert path.exists()
