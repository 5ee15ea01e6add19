# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible packs for managed nodes is packed once for all playbooks of a test run, not by each anew.

Each start of Ansible reads what a module imports, and what that imports, and makes a zip of it: half a second to a
second for a module of ours. Ansible keeps the zips in a folder that ends with it. Here this folder is one that stays,
named by all that the zips are made of.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import shutil
import sys
import time
import typing as t

from ansible import constants, release
from ansible.plugins.callback import CallbackBase

try:
    from ansible._internal import _locking as locking
except ImportError:  # before ansible-core 2.19: nothing keeps two starts apart that pack the same module
    locking = None

DOCUMENTATION = r"""
name: packed
type: aggregate
short_description: Packed modules stay, for the tests
description:
  - Makes the folder of packed modules one that is shared by all playbooks of the same content.
"""

ROOT = pathlib.Path(__file__).resolve().parents[3]
SHARED = ROOT / ".build/packed"
KEPT_SECONDS = 24 * 3600


class CallbackModule(CallbackBase):  # type: ignore[misc]  # ansible-core has no types
    """What Ansible loads."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "packed"

    def __init__(self) -> None:
        super().__init__()
        if locking is None:
            return
        folder = SHARED / digest(sources())
        if not folder.exists():
            folder.mkdir(parents=True, exist_ok=True)
            forget_old()
        os.utime(folder)
        pathlib.Path(constants.DEFAULT_LOCAL_TMP, "ansiballz_cache").symlink_to(folder)


def sources() -> t.Iterator[pathlib.Path]:
    """The files that are not Ansible's own: of collections, and modules of roles of the tests."""
    for path in constants.COLLECTIONS_PATHS:
        yield from pathlib.Path(path).glob("ansible_collections/*/*/plugins/**/*.py")
    yield from ROOT.glob("tests/*/targets/*/library/*.py")


def digest(files: t.Iterable[pathlib.Path]) -> str:
    """A name for these files, this Ansible and its Python."""
    seen = hashlib.sha256(f"{release.__version__} {sys.executable} {sys.version}".encode())
    for path in sorted(files):
        seen.update(f"{path} {path.stat().st_size}\n".encode())
        seen.update(path.read_bytes())
    return seen.hexdigest()


def forget_old() -> None:
    """Remove what no playbook has used for a day."""
    for folder in sorted(SHARED.iterdir()):
        if folder.stat().st_mtime < time.time() - KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
