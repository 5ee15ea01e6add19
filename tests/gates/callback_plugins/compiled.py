# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible compiles of collections is compiled once for all playbooks of a test run.

Ansible keeps nothing that it compiles of a collection's plugins: each start does it again, and each worker that imports
what its parent has not, a filter of a role for example. Here it is kept by the file's path and content: what runs is
the same as without.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import pathlib
import sys
import types
import typing as t

from ansible.plugins.callback import CallbackBase
from ansible.utils.collection_loader import _collection_finder as finder

DOCUMENTATION = r"""
name: compiled
type: aggregate
short_description: Compiled plugins stay, for the tests
description:
  - Keeps the code of what is imported from collections.
"""

FOLDER = pathlib.Path(__file__).resolve().parents[3] / ".build/compiled"
LOADER = finder._AnsibleCollectionPkgLoaderBase
_compiled = LOADER.get_code


class CallbackModule(CallbackBase):  # type: ignore[misc]  # ansible-core has no types
    """What Ansible loads."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "compiled"

    def __init__(self) -> None:
        super().__init__()
        FOLDER.mkdir(parents=True, exist_ok=True)
        LOADER.get_code = code


def code(loader: finder._AnsibleCollectionPkgLoaderBase, fullname: str) -> types.CodeType | None:
    """What get_code of the loader says."""
    source = loader.get_source(fullname)
    if loader._compiled_code or not source:
        return t.cast("types.CodeType | None", _compiled(loader, fullname))
    name = hashlib.sha256(f"{loader.get_filename(fullname)}\n".encode() + source).hexdigest()
    kept = FOLDER / f"{name}.{sys.implementation.cache_tag}"
    try:
        found: types.CodeType = marshal.loads(kept.read_bytes())
    except (OSError, EOFError, ValueError, TypeError):
        found = _compiled(loader, fullname)
        draft = kept.with_name(f"{kept.name}.{os.getpid()}")
        draft.write_bytes(marshal.dumps(found))
        draft.replace(kept)
    loader._compiled_code = found
    return found
