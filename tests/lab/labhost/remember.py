# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `lab run --remember` has each Python of a host load at its start: what was compiled from a zip is remembered.

Ansible sends each module as a zip, and Python remembers nothing that it compiles from one. That is a third of the time
that a task takes on a host. Here it is remembered by the source's content: what runs is the same as without.
"""

from __future__ import annotations

import _imp
import atexit
import gc
import marshal
import os
import sys
import zipimport

TYPE_CHECKING = False  # the module typing takes longer to import than all else here
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

FOLDER = os.path.dirname(__file__)
# pylint: disable=protected-access,no-member,c-extension-no-member
# What zipimport makes of a file's text; the path is for tracebacks.
_compiled: Callable[..., CodeType] = zipimport._compile_source  # type: ignore[attr-defined]


def compiled(path: str, source: bytes, *more: object) -> CodeType:
    """The code of this source, as zipimport compiles it."""
    import hashlib  # not every Python that starts comes here

    memory = f"{FOLDER}/{hashlib.sha256(source).hexdigest()}.{sys.implementation.cache_tag}"
    code: CodeType
    try:
        with open(memory, "rb") as file:
            code = marshal.load(file)
        _imp._fix_co_filename(code, path)  # type: ignore[attr-defined]
        return code
    except (OSError, EOFError, ValueError, TypeError):
        code = _compiled(path, source, *more)
    draft = f"{memory}.{os.getpid()}"
    try:
        with open(draft, "wb") as file:
            marshal.dump(code, file)
        os.rename(draft, memory)
    except OSError:  # it is full, or read-only: nothing depends on it
        pass
    return code


zipimport._compile_source = compiled  # type: ignore[attr-defined]
atexit.register(gc.freeze)
