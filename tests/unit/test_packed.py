# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the playbooks of a test run share: modules that were packed of the same content, and of no other."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import types

import pytest
from ansible import constants

SOURCE = pathlib.Path(__file__).resolve().parents[1] / "gates/callback_plugins/packed.py"


@pytest.fixture(name="packed")
def _packed(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """The callback, in a checkout and with a collection of its own."""
    spec = importlib.util.spec_from_file_location("packed", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "SHARED", tmp_path / "packed")
    monkeypatch.setattr(constants, "COLLECTIONS_PATHS", [str(tmp_path)])
    (tmp_path / "ansible_collections/our/own/plugins/module_utils").mkdir(parents=True)
    (tmp_path / "tests/integration/targets/t/library").mkdir(parents=True)
    return module


def started(packed: types.ModuleType, folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """Where a start of Ansible with this temporary folder keeps what it packs."""
    folder.mkdir()
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(folder))
    packed.CallbackModule()
    return (folder / "ansiballz_cache").resolve(strict=True)


@pytest.mark.parametrize(
    "path", ["ansible_collections/our/own/plugins/module_utils/_own.py", "tests/integration/targets/t/library/own.py"]
)
def test_the_same_content_is_packed_once_and_another_anew(
    path: str, packed: types.ModuleType, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / path).write_text("one = 1\n")
    first = started(packed, tmp_path / "1", monkeypatch)
    assert started(packed, tmp_path / "2", monkeypatch) == first
    (tmp_path / path).write_text("one = 2\n")
    assert started(packed, tmp_path / "3", monkeypatch) != first


def test_what_nobody_used_for_a_day_is_forgotten(
    packed: types.ModuleType, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "ansible_collections/our/own/plugins/module_utils/_own.py"
    own.write_text("one = 1\n")
    old = started(packed, tmp_path / "1", monkeypatch)
    os.utime(old, (1, 1))
    own.write_text("one = 2\n")
    new = started(packed, tmp_path / "2", monkeypatch)
    assert sorted(new.parent.iterdir()) == [new]
