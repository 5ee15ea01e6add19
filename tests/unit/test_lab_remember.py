# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `lab run --remember` has the hosts' Python load: code from a zip is what Python would compile, and no other."""

from __future__ import annotations

import importlib.util
import pathlib
import shutil
import sys
import types
import typing as t
import zipfile
import zipimport

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[1] / "lab/labhost/remember.py"
pytestmark = pytest.mark.skipif(not SOURCE.exists(), reason="lab hosts are not in the tree that ansible-test copies")
TEXT = "def where():\n    return where.__code__.co_filename\n\n\nnumber = {}\n"


@pytest.fixture(name="memory")
def _memory(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """The folder of what is remembered; after the test zipimport is as before."""
    monkeypatch.setattr(zipimport, "_compile_source", zipimport._compile_source)  # type: ignore[attr-defined]
    folder = tmp_path / "netloom_lab_remember"
    folder.mkdir()
    shutil.copy(SOURCE, folder / "__init__.py")
    spec = importlib.util.spec_from_file_location("netloom_lab_remember", folder / "__init__.py")
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    shutil.rmtree(folder / "__pycache__", ignore_errors=True)
    return folder


def imported(archive: pathlib.Path, text: str) -> t.Any:
    """A module with this text, from a zip of its own."""
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("sent.py", text)
    module = types.ModuleType("sent")
    exec(zipimport.zipimporter(str(archive)).get_code("sent"), module.__dict__)
    return module


def remembered(memory: pathlib.Path) -> list[pathlib.Path]:
    """What is in the memory."""
    return sorted(memory.glob(f"*.{sys.implementation.cache_tag}"))


def test_the_same_source_is_compiled_once_and_knows_where_it_is(memory: pathlib.Path, tmp_path: pathlib.Path) -> None:
    for number in (1, 2):
        archive = tmp_path / f"{number}.zip"
        assert imported(archive, TEXT.format(7)).where() == f"{archive}/sent.py"
        assert len(remembered(memory)) == 1


def test_another_source_of_the_same_name_is_another_code(memory: pathlib.Path, tmp_path: pathlib.Path) -> None:
    assert [imported(tmp_path / f"{number}.zip", TEXT.format(number)).number for number in (1, 2, 1)] == [1, 2, 1]
    assert len(remembered(memory)) == 2


@pytest.mark.parametrize("spoiled", [b"", b"nonsense", b"N"])
def test_what_cannot_be_read_is_compiled_again(spoiled: bytes, memory: pathlib.Path, tmp_path: pathlib.Path) -> None:
    imported(tmp_path / "1.zip", TEXT.format(1))
    remembered(memory)[0].write_bytes(spoiled)
    assert imported(tmp_path / "2.zip", TEXT.format(1)).number == 1
    assert remembered(memory)[0].read_bytes() != spoiled


def test_without_a_memory_all_is_compiled(memory: pathlib.Path, tmp_path: pathlib.Path) -> None:
    shutil.rmtree(memory)
    assert imported(tmp_path / "1.zip", TEXT.format(1)).number == 1
