# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every op has somebody who performs it."""

from __future__ import annotations

import importlib
import pathlib

from ansible_collections.netloom.linux.plugins.module_utils import _model
from ansible_collections.netloom.linux.plugins.module_utils._host import _stack_writer, _writer
from ansible_collections.netloom.linux.plugins.module_utils._model._ops import KERNEL, Op


def kinds_of(op: type[Op]) -> set[type[Op]]:
    """An op and all that are made of it."""
    return {op}.union(*(kinds_of(further) for further in op.__subclasses__()))


def test_all_are_performed() -> None:
    for path in pathlib.Path(next(iter(_model.__path__))).glob("_*_ops.py"):
        importlib.import_module(f"{_model.__name__}.{path.stem}")
    kernel = {op for op in kinds_of(Op) if op.performer == KERNEL and op.__module__.startswith(_model.__name__)} - {Op}
    performed = {op.__name__ for op in _stack_writer.PERFORM} | set(_writer.PERFORM)
    assert {op.__name__ for op in kernel} == performed
