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
STRIPPED = FOLDER / "stripped"
COLLECTION = "ansible_collections/netloom/linux"
# All that a collection may use, by the rules of the Ansible community.
ESSENTIAL = ("meta", "playbooks", "plugins", "roles")
IMPORTER = ROOT / ".venv-importer/bin"
SETTINGS = """\
[galaxy-importer]
RUN_ANSIBLE_TEST = False
RUN_ANSIBLE_LINT = True
RUN_FLAKE8 = False
CHECK_REQUIRED_TAGS = True
CHECK_CHANGELOG = True
REQUIRE_V1_OR_GREATER = True
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
    found = tarball()
    # Its output is how it tells: the exit status is 0 in spite of findings.
    environment = {
        "PATH": f"{IMPORTER}:/usr/sbin:/usr/bin:/sbin:/bin",
        "GALAXY_IMPORTER_CONFIG": str(FOLDER / "importer.cfg"),
    }
    command = [str(IMPORTER / "python"), "-m", "galaxy_importer.main", found]
    yield Check("galaxy-importer", command, environment, forbidden="^(ERROR|WARNING)|Traceback", directory=FOLDER)
    yield Check("what is in it", ["python", "tests/gates/contents.py", found])
    command = ["ansible-galaxy", "collection", "install", found, "--offline", "--collections-path", str(INSTALLED)]
    yield Check("ansible-galaxy collection install", command, {"ANSIBLE_COLLECTIONS_PATH": str(INSTALLED)})


def strip() -> None:
    """Make an installation without anything that a collection must do without."""
    for folder in ESSENTIAL:
        shutil.copytree(INSTALLED / COLLECTION / folder, STRIPPED / COLLECTION / folder)


def lab() -> list[str]:
    """A lab host, by the installed package."""
    return [str(INSTALLED / COLLECTION / "tests/lab/lab"), "run", "1", "--"]


def tarball() -> str:
    """The package."""
    return str(sorted(FOLDER.glob("*.tar.gz"))[0])
