# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection awx.awx, without Galaxy: out of the Python package 'ansible', which holds it."""

from __future__ import annotations

import pathlib
import subprocess
import tempfile
import venv
import zipfile

PACKAGE = "ansible==12.3.0"  # with awx.awx 24.6.1
FOLDER = "ansible_collections/awx/"


def fetch(path: pathlib.Path) -> None:
    """Put the collection below ``path``, unless it is there. It takes 54 MB from PyPI."""
    if (path / FOLDER).is_dir():
        return
    with tempfile.TemporaryDirectory(prefix="awx-", dir=path.parent) as name:
        folder = pathlib.Path(name)
        # An environment made by uv has no pip.
        venv.create(folder / "venv", with_pip=True)
        command = ["download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", name, PACKAGE]
        subprocess.run([folder / "venv/bin/python", "-m", "pip", *command], check=True)
        with zipfile.ZipFile(next(folder.glob("*.whl"))) as package:
            members = [one for one in package.namelist() if one.startswith(FOLDER)]
            package.extractall(folder / "unpacked", members)
        (folder / "unpacked").rename(path)
