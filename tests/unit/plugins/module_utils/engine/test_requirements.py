# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The libraries of a managed node: found without being imported, too old, missing."""

from __future__ import annotations

import sys

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._engine import _requirements
from ansible_collections.netloom.linux.plugins.module_utils._model import _snapshot


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A function that puts a library, which must not be imported, on the path."""

    def install(version: str) -> str:
        package = tmp_path / "loomlib"
        package.mkdir()
        (package / "__init__.py").write_text("raise AssertionError('imported')\n")
        (tmp_path / f"loomlib-{version}.dist-info").mkdir()
        monkeypatch.syspath_prepend(str(tmp_path))
        return str(package)

    return install


def test_found_without_being_imported(installed):
    installed("1.2.3")
    assert _requirements.have({"loomlib": "1.2.0"})
    assert "loomlib" not in sys.modules


def test_too_old(installed, monkeypatch):
    place = installed("1.1.9")
    monkeypatch.setattr(_requirements, "has_respawned", lambda: True)
    said = _requirements.ensure({"loomlib": "1.2.0"})
    assert said is not None
    assert said.startswith(
        f"The Python library loomlib 1.1.9 at {place} is too old; 1.2.0 is the least. Run role netloom.linux.prepare"
    )


def test_missing(monkeypatch):
    monkeypatch.setattr(_requirements, "has_respawned", lambda: True)
    said = _requirements.ensure({"loomlib": "1.2.0"})
    assert said is not None
    assert said.startswith(f"The Python library loomlib (at least 1.2.0) is missing from {sys.executable}. Run role")


def test_open_vswitch_is_read_where_it_is_and_its_library_too(tmp_path, monkeypatch):
    target = _snapshot.OvsTarget(f"unix:{tmp_path}/db.sock")
    monkeypatch.setattr(_requirements, "have", lambda libraries: True)
    assert _requirements.with_ovs(target) == set()
    (tmp_path / "db.sock").touch()
    assert _requirements.with_ovs(target) == {target}
    monkeypatch.setattr(_requirements, "have", lambda libraries: False)
    assert _requirements.with_ovs(target) == set()
