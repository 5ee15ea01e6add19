# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The package: built as for Galaxy, looked at, installed from the file."""

from __future__ import annotations

import shutil
import typing as t

from check import ROOT, Check

FOLDER = ROOT / ".build/package"
INSTALLED = FOLDER / "collections"
IMPORTER = ROOT / ".venv-importer/bin"
# The layer lint runs ansible-lint, without the importer's time limit.
SETTINGS = """\
[galaxy-importer]
RUN_ANSIBLE_TEST = False
RUN_ANSIBLE_LINT = False
RUN_FLAKE8 = False
CHECK_REQUIRED_TAGS = True
"""


def build() -> t.Iterator[Check]:
    """Build it, from nothing."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    (FOLDER / "importer.cfg").write_text(SETTINGS)
    yield Check(
        "ansible-galaxy collection build", ["ansible-galaxy", "collection", "build", "--output-path", str(FOLDER)]
    )


def look_into() -> t.Iterator[Check]:
    """Look at what it holds, and install it."""
    found = sorted(FOLDER.glob("*.tar.gz"))[0]
    # Its output is how it tells: the exit status is 0 in spite of findings.
    environment = {
        "PATH": f"{IMPORTER}:/usr/sbin:/usr/bin:/sbin:/bin",
        "GALAXY_IMPORTER_CONFIG": str(FOLDER / "importer.cfg"),
    }
    command = [str(IMPORTER / "python"), "-m", "galaxy_importer.main", str(found)]
    yield Check("galaxy-importer", command, environment, forbidden="^(ERROR|WARNING)|Traceback", directory=FOLDER)
    yield Check("nothing in it that git does not know", ["tests/gates/tarball", str(found)])
    command = ["ansible-galaxy", "collection", "install", str(found), "--offline", "--collections-path", str(INSTALLED)]
    yield Check("ansible-galaxy collection install", command, {"ANSIBLE_COLLECTIONS_PATH": str(INSTALLED)})
