# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other distributions' root file systems for lab hosts: what is chosen, and when one is made anew."""

from __future__ import annotations

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
roots = pytest.importorskip("labhost.roots", reason="lab hosts are not in the tree that ansible-test copies")
debian = pytest.importorskip("labhost.debian")
LabError = roots.LabError


@pytest.mark.parametrize(
    ("told", "mirror"),
    [
        ("", "http://deb.debian.org/debian"),
        (
            (
                "Debian-Security http://s.example/debian-security/\nDebian http://m.example/debian/\nDebian"
                " http://other.example/debian/"
            ),
            "http://m.example/debian",
        ),
        ("Ubuntu http://archive.ubuntu.com/ubuntu/", "http://deb.debian.org/debian"),
        ("Debian cdrom:[x]/", "http://deb.debian.org/debian"),
    ],
)
def test_the_mirror_is_the_one_of_the_machine_if_that_is_a_debian(told: str, mirror: str) -> None:
    assert debian.mirror_of(told) == mirror


@pytest.mark.parametrize(("given", "below"), [("/c", "/c"), ("", "/h/.cache"), ("relative", "/h/.cache")])
def test_the_cache_is_the_user_s(monkeypatch: pytest.MonkeyPatch, given: str, below: str) -> None:
    monkeypatch.setenv("HOME", "/h")
    assert debian.cache({"XDG_CACHE_HOME": given}) == pathlib.Path(below) / "netloom"


def test_a_root_is_of_a_source_only_with_its_stamp(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = roots.Source("debian-13", "http://m.example/debian")
    assert not source.is_at(tmp_path)
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/netloom-lab-root").write_text(source.stamp, encoding="utf-8")
    assert source.is_at(tmp_path)
    assert not roots.Source("debian-13", "http://other.example/debian").is_at(tmp_path)
    assert not roots.Source("debian-12", source.mirror).is_at(tmp_path)
    monkeypatch.setattr(roots, "_PACKAGES", ["one-more"])
    assert not source.is_at(tmp_path)


def test_what_is_there_is_not_made_again(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = []

    def make(source: object, draft: pathlib.Path) -> None:
        made.append(source)
        (draft / "etc").mkdir(parents=True)

    monkeypatch.setattr(roots, "_make", make)
    assert roots.choose("/", "debian-13") == roots.choose("/", "debian-13") == str(tmp_path / "netloom/roots/debian-13")
    assert len(made) == 1


def test_a_root_that_fails_leaves_nothing(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def fail(_source: object, draft: pathlib.Path) -> None:
        draft.mkdir()
        raise LabError("no")

    monkeypatch.setattr(roots, "_make", fail)
    with pytest.raises(LabError, match="no"):
        roots.choose("/", "debian-13")
    assert not [path for path in (tmp_path / "netloom/roots").iterdir() if path.is_dir()]


@pytest.mark.parametrize(
    ("root", "distribution", "says"),
    [("/x", "debian-13", "one of"), ("/", "plan9", "there are debian-11, debian-12"), ("/proc", None, "no /sbin/init")],
)
def test_what_is_refused(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, root: str, distribution: str | None, says: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(LabError, match=says):
        roots.choose(root, distribution)
