# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the playbooks of a test run keep of compiled plugins: the code of the same content, and of no other."""

from __future__ import annotations

import importlib.util
import pathlib
import types
import typing as t

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[1] / "gates/callback_plugins/compiled.py"


@pytest.fixture(name="compiled")
def _compiled(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """The callback, with a folder of its own."""
    spec = importlib.util.spec_from_file_location("compiled", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    return module


class Loader:
    """A loader of Ansible, of one file."""

    def __init__(self, source: bytes, path: str = "/some/where.py") -> None:
        self.source, self.path, self._compiled_code = source, path, None

    def get_source(self, _fullname: str) -> bytes:
        """Its text."""
        return self.source

    def get_filename(self, _fullname: str) -> str:
        """Where it is."""
        return self.path


def test_the_same_content_is_compiled_once_and_another_anew(
    compiled: types.ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []

    def compile_(loader: t.Any, _fullname: str) -> types.CodeType:
        asked.append(loader.source)
        return compile(loader.source, loader.path, "exec")

    monkeypatch.setattr(compiled, "_compiled", compile_)
    first = compiled.code(Loader(b"one = 1"), "where")
    assert compiled.code(Loader(b"one = 1"), "where") == first
    assert asked == [b"one = 1"]
    compiled.code(Loader(b"one = 2"), "where")
    assert compiled.code(Loader(b"one = 1", "/else/where.py"), "where").co_filename == "/else/where.py"
    assert asked == [b"one = 1", b"one = 2", b"one = 1"]


def test_what_is_kept_and_cannot_be_read_is_compiled(compiled: types.ModuleType, tmp_path: pathlib.Path) -> None:
    loader = compiled.LOADER
    monkey = type("Loader", (Loader,), {"get_code": loader.get_code})
    compiled.code(monkey(b"one = 1"), "where")
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(b"no code")
    found: dict[str, t.Any] = {}
    exec(compiled.code(monkey(b"one = 1"), "where"), found)
    assert found["one"] == 1
