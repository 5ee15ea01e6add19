# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every op has somebody who performs it; what is taken back is as it was."""

from __future__ import annotations

import ast
import importlib
import pathlib
import re
import typing as t

import pytest
from ansible_collections.netloom.linux.plugins.module_utils import _model
from ansible_collections.netloom.linux.plugins.module_utils._host import _host, _writer
from ansible_collections.netloom.linux.plugins.module_utils._host.daemons import _daemons
from ansible_collections.netloom.linux.plugins.module_utils._host.lasting import _boots, _guard
from ansible_collections.netloom.linux.plugins.module_utils._host.netlink._rtnl import Rtnl
from ansible_collections.netloom.linux.plugins.module_utils._host.ovsdb import _ovsdb_write, _southbound
from ansible_collections.netloom.linux.plugins.module_utils._model import _remains
from ansible_collections.netloom.linux.plugins.module_utils._model._address_ops import AddressAdd
from ansible_collections.netloom.linux.plugins.module_utils._model._errors import HostError
from ansible_collections.netloom.linux.plugins.module_utils._model._link_ops import LinkSet
from ansible_collections.netloom.linux.plugins.module_utils._model._ops import (
    BOOTS,
    DAEMONS,
    GUARDS,
    KERNEL,
    OVSDB,
    SOUTHBOUND,
    FileDelete,
    FileWrite,
    Op,
    performed_by,
)
from ansible_collections.netloom.linux.plugins.module_utils._model._route import Route
from ansible_collections.netloom.linux.plugins.module_utils._model._snapshot import Neighbour, NsKey
from ansible_collections.netloom.linux.plugins.module_utils._model._stack_ops import NeighbourSet, RouteSet


def kinds_of(op: type[Op]) -> set[type[Op]]:
    """An op and all that are made of it."""
    return {op}.union(*(kinds_of(further) for further in op.__subclasses__()))


TABLES = {
    KERNEL: _writer.PERFORM,
    OVSDB: _ovsdb_write.PERFORM,
    DAEMONS: _daemons.PERFORM,
    GUARDS: _guard.PERFORM,
    BOOTS: _boots.PERFORM,
    SOUTHBOUND: _southbound.PERFORM,
}
# What others are made of.
BASES = {"Op", "OvsOp", "RootOp", "RowOp", "SouthboundOp"}


def test_each_op_has_one_performer_and_nobody_performs_what_is_no_op() -> None:
    for path in pathlib.Path(next(iter(_model.__path__))).glob("_*_ops.py"):
        importlib.import_module(f"{_model.__name__}.{path.stem}")
    assert set(_host.PERFORMERS) == set(TABLES)
    for performer, table in TABLES.items():
        ops = {
            op.__name__
            for op in kinds_of(Op)
            if op.performer == performer and op.__module__.startswith(_model.__name__)
        } - BASES
        assert ops == set(table)


def test_an_op_that_nobody_performs_is_an_error() -> None:
    class Nothing(Op):
        """Of no table."""

    for table in TABLES.values():
        with pytest.raises(AssertionError, match="nobody performs Nothing"):
            performed_by(table, Nothing())


def test_an_undo_looks_at_what_each_op_does() -> None:
    """Or says that it does not: an op that _remains does not know would be undone without a look."""
    for path in pathlib.Path(next(iter(_model.__path__))).glob("_*_ops.py"):
        importlib.import_module(f"{_model.__name__}.{path.stem}")
    ops = {
        op.__name__ for op in kinds_of(Op) if op.performer != OVSDB and op.__module__.startswith(_model.__name__)
    } - BASES
    source = ast.parse(pathlib.Path(_remains.__file__).read_text())
    assert not ops - {node.value for node in ast.walk(source) if isinstance(node, ast.Constant)}


@pytest.mark.parametrize("first", [FileDelete, lambda path: FileWrite(path, "ours\n")])
def test_a_file_that_comes_back_has_its_mode_again_or_is_the_link_that_it_was(
    first: t.Callable[[str], Op], tmp_path: pathlib.Path
) -> None:
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


class Deaf(Rtnl):
    """Never sends: what is composed is wrong already."""

    def __init__(self) -> None:
        self.ns = None

    def index_of(self, name: str) -> int:
        return 7


@pytest.mark.parametrize(
    "op",
    [
        AddressAdd(None, "nic0", "10.0.0.1.2/24"),
        AddressAdd(None, "nic0", "10.0.0.1/24", {"broadcast": "no address"}),
        NeighbourSet(None, Neighbour("no address", "02:00:00:00:00:01", "nic0")),
        RouteSet(None, Route("10.0.0.0/8", gateway="no address", device="nic0")),
        RouteSet(None, Route("10.0.0.0/8", type="of another kernel", device="nic0")),
        LinkSet(None, "nic0", {"mac": "no address"}),
        LinkSet(None, "nic0", {"mtu": "none"}),
    ],
    ids=lambda op: op.sentence(),
)
def test_whatever_a_library_says_to_a_message_is_a_failure_of_the_step(op: Op) -> None:
    """An undo, and the guard of an uplink, go on with the next one."""
    with pytest.raises(HostError, match=re.escape(f"Cannot {op.sentence()}: ")):
        _writer.Writer(lambda _ns: Deaf(), lambda _ns: None).do(op)


def _no_socket(_ns: NsKey) -> Rtnl:
    raise AssertionError("a file needs no socket")
