# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every op has somebody who performs it; what is taken back is as it was."""

from __future__ import annotations

import importlib
import pathlib
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils import _model
from ansible_collections.netloom.linux.plugins.module_utils._host import _stack_writer, _writer
from ansible_collections.netloom.linux.plugins.module_utils._host._rtnl import Rtnl
from ansible_collections.netloom.linux.plugins.module_utils._model._ops import KERNEL, FileDelete, FileWrite, Op
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import NsKey


def kinds_of(op: type[Op]) -> set[type[Op]]:
    """An op and all that are made of it."""
    return {op}.union(*(kinds_of(further) for further in op.__subclasses__()))


def test_all_are_performed() -> None:
    for path in pathlib.Path(next(iter(_model.__path__))).glob("_*_ops.py"):
        importlib.import_module(f"{_model.__name__}.{path.stem}")
    kernel = {op for op in kinds_of(Op) if op.performer == KERNEL and op.__module__.startswith(_model.__name__)} - {Op}
    performed = {op.__name__ for op in _stack_writer.PERFORM} | set(_writer.PERFORM)
    assert {op.__name__ for op in kernel} == performed


@pytest.mark.parametrize("first", [FileDelete, lambda path: FileWrite(path, "ours\n")])
def test_a_file_that_comes_back_has_its_mode_again_or_is_the_link_that_it_was(first: t.Callable[[str], Op], tmp_path: pathlib.Path) -> None:
    secret, link = tmp_path / "chap-secrets", tmp_path / "resolv.conf"
    secret.write_text("geheim\n")
    secret.chmod(0o640)
    link.symlink_to("elsewhere")
    for path in (secret, link):
        writer = _writer.Writer(_no_socket, lambda _ns: None)
        writer.do(first(str(path)))
        writer.do(FileWrite(str(path), "geheim\n"))
    assert (secret.read_text(), secret.stat().st_mode & 0o777) == ("geheim\n", 0o640)
    assert str(link.readlink()) == "elsewhere"


def _no_socket(_ns: NsKey) -> Rtnl:
    raise AssertionError("a file needs no socket")
