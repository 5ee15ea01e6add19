# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files: what is no regular one, what cannot be deleted because it is not there, names that are too long, and whose a
Python is.
"""

from __future__ import annotations

import errno
import os
import pathlib
import site
import socket
import sys

import pytest
from ansible_collections.netloom.linux.plugins.module_utils._host.files import _files
from ansible_collections.netloom.linux.plugins.module_utils._host.lasting import _boots
from ansible_collections.netloom.linux.plugins.module_utils._host.namespaces import _namespaces
from ansible_collections.netloom.linux.plugins.module_utils._model import _paths
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import HostError


def test_what_is_no_regular_file_is_not_read_and_does_not_block(tmp_path: pathlib.Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "hosts").write_text("x\n")
    (tmp_path / "hosts").chmod(0o640)
    (tmp_path / "resolv.conf").symlink_to("hosts")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        assert _files.read_tree(str(tmp_path)) == {str(tmp_path / "hosts"): "x\n", str(tmp_path / "resolv.conf"): "x\n"}
    access = {os.path.basename(path): one for path, one in _files.access_below(str(tmp_path)).items()}
    assert {name: one.special for name, one in access.items()} == {
        "fifo": "a FIFO",
        "hosts": "",
        "resolv.conf": "a symbolic link to hosts",
        "socket": "a socket",
    }
    assert (access["hosts"].mode, access["hosts"].user) == (0o640, os.getuid())


def test_what_is_not_there_is_deleted_on_a_read_only_file_system(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """unlink(2) says EROFS there of a name that nothing has, too."""

    def refused(_path: str) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "unlink", refused)
    _files.delete(str(tmp_path / "nothing"))
    (tmp_path / "something").touch()
    with pytest.raises(HostError, match="Read-only file system"):
        _files.delete(str(tmp_path / "something"))


@pytest.mark.parametrize("name", ["n" * 255, "ä" * 127, "n" * 201])
def test_a_name_as_long_as_a_file_name_may_be_has_a_record(name: str, tmp_path: pathlib.Path) -> None:
    for path in (_paths.netns_record(name), _paths.etc_record(name), _paths.nat_record(name), _paths.declaration(name)):
        there = tmp_path / os.path.basename(path)
        _files.write(str(there), "{}")
        assert there.read_text() == "{}"
    other = f"{name[:-1]}x"
    assert _paths.netns_record(name) != _paths.netns_record(other)
    assert _paths.netns_record("short") == "/run/netloom/netns/short.json"


# PrivateTmp=
# A peer of process 1's.
@pytest.mark.parametrize(
    ("ours", "theirs", "private"),
    [
        (
            "21 1 0:5 / / rw shared:1 - ext4 / rw\n30 21 0:9 / /run rw shared:5 - tmpfs t rw\n",
            None,
            False,
        ),
        ("21 1 0:5 / / rw - ext4 / rw\n30 21 0:9 / /run rw - tmpfs t rw\n", None, True),  # unshare --mount
        (
            "21 1 0:5 / / rw master:1 - ext4 / rw\n30 21 0:9 / /run rw master:5 - tmpfs t rw\n",
            None,
            True,
        ),
        (
            (
                "21 1 0:5 / / rw - ext4 / rw\n30 21 0:9 / /run rw - tmpfs t rw\n31 30 0:9 /netns /run/netns rw shared:7"
                " - tmpfs t rw\n"
            ),
            None,
            True,
        ),
        ("21 1 0:5 / / rw - ext4 / rw\n30 21 0:9 / /run/net rw shared:5 - tmpfs t rw\n", None, True),
    ],
)
def test_a_mount_namespace_of_its_own(ours: str, theirs: str | None, private: bool, tmp_path: pathlib.Path) -> None:
    one, other = tmp_path / "self", tmp_path / "1"
    one.write_text(ours)
    other.write_text(
        theirs or "21 1 0:5 / / rw shared:1 - ext4 / rw\n30 21 0:9 / /run rw,nosuid shared:5 - tmpfs t rw\n"
    )
    found = _namespaces._peer_group(str(one))
    assert (found is None or found != _namespaces._peer_group(str(other))) is private


def test_whose_a_python_is(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site, "getsitepackages", list)
    monkeypatch.setattr(sys, "executable", "/usr/bin/env")
    assert _boots.replaceable() is None
    venv = tmp_path / "venv"
    venv.mkdir()
    (venv / "python").symlink_to("/usr/bin/env")
    monkeypatch.setattr(sys, "executable", str(venv / "python"))
    tmp_path.chmod(0o777)
    assert "can be written by others (mode 0777)" in (_boots.replaceable() or "")
    if os.getuid() == 0:
        tmp_path.chmod(0o755)
        os.chown(venv, 65534, 65534)
        assert "belongs to user nobody" in (_boots.replaceable() or "")


def test_files_are_read_in_one_order(tmp_path: pathlib.Path) -> None:
    paths = [str(tmp_path / name) for name in ("a", "b/a", "b/c", "d/a", "e")]
    for path in (paths[number] for number in (3, 1, 4, 0, 2)):  # a folder of tmpfs tells the newest first
        os.makedirs(os.path.dirname(path), exist_ok=True)
        pathlib.Path(path).write_text("")
    files = [paths[number] for number in (0, 4, 1, 2, 3)]  # a folder's own first
    assert list(_files.read_tree(str(tmp_path))) == files
    assert list(_files.access_below(str(tmp_path))) == files


def test_why_a_file_cannot_be_read(tmp_path: pathlib.Path) -> None:
    (tmp_path / "key.pem").write_text("secret")
    assert _files.unreadable(str(tmp_path / "key.pem")) is None
    assert _files.unreadable(str(tmp_path / "none.pem")) == "No such file or directory"
    assert _files.unreadable(str(tmp_path)) == "Is a directory"
